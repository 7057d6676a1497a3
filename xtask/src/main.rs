//! `cargo xtask`: the one way to make what the browser gets.
//!
//! `cargo-leptos` would do the same, but compiles for 20 minutes before its first build; this crate shares the
//! libraries underneath (`wasm-bindgen-cli-support`, `lightningcss`), needs no Node, and writes what the server
//! expects: `<target>/site` and a `hash.txt` beside each binary.

mod files;
mod place;
mod site;
mod style;
mod wasm;
mod watch;
mod weight;

use std::process::ExitCode;

/// What went wrong, in words for whoever typed the command.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

const HELP: &str = "cargo xtask site [--release]   WASM, JavaScript, CSS and public files into target/site, hashed, with .br beside
cargo xtask weight             bytes of JavaScript + WASM in brotli; fails above the limit
cargo xtask watch              builds, serves, and starts again on each change (what make dev falls back to)";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = place::Place::find().and_then(|place| match words.as_slice() {
        ["site"] => site::build(&place, wasm::Profile::Dev),
        ["site", "--release"] => site::build(&place, wasm::Profile::Release),
        ["weight"] => weight::check(&place),
        ["watch"] => watch::run(&place),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(format!("unknown: {}\n{HELP}", other.join(" ")).into()),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
