//! Turns `locales/<language>/<resource>.json` into the module `words::i18n`, checked key by key, and gathers
//! the stylesheet and the fonts that the site carries inside itself.
//!
//! Words: by the parser and generator that `leptos_i18n_build` is made of; that crate itself brings ICU's
//! data downloader along, which a house of two languages has no use for.
//!
//! Look: the shared design system (`/style`, `/public/fonts`) is *copied into* the program, because the site
//! must be readable while everything else is gone. A file of it that is not there is left out; the site's own
//! stylesheet stands on system fonts and fallback values then.

use std::{env, fmt::Write, fs, path::Path, path::PathBuf};

use leptos_i18n_parser::parse_locales::{
    options::{Config, ParseOptions},
    parse_locales,
};

/// What the site takes of the design system, in the cascade's order.
const SHARED_STYLE: [&str; 14] = [
    "tokens.css",
    "fonts.css",
    "base.css",
    "layout.css",
    "button.css",
    "form.css",
    "card.css",
    "table.css",
    "feedback.css",
    "navigation.css",
    "desk.css",
    "status.css",
    "utility.css",
    "print.css",
];

fn main() {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    words(&out);
    style(&out);
    fonts(&out);
}

fn words(out: &Path) {
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
    fs::write(out.join("words.rs"), code.to_string()).expect("OUT_DIR can be written");
}

fn style(out: &Path) {
    let mut css = String::new();
    for path in SHARED_STYLE
        .iter()
        .map(|name| format!("../style/{name}"))
        .chain(["assets/status.css".to_owned()])
    {
        println!("cargo::rerun-if-changed={path}");
        if let Ok(text) = fs::read_to_string(&path) {
            css.push_str(&text);
            css.push('\n');
        }
    }
    fs::write(out.join("status.css"), css).expect("OUT_DIR can be written");
}

fn fonts(out: &Path) {
    println!("cargo::rerun-if-changed=../public/fonts");
    let mut names: Vec<PathBuf> = fs::read_dir("../public/fonts")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "woff2"))
        .collect();
    names.sort();
    let mut code = String::from("&[");
    for path in names {
        let whole = fs::canonicalize(&path).expect("a font's path");
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        write!(
            code,
            "({name:?}, include_bytes!({:?}).as_slice()),",
            whole.display().to_string()
        )
        .expect("a string grows");
    }
    code.push(']');
    fs::write(out.join("fonts.rs"), code).expect("OUT_DIR can be written");
}
