//! What is believed and what was said of it, kept over a restart; and when nobody looked.

use std::collections::BTreeMap;

use sqlx::Row;

use super::means::Known;
use crate::{components::ComponentStatus, db::Db};

/// What is believed of a component and what the public was told of it, each since when (ms).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// Believed.
    pub(super) believed: (ComponentStatus, i64),
    /// Told.
    pub(super) told: (ComponentStatus, i64),
}

/// What was kept, by component.
pub(super) async fn load(db: &Db) -> sqlx::Result<BTreeMap<String, Kept>> {
    sqlx::query("SELECT component_id, status, since, told_status, told_since FROM probe_watch")
        .fetch_all(&db.read)
        .await?
        .into_iter()
        .map(|row| {
            let status = |column| -> sqlx::Result<ComponentStatus> {
                ComponentStatus::parse(row.try_get(column)?)
                    .ok_or_else(|| sqlx::Error::Decode("an unknown word in probe_watch".into()))
            };
            let kept = Kept {
                believed: (status(1)?, row.try_get(2)?),
                told: (status(3)?, row.try_get(4)?),
            };
            Ok((row.try_get(0)?, kept))
        })
        .collect()
}

/// Keeps what changed.
pub(super) async fn keep(db: &Db, component: &str, kept: Kept, at: i64) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO probe_watch (component_id, status, since, told_status, told_since, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (component_id) DO UPDATE SET status = excluded.status, \
         since = excluded.since, told_status = excluded.told_status, told_since = excluded.told_since, \
         updated_at = excluded.updated_at",
    )
    .bind(component)
    .bind(kept.believed.0.as_str())
    .bind(kept.believed.1)
    .bind(kept.told.0.as_str())
    .bind(kept.told.1)
    .bind(at)
    .execute(&db.write)
    .await?;
    Ok(())
}

/// Which questions were ever answered well.
pub(super) async fn known(db: &Db) -> sqlx::Result<Known> {
    let text: Option<String> = sqlx::query_scalar("SELECT value FROM meta WHERE key = 'probe_known'")
        .fetch_optional(&db.read)
        .await?;
    let text = text.unwrap_or_default();
    let has = |word: &str| text.split(' ').any(|known| known == word);
    Ok(Known {
        front: has("front"),
        sign_in: has("sign-in"),
        health: has("health"),
        canary: has("canary"),
    })
}

/// Keeps which questions were ever answered well.
pub(super) async fn keep_known(db: &Db, known: Known) -> sqlx::Result<()> {
    let words = [
        (known.front, "front"),
        (known.sign_in, "sign-in"),
        (known.health, "health"),
        (known.canary, "canary"),
    ];
    let text: Vec<&str> = words
        .into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, word)| word)
        .collect();
    put(db, "probe_known", &text.join(" ")).await
}

async fn put(db: &Db, key: &str, value: &str) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        .bind(key)
        .bind(value)
        .execute(&db.write)
        .await?;
    Ok(())
}

/// A pause shorter than this between two looks is no gap (ms).
const GAP_MS: i64 = 3 * 60_000;

/// Writes down that somebody looks at `at` (ms); and, where nobody did for a while before, that too.
pub(super) async fn watched(db: &Db, at: i64) -> sqlx::Result<()> {
    let last: Option<String> = sqlx::query_scalar("SELECT value FROM meta WHERE key = 'watched_at'")
        .fetch_optional(&db.read)
        .await?;
    if let Some(last) = last.and_then(|text| text.parse::<i64>().ok())
        && at - last > GAP_MS
    {
        sqlx::query("INSERT INTO watch_gap (from_at, until_at) VALUES ($1, $2)")
            .bind(last)
            .bind(at)
            .execute(&db.write)
            .await?;
    }
    put(db, "watched_at", &at.to_string()).await
}

/// When nobody looked, from `since` on (ms): beginning and end of each pause, in order.
pub(crate) async fn gaps(db: &Db, since: i64) -> sqlx::Result<Vec<(i64, i64)>> {
    sqlx::query_as("SELECT from_at, until_at FROM watch_gap WHERE until_at > $1 ORDER BY from_at")
        .bind(since)
        .fetch_all(&db.read)
        .await
}
