//! Wallet → holds → merchant, or back: a card payment in two steps.
//!
//! The rule (DESIGN, "What must stay true" 8, for what is asked of cards; FACTS section 2, "Payment", for the rest):
//! - An authorisation sets value aside as a payment would take it, by the same [`pay::decide`]: from lots that the
//!   merchant may take, soonest expiry first. It is refused for the same reasons. What is set aside can be spent, given, refunded or swept by nobody.
//! - It is captured once, in whole or part: everything goes back to its lots and the captured part is paid from the same
//!   lots in the order they were taken, in one commit. The payment is one like any other: it can be cancelled within 7
//!   days, settled, and counts for the refund of its purchase (which what is merely set aside does not). It was granted
//!   when the lots were valid and the merchant open, so neither is asked again.
//! - Released, or not captured within 7 days (as long as a payment can be cancelled; the last day counts to its end),
//!   each lot gets back exactly what came from it. A lot that has ended since gets it back all the same; the sweep deals
//!   with it. Late is late, whether the sweep has run or not: a capture after that is refused.

use std::collections::BTreeMap;

use super::{
    LotMove, Operation, Prepared, Receipt, Request, TransferKind,
    cancel::CANCEL_DAYS,
    pay::{self, Taker},
    post::body_hash,
    posting::{Line, Plan, Posting},
    read,
};
use crate::{
    Hold, HoldState, Refusal, calendar,
    error::Result,
    holds::{self, Ended},
};

pub(super) async fn hold(
    posting: &mut Posting<'_, '_>,
    holder: i64,
    merchant: i64,
    amount_won: i64,
) -> Result<Receipt> {
    posting.lock("wallet", holder).await?;
    let lots = pay::open_lots(posting, holder).await?;
    if let Some(receipt) = posting.earlier().await? {
        return Ok(receipt);
    }
    let taker = pay::taker(posting, merchant)
        .await?
        .ok_or(Refusal::UnknownMerchant)?;
    let holds = posting.account("holds", 0).await?;
    let aside = Taker {
        account: holds.ok_or(Refusal::UnknownMunicipality)?,
        ..taker
    };
    let mut plan = pay::decide(holder, merchant, amount_won, Some(&aside), lots.iter())?;
    plan.kind = TransferKind::Hold;
    let receipt = posting.write(plan).await?;
    if !receipt.replayed {
        let until_at = calendar::days_after(receipt.at, CANCEL_DAYS);
        holds::write(posting.tx, &receipt, holder, merchant, until_at).await?;
    }
    Ok(receipt)
}

/// Back to the lots: because somebody says so, or because the time is over.
pub(super) async fn release(posting: &mut Posting<'_, '_>, id: i64, timed_out: bool) -> Result<Receipt> {
    let (hold, wallet) = lock(posting, id).await?;
    if let Some(receipt) = posting.earlier().await? {
        return Ok(receipt);
    }
    if hold.state != HoldState::Open {
        return Err(Refusal::HoldEnded { state: hold.state }.into());
    }
    if timed_out && posting.request.at < hold.until_at {
        return Err(Refusal::HoldOpen {
            until_at: hold.until_at,
        }
        .into());
    }
    let receipt = give_back(posting, &hold, wallet).await?;
    if !receipt.replayed {
        let state = if timed_out {
            HoldState::TimedOut
        } else {
            HoldState::Released
        };
        let ended = Ended {
            state,
            by: receipt.transfer,
            payment: None,
        };
        holds::end(posting.tx, &hold, ended, receipt.at).await?;
    }
    Ok(receipt)
}

