//! The key that signs the desk's cookies and form tokens: made once, kept beside the store, mode 0600.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::error::StatusError;

/// Signs and checks. Never written to a log.
#[derive(Clone)]
pub(crate) struct Keys {
    key: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// Reads `<dir>/session-key`, or makes it.
    pub(crate) fn load(dir: &Path) -> Result<Self, StatusError> {
        let path = dir.join("session-key");
        let folder = |error| StatusError::Folder {
            dir: dir.to_owned(),
            error,
        };
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let text = hex::encode(rand::random::<[u8; 32]>());
                let mut options = fs::OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let mut file = options.open(&path).map_err(folder)?;
                file.write_all(text.as_bytes())
                    .and_then(|()| file.sync_all())
                    .map_err(folder)?;
                text
            }
            Err(error) => return Err(folder(error)),
        };
        let mut key = [0; 32];
        hex::decode_to_slice(text.trim(), &mut key).map_err(|_| StatusError::Key { path })?;
        Ok(Self { key })
    }

    /// A key for one purpose.
    pub(crate) fn derive(&self, purpose: &str) -> [u8; 32] {
        self.mac("key", purpose)
    }

    /// The signature of `text` for one purpose, in hexadecimal.
    pub(crate) fn sign(&self, purpose: &str, text: &str) -> String {
        hex::encode(self.mac(purpose, text))
    }

    fn mac(&self, purpose: &str, text: &str) -> [u8; 32] {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else {
            unreachable!("HMAC takes a key of any length")
        };
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Whether `signature` is that of `text` for this purpose, in constant time.
    pub(crate) fn verify(&self, purpose: &str, text: &str, signature: &str) -> bool {
        self.sign(purpose, text)
            .as_bytes()
            .ct_eq(signature.as_bytes())
            .into()
    }
}
