//! Addresses at rest: sealed, and found by a keyed hash.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::Aead};

use crate::operators::Keys;

fn cipher(keys: &Keys) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&keys.derive("seal subscriber").into())
}

/// Seals a text.
pub(super) fn seal(keys: &Keys, text: &str) -> String {
    let nonce: [u8; 24] = rand::random();
    // Texts here are far shorter than the cipher's limit of 256 GiB.
    let body = cipher(keys)
        .encrypt(&XNonce::from(nonce), text.as_bytes())
        .unwrap_or_default();
    URL_SAFE_NO_PAD.encode([nonce.as_slice(), &body].concat())
}

/// Opens what [`seal`] made with the same key.
pub(super) fn open(keys: &Keys, sealed: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let (nonce, body) = bytes.split_at_checked(24)?;
    let nonce: [u8; 24] = nonce.try_into().ok()?;
    let text = cipher(keys).decrypt(&XNonce::from(nonce), body).ok()?;
    String::from_utf8(text).ok()
}

/// By what an address is found.
pub(super) fn key_of(keys: &Keys, address: &str) -> String {
    keys.sign("subscriber", &address.to_lowercase())
}
