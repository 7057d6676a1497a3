//! The second factor of staff: a code of an authenticator app (RFC 6238: six digits, thirty seconds, one step of clock
//! difference either way), or one of ten recovery codes.
//!
//! A session of staff is good for nothing but showing the second factor until it was shown. In a demo's database
//! nobody must set one up, and whoever does is asked for it. Codes are good once. Wrong ones are counted per login, whatever the session or address: 5 in ten minutes
//! and 30 a day, so that who has the password alone is right once in about thirty years of trying.

mod keep;
mod secret;

use keep::Kept;
use serde::{Deserialize, Serialize};

use crate::{
    Client, Fault, People, Session, Who, audit,
    house::{HOUR_MS, MINUTE_MS},
    limits::Limit,
    sign_ins::Outcome,
};

/// Where a session stands with its second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// Nobody asks for one: a resident's session, or a demo's and none was set up.
    NotAsked,
    /// It was shown in this session.
    Shown,
    /// It is set up and has not been shown yet.
    Wanted,
    /// It has not been set up yet.
    NotSetUp,
}

impl SecondFactor {
    /// Whether the session may do what its roles say.
    pub fn is_enough(self) -> bool {
        matches!(self, Self::NotAsked | Self::Shown)
    }
}

/// What an authenticator app needs to know. Shown to its owner alone, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The secret in base 32, to type.
    pub secret: String,
    /// `otpauth://totp/…`, to scan.
    pub url: String,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Enrolment(…)")
    }
}

/// How somebody's second factor stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactorState {
    /// Since when it is set up, ms.
    pub set_up_at: Option<i64>,
    /// Recovery codes that were not used yet.
    pub recovery_left: i64,
}

/// Why a code was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactorError {
    /// The code is wrong, or was used before.
    #[error("the code is wrong or was used before")]
    Wrong,
    /// Too many wrong ones; when to come again, in milliseconds.
    #[error("too many wrong codes; again in {retry_after_ms} ms")]
    SlowDown {
        /// When to come again, in milliseconds.
        retry_after_ms: i64,
    },
    /// It is set up already (by another page of the same person), or not at all.
    #[error("the second factor is not in the state that this needs")]
    OtherState,
    /// The house could not do it.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<sqlx::Error> for SecondFactorError {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// Which member of staff, and where they belong.
#[derive(Clone, Copy)]
struct Whose {
    login: i64,
    municipality: i64,
}

fn whose(session: &Session) -> Result<Whose, SecondFactorError> {
    match session.who {
        Who::Staff { id, municipality, .. } => Ok(Whose {
            login: id,
            municipality,
        }),
        Who::Resident { .. } => Err(SecondFactorError::OtherState),
    }
}

impl People {
    /// What to show to somebody who has none yet. The same secret again until a right code has come, so that a page
    /// loaded twice does not take the app's secret away.
    pub async fn enrol_second_factor(
        &self,
        session: &Session,
        at: i64,
    ) -> Result<Enrolment, SecondFactorError> {
        let whose = whose(session)?;
        let fresh = secret::fresh();
        let sealed = self.seal_as(whose.municipality, "totp.secret", &fresh);
        // Only the first of two pages at once makes one.
        sqlx::query(
            "INSERT INTO totp (login, municipality, secret_sealed, made_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (login) DO NOTHING",
        )
        .bind(whose.login)
        .bind(whose.municipality)
        .bind(sealed)
        .bind(at)
        .execute(&self.store().write)
        .await?;
        let kept = self.kept(whose).await?.ok_or(SecondFactorError::OtherState)?;
        if kept.confirmed_at.is_some() {
            return Err(SecondFactorError::OtherState);
        }
        Ok(secret::enrolment(&kept.secret, session.who.login_id())?)
    }

