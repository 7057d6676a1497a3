//! Wallet → gifts → another's wallet, or back.
//!
//! The rule (FACTS section 2, "Payment", "Refund" and "Validity"):
//! - Given to a phone number, of which the ledger knows a keyed hash. Until it is claimed the value is nobody's to
//!   spend: it waits in the gifts account.
//! - Only what was bought, or received as a gift, can be given: policy money is for the person it was granted to.
//!   What ends before the gift could come back cannot be given either, so that a gift never ends on its way.
//! - Soonest expiry first, then oldest, as in a payment.
//! - It can be claimed for 3 days; the day of giving does not count and the last day counts to its end, at midnight in
//!   Seoul. Until it is claimed its sender may take it back, and after the 3 days the sweep does.
//! - Claimed, each part becomes a lot of kind gifted with the programme, the end, and of price and value the part that
//!   was taken from the sender's lot ([`super::lots::LockedLot::parts`]): nothing is gained or lost by giving.
//! - A claim may not bring its holder above a programme's holding limit: gifts are no way around it. The monthly limit
//!   is one of buying and does not ask about gifts.
//! - Back to the sender goes to each lot exactly what came from it, whatever has happened to the lot since.

use std::collections::BTreeMap;

use super::{
    Receipt, TransferKind,
    lots::LockedLot,
    posting::{Line, NewLot, Plan, Posting},
    sell::held,
};
use crate::{
    Gift, GiftState, LotKind, Refusal, calendar,
    error::Result,
    gifts::{self, Part},
    programmes,
};

/// For how many days a gift waits (FACTS section 2); the last day counts to its end.
const GIFT_DAYS: i64 = 3;

/// Until when what is given at `at` can be claimed: the instant after the last moment, ms. What ends by then cannot be
/// given.
pub fn gift_lapse_at(at: i64) -> i64 {
    calendar::days_after(at, GIFT_DAYS)
}

pub(super) async fn gift(
    posting: &mut Posting<'_, '_>,
    holder: i64,
    recipient: &str,
    amount_won: i64,
) -> Result<Receipt> {
    if !(1..=100).contains(&recipient.chars().count()) || recipient.chars().any(char::is_control) {
        return Err(Refusal::Invalid {
            field: "recipient".to_owned(),
        }
        .into());
    }
    let at = posting.request.at;
    let lapse_at = gift_lapse_at(at);
    let wallet = posting.lock("wallet", holder).await?;
    let lots = posting.lock_open_lots(holder).await?;
    if let Some(receipt) = posting.earlier().await? {
        return Ok(receipt);
    }
    let total_won = lots.iter().map(|lot| lot.left_won).sum();
    let giveable: Vec<LockedLot> = lots
        .into_iter()
        .filter(|lot| lot.kind != LotKind::Granted && lot.expires_at > lapse_at)
        .collect();
    let giveable_won: i64 = giveable.iter().map(|lot| lot.left_won).sum();
    let Some(wallet) = wallet.filter(|_| giveable_won >= amount_won) else {
        return Err(Refusal::NotGiveable {
            giveable_won,
            total_won,
        }
        .into());
    };
    let mut parts = Vec::new();
    let mut rest_won = amount_won;
    for lot in &giveable {
        let taken_won = lot.left_won.min(rest_won);
        if taken_won == 0 {
            break;
        }
        rest_won -= taken_won;
        parts.push(Part {
            lot: lot.id,
            programme: lot.programme,
            amount_won: taken_won,
            price_won: lot.parts(taken_won).0,
            expires_at: lot.expires_at,
        });
    }
    assert_eq!(rest_won, 0, "giveable lots were counted before");

    let mut plan = Plan::new(TransferKind::Gift, amount_won);
    plan.holder = Some(holder);
    for part in &parts {
        plan.lines
            .push(line(wallet.id, -part.amount_won, Some(part.lot), part.programme));
    }
    waiting_lines(posting, &mut plan, &parts, 1).await?;
    let receipt = posting.write(plan).await?;
    if !receipt.replayed {
        gifts::write(posting.tx, &receipt, holder, recipient, lapse_at, &parts).await?;
    }
    Ok(receipt)
}

