//! One step of the sequencer: takes what waits, in the order the queue gives it, and makes leaves of it.

use std::{fmt::Write as _, sync::LazyLock};

use sqlx::{Any, AnyConnection, AssertSqlSafe, Transaction};
use store::Engine;
use tlog::{Hash, Tail, TileId};

use super::{
    broken,
    record::{COLUMNS, Record, Salt},
    tiles,
};
use crate::{Ledger, error::Result};

/// Leaves to a step: enough that a statement's cost is spread, few enough that `SQLite`'s writer is soon free again.
const STEP_POSTGRES: i64 = 8_192;
const STEP_SQLITE: i64 = 2_048;
/// `SQLite`: leaves to an INSERT, five values each.
const ROWS_SQLITE: usize = 256;
/// The advisory lock by which a sequencer is elected: "neul log", and nobody else's.
const LOCK: i64 = 0x6e65_756c_206c_6f67;
/// Many rows by their keys: the indexes, whatever the planner knows of tables that were empty a moment ago. The
/// commit need not wait for the disk: see the module.
const SETTINGS: &str = "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; \
    SET LOCAL enable_mergejoin = off; SET LOCAL jit = off; SET LOCAL synchronous_commit = off; \
    SET LOCAL max_parallel_workers_per_gather = 0";

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Another sequencer was at it.
    NotElected,
    /// So many transfers became leaves. Fewer than asked for were waiting where `more` is false.
    Appended {
        /// How many.
        leaves: u64,
        /// Whether there may be more.
        more: bool,
    },
}

/// Leaves that are computed and not written.
struct Batch {
    size: i64,
    root: Hash,
    leaves: Vec<(i64, i64, Salt)>,
    tiles: Vec<(TileId, Vec<u8>)>,
}

impl Ledger {
    /// Puts transfers that wait into the log, a bounded number of them. To be called again while there are more.
    pub async fn sequence(&self) -> Result<Step> {
        match self.store.engine {
            Engine::Postgres => self.sequence_postgres().await,
            Engine::Sqlite => self.sequence_sqlite().await,
        }
    }

