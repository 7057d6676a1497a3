//! The two lists of keys. Neither stands in the database: who has only the database can neither forge a
//! session nor read a name.
//!
//! To rotate: put the new key *second* everywhere, then *first* everywhere, then (for data keys, after
//! everything was sealed anew) drop the old one. A program that does not know a key yet can thus never meet
//! a row or a cookie made with it.

use std::{fmt, io, path::Path};

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

/// One key of 256 bits; wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

/// Why a list of keys was refused. Carries nothing of the keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The list holds no key.
    #[error("{0} holds no key: give 64 hexadecimal digits, several separated by commas")]
    Empty(&'static str),
    /// One of the keys is not 64 hexadecimal digits; its place in the list, counted from 1.
    #[error("key {1} of {0} is not 64 hexadecimal digits")]
    Shape(&'static str, usize),
    /// The same key stands twice, or a data key is also a secret key.
    #[error("{0} holds the same key twice, or a key of the other list")]
    Twice(&'static str),
    /// A key file could not be read or made.
    #[error("cannot read or make the key file {0}: {1}")]
    File(String, #[source] io::Error),
}

/// `NEUL_SECRET_KEYS` (sessions, tokens) and `NEUL_DATA_KEYS` (personal data).
#[derive(Clone)]
pub struct Keys {
    secret: Vec<Key>,
    data: Vec<Key>,
}

impl Keys {
    /// Reads both lists, each `hex,hex,…`: the first key makes, all are accepted.
    pub fn parse(secret: &str, data: &str) -> Result<Self, KeysError> {
        let keys = Self {
            secret: parse_list("NEUL_SECRET_KEYS", secret)?,
            data: parse_list("NEUL_DATA_KEYS", data)?,
        };
        if keys.data.iter().any(|key| keys.secret.contains(key)) {
            return Err(KeysError::Twice("NEUL_DATA_KEYS"));
        }
        Ok(keys)
    }

    /// Reads `folder/secret` and `folder/data` (`data/keys` in the contract), making what is missing at random
    /// with mode 0600. Two programs that start at once end with the same keys.
    pub fn load_or_make(folder: &Path) -> Result<Self, KeysError> {
        Self::settings(None, None, folder)
    }

    /// Takes each list from its setting where there is one, else from its file in `folder`.
    pub fn settings(secret: Option<&str>, data: Option<&str>, folder: &Path) -> Result<Self, KeysError> {
        let of = |setting: Option<&str>, name: &str| match setting.filter(|text| !text.trim().is_empty()) {
            Some(text) => Ok(Zeroizing::new(text.to_owned())),
            None => file(&folder.join(name)),
        };
        Self::parse(&of(secret, "secret")?, &of(data, "data")?)
    }

    pub(crate) fn secret(&self) -> &[Key] {
        &self.secret
    }

    pub(crate) fn data(&self) -> &[Key] {
        &self.data
    }
}

impl Key {
    /// HMAC-SHA256 of the parts, each told apart by its length, under a key derived for one use.
    pub(crate) fn mac(&self, domain: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = new_mac(&self.0);
        mac.update(&(domain.len() as u64).to_be_bytes());
        mac.update(domain.as_bytes());
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// A key for another cipher, derived from this one.
    pub(crate) fn derive(&self, domain: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.mac(domain, &[]))
    }

    /// The key's public name: eight hexadecimal digits.
    pub(crate) fn id(&self) -> String {
        hex::encode(&Sha256::digest(self.mac("neul key id", &[]))[..4])
    }
}

fn new_mac(key: &[u8; 32]) -> Hmac<Sha256> {
    <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes keys of every length")
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Keys(secret × {}, data × {})",
            self.secret.len(),
            self.data.len()
        )
    }
}

fn parse_list(name: &'static str, text: &str) -> Result<Vec<Key>, KeysError> {
    let mut list: Vec<Key> = Vec::new();
    for (index, part) in text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .enumerate()
    {
        let mut key = Key([0; 32]);
        hex::decode_to_slice(part, &mut key.0).map_err(|_| KeysError::Shape(name, index + 1))?;
        if list.contains(&key) {
            return Err(KeysError::Twice(name));
        }
        list.push(key);
    }
    if list.is_empty() {
        Err(KeysError::Empty(name))
    } else {
        Ok(list)
    }
}

/// Reads a key file, or makes it: written whole under another name first, then linked to its own, which only
/// one of several makers can do.
fn file(path: &Path) -> Result<Zeroizing<String>, KeysError> {
    let told = |error| KeysError::File(path.display().to_string(), error);
    match std::fs::read_to_string(path) {
        Ok(text) => return Ok(Zeroizing::new(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(told(error)),
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    make_folder(folder).map_err(told)?;
    let text = Zeroizing::new(format!("{}\n", hex::encode(*random_bytes::<32>())));
    let draft = path.with_extension(format!("new-{}", crate::secret::token()));
    write_private(&draft, &text).map_err(told)?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft).map_err(told)?;
    match linked {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(told(error)),
    }
    std::fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(told)?;
    Ok(Zeroizing::new(std::fs::read_to_string(path).map_err(told)?))
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    file.sync_all()
}

fn random_bytes<const N: usize>() -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    rand::RngCore::fill_bytes(&mut rand::rng(), bytes.as_mut());
    bytes
}
