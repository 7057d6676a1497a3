//! The connection of whoever writes all day (the ledger's poster).
//!
//! On `PostgreSQL` it is a connection of its own, so that its prepared statements stay warm and no pool asks it
//! whether it lives between two batches. On `SQLite` it is the single writing connection, borrowed for one batch:
//! a second writer in the process would wait for the first by polling.

use std::ops::{Deref, DerefMut};

use sqlx::{Any, AnyConnection, Connection, pool::PoolConnection};

use crate::{Engine, Store};

/// Statements over sets of rows by their keys, of 1 row or 512: always the index, one plan for all sizes.
/// A server that hangs is given up by deadline; [`Writer::forget`] then opens another connection.
const SETTINGS: &str = "SET synchronous_commit = on; SET random_page_cost = 1.1; SET enable_seqscan = off; \
    SET enable_hashjoin = off; SET enable_mergejoin = off; SET plan_cache_mode = force_generic_plan; SET jit = off; \
    SET lock_timeout = '5s'; SET statement_timeout = '10s'; SET idle_in_transaction_session_timeout = '10s'";

/// A writing connection, opened when it is first needed and again after [`Writer::forget`].
#[derive(Debug)]
pub struct Writer {
    store: Store,
    own: Option<AnyConnection>,
}

/// The connection while it is in use.
pub enum Held<'a> {
    /// Of the writer's own.
    Own(&'a mut AnyConnection),
    /// Borrowed; it goes back when this is dropped.
    Borrowed(PoolConnection<Any>),
}

impl Store {
    /// A writer, not connected yet.
    pub fn writer(&self) -> Writer {
        Writer {
            store: self.clone(),
            own: None,
        }
    }
}

impl Writer {
    /// The connection, opened if need be.
    pub async fn hold(&mut self) -> sqlx::Result<Held<'_>> {
        if self.store.engine == Engine::Sqlite {
            return Ok(Held::Borrowed(self.store.write.acquire().await?));
        }
        if self.own.is_none() {
            let mut connection = AnyConnection::connect_with(&self.store.write.connect_options()).await?;
            sqlx::raw_sql(SETTINGS).execute(&mut connection).await?;
            self.own = Some(connection);
        }
        self.own.as_mut().map(Held::Own).ok_or(sqlx::Error::PoolClosed)
    }

    /// Has the engine plan its statements anew: a plan that was made while a table was empty reads all of it by the
    /// first index at hand, and is kept until somebody analyses the table. Nothing to do on `SQLite`, nor where there
    /// is no connection yet.
    pub async fn plan_anew(&mut self) -> sqlx::Result<()> {
        if let Some(connection) = &mut self.own {
            sqlx::raw_sql("DISCARD PLANS").execute(connection).await?;
        }
        Ok(())
    }

    /// Gives up the connection, without asking it: what it was doing is undone or done, and nobody knows which.
    pub fn forget(&mut self) {
        self.own = None;
    }

    /// Says good-bye to the engine.
    pub async fn close(mut self) {
        if let Some(connection) = self.own.take() {
            let _ = connection.close().await;
        }
    }
}

impl Deref for Held<'_> {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        match self {
            Self::Own(connection) => connection,
            Self::Borrowed(connection) => connection,
        }
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        match self {
            Self::Own(connection) => connection,
            Self::Borrowed(connection) => connection,
        }
    }
}
