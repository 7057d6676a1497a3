//! Refundable account → clearing: the ledger's half of a remittance. The bank's half is in `remittances`.
//!
//! The clearing account is the book of the bank account: it is credited when the order is given, so that what the
//! bank has not carried out yet is a named line of the reconciliation and nothing can be sent twice.

use super::{
    Receipt, TransferKind,
    posting::{Line, Plan, Posting},
};
use crate::{
    Payee, Refusal,
    error::Result,
    remittances::{self, write},
};

/// All that the holder's refundable account has.
pub(super) async fn remit(posting: &mut Posting<'_, '_>, holder: i64) -> Result<Receipt> {
    let account = posting.lock("refundable", holder).await?;
    if let Some(receipt) = posting.earlier().await? {
        return Ok(receipt);
    }
    let account = account
        .filter(|account| account.balance_won > 0)
        .ok_or(Refusal::NothingLeft)?;
    let mut plan = Plan::new(TransferKind::Remit, account.balance_won);
    plan.holder = Some(holder);
    plan.lines = to_bank(posting, account.id, account.balance_won).await?;
    let receipt = posting.write(plan).await?;
    if !receipt.replayed {
        write(posting.tx, &receipt, Payee::Holder(holder)).await?;
    }
    Ok(receipt)
}

/// From an account to the bank.
pub(super) async fn to_bank(
    posting: &mut Posting<'_, '_>,
    account: i64,
    amount_won: i64,
) -> Result<Vec<Line>> {
    let clearing = posting.account("clearing", 0).await?;
    let line = |account, amount_won| Line {
        account,
        amount_won,
        lot: None,
        programme: None,
    };
    Ok(vec![
        line(account, -amount_won),
        line(clearing.ok_or(Refusal::UnknownMunicipality)?, amount_won),
    ])
}

/// What the bank could not send, back to where it came from. The caller holds the remittance's row.
pub(super) async fn give_back(posting: &mut Posting<'_, '_>, remittance: i64) -> Result<Receipt> {
    let municipality = posting.municipality();
    let found = remittances::find(&mut **posting.tx, municipality, remittance).await?;
    let found = found.ok_or(Refusal::UnknownRemittance)?;
    if let Some(receipt) = posting.earlier().await? {
        return Ok(receipt);
    }
    let (kind, owner) = match found.payee {
        Payee::Holder(holder) => ("refundable", holder),
        Payee::Merchant(merchant) => ("merchant", merchant),
    };
    let account = posting.account(kind, owner).await?;
    let account = account.ok_or(Refusal::UnknownRemittance)?;
    let mut plan = Plan::new(TransferKind::RemitReturn, found.amount_won);
    match found.payee {
        Payee::Holder(holder) => plan.holder = Some(holder),
        Payee::Merchant(merchant) => plan.merchant = Some(merchant),
    }
    plan.lines = to_bank(posting, account, -found.amount_won).await?;
    posting.write(plan).await
}
