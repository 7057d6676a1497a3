//! How fast portal, status site and money engine are, each figure beside a control from the same run.
//!
//! `make bench`, or `scripts/bench`. Rows go to `target/bench.json`. `NEUL_BENCH_SECONDS` (4): how long each
//! measurement takes. `NEUL_BENCH_ONLY`: a part of the names of what is measured (`portal`, `postgres`, `log`, `till`,
//! `telemetry`, `sqlite`, `growth`, `dashboard`).

mod ceiling;
mod child;
mod dashboard;
mod growth;
mod load;
mod log;
mod pgbench;
mod portal;
mod report;
mod telemetry;
mod till;
mod world;
mod wrk;

use std::time::Duration;

use ledger::Ledger;
use report::{Better, Report};
use store::{Engine, Store};
use world::World;

type Anything<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Anything<()> {
    let seconds = std::env::var("NEUL_BENCH_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(4.0);
    let only = std::env::var("NEUL_BENCH_ONLY").unwrap_or_default();
    let length = Duration::from_secs_f64(seconds);
    let mut report = Report::default();
    let measured = measure(&only, length, &mut report).await;
    // What was measured is worth keeping, whatever came after it.
    report.write()?;
    println!("{report}");
    measured
}

async fn measure(only: &str, length: Duration, report: &mut Report) -> Anything<()> {
    if "portal".contains(only) {
        portal::measure(length, report).await?;
    }
    if "postgres".contains(only) {
        postgres(length, report).await?;
    }
    if "till".contains(only) {
        till::measure(length, report).await?;
    }
    if "telemetry".contains(only) {
        telemetry::measure(length, report).await?;
    }
    if "sqlite".contains(only) {
        sqlite(length, report).await?;
    }
    if "growth".contains(only) {
        growth::measure(Engine::Sqlite, length, report).await?;
        growth::measure(Engine::Postgres, length, report).await?;
    }
    if "dashboard".contains(only) {
        dashboard::measure(Engine::Postgres, length, report).await?;
        dashboard::measure(Engine::Sqlite, length, report).await?;
    }
    Ok(())
}

async fn postgres(length: Duration, report: &mut Report) -> Anything<()> {
    let server = std::env::var("NEUL_TEST_POSTGRES")
        .map_err(|_| "NEUL_TEST_POSTGRES is not set: run this by scripts/with-postgres")?;
    let pgbench = pgbench::tcpb_like(&server, length).await?;
    report.row("postgres.pgbench", pgbench, "transactions/s");
    let test = store::testing::postgres().await;
    let mut world = World::new(&test.store).await?;

    world.refill().await?;
    let commit_us = ceiling::bare_commit_us(&test.store, length).await?;
    let alone = load::pay(&[Ledger::new(test.store.clone())], &world, 1, None, length).await?;
    alone.report(report, "postgres.1_caller");
    report
        .row(
            "postgres.1_caller.p50_against_a_bare_commit",
            alone.p50_ms(),
            "ms",
        )
        .against("one bare commit", commit_us / 1_000.0, 1.5, Better::Lower);

    world.refill().await?;
    let some = load::pay(&[Ledger::new(test.store.clone())], &world, 64, None, length).await?;
    some.report(report, "postgres.64_callers");
    report
        .row("postgres.64_callers.p99_ms", some.p99_ms(), "ms")
        .against("10 ms", 10.0, 1.0, Better::Lower);

    // The ceiling before and after, because the machine is not the same from one moment to the next.
    world.refill().await?;
    let before = ceiling::postgres(&test.store, &world, length).await?;
    world.refill().await?;
    let many = load::pay(&[Ledger::new(test.store.clone())], &world, 256, None, length).await?;
    world.refill().await?;
    let after = ceiling::postgres(&test.store, &world, length).await?;
    let ceiling = f64::midpoint(before, after);
    report.row("postgres.ceiling", ceiling, "payments/s");
    report
        .row("postgres.256_callers.payments_s", many.per_second(), "payments/s")
        .against(
            "ceiling: one connection, by hand, 500 a batch",
            ceiling,
            0.75,
            Better::Higher,
        );
    many.report(report, "postgres.256_callers");

    world.refill().await?;
    let most = load::pay(&[Ledger::new(test.store.clone())], &world, 1_024, None, length).await?;
    most.report(report, "postgres.1024_callers");
    report
        .row(
            "postgres.1024_callers.payments_s",
            most.per_second(),
            "payments/s",
        )
        .against(
            "ceiling: one connection, by hand, 500 a batch",
            ceiling,
            0.75,
            Better::Higher,
        );

    world.refill().await?;
    let hot = load::pay(&[Ledger::new(test.store.clone())], &world, 256, Some(80), length).await?;
    hot.report(report, "postgres.hot_merchant");
    world.refill().await?;
    let even = load::pay(&[Ledger::new(test.store.clone())], &world, 256, None, length).await?;
    report
        .row("postgres.hot_merchant.payments_s", hot.per_second(), "payments/s")
        .against(
            "the same payments spread evenly",
            f64::midpoint(many.per_second(), even.per_second()),
            0.9,
            Better::Higher,
        );

    world.refill().await?;
    let posters = [
        Ledger::new(test.store.clone()),
        Ledger::new(Store::open(&test.url).await?),
    ];
    let two = load::pay(&posters, &world, 1_024, None, length).await?;
    two.report(report, "postgres.two_posters");
    report
        .row("postgres.two_posters.payments_s", two.per_second(), "payments/s")
        .against(
            "pgbench tpcb-like -s 50 -c 20 -j 2 -M prepared",
            pgbench,
            8.0,
            Better::Higher,
        );
    log::measure("postgres", &test.store, &mut world, length, report).await?;
    world.verify().await
}

async fn sqlite(length: Duration, report: &mut Report) -> Anything<()> {
    let test = store::testing::of(Engine::Sqlite).await;
    let mut world = World::new(&test.store).await?;
    let mut of_callers = Vec::new();
    for callers in [1, 64] {
        world.refill().await?;
        let load = load::pay(&[Ledger::new(test.store.clone())], &world, callers, None, length).await?;
        of_callers.push((callers, load));
    }
    world.refill().await?;
    let before = ceiling::sqlite(&test.url, &test.store, &world, length).await?;
    world.refill().await?;
    let many = load::pay(&[Ledger::new(test.store.clone())], &world, 256, None, length).await?;
    world.refill().await?;
    let after = ceiling::sqlite(&test.url, &test.store, &world, length).await?;
    let ceiling = f64::midpoint(before, after);
    report.row("sqlite.ceiling", ceiling, "payments/s");
    world.refill().await?;
    of_callers.push((
        1_024,
        load::pay(&[Ledger::new(test.store.clone())], &world, 1_024, None, length).await?,
    ));
    for (callers, load) in &of_callers {
        load.report(report, &format!("sqlite.{callers}_callers"));
    }
    many.report(report, "sqlite.256_callers");
    report
        .row("sqlite.256_callers.payments_s", many.per_second(), "payments/s")
        .against(
            "ceiling: prepared statements, one thread, 500 a batch",
            ceiling,
            0.75,
            Better::Higher,
        );
    log::measure("sqlite", &test.store, &mut world, length, report).await?;
    world.verify().await
}