pub(super) async fn claim(
    posting: &mut Posting<'_, '_>,
    id: i64,
    holder: i64,
    recipient: &str,
) -> Result<Receipt> {
    let (municipality, at) = (posting.municipality(), posting.request.at);
    let found = gifts::find(&mut **posting.tx, municipality, id).await?;
    found
        .filter(|gift| gift.recipient == recipient)
        .ok_or(Refusal::UnknownGift)?;
    let wallet = posting.lock_wallet(holder).await?;
    let gift = lock(posting, id).await?;
    if let Some(receipt) = posting.earlier().await? {
        return Ok(receipt);
    }
    if gift.sender == holder {
        return Err(Refusal::GiftToOneself.into());
    }
    if gift.state != GiftState::Waiting || at >= gift.lapse_at {
        let state = if gift.state == GiftState::Waiting {
            GiftState::Lapsed
        } else {
            gift.state
        };
        return Err(Refusal::GiftEnded { state }.into());
    }
    let parts = gifts::parts(posting.tx, municipality, id).await?;
    for (programme, amount_won) in by_programme(&parts) {
        let rules = programmes::find_at(posting.tx, municipality, programme, at).await?;
        if let Some(limit_won) = rules.and_then(|rules| rules.holding_limit_won) {
            let held_won = held(&mut **posting.tx, municipality, holder, programme, at).await?;
            let left_won = limit_won.saturating_sub(held_won).max(0);
            if amount_won > left_won {
                return Err(Refusal::HoldingLimit { limit_won, left_won }.into());
            }
        }
    }
    let mut plan = Plan::new(TransferKind::GiftClaim, gift.amount_won);
    plan.holder = Some(holder);
    waiting_lines(posting, &mut plan, &parts, -1).await?;
    // The ids after the account's were taken for this (`Ledger::prepare`).
    for (lot, part) in (posting.prepared.account + 1..).zip(&parts) {
        plan.lines
            .push(line(wallet.id, part.amount_won, Some(lot), part.programme));
        plan.claimed.push((
            lot,
            NewLot {
                account: wallet.id,
                holder,
                programme: part.programme,
                kind: LotKind::Gifted,
                price_won: part.price_won,
                value_won: part.amount_won,
                expires_at: part.expires_at,
            },
        ));
    }
    let receipt = posting.write(plan).await?;
    if !receipt.replayed {
        gifts::end(posting.tx, &gift, GiftState::Claimed, Some(holder), &receipt).await?;
    }
    Ok(receipt)
}

/// Back to the sender: because they ask for it, or (`None`) because nobody claimed it in time.
pub(super) async fn give_back(
    posting: &mut Posting<'_, '_>,
    id: i64,
    holder: Option<i64>,
) -> Result<Receipt> {
    let municipality = posting.municipality();
    let found = gifts::find(&mut **posting.tx, municipality, id).await?;
    let sender = found.ok_or(Refusal::UnknownGift)?.sender;
    if holder.is_some_and(|holder| holder != sender) {
        return Err(Refusal::UnknownGift.into());
    }
    let wallet = posting
        .lock("wallet", sender)
        .await?
        .ok_or(Refusal::UnknownGift)?;
    let gift = lock(posting, id).await?;
    if let Some(receipt) = posting.earlier().await? {
        return Ok(receipt);
    }
    if gift.state != GiftState::Waiting {
        return Err(Refusal::GiftEnded { state: gift.state }.into());
    }
    if holder.is_none() && posting.request.at < gift.lapse_at {
        return Err(Refusal::GiftWaiting {
            lapse_at: gift.lapse_at,
        }
        .into());
    }
    let parts = gifts::parts(posting.tx, municipality, id).await?;
    let mut plan = Plan::new(TransferKind::GiftReturn, gift.amount_won);
    plan.holder = Some(sender);
    for part in &parts {
        plan.lines
            .push(line(wallet.id, part.amount_won, Some(part.lot), part.programme));
    }
    waiting_lines(posting, &mut plan, &parts, -1).await?;
    let receipt = posting.write(plan).await?;
    if !receipt.replayed {
        let state = if holder.is_some() {
            GiftState::Cancelled
        } else {
            GiftState::Lapsed
        };
        gifts::end(posting.tx, &gift, state, None, &receipt).await?;
    }
    Ok(receipt)
}

async fn lock(posting: &mut Posting<'_, '_>, id: i64) -> Result<Gift> {
    let (municipality, for_update) = (posting.municipality(), posting.store.for_update());
    let gift = gifts::lock(&mut **posting.tx, for_update, municipality, id).await?;
    Ok(gift.ok_or(Refusal::UnknownGift)?)
}

fn by_programme(parts: &[Part]) -> BTreeMap<i64, i64> {
    let mut by_programme = BTreeMap::new();
    for part in parts {
        *by_programme.entry(part.programme).or_insert(0) += part.amount_won;
    }
    by_programme
}

/// What the gifts account gets (`sign` 1) or gives (−1), by programme.
async fn waiting_lines(
    posting: &mut Posting<'_, '_>,
    plan: &mut Plan,
    parts: &[Part],
    sign: i64,
) -> Result<()> {
    let account = posting.account("gifts", 0).await?;
    let account = account.ok_or(Refusal::UnknownMunicipality)?;
    for (programme, amount_won) in by_programme(parts) {
        plan.lines.push(line(account, sign * amount_won, None, programme));
    }
    Ok(())
}

fn line(account: i64, amount_won: i64, lot: Option<i64>, programme: i64) -> Line {
    Line {
        account,
        amount_won,
        lot,
        programme: Some(programme),
    }
}
