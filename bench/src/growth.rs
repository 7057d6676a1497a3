//! Whether a wallet stays fast as the ledger grows: what `/wallet` asks the database (balance by lot, the last five
//! movements) for one resident after the other, with few entries in all and with many (10 million;
//! `NEUL_BENCH_ENTRIES`).

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use ledger::{HistoryFilter, Ledger};
use store::Engine;

use crate::{
    Anything,
    report::{Better, Report},
    world::{HOLDERS, MUNICIPALITY, NOON, STRIDE, World},
};

const READERS: usize = 4;
const YEAR: i64 = 365 * 86_400_000;

/// p99 of a wallet with 100,000 entries in the ledger and with as many as are asked for.
pub async fn measure(engine: Engine, length: Duration, report: &mut Report) -> Anything<()> {
    let entries: i64 = std::env::var("NEUL_BENCH_ENTRIES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(10_000_000);
    let test = store::testing::of(engine).await;
    let mut world = World::new(&test.store).await?;
    let ledger = Ledger::new(test.store.clone());
    // The first look fills the caches; after it a server that has been up for a while is measured.
    wallets_p99_ms(&ledger, length).await?;
    world.tidy().await?;
    let few_ms = wallets_p99_ms(&ledger, length).await?;
    eprintln!("growing to {entries} entries: minutes");
    for _ in 0..(entries / (2 * HOLDERS) - 1).max(0) {
        world.grow().await?;
    }
    world.tidy().await?;
    wallets_p99_ms(&ledger, length).await?;
    let many_ms = wallets_p99_ms(&ledger, length).await?;
    let name = match engine {
        Engine::Sqlite => "growth.sqlite.wallet_p99_ms",
        Engine::Postgres => "growth.postgres.wallet_p99_ms",
    };
    report
        .row(name, many_ms, "ms")
        .against("the same with 100,000 entries", few_ms, 1.5, Better::Lower);
    world.verify().await
}

async fn wallets_p99_ms(ledger: &Ledger, length: Duration) -> Anything<f64> {
    let next = Arc::new(AtomicI64::new(0));
    let begun = Instant::now();
    let readers: Vec<_> = (0..READERS)
        .map(|_| {
            let (ledger, next) = (ledger.clone(), next.clone());
            tokio::spawn(async move {
                let filter = HistoryFilter::default();
                let mut latencies_us = Vec::new();
                while begun.elapsed() < length {
                    let holder = next.fetch_add(1, Ordering::Relaxed) * STRIDE % HOLDERS + 1;
                    let asked = Instant::now();
                    let (wallet, history) = tokio::join!(
                        ledger.wallet(MUNICIPALITY, holder, NOON + YEAR / 2),
                        ledger.history(MUNICIPALITY, holder, &filter, None, 5)
                    );
                    latencies_us.push(asked.elapsed().as_micros() as f64);
                    assert!(wallet?.total_won > 0 && !history?.lines.is_empty());
                }
                Ok::<_, ledger::LedgerError>(latencies_us)
            })
        })
        .collect();
    let mut latencies_us = Vec::new();
    for reader in readers {
        latencies_us.extend(reader.await??);
    }
    latencies_us.sort_unstable_by(f64::total_cmp);
    Ok(latencies_us[latencies_us.len() * 99 / 100] / 1_000.0)
}
