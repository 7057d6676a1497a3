//! Puts committed transfers into the public log, and signs how far it is. Every node runs it; one at a time appends.

use std::time::{Duration, Instant};

use app::House;
use ledger::Step;
use tlog::Keys;
use tokio::sync::watch;

/// Often enough that a receipt's page soon has its number; seldom enough that a step has many leaves.
const EVERY: Duration = Duration::from_secs(2);
/// So that a transfer is under a public checkpoint within a minute of its commit, this and [`EVERY`] together.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(50);

/// Until told to stop.
pub async fn run(house: House, keys: Keys, mut stopped: watch::Receiver<bool>) {
    let mut signed: Option<Instant> = None;
    while !*stopped.borrow() {
        // All that waits; after a large payout that is many steps.
        while !*stopped.borrow() {
            match house.ledger.sequence().await {
                Ok(Step::Appended { more: true, .. }) => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "the log waits for its next step");
                    break;
                }
            }
            if signed.is_none_or(|at| at.elapsed() >= CHECKPOINT_EVERY) {
                break;
            }
        }
        if signed.is_none_or(|at| at.elapsed() >= CHECKPOINT_EVERY) {
            match house.ledger.checkpoint(&keys, house.now()).await {
                Ok(_) => signed = Some(Instant::now()),
                // An operator must look: the rows of the log are not what was signed before.
                Err(error) => tracing::error!(%error, "no checkpoint was signed"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stopped.changed() => {}
        }
    }
}
