//! Closing a resident's login, and forgetting what the law lets us forget.
//!
//! At once: name, birth date, phone, password, devices and bank accounts of the login. The holder's row in each
//! municipality keeps the person for [`KEEP_MS`], without a login, because records of transactions must say whose they
//! were; then it is wiped ([`People::wipe_resident`]), and what is left in the ledger is a number of nobody. Money is
//! never touched: whoever still has some is told to spend it or have it back first (the caller asks the ledger).
//! Somebody who signs up again within that time finds their rows again, as anybody does whose money was there first.

use serde::{Deserialize, Serialize};

use crate::{
    Audit, Client, Fault, PASSWORD_CHARS_MAX, People, Session, Who, audit,
    house::{HOUR_MS, MINUTE_MS},
    passwords::normal,
    sql::places,
};

/// How long records of transactions are kept after the last of them, ms: five years (전자금융거래법 시행령 제12조).
pub const KEEP_MS: i64 = 5 * 365 * 24 * HOUR_MS + 2 * 24 * HOUR_MS;

/// Why a login was not closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum CloseError {
    /// The password is not the one given.
    #[error("not the password")]
    WrongPassword,
    /// Too many failures; when to come again, in milliseconds.
    #[error("too many failures; again in {retry_after_ms} ms")]
    SlowDown {
        /// When to come again, in milliseconds.
        retry_after_ms: i64,
    },
    /// The house could not do it.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<sqlx::Error> for CloseError {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// What is kept about a login, for its owner to take along.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct OwnData {
    /// The login id.
    pub login_id: String,
    /// The name.
    pub name: String,
    /// The birth date.
    pub birth: Option<String>,
    /// The phone number.
    pub phone: Option<String>,
    /// When the terms of use were agreed to, ms.
    pub consent_terms_at: Option<i64>,
    /// When the use of personal data was agreed to, ms.
    pub consent_privacy_at: Option<i64>,
    /// Since when there is the login, ms.
    pub made_at: i64,
}

impl std::fmt::Debug for OwnData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OwnData(…)")
    }
}

type Row = (
    i64,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    i64,
);

impl People {
    /// What is kept about the session's own login.
    pub async fn own_data(&self, session: &Session) -> Result<OwnData, Fault> {
        let row: Row = sqlx::query_as(
            "SELECT municipality, login_id, name_sealed, birth_sealed, phone_sealed, consent_terms_at, \
             consent_privacy_at, made_at FROM logins WHERE id = $1",
        )
        .bind(session.who.login())
        .fetch_one(&self.store().read)
        .await?;
        let (municipality, login_id, name, birth, phone, consent_terms_at, consent_privacy_at, made_at) = row;
        let open = |column: &str, sealed: Option<String>| {
            sealed
                .map(|sealed| self.unseal_as(municipality, column, &sealed))
                .transpose()
        };
        Ok(OwnData {
            login_id,
            name: self.unseal_as(municipality, "logins.name", &name)?,
            birth: open("logins.birth", birth)?,
            phone: open("logins.phone", phone)?,
            consent_terms_at,
            consent_privacy_at,
            made_at,
        })
    }