    /// How many committed transfers are not in the log yet.
    pub async fn log_waiting(&self) -> Result<i64> {
        let (count,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM log_pending")
            .fetch_one(&self.store.read)
            .await?;
        Ok(count)
    }

    async fn sequence_postgres(&self) -> Result<Step> {
        static TAKE: LazyLock<String> = LazyLock::new(|| {
            format!(
                "WITH taken AS (DELETE FROM log_pending WHERE ctid = ANY(ARRAY(SELECT ctid FROM log_pending LIMIT $1)) \
                 RETURNING municipality, transfer) \
                 SELECT {COLUMNS} FROM taken p JOIN transfers t ON t.municipality = p.municipality AND t.id = p.transfer"
            )
        });
        let mut tx = self.store.begin().await?;
        let (elected,): (i64,) =
            sqlx::query_as("SELECT CAST(CAST(pg_try_advisory_xact_lock($1) AS INTEGER) AS BIGINT)")
                .bind(LOCK)
                .fetch_one(&mut *tx)
                .await?;
        if elected == 0 {
            tx.rollback().await?;
            return Ok(Step::NotElected);
        }
        sqlx::raw_sql(SETTINGS).execute(&mut *tx).await?;
        let size = size_of(&mut tx).await?;
        let records: Vec<Record> = sqlx::query_as(AssertSqlSafe(TAKE.as_str()))
            .bind(STEP_POSTGRES)
            .fetch_all(&mut *tx)
            .await?;
        if records.is_empty() {
            // What it took, if anything, belongs to transfers that are gone: verify names them.
            tx.rollback().await?;
            return Ok(Step::Appended {
                leaves: 0,
                more: false,
            });
        }
        let more = records.len() as i64 == STEP_POSTGRES;
        let tail = tiles::tail(&mut tx, size as u64).await?;
        let batch = compute(size, tail, records).await?;
        write(&mut tx, Engine::Postgres, &batch).await?;
        let moved = move_head(&mut tx, &batch).await?;
        finish(tx, moved, &batch, more).await
    }

    async fn sequence_sqlite(&self) -> Result<Step> {
        static TAKE: LazyLock<String> = LazyLock::new(|| {
            format!(
                "SELECT {COLUMNS} FROM (SELECT municipality, transfer FROM log_pending ORDER BY rowid LIMIT $1) p \
                 CROSS JOIN transfers t ON t.municipality = p.municipality AND t.id = p.transfer"
            )
        });
        // One moment for all that is read; the write lock is taken only to write.
        let mut seen = self.store.begin_snapshot().await?;
        let size = size_of(&mut seen).await?;
        let (until,): (Option<i64>,) =
            sqlx::query_as("SELECT MAX(rowid) FROM (SELECT rowid FROM log_pending ORDER BY rowid LIMIT $1)")
                .bind(STEP_SQLITE)
                .fetch_one(&mut *seen)
                .await?;
        let records: Vec<Record> = sqlx::query_as(AssertSqlSafe(TAKE.as_str()))
            .bind(STEP_SQLITE)
            .fetch_all(&mut *seen)
            .await?;
        let tail = tiles::tail(&mut seen, size as u64).await?;
        seen.rollback().await?;
        let (Some(until), false) = (until, records.is_empty()) else {
            return Ok(Step::Appended {
                leaves: 0,
                more: false,
            });
        };
        let more = records.len() as i64 == STEP_SQLITE;
        let batch = compute(size, tail, records).await?;
        let mut tx = self.store.begin().await?;
        let moved = move_head(&mut tx, &batch).await?;
        if moved {
            // Nobody else has taken any since, or the head would have moved: these are the rows that were read.
            sqlx::query("DELETE FROM log_pending WHERE rowid <= $1")
                .bind(until)
                .execute(&mut *tx)
                .await?;
            write(&mut tx, Engine::Sqlite, &batch).await?;
        }
        finish(tx, moved, &batch, more).await
    }
}

async fn size_of(connection: &mut AnyConnection) -> Result<i64> {
    let (size,): (i64,) = sqlx::query_as("SELECT size FROM log_head WHERE one = 1")
        .fetch_one(connection)
        .await?;
    Ok(size)
}

/// Hashes, away from the tasks that answer requests.
async fn compute(size: i64, mut tail: Tail, records: Vec<Record>) -> Result<Batch> {
    let computed = tokio::task::spawn_blocking(move || {
        let leaves: Vec<_> = records
            .iter()
            .map(|record| (record.municipality, record.id, Salt::random()))
            .collect();
        let hashes: Vec<Hash> = records
            .iter()
            .zip(&leaves)
            .map(|(record, leaf)| record.leaf(leaf.2))
            .collect();
        let tiles = tail.append(&hashes);
        Batch {
            size,
            root: tail.root(),
            leaves,
            tiles,
        }
    });
    computed.await.map_err(|_| broken(tlog::LogError::Tile))
}

/// The head's step forward, from where it was read and from nowhere else.
async fn move_head(tx: &mut Transaction<'_, Any>, batch: &Batch) -> Result<bool> {
    let done = sqlx::query("UPDATE log_head SET size = $1, root = $2 WHERE one = 1 AND size = $3")
        .bind(batch.size + batch.leaves.len() as i64)
        .bind(batch.root.to_string())
        .bind(batch.size)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

async fn write(tx: &mut Transaction<'_, Any>, engine: Engine, batch: &Batch) -> Result<()> {
    match engine {
        Engine::Postgres => {
            let mut columns: [String; 4] =
                std::array::from_fn(|_| String::with_capacity(batch.leaves.len() * 20 + 2));
            for (index, (municipality, transfer, salt)) in batch.leaves.iter().enumerate() {
                let (high, low) = salt.halves();
                for (column, number) in columns.iter_mut().zip([*municipality, *transfer, high, low]) {
                    let _ = write!(column, "{}{number}", if index == 0 { '{' } else { ',' });
                }
            }
            let mut query = sqlx::query(
                "INSERT INTO log_leaves (municipality, transfer, number, salt_high, salt_low) \
                 SELECT p.municipality, p.transfer, $1 + p.place - 1, p.high, p.low \
                 FROM unnest(CAST(CAST($2 AS TEXT) AS BIGINT[]), CAST(CAST($3 AS TEXT) AS BIGINT[]), \
                     CAST(CAST($4 AS TEXT) AS BIGINT[]), CAST(CAST($5 AS TEXT) AS BIGINT[])) \
                     WITH ORDINALITY AS p (municipality, transfer, high, low, place)",
            )
            .bind(batch.size);
            for mut column in columns {
                column.push('}');
                query = query.bind(column);
            }
            query.execute(&mut **tx).await?;
        }
        Engine::Sqlite => {
            let mut number = batch.size;
            for chunk in batch.leaves.chunks(ROWS_SQLITE) {
                let rows = vec!["(?, ?, ?, ?, ?)"; chunk.len()].join(", ");
                let mut query = sqlx::query(AssertSqlSafe(format!(
                    "INSERT INTO log_leaves (municipality, transfer, number, salt_high, salt_low) VALUES {rows}"
                )));
                for (municipality, transfer, salt) in chunk {
                    let (high, low) = salt.halves();
                    query = query
                        .bind(*municipality)
                        .bind(*transfer)
                        .bind(number)
                        .bind(high)
                        .bind(low);
                    number += 1;
                }
                query.execute(&mut **tx).await?;
            }
        }
    }
    tiles::write(tx, &batch.tiles).await
}

async fn finish(tx: Transaction<'_, Any>, moved: bool, batch: &Batch, more: bool) -> Result<Step> {
    if !moved {
        tx.rollback().await?;
        return Ok(Step::NotElected);
    }
    tx.commit().await?;
    Ok(Step::Appended {
        leaves: batch.leaves.len() as u64,
        more,
    })
}
