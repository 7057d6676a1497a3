//! Keys of programs: a merchant's tills, a card network. Made by a person, shown once, revocable.
//!
//! A key is `neul_` and 256 random bits. The database holds its SHA-256, by which it is looked up: nobody who reads the
//! database has a key, and no comparison tells by its time how much of a guess was right.
//!
//! Costs of a request: none while the key was asked for within [`KNOWN_MS`], else one statement; and once a minute the
//! time of its last use is written, for which nobody waits. A revoked key is refused at once by the process that
//! revoked it, and within [`KNOWN_MS`] by every other.

mod scope;

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
};

pub use scope::Scope;
use serde::{Deserialize, Serialize};

use crate::{Audit, By, Fault, People, audit, secret};

const PREFIX: &str = "neul_";
/// How long a key that was found is taken for valid without asking again, ms.
const KNOWN_MS: i64 = 2_000;
/// Keys remembered at most; more than that many at once and all are asked for anew.
const KNOWN_MAX: usize = 10_000;
/// The longest label, in characters.
const LABEL_MAX: usize = 60;
/// A use is written down when the last one written is older than this, ms.
const USED_MS: i64 = 60_000;
/// The most keys that are not revoked of one owner.
const KEYS_MAX: i64 = 50;

/// Whose program uses a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyOwner {
    /// A merchant of the key's municipality.
    Merchant(i64),
    /// A card network, by its name; its key belongs to the platform (municipality 0).
    Network(String),
}

impl KeyOwner {
    fn columns(&self) -> (Option<i64>, Option<String>) {
        match self {
            Self::Merchant(id) => (Some(*id), None),
            Self::Network(name) => (None, Some(name.clone())),
        }
    }
}

/// A key to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApiKey {
    /// Where it belongs (0: the platform).
    pub municipality: i64,
    /// Whose it is.
    pub owner: KeyOwner,
    /// What people call it: `till 2`. 1–60 characters.
    pub label: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

/// A key as it is known afterwards, without the key itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id.
    pub id: i64,
    /// Where it belongs (0: the platform).
    pub municipality: i64,
    /// Whose it is.
    pub owner: KeyOwner,
    /// What people call it.
    pub label: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made, ms.
    pub made_at: i64,
    /// When it was used last, ms, to the minute.
    pub used_at: Option<i64>,
    /// Since when it is refused, ms.
    pub revoked_at: Option<i64>,
}

impl ApiKey {
    /// Whether it may do this.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

/// Why no key was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ApiKeyProblem {
    /// The label is empty, too long or holds control characters.
    #[error("the label must have 1 to 60 characters")]
    Label,
    /// No scope, or one that such an owner cannot have.
    #[error("choose what the key may do")]
    Scopes,
    /// The owner has a key of that label that works.
    #[error("there is a key of that name already")]
    LabelTaken,
    /// The owner has 50 keys that are not revoked.
    #[error("there are 50 keys already: revoke one first")]
    TooMany,
}

/// Why a key could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyError {
    /// What to set right.
    #[error(transparent)]
    Refused(#[from] ApiKeyProblem),
    /// The house could not do it.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<sqlx::Error> for ApiKeyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// The text of a key. Shown once to whoever made it, never kept and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText(pub String);

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyText(…)")
    }
}

/// Keys found lately, by their hash, with the time of asking.
#[derive(Debug, Default)]
pub(crate) struct KnownKeys(Mutex<HashMap<String, (i64, ApiKey)>>);

impl KnownKeys {
    fn get(&self, hash: &str, at: i64) -> Option<ApiKey> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (asked_at, key) = known.get(hash)?;
        (0..KNOWN_MS).contains(&(at - asked_at)).then(|| key.clone())
    }

    fn put(&self, hash: String, key: ApiKey, at: i64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(hash, (at, key));
    }

    fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

const COLUMNS: &str = "municipality, id, merchant, network, label, scopes, made_at, used_at, revoked_at";

type Row = (
    i64,
    i64,
    Option<i64>,
    Option<String>,
    String,
    String,
    i64,
    Option<i64>,
    Option<i64>,
);

fn of_row(
    (municipality, id, merchant, network, label, scopes, made_at, used_at, revoked_at): Row,
) -> Result<ApiKey, Fault> {
    let owner = match (merchant, network) {
        (Some(merchant), None) => KeyOwner::Merchant(merchant),
        (None, Some(network)) => KeyOwner::Network(network),
        _ => return Err(Fault::Row("a key of nobody's".to_owned())),
    };
    Ok(ApiKey {
        id,
        municipality,
        owner,
        label,
        scopes: scope::from_text(&scopes),
        made_at,
        used_at,
        revoked_at,
    })
}

fn check(new: &NewApiKey) -> Result<(String, Vec<Scope>), ApiKeyProblem> {
    let label = new.label.trim();
    if !(1..=LABEL_MAX).contains(&label.chars().count()) || label.chars().any(char::is_control) {
        return Err(ApiKeyProblem::Label);
    }
    let allowed: &[Scope] = match new.owner {
        KeyOwner::Merchant(_) => &Scope::OF_MERCHANTS,
        KeyOwner::Network(_) => &Scope::OF_NETWORKS,
    };
    let mut scopes = new.scopes.clone();
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() || scopes.iter().any(|scope| !allowed.contains(scope)) {
        return Err(ApiKeyProblem::Scopes);
    }
    Ok((label.to_owned(), scopes))
}

fn deed(key: (i64, i64), by: By, action: &str, from_ip: &str, detail: String) -> Audit {
    Audit {
        municipality: key.0,
        actor_kind: by.kind,
        actor_id: by.id,
        action: action.to_owned(),
        record: format!("api_key/{}", key.1),
        from_ip: from_ip.to_owned(),
        detail: if by.part.is_empty() {
            detail
        } else {
            format!("{detail}; {}", by.part)
        },
    }
}

