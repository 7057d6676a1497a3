//! A lot that has ended.
//!
//! The rule (FACTS section 2, "Validity"): what was bought or received as a gift is paid out to its owner, of what is
//! left the price part ([`super::lots::discount_in`]); the discount part lapses to the budget. Policy money was never
//! paid for, so all of it goes back to the budget. No share has to be spent: that is asked of refunds before the end.
//! A lot ends at the instant after its last moment, which is always a midnight in Seoul.
//!
//! A payment that is cancelled after its lot has ended gives the value back to the lot all the same (`cancel.rs`), and
//! the next sweep deals with it by this rule. So does a gift that comes back, or a hold that is released.

use super::{Receipt, TransferKind, posting::Posting, refund};
use crate::{Refusal, error::Result};

pub(super) async fn expire(posting: &mut Posting<'_, '_>, lot: i64) -> Result<Receipt> {
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
    if lot.expires_at > posting.request.at {
        return Err(Refusal::LotNotEnded {
            ends_at: lot.expires_at,
        }
        .into());
    }
    if lot.left_won == 0 {
        return Err(Refusal::NothingLeft.into());
    }
    let plan = refund::pay_out(posting, &lot, TransferKind::Expire).await?;
    posting.write(plan).await
}
