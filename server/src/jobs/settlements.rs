//! After midnight in Korea: settles with the merchants what is due by the business-day calendar, pays out refunds to whoever
//! has told an account, and reconciles with the bank. Each is safe to run twice and on several nodes: a settlement has its
//! merchant and period as its key, a refund leaves its account once, a day's reconciliation replaces the one before.

use std::{collections::HashMap, time::Duration};

use app::House;
use jiff::civil::Date;
use people::AccountOwner;
use tokio::sync::watch;

use crate::bank::{HouseBank, nightly};

const EVERY: Duration = Duration::from_mins(1);
/// The bank closes its day a little after midnight, ms.
const BANK_CLOSES_MS: i64 = 10 * 60 * 1000;
/// Holders per page.
const PAGE: i64 = 500;

/// What this process has done of a municipality, by the day it did it on.
#[derive(Default)]
struct Done {
    settled: Option<Date>,
    reconciled: Option<Date>,
}

/// Until told to stop.
pub async fn run(house: House, bank: Option<HouseBank>, mut stopped: watch::Receiver<bool>) {
    let mut done: HashMap<i64, Done> = HashMap::new();
    while !*stopped.borrow() {
        let open: Vec<i64> = house.municipalities.borrow().iter().map(|one| one.code).collect();
        for municipality in open {
            if *stopped.borrow() {
                return;
            }
            nightly_round(&house, bank.as_ref(), municipality, done.entry(municipality).or_default()).await;
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stopped.changed() => {}
        }
    }
}

async fn nightly_round(house: &House, bank: Option<&HouseBank>, municipality: i64, done: &mut Done) {
    let at = house.now();
    let today = app::words::day_of(at);
    if done.settled != Some(today) {
        match settle(house, municipality, at).await {
            Ok((settled, refunds)) => {
                done.settled = Some(today);
                if settled + refunds > 0 {
                    tracing::info!(municipality, settled, refunds, "handed to the bank");
                    house.bank_rung.notify_one();
                }
            }
            Err(error) => tracing::warn!(%error, municipality, "settlements wait for the next round"),
        }
    }
    let Some(HouseBank::Http(bank)) = bank else { return };
    let yesterday = app::words::day_of(at - BANK_CLOSES_MS)
        .yesterday()
        .unwrap_or(today);
    if done.reconciled == Some(yesterday) || bank.is_away() {
        return;
    }
    match nightly::reconcile(&house.ledger, bank, municipality, yesterday, at).await {
        Ok(found) if found.balances() => {
            tracing::info!(municipality, day = %yesterday, open = found.open_items, "bank and books agree");
            done.reconciled = Some(yesterday);
        }
        Ok(found) => {
            tracing::error!(municipality, day = %yesterday, differing = found.differing, rest_won = found.rest_won,
                "bank and books differ");
            done.reconciled = Some(yesterday);
        }
        Err(error) => tracing::warn!(%error, municipality, "the reconciliation waits"),
    }
}

/// Settlements, then refunds of holders whose account is known: how many of each were handed over.
pub async fn settle(
    house: &House,
    municipality: i64,
    at: i64,
) -> Result<(i64, i64), Box<dyn std::error::Error + Send + Sync>> {
    let settled = house.ledger.settle_due(municipality, at).await?;
    let (mut after, mut refunds) = (0, 0);
    loop {
        let page = house.ledger.refundables(municipality, after, PAGE).await?;
        for (holder, _) in &page {
            after = *holder;
            let owner = AccountOwner::Holder(*holder);
            if house.people.bank_account(municipality, owner).await?.is_some() {
                refunds += i64::from(house.ledger.remit_refund(municipality, *holder, at).await?);
            }
        }
        if (page.len() as i64) < PAGE {
            return Ok((settled, refunds));
        }
    }
}
