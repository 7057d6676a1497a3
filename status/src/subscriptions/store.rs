//! Subscribers and what is still to be sent to them.

use sqlx::{Row, Sqlite, Transaction};

use super::{
    Way,
    seal::{key_of, open, seal},
};
use crate::{
    db::{Db, new_id},
    operators::Keys,
    words::Lang,
};

/// So many subscribers at most; one more is told to use a feed.
const MOST: i64 = 20_000;
/// So many messages wait at most; the oldest go.
const QUEUE: i64 = 200_000;
/// A subscription that is not confirmed within this time is forgotten (ms).
const PENDING_MS: i64 = 24 * 3_600_000;
/// Messages given up in a row after which an address is forgotten.
const GIVEN_UP: i64 = 10;

/// A new subscription.
pub(super) struct New<'a> {
    /// By which way.
    pub(super) way: Way,
    /// To where.
    pub(super) address: &'a str,
    /// In which language.
    pub(super) lang: Lang,
    /// Of which components; empty: all.
    pub(super) components: Vec<String>,
}

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// It waits for its confirmation; a webhook's secret.
    Waiting {
        /// Its id.
        id: String,
        /// What signs the messages of a webhook, once.
        secret: Option<String>,
    },
    /// The address is there already.
    There,
    /// There are too many.
    Full,
}

/// Takes it down, with the question whether it is wanted as its first message.
pub(super) async fn add(db: &Db, keys: &Keys, new: New<'_>, at: i64) -> sqlx::Result<Added> {
    let mut change = db.begin().await?;
    sqlx::query("DELETE FROM subscriber WHERE confirmed_at IS NULL AND created_at < $1")
        .bind(at - PENDING_MS)
        .execute(&mut *change)
        .await?;
    let key = key_of(keys, new.address);
    let there: Option<String> =
        sqlx::query_scalar("SELECT id FROM subscriber WHERE kind = $1 AND address_key = $2")
            .bind(new.way.as_str())
            .bind(&key)
            .fetch_optional(&mut *change)
            .await?;
    if there.is_some() {
        change.commit().await?;
        return Ok(Added::There);
    }
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM subscriber")
        .fetch_one(&mut *change)
        .await?;
    if count >= MOST {
        change.commit().await?;
        return Ok(Added::Full);
    }
    let id = new_id();
    let secret = (new.way == Way::Webhook).then(super::webhook::new_secret);
    sqlx::query(
        "INSERT INTO subscriber (id, kind, address_key, address_sealed, secret_sealed, lang, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&id)
    .bind(new.way.as_str())
    .bind(key)
    .bind(seal(keys, new.address))
    .bind(secret.as_ref().map(|secret| seal(keys, secret)))
    .bind(new.lang.code())
    .bind(at)
    .execute(&mut *change)
    .await?;
    for component in &new.components {
        sqlx::query("INSERT INTO subscriber_component (subscriber_id, component_id) VALUES ($1, $2)")
            .bind(&id)
            .bind(component)
            .execute(&mut *change)
            .await?;
    }
    sqlx::query("INSERT INTO delivery (subscriber_id, next_at, created_at) VALUES ($1, $2, $2)")
        .bind(&id)
        .bind(at)
        .execute(&mut *change)
        .await?;
    change.commit().await?;
    Ok(Added::Waiting { id, secret })
}

/// It is wanted. Whether there is such a subscription.
pub(super) async fn confirm(db: &Db, id: &str, at: i64) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE subscriber SET confirmed_at = coalesce(confirmed_at, $2) WHERE id = $1")
        .bind(id)
        .bind(at)
        .execute(&db.write)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// It is not wanted any more: everything of it is deleted.
pub(super) async fn end(db: &Db, id: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM subscriber WHERE id = $1")
        .bind(id)
        .execute(&db.write)
        .await?;
    Ok(())
}

/// Writes down, within the change that says the word, to whom it is to be sent.
pub(crate) async fn enqueue(
    change: &mut Transaction<'_, Sqlite>,
    incident: &str,
    update: &str,
    at: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO delivery (subscriber_id, update_id, next_at, created_at) \
         SELECT s.id, $1, $2, $2 FROM subscriber s WHERE s.confirmed_at IS NOT NULL AND ( \
         NOT EXISTS (SELECT 1 FROM subscriber_component c WHERE c.subscriber_id = s.id) OR EXISTS ( \
         SELECT 1 FROM subscriber_component c JOIN component_state t ON t.component_id = c.component_id \
         WHERE c.subscriber_id = s.id AND t.incident_id = $3))",
    )
    .bind(update)
    .bind(at)
    .bind(incident)
    .execute(&mut **change)
    .await?;
    Ok(())
}

