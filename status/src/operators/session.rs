//! Sessions of the desk: a row each, and a signed cookie. They survive restarts.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{Deed, Keys, log};
use crate::db::Db;

/// A session ends after so long without a request (ms).
const IDLE_MS: i64 = 12 * 3_600_000;
/// A session ends so long after sign-in, whatever happens (ms).
const WHOLE_MS: i64 = 7 * 24 * 3_600_000;
/// The row is touched at most this often (ms): reading pages does not write to the disk each time.
const TOUCH_MS: i64 = 60_000;

/// A signed-in operator.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// Who.
    pub(crate) login: String,
    /// The row's key.
    digest: String,
}

impl Session {
    /// The token that every form of this session carries.
    pub(crate) fn form_token(&self, keys: &Keys) -> String {
        keys.sign("form", &self.digest)
    }

    /// Whether a form's token is this session's.
    pub(crate) fn owns(&self, keys: &Keys, token: &str) -> bool {
        keys.verify("form", &self.digest, token)
    }
}

fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Begins a session; gives back the cookie's value.
pub(crate) async fn begin(
    db: &Db,
    keys: &Keys,
    operator: i64,
    deed: Deed<'_>,
    at: i64,
) -> sqlx::Result<String> {
    let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let mut change = db.begin().await?;
    // What is long over needs no row.
    sqlx::query("DELETE FROM session WHERE ends_at < $1")
        .bind(at - WHOLE_MS)
        .execute(&mut *change)
        .await?;
    sqlx::query("INSERT INTO session (token_digest, operator_id, created_at, seen_at, ends_at) VALUES ($1, $2, $3, $3, $4)")
        .bind(digest(&token))
        .bind(operator)
        .bind(at)
        .bind(at + WHOLE_MS)
        .execute(&mut *change)
        .await?;
    log(&mut change, &deed, deed.operator, "{}", at).await?;
    change.commit().await?;
    let signature = keys.sign("session", &token);
    Ok(format!("{token}.{signature}"))
}

/// The session of a cookie, if it is ours, known and not over. Reads; the time last seen is written now and
/// then, and not being able to write it signs nobody out.
pub(crate) async fn find(db: &Db, keys: &Keys, cookie: &str, at: i64) -> sqlx::Result<Option<Session>> {
    let Some((token, signature)) = cookie.split_once('.') else {
        return Ok(None);
    };
    if !keys.verify("session", token, signature) {
        return Ok(None);
    }
    let digest = digest(token);
    let row: Option<(String, i64)> = sqlx::query_as(
        "SELECT o.login, s.seen_at FROM session s JOIN operator o ON o.id = s.operator_id \
         WHERE s.token_digest = $1 AND s.ended_at IS NULL AND s.ends_at > $2 AND s.seen_at > $3",
    )
    .bind(&digest)
    .bind(at)
    .bind(at - IDLE_MS)
    .fetch_optional(&db.read)
    .await?;
    let Some((login, seen_at)) = row else {
        return Ok(None);
    };
    if at - seen_at > TOUCH_MS {
        let touched = sqlx::query("UPDATE session SET seen_at = $2 WHERE token_digest = $1")
            .bind(&digest)
            .bind(at)
            .execute(&db.write)
            .await;
        if let Err(error) = touched {
            tracing::warn!(%error, "the time a session was last seen could not be written");
        }
    }
    Ok(Some(Session { login, digest }))
}

/// Ends a session.
pub(crate) async fn end(db: &Db, session: &Session, deed: Deed<'_>, at: i64) -> sqlx::Result<()> {
    let mut change = db.begin().await?;
    sqlx::query("UPDATE session SET ended_at = $2 WHERE token_digest = $1")
        .bind(&session.digest)
        .bind(at)
        .execute(&mut *change)
        .await?;
    log(&mut change, &deed, &session.login, "{}", at).await?;
    change.commit().await
}
