//! The key by which portal and status site know each other: given as `NEUL_PROBE_KEY`, or made once and kept in
//! `data/keys/probe`, mode 0600. It opens `/probe` and nothing else.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use crate::cli::Settings;

fn path(settings: &Settings) -> PathBuf {
    settings.data_dir.join("keys").join("probe")
}

/// The key, if one was given or made. For the status site, which makes none.
pub fn find(settings: &Settings) -> Option<String> {
    let given = settings.probe_key.clone().filter(|key| !key.trim().is_empty());
    let key = given.or_else(|| fs::read_to_string(path(settings)).ok())?;
    Some(key.trim().to_owned())
}

/// The key; made where there is none. For the portal.
pub fn find_or_make(settings: &Settings) -> io::Result<String> {
    if let Some(key) = find(settings).filter(|key| !key.is_empty()) {
        return Ok(key);
    }
    kept_key(&path(settings))
}

fn canary_path(settings: &Settings) -> PathBuf {
    settings.data_dir.join("keys").join("canary")
}

/// The canary's key (`NEUL_CANARY_KEY`), if one was given or made: it opens `/probe/canary` and nothing else. For the
/// status site.
pub fn find_canary(settings: &Settings) -> Option<String> {
    let given = settings.canary_key.clone().filter(|key| !key.trim().is_empty());
    let key = given.or_else(|| fs::read_to_string(canary_path(settings)).ok())?;
    Some(key.trim().to_owned())
}

/// The same; made where there is none. For the portal.
pub fn find_or_make_canary(settings: &Settings) -> io::Result<String> {
    if let Some(key) = find_canary(settings).filter(|key| !key.is_empty()) {
        return Ok(key);
    }
    kept_key(&canary_path(settings))
}

/// 64 hexadecimal digits kept in a file that its owner alone may read; made at random where there is none.
pub fn kept_key(path: &Path) -> io::Result<String> {
    if let Ok(kept) = fs::read_to_string(path)
        && !kept.trim().is_empty()
    {
        return Ok(kept.trim().to_owned());
    }
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let key = hex::encode(rand::random::<[u8; 32]>());
    // Whole or not at all: the status site may be reading.
    let draft = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(key.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    Ok(key)
}
