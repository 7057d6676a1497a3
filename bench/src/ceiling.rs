//! What the engines can do with the same rows and no program in between.
//!
//! A batch is 500 payments: 250 residents pay 5 won from their small lot, 250 others 10 won from small and large
//! lot. The same tables, indexes and guards; durable as ever; one connection; the statements know the rows by
//! arithmetic, so that nothing is read, decided or sent.

use std::time::{Duration, Instant};

use rusqlite::params;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use store::Store;

use crate::{
    Anything,
    world::{HOLDERS, MUNICIPALITY, NOON, STRIDE, World},
};

const PAIRS: i64 = 250;

/// One row and its commit, one after the other, µs (half of them were faster).
pub async fn bare_commit_us(store: &Store, length: Duration) -> Anything<f64> {
    let mut connection = AnyConnection::connect_with(&store.write.connect_options()).await?;
    sqlx::raw_sql("SET synchronous_commit = on; CREATE TABLE bare (n BIGINT PRIMARY KEY)")
        .execute(&mut connection)
        .await?;
    let (begun, mut took_us) = (Instant::now(), Vec::new());
    while begun.elapsed() < length {
        let asked = Instant::now();
        sqlx::query("INSERT INTO bare VALUES ($1)")
            .bind(took_us.len() as i64)
            .execute(&mut connection)
            .await?;
        took_us.push(asked.elapsed().as_micros() as f64);
    }
    sqlx::raw_sql("DROP TABLE bare").execute(&mut connection).await?;
    took_us.sort_unstable_by(f64::total_cmp);
    Ok(took_us[took_us.len() / 2])
}

