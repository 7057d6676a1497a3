//! Form tokens against cross-site posts, bound to a session or to an anonymous visitor's cookie.
//!
//! A token is `salt.mac`: the salt makes each one look different, so that compression tells nothing of it
//! (BREACH). Without `NEUL_SECRET_KEYS` nobody can make one.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{People, secret};

const DOMAIN: &str = "neul form v1";

impl People {
    /// A new token for one form. `secret` is [`crate::Session::form_secret`], or the value of the visitor's
    /// cookie made by [`People::anonymous_secret`].
    pub fn form_token(&self, secret: &str) -> String {
        let salt = secret::token();
        let mac = self.inner.sealer.keys().secret()[0].mac(DOMAIN, &[secret.as_bytes(), salt.as_bytes()]);
        format!("{salt}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac))
    }

    /// Whether the token was made here for this secret, by any of the keys.
    pub fn check_form_token(&self, secret: &str, token: &str) -> bool {
        let Some((salt, mac)) = token.split_once('.') else {
            return false;
        };
        let Ok(mac) = BASE64_URL_SAFE_NO_PAD.decode(mac) else {
            return false;
        };
        !secret.is_empty()
            && self
                .inner
                .sealer
                .keys()
                .secret()
                .iter()
                .any(|key| secret::same(&key.mac(DOMAIN, &[secret.as_bytes(), salt.as_bytes()]), &mac))
    }

    /// A value for the cookie of a visitor who has not signed in.
    pub fn anonymous_secret(&self) -> String {
        secret::token()
    }
}
