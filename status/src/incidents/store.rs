//! Incidents read from the store.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, Row, sqlite::SqliteRow};

use super::{Impact, Incident, Kind, StateChange, Status, Update};
use crate::{components::ComponentStatus, db::Db};

/// At most so many incidents are kept rendered: the newest, beside the open ones.
const KEPT: i64 = 300;

const COLUMNS: &str = "id, kind, title_ko, title_en, impact, status, started_at, monitoring_at, resolved_at, \
     scheduled_for, scheduled_until, ends_itself, created_at, updated_at";

/// The open ones, and of the rest those that reach into the time since `since` (ms), newest first; at most
/// a few hundred.
pub(crate) async fn load(db: &Db, since: i64) -> sqlx::Result<Vec<Incident>> {
    let condition = format!(
        "id IN (SELECT id FROM incident WHERE resolved_at IS NULL OR resolved_at >= $1 \
         ORDER BY resolved_at IS NOT NULL, started_at DESC LIMIT {KEPT})"
    );
    query(db, &condition, &[Arg::Number(since)]).await
}

/// One by its id.
pub(crate) async fn get(db: &Db, id: &str) -> sqlx::Result<Option<Incident>> {
    Ok(query(db, "id = $1", &[Arg::Text(id)]).await?.pop())
}

/// Those that began from `from` up to `until` (ms), newest first; at most a few hundred.
pub(crate) async fn older_in(db: &Db, from: i64, until: i64) -> sqlx::Result<Vec<Incident>> {
    let condition = format!(
        "id IN (SELECT id FROM incident WHERE started_at >= $1 AND started_at < $2 ORDER BY started_at DESC LIMIT {KEPT})"
    );
    query(db, &condition, &[Arg::Number(from), Arg::Number(until)]).await
}

enum Arg<'a> {
    Number(i64),
    Text(&'a str),
}

/// `condition` is made of this file's own text alone; what comes from outside is bound.
async fn query(db: &Db, condition: &str, args: &[Arg<'_>]) -> sqlx::Result<Vec<Incident>> {
    // One transaction, so that an update is never seen without its incident's new state.
    let mut read = db.read.begin().await?;
    let all = |sql: String| {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for arg in args {
            query = match arg {
                Arg::Number(number) => query.bind(*number),
                Arg::Text(text) => query.bind((*text).to_owned()),
            };
        }
        query
    };
    let heads = all(format!(
        "SELECT {COLUMNS} FROM incident WHERE {condition} ORDER BY started_at DESC, id"
    ))
    .fetch_all(&mut *read)
    .await?;
    let updates = all(format!(
        "SELECT incident_id, id, status, body_ko, body_en, display_at, next_update_at, created_at, updated_at, \
         author FROM incident_update WHERE incident_id IN (SELECT id FROM incident WHERE {condition}) \
         ORDER BY display_at DESC, created_at DESC, rowid DESC"
    ))
    .fetch_all(&mut *read)
    .await?;
    let states = all(format!(
        "SELECT incident_id, component_id, update_id, at, status FROM component_state \
         WHERE incident_id IN (SELECT id FROM incident WHERE {condition}) ORDER BY at, id"
    ))
    .fetch_all(&mut *read)
    .await?;
    read.commit().await?;

    let mut said: HashMap<String, Vec<Update>> = HashMap::new();
    for row in updates {
        said.entry(row.try_get(0)?).or_default().push(update(&row)?);
    }
    let mut changed: HashMap<String, Vec<StateChange>> = HashMap::new();
    for row in states {
        changed.entry(row.try_get(0)?).or_default().push(StateChange {
            component: row.try_get(1)?,
            update: row.try_get(2)?,
            at: row.try_get(3)?,
            status: known(ComponentStatus::parse(row.try_get(4)?), "status")?,
        });
    }
    heads
        .into_iter()
        .map(|row| {
            let mut incident = head(&row)?;
            incident.updates = said.remove(&incident.id).unwrap_or_default();
            incident.states = changed.remove(&incident.id).unwrap_or_default();
            Ok(incident)
        })
        .collect()
}

fn head(row: &SqliteRow) -> sqlx::Result<Incident> {
    let scheduled: (Option<i64>, Option<i64>) =
        (row.try_get("scheduled_for")?, row.try_get("scheduled_until")?);
    Ok(Incident {
        id: row.try_get("id")?,
        kind: match row.try_get("kind")? {
            "maintenance" => Kind::Maintenance,
            _ => Kind::Incident,
        },
        title: [row.try_get("title_ko")?, row.try_get("title_en")?],
        impact: known(Impact::parse(row.try_get("impact")?), "impact")?,
        status: known(Status::parse(row.try_get("status")?), "status")?,
        started_at: row.try_get("started_at")?,
        monitoring_at: row.try_get("monitoring_at")?,
        resolved_at: row.try_get("resolved_at")?,
        scheduled: scheduled.0.zip(scheduled.1),
        ends_itself: row.try_get::<i64, _>("ends_itself")? == 1,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        updates: Vec::new(),
        states: Vec::new(),
    })
}

fn update(row: &SqliteRow) -> sqlx::Result<Update> {
    Ok(Update {
        id: row.try_get("id")?,
        status: known(Status::parse(row.try_get("status")?), "status")?,
        body: [row.try_get("body_ko")?, row.try_get("body_en")?],
        display_at: row.try_get("display_at")?,
        next_update_at: row.try_get("next_update_at")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        author: row.try_get("author")?,
    })
}

/// A word that the schema does not let in means a damaged store: said, not guessed.
fn known<T>(value: Option<T>, column: &str) -> sqlx::Result<T> {
    value.ok_or_else(|| sqlx::Error::Decode(format!("an unknown word in {column}").into()))
}
