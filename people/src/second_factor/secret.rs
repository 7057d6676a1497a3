//! Secrets and codes themselves, without a database.

use rand::{Rng, RngCore};
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use super::Enrolment;
use crate::Fault;

/// 160 bits, as RFC 4226 section 4 recommends.
const SECRET_BYTES: usize = 20;
/// How an authenticator app names this house. ASCII: some apps show anything else as question marks.
const ISSUER: &str = "Neul";
/// How many recovery codes there are.
const RECOVERY_CODES: usize = 10;
/// Their length, without the dash in the middle: ten signs of thirty are 49 bits, tried at most thirty times a day.
const RECOVERY_CHARS: usize = 10;
/// Signs that are not taken for each other.
const SIGNS: &[u8; 30] = b"abcdefghjkmnpqrstvwxyz23456789";

/// A new secret, in base 32.
pub(super) fn fresh() -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0_u8; SECRET_BYTES]);
    rand::rng().fill_bytes(bytes.as_mut());
    Zeroizing::new(Secret::from(bytes.as_slice()).to_base32())
}

fn totp(secret: &str, login_id: &str) -> Result<Totp, Fault> {
    let broken = |what: String| Fault::Row(format!("a second factor's secret: {what}"));
    let secret = Secret::try_from_base32(secret).map_err(|error| broken(error.to_string()))?;
    Builder::new()
        .with_secret(secret)
        .with_issuer(Some(ISSUER))
        .with_account_name(login_id)
        .build()
        .map_err(|error| broken(error.to_string()))
}

/// What an app needs to know.
pub(super) fn enrolment(secret: &str, login_id: &str) -> Result<Enrolment, Fault> {
    let url = totp(secret, login_id)?
        .to_url()
        .map_err(|error| Fault::Row(format!("a second factor's address: {error}")))?;
    Ok(Enrolment {
        secret: secret.to_owned(),
        url,
    })
}

/// The time step that a code belongs to, if it is one of this secret's around `at`.
pub(super) fn step_of(secret: &str, code: &str, at: i64) -> Result<Option<i64>, Fault> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let seconds = u64::try_from(at / 1_000).unwrap_or_default();
    let step = totp(secret, "code")?.check(&digits, seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// Ten new recovery codes: `abcde-fghjk`.
pub(super) fn recovery_codes() -> Vec<String> {
    let mut rng = rand::rng();
    (0..RECOVERY_CODES)
        .map(|_| {
            let signs: String = (0..RECOVERY_CHARS)
                .map(|_| char::from(SIGNS[rng.random_range(0..SIGNS.len())]))
                .collect();
            format!("{}-{}", &signs[..5], &signs[5..])
        })
        .collect()
}

/// A recovery code as it is hashed: without what people add or leave out.
pub(super) fn plain(code: &str) -> Option<String> {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    (plain.len() == RECOVERY_CHARS).then_some(plain)
}
