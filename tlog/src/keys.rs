//! Who signs checkpoints: keys in the text forms of C2SP signed notes.
//!
//! A list holds private keys (`PRIVATE+KEY+name+id+…`) and public ones (`name+id+…`). *Every* private key signs each
//! checkpoint, the first one first; every key verifies. So a key is rotated without anybody being told by hand: put
//! the new key before the old one, let both sign until whoever checks has seen them together (the status site takes
//! up a new key that an old one vouches for in this way), then leave of the old one its public form. What it signed
//! can be checked for ever, and nobody can sign with it any more.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use signed_note::{StandardSigner, StandardVerifier, VerifierList, new_ed25519_verifier_key};

/// Why a list of keys was refused. Carries nothing of the keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// There is no private key in the list.
    #[error("no key that signs: give PRIVATE+KEY+name+id+base64, several separated by commas")]
    NoSigner,
    /// One of them cannot be read; its place in the list, counted from 1.
    #[error("key {0} is neither PRIVATE+KEY+name+id+base64 nor name+id+base64")]
    Shape(usize),
    /// The keys are not all of one log.
    #[error("key {0} has another name than the first: a log keeps its name for ever")]
    OtherName(usize),
}

/// The keys of a log.
#[derive(Clone)]
pub struct Keys {
    name: String,
    pub(crate) signers: Vec<StandardSigner>,
    verifying: Verifying,
}

/// The public keys of a log, all of one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verifying(Vec<String>);

impl Keys {
    /// Reads a list, by comma or line.
    pub fn parse(text: &str) -> Result<Self, KeysError> {
        let mut keys = Self {
            name: String::new(),
            signers: Vec::new(),
            verifying: Verifying::default(),
        };
        for (index, part) in parts(text).enumerate() {
            let place = index + 1;
            let public = if part.starts_with("PRIVATE+") {
                let signer = StandardSigner::new(part).map_err(|_| KeysError::Shape(place))?;
                keys.signers.push(signer);
                public_of(part).ok_or(KeysError::Shape(place))?
            } else {
                StandardVerifier::new(part).map_err(|_| KeysError::Shape(place))?;
                part.to_owned()
            };
            let name = name_of(&public).to_owned();
            if index == 0 {
                keys.name = name;
            } else if keys.name != name {
                return Err(KeysError::OtherName(place));
            }
            if !keys.verifying.0.contains(&public) {
                keys.verifying.0.push(public);
            }
        }
        if keys.signers.is_empty() {
            return Err(KeysError::NoSigner);
        }
        Ok(keys)
    }

    /// A new private key for the log of this name, from the system's randomness. Of the name, what a key's name
    /// cannot hold (spaces, `+`) is left out.
    pub fn generate(name: &str) -> String {
        let name: String = name
            .chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '+')
            .collect();
        let name = if name.is_empty() {
            "neul/log".to_owned()
        } else {
            name
        };
        signed_note::generate_key(&mut rand_core::OsRng, &name).0
    }

    /// The log's name: the first line of its checkpoints.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The ids (eight hexadecimal digits) of the keys that sign.
    pub fn signing_ids(&self) -> impl Iterator<Item = String> {
        self.signers
            .iter()
            .map(|signer| format!("{:08x}", signed_note::Signer::key_id(signer)))
    }

    /// The public keys, in the order of the list.
    pub fn verifying(&self) -> &Verifying {
        &self.verifying
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Keys({} × {}, all × {})",
            self.name,
            self.signers.len(),
            self.verifying.0.len()
        )
    }
}

impl Verifying {
    /// Reads a list of public keys, by comma or line, all of one log.
    pub fn parse(text: &str) -> Result<Self, KeysError> {
        let mut list: Vec<String> = Vec::new();
        for (index, part) in parts(text).enumerate() {
            StandardVerifier::new(part).map_err(|_| KeysError::Shape(index + 1))?;
            if list.first().is_some_and(|first| name_of(first) != name_of(part)) {
                return Err(KeysError::OtherName(index + 1));
            }
            if !list.iter().any(|known| known == part) {
                list.push(part.to_owned());
            }
        }
        Ok(Self(list))
    }

    /// Each as text: `name+id+base64`.
    pub fn list(&self) -> &[String] {
        &self.0
    }

    /// The log's name; empty where there is no key.
    pub fn name(&self) -> &str {
        self.0.first().map(String::as_str).map_or("", name_of)
    }

    pub(crate) fn verifiers(&self) -> VerifierList {
        let verifiers = self.0.iter().filter_map(|key| StandardVerifier::new(key).ok());
        VerifierList::new(
            verifiers
                .map(|one| Box::new(one) as Box<dyn signed_note::Verifier>)
                .collect(),
        )
    }
}

impl fmt::Display for Verifying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

fn name_of(public: &str) -> &str {
    public.split('+').next().unwrap_or_default()
}

/// The public form of a private key.
fn public_of(private: &str) -> Option<String> {
    let mut pieces = private.splitn(5, '+').skip(2);
    let (name, _, key) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let key = STANDARD.decode(key).ok()?;
    let seed: &[u8; 32] = key.get(1..)?.try_into().ok()?;
    let signing = ed25519_dalek::SigningKey::from_bytes(seed);
    Some(new_ed25519_verifier_key(name, &signing.verifying_key()))
}
