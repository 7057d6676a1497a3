//! The one door for money. Payments go on to the poster, which makes sets of them; all else is done here.
//!
//! Costs of a transfer from n lots: 8 + n statements in one transaction, one commit. Order of locks, the same
//! in every operation, so that no two wait for each other: wallet, budget, the holder's lots by id, the
//! idempotency key, then the other accounts by id. Everything is checked under these locks and before the first
//! write, so a refusal leaves a surrounding transaction as it was (but for an empty wallet account).
//! What can still collide (a payout's many wallets) is tried again, a bounded number of times.

use std::time::Duration;

use sha2::{Digest, Sha256};
use sqlx::{Any, Transaction};
use store::Store;

use super::{
    MAX_AMOUNT_WON, Operation, Receipt, Request, cancel, expire, fund, gift, grant, hold, pay,
    posting::Posting, refund, remit, sell, settle, take_back,
};
use crate::{
    Ledger, Refusal,
    error::{LedgerError, Result, is_transient},
    gifts,
};

const TRIES: u32 = 6;
/// How the ledger's own keys begin; nobody else may use such a key.
const OWN_KEYS: [&str; 8] = [
    "deposit:",
    "payout:",
    "remittance:",
    "expire:",
    "gift:",
    "settlement:",
    "hold:",
    "card:",
];

/// What must be known before the transaction begins: ids, and the hash of the body.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) transfer: i64,
    pub(crate) lot: i64,
    pub(crate) account: i64,
    pub(crate) body_hash: String,
}

impl Ledger {
    /// Does what is asked, once. The same key with the same operation answers with the original receipt
    /// (`replayed`), whoever asks and whenever; with another operation it is [`Refusal::KeyReused`].
    /// When the receipt is there, the change is on disk.
    pub async fn post(&self, request: Request) -> Result<Receipt> {
        if OWN_KEYS.iter().any(|own| request.key.starts_with(own)) {
            return Err(Refusal::BadKey.into());
        }
        if matches!(
            request.operation,
            Operation::Pay { .. } | Operation::PayByCode { .. }
        ) {
            check(&request)?;
            return self.poster.post(request).await;
        }
        self.post_own(&request).await
    }

    /// [`Ledger::post`] for keys of the ledger's own.
    pub(crate) async fn post_own(&self, request: &Request) -> Result<Receipt> {
        let prepared = self.prepare(request).await?;
        for attempt in 0..TRIES {
            match self.post_once(request, &prepared).await {
                Err(LedgerError::Store(error)) if is_transient(&error) => {
                    tracing::debug!(%error, attempt, "transfer tried again");
                    tokio::time::sleep(Duration::from_millis(5 << attempt)).await;
                }
                answer => return answer,
            }
        }
        Err(Refusal::Busy { retry_after_ms: 1000 }.into())
    }

    async fn post_once(&self, request: &Request, prepared: &Prepared) -> Result<Receipt> {
        let mut tx = self.store.begin().await?;
        let receipt = post_in(&mut tx, &self.store, request, prepared).await?;
        if receipt.replayed {
            tx.rollback().await?;
        } else {
            tx.commit().await?;
        }
        Ok(receipt)
    }

    /// Checks what needs no database, and takes the ids. To be done before the transaction begins.
    pub(crate) async fn prepare(&self, request: &Request) -> Result<Prepared> {
        check(request)?;
        let mut ids = self
            .store
            .ids(
                request.municipality,
                ids_needed(&request.operation) + self.gift_lots(request).await?,
            )
            .await?;
        let transfer = ids.next().unwrap_or_default();
        let lot = ids.next().unwrap_or_default();
        let account = ids.next().unwrap_or_default();
        Ok(Prepared {
            transfer,
            lot,
            account,
            body_hash: body_hash(&request.operation),
        })
    }

    /// How many lots a claim will make: as many as the gift has parts, which do not change.
    async fn gift_lots(&self, request: &Request) -> Result<i64> {
        match request.operation {
            Operation::ClaimGift { gift, .. } => {
                gifts::parts_count(&self.store.read, request.municipality, gift).await
            }
            _ => Ok(0),
        }
    }
}

/// Checks what needs no database.
pub(crate) fn check(request: &Request) -> std::result::Result<(), Refusal> {
    let length = request.key.chars().count();
    if !(1..=64).contains(&length) || request.key.chars().any(char::is_control) {
        return Err(Refusal::BadKey);
    }
    if let Operation::PayByCode {
        order: Some(order), ..
    } = &request.operation
        && (!(1..=64).contains(&order.chars().count()) || order.chars().any(char::is_control))
    {
        return Err(Refusal::Invalid {
            field: "order".to_owned(),
        });
    }
    let amount_won = match &request.operation {
        Operation::Fund { amount_won, .. }
        | Operation::Grant { amount_won, .. }
        | Operation::Sell {
            value_won: amount_won,
            ..
        }
        | Operation::Pay { amount_won, .. }
        | Operation::PayByCode { amount_won, .. }
        | Operation::Gift { amount_won, .. }
        | Operation::Hold { amount_won, .. } => *amount_won,
        Operation::Cancel { amount_won, .. } | Operation::Capture { amount_won, .. } => {
            amount_won.unwrap_or(1)
        }
        // All that there is; nothing is asked by amount.
        Operation::Refund { .. }
        | Operation::Remit { .. }
        | Operation::RemitReturn { .. }
        | Operation::Expire { .. }
        | Operation::ClaimGift { .. }
        | Operation::CancelGift { .. }
        | Operation::LapseGift { .. }
        | Operation::TakeBack { .. }
        | Operation::Settle { .. }
        | Operation::Release { .. }
        | Operation::TimeOut { .. } => 1,
    };
    check_amount(amount_won)
}

