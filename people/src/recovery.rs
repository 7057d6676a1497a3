//! Finding a forgotten login id, and setting a new password, by the proof of the phone.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

use crate::{
    Actor, Audit, Fault, Field, People, Person, Problem, ProvenPhone, Purpose, Reason, audit, check_password,
    login_id, passwords, sessions, sql::places,
};

/// Why nothing was recovered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryError {
    /// Fields to set right (the proof, the new password).
    #[error(transparent)]
    Refused(Problem),
    /// No login of this phone has this login id and birth date: which of them is wrong is not told.
    #[error("no such login")]
    NoMatch,
    /// The house could not do it.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<sqlx::Error> for RecoveryError {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// A password was reset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reset {
    /// Whose.
    pub login: i64,
    /// How many sessions were ended by it: to be told to the person.
    pub sessions_ended: u64,
}

impl People {
    /// The login ids of a proved phone (several people may share one), oldest first. The proof stays usable;
    /// any purpose will do, for the phone was proved.
    pub async fn find_login_ids(&self, proven: &ProvenPhone, at: i64) -> Result<Vec<String>, RecoveryError> {
        let phone = self
            .proven_phone(proven, at)
            .await?
            .ok_or(RecoveryError::Refused(Problem::new(
                Field::Proof,
                Reason::ProofInvalid,
            )))?;
        let keys = self.phone_keys(&phone);
        let sql = format!(
            "SELECT login_id FROM logins WHERE phone_key IN ({}) AND kind = 'resident' AND active = 1 \
             ORDER BY made_at, id",
            places(1, keys.len())
        );
        let mut query = sqlx::query_as::<_, (String,)>(AssertSqlSafe(sql));
        for key in keys {
            query = query.bind(key);
        }
        let rows = query.fetch_all(&self.store().read).await?;
        Ok(rows.into_iter().map(|(login_id,)| login_id).collect())
    }

    /// Sets a new password and ends every session of the login. Needs the phone, the login id *and* the birth
    /// date: numbers pass from hand to hand, and people share them. Five tries per proof.
    pub async fn reset_password(
        &self,
        proven: &ProvenPhone,
        login_id: &str,
        birth: Date,
        new_password: &str,
        ip: &str,
        at: i64,
    ) -> Result<Reset, RecoveryError> {
        let invalid = || RecoveryError::Refused(Problem::new(Field::Proof, Reason::ProofInvalid));
        let login_id = login_id::fold(login_id);
        // What can be said without knowing whose it is costs no try.
        check_password(new_password, &login_id, "", None).map_err(RecoveryError::Refused)?;
        let proof = self
            .look_at_proof(proven, &[Purpose::ResetPassword], at)
            .await?
            .ok_or_else(invalid)?;
        let keys = self.phone_keys(&proof.phone);
        let sql = format!(
            "SELECT id, municipality, name_sealed, birth_sealed FROM logins WHERE login_id = $1 \
             AND kind = 'resident' AND active = 1 AND birth_sealed IS NOT NULL AND phone_key IN ({})",
            places(2, keys.len())
        );
        let mut query = sqlx::query_as::<_, (i64, i64, String, String)>(AssertSqlSafe(sql)).bind(&login_id);
        for key in keys {
            query = query.bind(key);
        }
        let Some((login, municipality, name, kept)) = query.fetch_optional(&self.store().read).await? else {
            return Err(RecoveryError::NoMatch);
        };
        let kept = self
            .unseal_as(municipality, "logins.birth", &kept)
            .map_err(Fault::from)?;
        if kept != birth.to_string() {
            return Err(RecoveryError::NoMatch);
        }
        let name = self
            .unseal_as(municipality, "logins.name", &name)
            .map_err(Fault::from)?;
        let person = Person {
            name,
            birth,
            phone: proof.phone.clone(),
        };
        check_password(new_password, &login_id, &person.name, Some(&person))
            .map_err(RecoveryError::Refused)?;
        let hash = self.inner.hasher.hash(&passwords::normal(new_password)).await?;
        let audit_id = self.store().id(municipality).await?;
        let mut transaction = self.store().begin().await?;
        if !Self::use_proof(&mut transaction, &proof, at).await? {
            return Err(invalid());
        }
        sqlx::query("UPDATE logins SET password_hash = $1, password_at = $2, locked_at = NULL WHERE id = $3")
            .bind(hash)
            .bind(at)
            .bind(login)
            .execute(&mut *transaction)
            .await?;
        let sessions_ended = sessions::end_all(&mut transaction, login, "password was reset", at).await?;
        let deed = Audit {
            municipality,
            actor_kind: Actor::Resident,
            actor_id: login,
            action: "login.reset_password".to_owned(),
            record: format!("login/{login}"),
            from_ip: ip.to_owned(),
            detail: format!("sessions ended {sessions_ended}"),
        };
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        Ok(Reset {
            login,
            sessions_ended,
        })
    }
}
