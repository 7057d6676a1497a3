//! Policy money taken back by the municipality (회수).
//!
//! The rule (FACTS section 2, "Officials' work"): of what was granted only what is left, and all of it, goes back to the
//! programme's budget. What was spent stays spent, what is held for a card stays held; if it comes back, it can be taken
//! back again. What was bought or received as a gift is somebody's own money and is never taken. A lot that has ended
//! can be taken back too: the sweep would do the same with it.
//!
//! It creates no value, so one official's word is enough (DESIGN, "What must stay true" 11 speaks of creating it); who
//! and why is written down in the same commit and cannot be changed.

use super::{Receipt, TransferKind, posting::Posting, refund};
use crate::{LotKind, Refusal, error::Result, payouts};

pub(super) async fn take_back(
    posting: &mut Posting<'_, '_>,
    lot: i64,
    by: i64,
    reason: &str,
) -> Result<Receipt> {
    let municipality = posting.municipality();
    // Whose and of which budget a lot is does not change.
    let of: Option<(i64, i64)> =
        sqlx::query_as("SELECT holder, programme FROM lots WHERE municipality = $1 AND id = $2")
            .bind(municipality)
            .bind(lot)
            .fetch_optional(&mut **posting.tx)
            .await?;
    let (holder, programme) = of.ok_or(Refusal::UnknownLot)?;
    posting.lock("wallet", holder).await?;
    posting.lock("budget", programme).await?;
    let lot = posting.lock_lot(lot).await?.ok_or(Refusal::UnknownLot)?;
    if let Some(receipt) = posting.earlier().await? {
        return Ok(receipt);
    }
    if !(1..=200).contains(&reason.trim().chars().count()) {
        return Err(Refusal::Invalid {
            field: "reason".to_owned(),
        }
        .into());
    }
    if lot.kind != LotKind::Granted {
        return Err(Refusal::NotGranted.into());
    }
    if lot.left_won == 0 {
        return Err(Refusal::NothingLeft.into());
    }
    let plan = refund::pay_out(posting, &lot, TransferKind::TakeBack).await?;
    let receipt = posting.write(plan).await?;
    if !receipt.replayed {
        payouts::write_take_back(posting.tx, &receipt, lot.id, by, reason.trim()).await?;
    }
    Ok(receipt)
}
