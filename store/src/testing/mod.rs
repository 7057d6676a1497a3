//! Fresh, real databases for tests: an `SQLite` file and a `PostgreSQL` database, both gone afterwards.
//!
//! `PostgreSQL` is reached by `NEUL_TEST_POSTGRES` (`postgres://user@host:port/postgres`, a role that may
//! create databases); `scripts/with-postgres COMMAND` starts one and sets it.

mod server;

use std::sync::atomic::{AtomicU32, Ordering};

pub use server::PostgresServer;

use crate::{Engine, Store};

/// A store that is new and empty; its `SQLite` file lives as long as this value.
pub struct TestStore {
    /// The database.
    pub store: Store,
    /// How to open it once more, as another process would.
    pub url: String,
    _folder: Option<tempfile::TempDir>,
}

impl TestStore {
    /// A store that somebody else looks after.
    pub fn new(store: Store, url: String) -> Self {
        Self {
            store,
            url,
            _folder: None,
        }
    }
}

/// An empty `SQLite` database in a temporary folder.
pub async fn sqlite() -> TestStore {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}/neul.db", folder.path().display());
    let store = Store::open(&url).await.expect("SQLite opens");
    TestStore {
        store,
        url,
        _folder: Some(folder),
    }
}

/// An empty `PostgreSQL` database on the test server.
pub async fn postgres() -> TestStore {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("NEUL_TEST_POSTGRES")
        .expect("NEUL_TEST_POSTGRES is not set: run the tests by scripts/with-postgres");
    let name = format!(
        "t{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    sqlx::any::install_default_drivers();
    let mut admin = <sqlx::AnyConnection as sqlx::Connection>::connect(&server)
        .await
        .expect("PostgreSQL answers");
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut admin)
        .await
        .expect("a database is created");
    let (base, _) = server
        .rsplit_once('/')
        .expect("NEUL_TEST_POSTGRES ends in /database");
    let url = format!("{base}/{name}");
    let store = Store::open(&url).await.expect("PostgreSQL opens");
    TestStore::new(store, url)
}

/// One of each engine, `SQLite` first.
pub async fn both() -> [TestStore; 2] {
    [sqlite().await, postgres().await]
}

/// One of the named engine.
pub async fn of(engine: Engine) -> TestStore {
    match engine {
        Engine::Sqlite => sqlite().await,
        Engine::Postgres => postgres().await,
    }
}
