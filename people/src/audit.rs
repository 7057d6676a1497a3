//! The audit log: who did what, when, from where, to which record. Append-only in the schema, on both engines.
//!
//! Each line is chained to the one before it (`chain`): a line that was changed, taken out or slipped in is found by
//! [`People::verify_audit`], even where somebody switched the triggers off.
//!
//! `detail` never holds personal data. The address stands in full: the rule for access records to personal
//! data (개인정보의 안전성 확보조치 기준 제8조) asks for it.

mod chain;

pub use chain::{AuditDifference, AuditHead};
use serde::{Deserialize, Serialize};
use sqlx::{Any, AssertSqlSafe, Transaction};

use crate::{Client, Fault, People, Session};

/// What kind of actor did something; with its id in [`Audit::actor_id`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A resident's login.
    Resident,
    /// A staff login.
    Staff,
    /// The program itself or its command line (id 0).
    System,
    /// A program with a key ([`crate::ApiKey`]).
    ApiKey,
}

impl Actor {
    fn name(self) -> &'static str {
        match self {
            Self::Resident => "resident",
            Self::Staff => "staff",
            Self::System => "system",
            Self::ApiKey => "api_key",
        }
    }
}

/// Who had something done: a staff login by its id, or a part of the system by its name (`"command line"`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    pub(crate) kind: Actor,
    pub(crate) id: i64,
    pub(crate) part: String,
}

impl From<i64> for By {
    fn from(id: i64) -> Self {
        let kind = if id == 0 { Actor::System } else { Actor::Staff };
        Self {
            kind,
            id,
            part: String::new(),
        }
    }
}

impl From<&str> for By {
    fn from(part: &str) -> Self {
        Self {
            kind: Actor::System,
            id: 0,
            part: part.to_owned(),
        }
    }
}

/// One deed to write down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Whose log it belongs to (0: the platform's).
    pub municipality: i64,
    /// What kind of actor.
    pub actor_kind: Actor,
    /// Which one (a login's id; 0 for the system).
    pub actor_id: i64,
    /// What was done, `resource.verb`: `payout.approve`.
    pub action: String,
    /// To which record: `payout/123`.
    pub record: String,
    /// From which address; empty where there was none.
    pub from_ip: String,
    /// More, in codes and numbers. Never personal data.
    pub detail: String,
}

/// What somebody who is signed in did to their own login.
pub(crate) fn own_deed(
    session: &Session,
    municipality: i64,
    client: &Client,
    action: &str,
    detail: String,
) -> Audit {
    let login = session.who.login();
    Audit {
        municipality,
        actor_kind: session.who.actor(),
        actor_id: login,
        action: action.to_owned(),
        record: format!("login/{login}"),
        from_ip: client.ip.clone(),
        detail,
    }
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// The row's id.
    pub id: i64,
    /// When, in milliseconds.
    pub at: i64,
    /// What kind of actor: `resident`, `staff`, `system`, `api_key`.
    pub actor_kind: String,
    /// Which one.
    pub actor_id: i64,
    /// The actor's login id, for staff of this municipality or the platform (looked up when read; residents'
    /// stay theirs).
    pub actor_login_id: Option<String>,
    /// What was done.
    pub action: String,
    /// To which record.
    pub record: String,
    /// From which address.
    pub from_ip: String,
    /// More.
    pub detail: String,
}

/// Which lines to read; what is `None` is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFilter {
    /// Actions that begin with this (`payout.`).
    pub action: Option<String>,
    /// This actor's.
    pub actor_id: Option<i64>,
    /// About exactly this record.
    pub record: Option<String>,
    /// With this somewhere in deed, record, detail or address, in capitals or not.
    pub text: Option<String>,
    /// From this moment on.
    pub from_at: Option<i64>,
    /// Before this moment.
    pub until_at: Option<i64>,
}

/// Where the next page begins: the last line of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditCursor {
    /// That line's time.
    pub at: i64,
    /// That line's id.
    pub id: i64,
}

impl From<&AuditRow> for AuditCursor {
    fn from(row: &AuditRow) -> Self {
        Self {
            at: row.at,
            id: row.id,
        }
    }
}

