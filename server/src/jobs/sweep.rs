//! Once a minute: deals with what has come to its end (lots, gifts, holds), so that it happens at midnight in Korea
//! and, where the house was closed at midnight, as soon as it opens. Several nodes may sweep at once.

use std::time::Duration;

use app::House;
use tokio::sync::watch;

const EVERY: Duration = Duration::from_mins(1);

/// Until told to stop.
pub async fn run(house: House, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let open: Vec<i64> = house.municipalities.borrow().iter().map(|one| one.code).collect();
        for municipality in open {
            match house.ledger.sweep(municipality, house.now()).await {
                Ok(swept) if swept != ledger::Swept::default() => {
                    tracing::info!(municipality, ?swept, "what had ended was dealt with");
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, municipality, "what has ended waits for the next sweep"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stopped.changed() => {}
        }
    }
}
