//! Passwords are kept as argon2id, checked off the runtime's threads and only a few at a time.

use std::sync::{LazyLock, OnceLock};

use argon2::{
    Argon2, PasswordHasher, PasswordVerifier,
    password_hash::{PasswordHash, SaltString},
};
use tokio::sync::Semaphore;

use crate::error::StatusError;

/// Each check takes 19 MiB and some ten milliseconds: more at a time would let sign-ins starve the pages.
static PLACES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// argon2id with the crate's parameters (19 MiB, 2 passes: OWASP's first choice) as a PHC string.
pub(super) fn hash(password: &str) -> Result<String, StatusError> {
    let salt: [u8; 16] = rand::random();
    let salt = SaltString::encode_b64(&salt).map_err(|error| StatusError::Hash(error.to_string()))?;
    Argon2::default()
        .hash_password(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|error| StatusError::Hash(error.to_string()))
}

/// Whether the password is the hash's; without a hash the work is done all the same and the answer is no.
pub(super) async fn verify(password: String, hash: Option<String>) -> bool {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let Ok(_place) = PLACES.acquire().await else {
        return false;
    };
    tokio::task::spawn_blocking(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| {
            NOBODY
                .get_or_init(|| self::hash("nobody has this password").unwrap_or_default())
                .clone()
        });
        let right = PasswordHash::new(&hash).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(password.as_bytes(), &hash)
                .is_ok()
        });
        right && known
    })
    .await
    .unwrap_or(false)
}
