//! Who sent it: each request between portal and bank is signed with the key that both have (`NEUL_BANK_KEY`).
//!
//! `neul-signature: t=<ms>,v1=<hex>`, where the hex is HMAC-SHA-256 over time, method, address and body. A signature is
//! good for five minutes; a request said again within them does nothing new, because orders have references.

use axum::http::HeaderMap;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// The header.
pub const HEADER: &str = "neul-signature";
/// How far the clocks of both may be apart, ms.
const SKEW_MS: i64 = 300_000;

/// The key that portal and bank have in common. Never printed.
#[derive(Clone)]
pub struct BankKey(Vec<u8>);

impl std::fmt::Debug for BankKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BankKey(…)")
    }
}

impl BankKey {
    /// From 64 or more hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = hex::decode(text.trim()).ok()?;
        (bytes.len() >= 32).then_some(Self(bytes))
    }

    fn mac(&self, at: i64, method: &str, target: &str, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.0).expect("HMAC takes keys of every length");
        let body = hex::encode(Sha256::digest(body));
        mac.update(format!("{at}\n{method}\n{target}\n{body}").as_bytes());
        mac
    }

    /// The header's value for a request: `target` is the path with its query.
    pub fn sign(&self, at: i64, method: &str, target: &str, body: &[u8]) -> String {
        let code = self.mac(at, method, target, body).finalize().into_bytes();
        format!("t={at},v1={}", hex::encode(code))
    }

    /// Whether the request comes from whoever has the key, and is of now.
    pub fn verifies(&self, headers: &HeaderMap, now: i64, method: &str, target: &str, body: &[u8]) -> bool {
        let value = headers.get(HEADER).and_then(|value| value.to_str().ok());
        let Some((at, code)) = value.and_then(|value| value.strip_prefix("t=")?.split_once(",v1=")) else {
            return false;
        };
        let (Ok(at), Ok(code)) = (at.parse::<i64>(), hex::decode(code)) else {
            return false;
        };
        // The comparison takes the same time wherever they differ.
        now.abs_diff(at) <= SKEW_MS.unsigned_abs()
            && self.mac(at, method, target, body).verify_slice(&code).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_fits_one_request_of_now() {
        let key = BankKey::parse(&"0a".repeat(32)).unwrap();
        let other = BankKey::parse(&"0b".repeat(32)).unwrap();
        let mut headers = HeaderMap::new();
        assert!(!key.verifies(&headers, 1, "POST", "/x", b"a"), "unsigned");
        headers.insert(HEADER, key.sign(1_000, "POST", "/x", b"a").parse().unwrap());
        assert!(key.verifies(&headers, 1_000 + SKEW_MS, "POST", "/x", b"a"));
        assert!(!key.verifies(&headers, 1_001 + SKEW_MS, "POST", "/x", b"a"), "too old");
        assert!(!key.verifies(&headers, 1_000, "GET", "/x", b"a"));
        assert!(!key.verifies(&headers, 1_000, "POST", "/y", b"a"));
        assert!(!key.verifies(&headers, 1_000, "POST", "/x", b"b"));
        assert!(!other.verifies(&headers, 1_000, "POST", "/x", b"a"));
        for broken in ["t=1,v1=", "v1=aa", "t=x,v1=aa", "t=1000,v1=zz"] {
            headers.insert(HEADER, broken.parse().unwrap());
            assert!(!key.verifies(&headers, 1_000, "POST", "/x", b"a"), "{broken}");
        }
        assert!(BankKey::parse("0a0a").is_none(), "too short");
    }
}
