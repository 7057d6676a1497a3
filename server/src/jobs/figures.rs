//! Counts what is new in the log into the desk's figures. Every node runs it; what one has counted the others leave.

use std::time::Duration;

use app::House;
use ledger::Counting;
use tokio::sync::watch;

/// As often as the log takes up what waits: the desk is then a few seconds behind the till.
const EVERY: Duration = Duration::from_secs(2);

/// Until told to stop.
pub async fn run(house: House, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        // All that the log has; after a large payout, or where there were no figures before, that is many steps.
        while !*stopped.borrow() {
            match house.ledger.count_figures().await {
                Ok(Counting::Counted { more: true, .. }) => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "the desk's figures wait for their next step");
                    break;
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stopped.changed() => {}
        }
    }
}
