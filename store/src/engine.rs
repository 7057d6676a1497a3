//! Opening an engine and the few statements that differ.

use std::{str::FromStr, time::Duration};

use sqlx::{
    Any, AnyPool, SqlStr, Transaction,
    any::{AnyConnectOptions, AnyPoolOptions},
    migrate::{Migration, MigrationType, Migrator},
};

use crate::{Ids, Pulse};

/// Which database stands behind a [`Store`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, one writer at a time, a file beside the program.
    Sqlite,
    /// From one server to a Patroni cluster.
    Postgres,
}

/// Why a database could not be opened or brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// `DATABASE_URL` is neither `sqlite://…` nor `postgres://…`.
    #[error("DATABASE_URL must begin with sqlite:// or postgres://, not {0:?}")]
    Url(String),
    /// The folder of the `SQLite` file could not be made.
    #[error("cannot make the folder of the database: {0}")]
    Folder(#[from] std::io::Error),
    /// The engine refused or could not be reached.
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
    /// A migration failed.
    #[error(transparent)]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// One migration: version, what it does, its SQL (several statements).
pub type Step = (i64, &'static str, &'static str);

/// The migrations of one room.
#[derive(Clone, Copy, Debug)]
pub struct Migrations {
    /// What both engines run.
    pub common: &'static [Step],
    /// What only `SQLite` runs (its way to write a trigger).
    pub sqlite: &'static [Step],
    /// What only `PostgreSQL` runs.
    pub postgres: &'static [Step],
}

/// One database, ready to use. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    /// Which engine this is.
    pub engine: Engine,
    /// Connections for reading.
    pub read: AnyPool,
    /// Connections for writing: a single one on `SQLite`, whose writers would else wait for each other by
    /// polling; the same pool as `read` on `PostgreSQL`.
    pub write: AnyPool,
    ids: Ids,
    pulse: Pulse,
}