/// Does what is asked inside the caller's transaction, so that a payout's row and its grant are one. Of the
/// same rules as [`Ledger::post`]; on an error of the database the transaction is lost, on a refusal it is not.
pub(crate) async fn post_in(
    tx: &mut Transaction<'_, Any>,
    store: &Store,
    request: &Request,
    prepared: &Prepared,
) -> Result<Receipt> {
    let mut posting = Posting {
        tx,
        store,
        request,
        prepared,
    };
    match request.operation {
        Operation::Fund {
            programme,
            amount_won,
        } => fund::fund(&mut posting, programme, amount_won).await,
        Operation::Grant {
            programme,
            holder,
            amount_won,
            payout,
        } => grant::grant(&mut posting, programme, holder, amount_won, payout).await,
        Operation::Sell {
            programme,
            holder,
            value_won,
            deposit,
        } => sell::sell(&mut posting, programme, holder, value_won, deposit).await,
        Operation::Pay {
            holder,
            merchant,
            amount_won,
        } => pay::pay(&mut posting, holder, merchant, amount_won).await,
        Operation::PayByCode { .. } => unreachable!("a payment by code goes to the poster only"),
        Operation::Cancel { transfer, amount_won } => {
            cancel::cancel(&mut posting, transfer, amount_won).await
        }
        Operation::Refund { holder, lot } => refund::refund(&mut posting, holder, lot).await,
        Operation::Remit { holder } => remit::remit(&mut posting, holder).await,
        Operation::RemitReturn { remittance } => remit::give_back(&mut posting, remittance).await,
        Operation::Expire { lot, .. } => expire::expire(&mut posting, lot).await,
        Operation::Gift {
            holder,
            ref recipient,
            amount_won,
        } => gift::gift(&mut posting, holder, recipient, amount_won).await,
        Operation::ClaimGift {
            gift,
            holder,
            ref recipient,
        } => gift::claim(&mut posting, gift, holder, recipient).await,
        Operation::CancelGift { gift, holder } => gift::give_back(&mut posting, gift, Some(holder)).await,
        Operation::LapseGift { gift } => gift::give_back(&mut posting, gift, None).await,
        Operation::TakeBack { lot, by, ref reason } => {
            take_back::take_back(&mut posting, lot, by, reason).await
        }
        Operation::Settle { merchant, until_at } => settle::settle(&mut posting, merchant, until_at).await,
        Operation::Hold {
            holder,
            merchant,
            amount_won,
        } => hold::hold(&mut posting, holder, merchant, amount_won).await,
        Operation::Capture { hold, amount_won } => hold::capture(&mut posting, hold, amount_won).await,
        Operation::Release { hold } => hold::release(&mut posting, hold, false).await,
        Operation::TimeOut { hold } => hold::release(&mut posting, hold, true).await,
    }
}

/// The amount of one transfer: positive and not beyond reason.
pub(crate) fn check_amount(amount_won: i64) -> std::result::Result<(), Refusal> {
    if amount_won <= 0 {
        return Err(Refusal::AmountNotPositive);
    }
    if amount_won > MAX_AMOUNT_WON {
        return Err(Refusal::AmountTooLarge {
            limit_won: MAX_AMOUNT_WON,
        });
    }
    Ok(())
}

fn ids_needed(operation: &Operation) -> i64 {
    match operation {
        Operation::Grant { .. }
        | Operation::Sell { .. }
        | Operation::Refund { .. }
        | Operation::Expire { .. }
        | Operation::ClaimGift { .. }
        | Operation::Capture { .. } => 3,
        Operation::Fund { .. }
        | Operation::Pay { .. }
        | Operation::PayByCode { .. }
        | Operation::Cancel { .. }
        | Operation::Remit { .. }
        | Operation::RemitReturn { .. }
        | Operation::Gift { .. }
        | Operation::CancelGift { .. }
        | Operation::LapseGift { .. }
        | Operation::TakeBack { .. }
        | Operation::Settle { .. }
        | Operation::Hold { .. }
        | Operation::Release { .. }
        | Operation::TimeOut { .. } => 1,
    }
}

/// SHA-256 of a body's JSON, whose fields serde writes in the order of their declaration.
pub(crate) fn body_hash(body: &impl serde::Serialize) -> String {
    let json = serde_json::to_vec(body).unwrap_or_default();
    hex::encode(Sha256::digest(&json))
}
