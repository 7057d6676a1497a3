//! The desk's figures over many transfers (10 million; `NEUL_BENCH_ROWS`): how fast they are counted, how long the
//! page's question takes for a month and for a year, and whether its sums are those of the entries.

use std::time::{Duration, Instant};

use ledger::{Category, Counting, DeskFilter, ExpiryRule, Ledger, NewMerchant, NewProgramme};
use sqlx::AssertSqlSafe;
use store::{Engine, Store};

use crate::{
    Anything,
    report::{Better, Report},
    world::{HOLDERS, MUNICIPALITY, NOON, World},
};

const DAY: i64 = 86_400_000;
const DAYS: i64 = 365;
const PROGRAMMES: i64 = 5;
const DISTRICTS: i64 = 44;
/// So many payments to a statement.
const CHUNK: i64 = 100_000;

/// On one engine.
pub async fn measure(engine: Engine, length: Duration, report: &mut Report) -> Anything<()> {
    let rows: i64 = std::env::var("NEUL_BENCH_ROWS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(10_000_000);
    let test = store::testing::of(engine).await;
    let world = World::new(&test.store).await?;
    let ledger = Ledger::new(test.store.clone());
    let (programmes, shops) = fill(&ledger).await?;
    eprintln!("writing {rows} payments: minutes");
    let mut written = 0;
    while written < rows {
        let count = CHUNK.min(rows - written);
        write(&test.store, &world, (&programmes, &shops), written, count).await?;
        written += count;
    }
    world.tidy().await?;
    let begun = Instant::now();
    let mut counted = 0;
    loop {
        match ledger.count_figures().await? {
            Counting::Counted { transfers, more } => {
                counted += transfers;
                if !more {
                    break;
                }
            }
            Counting::Elsewhere => return Err("nobody else counts".into()),
        }
    }
    let counted_s = counted as f64 / begun.elapsed().as_secs_f64();
    world.tidy().await?;
    let name = match engine {
        Engine::Sqlite => "dashboard.sqlite",
        Engine::Postgres => "dashboard.postgres",
    };
    report.row(&format!("{name}.counted_s"), counted_s, "transfers/s");
    let last = jiff::civil::date(2026, 12, 31);
    let year = DeskFilter {
        from: jiff::civil::date(2026, 1, 1),
        until: last,
        programme: None,
    };
    let month = DeskFilter {
        from: jiff::civil::date(2026, 12, 2),
        ..year
    };
    for (what, filter) in [("month", month), ("year", year)] {
        let slowest_ms = slowest(&ledger, &filter, length).await?;
        report
            .row(&format!("{name}.{what}_ms"), slowest_ms, "ms")
            .against("a second", 1_000.0, 1.0, Better::Lower);
    }
    let desk = ledger.desk(MUNICIPALITY, &year, NOON + DAYS * DAY).await?;
    let (entries_won, payments): (i64, i64) = sqlx::query_as(
        "SELECT CAST(-SUM(amount_won) AS BIGINT), COUNT(*) FROM entries WHERE kind = 'pay' AND lot IS NOT NULL",
    )
    .fetch_one(&test.store.read)
    .await?;
    if (desk.flow.spent_won, desk.flow.payments) != (entries_won, payments) {
        return Err(format!("{:?} is not {entries_won} in {payments}", desk.flow).into());
    }
    Ok(())
}

/// The slowest of many answers.
async fn slowest(ledger: &Ledger, filter: &DeskFilter, length: Duration) -> Anything<f64> {
    let begun = Instant::now();
    let mut slowest_ms: f64 = 0.0;
    ledger.desk(MUNICIPALITY, filter, NOON + DAYS * DAY).await?;
    while begun.elapsed() < length {
        let asked = Instant::now();
        ledger.desk(MUNICIPALITY, filter, NOON + DAYS * DAY).await?;
        slowest_ms = slowest_ms.max(asked.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(slowest_ms)
}

/// Programmes, and a shop of each line of business in each district.
async fn fill(ledger: &Ledger) -> Anything<(Vec<i64>, Vec<(i64, i64)>)> {
    let mut programmes = Vec::new();
    for number in 0..PROGRAMMES {
        let name = format!("사업 {number}");
        let new = NewProgramme::given(&name, &name, ExpiryRule::Months(60), "bench");
        programmes.push(ledger.create_programme(MUNICIPALITY, new, NOON).await?.id);
    }
    let mut owners = Vec::new();
    for district in 0..DISTRICTS {
        for category in Category::ALL {
            let new = NewMerchant {
                code: format!("D{district}-{}", owners.len()),
                name: "-".to_owned(),
                category,
                revenue_won_year: 0,
                address: "-".to_owned(),
                district: format!("{district}동"),
            };
            owners.push(ledger.create_merchant(MUNICIPALITY, new, NOON).await?.id);
        }
    }
    let accounts: Vec<(i64, i64)> = sqlx::query_as("SELECT owner, id FROM accounts WHERE kind = 'merchant'")
        .fetch_all(&ledger.store().read)
        .await?;
    let shops = accounts.into_iter().filter(|(owner, _)| owners.contains(owner));
    Ok((programmes, shops.collect()))
}

/// Payments as the poster writes them, spread over a year, sixteen hours a day, and in the log; balances and what is
/// left of lots stay, because nothing here reads them.
async fn write(
    store: &Store,
    world: &World,
    (programmes, shops): (&[i64], &[(i64, i64)]),
    first: i64,
    count: i64,
) -> Anything<()> {
    let id = store.ids(MUNICIPALITY, count).await?.first();
    let list = |items: Vec<String>| items.join(", ");
    let programmes = list(
        programmes
            .iter()
            .enumerate()
            .map(|(n, id)| format!("({n}, {id})"))
            .collect(),
    );
    let shops_len = shops.len();
    let shops = list(
        shops
            .iter()
            .enumerate()
            .map(|(n, (owner, account))| format!("({n}, {owner}, {account})"))
            .collect(),
    );
    // Large strides, so that neighbours share neither day, hour, shop nor programme.
    let with = format!(
        "WITH RECURSIVE n (i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {count} - 1), \
         programme (n, id) AS (VALUES {programmes}), shop (n, owner, account) AS (VALUES {shops}), \
         paid AS (SELECT n.i AS i, (n.i + {first}) % {HOLDERS} AS holder, programme.id AS programme, shop.owner AS owner, \
          shop.account AS account, 1000 + (n.i + {first}) * 7919 % 49000 AS won, \
          {NOON} + ((n.i + {first}) * 104729 % {DAYS}) * {DAY} + ((n.i + {first}) * 1299709 % 57600 - 14400) * 1000 AS at \
          FROM n JOIN programme ON programme.n = (n.i + {first}) / 7 % {PROGRAMMES} \
          JOIN shop ON shop.n = (n.i + {first}) * 611953 % {shops_len})"
    );
    let (wallets, large) = (world.wallets, world.large);
    let mut tx = store.begin().await?;
    if store.engine == Engine::Postgres {
        sqlx::raw_sql("SET LOCAL session_replication_role = replica")
            .execute(&mut *tx)
            .await?;
    }
    let (size,): (i64,) = sqlx::query_as("SELECT size FROM log_head")
        .fetch_one(&mut *tx)
        .await?;
    for sql in [
        format!(
            "{with} INSERT INTO transfers (municipality, id, idempotency_key, body_hash, kind, amount_won, created_at, \
             actor, holder, merchant) SELECT {MUNICIPALITY}, {id} + i, 'paid:' || ({first} + i), '', 'pay', won, at, \
             'bench', holder + 1, owner FROM paid"
        ),
        format!(
            "{with} INSERT INTO entries (municipality, transfer, line, account, amount_won, lot, programme, kind, \
             created_at) SELECT {MUNICIPALITY}, {id} + i, 0, {wallets} + holder, -won, {large} + holder, programme, \
             'pay', at FROM paid UNION ALL SELECT {MUNICIPALITY}, {id} + i, 1, account, won, NULL, programme, 'pay', at \
             FROM paid"
        ),
        format!(
            "WITH RECURSIVE n (i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {count} - 1) \
             INSERT INTO log_leaves (municipality, transfer, number, salt_high, salt_low) \
             SELECT {MUNICIPALITY}, {id} + i, {size} + i, 0, 0 FROM n"
        ),
        "DELETE FROM log_pending".to_owned(),
        format!("UPDATE log_head SET size = {size} + {count}"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(())
}
