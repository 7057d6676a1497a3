//! Why a page cannot be shown, and what is said instead. Each variant's comment names the HTTP status it
//! becomes. A person gets a page in their language; what went wrong inside stands in the log only, under an
//! id that the page shows.

use axum::{http::StatusCode, response::Response};

use super::Ctx;
use crate::{shell, word};

/// Why a page cannot be shown.
#[derive(Debug)]
pub enum PageError {
    /// 303 to the sign-in page, and back afterwards.
    SignIn {
        /// Path to come back to.
        next: String,
    },
    /// 303 to the second factor of staff, and back afterwards.
    SecondFactor {
        /// Path to come back to.
        next: String,
    },
    /// 403: signed in, but not as somebody who may see this.
    Forbidden,
    /// 404: nothing at this address, or nothing that this person may know of.
    NotFound,
    /// 403: the request did not come from one of our own pages.
    Foreign,
    /// 413: more bytes than a form of ours has.
    TooLarge,
    /// 503: the database cannot be asked now; nobody is signed out, nothing was charged.
    Away,
    /// 500: a mistake of ours, with what only the log may say.
    Broken(String),
}

impl From<ledger::LedgerError> for PageError {
    fn from(error: ledger::LedgerError) -> Self {
        match error {
            ledger::LedgerError::Refused(
                ledger::Refusal::UnknownProgramme
                | ledger::Refusal::UnknownMerchant
                | ledger::Refusal::UnknownTransfer
                | ledger::Refusal::UnknownPayout
                | ledger::Refusal::UnknownLot
                | ledger::Refusal::UnknownGift
                | ledger::Refusal::UnknownRemittance
                | ledger::Refusal::UnknownHold,
            ) => Self::NotFound,
            other => Self::inside(other),
        }
    }
}

impl From<people::Fault> for PageError {
    fn from(error: people::Fault) -> Self {
        Self::inside(error)
    }
}

impl PageError {
    /// A mistake of ours; `what` goes to the log.
    pub fn inside(what: impl std::fmt::Display) -> Self {
        Self::Broken(what.to_string())
    }

    /// The page that says it.
    pub async fn page(self, ctx: &Ctx) -> Response {
        let lang = ctx.lang;
        let (status, title, text, id) = match self {
            Self::SignIn { next } => {
                let next = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
                return shell::redirect(ctx, &format!("/login?{next}"));
            }
            Self::SecondFactor { next } => {
                let next = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
                return shell::redirect(ctx, &format!("/second-factor?{next}"));
            }
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                word!(lang, errors.forbidden_title),
                word!(lang, errors.forbidden),
                None,
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                word!(lang, errors.not_found_title),
                word!(lang, errors.not_found),
                None,
            ),
            Self::Foreign => (
                StatusCode::FORBIDDEN,
                word!(lang, errors.foreign_title),
                word!(lang, errors.foreign),
                None,
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                word!(lang, errors.too_large_title),
                word!(lang, errors.too_large),
                None,
            ),
            Self::Away => (
                StatusCode::SERVICE_UNAVAILABLE,
                word!(lang, errors.away_title),
                word!(lang, errors.away),
                None,
            ),
            Self::Broken(what) => {
                let id = people::random_token()[..12].to_owned();
                // Without the query, which may hold what somebody typed.
                let path = ctx.path.split('?').next().unwrap_or_default();
                tracing::error!(error_id = %id, path, what, "a page could not be shown");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    word!(lang, errors.broken_title),
                    word!(lang, errors.broken),
                    Some(id),
                )
            }
        };
        shell::problem(ctx, status, title, text, id)
    }
}