impl Store {
    /// Opens (and for `SQLite` creates) the database at `url`.
    ///
    /// Acknowledged means durable (DESIGN 4): `SQLite` runs in WAL with `synchronous=FULL`, `PostgreSQL`
    /// keeps `synchronous_commit=on`. `random_page_cost=1.1` keeps large updates off sequential scans
    /// (FACTS section 5).
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        if let Some(path) = url.strip_prefix("sqlite://") {
            let path = path.split('?').next().unwrap_or_default();
            if let Some(folder) = std::path::Path::new(path)
                .parent()
                .filter(|f| !f.as_os_str().is_empty())
            {
                std::fs::create_dir_all(folder)?;
            }
            make_private(std::path::Path::new(path))?;
            let options = AnyConnectOptions::from_str(&format!("sqlite://{path}?mode=rwc"))?;
            let write = sqlite_pool(1).connect_with(options.clone()).await?;
            let read = sqlite_pool(8).connect_with(options).await?;
            return Ok(Self {
                engine: Engine::Sqlite,
                read,
                write,
                ids: Ids::default(),
                pulse: Pulse::default(),
            });
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let pulse = Pulse::default();
            let trust = pulse.clone();
            let pool = AnyPoolOptions::new()
                .max_connections(16)
                .before_acquire(move |_, meta| {
                    let trusted = trust.trusts(meta.age);
                    Box::pin(async move { Ok(trusted) })
                })
                .acquire_timeout(Duration::from_secs(5))
                .after_connect(|connection, _| {
                    Box::pin(async move {
                        sqlx::raw_sql("SET synchronous_commit = on; SET random_page_cost = 1.1")
                            .execute(connection)
                            .await?;
                        Ok(())
                    })
                })
                .connect(url)
                .await?;
            return Ok(Self {
                engine: Engine::Postgres,
                read: pool.clone(),
                write: pool,
                ids: Ids::default(),
                pulse,
            });
        }
        Err(StoreError::Url(
            url.split("://").next().unwrap_or_default().to_owned(),
        ))
    }

    /// Begins a transaction that will write. On `SQLite` it takes the write lock at once, so that it cannot
    /// fail half way for having read first.
    ///
    /// It begins in a task of its own, which goes on when the caller is dropped (a browser hangs up): sqlx 0.9
    /// counts a transaction only once `BEGIN` was answered, so one dropped before that would go back to the
    /// pool open, and whoever wrote next on that connection would be told "done" and lose it.
    pub async fn begin(&self) -> sqlx::Result<Transaction<'static, Any>> {
        let (engine, pool) = (self.engine, self.write.clone());
        let begun = tokio::spawn(async move {
            match engine {
                Engine::Sqlite => pool.begin_with("BEGIN IMMEDIATE").await,
                Engine::Postgres => pool.begin().await,
            }
        });
        begun
            .await
            .unwrap_or_else(|error| Err(sqlx::Error::Io(std::io::Error::other(error))))
    }

    /// Begins a transaction that only reads and sees one moment throughout, however long it takes. Begun as
    /// [`Store::begin`] does.
    pub async fn begin_snapshot(&self) -> sqlx::Result<Transaction<'static, Any>> {
        let (engine, pool) = (self.engine, self.read.clone());
        let begun = tokio::spawn(async move {
            match engine {
                Engine::Sqlite => pool.begin().await,
                Engine::Postgres => {
                    pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                        .await
                }
            }
        });
        begun
            .await
            .unwrap_or_else(|error| Err(sqlx::Error::Io(std::io::Error::other(error))))
    }

    /// Ends a `SELECT` that must hold its rows until the transaction ends; `SQLite` holds the whole
    /// database already.
    pub fn for_update(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR UPDATE",
        }
    }

    /// Runs what is missing of a room's migrations: the common ones, then this engine's own (triggers).
    /// Rooms keep apart by version: store 1–999, ledger 1000–1999, people 2000–2999.
    pub async fn migrate(&self, room: &Migrations) -> Result<(), StoreError> {
        let own = match self.engine {
            Engine::Sqlite => room.sqlite,
            Engine::Postgres => room.postgres,
        };
        let ids = (1, "id blocks", include_str!("../migrations/0001_id_blocks.sql"));
        let list = [&[ids], room.common, own].concat();
        let mut list: Vec<Migration> = list
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
        list.sort_by_key(|migration| migration.version);
        Migrator::with_migrations(list)
            .set_ignore_missing(true)
            .run(&self.write)
            .await?;
        Ok(())
    }

    /// Whether it answers, as far as is known.
    pub fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// Asks the engine for nothing, to see that it answers.
    pub async fn ping(&self) -> sqlx::Result<()> {
        sqlx::query("SELECT 1").execute(&self.read).await?;
        Ok(())
    }

    /// How many tables it has: none in an empty database.
    pub async fn table_count(&self) -> sqlx::Result<i64> {
        let sql = match self.engine {
            Engine::Sqlite => "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table'",
            Engine::Postgres => "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema()",
        };
        let (count,): (i64,) = sqlx::query_as(sql).fetch_one(&self.read).await?;
        Ok(count)
    }

    /// Writes a consistent copy of an `SQLite` database to a new file, while it goes on working.
    pub async fn copy_into(&self, file: &std::path::Path) -> sqlx::Result<()> {
        sqlx::query("VACUUM INTO $1")
            .bind(file.display().to_string())
            .execute(&self.read)
            .await?;
        Ok(())
    }

    /// Takes `count` new ids of one municipality. See [`Ids`].
    pub async fn ids(&self, municipality: i64, count: i64) -> sqlx::Result<crate::IdRange> {
        self.ids.take(self, municipality, count).await
    }

    /// Takes one new id of a municipality.
    pub async fn id(&self, municipality: i64) -> sqlx::Result<i64> {
        Ok(self.ids(municipality, 1).await?.first())
    }
}

/// Makes an empty database file that its owner alone may read, where there is none yet. `SQLite` gives the files
/// beside it (WAL) the same mode.
fn make_private(path: &std::path::Path) -> std::io::Result<()> {
    if path.as_os_str().is_empty() || path.exists() {
        return Ok(());
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn sqlite_pool(connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(30))
        .after_connect(|connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(
                    "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000",
                )
                .execute(connection)
                .await?;
                Ok(())
            })
        })
}

/// Whether a statement failed because a row with the same unique value stands there already.
/// (`SQLite` does not tell the constraint's name: decide by the statement.)
pub fn is_unique_violation(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
