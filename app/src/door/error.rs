//! Why a page cannot be shown, and what is said instead. Each variant's comment names the HTTP status it
//! becomes. A person gets a page in their language; what went wrong inside stands in the log only, under an
//! id that the page shows.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

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
    /// 403: payments from this person's wallets are locked until the password is changed.
    Locked,
    /// 404: nothing at this address, or nothing that this person may know of.
    NotFound,
    /// 403: the request did not come from one of our own pages.
    Foreign,
    /// 413: more bytes than a form of ours has.
    TooLarge,
    /// 503: more at once than can be served; nothing was begun.
    Crowded,
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
            ledger::LedgerError::Store(error) if store::is_away(&error) => {
                tracing::warn!(%error, "the ledger's database is away");
                Self::Away
            }
            other => Self::inside(other),
        }
    }
}

impl From<people::Fault> for PageError {
    fn from(error: people::Fault) -> Self {
        match error {
            people::Fault::Away(why) => {
                tracing::warn!(why, "the people's database is away");
                Self::Away
            }
            other => Self::inside(other),
        }
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
            Self::Locked => return crate::devices::locked(ctx),
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
            Self::Away => {
                ctx.house.doubt();
                let (title, text) = (word!(lang, errors.away_title), word!(lang, errors.away));
                return not_now(ctx, title, text, crate::calm::AGAIN_S);
            }
            Self::Crowded => {
                let seconds = CROWDED_S.to_string();
                let title = word!(lang, errors.crowded_title);
                let text = word!(lang, errors.crowded, seconds = seconds);
                return not_now(ctx, title, text, CROWDED_S);
            }
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

/// When whoever found it crowded may come again, s.
const CROWDED_S: i64 = 5;

/// 503, and when to come again.
fn not_now(ctx: &Ctx, title: String, text: String, again_s: i64) -> Response {
    let mut response = shell::problem(ctx, StatusCode::SERVICE_UNAVAILABLE, title, text, None);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(again_s));
    response
}
