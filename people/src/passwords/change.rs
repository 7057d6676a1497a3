//! Changing one's own password while signed in.

use serde::{Deserialize, Serialize};

use super::normal;
use crate::{Client, Fault, People, Person, Problem, Session, audit, check_password, house::MINUTE_MS};

/// Why a password was not changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ChangePasswordError {
    /// The present password is not the one given.
    #[error("not the present password")]
    WrongPresent,
    /// What is wrong with the new one.
    #[error(transparent)]
    Refused(Problem),
    /// Too many failures; when to come again, in milliseconds.
    #[error("too many failures; again in {retry_after_ms} ms")]
    SlowDown {
        /// When to come again, in milliseconds.
        retry_after_ms: i64,
    },
    /// Payments are locked, and this session is younger than the lock: whoever knows the old password must not be able
    /// to undo it. An older device can change the password, or a proof of the phone.
    #[error("payments are locked; change the password on an older device or by a proof of the phone")]
    Locked,
    /// The house could not do it.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<sqlx::Error> for ChangePasswordError {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(error.into())
    }
}

type Kept = (i64, String, Option<String>, Option<String>);

impl People {
    /// Sets one's own new password, residents and staff alike, and ends all other sessions; how many there were.
    /// The present password is asked for once more: an unattended screen must not be enough.
    pub async fn change_password(
        &self,
        session: &Session,
        present: &str,
        new: &str,
        client: &Client,
        at: i64,
    ) -> Result<u64, ChangePasswordError> {
        let login = session.who.login();
        if self
            .locked_at(login)
            .await?
            .is_some_and(|locked_at| session.started_at >= locked_at)
        {
            return Err(ChangePasswordError::Locked);
        }
        let limit = self.limit("change password", &login.to_string(), 10, 10 * MINUTE_MS);
        if let Err(refused) = self.try_pass(&limit, at).await? {
            return Err(ChangePasswordError::SlowDown {
                retry_after_ms: refused.retry_after_ms,
            });
        }
        let (municipality, kept, birth, phone): Kept = sqlx::query_as(
            "SELECT municipality, password_hash, birth_sealed, phone_sealed FROM logins WHERE id = $1 AND active = 1",
        )
        .bind(login)
        .fetch_one(&self.store().read)
        .await?;
        let present = normal(present);
        if present.chars().count() > super::PASSWORD_CHARS_MAX
            || !self.inner.hasher.verify(&present, Some(&kept)).await?
        {
            return Err(ChangePasswordError::WrongPresent);
        }
        self.give_back(&limit).await?;
        let person = match (birth, phone) {
            (Some(birth), Some(phone)) => {
                let birth = self
                    .unseal_as(municipality, "logins.birth", &birth)
                    .map_err(Fault::from)?;
                Some(Person {
                    name: session.who.name().to_owned(),
                    birth: birth
                        .parse()
                        .map_err(|_| Fault::Row(format!("birth date of login {login}")))?,
                    phone: self
                        .unseal_as(municipality, "logins.phone", &phone)
                        .map_err(Fault::from)?,
                })
            }
            _ => None,
        };
        check_password(new, session.who.login_id(), session.who.name(), person.as_ref())
            .map_err(ChangePasswordError::Refused)?;
        let hash = self.inner.hasher.hash(&normal(new)).await?;
        let audit_id = self.store().id(municipality).await?;
        let mut transaction = self.store().begin().await?;
        let done = sqlx::query(
            "UPDATE logins SET password_hash = $1, password_at = $2, locked_at = NULL WHERE id = $3 AND password_hash = $4",
        )
        .bind(hash)
        .bind(at)
        .bind(login)
        .bind(kept)
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Err(ChangePasswordError::WrongPresent);
        }
        let ended = sqlx::query(
            "UPDATE sessions SET ended_at = $1, end_reason = 'password was changed' \
             WHERE login = $2 AND id <> $3 AND ended_at IS NULL",
        )
        .bind(at)
        .bind(login)
        .bind(session.id)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        let detail = format!("sessions ended {ended}");
        let deed = audit::own_deed(session, municipality, client, "login.change_password", detail);
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        Ok(ended)
    }
}
