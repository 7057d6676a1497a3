//! "This was me", "this was not me": a sign-in on a device that the login had not used is asked about on the devices
//! that were there before it, and on no other, so that whoever came in last cannot answer for themselves.
//!
//! "Not me" ends that session and every other but the one that says so, and locks payments from the login's wallets
//! until the password is changed on the device that said so, or set anew with a proof of the phone: whoever knows the
//! password may sign in again, and pays nothing.

use sqlx::{Any, Transaction};

use super::{Device, Session, device};
use crate::{Client, Fault, People, audit, house::HOUR_MS};

/// How long a new device is asked about, ms.
const ASKED_MS: i64 = 30 * 24 * HOUR_MS;
/// Devices asked about at a time.
const ASKED_MAX: i64 = 5;

/// A new device that nobody has answered for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDevice {
    /// The device, as in the list of devices.
    pub device: Device,
    /// Whether it is signed in still.
    pub is_in: bool,
}

impl People {
    /// Devices that this session is asked about, the latest first.
    pub async fn new_devices(&self, session: &Session, at: i64) -> Result<Vec<NewDevice>, Fault> {
        type Row = (i64, String, String, String, String, i64, i64, Option<i64>);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, browser, system, form, ip_masked, started_at, seen_at, ended_at FROM sessions \
             WHERE login = $1 AND standing = 0 AND started_at > $2 AND started_at > $3 AND id <> $4 \
             ORDER BY started_at DESC, id DESC LIMIT $5",
        )
        .bind(session.who.login())
        .bind(session.started_at)
        .bind(at - ASKED_MS)
        .bind(session.id)
        .bind(ASKED_MAX)
        .fetch_all(&self.store().read)
        .await?;
        Ok(rows
            .into_iter()
            .map(
                |(id, browser, system, form, ip, first, last, ended_at)| NewDevice {
                    device: device::of_row((id, browser, system, form, ip, first, last), session.id),
                    is_in: ended_at.is_none(),
                },
            )
            .collect())
    }

    /// "This was me": the device is known from now on. Whether it was there to answer for.
    pub async fn was_me(&self, session: &Session, device: i64) -> Result<bool, Fault> {
        let done = sqlx::query(
            "UPDATE sessions SET standing = 1 WHERE id = $1 AND login = $2 AND standing = 0 AND started_at > $3",
        )
        .bind(device)
        .bind(session.who.login())
        .bind(session.started_at)
        .execute(&self.store().write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// "This was not me": ends it, with every other session but the asking one, and locks payments. Whether it was there to answer for.
    pub async fn was_not_me(
        &self,
        session: &Session,
        device: i64,
        client: &Client,
        at: i64,
    ) -> Result<bool, Fault> {
        let login = session.who.login();
        let municipality = store::municipality_of(session.id);
        let audit_id = self.store().id(municipality).await?;
        let mut transaction = self.store().begin().await?;
        let done = sqlx::query(
            "UPDATE sessions SET standing = 2, end_reason = CASE WHEN ended_at IS NULL THEN 'not theirs' \
             ELSE end_reason END, ended_at = COALESCE(ended_at, $1) \
             WHERE id = $2 AND login = $3 AND standing = 0 AND started_at > $4",
        )
        .bind(at)
        .bind(device)
        .bind(login)
        .bind(session.started_at)
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        // Whoever came in once may have come in twice, on a device that looks like a known one.
        sqlx::query(
            "UPDATE sessions SET ended_at = $1, end_reason = 'ended from another device' \
             WHERE login = $2 AND id <> $3 AND ended_at IS NULL",
        )
        .bind(at)
        .bind(login)
        .bind(session.id)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("UPDATE logins SET locked_at = $1 WHERE id = $2 AND locked_at IS NULL")
            .bind(at)
            .bind(login)
            .execute(&mut *transaction)
            .await?;
        let detail = format!("session {device} was not theirs");
        let deed = audit::own_deed(session, municipality, client, "login.lock_payments", detail);
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Since when payments of a login are locked, ms, read anew: for what was begun before the lock.
    pub async fn locked_at(&self, login: i64) -> Result<Option<i64>, Fault> {
        let row: Option<(Option<i64>,)> = sqlx::query_as("SELECT locked_at FROM logins WHERE id = $1")
            .bind(login)
            .fetch_optional(&self.store().read)
            .await?;
        Ok(row.and_then(|(at,)| at))
    }
}

/// Whether a device is one that the login has used, and is not asked about: of the same browser, system and form as a
/// session that is known; or the login's first.
pub(super) async fn is_known(
    transaction: &mut Transaction<'static, Any>,
    login: i64,
    (browser, system, form): (&str, &str, &str),
) -> sqlx::Result<bool> {
    let (all, same): (i64, i64) = sqlx::query_as(
        "SELECT COUNT(*) AS all_of_them, COUNT(CASE WHEN standing = 1 AND browser = $2 AND system = $3 AND form = $4 \
         THEN 1 END) AS same FROM sessions WHERE login = $1",
    )
    .bind(login)
    .bind(browser)
    .bind(system)
    .bind(form)
    .fetch_one(&mut **transaction)
    .await?;
    Ok(all == 0 || same > 0)
}
