//! The site's own store: one `SQLite` file, one writer, nothing of anyone else's in it.
//!
//! The lock file says who *serves* (it renders, moves maintenance on by the clock and answers). It does not
//! keep other processes from the file: `neul status operator add` may write beside a running site, because
//! `SQLite` in WAL lets a second process in for the length of one statement, and the running site notices by
//! `PRAGMA data_version`.

use std::{
    fs::{File, OpenOptions},
    path::Path,
    time::Duration,
};

use fs4::FileExt;
use sqlx::{
    SqlStr, Sqlite, SqlitePool, Transaction,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::error::StatusError;

const STEPS: [(i64, &str, &str); 4] = [
    (1, "the site", include_str!("../migrations/0001_site.sql")),
    (2, "the desk", include_str!("../migrations/0002_desk.sql")),
    (3, "the probes", include_str!("../migrations/0003_probes.sql")),
    (
        4,
        "subscriptions",
        include_str!("../migrations/0004_subscriptions.sql"),
    ),
];

/// The store, ready to use. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Db {
    /// Connections for reading.
    pub(crate) read: SqlitePool,
    /// The one connection that writes.
    pub(crate) write: SqlitePool,
}

impl Db {
    /// Opens (and makes) `<dir>/status.db` and brings it up to date.
    pub(crate) async fn open(dir: &Path) -> Result<Self, StatusError> {
        std::fs::create_dir_all(dir).map_err(|error| StatusError::Folder {
            dir: dir.to_owned(),
            error,
        })?;
        make_private(&dir.join("status.db")).map_err(|error| StatusError::Folder {
            dir: dir.to_owned(),
            error,
        })?;
        let options = SqliteConnectOptions::new()
            .filename(dir.join("status.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Acknowledged means durable (DESIGN 4).
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .pragma("cache_size", "-4000");
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(Duration::from_secs(5))
        };
        let write = pool(1).connect_with(options.clone()).await?;
        let steps = STEPS
            .into_iter()
            .map(|(version, what, sql)| {
                Migration::new(
                    version,
                    what.into(),
                    MigrationType::Simple,
                    SqlStr::from_static(sql),
                    false,
                )
            })
            .collect();
        Migrator::with_migrations(steps).run(&write).await?;
        let read = pool(4).connect_with(options).await?;
        Ok(Self { read, write })
    }

    /// Begins a change; the write lock is taken at once, so that it cannot fail half way for having read first.
    pub(crate) async fn begin(&self) -> sqlx::Result<Transaction<'static, Sqlite>> {
        self.write.begin_with("BEGIN IMMEDIATE").await
    }

    /// The id of this page, made once.
    pub(crate) async fn page_id(&self) -> sqlx::Result<String> {
        sqlx::query("INSERT INTO meta (key, value) VALUES ('page_id', $1) ON CONFLICT DO NOTHING")
            .bind(new_id())
            .execute(&self.write)
            .await?;
        sqlx::query_scalar("SELECT value FROM meta WHERE key = 'page_id'")
            .fetch_one(&self.read)
            .await
    }

    /// Ends all connections.
    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

/// Makes an empty file that its owner alone may read, where there is none yet: it will hold the operators'
/// passwords. `SQLite` gives the files beside it (WAL) the same mode.
fn make_private(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// The right to serve from a folder, held as long as this lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, or says that another process has it.
    pub(crate) fn take(dir: &Path) -> Result<Self, StatusError> {
        let folder = |error| StatusError::Folder {
            dir: dir.to_owned(),
            error,
        };
        std::fs::create_dir_all(dir).map_err(folder)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(dir.join("lock"))
            .map_err(folder)?;
        match FileExt::try_lock(&file) {
            Ok(()) => Ok(Self { _file: file }),
            Err(fs4::TryLockError::WouldBlock) => Err(StatusError::Running { dir: dir.to_owned() }),
            Err(fs4::TryLockError::Error(error)) => Err(folder(error)),
        }
    }
}

/// A new id for a page, an incident or an update: twelve characters, as Statuspage's are.
pub(crate) fn new_id() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let random: [u8; 12] = rand::random();
    random
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte & 31)]))
        .collect()
}
