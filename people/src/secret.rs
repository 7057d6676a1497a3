//! Small secrets: making them, hashing them, comparing them without telling by time.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::Rng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A text that cannot be guessed: 192 bits from the operating system's generator, 32 characters.
pub fn token() -> String {
    let mut bytes = [0_u8; 24];
    rand::RngCore::fill_bytes(&mut rand::rng(), &mut bytes);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The same with 256 bits, 43 characters: for keys that live for years.
pub(crate) fn long_token() -> String {
    let mut bytes = [0_u8; 32];
    rand::RngCore::fill_bytes(&mut rand::rng(), &mut bytes);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// A one-time code: six digits, each of the million as likely.
pub(crate) fn code() -> String {
    format!("{:06}", rand::rng().random_range(0..1_000_000))
}

/// The hash under which a token is kept. Tokens are long and random, so no key is needed.
pub(crate) fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Whether both are equal, in a time that does not tell where they differ.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
