//! Sessions that ended, and why: so that whoever has to sign in again is told, above all when it was us.

use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

use crate::{Actor, Audit, Fault, Kind, People, audit};

/// How the row says that we did it.
const BY_US: &str = "by us";
/// The longest reason, in characters.
const REASON_MAX: usize = 300;

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When, ms.
    pub at: i64,
    /// Why.
    pub why: WhyEnded,
}

/// Why a session ended, where its owner did not end it in that browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyEnded {
    /// An operator of this house ended it on purpose.
    ByUs {
        /// Why, in Korean.
        reason: String,
        /// The same in English.
        reason_en: String,
    },
    /// The same login ended it from another device.
    OtherDevice,
    /// The same login said of it that it was not them.
    NotTheirs,
    /// The password was changed or set anew.
    PasswordChanged,
    /// Its time was over.
    TimeOver,
}

/// Whose sessions are ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhoseSessions {
    /// Everybody's.
    Everybody,
    /// One login's, by its login id.
    Login(String),
    /// Those that were signed in before this instant, ms.
    SignedInBefore(i64),
}

/// What is told of an ending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndingReason {
    /// In Korean.
    pub korean: String,
    /// In English.
    pub english: String,
}

impl EndingReason {
    /// A reason in both languages; `None` if one is empty or too long (300 characters).
    pub fn new(korean: &str, english: &str) -> Option<Self> {
        let fits = |text: &str| !text.is_empty() && text.chars().count() <= REASON_MAX;
        let (korean, english) = (korean.trim(), english.trim());
        (fits(korean) && fits(english)).then(|| Self {
            korean: korean.to_owned(),
            english: english.to_owned(),
        })
    }
}

impl People {
    /// How the session behind a cookie of ours ended; `None` where it has not, where its owner signed out there, or
    /// where it was so long ago that nothing is known of it.
    pub async fn ended(&self, cookie: &str, at: i64) -> Result<Option<Ended>, Fault> {
        let Some(claims) = self.verify_cookie(cookie) else {
            return Ok(None);
        };
        type Row = (
            i64,
            i64,
            Option<i64>,
            Option<String>,
            Option<String>,
            Option<String>,
        );
        let row: Option<Row> = sqlx::query_as(
            "SELECT s.started_at, s.seen_at, s.ended_at, s.end_reason, e.reason, e.reason_en FROM sessions s \
             LEFT JOIN session_endings e ON e.id = s.ending WHERE s.id = $1 AND s.login = $2",
        )
        .bind(claims.session)
        .bind(claims.login)
        .fetch_optional(&self.store().read)
        .await?;
        let Some((started_at, seen_at, ended_at, end_reason, reason, reason_en)) = row else {
            return Ok(None);
        };
        let Some(ended_at) = ended_at else {
            let over = self.is_over(claims.kind, started_at, seen_at, at);
            let policy = &self.inner.policy;
            let over_at = match claims.kind {
                Kind::Resident => started_at + policy.resident_session_ms,
                Kind::Staff => (started_at + policy.staff_session_ms).min(seen_at + policy.staff_idle_ms),
            };
            return Ok(over.then_some(Ended {
                at: over_at,
                why: WhyEnded::TimeOver,
            }));
        };
        let why = match (end_reason.as_deref(), reason, reason_en) {
            (Some(BY_US), Some(reason), Some(reason_en)) => WhyEnded::ByUs { reason, reason_en },
            (Some("ended from another device"), ..) => WhyEnded::OtherDevice,
            (Some("not theirs"), ..) => WhyEnded::NotTheirs,
            (Some("password was changed" | "password was reset"), ..) => WhyEnded::PasswordChanged,
            _ => return Ok(None),
        };
        Ok(Some(Ended { at: ended_at, why }))
    }

    /// Ends sessions on purpose, with a reason that each of their owners is told when they come back. How many there
    /// were; `None` where no login has that id. It is on record.
    pub async fn end_sessions(
        &self,
        whose: &WhoseSessions,
        reason: &EndingReason,
        at: i64,
    ) -> Result<Option<u64>, Fault> {
        let (condition, value) = match whose {
            WhoseSessions::Everybody => ("$3 = $3", 0),
            WhoseSessions::SignedInBefore(before) => ("started_at < $3", *before),
            WhoseSessions::Login(login_id) => {
                let found: Option<(i64,)> = sqlx::query_as("SELECT id FROM logins WHERE login_id = $1")
                    .bind(crate::login_id::fold(login_id))
                    .fetch_optional(&self.store().read)
                    .await?;
                let Some((login,)) = found else {
                    return Ok(None);
                };
                ("login = $3", login)
            }
        };
        let mut ids = self.store().ids(0, 2).await?;
        let (Some(id), Some(audit_id)) = (ids.next(), ids.next()) else {
            return Err(Fault::Row("no ids".to_owned()));
        };
        let mut transaction = self.store().begin().await?;
        sqlx::query(
            "INSERT INTO session_endings (id, at, reason, reason_en, sessions) VALUES ($1, $2, $3, $4, 0)",
        )
        .bind(id)
        .bind(at)
        .bind(&reason.korean)
        .bind(&reason.english)
        .execute(&mut *transaction)
        .await?;
        let sql = format!(
            "UPDATE sessions SET ended_at = $1, end_reason = '{BY_US}', ending = $2 \
             WHERE ended_at IS NULL AND {condition}"
        );
        let ended = sqlx::query(AssertSqlSafe(sql))
            .bind(at)
            .bind(id)
            .bind(value)
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        sqlx::query("UPDATE session_endings SET sessions = $1 WHERE id = $2")
            .bind(i64::try_from(ended).unwrap_or(i64::MAX))
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        let deed = Audit {
            municipality: 0,
            actor_kind: Actor::System,
            actor_id: 0,
            action: "sessions.end".to_owned(),
            record: format!("session_ending/{id}"),
            from_ip: String::new(),
            detail: format!("{ended} sessions: {}", reason.korean),
        };
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        Ok(Some(ended))
    }
}
