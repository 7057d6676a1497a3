//! The browser's half of the program: the crate `frontend`, compiled to WASM and bound to JavaScript.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

use crate::place::Place;
use crate::{Outcome, files};

const TARGET: &str = "wasm32-unknown-unknown";

/// How `frontend` is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to compile, large.
    Dev,
    /// What people download: the workspace's profile `wasm-release`.
    Release,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "wasm-release",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "wasm-release",
        }
    }
}

/// What the browser loads.
pub(crate) struct Bound {
    pub(crate) js: Vec<u8>,
    pub(crate) wasm: Vec<u8>,
    /// Scripts that crates brought along, by their path below the package folder.
    pub(crate) snippets: Vec<(PathBuf, Vec<u8>)>,
}

/// Compiles `frontend` and binds it. The binding is taken from the last run where the compiler's output is the same.
pub(crate) fn build(place: &Place, profile: Profile) -> Outcome<Bound> {
    let compiled = compile(place, profile)?;
    let folder = place.work().join("bound").join(profile.name());
    let mark = folder.join("made-from");
    // The compiled file names the version of wasm-bindgen it needs, so its hash covers the binder too.
    let made_from = files::hash(&compiled);
    if fs::read_to_string(&mark).ok().as_deref() != Some(made_from.as_str()) {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        Bindgen::new()
            .input_bytes("neul", compiled)
            .web(true)?
            .typescript(false)
            .omit_default_module_path(true)
            .remove_name_section(profile == Profile::Release)
            .remove_producers_section(profile == Profile::Release)
            .generate(&folder)?;
        files::write(&mark, made_from.as_bytes())?;
    }
    let snippets = folder.join("snippets");
    Ok(Bound {
        js: fs::read(folder.join("neul.js"))?,
        wasm: fs::read(folder.join("neul_bg.wasm"))?,
        snippets: files::below(&snippets)?
            .into_iter()
            .map(|path| Ok((path.strip_prefix(&folder)?.to_path_buf(), fs::read(&path)?)))
            .collect::<Outcome<_>>()?,
    })
}

fn compile(place: &Place, profile: Profile) -> Outcome<Vec<u8>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(&place.root)
        .args([
            "build",
            "--package",
            "frontend",
            "--lib",
            "--target",
            TARGET,
            "--profile",
            profile.name(),
        ])
        .arg("--target-dir")
        .arg(&place.target)
        .status()?;
    if !status.success() {
        return Err(
            "frontend did not compile for WASM. If `core` or the linker was not found: `scripts/setup` \
                    once, then `. scripts/env` in this shell."
                .into(),
        );
    }
    let path = place
        .target
        .join(TARGET)
        .join(profile.folder())
        .join("frontend.wasm");
    Ok(fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?)
}
