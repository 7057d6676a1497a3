//! Sessions: a row plus a signed cookie. They survive restarts and rotated keys, and end when they are ended.
//!
//! Cost of a signed-in request: one HMAC, one query; and one small update at most once a minute.

mod cookie;
mod device;
mod ending;
mod rebuild;
mod theirs;
mod who;

use std::time::Duration;

pub use cookie::{Claims, Kind};
pub(crate) use device::read_user_agent;
pub use device::{Client, Device, DeviceForm};
pub use ending::{Ended, EndingReason, WhoseSessions, WhyEnded};
use serde::{Deserialize, Serialize};
use sqlx::{Any, Transaction};
pub use theirs::NewDevice;
pub use who::Who;

use crate::{Fault, People, Roles, SecondFactor, house::MINUTE_MS, limits::masked_ip};

/// One signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The row's id.
    pub id: i64,
    /// Who.
    pub who: Who,
    /// When it was signed in, in milliseconds.
    pub started_at: i64,
    /// When it was last seen before this request, in milliseconds (to a minute).
    pub seen_at: i64,
    /// Since when nothing is paid from this login's wallets, ms: they said of a device that it was not theirs.
    pub locked_at: Option<i64>,
    /// How it stands with the second factor of staff.
    pub second_factor: SecondFactor,
}

impl Session {
    /// What form tokens of this session are bound to.
    pub fn form_secret(&self) -> String {
        format!("session {}", self.id)
    }
}

/// What a new session is made for.
pub(crate) struct Opening<'a> {
    pub id: i64,
    pub municipality: i64,
    pub login: i64,
    pub client: &'a Client,
}

type SessionRow = (
    i64,
    i64,
    i64,
    String,
    String,
    i64,
    String,
    String,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
);

impl People {
    /// The session behind a cookie, or `None` where there is none any more: signed by no key we have, ended,
    /// over its time, or of somebody who was deactivated.
    pub async fn session(&self, cookie: &str, client: &Client, at: i64) -> Result<Option<Session>, Fault> {
        let Some(claims) = self.verify_cookie(cookie) else {
            return Ok(None);
        };
        let mut rows = self.session_rows(&claims).await?;
        if rows.is_empty() && self.rebuild(&claims, client, at).await? {
            rows = self.session_rows(&claims).await?;
        }
        let Some((
            started_at,
            seen_at,
            login,
            kind,
            login_id,
            municipality,
            name,
            roles,
            merchant,
            _,
            _,
            shown_at,
            set_up_at,
            locked_at,
        )) = rows.first()
        else {
            return Ok(None);
        };
        if *login != claims.login
            || kind != claims.kind.name()
            || self.is_over(claims.kind, *started_at, *seen_at, at)
        {
            return Ok(None);
        }
        let name = self.unseal_as(*municipality, "logins.name", name)?;
        let login_id = login_id.clone();
        let who = match claims.kind {
            Kind::Resident => Who::Resident {
                login: *login,
                login_id,
                name,
                holders: rows.iter().filter_map(|row| Some((row.9?, row.10?))).collect(),
            },
            Kind::Staff => Who::Staff {
                id: *login,
                login_id,
                name,
                municipality: *municipality,
                roles: Roles::from_text(roles),
                merchant: *merchant,
            },
        };
        // Whoever has one is asked for it, in a demo too.
        let second_factor = match (claims.kind, shown_at, set_up_at) {
            (Kind::Staff, Some(_), Some(_)) => SecondFactor::Shown,
            (Kind::Staff, None, Some(_)) => SecondFactor::Wanted,
            (Kind::Staff, _, None) if self.asks_second_factor().await? => SecondFactor::NotSetUp,
            _ => SecondFactor::NotAsked,
        };
        if at - seen_at >= MINUTE_MS {
            self.touch(claims.session, client, at).await;
        }
        Ok(Some(Session {
            id: claims.session,
            who,
            started_at: *started_at,
            seen_at: *seen_at,
            locked_at: *locked_at,
            second_factor,
        }))
    }

    /// What the store says of a session that lives; a row for each municipality in which its resident holds money.
    async fn session_rows(&self, claims: &Claims) -> Result<Vec<SessionRow>, Fault> {
        let rows = sqlx::query_as(
            "SELECT s.started_at, s.seen_at, l.id, l.kind, l.login_id, l.municipality, l.name_sealed, l.roles, \
             l.merchant, r.municipality AS holder_municipality, r.id AS holder, s.proved_at, t.confirmed_at, l.locked_at \
             FROM sessions s JOIN logins l ON l.id = s.login LEFT JOIN residents r ON r.login = l.id \
             LEFT JOIN totp t ON t.login = l.id \
             WHERE s.id = $1 AND s.ended_at IS NULL AND l.active = 1 \
             ORDER BY CASE WHEN r.municipality = l.municipality THEN 0 ELSE 1 END, r.municipality, r.id",
        )
        .bind(claims.session)
        .fetch_all(&self.store().read)
        .await?;
        Ok(rows)
    }

