//! The keys that sign the public log's checkpoints: `NEUL_LOG_KEY`, or made once and kept in `data/keys/log`, mode
//! 0600. A list (see [`tlog::Keys`] for how a key is rotated): apart from the database, whose owner could otherwise
//! rewrite the log and sign it anew, and from the other keys, so that it can be kept by somebody else.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use tlog::Keys;

use crate::{
    cli::Settings,
    config::{StartError, portal_url, say},
};

/// The keys; made where there are none, for a log named after the portal's address.
pub fn find_or_make(settings: &Settings) -> Result<Keys, StartError> {
    let given = settings.log_key.as_deref().filter(|keys| !keys.trim().is_empty());
    let text = match given {
        Some(keys) => keys.to_owned(),
        None => file(&settings.data_dir.join("keys").join("log"), &portal_url(settings))?,
    };
    match Keys::parse(&text) {
        Ok(keys) => Ok(keys),
        Err(error) => say(format!("NEUL_LOG_KEY: {error}")),
    }
}

/// Reads the file, or makes it: written whole under a name of its own first, then linked to its own, which only one
/// of several programs that start at once can do.
fn file(path: &Path, portal: &str) -> io::Result<String> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        read => return read,
    }
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let host = portal
        .split_once("://")
        .map_or(portal, |(_, host)| host)
        .trim_end_matches('/');
    let draft = path.with_extension(format!("new-{}", people::random_token()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(format!("{}\n", Keys::generate(&format!("{host}/log"))).as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    fs::read_to_string(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_alone_and_named_after_the_portal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys").join("log");
        let made = file(&path, "https://pay.example/").unwrap();
        assert_eq!(Keys::parse(&made).unwrap().name(), "pay.example/log");
        assert_eq!(file(&path, "https://other.example").unwrap(), made);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}
