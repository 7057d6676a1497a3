//! Who may speak to the public: logins of the site's own, their sessions, and the log of what they did.

mod keys;
mod password;
mod session;
mod throttle;

pub(crate) use keys::Keys;
pub(crate) use session::{Session, begin, end, find};
pub(crate) use throttle::Throttle;

use std::path::Path;

use sqlx::{Sqlite, Transaction};

use crate::{config::system_clock, db::Db, error::StatusError};

/// Who does what, for the desk's log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deed<'a> {
    /// The operator's login, or `clock`.
    pub(crate) operator: &'a str,
    /// What: `incident.open`, `incident.update`, …
    pub(crate) action: &'a str,
    /// From which address.
    pub(crate) origin: &'a str,
}

/// Writes a line of the desk's log within the change that it tells of.
pub(crate) async fn log(
    change: &mut Transaction<'_, Sqlite>,
    deed: &Deed<'_>,
    subject: &str,
    detail: &str,
    at: i64,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO desk_log (at, operator, action, subject, detail, origin) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(at)
        .bind(deed.operator)
        .bind(deed.action)
        .bind(subject)
        .bind(detail)
        .bind(deed.origin)
        .execute(&mut **change)
        .await?;
    Ok(())
}

/// Makes an operator, or gives one that is there a new password (and ends their sessions then). Works beside a
/// running site: the lock in the folder is only for serving.
pub async fn operator_add(dir: &Path, login: &str, password: &str) -> Result<(), StatusError> {
    if !(12..=256).contains(&password.chars().count()) {
        return Err(StatusError::Password);
    }
    let db = Db::open(dir).await?;
    let done = put(&db, login, password, system_clock()()).await;
    db.close().await;
    done
}

/// As [`operator_add`], without a rule for the password: for the demo.
pub(crate) async fn put(db: &Db, login: &str, password: &str, at: i64) -> Result<(), StatusError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if login.is_empty() || login.len() > 64 || !login.chars().all(fits) {
        return Err(StatusError::Login);
    }
    let hash = password::hash(password)?;
    let mut change = db.begin().await?;
    sqlx::query(
        "INSERT INTO operator (login, password_hash, created_at, updated_at) VALUES ($1, $2, $3, $3) \
         ON CONFLICT (login) DO UPDATE SET password_hash = excluded.password_hash, updated_at = excluded.updated_at",
    )
    .bind(login)
    .bind(hash)
    .bind(at)
    .execute(&mut *change)
    .await?;
    sqlx::query(
        "UPDATE session SET ended_at = $2 WHERE ended_at IS NULL \
         AND operator_id = (SELECT id FROM operator WHERE login = $1)",
    )
    .bind(login)
    .bind(at)
    .execute(&mut *change)
    .await?;
    log(
        &mut change,
        &Deed {
            operator: "console",
            action: "operator.put",
            origin: "-",
        },
        login,
        "{}",
        at,
    )
    .await?;
    change.commit().await?;
    Ok(())
}

/// Whether this login has this password; the operator's id if so. It takes as long for a login that nobody has.
pub(crate) async fn check(db: &Db, login: &str, password: &str) -> sqlx::Result<Option<i64>> {
    let found: Option<(i64, String)> =
        sqlx::query_as("SELECT id, password_hash FROM operator WHERE login = $1")
            .bind(login)
            .fetch_optional(&db.read)
            .await?;
    let (id, hash) = found.map_or((None, None), |(id, hash)| (Some(id), Some(hash)));
    let right = password::verify(password.to_owned(), hash).await;
    Ok(id.filter(|_| right))
}