impl People {
    /// Writes one deed down.
    pub async fn audit(&self, audit: Audit, at: i64) -> Result<(), Fault> {
        let id = self.store().id(audit.municipality).await?;
        let mut transaction = self.store().begin().await?;
        write(&mut transaction, id, &audit, at).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Reads a municipality's log, newest first, at most `limit` (1–1000) lines after the cursor.
    pub async fn audit_log(
        &self,
        municipality: i64,
        filter: &AuditFilter,
        cursor: Option<AuditCursor>,
        limit: i64,
    ) -> Result<Vec<AuditRow>, Fault> {
        let actor = filter.actor_id.map_or("", |_| " AND a.actor_id = $6");
        let mut next = 6 + usize::from(filter.actor_id.is_some());
        let mut texts = Vec::new();
        let mut with = |given: &Option<String>, condition: fn(usize) -> String| match given {
            Some(text) => {
                texts.push(text.clone());
                next += 1;
                condition(next - 1)
            }
            None => String::new(),
        };
        let action = with(&filter.action, |n| {
            format!(" AND SUBSTR(a.action, 1, LENGTH(${n})) = ${n}")
        });
        let record = with(&filter.record, |n| format!(" AND a.record = ${n}"));
        let pattern = filter.text.as_deref().map(pattern);
        let text = with(&pattern, |n| {
            let columns = ["action", "record", "detail", "from_ip"]
                .map(|column| format!("LOWER(a.{column}) LIKE ${n} ESCAPE '!'"));
            format!(" AND ({})", columns.join(" OR "))
        });
        let limit = limit.clamp(1, 1000);
        let sql = format!(
            "SELECT a.id, a.at, a.actor_kind, a.actor_id, l.login_id, a.action, a.record, a.from_ip, a.detail \
             FROM audit a LEFT JOIN logins l ON l.id = a.actor_id \
             AND l.kind = 'staff' AND l.municipality IN (a.municipality, 0) \
             WHERE a.municipality = $1 AND a.at >= $2 AND a.at < $3 AND (a.at < $4 OR (a.at = $4 AND a.id < $5))\
             {actor}{action}{record}{text} ORDER BY a.at DESC, a.id DESC LIMIT {limit}"
        );
        let cursor = cursor.unwrap_or(AuditCursor {
            at: i64::MAX,
            id: i64::MAX,
        });
        let mut query = sqlx::query_as::<
            _,
            (
                i64,
                i64,
                String,
                i64,
                Option<String>,
                String,
                String,
                String,
                String,
            ),
        >(AssertSqlSafe(sql))
        .bind(municipality)
        .bind(filter.from_at.unwrap_or(i64::MIN))
        .bind(filter.until_at.unwrap_or(i64::MAX))
        .bind(cursor.at)
        .bind(cursor.id);
        if let Some(actor) = filter.actor_id {
            query = query.bind(actor);
        }
        for text in texts {
            query = query.bind(text);
        }
        let rows = query.fetch_all(&self.store().read).await?;
        Ok(rows
            .into_iter()
            .map(
                |(id, at, actor_kind, actor_id, actor_login_id, action, record, from_ip, detail)| AuditRow {
                    id,
                    at,
                    actor_kind,
                    actor_id,
                    actor_login_id,
                    action,
                    record,
                    from_ip,
                    detail,
                },
            )
            .collect())
    }
}

/// A text as `LIKE` looks for it: anywhere, and nothing in it is a pattern.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars().flat_map(char::to_lowercase) {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// Writes one deed down with what it belongs to, as the newest link of its municipality's chain. To be the last thing
/// that a transaction does: from here to its end every other deed of the municipality waits.
pub(crate) async fn write(
    transaction: &mut Transaction<'static, Any>,
    id: i64,
    audit: &Audit,
    at: i64,
) -> sqlx::Result<()> {
    let place = chain::take_place(transaction, audit.municipality).await?;
    sqlx::query(
        "INSERT INTO audit (municipality, id, at, actor_kind, actor_id, action, record, from_ip, detail) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(audit.municipality)
    .bind(id)
    .bind(at)
    .bind(audit.actor_kind.name())
    .bind(audit.actor_id)
    .bind(&audit.action)
    .bind(&audit.record)
    .bind(&audit.from_ip)
    .bind(&audit.detail)
    .execute(&mut **transaction)
    .await?;
    chain::link(transaction, place, id, audit, at).await
}
