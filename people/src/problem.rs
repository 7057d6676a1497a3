//! What can go wrong, as codes: the words that people read stand in `app`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which field of a form is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// A person's name.
    Name,
    /// A birth date.
    Birth,
    /// A phone number.
    Phone,
    /// A login id.
    LoginId,
    /// A password.
    Password,
    /// The proof of the phone.
    Proof,
    /// Consent to the terms of use.
    ConsentTerms,
    /// Consent to the use of personal data.
    ConsentPrivacy,
    /// A municipality.
    Municipality,
    /// A set of roles.
    Roles,
    /// A merchant.
    Merchant,
    /// A bank.
    Bank,
    /// The number of a bank account.
    AccountNumber,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nothing was given.
    Missing,
    /// Not of the right shape.
    Shape,
    /// Shorter than allowed.
    TooShort,
    /// Longer than allowed.
    TooLong,
    /// A date that cannot be (before 1900, in the future).
    OutOfRange,
    /// It looks like a resident registration number, which is never kept.
    LooksLikeRegistrationNumber,
    /// Not a mobile number: no code can be sent there.
    NotMobile,
    /// The login id belongs to somebody.
    Taken,
    /// Under 14 years of age on this day in Seoul.
    Under14,
    /// The password is on the list of those that leaks hold most often.
    Breached,
    /// The password holds the login id, the name, the birth date or the phone.
    Personal,
    /// The password is one character, or one run like `abcdefgh`, over and over.
    Repetitive,
    /// The proof is unknown, used up, too old or made for another purpose.
    ProofInvalid,
    /// The phone that was proved is not the one given.
    ProofOtherPhone,
    /// Roles that do not go together, or not with this municipality or merchant.
    NotAllowed,
}

/// One field and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{field:?}: {reason:?}")]
pub struct Problem {
    /// The field.
    pub field: Field,
    /// The reason.
    pub reason: Reason,
}

impl Problem {
    /// One problem.
    pub fn new(field: Field, reason: Reason) -> Self {
        Self { field, reason }
    }
}

/// Problems as one line of codes, for the command line.
pub(crate) fn list(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// The house could not do it, and the person can do nothing about it but try later. For logs, not for pages;
/// holds nothing personal (bound values are never part of a database's message here).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The database refused.
    #[error("the database: {0}")]
    Store(String),
    /// The database could not be reached, or cannot write now.
    #[error("the database is away: {0}")]
    Away(String),
    /// A sealed column did not open: a key of `NEUL_DATA_KEYS` is missing, or the row was changed.
    #[error("a sealed column did not open: {0}")]
    Sealed(#[from] crate::UnsealError),
    /// A row holds what this program cannot read.
    #[error("an unreadable row: {0}")]
    Row(String),
    /// Too many are waiting for the same; in milliseconds, when to come again.
    #[error("busy; again in {retry_after_ms} ms")]
    Busy {
        /// When to come again, in milliseconds.
        retry_after_ms: i64,
    },
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        // `Display` of a database error is its message alone; the detail, which may quote values, is left out.
        if store::is_away(&error) {
            Self::Away(error.to_string())
        } else {
            Self::Store(error.to_string())
        }
    }
}

/// Hides a value from `Debug`.
pub(crate) struct Hidden;

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}
