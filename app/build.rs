//! Turns `locales/<language>/<resource>.json` into the module `words::i18n`, checked key by key.
//!
//! By the parser and generator that `leptos_i18n_build` is made of: that crate itself brings ICU's data
//! *downloader* along, which a house of two languages and no plurals has no use for.

use std::{env, fs, path::PathBuf};

use leptos_i18n_parser::parse_locales::{
    options::{Config, ParseOptions},
    parse_locales,
};

fn main() {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build.rs");
    let mut config = Config::new("ko")
        .and_then(|config| config.add_locale("en"))
        .expect("ko and en are locales")
        .parse_options(ParseOptions::new().interpolate_display(true));
    let mut resources: Vec<String> = fs::read_dir("locales/ko")
        .expect("locales/ko is a folder")
        .filter_map(|entry| entry.ok()?.path().file_stem()?.to_str().map(str::to_owned))
        .collect();
    resources.sort();
    for resource in resources {
        config = config
            .add_namespace(&resource)
            .expect("a resource's name is a Rust name");
    }
    let words = match parse_locales(None, config) {
        Ok(words) => words,
        Err(error) => panic!("locales: {error}"),
    };
    for warning in words.diag.warnings().iter() {
        // A word missing in one language is a mistake, not a warning.
        println!("cargo::error={warning}");
    }
    for error in words.diag.errors().iter() {
        println!("cargo::error={error}");
    }
    let attributes = "#![allow(missing_docs, warnings, clippy::all, clippy::pedantic)]"
        .parse()
        .expect("an attribute");
    let code = leptos_i18n_codegen::gen_code(&words, None, false, Some(&attributes), false)
        .expect("words become code");
    let folder = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR")).join("i18n");
    fs::create_dir_all(&folder).expect("OUT_DIR can be written");
    fs::write(folder.join("mod.rs"), code.to_string()).expect("OUT_DIR can be written");
}
