//! The rest of a purchase, paid back.
//!
//! The rule (FACTS section 2, "Refund"; section 1 for what went wrong elsewhere):
//! - Only what was bought, and only by its buyer. What was granted has no price; what was received as a gift is no
//!   purchase of its holder, and is paid out when it ends.
//! - Unused, that is with nothing taken from the lot: the whole price.
//! - Otherwise once the programme's share (60 % by default; the one that held when it was bought) of *that purchase* has been spent. The share is of the
//!   value as it was bought, which the lot keeps unchangeable, never of what is left. Spent is what merchants took
//!   from this lot less what they gave back; what was given away or is held for a card is not spent.
//! - Less the discount received, in proportion to what is left ([`super::lots::discount_in`]): it goes back to the
//!   budget, the price part to the holder's refundable account.
//! - A lot that has ended is not refunded here: the sweep pays its price part out without asking for a share.
//!
//! A refunded purchase still counts for the month in which it was made, or the monthly limit would be none.

use super::{
    Receipt, TransferKind,
    lots::LockedLot,
    posting::{Line, Plan, Posting},
};
use crate::{LotKind, Refusal, error::Result, programmes, refunds};

pub(super) async fn refund(posting: &mut Posting<'_, '_>, holder: i64, lot: i64) -> Result<Receipt> {
    let municipality = posting.municipality();
    let wallet = posting.lock("wallet", holder).await?.ok_or(Refusal::UnknownLot)?;
    // Which budget is the lot's, and that does not change.
    let programme: Option<(i64,)> =
        sqlx::query_as("SELECT programme FROM lots WHERE municipality = $1 AND id = $2 AND holder = $3")
            .bind(municipality)
            .bind(lot)
            .bind(holder)
            .fetch_optional(&mut **posting.tx)
            .await?;
    let (programme,) = programme.ok_or(Refusal::UnknownLot)?;
    posting.lock("budget", programme).await?;
    let lot = posting.lock_lot(lot).await?.ok_or(Refusal::UnknownLot)?;
    if let Some(receipt) = posting.earlier().await? {
        return Ok(receipt);
    }
    if lot.kind != LotKind::Bought {
        return Err(Refusal::NotRefundable.into());
    }
    if lot.expires_at <= posting.request.at {
        return Err(Refusal::LotEnded {
            ended_at: lot.expires_at,
        }
        .into());
    }
    // What was sold keeps the threshold under which it was sold.
    let rules = programmes::find_at(posting.tx, municipality, programme, lot.created_at).await?;
    let threshold_pct = rules.ok_or(Refusal::UnknownProgramme)?.refund_threshold_pct;
    let spent_won = refunds::spent_of(&mut **posting.tx, municipality, wallet.id, lot.id).await?;
    refunds::check(lot.value_won, lot.left_won, spent_won, threshold_pct)?;
    let plan = pay_out(posting, &lot, TransferKind::Refund).await?;
    posting.write(plan).await
}

/// All that is left of a lot: its price part to the holder's refundable account, the rest to the budget.
pub(super) async fn pay_out(
    posting: &mut Posting<'_, '_>,
    lot: &LockedLot,
    kind: TransferKind,
) -> Result<Plan> {
    let (price_won, discount_won) = lot.parts(lot.left_won);
    let mut plan = Plan::new(kind, lot.left_won);
    plan.programme = Some(lot.programme);
    plan.holder = Some(lot.holder);
    let line = |account, amount_won, of| Line {
        account,
        amount_won,
        lot: of,
        programme: Some(lot.programme),
    };
    let mut lines = vec![line(lot.account, -lot.left_won, Some(lot.id))];
    if price_won > 0 {
        let refundable = posting.account_or_new("refundable", lot.holder).await?;
        lines.push(line(refundable, price_won, None));
    }
    if discount_won > 0 {
        let budget = posting.account("budget", lot.programme).await?;
        lines.push(line(budget.ok_or(Refusal::UnknownProgramme)?, discount_won, None));
    }
    plan.lines = lines;
    Ok(plan)
}