    /// Closes the login of a resident's session. The password is asked for once more.
    pub async fn close_login(
        &self,
        session: &Session,
        password: &str,
        client: &Client,
        at: i64,
    ) -> Result<(), CloseError> {
        let Who::Resident { login, .. } = session.who else {
            return Err(Fault::Row("staff are closed at the desk".to_owned()).into());
        };
        let limit = self.limit("close login", &login.to_string(), 10, 10 * MINUTE_MS);
        if let Err(refused) = self.try_pass(&limit, at).await? {
            return Err(CloseError::SlowDown {
                retry_after_ms: refused.retry_after_ms,
            });
        }
        let (municipality, kept): (i64, String) =
            sqlx::query_as("SELECT municipality, password_hash FROM logins WHERE id = $1 AND active = 1")
                .bind(login)
                .fetch_one(&self.store().read)
                .await?;
        let password = normal(password);
        if password.chars().count() > PASSWORD_CHARS_MAX
            || !self.inner.hasher.verify(&password, Some(&kept)).await?
        {
            return Err(CloseError::WrongPassword);
        }
        self.give_back(&limit).await?;
        let phones = match self.own_data(session).await?.phone {
            Some(phone) => self.phone_keys(&phone),
            None => Vec::new(),
        };
        let audit_id = self.store().id(municipality).await?;
        let mut transaction = self.store().begin().await?;
        // The row stays, because the audit log and old sessions name it; nothing in it is anybody's.
        let done = sqlx::query(
            "UPDATE logins SET active = 0, login_id = $1, person_key = $1, phone_key = NULL, password_hash = '', \
             name_sealed = $2, birth_sealed = NULL, phone_sealed = NULL WHERE id = $3 AND password_hash = $4",
        )
        .bind(format!("closed:{login}"))
        .bind(self.seal_as(municipality, "logins.name", ""))
        .bind(login)
        .bind(&kept)
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Err(CloseError::WrongPassword);
        }
        sqlx::query(
            "DELETE FROM bank_accounts WHERE kind = 'holder' AND EXISTS (SELECT 1 FROM residents r \
             WHERE r.municipality = bank_accounts.municipality AND r.id = bank_accounts.owner AND r.login = $1)",
        )
        .bind(login)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "UPDATE residents SET login = NULL, claimed_at = NULL, closed_at = $1, keep_until_at = $2 WHERE login = $3",
        )
        .bind(at)
        .bind(at + KEEP_MS)
        .bind(login)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "UPDATE sessions SET ended_at = COALESCE(ended_at, $1), end_reason = COALESCE(end_reason, 'login closed'), \
             browser = '', system = '', ip_masked = '' WHERE login = $2",
        )
        .bind(at)
        .bind(login)
        .execute(&mut *transaction)
        .await?;
        if !phones.is_empty() {
            let sql = format!(
                "DELETE FROM proofs WHERE phone_key IN ({})",
                places(1, phones.len())
            );
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for phone in phones {
                query = query.bind(phone);
            }
            query.execute(&mut *transaction).await?;
        }
        let deed = audit::own_deed(session, municipality, client, "login.close", String::new());
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Holders whose time is over: closed, without a login since, and kept long enough. The caller asks the ledger
    /// whether anything happened since, and wipes them or keeps them longer.
    pub async fn residents_to_wipe(&self, at: i64) -> Result<Vec<(i64, i64)>, Fault> {
        Ok(sqlx::query_as(
            "SELECT municipality, id FROM residents WHERE wiped_at IS NULL AND keep_until_at IS NOT NULL \
             AND keep_until_at <= $1 AND login IS NULL ORDER BY keep_until_at LIMIT 500",
        )
        .bind(at)
        .fetch_all(&self.store().read)
        .await?)
    }

    /// Keeps a holder until later: something has happened since.
    pub async fn keep_resident(&self, municipality: i64, holder: i64, until_at: i64) -> Result<(), Fault> {
        sqlx::query("UPDATE residents SET keep_until_at = $1 WHERE municipality = $2 AND id = $3")
            .bind(until_at)
            .bind(municipality)
            .bind(holder)
            .execute(&self.store().write)
            .await?;
        Ok(())
    }

    /// Forgets who a holder was; `false` where somebody has signed up with it since.
    pub async fn wipe_resident(&self, municipality: i64, holder: i64, at: i64) -> Result<bool, Fault> {
        let audit_id = self.store().id(municipality).await?;
        let mut transaction = self.store().begin().await?;
        let done = sqlx::query(
            "UPDATE residents SET name_sealed = '', birth_sealed = '', phone_sealed = '', person_key = $1, \
             wiped_at = $2 WHERE municipality = $3 AND id = $4 AND login IS NULL AND keep_until_at <= $2",
        )
        .bind(format!("wiped:{holder}"))
        .bind(at)
        .bind(municipality)
        .bind(holder)
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let deed = Audit {
            municipality,
            actor_kind: crate::Actor::System,
            actor_id: 0,
            action: "resident.wipe".to_owned(),
            record: format!("resident/{holder}"),
            from_ip: String::new(),
            detail: String::new(),
        };
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        Ok(true)
    }
}