    /// The session that a cookie speaks of, while the store cannot be asked: what was known of it, or of a resident
    /// the bare login without name and holders. Gives sight only; whoever was never seen here and works for a
    /// municipality is nobody, since what they may do stands in the store alone.
    pub fn session_by_cookie(&self, claims: &Claims, known: Option<Session>, at: i64) -> Option<Session> {
        let known = known.filter(|known| known.id == claims.session && known.who.login() == claims.login);
        let session = match (known, claims.kind) {
            (Some(known), _) => known,
            (None, Kind::Resident) => Session {
                id: claims.session,
                who: Who::Resident {
                    login: claims.login,
                    login_id: String::new(),
                    name: String::new(),
                    holders: Vec::new(),
                },
                started_at: claims.issued_at,
                seen_at: claims.issued_at,
                locked_at: None,
                second_factor: SecondFactor::NotAsked,
            },
            (None, Kind::Staff) => return None,
        };
        (!self.is_over(claims.kind, session.started_at, session.seen_at, at)).then_some(session)
    }

    /// The rule of time: residents 90 days; staff 12 hours, and 30 minutes unused.
    pub(crate) fn is_over(&self, kind: Kind, started_at: i64, seen_at: i64, at: i64) -> bool {
        let policy = &self.inner.policy;
        match kind {
            Kind::Resident => at - started_at >= policy.resident_session_ms,
            Kind::Staff => at - started_at >= policy.staff_session_ms || at - seen_at >= policy.staff_idle_ms,
        }
    }

    /// Writes down that the session was seen. A request waits for it a moment at most: seeing a
    /// page must not hang on a busy or read-only database.
    async fn touch(&self, session: i64, client: &Client, at: i64) {
        let pool = self.store().write.clone();
        let ip = masked_ip(&client.ip);
        let write = tokio::spawn(async move {
            let done = sqlx::query(
                "UPDATE sessions SET seen_at = $1, ip_masked = $2 WHERE id = $3 AND seen_at < $4",
            )
            .bind(at)
            .bind(ip)
            .bind(session)
            .bind(at - MINUTE_MS + 1)
            .execute(&pool)
            .await;
            if let Err(error) = done {
                tracing::warn!(%error, "a session's last-seen time was not written");
            }
        });
        let _late = tokio::time::timeout(Duration::from_millis(self.inner.policy.seen_wait_ms), write).await;
    }

    /// Makes a session's row; the cookie for it comes from [`People::sign_cookie`].
    pub(crate) async fn open(
        transaction: &mut Transaction<'static, Any>,
        opening: &Opening<'_>,
        at: i64,
    ) -> sqlx::Result<()> {
        let (browser, system, form) = device::read_user_agent(&opening.client.user_agent);
        let known = theirs::is_known(
            transaction,
            opening.login,
            (browser.as_str(), system.as_str(), form.name()),
        )
        .await?;
        sqlx::query(
            "INSERT INTO sessions (id, municipality, login, browser, system, form, ip_masked, started_at, seen_at, standing) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)",
        )
        .bind(opening.id)
        .bind(opening.municipality)
        .bind(opening.login)
        .bind(browser)
        .bind(system)
        .bind(form.name())
        .bind(masked_ip(&opening.client.ip))
        .bind(at)
        .bind(i64::from(known))
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// Ends this session.
    pub async fn sign_out(&self, session: &Session, at: i64) -> Result<(), Fault> {
        self.end_session(session, session.id, at).await?;
        Ok(())
    }

    /// Ends the session that a browser came with before it signed in anew: to be called after every sign-in, so
    /// that a browser never has two.
    pub async fn replace(&self, old: &Session, at: i64) -> Result<(), Fault> {
        sqlx::query(
            "UPDATE sessions SET ended_at = $1, end_reason = 'replaced' WHERE id = $2 AND ended_at IS NULL",
        )
        .bind(at)
        .bind(old.id)
        .execute(&self.store().write)
        .await?;
        Ok(())
    }

    /// Ends one of the same login's sessions; whether it was there to end.
    pub async fn end_session(&self, session: &Session, device: i64, at: i64) -> Result<bool, Fault> {
        let reason = if device == session.id {
            "signed out"
        } else {
            "ended from another device"
        };
        let done = sqlx::query(
            "UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE id = $3 AND login = $4 AND ended_at IS NULL",
        )
        .bind(at)
        .bind(reason)
        .bind(device)
        .bind(session.who.login())
        .execute(&self.store().write)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Ends all of the same login's sessions but this one; how many there were.
    pub async fn end_other_sessions(&self, session: &Session, at: i64) -> Result<u64, Fault> {
        let done = sqlx::query(
            "UPDATE sessions SET ended_at = $1, end_reason = 'ended from another device' \
             WHERE login = $2 AND id <> $3 AND ended_at IS NULL",
        )
        .bind(at)
        .bind(session.who.login())
        .bind(session.id)
        .execute(&self.store().write)
        .await?;
        Ok(done.rows_affected())
    }
}

/// Ends all sessions of a login, with what belongs to it.
pub(crate) async fn end_all(
    transaction: &mut Transaction<'static, Any>,
    login: i64,
    reason: &str,
    at: i64,
) -> sqlx::Result<u64> {
    let done = sqlx::query(
        "UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE login = $3 AND ended_at IS NULL",
    )
    .bind(at)
    .bind(reason)
    .bind(login)
    .execute(&mut **transaction)
    .await?;
    Ok(done.rows_affected())
}
