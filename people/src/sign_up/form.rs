//! What a sign-up takes and gives, and the rule about age.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{Fault, Field, Problem, ProvenPhone, Reason};

/// What the form holds.
#[derive(Clone)]
pub struct SignUp {
    /// The wished login id.
    pub login_id: String,
    /// The password.
    pub password: String,
    /// The person's name.
    pub name: String,
    /// The birth date.
    pub birth: Date,
    /// The proof of the phone, made for [`Purpose::SignUp`]; the phone comes from it.
    pub proven: ProvenPhone,
    /// The home municipality.
    pub municipality: i64,
    /// Consent to the terms of use.
    pub consent_terms: bool,
    /// Consent to the use of personal data.
    pub consent_privacy: bool,
}

impl std::fmt::Debug for SignUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignUp")
            .field("municipality", &self.municipality)
            .finish_non_exhaustive()
    }
}

/// The new login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Its id.
    pub id: i64,
    /// Its login id, as kept.
    pub login_id: String,
    /// The rows that waited for this person and are theirs now: `(municipality, holder)`.
    pub claimed: Vec<(i64, i64)>,
    /// All that is theirs, `(municipality, holder)`, the home municipality first.
    pub holders: Vec<(i64, i64)>,
}

/// Why nobody was signed up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum SignUpError {
    /// Fields to set right, each with its reason.
    #[error("not right: {}", crate::problem::list(.0))]
    Refused(Vec<Problem>),
    /// This very person, whose phone was just proved, has a login already: recover it. To be shown only to the
    /// holder of the proof, as it is.
    #[error("this person has a login")]
    AlreadyHere {
        /// The login id they have.
        login_id: String,
    },
    /// The house could not do it.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<sqlx::Error> for SignUpError {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl SignUpError {
    pub(super) fn one(field: Field, reason: Reason) -> Self {
        Self::Refused(vec![Problem::new(field, reason)])
    }
}

/// The day in Seoul at a moment.
fn seoul_day(at: i64) -> Option<Date> {
    let zone = TimeZone::fixed(jiff::tz::offset(9));
    Some(Timestamp::from_millisecond(at).ok()?.to_zoned(zone).date())
}

/// 14 on the birthday (정보통신망법 제31조, 개인정보 보호법 제22조의2: under 14 a guardian must consent, for which
/// there is no way here). Who was born on 29 February is 14 on 1 March where the year has no 29th.
pub(super) fn check_age(birth: Date, at: i64) -> Result<(), Reason> {
    let today = seoul_day(at).ok_or(Reason::OutOfRange)?;
    if birth > today || birth.year() < 1900 {
        return Err(Reason::OutOfRange);
    }
    let old_enough =
        (today.year() - 14, today.month(), today.day()) >= (birth.year(), birth.month(), birth.day());
    if old_enough { Ok(()) } else { Err(Reason::Under14) }
}
