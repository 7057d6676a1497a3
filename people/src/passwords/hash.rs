//! Hashing: argon2id in threads of its own, a few at a time, a bounded number waiting.
//!
//! One hash costs 19 MiB and about 20–40 ms of a processor. Without a bound, a burst of sign-ins would take
//! the memory of the house; with it, the rest are told to come again.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::SaltString,
};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::{Fault, Policy};

const WAITING_PER_PLACE: usize = 64;

pub(crate) struct Hasher {
    argon2: Argon2<'static>,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    done: Arc<AtomicU64>,
    dummy: String,
}

impl Hasher {
    pub(crate) fn new(policy: &Policy) -> Self {
        let (memory_kib, passes, lanes) = policy.argon2;
        let params = Params::new(memory_kib, passes, lanes, None).unwrap_or_default();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let places = match policy.hashes_at_once {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        Self {
            dummy: dummy(&argon2),
            argon2,
            running: Arc::new(Semaphore::new(places)),
            waiting: Arc::new(Semaphore::new(places * WAITING_PER_PLACE)),
            done: Arc::default(),
        }
    }

    /// Hashes and verifications done so far.
    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// The text to keep (PHC string).
    pub(crate) async fn hash(&self, password: &str) -> Result<String, Fault> {
        let argon2 = self.argon2.clone();
        self.run(password, move |password| {
            let salt = salt()?;
            argon2
                .hash_password(password, &salt)
                .map(|hash| hash.to_string())
                .map_err(row)
        })
        .await
    }

    /// Whether the password is the kept one. Without a kept one it does the same work, and says no.
    pub(crate) async fn verify(&self, password: &str, kept: Option<&str>) -> Result<bool, Fault> {
        let known = kept.is_some();
        let kept = kept.unwrap_or(&self.dummy).to_owned();
        let argon2 = self.argon2.clone();
        let same = self
            .run(password, move |password| {
                let kept = PasswordHash::new(&kept).map_err(row)?;
                Ok(argon2.verify_password(password, &kept).is_ok())
            })
            .await?;
        Ok(same && known)
    }

    /// Whether a kept text was made with other settings than today's, and should be made anew.
    pub(crate) fn is_outdated(&self, kept: &str) -> bool {
        PasswordHash::new(kept)
            .ok()
            .and_then(|hash| Params::try_from(&hash).ok())
            .is_none_or(|params| {
                let now = self.argon2.params();
                (params.m_cost(), params.t_cost(), params.p_cost())
                    != (now.m_cost(), now.t_cost(), now.p_cost())
            })
    }

    async fn run<T, F>(&self, password: &str, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&[u8]) -> Result<T, Fault> + Send + 'static,
    {
        let busy = Fault::Busy { retry_after_ms: 2000 };
        let _waiting = self
            .waiting
            .clone()
            .try_acquire_owned()
            .map_err(|_| busy.clone())?;
        let place = self.running.clone().acquire_owned().await.map_err(|_| busy)?;
        let password = Zeroizing::new(password.as_bytes().to_vec());
        let done = self.done.clone();
        tokio::task::spawn_blocking(move || {
            let _place = place;
            done.fetch_add(1, Ordering::Relaxed);
            work(&password)
        })
        .await
        .map_err(|error| Fault::Row(format!("hashing a password ended early: {error}")))?
    }
}

fn salt() -> Result<SaltString, Fault> {
    let mut bytes = [0_u8; 16];
    rand::RngCore::fill_bytes(&mut rand::rng(), &mut bytes);
    SaltString::encode_b64(&bytes).map_err(row)
}

/// A kept text that no password fits, in today's settings; made without hashing.
fn dummy(argon2: &Argon2<'_>) -> String {
    use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
    let mut bytes = [0_u8; 48];
    rand::RngCore::fill_bytes(&mut rand::rng(), &mut bytes);
    let params = argon2.params();
    format!(
        "$argon2id$v=19$m={},t={},p={}${}${}",
        params.m_cost(),
        params.t_cost(),
        params.p_cost(),
        BASE64_STANDARD_NO_PAD.encode(&bytes[..16]),
        BASE64_STANDARD_NO_PAD.encode(&bytes[16..])
    )
}

fn row(error: argon2::password_hash::Error) -> Fault {
    Fault::Row(format!("password hash: {error}"))
}
