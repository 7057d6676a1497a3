//! Where things are: the project, and the folder that cargo builds into.

use std::path::{Path, PathBuf};

use crate::Outcome;

/// The folders of one checkout.
pub(crate) struct Place {
    /// The project's root, where `Cargo.toml` of the workspace stands.
    pub(crate) root: PathBuf,
    /// Cargo's target folder.
    pub(crate) target: PathBuf,
}

impl Place {
    /// Finds the folders from where this crate was compiled, and the target folder as cargo does.
    pub(crate) fn find() -> Outcome<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .ok_or("xtask has no parent folder")?
            .to_path_buf();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => std::path::absolute(folder)?,
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// What the server serves as files.
    pub(crate) fn site(&self) -> PathBuf {
        self.target.join("site")
    }

    /// JavaScript, WASM and CSS, under names that carry their hash.
    pub(crate) fn package(&self) -> PathBuf {
        self.site().join("pkg")
    }

    /// This crate's own notes between two runs, and its half-made files.
    pub(crate) fn work(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// Folders of server binaries: Leptos reads `hash.txt` beside the executable that runs, and a test's is in `deps`.
    pub(crate) fn beside_binaries(&self) -> Vec<PathBuf> {
        ["debug", "debug/deps", "release"]
            .iter()
            .map(|folder| self.target.join(folder))
            .collect()
    }
}
