//! What officials do with a payout: hand it in, approve it, give it back, give it up. Of two who act at
//! once, the second is told what the first did.

use ledger::{
    LedgerError, Refusal,
    payouts::{NewPayout, NewRow, Payout, PayoutState},
};
use people::Role;
use sha2::{Digest, Sha256};

use super::{document, list::staff_names, said, schedule};
use crate::{
    door::{Answer, Ctx, Form, Official, PageError, Posted},
    shell, word, words,
};

/// Makes a payout that needs no file, with its rows, and hands it in. The same form twice gives the first
/// one's payout. The inner error is for the person at the form; then nothing is left behind.
pub async fn hand_in(
    ctx: &Ctx,
    official: &Official,
    form: &Form,
    mut new: NewPayout,
    rows: Vec<NewRow>,
) -> Result<Result<i64, Refusal>, PageError> {
    let ledger = &ctx.house.ledger;
    let municipality = official.municipality;
    // A form's own key is to it what a file's hash is to a roster: it pays once.
    new.file_sha256 = hex::encode(Sha256::digest(format!("form:{}:{}", official.id, form.key())));
    let payout = match ledger.create_payout(municipality, new, ctx.at).await {
        Ok(payout) => payout.id,
        Err(LedgerError::Refused(Refusal::SameFile { payout })) => return Ok(Ok(payout)),
        Err(LedgerError::Refused(refusal)) => return Ok(Err(refusal)),
        Err(other) => return Err(other.into()),
    };
    let handed_in = async {
        if !rows.is_empty() {
            ledger.add_payout_rows(municipality, payout, rows).await?;
        }
        ledger
            .finish_check(municipality, payout, official.id, ctx.at)
            .await?;
        ledger
            .submit_payout(municipality, payout, official.id, ctx.at)
            .await
    };
    match handed_in.await {
        Ok(_) => {
            ctx.audit(official, "payout.submit", &format!("payout/{payout}"), "")
                .await?;
            Ok(Ok(payout))
        }
        Err(error) => {
            // A draft vanishes; what was checked already is kept as given up, for the record.
            if ledger.abandon_payout(municipality, payout).await.is_err() {
                ledger
                    .cancel_payout(municipality, payout, official.id, "", ctx.at)
                    .await?;
            }
            match error {
                LedgerError::Refused(refusal) => Ok(Err(refusal)),
                LedgerError::Store(error) => Err(PageError::inside(error)),
            }
        }
    }
}

/// What is done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Submit,
    Approve,
    Return,
    Cancel,
}

/// POST `/admin/payouts/{id}/submit`.
pub async fn post_submit(posted: Posted, id: String) -> Answer {
    act(posted, id, Deed::Submit).await
}

/// POST `/admin/payouts/{id}/approve`.
pub async fn post_approve(posted: Posted, id: String) -> Answer {
    act(posted, id, Deed::Approve).await
}

/// POST `/admin/payouts/{id}/return`.
pub async fn post_return(posted: Posted, id: String) -> Answer {
    act(posted, id, Deed::Return).await
}

/// POST `/admin/payouts/{id}/cancel`.
pub async fn post_cancel(posted: Posted, id: String) -> Answer {
    act(posted, id, Deed::Cancel).await
}

