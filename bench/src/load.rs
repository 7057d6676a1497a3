//! Callers who pay, each as soon as the last receipt is there.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use ledger::{Ledger, Operation, Request};

use crate::{
    Anything,
    report::Report,
    world::{MUNICIPALITY, NOON, PAYMENTS, World},
};

/// What callers saw.
pub struct Load {
    elapsed: Duration,
    /// From asking to the receipt, µs, sorted.
    latencies_us: Vec<u32>,
}

impl Load {
    /// Payments per second.
    pub fn per_second(&self) -> f64 {
        self.latencies_us.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// Half of them were faster.
    pub fn p50_ms(&self) -> f64 {
        self.quantile_ms(0.5)
    }

    /// One in a hundred was slower.
    pub fn p99_ms(&self) -> f64 {
        self.quantile_ms(0.99)
    }

    fn quantile_ms(&self, part: f64) -> f64 {
        let index = (self.latencies_us.len() as f64 * part) as usize;
        let us = self
            .latencies_us
            .get(index.min(self.latencies_us.len().saturating_sub(1)));
        f64::from(us.copied().unwrap_or_default()) / 1_000.0
    }

    /// Its three figures, unless a row with a control stands there already.
    pub fn report(&self, report: &mut Report, name: &str) {
        for (what, value, unit) in [
            ("payments_s", self.per_second(), "payments/s"),
            ("p50_ms", self.p50_ms(), "ms"),
            ("p99_ms", self.p99_ms(), "ms"),
        ] {
            let name = format!("{name}.{what}");
            if !report.has(&name) {
                report.row(&name, value, unit);
            }
        }
    }
}

/// So many callers for so long (or until the world is spent), spread over the ledgers; `hot_pct` percent of the
/// payments go to one merchant.
pub async fn pay(
    ledgers: &[Ledger],
    world: &World,
    callers: usize,
    hot_pct: Option<i64>,
    length: Duration,
) -> Anything<Load> {
    let next = Arc::new(AtomicI64::new(0));
    let merchants = Arc::new(world.merchants.clone());
    let round = world.round;
    let begun = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let (ledger, next, merchants) = (
                ledgers[caller % ledgers.len()].clone(),
                next.clone(),
                merchants.clone(),
            );
            tokio::spawn(async move {
                let mut latencies_us = Vec::new();
                while begun.elapsed() < length {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= PAYMENTS {
                        break;
                    }
                    let (holder, amount_won) = World::payment(number);
                    let hot = hot_pct.is_some_and(|pct| number * 7 % 100 < pct);
                    let merchant = if hot {
                        0
                    } else {
                        (number * 31) as usize % merchants.len()
                    };
                    let request = Request {
                        municipality: MUNICIPALITY,
                        key: format!("pay:{round}:{number}"),
                        actor: "bench".to_owned(),
                        at: NOON + 1,
                        operation: Operation::Pay {
                            holder,
                            merchant: merchants[merchant],
                            amount_won,
                        },
                    };
                    let asked = Instant::now();
                    ledger.post(request).await?;
                    latencies_us.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
                }
                Ok::<_, ledger::LedgerError>(latencies_us)
            })
        })
        .collect();
    let mut latencies_us = Vec::new();
    for task in tasks {
        latencies_us.extend(task.await??);
    }
    let elapsed = begun.elapsed();
    latencies_us.sort_unstable();
    for ledger in ledgers {
        ledger.finish().await;
    }
    Ok(Load {
        elapsed,
        latencies_us,
    })
}
