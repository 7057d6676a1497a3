//! Keeps the list of open municipalities fresh: another process on the same database may open one.

use std::time::Duration;

use app::House;
use tokio::sync::watch;

const EVERY: Duration = Duration::from_secs(30);

/// Until told to stop.
pub async fn run(house: House, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stopped.changed() => return,
        }
        if let Err(error) = house.refresh_municipalities().await {
            tracing::warn!(%error, "the list of municipalities is not fresh");
        }
    }
}
