//! Keys from settings and from files.

use std::os::unix::fs::PermissionsExt;

use people::{Keys, KeysError};

use crate::key;

#[test]
fn keys_are_made_once_for_their_owner_alone_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("data/keys");
    let makers: Vec<_> = (0..8)
        .map(|_| {
            let keys = keys.clone();
            std::thread::spawn(move || {
                Keys::load_or_make(&keys).unwrap();
            })
        })
        .collect();
    for maker in makers {
        maker.join().unwrap();
    }
    let mut names: Vec<_> = std::fs::read_dir(&keys)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["data", "secret"], "no drafts stay behind");
    for name in names {
        let file = keys.join(name);
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(std::fs::read_to_string(&file).unwrap().trim().len(), 64);
    }
}

#[test]
fn what_is_no_key_is_refused_without_being_repeated() {
    let good = key('a');
    for (secret, data) in [
        ("", good.as_str()),
        (" , ", good.as_str()),
        ("abc", good.as_str()),
        (&good[1..], good.as_str()),
        (good.as_str(), "zz"),
        (good.as_str(), good.as_str()),
    ] {
        let error = Keys::parse(secret, data).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(&good[1..]));
    }
    let twice = format!("{},{good}", key('A'));
    assert!(matches!(Keys::parse(&twice, &key('b')), Err(KeysError::Twice(_))));
    assert!(Keys::parse(&format!(" {good} ,\n{}", key('c')), &key('b')).is_ok());
}
