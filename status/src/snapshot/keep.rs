//! Keeps the snapshot fresh: after each change of ours, when another process wrote the file, each minute, and
//! when the clock begins or ends a maintenance. A failure keeps the snapshot that is there.

use std::{
    path::PathBuf,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{Mutex, watch};

use super::{House, Snapshot, World};
use crate::{config::Clock, db::Db, error::StatusError, incidents::Incident, maintenance};

/// The page tells its time; it is never older than this (ms).
const FRESH_MS: i64 = 60_000;
/// How often the file and the clock are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Holds the snapshot and makes the next.
pub(crate) struct Keeper {
    house: Arc<House>,
    db: Db,
    clock: Clock,
    now: RwLock<Arc<Snapshot>>,
    /// Told after each new snapshot; who listens sees the newest only.
    renewed: watch::Sender<()>,
    /// One rendering at a time, each with what was true after the one before.
    making: Mutex<()>,
    /// Since when making failed (ms); 0: it does not.
    failing_since: AtomicI64,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keeper")
    }
}

impl Keeper {
    /// Makes the first snapshot.
    pub(crate) async fn new(house: Arc<House>, db: Db, clock: Clock) -> Result<Self, StatusError> {
        let at = clock();
        maintenance::advance(&db, at).await?;
        let world = World::read(&db, &house.times, at).await?;
        let first = Snapshot::render(&house, world, None);
        Ok(Self {
            house,
            db,
            clock,
            now: RwLock::new(Arc::new(first)),
            renewed: watch::Sender::new(()),
            making: Mutex::new(()),
            failing_since: AtomicI64::new(0),
        })
    }

    /// The snapshot.
    pub(crate) fn get(&self) -> Arc<Snapshot> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Hears of each new snapshot.
    pub(crate) fn listen(&self) -> watch::Receiver<()> {
        let mut ear = self.renewed.subscribe();
        ear.mark_changed();
        ear
    }

    /// Since when the store could not be read (ms), if so.
    pub(crate) fn failing_since(&self) -> Option<i64> {
        Some(self.failing_since.load(Ordering::Relaxed)).filter(|at| *at != 0)
    }

    /// Makes the next snapshot; when that fails the one that is there stays.
    pub(crate) async fn refresh(&self) {
        let _one = self.making.lock().await;
        let at = (self.clock)();
        match self.make(at).await {
            Ok(next) => {
                *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
                self.renewed.send_replace(());
                if self.failing_since.swap(0, Ordering::Relaxed) != 0 {
                    tracing::info!("the store is back; the pages are fresh again");
                }
            }
            Err(error) => {
                let first =
                    self.failing_since
                        .compare_exchange(0, at.max(1), Ordering::Relaxed, Ordering::Relaxed);
                if first.is_ok() {
                    tracing::error!(%error, "the pages could not be renewed; the last ones go on being served");
                }
            }
        }
    }

    async fn make(&self, at: i64) -> Result<Snapshot, StatusError> {
        if let Err(error) = maintenance::advance(&self.db, at).await {
            // A full disk must not keep the pages from telling what can still be read.
            tracing::warn!(%error, "a maintenance could not be moved on by the clock");
        }
        let world = World::read(&self.db, &self.house.times, at).await?;
        let (house, before) = (self.house.clone(), self.get());
        tokio::task::spawn_blocking(move || Snapshot::render(&house, world, Some(&before)))
            .await
            .map_err(|error| StatusError::Serve(std::io::Error::other(error)))
    }

    fn is_due(&self, at: i64) -> bool {
        let snapshot = self.get();
        let made = snapshot.world.at;
        at - made >= FRESH_MS
            || at < made
            || self.house.times.date(at) != self.house.times.date(made)
            || maintenance::next_due(&snapshot.world.incidents).is_some_and(|due| due <= at)
            // A promise of the next word that has just been broken is said at once.
            || snapshot.world.open().filter_map(Incident::next_word_at).any(|due| due < at && due >= made)
    }

    /// Looks at the file and the clock for as long as the site runs. Never returns; stop it by dropping it.
    pub(crate) async fn watch(self: Arc<Self>, file: PathBuf) {
        let mut ear: Option<SqliteConnection> = None;
        let mut version = None;
        loop {
            tokio::time::sleep(LOOK).await;
            if ear.is_none() {
                let options = SqliteConnectOptions::new().filename(&file).read_only(true);
                ear = SqliteConnection::connect_with(&options).await.ok();
            }
            let heard = match &mut ear {
                Some(connection) => sqlx::query_scalar::<_, i64>("PRAGMA data_version")
                    .fetch_one(connection)
                    .await
                    .ok(),
                None => None,
            };
            if heard.is_none() {
                ear = None;
            }
            // Our own writes are heard too: one rendering more than needed, a second after a change.
            let changed = heard.is_some() && heard != version;
            version = heard.or(version);
            if changed || self.failing_since().is_some() || self.is_due((self.clock)()) {
                self.refresh().await;
            }
        }
    }
}
