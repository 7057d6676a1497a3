//! Asks the bank what is to be asked: deposits to collect, refunds and settlements to send. Several nodes may ask at once.
//!
//! A bank that hangs holds up a few questions for their deadline and then the next round, and nothing else: no page waits
//! for it.

use std::{collections::HashSet, time::Duration};

use app::House;
use tokio::{sync::watch, task::JoinSet};

use crate::bank::HouseBank;

/// How often the list is looked through even if nobody rang.
const EVERY: Duration = Duration::from_secs(2);
/// Questions at once.
const AT_ONCE: usize = 8;
/// Questions of one municipality in one round.
const ROUND: i64 = 200;

/// Until told to stop. Without a bank there is nothing to do.
pub async fn run(house: House, bank: Option<HouseBank>, mut stopped: watch::Receiver<bool>) {
    let Some(bank) = bank else { return };
    let mut opened = HashSet::new();
    while !*stopped.borrow() {
        let open: Vec<i64> = house.municipalities.borrow().iter().map(|one| one.code).collect();
        for municipality in open {
            // The books' opening must stand before the bank does anything for them.
            if matches!(bank, HouseBank::Http(_)) && !opened.contains(&municipality) {
                match house.ledger.open_bank(municipality, house.now()).await {
                    Ok(()) => {
                        opened.insert(municipality);
                    }
                    Err(error) => {
                        tracing::warn!(%error, municipality, "the bank waits for the books");
                        continue;
                    }
                }
            }
            if let Err(error) = round(&house, &bank, municipality, &stopped).await {
                tracing::warn!(%error, municipality, "the bank is asked later");
            }
        }
        tokio::select! {
            () = house.bank_rung.notified() => {}
            () = tokio::time::sleep(EVERY) => {}
            _ = stopped.changed() => {}
        }
    }
}

/// One round of questions, a few at a time; ends early where the bank does not answer.
pub async fn round(
    house: &House,
    bank: &HouseBank,
    municipality: i64,
    stopped: &watch::Receiver<bool>,
) -> Result<(), ledger::LedgerError> {
    if bank.is_away() {
        return Ok(());
    }
    let due = house
        .ledger
        .bank_asks_due(municipality, house.now(), ROUND)
        .await?;
    for few in due.chunks(AT_ONCE) {
        if *stopped.borrow() || bank.is_away() {
            return Ok(());
        }
        let mut asked = JoinSet::new();
        for one in few {
            let (house, bank, one) = (house.clone(), bank.clone(), one.clone());
            asked.spawn(async move { house.ledger.ask_bank(&bank, &one, house.now()).await });
        }
        while let Some(done) = asked.join_next().await {
            match done {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::warn!(%error, municipality, "a question to the bank"),
                Err(error) => tracing::error!(%error, municipality, "a question to the bank broke off"),
            }
        }
    }
    Ok(())
}
