//! One step of counting: the next leaves of the log, added up by cell.

use std::collections::BTreeMap;

use sqlx::{Any, Transaction};
use store::Engine;

use super::{HOUR_MS, OFFSET_MS};
use crate::{Ledger, error::Result};

/// Leaves to a step: enough that a cell is written once for many of them, few enough that `SQLite`'s readers and its
/// writer are soon free again.
const STEP_POSTGRES: i64 = 16_384;
const STEP_SQLITE: i64 = 8_192;
/// Many rows by their keys: the indexes, whatever the planner knows of tables that were empty a moment ago.
const SETTINGS: &str = "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; \
    SET LOCAL enable_mergejoin = off; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0";

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// Somebody else counted the same leaves first.
    Elsewhere,
    /// So many transfers are counted now.
    Counted {
        /// How many.
        transfers: i64,
        /// Whether there are more in the log.
        more: bool,
    },
}

/// municipality, hour, programme, kind → transfers, into wallets (won), into the budget (won).
type Moves = BTreeMap<(i64, i64, i64, String), (i64, i64, i64)>;
/// municipality, day, programme, district, category → payments, spent (won).
type Places = Vec<(i64, i64, i64, String, String, i64, i64)>;

/// The order of the joins is that of the text, on `SQLite` by its promise about CROSS JOIN.
const MOVES: &str = "SELECT e.municipality, (e.created_at + 32400000) / 3600000, e.programme, e.kind, \
    COUNT(DISTINCT e.transfer), \
    CAST(SUM(CASE WHEN a.kind = 'wallet' THEN e.amount_won ELSE 0 END) AS BIGINT), \
    CAST(SUM(CASE WHEN a.kind = 'budget' THEN e.amount_won ELSE 0 END) AS BIGINT) \
    FROM log_leaves l CROSS JOIN entries e CROSS JOIN accounts a \
    WHERE l.number >= $1 AND l.number < $2 AND e.municipality = l.municipality AND e.transfer = l.transfer \
    AND e.programme IS NOT NULL AND a.municipality = e.municipality AND a.id = e.account GROUP BY 1, 2, 3, 4";
const PLACES: &str = "SELECT e.municipality, (e.created_at + 32400000) / 86400000, e.programme, m.district, \
    m.category, CAST(SUM(CASE WHEN e.kind = 'pay' THEN 1 ELSE 0 END) AS BIGINT), \
    CAST(SUM(e.amount_won) AS BIGINT) \
    FROM log_leaves l CROSS JOIN transfers t CROSS JOIN entries e CROSS JOIN merchants m \
    WHERE l.number >= $1 AND l.number < $2 AND t.municipality = l.municipality AND t.id = l.transfer \
    AND t.kind IN ('pay', 'cancel') AND e.municipality = t.municipality AND e.transfer = t.id AND e.lot IS NULL \
    AND m.municipality = t.municipality AND m.id = t.merchant GROUP BY 1, 2, 3, 4, 5";

impl Ledger {
    /// Counts transfers of the log that are not in the figures yet, a bounded number of them. To be called again
    /// while there are more. Any number of processes may; what one of them counted the others do not count again.
    pub async fn count_figures(&self) -> Result<Counting> {
        // One moment for all that is read; locks are held only to write.
        let mut seen = self.store.begin_snapshot().await?;
        let step = match self.store.engine {
            Engine::Sqlite => STEP_SQLITE,
            Engine::Postgres => {
                sqlx::raw_sql(SETTINGS).execute(&mut *seen).await?;
                STEP_POSTGRES
            }
        };
        let (from, size) = head(&mut seen).await?;
        let until = size.min(from + step);
        if until <= from {
            seen.rollback().await?;
            return Ok(Counting::Counted {
                transfers: 0,
                more: false,
            });
        }
        let moves = moves(&mut seen, from, until).await?;
        let places: Places = sqlx::query_as(PLACES)
            .bind(from)
            .bind(until)
            .fetch_all(&mut *seen)
            .await?;
        seen.rollback().await?;

        let mut tx = self.store.begin().await?;
        if self.store.engine == Engine::Postgres {
            // What a crash takes of this is counted again: it was never durable without the leaves before it.
            sqlx::raw_sql("SET LOCAL synchronous_commit = off")
                .execute(&mut *tx)
                .await?;
        }
        let moved = sqlx::query("UPDATE figure_head SET counted = $1 WHERE one = 1 AND counted = $2")
            .bind(until)
            .bind(from)
            .execute(&mut *tx)
            .await?;
        if moved.rows_affected() == 0 {
            tx.rollback().await?;
            return Ok(Counting::Elsewhere);
        }
        write_moves(&mut tx, &moves).await?;
        write_places(&mut tx, &places).await?;
        tx.commit().await?;
        Ok(Counting::Counted {
            transfers: until - from,
            more: until < size,
        })
    }
}

