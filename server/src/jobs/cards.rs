//! Every few seconds: takes back approvals of which nobody knows that they were answered, and signs the stand-in lists
//! anew where a choice or a blocked card has changed them.

use std::time::Duration;

use app::House;
use tokio::sync::watch;

const EVERY: Duration = Duration::from_secs(2);

/// Until told to stop.
pub async fn run(house: House, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let at = house.now();
        match house.ledger.reverse_unanswered(at).await {
            Ok(0) => {}
            Ok(reversed) => {
                tracing::info!(reversed, "card approvals that nobody was told of were taken back");
            }
            Err(error) => tracing::warn!(%error, "card approvals that nobody was told of wait"),
        }
        if let Err(error) = house.card_lists.refresh_all(&house.ledger, at).await {
            tracing::warn!(%error, "the stand-in lists stay as they were");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stopped.changed() => {}
        }
    }
}