pub(super) async fn capture(
    posting: &mut Posting<'_, '_>,
    id: i64,
    amount_won: Option<i64>,
) -> Result<Receipt> {
    let (hold, wallet) = lock(posting, id).await?;
    if let Some(receipt) = posting.earlier().await? {
        return Ok(receipt);
    }
    if hold.state != HoldState::Open || posting.request.at >= hold.until_at {
        let state = if hold.state == HoldState::Open {
            HoldState::TimedOut
        } else {
            hold.state
        };
        return Err(Refusal::HoldEnded { state }.into());
    }
    let amount_won = amount_won.unwrap_or(hold.amount_won);
    if amount_won > hold.amount_won {
        return Err(Refusal::CaptureTooLarge {
            held_won: hold.amount_won,
        }
        .into());
    }
    let merchant = posting.account("merchant", hold.merchant).await?;
    let merchant = merchant.ok_or(Refusal::UnknownMerchant)?;

    // Two transfers in one commit, the release under a key of the ledger's own. Of the ids that were taken for this
    // the first is the release's and the last the payment's, so that a history shows them in this order.
    let operation = Operation::Release { hold: id };
    let prepared = Prepared {
        body_hash: body_hash(&operation),
        ..posting.prepared.clone()
    };
    let request = Request {
        key: format!("hold:{id}:capture"),
        operation,
        ..posting.request.clone()
    };
    let mut releasing = Posting {
        tx: &mut *posting.tx,
        store: posting.store,
        request: &request,
        prepared: &prepared,
    };
    let released = give_back(&mut releasing, &hold, wallet).await?;
    if released.replayed {
        // Somebody else's capture has come between, which the lock does not allow.
        return Err(Refusal::Busy { retry_after_ms: 100 }.into());
    }
    let mut rest_won = amount_won;
    let mut moves = Vec::new();
    for back in &released.lots {
        let taken_won = back.amount_won.min(rest_won);
        if taken_won == 0 {
            break;
        }
        rest_won -= taken_won;
        moves.push(LotMove {
            amount_won: -taken_won,
            ..back.clone()
        });
    }
    let prepared = Prepared {
        transfer: posting.prepared.account,
        ..posting.prepared.clone()
    };
    let mut paying = Posting {
        tx: &mut *posting.tx,
        store: posting.store,
        request: posting.request,
        prepared: &prepared,
    };
    let mut plan = plan(TransferKind::Pay, amount_won, hold.holder, hold.merchant);
    plan.lines = lines(wallet, merchant, &moves);
    let paid = paying.write(plan).await?;
    if paid.replayed {
        return Err(Refusal::Busy { retry_after_ms: 100 }.into());
    }
    let ended = Ended {
        state: HoldState::Captured,
        by: released.transfer,
        payment: Some((paid.transfer, amount_won)),
    };
    holds::end(posting.tx, &hold, ended, paid.at).await?;
    Ok(paid)
}

/// Locks the holder's wallet and then the hold; gives the wallet's account.
async fn lock(posting: &mut Posting<'_, '_>, id: i64) -> Result<(Hold, i64)> {
    let (municipality, for_update) = (posting.municipality(), posting.store.for_update());
    let found = holds::find(&mut **posting.tx, "", municipality, id).await?;
    let holder = found.ok_or(Refusal::UnknownHold)?.holder;
    let wallet = posting
        .lock("wallet", holder)
        .await?
        .ok_or(Refusal::UnknownHold)?;
    let hold = holds::find(&mut **posting.tx, for_update, municipality, id).await?;
    Ok((hold.ok_or(Refusal::UnknownHold)?, wallet.id))
}

/// Each lot gets back what came from it.
async fn give_back(posting: &mut Posting<'_, '_>, hold: &Hold, wallet: i64) -> Result<Receipt> {
    let municipality = posting.municipality();
    let held = read::receipt(posting.tx, municipality, hold.id).await?;
    let held = held.ok_or(Refusal::UnknownHold)?;
    let back: Vec<LotMove> = held
        .lots
        .into_iter()
        .map(|taken| LotMove {
            amount_won: -taken.amount_won,
            ..taken
        })
        .collect();
    let account = posting.account("holds", 0).await?;
    let mut plan = plan(TransferKind::Release, hold.amount_won, hold.holder, hold.merchant);
    plan.lines = lines(wallet, account.ok_or(Refusal::UnknownMunicipality)?, &back);
    posting.write(plan).await
}

fn plan(kind: TransferKind, amount_won: i64, holder: i64, merchant: i64) -> Plan {
    let mut plan = Plan::new(kind, amount_won);
    plan.holder = Some(holder);
    plan.merchant = Some(merchant);
    plan
}

/// What happens to the lots of a wallet, and against it to the other account, by programme.
fn lines(wallet: i64, other: i64, moves: &[LotMove]) -> Vec<Line> {
    let mut by_programme = BTreeMap::new();
    let mut lines = Vec::new();
    for lot in moves {
        *by_programme.entry(lot.programme).or_insert(0_i64) -= lot.amount_won;
        lines.push(Line {
            account: wallet,
            amount_won: lot.amount_won,
            lot: Some(lot.lot),
            programme: Some(lot.programme),
        });
    }
    lines.extend(by_programme.into_iter().map(|(programme, amount_won)| Line {
        account: other,
        amount_won,
        lot: None,
        programme: Some(programme),
    }));
    lines
}