async fn act(posted: Posted, id: String, deed: Deed) -> Answer {
    let Posted { ctx, mut form } = posted;
    let roles: &[Role] = match deed {
        Deed::Submit => &[Role::Clerk],
        Deed::Approve | Deed::Return => &[Role::Approver],
        Deed::Cancel => &[Role::Clerk, Role::Approver],
    };
    let official = ctx.official(roles)?;
    let payout = document::find(&ctx, &official, &id).await?;
    let address = format!("/admin/payouts/{}", payout.id);
    let said = match deed {
        Deed::Return => form.text(&ctx, "word", 2, 300),
        Deed::Cancel => form.text(&ctx, "why", 0, 300),
        Deed::Submit | Deed::Approve => Some(String::new()),
    };
    let start_at = match deed {
        Deed::Submit => schedule::read(&ctx, &mut form),
        _ => None,
    };
    let Some(said) = said.filter(|_| !form.is_bad()) else {
        return document::show(&ctx, &official, payout, form).await;
    };
    if was_mine(&payout, deed, official.id) {
        return Ok(shell::redirect(&ctx, &address));
    }
    let (ledger, municipality, at) = (&ctx.house.ledger, official.municipality, ctx.at);
    let lang = ctx.lang;
    let (action, done) = match deed {
        Deed::Submit => ("payout.submit", word!(lang, payouts.was_submitted)),
        Deed::Approve => ("payout.approve", word!(lang, payouts.was_approved)),
        Deed::Return => ("payout.return", word!(lang, payouts.was_returned)),
        Deed::Cancel => ("payout.cancel", word!(lang, payouts.was_cancelled)),
    };
    let answer = match deed {
        Deed::Submit => {
            ledger
                .submit_payout_for(municipality, payout.id, official.id, start_at, at)
                .await
        }
        Deed::Approve => {
            ledger
                .approve_payout(municipality, payout.id, official.id, at)
                .await
        }
        Deed::Return => {
            ledger
                .return_payout(municipality, payout.id, official.id, &said, at)
                .await
        }
        Deed::Cancel => {
            ledger
                .cancel_payout(municipality, payout.id, official.id, &said, at)
                .await
        }
    };
    match answer {
        Ok(now) => {
            let first = deed == Deed::Approve && now.state == PayoutState::Submitted;
            if deed == Deed::Approve && !first {
                ctx.house.payout_approved.notify_one();
            }
            let detail = if first { "first of two" } else { "" };
            ctx.audit(&official, action, &format!("payout/{}", payout.id), detail)
                .await?;
            let done = if first {
                word!(lang, approvals.was_first_approved)
            } else {
                done
            };
            Ok(shell::redirect_with(&ctx, &address, &done))
        }
        Err(LedgerError::Refused(refusal)) => {
            if matches!(&refusal, Refusal::Invalid { field } if field == "start_at") {
                form.fail("start_day", word!(lang, approvals.start_wrong));
                return document::show(&ctx, &official, payout, form).await;
            }
            let told = match &refusal {
                Refusal::PayoutState { state } => what_happened(&ctx, &official, payout.id, *state).await?,
                other => words::refusal(lang, other),
            };
            form.fail("", told);
            let now = document::find(&ctx, &official, &id).await?;
            document::show(&ctx, &official, now, form).await
        }
        Err(other) => Err(other.into()),
    }
}

/// The same press of the same person, come twice: done already, and no error.
fn was_mine(payout: &Payout, deed: Deed, official: i64) -> bool {
    match deed {
        Deed::Submit => payout.state == PayoutState::Submitted && payout.submitted_by == Some(official),
        Deed::Approve => {
            let approved = matches!(
                payout.state,
                PayoutState::Approved | PayoutState::Running | PayoutState::Done
            );
            (approved && payout.approved_by == Some(official)) || payout.first_approved_by == Some(official)
        }
        Deed::Return | Deed::Cancel => false,
    }
}

/// Who was faster, when, and with what.
pub(super) async fn what_happened(
    ctx: &Ctx,
    official: &Official,
    payout: i64,
    state: PayoutState,
) -> Result<String, PageError> {
    let lang = ctx.lang;
    let events = ctx
        .house
        .ledger
        .payout_events(official.municipality, payout)
        .await?;
    let names = staff_names(ctx, official).await?;
    let state_said = said::state(lang, state);
    Ok(match events.iter().rev().find(|event| event.by != 0) {
        Some(last) => {
            let who = names.get(&last.by).cloned().unwrap_or_default();
            word!(
                lang,
                payouts.too_late,
                who = who,
                when = words::when(lang, last.at),
                state = state_said
            )
        }
        None => word!(lang, payouts.too_late_state, state = state_said),
    })
}
