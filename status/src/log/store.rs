//! What is kept of the log.

use std::path::Path;

use sqlx::{FromRow, Row, sqlite::SqliteRow};

use crate::{db::Db, error::StatusError};

/// The page shows so many.
const SHOWN: i64 = 20;

/// A checkpoint that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "the time it was seen")]
pub(crate) struct Seen {
    /// Leaves.
    pub(crate) size: i64,
    /// The root, base64.
    pub(crate) root: String,
    /// The signed note.
    pub(crate) note: String,
    /// When it was first seen (ms).
    pub(crate) seen_at: i64,
    /// When the portal last gave it (ms).
    pub(crate) last_at: i64,
    /// Whether an operator let the log begin anew with it.
    pub(crate) began: bool,
}

/// What did not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alarm {
    /// When (ms).
    pub(crate) at: i64,
    /// `forked`, `shrunk`, `signature` or `withheld`.
    pub(crate) kind: String,
    /// Leaves of the last good checkpoint.
    pub(crate) before: i64,
    /// Leaves of what came.
    pub(crate) now: i64,
    /// What came.
    pub(crate) note: String,
    /// When an operator had looked (ms).
    pub(crate) ended_at: Option<i64>,
}

/// All that is public of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Log {
    /// Known keys, the oldest first.
    pub(crate) keys: Vec<String>,
    /// The newest first.
    pub(crate) seen: Vec<Seen>,
    /// The newest first.
    pub(crate) alarms: Vec<Alarm>,
}

impl Log {
    /// The alarm that nobody has ended.
    pub(crate) fn alarm(&self) -> Option<&Alarm> {
        self.alarms.iter().find(|alarm| alarm.ended_at.is_none())
    }

    /// The last good checkpoint.
    pub(crate) fn last(&self) -> Option<&Seen> {
        self.seen.first()
    }
}

impl<'r> FromRow<'r, SqliteRow> for Seen {
    fn from_row(row: &'r SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            size: row.try_get("size")?,
            root: row.try_get("root")?,
            note: row.try_get("note")?,
            seen_at: row.try_get("seen_at")?,
            last_at: row.try_get("last_at")?,
            began: row.try_get::<i64, _>("began")? == 1,
        })
    }
}

impl<'r> FromRow<'r, SqliteRow> for Alarm {
    fn from_row(row: &'r SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            at: row.try_get("at")?,
            kind: row.try_get("kind")?,
            before: row.try_get("before")?,
            now: row.try_get("now")?,
            note: row.try_get("note")?,
            ended_at: row.try_get("ended_at")?,
        })
    }
}

/// Reads it.
pub(crate) async fn load(db: &Db) -> sqlx::Result<Log> {
    let keys: Vec<(String,)> = sqlx::query_as("SELECT key FROM log_key ORDER BY since, key")
        .fetch_all(&db.read)
        .await?;
    let seen = sqlx::query_as(
        "SELECT size, root, note, seen_at, last_at, began FROM log_checkpoint ORDER BY id DESC LIMIT $1",
    )
    .bind(SHOWN)
    .fetch_all(&db.read)
    .await?;
    let alarms = sqlx::query_as(
        "SELECT at, kind, before, now, note, ended_at FROM log_alarm ORDER BY id DESC LIMIT $1",
    )
    .bind(SHOWN)
    .fetch_all(&db.read)
    .await?;
    Ok(Log {
        keys: keys.into_iter().map(|(key,)| key).collect(),
        seen,
        alarms,
    })
}

/// Believes one more key.
pub(super) async fn add_key(db: &Db, key: &str, at: i64) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO log_key (key, since) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(key)
        .bind(at)
        .execute(&db.write)
        .await?;
    Ok(())
}

/// Keeps a checkpoint that was checked.
pub(super) async fn keep(
    db: &Db,
    size: i64,
    root: &str,
    note: &str,
    at: i64,
    began: bool,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO log_checkpoint (size, root, note, seen_at, last_at, began) VALUES ($1, $2, $3, $4, $4, $5)")
        .bind(size)
        .bind(root)
        .bind(note)
        .bind(at)
        .bind(i64::from(began))
        .execute(&db.write)
        .await?;
    Ok(())
}

/// The portal gave the same once more.
pub(super) async fn again(db: &Db, note: &str, at: i64) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE log_checkpoint SET last_at = $1, note = $2 WHERE id = (SELECT MAX(id) FROM log_checkpoint)",
    )
    .bind(at)
    .bind(note)
    .execute(&db.write)
    .await?;
    Ok(())
}

/// Raises an alarm, unless one stands already: the first says when it began.
pub(super) async fn raise(
    db: &Db,
    kind: &str,
    before: i64,
    now: i64,
    note: &str,
    at: i64,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO log_alarm (at, kind, before, now, note) SELECT $1, $2, $3, $4, $5 \
         WHERE NOT EXISTS (SELECT 1 FROM log_alarm WHERE ended_at IS NULL)",
    )
    .bind(at)
    .bind(kind)
    .bind(before)
    .bind(now)
    .bind(note)
    .execute(&db.write)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the chain may begin anew with the next checkpoint, because an operator said so since the last one.
pub(super) async fn may_begin_anew(db: &Db) -> sqlx::Result<bool> {
    let (accepted,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM log_alarm WHERE ended_at IS NOT NULL AND ended_at >= \
         COALESCE((SELECT MAX(last_at) FROM log_checkpoint), 0) AND id = (SELECT MAX(id) FROM log_alarm)",
    )
    .fetch_one(&db.read)
    .await?;
    Ok(accepted > 0)
}

/// An operator has looked: the alarm ends, and the log may begin anew with what the portal gives next. What was seen
/// before stays, and so does the alarm, for everybody to read. Whether there was an alarm.
pub async fn accept(dir: &Path, by: &str, at: i64) -> Result<bool, StatusError> {
    let db = Db::open(dir).await?;
    let done = sqlx::query("UPDATE log_alarm SET ended_at = $1, ended_by = $2 WHERE ended_at IS NULL")
        .bind(at)
        .bind(by)
        .execute(&db.write)
        .await?;
    db.close().await;
    Ok(done.rows_affected() > 0)
}