impl People {
    /// Makes a key, and writes it down in the audit log. The text is nowhere else than in the answer.
    pub async fn make_api_key(
        &self,
        new: &NewApiKey,
        by: impl Into<By>,
        from_ip: &str,
        at: i64,
    ) -> Result<(ApiKey, KeyText), ApiKeyError> {
        let (label, scopes) = check(new)?;
        let text = KeyText(format!("{PREFIX}{}", secret::long_token()));
        let by = by.into();
        let mut ids = self.store().ids(new.municipality, 2).await?;
        let (Some(id), Some(audit_id)) = (ids.next(), ids.next()) else {
            return Err(Fault::Row("too few ids".to_owned()).into());
        };
        let (merchant, network) = new.owner.columns();
        let mut transaction = self.store().begin().await?;
        let done = sqlx::query(
            "INSERT INTO api_keys (municipality, id, merchant, network, label, scopes, key_sha256, made_at, made_by) \
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE (SELECT COUNT(*) FROM api_keys WHERE municipality = $1 \
             AND revoked_at IS NULL AND (merchant = $3 OR network = $4)) < $10 ON CONFLICT DO NOTHING",
        )
        .bind(new.municipality)
        .bind(id)
        .bind(merchant)
        .bind(network)
        .bind(&label)
        .bind(scope::to_text(&scopes))
        .bind(secret::hash(&text.0))
        .bind(at)
        .bind(by.id)
        .bind(KEYS_MAX)
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            transaction.rollback().await?;
            let keys = self.api_keys(new.municipality, &new.owner).await?;
            let taken = keys
                .iter()
                .any(|key| key.revoked_at.is_none() && key.label == label);
            let problem = if taken {
                ApiKeyProblem::LabelTaken
            } else {
                ApiKeyProblem::TooMany
            };
            return Err(problem.into());
        }
        let deed = deed(
            (new.municipality, id),
            by,
            "api_key.make",
            from_ip,
            scope::to_text(&scopes),
        );
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        let key = ApiKey {
            id,
            municipality: new.municipality,
            owner: new.owner.clone(),
            label,
            scopes,
            made_at: at,
            used_at: None,
            revoked_at: None,
        };
        Ok((key, text))
    }

    /// The keys of an owner, those that work first, then newest first.
    pub async fn api_keys(&self, municipality: i64, owner: &KeyOwner) -> Result<Vec<ApiKey>, Fault> {
        let (merchant, network) = owner.columns();
        let sql = format!(
            "SELECT {COLUMNS} FROM api_keys WHERE municipality = $1 AND (merchant = $2 OR network = $3) \
             ORDER BY CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, id DESC LIMIT 500"
        );
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(merchant)
            .bind(network)
            .fetch_all(&self.store().read)
            .await?;
        rows.into_iter().map(of_row).collect()
    }

    /// The key with this text, if it works. Also notes, now and then, that it was used.
    pub async fn api_key(&self, text: &str, at: i64) -> Result<Option<ApiKey>, Fault> {
        if !text.starts_with(PREFIX) || text.len() > 100 {
            return Ok(None);
        }
        let hash = secret::hash(text);
        if let Some(key) = self.inner.known_keys.get(&hash, at) {
            return Ok(Some(key));
        }
        let sql = format!("SELECT {COLUMNS} FROM api_keys WHERE key_sha256 = $1 AND revoked_at IS NULL");
        let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(&hash)
            .fetch_optional(&self.store().read)
            .await?;
        let Some(key) = row.map(of_row).transpose()? else {
            return Ok(None);
        };
        if key.used_at.is_none_or(|used_at| at - used_at >= USED_MS) {
            self.note_use(&key, at);
        }
        self.inner.known_keys.put(hash, key.clone(), at);
        Ok(Some(key))
    }

    /// Writes down that a key was used; nobody waits for it.
    fn note_use(&self, key: &ApiKey, at: i64) {
        let (pool, municipality, id) = (self.store().write.clone(), key.municipality, key.id);
        tokio::spawn(async move {
            let done = sqlx::query(
                "UPDATE api_keys SET used_at = $3 WHERE municipality = $1 AND id = $2 \
                 AND (used_at IS NULL OR used_at < $3)",
            )
            .bind(municipality)
            .bind(id)
            .bind(at)
            .execute(&pool)
            .await;
            if let Err(error) = done {
                tracing::warn!(%error, "a key's last use was not written");
            }
        });
    }

    /// Revokes an owner's key; whether there was one to revoke. Written down in the audit log.
    pub async fn revoke_api_key(
        &self,
        municipality: i64,
        owner: &KeyOwner,
        id: i64,
        by: impl Into<By>,
        from_ip: &str,
        at: i64,
    ) -> Result<bool, Fault> {
        let by = by.into();
        let (merchant, network) = owner.columns();
        let audit_id = self.store().id(municipality).await?;
        let mut transaction = self.store().begin().await?;
        let done = sqlx::query(
            "UPDATE api_keys SET revoked_at = $5, revoked_by = $6 WHERE municipality = $1 AND id = $2 \
             AND (merchant = $3 OR network = $4) AND revoked_at IS NULL",
        )
        .bind(municipality)
        .bind(id)
        .bind(merchant)
        .bind(network)
        .bind(at)
        .bind(by.id)
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let deed = deed((municipality, id), by, "api_key.revoke", from_ip, String::new());
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        self.inner.known_keys.forget();
        Ok(true)
    }
}
