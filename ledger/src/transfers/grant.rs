//! Policy money: budget → wallet, as a new lot of price 0.

use super::{
    Receipt, TransferKind,
    posting::{Line, NewLot, Plan, Posting},
};
use crate::{LotKind, ProgrammeState, Refusal, error::Result, programmes};

pub(super) async fn grant(
    posting: &mut Posting<'_, '_>,
    id: i64,
    holder: i64,
    amount_won: i64,
    payout: Option<i64>,
) -> Result<Receipt> {
    let wallet = posting.lock_wallet(holder).await?;
    let budget = posting
        .lock("budget", id)
        .await?
        .ok_or(Refusal::UnknownProgramme)?;
    if let Some(receipt) = posting.earlier().await? {
        return Ok(receipt);
    }
    let programme =
        programmes::find_at(posting.tx, posting.request.municipality, id, posting.request.at).await?;
    let programme = programme.ok_or(Refusal::UnknownProgramme)?;
    if programme.state != ProgrammeState::Open {
        return Err(Refusal::ProgrammeNotOpen.into());
    }
    let expires_at = programme.expiry.expires_at(posting.request.at);
    if expires_at <= posting.request.at {
        return Err(Refusal::ProgrammeEnded { ended_at: expires_at }.into());
    }
    if budget.balance_won < amount_won {
        return Err(Refusal::BudgetExhausted {
            left_won: budget.balance_won,
        }
        .into());
    }
    let lot = Some(posting.prepared.lot);
    let mut plan = Plan::new(TransferKind::Grant, amount_won);
    plan.programme = Some(id);
    plan.holder = Some(holder);
    plan.payout = payout;
    plan.new_lot = Some(NewLot {
        account: wallet.id,
        holder,
        programme: id,
        kind: LotKind::Granted,
        price_won: 0,
        value_won: amount_won,
        expires_at,
    });
    plan.lines = vec![
        Line {
            account: budget.id,
            amount_won: -amount_won,
            lot: None,
            programme: Some(id),
        },
        Line {
            account: wallet.id,
            amount_won,
            lot,
            programme: Some(id),
        },
    ];
    posting.write(plan).await
}
