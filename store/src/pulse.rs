//! Whether the database answers: a circuit that one task keeps, so that no request finds out by waiting for it.
//!
//! The task asks once a second, on a connection of its own (the pool may be full of what hangs), with a deadline. Two
//! silent answers in a row, or one refused connection, open the circuit; two good ones close it. Requests read the
//! condition without waiting, and may say that they doubt it: then the task looks at once. Every pause varies by a
//! quarter, so that several programs do not knock at the same moment when the database returns.
//!
//! Where nobody runs the task (commands, most tests) the condition stays [`Condition::Well`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use sqlx::{AnyConnection, Connection};
use tokio::{
    sync::{Notify, watch},
    time::timeout,
};

use crate::{Engine, Store, is_away};

/// Between two questions while all is well.
const EVERY: Duration = Duration::from_secs(1);
/// Between two questions while it is not.
const EVERY_AWAY: Duration = Duration::from_millis(400);
/// A question that takes longer was not answered.
const DEADLINE: Duration = Duration::from_secs(1);
/// Questions in a row without an answer that open the circuit.
const SILENT_MAX: u32 = 2;
/// Good answers in a row that close it.
const GOOD_MIN: u32 = 2;

/// How the database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It answers and writes.
    Well,
    /// It answers and does not write: a failover is under way (FACTS section 4).
    ReadOnly,
    /// It does not answer.
    Away,
}

/// A condition and since when it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How it is.
    pub condition: Condition,
    /// Since when, in ms since the epoch; 0 since the program began.
    pub since_at: i64,
}

/// What is known of one database's condition. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pulse(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    seen: watch::Sender<Seen>,
    doubt: Notify,
    began: Instant,
    /// When it last returned, in ms after `began`; 0: it never was away.
    returned_ms: AtomicU64,
}

impl Default for Pulse {
    fn default() -> Self {
        let (seen, _) = watch::channel(Seen {
            condition: Condition::Well,
            since_at: 0,
        });
        Self(Arc::new(Inner {
            seen,
            doubt: Notify::new(),
            began: Instant::now(),
            returned_ms: AtomicU64::new(0),
        }))
    }
}

impl Pulse {
    /// How it is now, as far as is known. Never waits.
    pub fn condition(&self) -> Condition {
        self.0.seen.borrow().condition
    }

    /// The same, and since when.
    pub fn seen(&self) -> Seen {
        *self.0.seen.borrow()
    }

    /// Every change from now on.
    pub fn watch(&self) -> watch::Receiver<Seen> {
        self.0.seen.subscribe()
    }

    /// Waits until it is away; at once where it is.
    pub async fn gone(&self) {
        let mut seen = self.watch();
        let _ = seen.wait_for(|seen| seen.condition == Condition::Away).await;
    }

    /// Somebody waited in vain: the task looks now instead of at its time.
    pub fn doubt(&self) {
        self.0.doubt.notify_one();
    }

    /// Says how it is. For the task, and for tests that cannot take a database away.
    pub fn tell(&self, condition: Condition) {
        let changed = self.0.seen.send_if_modified(|seen| {
            let changed = seen.condition != condition;
            if changed {
                *seen = Seen {
                    condition,
                    since_at: now_ms(),
                };
            }
            changed
        });
        if changed && condition == Condition::Well {
            let ms = self.0.began.elapsed().as_millis() as u64;
            self.0.returned_ms.store(ms.max(1), Ordering::Relaxed);
        }
    }

    /// Whether a pooled connection of this age may be used: one from before the last return may lead to a server that
    /// is no primary any more, and is given up for a new one when somebody needs it, not all at once.
    pub(crate) fn trusts(&self, age: Duration) -> bool {
        match self.0.returned_ms.load(Ordering::Relaxed) {
            0 => true,
            returned_ms => {
                let since = self
                    .0
                    .began
                    .elapsed()
                    .saturating_sub(Duration::from_millis(returned_ms));
                age <= since
            }
        }
    }
}

fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as i64)
}

/// What one question found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Well,
    ReadOnly,
    /// No answer in time.
    Silent,
    /// Refused or broken off.
    Gone,
    /// Something that says nothing about it (too many connections, a busy writer).
    Nothing,
}