/// `PostgreSQL`, payments/s.
pub async fn postgres(store: &Store, world: &World, length: Duration) -> Anything<f64> {
    let mut connection = AnyConnection::connect_with(&store.write.connect_options()).await?;
    sqlx::raw_sql(
        "SET synchronous_commit = on; SET random_page_cost = 1.1; SET enable_seqscan = off; SET enable_hashjoin = off; \
         SET enable_mergejoin = off; SET jit = off; CREATE TABLE IF NOT EXISTS bench_merchants AS \
         SELECT ROW_NUMBER() OVER (ORDER BY m.id) - 1 AS n, m.id AS merchant, a.id AS account \
         FROM merchants m JOIN accounts a ON a.kind = 'merchant' AND a.owner = m.id; \
         CREATE UNIQUE INDEX IF NOT EXISTS bench_merchants_n ON bench_merchants (n)",
    )
    .execute(&mut connection)
    .await?;
    let ids = store.ids(MUNICIPALITY, 2 * HOLDERS).await?.first();
    let World {
        small,
        large,
        wallets,
        round,
        ..
    } = world;
    // $1: the first pair of the batch.
    let batch = format!(
        "WITH p AS (SELECT q.*, {ids} + 2 * $1 + q.n AS transfer, b.merchant, b.account FROM (\
           SELECT i AS n, ($1 + i) * {STRIDE} % {HOLDERS} AS h, 5 AS won FROM generate_series(0, {PAIRS} - 1) i UNION ALL \
           SELECT i + {PAIRS}, ($1 + i + {HOLDERS} - {PAIRS}) * {STRIDE} % {HOLDERS}, 10 \
           FROM generate_series(0, {PAIRS} - 1) i) q \
         JOIN bench_merchants b ON b.n = ($1 + q.n) * 31 % 1000)"
    );
    let statements = [
        format!(
            "{batch} UPDATE accounts a SET balance_won = balance_won - p.won FROM p \
             WHERE a.municipality = {MUNICIPALITY} AND a.id = {wallets} + p.h"
        ),
        format!(
            "{batch} UPDATE lots l SET left_won = left_won - 5 FROM (SELECT {small} + h AS id FROM p UNION ALL \
             SELECT {large} + h FROM p WHERE won = 10) t WHERE l.municipality = {MUNICIPALITY} AND l.id = t.id"
        ),
        format!(
            "{batch} INSERT INTO transfers (municipality, id, idempotency_key, body_hash, kind, amount_won, created_at, \
             actor, holder, merchant) SELECT {MUNICIPALITY}, transfer, 'pay:{round}:' || (2 * $1 + n), repeat('0', 64), \
             'pay', won, {NOON} + 1, 'bench', h + 1, merchant FROM p"
        ),
        format!(
            "{batch} INSERT INTO entries (municipality, transfer, line, account, amount_won, lot, programme, kind, \
             created_at) SELECT {MUNICIPALITY}, transfer, 0, {wallets} + h, -5, {small} + h, {programme}, 'pay', {NOON} + 1 \
             FROM p UNION ALL SELECT {MUNICIPALITY}, transfer, 1, {wallets} + h, -5, {large} + h, {programme}, 'pay', \
             {NOON} + 1 FROM p WHERE won = 10 UNION ALL SELECT {MUNICIPALITY}, transfer, won / 5, account, won, NULL, \
             {programme}, 'pay', {NOON} + 1 FROM p",
            programme = world.programme
        ),
        format!(
            "{batch} UPDATE accounts a SET balance_won = balance_won + d.won FROM (SELECT account, SUM(won) AS won FROM p \
             GROUP BY account) d WHERE a.municipality = {MUNICIPALITY} AND a.id = d.account"
        ),
    ];
    let (begun, mut pair) = (Instant::now(), 0);
    while begun.elapsed() < length && pair + PAIRS <= HOLDERS {
        let mut tx = connection.begin().await?;
        for statement in &statements {
            sqlx::query(AssertSqlSafe(statement.as_str()))
                .bind(pair)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        pair += PAIRS;
    }
    Ok((2 * pair) as f64 / begun.elapsed().as_secs_f64())
}

/// `SQLite`: a thread of its own, prepared statements, payments/s.
pub async fn sqlite(url: &str, store: &Store, world: &World, length: Duration) -> Anything<f64> {
    let file = url.trim_start_matches("sqlite://").to_owned();
    let ids = store.ids(MUNICIPALITY, 2 * HOLDERS).await?.first();
    let accounts: Vec<(i64, i64)> =
        sqlx::query_as("SELECT owner, id FROM accounts WHERE kind = 'merchant' ORDER BY owner")
            .fetch_all(&store.read)
            .await?;
    let rows = Rows {
        ids,
        accounts,
        small: world.small,
        large: world.large,
        wallets: world.wallets,
        round: world.round,
        programme: world.programme,
    };
    let answer =
        std::thread::spawn(move || sqlite_thread(&file, &rows, length).map_err(|error| error.to_string()));
    Ok(answer.join().map_err(|_| "the thread panicked")??)
}

struct Rows {
    ids: i64,
    accounts: Vec<(i64, i64)>,
    small: i64,
    large: i64,
    wallets: i64,
    round: i64,
    programme: i64,
}

fn sqlite_thread(file: &str, rows: &Rows, length: Duration) -> rusqlite::Result<f64> {
    let mut connection = rusqlite::Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000",
    )?;
    let hash = "0".repeat(64);
    let (begun, mut pair) = (Instant::now(), 0);
    while begun.elapsed() < length && pair + PAIRS <= HOLDERS {
        let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        {
            let mut take = tx.prepare_cached(
                "UPDATE lots SET left_won = left_won - ?3 WHERE municipality = ?1 AND id = ?2",
            )?;
            let mut move_ = tx.prepare_cached(
                "UPDATE accounts SET balance_won = balance_won + ?3 WHERE municipality = ?1 AND id = ?2",
            )?;
            let mut transfer = tx.prepare_cached(
                "INSERT INTO transfers (municipality, id, idempotency_key, body_hash, kind, amount_won, created_at, actor, \
                 holder, merchant) VALUES (?1, ?2, ?3, ?4, 'pay', ?5, ?6, 'bench', ?7, ?8)",
            )?;
            let mut entry = tx.prepare_cached(
                "INSERT INTO entries (municipality, transfer, line, account, amount_won, lot, programme, kind, created_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'pay', ?8)",
            )?;
            let mut credits = std::collections::BTreeMap::new();
            for n in 0..2 * PAIRS {
                let (visit, won) = if n < PAIRS {
                    (pair + n, 5)
                } else {
                    (pair + n - 2 * PAIRS + HOLDERS, 10)
                };
                let h = visit * STRIDE % HOLDERS;
                let (merchant, account) = rows.accounts[((pair + n) * 31 % 1_000) as usize];
                let (id, at, wallet) = (rows.ids + 2 * pair + n, NOON + 1, rows.wallets + h);
                let key = format!("pay:{}:{}", rows.round, 2 * pair + n);
                move_.execute([MUNICIPALITY, wallet, -won])?;
                take.execute([MUNICIPALITY, rows.small + h, 5])?;
                transfer.execute(params![MUNICIPALITY, id, key, hash, won, at, h + 1, merchant])?;
                let programme = rows.programme;
                entry.execute([MUNICIPALITY, id, 0, wallet, -5, rows.small + h, programme, at])?;
                if won == 10 {
                    take.execute([MUNICIPALITY, rows.large + h, 5])?;
                    entry.execute([MUNICIPALITY, id, 1, wallet, -5, rows.large + h, programme, at])?;
                }
                entry.execute(params![
                    MUNICIPALITY,
                    id,
                    won / 5,
                    account,
                    won,
                    None::<i64>,
                    programme,
                    at
                ])?;
                *credits.entry(account).or_insert(0) += won;
            }
            for (account, won) in credits {
                move_.execute([MUNICIPALITY, account, won])?;
            }
        }
        tx.commit()?;
        pair += PAIRS;
    }
    Ok((2 * pair) as f64 / begun.elapsed().as_secs_f64())
}
