//! The room itself: what it is made of, and the few facts about the whole database.

use std::{fmt, sync::Arc};

use store::Store;
use tokio::sync::OnceCell;

use crate::{
    CodeSender, Fault, Keys, Purpose, api_keys::KnownKeys, codes::CodeTries, passwords::Hasher, seal::Sealer,
};

/// What may be set. Times in milliseconds.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Whether this is a demo: a hint to the program, see also [`People::is_demo`].
    pub demo: bool,
    /// Codes that may be sent to one phone in an hour.
    pub codes_per_phone_hour: i64,
    /// Codes that may be asked for from one address in an hour.
    pub codes_per_ip_hour: i64,
    /// How long a code may be used.
    pub code_life_ms: i64,
    /// Wrong codes until a proof is dead.
    pub code_tries: i64,
    /// How long a proved phone may be used to sign up or recover.
    pub proven_life_ms: i64,
    /// Failed sign-ins of one login id from one address in ten minutes.
    pub failures_per_pair: i64,
    /// Failed sign-ins of one login id from anywhere in an hour (NIST SP 800-63B 5.2.2: at most 100).
    pub failures_per_login: i64,
    /// Failed sign-ins from one address in ten minutes (many people share one at a carrier or in an office).
    pub failures_per_ip: i64,
    /// How long a resident's session lives at most.
    pub resident_session_ms: i64,
    /// How long a staff session lives at most.
    pub staff_session_ms: i64,
    /// How long a staff session lives unused.
    pub staff_idle_ms: i64,
    /// How long a request waits at most for its session's last-seen time to be written.
    pub seen_wait_ms: u64,
    /// argon2id: memory in KiB, passes, lanes. The default is OWASP's (19 MiB, 2, 1).
    pub argon2: (u32, u32, u32),
    /// Passwords hashed at a time; 0: as many as there are processors.
    pub hashes_at_once: usize,
    /// The text sent with a code. The default is Korean.
    pub code_text: fn(Purpose, &str) -> String,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            demo: false,
            codes_per_phone_hour: 5,
            codes_per_ip_hour: 30,
            code_life_ms: 5 * MINUTE_MS,
            code_tries: 5,
            proven_life_ms: 20 * MINUTE_MS,
            failures_per_pair: 10,
            failures_per_login: 50,
            failures_per_ip: 200,
            resident_session_ms: 90 * 24 * HOUR_MS,
            staff_session_ms: 12 * HOUR_MS,
            staff_idle_ms: 30 * MINUTE_MS,
            seen_wait_ms: 250,
            argon2: (19 * 1024, 2, 1),
            hashes_at_once: 0,
            code_text: crate::proofs::code_text,
        }
    }
}

pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Who is who: the one door to residents, staff, sessions, personal data and the audit log. Cheap to clone.
#[derive(Clone)]
pub struct People {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) sealer: Sealer,
    pub(crate) sender: Arc<dyn CodeSender>,
    pub(crate) hasher: Hasher,
    pub(crate) policy: Policy,
    pub(crate) known_keys: KnownKeys,
    pub(crate) code_tries: CodeTries,
    /// Whether staff need a second factor here; asked once.
    pub(crate) second_factor: OnceCell<bool>,
}

impl People {
    /// The room over an open store whose [`crate::MIGRATIONS`] have run.
    pub fn new(store: Store, keys: Keys, sender: Arc<dyn CodeSender>, policy: Policy) -> Self {
        let hasher = Hasher::new(&policy);
        Self {
            inner: Arc::new(Inner {
                store,
                sealer: Sealer::new(keys),
                sender,
                hasher,
                policy,
                known_keys: KnownKeys::default(),
                code_tries: CodeTries::default(),
                second_factor: OnceCell::new(),
            }),
        }
    }

    /// The settings in force.
    pub fn policy(&self) -> &Policy {
        &self.inner.policy
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Says for good that demo people live in this database. `neul demo` says it *before* it fills one, so that
    /// a fill that broke off half way is known for what it is.
    pub async fn mark_demo(&self, at: i64) -> Result<(), Fault> {
        sqlx::query("INSERT INTO house (key, value) VALUES ('demo', $1) ON CONFLICT (key) DO NOTHING")
            .bind(at.to_string())
            .execute(&self.store().write)
            .await?;
        Ok(())
    }

    /// Whether `neul demo` filled this database.
    pub async fn is_demo(&self) -> Result<bool, Fault> {
        Ok(self.value("demo").await?.is_some())
    }

    /// Whether there is no login and no resident.
    pub async fn is_empty(&self) -> Result<bool, Fault> {
        let found: Option<(i64,)> =
            sqlx::query_as("SELECT id FROM logins UNION ALL SELECT id FROM residents LIMIT 1")
                .fetch_optional(&self.store().read)
                .await?;
        Ok(found.is_none())
    }

    pub(crate) async fn value(&self, key: &str) -> Result<Option<String>, Fault> {
        let row: Option<(String,)> = sqlx::query_as("SELECT value FROM house WHERE key = $1")
            .bind(key)
            .fetch_optional(&self.store().read)
            .await?;
        Ok(row.map(|(value,)| value))
    }

    /// Deletes what no rule needs any more: dead proofs after a day, empty buckets, sessions that ended or ran
    /// out 90 days ago, invitations as old, sign-ins after two years. For a job once an hour; returns the number of rows.
    pub async fn tidy(&self, at: i64) -> Result<u64, Fault> {
        let day = 24 * HOUR_MS;
        let old_session = self.inner.policy.resident_session_ms + 90 * day;
        let mut gone = 0;
        for (sql, before) in [
            ("DELETE FROM proofs WHERE made_at < $1", at - day),
            ("DELETE FROM limits WHERE full_at < $1", at),
            ("DELETE FROM sessions WHERE ended_at < $1", at - 90 * day),
            ("DELETE FROM sessions WHERE seen_at < $1", at - old_session),
            // Two years: what the rule for access records asks of those who handle personal data of many.
            ("DELETE FROM sign_ins WHERE at < $1", at - 2 * 365 * day),
            ("DELETE FROM reveals WHERE until_at < $1", at),
            ("DELETE FROM invitations WHERE until_at < $1", at - 90 * day),
        ] {
            gone += sqlx::query(sql)
                .bind(before)
                .execute(&self.store().write)
                .await?
                .rows_affected();
        }
        Ok(gone)
    }
}

impl fmt::Debug for People {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "People({:?})", self.inner.store.engine)
    }
}
