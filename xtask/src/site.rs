//! Everything together: `<target>/site`, and the hashes where the server looks for them.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use crate::place::Place;
use crate::wasm::{self, Profile};
use crate::{Outcome, files, style};

/// The name before the hash; `output-name` in the workspace's Leptos settings.
const NAME: &str = "neul";

/// Builds the site folder. Files whose content has not changed keep their name and their time.
pub(crate) fn build(place: &Place, profile: Profile) -> Outcome {
    let start = Instant::now();
    let bound = wasm::build(place, profile)?;
    let css = style::build(place)?;

    let mut wanted = BTreeSet::new();
    let mut hashes = String::new();
    for (kind, content) in [("js", &bound.js), ("wasm", &bound.wasm), ("css", &css)] {
        let hash = files::hash(content);
        let path = place.package().join(format!("{NAME}.{hash}.{kind}"));
        put(&mut wanted, path, content)?;
        writeln!(hashes, "{kind}: {hash}")?;
    }
    for (path, content) in &bound.snippets {
        put(&mut wanted, place.package().join(path), content)?;
    }
    let public = place.root.join("public");
    for path in files::below(&public)? {
        put(
            &mut wanted,
            place.site().join(path.strip_prefix(&public)?),
            &fs::read(&path)?,
        )?;
    }
    for folder in place.beside_binaries() {
        files::write(&folder.join("hash.txt"), hashes.as_bytes())?;
    }
    // Last, so that a server already running never names a file that is gone.
    for path in files::below(&place.site())? {
        if !wanted.contains(&path) {
            fs::remove_file(&path)?;
        }
    }
    println!(
        "xtask: {} is up to date ({:.1} s)",
        place.site().display(),
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

fn put(wanted: &mut BTreeSet<PathBuf>, path: PathBuf, content: &[u8]) -> Outcome {
    files::write_with_brotli(&path, content)?;
    if files::compresses(&path) {
        wanted.insert(files::with_suffix(&path, ".br"));
    }
    wanted.insert(path);
    Ok(())
}