/// How many leaves are counted, and how many there are.
pub(super) async fn head(tx: &mut Transaction<'_, Any>) -> Result<(i64, i64)> {
    let head = sqlx::query_as(
        "SELECT f.counted, h.size FROM figure_head f CROSS JOIN log_head h WHERE f.one = 1 AND h.one = 1",
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(head)
}

async fn moves(tx: &mut Transaction<'_, Any>, from: i64, until: i64) -> Result<Moves> {
    let rows: Vec<(i64, i64, i64, String, i64, i64, i64)> = sqlx::query_as(MOVES)
        .bind(from)
        .bind(until)
        .fetch_all(&mut **tx)
        .await?;
    let cells = rows.into_iter().map(
        |(municipality, hour, programme, kind, transfers, wallet, budget)| {
            ((municipality, hour, programme, kind), (transfers, wallet, budget))
        },
    );
    Ok(cells.collect())
}

async fn write_moves(tx: &mut Transaction<'_, Any>, hours: &Moves) -> Result<()> {
    let mut days = Moves::new();
    for ((municipality, hour, programme, kind), (transfers, wallet_won, budget_won)) in hours {
        let day = days
            .entry((*municipality, hour / 24, *programme, kind.clone()))
            .or_default();
        *day = (day.0 + transfers, day.1 + wallet_won, day.2 + budget_won);
    }
    let hour = "INSERT INTO figure_hours AS f (municipality, hour, programme, kind, transfers, wallet_won, budget_won) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (municipality, hour, programme, kind) DO UPDATE SET \
        transfers = f.transfers + excluded.transfers, wallet_won = f.wallet_won + excluded.wallet_won, \
        budget_won = f.budget_won + excluded.budget_won";
    let day = "INSERT INTO figure_days AS f (municipality, day, programme, kind, transfers, wallet_won, budget_won) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (municipality, day, programme, kind) DO UPDATE SET \
        transfers = f.transfers + excluded.transfers, wallet_won = f.wallet_won + excluded.wallet_won, \
        budget_won = f.budget_won + excluded.budget_won";
    for (sql, cells) in [(hour, hours), (day, &days)] {
        for ((municipality, time, programme, kind), (transfers, wallet_won, budget_won)) in cells {
            sqlx::query(sql)
                .bind(*municipality)
                .bind(*time)
                .bind(*programme)
                .bind(kind)
                .bind(*transfers)
                .bind(*wallet_won)
                .bind(*budget_won)
                .execute(&mut **tx)
                .await?;
        }
    }
    Ok(())
}

async fn write_places(tx: &mut Transaction<'_, Any>, places: &Places) -> Result<()> {
    for (municipality, day, programme, district, category, payments, spent_won) in places {
        sqlx::query(
            "INSERT INTO figure_places AS f (municipality, day, programme, district, category, payments, spent_won) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (municipality, day, programme, district, category) \
             DO UPDATE SET payments = f.payments + excluded.payments, spent_won = f.spent_won + excluded.spent_won",
        )
        .bind(*municipality)
        .bind(*day)
        .bind(*programme)
        .bind(district)
        .bind(category)
        .bind(*payments)
        .bind(*spent_won)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

// The statements above write these two as numbers.
const _: () = assert!(OFFSET_MS == 32_400_000 && HOUR_MS == 3_600_000);
