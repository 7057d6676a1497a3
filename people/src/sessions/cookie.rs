//! The signed cookie: `v1.<payload>.<HMAC-SHA256>`, both base64; payload `{sid, kind, id, iat}` in JSON.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{People, secret};

const DOMAIN: &str = "neul session v1";
const COOKIE_BYTES_MAX: usize = 1024;

/// Residents and staff come through one door and are told apart by this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A resident.
    Resident,
    /// An official, an operator, a shop's account.
    Staff,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Resident => "resident",
            Self::Staff => "staff",
        }
    }
}

/// What a cookie says of itself. True when signed, but perhaps ended since: only the store knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The session's id.
    #[serde(rename = "sid")]
    pub session: i64,
    /// Of what kind.
    pub kind: Kind,
    /// The login's id.
    #[serde(rename = "id")]
    pub login: i64,
    /// When it was signed, in milliseconds.
    #[serde(rename = "iat")]
    pub issued_at: i64,
}

impl People {
    /// Reads a cookie's claims if one of our keys signed it. Asks no store: for the time when there is none.
    pub fn verify_cookie(&self, cookie: &str) -> Option<Claims> {
        if cookie.len() > COOKIE_BYTES_MAX {
            return None;
        }
        let mut parts = cookie.split('.');
        let (Some("v1"), Some(payload), Some(mac), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let mac = BASE64_URL_SAFE_NO_PAD.decode(mac).ok()?;
        let keys = self.inner.sealer.keys().secret();
        if !keys
            .iter()
            .any(|key| secret::same(&key.mac(DOMAIN, &[payload.as_bytes()]), &mac))
        {
            return None;
        }
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }

    pub(crate) fn sign_cookie(&self, claims: &Claims) -> String {
        let json = serde_json::to_vec(claims).unwrap_or_default();
        let payload = BASE64_URL_SAFE_NO_PAD.encode(json);
        let mac = self.inner.sealer.keys().secret()[0].mac(DOMAIN, &[payload.as_bytes()]);
        format!("v1.{payload}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac))
    }
}
