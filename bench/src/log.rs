//! What the public log costs those who pay, and how fast it takes up what waits.

use std::time::{Duration, Instant};

use ledger::{Ledger, Step};
use store::Store;

use crate::{
    Anything, load,
    report::{Better, Report},
    world::World,
};

/// As often as the portal's own job.
const EVERY: Duration = Duration::from_secs(1);
const CALLERS: usize = 256;

/// Payments with a sequencer beside them against the same without, and leaves a second of the backlog.
pub async fn measure(
    name: &str,
    store: &Store,
    world: &mut World,
    length: Duration,
    report: &mut Report,
) -> Anything<()> {
    let ledger = Ledger::new(store.clone());
    drain(&ledger).await?;
    world.refill().await?;
    let before = load::pay(&[Ledger::new(store.clone())], world, CALLERS, None, length).await?;

    let (waiting, begun) = (ledger.log_waiting().await?, Instant::now());
    let leaves = drain(&ledger).await?;
    let leaves_s = leaves as f64 / begun.elapsed().as_secs_f64();
    debug_assert_eq!(leaves as i64, waiting);

    world.refill().await?;
    drain(&ledger).await?;
    let sequencer = tokio::spawn({
        let ledger = ledger.clone();
        async move {
            loop {
                drain(&ledger).await.map_err(|error| error.to_string())?;
                tokio::time::sleep(EVERY).await;
            }
            #[expect(unreachable_code, reason = "it is told to stop from outside")]
            Ok::<(), String>(())
        }
    });
    let beside = load::pay(&[Ledger::new(store.clone())], world, CALLERS, None, length).await?;
    if sequencer.is_finished() {
        sequencer.await??;
        return Err("the sequencer stopped".into());
    }
    sequencer.abort();

    world.refill().await?;
    drain(&ledger).await?;
    let after = load::pay(&[Ledger::new(store.clone())], world, CALLERS, None, length).await?;
    let alone = f64::midpoint(before.per_second(), after.per_second());
    report
        .row(
            &format!("{name}.with_the_log.payments_s"),
            beside.per_second(),
            "payments/s",
        )
        .against(
            "the same payments while nobody sequences",
            alone,
            0.9,
            Better::Higher,
        );
    report
        .row(&format!("{name}.log.leaves_s"), leaves_s, "leaves/s")
        .against("40,000 leaves/s", 40_000.0, 1.0, Better::Higher);
    Ok(())
}

async fn drain(ledger: &Ledger) -> Result<u64, ledger::LedgerError> {
    let mut all = 0;
    loop {
        match ledger.sequence().await? {
            Step::Appended { leaves, more } => {
                all += leaves;
                if !more {
                    return Ok(all);
                }
            }
            Step::NotElected => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}
