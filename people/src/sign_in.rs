//! Signing in: residents and staff through one door.
//!
//! Nobody learns whether a login id exists: an unknown one costs the same hash and the same statements before
//! the answer, and the answer is the same. Failures are counted per login id and address (10 in ten minutes),
//! per login id (50 an hour) and per address (200 in ten minutes); success gives its count back. The buckets
//! stand in the database, see [`crate::limits`].

use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

use crate::{
    Actor, Audit, Claims, Client, Fault, Kind, PASSWORD_CHARS_MAX, People, Session, audit,
    house::{HOUR_MS, MINUTE_MS},
    limits::{Limit, subscriber},
    login_id, passwords,
    sessions::Opening,
    sign_ins::{self, Outcome},
};

/// Why a sign-in failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum SignInProblem {
    /// Login id or password is wrong (or the login is closed: not told).
    #[error("wrong login id or password")]
    Wrong,
    /// Too many failures; when to come again, in milliseconds.
    #[error("too many failures; again in {retry_after_ms} ms")]
    SlowDown {
        /// When to come again, in milliseconds.
        retry_after_ms: i64,
    },
    /// The house could not do it.
    #[error(transparent)]
    Fault(Fault),
}

impl From<Fault> for SignInProblem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Busy { retry_after_ms } => Self::SlowDown { retry_after_ms },
            fault => Self::Fault(fault),
        }
    }
}

impl From<sqlx::Error> for SignInProblem {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// A new session.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// What to put into the cookie. Whoever has it is this person.
    pub cookie_value: String,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

impl People {
    /// Opens a new session. The caller ends the one that the browser came with: [`People::replace`].
    pub async fn sign_in(
        &self,
        login_id: &str,
        password: &str,
        client: &Client,
        at: i64,
    ) -> Result<SignedIn, SignInProblem> {
        let login_id = login_id::fold(login_id);
        let limits = self.sign_in_limits(&login_id, client);
        for (passed, limit) in limits.iter().enumerate() {
            if let Err(refused) = self.try_pass(limit, at).await? {
                for earlier in &limits[..passed] {
                    self.give_back(earlier).await?;
                }
                return Err(SignInProblem::SlowDown {
                    retry_after_ms: refused.retry_after_ms,
                });
            }
        }
        let password = passwords::normal(password);
        let kept: Option<(i64, i64, String, String)> = sqlx::query_as(
            "SELECT id, municipality, kind, password_hash FROM logins WHERE login_id = $1 AND active = 1",
        )
        .bind(&login_id)
        .fetch_optional(&self.store().read)
        .await?;
        let too_long = password.chars().count() > PASSWORD_CHARS_MAX;
        let given = if too_long { "" } else { password.as_str() };
        let hash = kept.as_ref().map(|(.., hash)| hash.as_str());
        let fits = match self.inner.hasher.verify(given, hash).await {
            Ok(fits) => fits,
            Err(fault) => {
                for limit in &limits {
                    self.give_back(limit).await?;
                }
                return Err(fault.into());
            }
        };
        if let Some((login, municipality, kind, _)) = &kept
            && !fits
            && kind == Kind::Staff.name()
        {
            self.note_sign_in(*login, *municipality, Outcome::WrongPassword, client, at);
        }
        let Some((login, municipality, kind, hash)) = kept.filter(|_| fits) else {
            return Err(SignInProblem::Wrong);
        };
        let kind = if kind == Kind::Staff.name() {
            Kind::Staff
        } else {
            Kind::Resident
        };
        for limit in &limits {
            self.give_back(limit).await?;
        }
        let hash = if self.inner.hasher.is_outdated(&hash) {
            self.hash_anew(login, &password, hash).await?
        } else {
            hash
        };
        self.open_for(login, municipality, kind, &hash, client, at).await
    }

    /// Makes the session of a login whose password was just checked.
    async fn open_for(
        &self,
        login: i64,
        municipality: i64,
        kind: Kind,
        hash: &str,
        client: &Client,
        at: i64,
    ) -> Result<SignedIn, SignInProblem> {
        let mut ids = self.store().ids(municipality, 3).await?;
        let (Some(id), Some(audit_id), Some(line)) = (ids.next(), ids.next(), ids.next()) else {
            return Err(Fault::Row("no ids".to_owned()).into());
        };
        let mut transaction = self.store().begin().await?;
        // A password that was reset, or a login closed, since the check: no session by the old one.
        let sql = format!(
            "SELECT id FROM logins WHERE id = $1 AND password_hash = $2 AND active = 1{}",
            self.store().for_update()
        );
        let still: Option<(i64,)> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(login)
            .bind(hash)
            .fetch_optional(&mut *transaction)
            .await?;
        if still.is_none() {
            return Err(SignInProblem::Wrong);
        }
        Self::open(
            &mut transaction,
            &Opening {
                id,
                municipality,
                login,
                client,
            },
            at,
        )
        .await?;
        if kind == Kind::Staff {
            let deed = Audit {
                municipality,
                actor_kind: Actor::Staff,
                actor_id: login,
                action: "session.start".to_owned(),
                record: format!("login/{login}"),
                from_ip: client.ip.clone(),
                detail: String::new(),
            };
            let place = (municipality, line);
            sign_ins::write(&mut transaction, place, login, Outcome::SignedIn, client, at).await?;
            audit::write(&mut transaction, audit_id, &deed, at).await?;
        }
        transaction.commit().await?;
        let cookie_value = self.sign_cookie(&Claims {
            session: id,
            kind,
            login,
            issued_at: at,
        });
        let session = self
            .session(&cookie_value, client, at)
            .await?
            .ok_or_else(|| Fault::Row("a session that was just made is not there".to_owned()))?;
        Ok(SignedIn {
            session,
            cookie_value,
        })
    }

    /// The three buckets of one try.
    fn sign_in_limits(&self, login_id: &str, client: &Client) -> [Limit; 3] {
        let policy = &self.inner.policy;
        let subscriber = subscriber(&client.ip);
        [
            self.limit(
                "sign-in pair",
                &format!("{login_id}\u{1f}{subscriber}"),
                policy.failures_per_pair,
                10 * MINUTE_MS,
            ),
            self.limit("sign-in login", login_id, policy.failures_per_login, HOUR_MS),
            self.limit("sign-in ip", &subscriber, policy.failures_per_ip, 10 * MINUTE_MS),
        ]
    }

    /// Keeps the password under today's settings, if nobody has changed it meanwhile.
    async fn hash_anew(&self, login: i64, password: &str, old: String) -> Result<String, Fault> {
        let new = self.inner.hasher.hash(password).await?;
        let done = sqlx::query("UPDATE logins SET password_hash = $1 WHERE id = $2 AND password_hash = $3")
            .bind(&new)
            .bind(login)
            .bind(&old)
            .execute(&self.store().write)
            .await?;
        Ok(if done.rows_affected() == 1 { new } else { old })
    }

    /// Passwords hashed or checked so far by this program: tests count work by it instead of time.
    pub fn hashes_done(&self) -> u64 {
        self.inner.hasher.done()
    }
}