    /// Sets it up with the first right code; the session counts as shown. Gives the recovery codes, this once.
    pub async fn confirm_second_factor(
        &self,
        session: &Session,
        code: &str,
        client: &Client,
        at: i64,
    ) -> Result<Vec<String>, SecondFactorError> {
        let whose = whose(session)?;
        let (kept, limits) = self.begin_try(whose, false, at).await?;
        let step = self.right_step(whose, &kept, code, client, at)?;
        let codes = secret::recovery_codes();
        let audit_id = self.store().id(whose.municipality).await?;
        let mut transaction = self.store().begin().await?;
        let done = sqlx::query(
            "UPDATE totp SET confirmed_at = $1, last_step = $2 WHERE login = $3 AND confirmed_at IS NULL",
        )
        .bind(at)
        .bind(step)
        .bind(whose.login)
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Err(SecondFactorError::OtherState);
        }
        self.keep_recovery_codes(&mut transaction, whose.login, &codes, at)
            .await?;
        Self::mark_shown(&mut transaction, session.id, at).await?;
        let deed = audit::own_deed(
            session,
            whose.municipality,
            client,
            "second_factor.set_up",
            String::new(),
        );
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        self.forgive(&limits).await?;
        Ok(codes)
    }

    /// Shows the second factor for this session: a code of the app, or a recovery code. Gives how many recovery codes
    /// are left where one was used.
    pub async fn show_second_factor(
        &self,
        session: &Session,
        code: &str,
        client: &Client,
        at: i64,
    ) -> Result<Option<i64>, SecondFactorError> {
        let whose = whose(session)?;
        let (kept, limits) = self.begin_try(whose, true, at).await?;
        let step = secret::step_of(&kept.secret, code, at)?;
        let mut ids = self.store().ids(whose.municipality, 2).await?;
        let (Some(id), Some(audit_id)) = (ids.next(), ids.next()) else {
            return Err(Fault::Row("no ids".to_owned()).into());
        };
        let mut transaction = self.store().begin().await?;
        let (fits, outcome) = match step {
            Some(step) => (
                Self::use_step(&mut transaction, whose.login, step).await?,
                Outcome::Shown,
            ),
            None => (
                self.use_recovery_code(&mut transaction, whose.login, code, at)
                    .await?,
                Outcome::RecoveryCode,
            ),
        };
        if !fits {
            transaction.rollback().await?;
            self.note_sign_in(whose.login, whose.municipality, Outcome::WrongCode, client, at);
            return Err(SecondFactorError::Wrong);
        }
        Self::mark_shown(&mut transaction, session.id, at).await?;
        let place = (whose.municipality, id);
        crate::sign_ins::write(&mut transaction, place, whose.login, outcome, client, at).await?;
        if outcome == Outcome::RecoveryCode {
            let deed = audit::own_deed(
                session,
                whose.municipality,
                client,
                "second_factor.recovery_code",
                String::new(),
            );
            audit::write(&mut transaction, audit_id, &deed, at).await?;
        }
        transaction.commit().await?;
        self.forgive(&limits).await?;
        match outcome {
            Outcome::RecoveryCode => Ok(Some(self.second_factor_state(session).await?.recovery_left)),
            _ => Ok(None),
        }
    }

    /// New recovery codes for old ones, against a code of the app.
    pub async fn new_recovery_codes(
        &self,
        session: &Session,
        code: &str,
        client: &Client,
        at: i64,
    ) -> Result<Vec<String>, SecondFactorError> {
        let whose = whose(session)?;
        let (kept, limits) = self.begin_try(whose, true, at).await?;
        let step = self.right_step(whose, &kept, code, client, at)?;
        let codes = secret::recovery_codes();
        let audit_id = self.store().id(whose.municipality).await?;
        let mut transaction = self.store().begin().await?;
        if !Self::use_step(&mut transaction, whose.login, step).await? {
            return Err(SecondFactorError::Wrong);
        }
        self.keep_recovery_codes(&mut transaction, whose.login, &codes, at)
            .await?;
        let deed = audit::own_deed(
            session,
            whose.municipality,
            client,
            "second_factor.new_codes",
            String::new(),
        );
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        self.forgive(&limits).await?;
        Ok(codes)
    }

    /// How the session's owner stands with it.
    pub async fn second_factor_state(
        &self,
        session: &Session,
    ) -> Result<SecondFactorState, SecondFactorError> {
        let whose = whose(session)?;
        let row: Option<(Option<i64>, i64)> = sqlx::query_as(
            "SELECT t.confirmed_at, (SELECT COUNT(*) FROM recovery_codes r WHERE r.login = t.login \
             AND r.used_at IS NULL) AS codes FROM totp t WHERE t.login = $1",
        )
        .bind(whose.login)
        .fetch_optional(&self.store().write)
        .await?;
        Ok(
            row.map_or_else(SecondFactorState::default, |(set_up_at, recovery_left)| {
                SecondFactorState {
                    set_up_at,
                    recovery_left,
                }
            }),
        )
    }

    /// Whether sessions of staff need a second factor at all: everywhere but in a demo's database. Asked once.
    pub(crate) async fn asks_second_factor(&self) -> Result<bool, Fault> {
        let asks = self
            .inner
            .second_factor
            .get_or_try_init(|| async { Ok::<_, Fault>(!self.is_demo().await?) });
        asks.await.copied()
    }

    fn code_limits(&self, login: i64) -> [Limit; 2] {
        let whom = login.to_string();
        [
            self.limit("second factor", &whom, 5, 10 * MINUTE_MS),
            self.limit("second factor day", &whom, 30, 24 * HOUR_MS),
        ]
    }

    async fn count_try(&self, limits: &[Limit; 2], at: i64) -> Result<(), SecondFactorError> {
        for (passed, limit) in limits.iter().enumerate() {
            if let Err(refused) = self.try_pass(limit, at).await? {
                for earlier in &limits[..passed] {
                    self.give_back(earlier).await?;
                }
                return Err(SecondFactorError::SlowDown {
                    retry_after_ms: refused.retry_after_ms,
                });
            }
        }
        Ok(())
    }

    /// Counts a try, and gives what is kept of a second factor that is set up, or is not, as the try needs.
    async fn begin_try(
        &self,
        whose: Whose,
        set_up: bool,
        at: i64,
    ) -> Result<(Kept, [Limit; 2]), SecondFactorError> {
        let limits = self.code_limits(whose.login);
        self.count_try(&limits, at).await?;
        let kept = self.kept(whose).await?.ok_or(SecondFactorError::OtherState)?;
        if kept.confirmed_at.is_some() != set_up {
            return Err(SecondFactorError::OtherState);
        }
        Ok((kept, limits))
    }

    /// The time step of the app's code; a wrong code is noted.
    fn right_step(
        &self,
        whose: Whose,
        kept: &Kept,
        code: &str,
        client: &Client,
        at: i64,
    ) -> Result<i64, SecondFactorError> {
        let step = secret::step_of(&kept.secret, code, at)?;
        step.ok_or_else(|| {
            self.note_sign_in(whose.login, whose.municipality, Outcome::WrongCode, client, at);
            SecondFactorError::Wrong
        })
    }

    async fn forgive(&self, limits: &[Limit; 2]) -> Result<(), Fault> {
        for limit in limits {
            self.give_back(limit).await?;
        }
        Ok(())
    }
}
