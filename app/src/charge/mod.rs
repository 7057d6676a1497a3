//! `/wallet/charge`: buying vouchers. A purchase waits for its deposit (DESIGN 12): choose, check, ask; then
//! `/wallet/charge/{id}` tells what to transfer and becomes a receipt when the money came.

mod deposit;
mod views;

pub use deposit::{get as get_deposit, post as post_deposit};

use axum::http::StatusCode;
use ledger::{Deposit, DepositState, LedgerError, Programme, ProgrammeKind, ProgrammeState, Refusal, Room};

use crate::{
    door::{Answer, Citizen, Ctx, Form, PageError, Posted},
    shell, word, words,
};

/// How many purchases back we look for those that still wait.
const LAST_DEPOSITS: i64 = 20;

/// A programme on sale, and how much of it this person may still buy.
struct Sale {
    programme: Programme,
    room: Room,
}

fn on_sale(programme: &Programme, at: i64) -> bool {
    programme.kind == ProgrammeKind::Sold
        && programme.state == ProgrammeState::Open
        && programme.sale_from.is_none_or(|from| from <= at)
        && programme.sale_until.is_none_or(|until| at < until)
}

/// What is on sale for this person, and which of their purchases wait for money.
async fn read(ctx: &Ctx, citizen: &Citizen) -> Result<(Vec<Sale>, Vec<Deposit>), PageError> {
    let ledger = &ctx.house.ledger;
    let (mut sales, mut waiting) = (Vec::new(), Vec::new());
    for (municipality, holder) in &citizen.holders {
        for programme in ledger.programmes_at(*municipality, ctx.at).await? {
            if on_sale(&programme, ctx.at) {
                let room = ledger.room(&programme, *holder, ctx.at).await?;
                sales.push(Sale { programme, room });
            }
        }
        let deposits = ledger.deposits(*municipality, *holder, LAST_DEPOSITS).await?;
        waiting.extend(
            deposits
                .into_iter()
                .filter(|deposit| deposit.state == DepositState::Pending),
        );
    }
    Ok((sales, waiting))
}

/// GET `/wallet/charge`.
pub async fn get(ctx: Ctx) -> Answer {
    let citizen = ctx.citizen()?;
    let mut form = Form::new();
    form.set("programme", ctx.asked().get("programme"));
    show(&ctx, &citizen, form).await
}

async fn show(ctx: &Ctx, citizen: &Citizen, mut form: Form) -> Answer {
    let (sales, waiting) = read(ctx, citizen).await?;
    if let [only] = &sales[..] {
        form.set("programme", only.programme.id.to_string());
    }
    Ok(views::choose(ctx, form, sales, waiting))
}

/// POST `/wallet/charge`: `step` is `review`, `edit` or `confirm`.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let citizen = ctx.citizen()?;
    let step = form.get("step").to_owned();
    if step == "edit" {
        return show(&ctx, &citizen, form).await;
    }
    let programme: Option<i64> = form.get("programme").parse().ok();
    if programme.is_none() {
        form.fail("programme", word!(ctx.lang, charge.choose));
    }
    let value_won = form.won(&ctx, "amount");
    let (Some(id), Some(value_won), false) = (programme, value_won, form.is_bad()) else {
        return show(&ctx, &citizen, form).await;
    };
    let municipality = store::municipality_of(id);
    let Ok(holder) = citizen.holder(municipality) else {
        return refused(&ctx, &citizen, form, &Refusal::UnknownProgramme).await;
    };
    let ledger = &ctx.house.ledger;
    if step == "confirm" {
        let key = citizen.request_key(&form);
        let asked = ledger
            .request_purchase(
                municipality,
                &key,
                holder,
                id,
                value_won,
                &citizen.actor(),
                ctx.at,
            )
            .await;
        return match asked {
            Ok(deposit) => {
                // The bank is asked by a job: no page waits for it.
                ctx.house.bank_rung.notify_one();
                Ok(shell::redirect(&ctx, &format!("/wallet/charge/{}", deposit.id)))
            }
            Err(LedgerError::Refused(refusal)) => refused(&ctx, &citizen, form, &refusal).await,
            Err(error) => Err(error.into()),
        };
    }
    let Some(programme) = ledger.programme_at(municipality, id, ctx.at).await? else {
        return refused(&ctx, &citizen, form, &Refusal::UnknownProgramme).await;
    };
    if !on_sale(&programme, ctx.at) {
        let (sale_from_at, sale_until_at) = (programme.sale_from, programme.sale_until);
        return refused(
            &ctx,
            &citizen,
            form,
            &Refusal::NotOnSaleNow {
                sale_from_at,
                sale_until_at,
            },
        )
        .await;
    }
    let room = ledger.room(&programme, holder, ctx.at).await?;
    match over(&programme, room, value_won) {
        Some(refusal) => refused(&ctx, &citizen, form, &refusal).await,
        None => Ok(views::review(&ctx, form, programme, value_won)),
    }
}

/// Which limit an amount is over, said before anything is asked of the ledger (which checks again).
fn over(programme: &Programme, room: Room, value_won: i64) -> Option<Refusal> {
    let beyond = |left: Option<i64>| left.filter(|left| value_won > *left);
    if let (Some(limit_won), Some(left_won)) = (programme.monthly_limit_won, beyond(room.monthly_left_won)) {
        return Some(Refusal::MonthlyLimit { limit_won, left_won });
    }
    if let (Some(limit_won), Some(left_won)) = (programme.holding_limit_won, beyond(room.holding_left_won)) {
        return Some(Refusal::HoldingLimit { limit_won, left_won });
    }
    beyond(room.budget_left_won).map(|_| Refusal::BudgetExhausted {
        left_won: programme.budget_left_won,
    })
}

/// The form again, with the ledger's reason beside the field it is about.
async fn refused(ctx: &Ctx, citizen: &Citizen, mut form: Form, refusal: &Refusal) -> Answer {
    let (field, status) = match refusal {
        Refusal::UnknownProgramme
        | Refusal::NotForSale
        | Refusal::ProgrammeNotOpen
        | Refusal::ProgrammeEnded { .. }
        | Refusal::NotOnSaleNow { .. } => ("programme", StatusCode::UNPROCESSABLE_ENTITY),
        Refusal::KeyReused | Refusal::BadKey => ("", StatusCode::CONFLICT),
        Refusal::Busy { .. } => ("", StatusCode::SERVICE_UNAVAILABLE),
        _ => ("amount", StatusCode::UNPROCESSABLE_ENTITY),
    };
    form.fail(field, words::refusal(ctx.lang, refusal));
    if status == StatusCode::CONFLICT {
        // What comes next is another request.
        form.set("_key", "");
    }
    let mut response = show(ctx, citizen, form).await?;
    *response.status_mut() = status;
    Ok(response)
}
