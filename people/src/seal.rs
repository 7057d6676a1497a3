//! Personal data at rest: sealed with XChaCha20-Poly1305, found by keyed hash (DESIGN 13).
//!
//! A sealed text is `v1.<key id>.<base64 of nonce and ciphertext>`. Municipality and column are bound in as
//! associated data: a text moved to another row's column or to another municipality does not open. The nonce
//! has 192 random bits, so chance never repeats one.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chacha20poly1305::{
    Key as CipherKey, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};

use crate::{Keys, People};

/// Why a sealed text did not open. Says nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnsealError {
    /// Not a sealed text at all.
    #[error("not a sealed text")]
    Shape,
    /// Sealed with a key that `NEUL_DATA_KEYS` no longer holds.
    #[error("sealed with a key that NEUL_DATA_KEYS does not hold")]
    UnknownKey,
    /// Changed since, or sealed for another municipality or column.
    #[error("the sealed text was changed, or belongs elsewhere")]
    Tampered,
}

const NONCE_BYTES: usize = 24;

/// Seals and opens, and makes keyed hashes. One cipher per data key, made once.
pub(crate) struct Sealer {
    ciphers: Vec<(String, XChaCha20Poly1305)>,
    keys: Keys,
}

impl Sealer {
    pub(crate) fn new(keys: Keys) -> Self {
        let ciphers = keys
            .data()
            .iter()
            .map(|key| {
                let derived = key.derive("neul seal v1");
                (key.id(), XChaCha20Poly1305::new(&CipherKey::from(*derived)))
            })
            .collect();
        Self { ciphers, keys }
    }

    pub(crate) fn seal(&self, municipality: i64, column: &str, text: &str) -> String {
        let mut nonce = [0_u8; NONCE_BYTES];
        rand::RngCore::fill_bytes(&mut rand::rng(), &mut nonce);
        let aad = format!("{municipality}/{column}");
        let (id, cipher) = &self.ciphers[0];
        let body = cipher
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: text.as_bytes(),
                    aad: aad.as_bytes(),
                },
            )
            .expect("a text is shorter than the cipher's limit of 256 GiB");
        let sealed = [nonce.as_slice(), &body].concat();
        format!("v1.{id}.{}", BASE64_URL_SAFE_NO_PAD.encode(sealed))
    }

    pub(crate) fn unseal(
        &self,
        municipality: i64,
        column: &str,
        sealed: &str,
    ) -> Result<String, UnsealError> {
        let mut parts = sealed.split('.');
        let (Some("v1"), Some(id), Some(body), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(UnsealError::Shape);
        };
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(body)
            .map_err(|_| UnsealError::Shape)?;
        let (nonce, body) = bytes
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(UnsealError::Shape)?;
        let (_, cipher) = self
            .ciphers
            .iter()
            .find(|(known, _)| known == id)
            .ok_or(UnsealError::UnknownKey)?;
        let aad = format!("{municipality}/{column}");
        let text = cipher
            .decrypt(
                &XNonce::from(*nonce),
                Payload {
                    msg: body,
                    aad: aad.as_bytes(),
                },
            )
            .map_err(|_| UnsealError::Tampered)?;
        String::from_utf8(text).map_err(|_| UnsealError::Tampered)
    }

    /// The keyed hashes of a value under every data key, the one to write first.
    pub(crate) fn index_keys(&self, domain: &str, value: &str) -> Vec<String> {
        self.keys
            .data()
            .iter()
            .map(|key| hex::encode(key.mac(domain, &[value.as_bytes()])))
            .collect()
    }

    /// The keyed hash of a value under the first data key.
    pub(crate) fn index_key(&self, domain: &str, value: &str) -> String {
        hex::encode(self.keys.data()[0].mac(domain, &[value.as_bytes()]))
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }
}

impl People {
    /// Seals any text of one municipality for keeping elsewhere (the rows of a roster, say).
    pub fn seal(&self, municipality: i64, text: &str) -> String {
        self.seal_as(municipality, "text", text)
    }

    /// Opens what [`People::seal`] sealed for the same municipality.
    pub fn unseal(&self, municipality: i64, sealed: &str) -> Result<String, UnsealError> {
        self.unseal_as(municipality, "text", sealed)
    }

    /// Seals a text for one column: it opens under the same municipality and column name only.
    pub fn seal_as(&self, municipality: i64, column: &str, text: &str) -> String {
        self.inner.sealer.seal(municipality, column, text)
    }

    /// Opens what [`People::seal_as`] sealed.
    pub fn unseal_as(&self, municipality: i64, column: &str, sealed: &str) -> Result<String, UnsealError> {
        self.inner.sealer.unseal(municipality, column, sealed)
    }
}
