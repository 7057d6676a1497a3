//! Runs approved payouts, one batch after the other, and takes up after a restart where the last process
//! stopped: a row's money and its state are written in one transaction, so nobody is paid twice.

use std::time::Duration;

use app::House;
use ledger::payouts::{Recipients, ResolveError};
use tokio::sync::watch;

/// Rows per transaction.
const BATCH: usize = 200;
/// How often the list is looked through even if nobody rang.
const EVERY: Duration = Duration::from_secs(5);

/// Finds or makes the holder of a roster's row.
pub struct Named(pub people::People);

impl Recipients for Named {
    async fn holder(
        &self,
        municipality: i64,
        sealed: &str,
        _key: &str,
        at: i64,
    ) -> Result<i64, ResolveError> {
        let text = self
            .0
            .unseal(municipality, sealed)
            .map_err(|error| ResolveError(error.to_string()))?;
        let person = serde_json::from_str(&text).map_err(|error| ResolveError(error.to_string()))?;
        self.0
            .recipient(municipality, &person, "payout", at)
            .await
            .map_err(|error| ResolveError(error.to_string()))
    }
}

/// Until told to stop.
pub async fn run(house: House, mut stopped: watch::Receiver<bool>) {
    let named = Named(house.people.clone());
    while !*stopped.borrow() {
        match house.ledger.unfinished_payouts().await {
            Ok(list) => {
                for (municipality, payout) in list {
                    if let Err(error) = pay(&house, &named, municipality, payout, &stopped).await {
                        tracing::error!(%error, municipality, payout, "a payout stopped; it is taken up again");
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "payouts cannot be looked up"),
        }
        tokio::select! {
            () = house.payout_approved.notified() => {}
            () = tokio::time::sleep(EVERY) => {}
            _ = stopped.changed() => {}
        }
    }
}

async fn pay(
    house: &House,
    named: &Named,
    municipality: i64,
    payout: i64,
    stopped: &watch::Receiver<bool>,
) -> Result<(), ledger::LedgerError> {
    while !*stopped.borrow() {
        let step = house
            .ledger
            .run_payout_step(municipality, payout, named, BATCH, house.now())
            .await?;
        if step.done {
            tracing::info!(municipality, payout, "a payout is done");
            return Ok(());
        }
    }
    Ok(())
}