impl Store {
    /// Keeps the condition of this database up to date until told to stop.
    pub async fn keep_pulse(self, mut stopped: watch::Receiver<bool>) {
        let pulse = self.pulse().clone();
        let mut own: Option<AnyConnection> = None;
        let (mut silent, mut good) = (0, GOOD_MIN);
        while !*stopped.borrow() {
            let mut found = self.look(&mut own).await;
            if found == Found::Gone {
                // A connection may die alone; whether its server did, a new one tells.
                found = self.look(&mut own).await;
            }
            silent = if found == Found::Silent { silent + 1 } else { 0 };
            good = if found == Found::Well {
                good + 1
            } else if found == Found::Nothing {
                good
            } else {
                0
            };
            let was = pulse.condition();
            match found {
                Found::Well if good >= GOOD_MIN => pulse.tell(Condition::Well),
                Found::ReadOnly => pulse.tell(Condition::ReadOnly),
                Found::Gone => pulse.tell(Condition::Away),
                Found::Silent if silent >= SILENT_MAX => pulse.tell(Condition::Away),
                Found::Well | Found::Silent | Found::Nothing => {}
            }
            let is = pulse.condition();
            if is != was {
                tracing::warn!(?was, ?is, "the database's condition changed");
            }
            let unsure = is != Condition::Well || silent > 0;
            let pause = varied(if unsure { EVERY_AWAY } else { EVERY });
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = pulse.0.doubt.notified() => {
                    // However many doubt, it is asked five times a second at most.
                    tokio::time::sleep(varied(Duration::from_millis(200))).await;
                }
                _ = stopped.changed() => {}
            }
        }
    }

    /// Asks once.
    async fn look(&self, own: &mut Option<AnyConnection>) -> Found {
        let asked = match self.engine {
            Engine::Postgres => timeout(DEADLINE, self.look_postgres(own)).await,
            Engine::Sqlite => timeout(DEADLINE, self.look_sqlite()).await,
        };
        match asked {
            Ok(Ok(found)) => {
                if found == Found::ReadOnly {
                    // Whoever is reached by a new connection may be the new primary.
                    *own = None;
                }
                found
            }
            Ok(Err(error)) => {
                *own = None;
                let code = error
                    .as_database_error()
                    .and_then(sqlx::error::DatabaseError::code);
                let full = code.is_some_and(|code| code.starts_with("53"));
                if is_away(&error) && !full {
                    Found::Gone
                } else {
                    Found::Nothing
                }
            }
            Err(_) if self.engine == Engine::Sqlite => Found::Nothing,
            Err(_) => {
                *own = None;
                Found::Silent
            }
        }
    }

    async fn look_postgres(&self, own: &mut Option<AnyConnection>) -> sqlx::Result<Found> {
        let connection = match own {
            Some(connection) => connection,
            None => own.insert(AnyConnection::connect_with(&self.read.connect_options()).await?),
        };
        let (read_only,): (String,) = sqlx::query_as("SELECT current_setting('transaction_read_only')")
            .fetch_one(connection)
            .await?;
        Ok(if read_only == "on" {
            Found::ReadOnly
        } else {
            Found::Well
        })
    }

    /// A file has no failover; what can be seen of it is whether it can be read, and whether somebody has put its
    /// writer into reading only.
    async fn look_sqlite(&self) -> sqlx::Result<Found> {
        sqlx::query("SELECT 1 FROM sqlite_schema LIMIT 1")
            .execute(&self.read)
            .await?;
        let Some(mut writer) = self.write.try_acquire() else {
            return Ok(Found::Nothing);
        };
        let (query_only,): (i64,) = sqlx::query_as("PRAGMA query_only")
            .fetch_one(&mut *writer)
            .await?;
        Ok(if query_only == 0 {
            Found::Well
        } else {
            Found::ReadOnly
        })
    }
}

/// A pause that varies by a quarter either way.
fn varied(pause: Duration) -> Duration {
    use std::hash::{BuildHasher, Hasher, RandomState};
    // The standard library's own random seed, because this crate needs no other randomness.
    let random = RandomState::new().build_hasher().finish() % 500;
    pause.mul_f64(0.75 + random as f64 / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_from_before_the_return_are_given_up() {
        let pulse = Pulse::default();
        assert!(pulse.trusts(Duration::from_hours(5)), "it never was away");
        std::thread::sleep(Duration::from_millis(20));
        pulse.tell(Condition::Away);
        pulse.tell(Condition::Well);
        assert!(!pulse.trusts(Duration::from_hours(5)));
        std::thread::sleep(Duration::from_millis(30));
        assert!(pulse.trusts(Duration::from_millis(5)), "made after it");
        assert!(!pulse.trusts(Duration::from_millis(60)));
    }

    #[test]
    fn a_condition_is_told_once_and_has_a_time() {
        let pulse = Pulse::default();
        let mut seen = pulse.watch();
        pulse.tell(Condition::Well);
        assert!(!seen.has_changed().unwrap());
        pulse.tell(Condition::ReadOnly);
        assert!(seen.borrow_and_update().since_at > 0);
        let since_at = pulse.seen().since_at;
        pulse.tell(Condition::ReadOnly);
        assert_eq!(pulse.seen().since_at, since_at);
    }

    #[test]
    fn pauses_vary_by_a_quarter() {
        for _ in 0..100 {
            let pause = varied(Duration::from_secs(1));
            assert!(pause >= Duration::from_millis(750) && pause <= Duration::from_millis(1_250));
        }
    }
}
