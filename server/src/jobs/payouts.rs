//! Runs approved payouts, one batch after the other, and takes up after a restart where the last process
//! stopped: a row's money and its state are written in one transaction, so nobody is paid twice.

use std::time::Duration;

use app::House;
use ledger::{
    LedgerError, Refusal,
    payouts::{BatchError, Ran, Recipients, ResolveError, RowPerson},
};
use people::Person;
use store::Engine;
use tokio::sync::watch;

/// Rows per transaction: on `PostgreSQL` as many as a wallet or a budget may be held up for, a few tenths of a second;
/// `SQLite` has one writer, whom everybody else waits for.
const BATCH: usize = 2_000;
const BATCH_SQLITE: usize = 500;
/// How often the list is looked through even if nobody rang.
const EVERY: Duration = Duration::from_secs(5);

/// Finds or makes the holders of a roster's rows.
pub struct Named(pub people::People);

impl Recipients for Named {
    async fn holders(
        &self,
        municipality: i64,
        rows: &[RowPerson],
        at: i64,
    ) -> Result<Vec<Option<i64>>, ResolveError> {
        let fault = |error: people::Fault| ResolveError(error.to_string());
        let keys: Vec<&str> = rows.iter().map(|row| row.person_key.as_str()).collect();
        let known = self.0.holders_of_keys(municipality, &keys).await.map_err(fault)?;
        let mut holders: Vec<Option<i64>> = keys.iter().map(|key| known.get(*key).copied()).collect();
        // Only of somebody new the personal data is opened.
        let mut places = Vec::new();
        let mut new = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            if holders[place].is_some() {
                continue;
            }
            match self.open(municipality, &row.sealed) {
                Ok(person) => {
                    places.push(place);
                    new.push(person);
                }
                Err(error) => tracing::error!(%error, municipality, "a row of a payout does not open"),
            }
        }
        let made = self
            .0
            .recipients(municipality, &new, "payout", at)
            .await
            .map_err(fault)?;
        for (place, holder) in places.into_iter().zip(made) {
            holders[place] = Some(holder);
        }
        Ok(holders)
    }
}

impl Named {
    fn open(&self, municipality: i64, sealed: &str) -> Result<Person, String> {
        let text = self
            .0
            .unseal(municipality, sealed)
            .map_err(|error| error.to_string())?;
        // The message of serde_json would quote the data.
        serde_json::from_str(&text).map_err(|_| "not a person".to_owned())
    }
}

/// Until told to stop.
pub async fn run(house: House, mut stopped: watch::Receiver<bool>) {
    let named = Named(house.people.clone());
    while !*stopped.borrow() {
        match house.ledger.unfinished_payouts(house.now()).await {
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
) -> Result<(), BatchError> {
    let size = match house.ledger.store().engine {
        Engine::Postgres => BATCH,
        Engine::Sqlite => BATCH_SQLITE,
    };
    let ran = match house
        .ledger
        .run_payout(
            municipality,
            payout,
            named,
            size,
            || house.now(),
            || *stopped.borrow(),
        )
        .await
    {
        // Withdrawn since the list was read.
        Err(BatchError::Ledger(LedgerError::Refused(Refusal::PayoutState { state }))) => {
            tracing::info!(municipality, payout, ?state, "a payout runs no more");
            return Ok(());
        }
        ran => ran?,
    };
    if ran == Ran::Done {
        tracing::info!(municipality, payout, "a payout is done");
    }
    Ok(())
}
