//! Merchant → clearing: the ledger's half of a settlement.
//!
//! The rule (FACTS section 2, "Merchants": D+2 business days; the calendar stands in `data/holidays.csv`):
//! - What was taken on a day is sent on the second business day after it; a weekend's and a holiday's takings go with
//!   those of the days around it that fall due together.
//! - A settlement covers all entries of the merchant's account from the end of the one before to the end of the last day
//!   that is due: payments, less cancellations, and what the bank could not send before. Its total is the sum of those
//!   entries, which [`crate::Ledger::verify`] recomputes.
//! - Never more than the account has: what was cancelled after the period's end has left it already. The difference is
//!   carried over, so that over time a merchant gets exactly what it took.
//! - Where nothing is to be sent no settlement is made, and the next one begins where the last one ended.

use super::{
    Receipt, TransferKind,
    posting::{Plan, Posting},
    remit,
};
use crate::{
    Payee, Refusal,
    error::Result,
    remittances,
    settlements::{self, Settlement},
};

pub(super) async fn settle(posting: &mut Posting<'_, '_>, merchant: i64, until_at: i64) -> Result<Receipt> {
    let municipality = posting.municipality();
    let account = posting.lock("merchant", merchant).await?;
    let account = account.ok_or(Refusal::UnknownMerchant)?;
    if let Some(receipt) = posting.earlier().await? {
        return Ok(receipt);
    }
    let (from_at, brought_won) = settlements::last(posting.tx, municipality, merchant).await?;
    if until_at <= from_at {
        return Err(Refusal::NothingLeft.into());
    }
    let taken_won = settlements::taken(posting.tx, municipality, account.id, from_at, until_at).await?;
    let due_won = brought_won + taken_won;
    let sent_won = due_won.min(account.balance_won);
    if sent_won <= 0 {
        return Err(Refusal::NothingLeft.into());
    }
    let mut plan = Plan::new(TransferKind::Settle, sent_won);
    plan.merchant = Some(merchant);
    plan.lines = remit::to_bank(posting, account.id, sent_won).await?;
    let receipt = posting.write(plan).await?;
    if !receipt.replayed {
        remittances::write(posting.tx, &receipt, Payee::Merchant(merchant)).await?;
        let settlement = Settlement {
            id: receipt.transfer,
            municipality,
            merchant,
            from_at,
            until_at,
            brought_won,
            taken_won,
            sent_won,
            carried_won: due_won - sent_won,
            created_at: receipt.at,
        };
        settlements::write(posting.tx, &settlement).await?;
    }
    Ok(receipt)
}