/// One message that is due.
#[derive(Clone, Debug)]
pub(super) struct Due {
    /// Its id.
    pub(super) id: i64,
    /// To whom.
    pub(super) subscriber: String,
    /// By which way.
    pub(super) way: Way,
    /// To where; `None`: sealed with another key.
    pub(super) address: Option<String>,
    /// What signs it.
    pub(super) secret: Option<String>,
    /// In which language.
    pub(super) lang: Lang,
    /// Which word, of which incident; `None`: the question whether it is wanted.
    pub(super) word: Option<(String, String)>,
    /// How often it was tried.
    pub(super) tries: i64,
    /// Since when it waits (ms).
    pub(super) created_at: i64,
}

/// What is due at `at` (ms), at most `most`.
pub(super) async fn due(db: &Db, keys: &Keys, at: i64, most: i64) -> sqlx::Result<Vec<Due>> {
    sqlx::query(
        "SELECT d.id, d.subscriber_id, s.kind, s.address_sealed, s.secret_sealed, s.lang, u.id, u.incident_id, d.tries, \
         d.created_at FROM delivery d JOIN subscriber s ON s.id = d.subscriber_id \
         LEFT JOIN incident_update u ON u.id = d.update_id WHERE d.next_at <= $1 ORDER BY d.next_at, d.id LIMIT $2",
    )
    .bind(at)
    .bind(most)
    .fetch_all(&db.read)
    .await?
    .into_iter()
    .map(|row| {
        let secret: Option<String> = row.try_get(4)?;
        let word: (Option<String>, Option<String>) = (row.try_get(6)?, row.try_get(7)?);
        Ok(Due {
            id: row.try_get(0)?,
            subscriber: row.try_get(1)?,
            way: Way::parse(row.try_get(2)?).unwrap_or(Way::Email),
            address: open(keys, row.try_get(3)?),
            secret: secret.and_then(|secret| open(keys, &secret)),
            lang: Lang::of_code(row.try_get(5)?).unwrap_or(Lang::ko),
            word: word.0.zip(word.1),
            tries: row.try_get(8)?,
            created_at: row.try_get(9)?,
        })
    })
    .collect()
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Taken.
    Sent,
    /// Taken, and its answer says that the subscription is wanted.
    Confirmed,
    /// To be tried again at this time (ms).
    Later(i64),
    /// Given up.
    Lost,
    /// Nobody is there any more.
    Gone,
}

/// Writes down what became of messages, in one change; forgets who cannot be reached; bounds the queue.
pub(super) async fn settle(db: &Db, done: &[(Due, Outcome)], at: i64) -> sqlx::Result<()> {
    let mut change = db.begin().await?;
    for (due, outcome) in done {
        if let Outcome::Later(next) = outcome {
            sqlx::query("UPDATE delivery SET tries = tries + 1, next_at = $2 WHERE id = $1")
                .bind(due.id)
                .bind(next)
                .execute(&mut *change)
                .await?;
            continue;
        }
        sqlx::query("DELETE FROM delivery WHERE id = $1")
            .bind(due.id)
            .execute(&mut *change)
            .await?;
        // What was never confirmed is not worth a second message.
        let sql = match outcome {
            Outcome::Gone => "DELETE FROM subscriber WHERE id = $1",
            Outcome::Lost if due.word.is_none() => {
                "DELETE FROM subscriber WHERE id = $1 AND confirmed_at IS NULL"
            }
            Outcome::Lost => "UPDATE subscriber SET given_up = given_up + 1 WHERE id = $1",
            _ => "UPDATE subscriber SET given_up = 0 WHERE id = $1 AND given_up > 0",
        };
        sqlx::query(sql)
            .bind(&due.subscriber)
            .execute(&mut *change)
            .await?;
        if *outcome == Outcome::Confirmed {
            sqlx::query("UPDATE subscriber SET confirmed_at = coalesce(confirmed_at, $2) WHERE id = $1")
                .bind(&due.subscriber)
                .bind(at)
                .execute(&mut *change)
                .await?;
        }
    }
    sqlx::query("DELETE FROM subscriber WHERE given_up >= $1")
        .bind(GIVEN_UP)
        .execute(&mut *change)
        .await?;
    sqlx::query(
        "DELETE FROM delivery WHERE id <= (SELECT id FROM delivery ORDER BY id DESC LIMIT 1 OFFSET $1)",
    )
    .bind(QUEUE)
    .execute(&mut *change)
    .await?;
    change.commit().await
}
