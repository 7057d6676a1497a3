//! `/wallet/refund`: the rest of a purchase back, and what waits to be paid out, to one's own bank account.

mod account;
mod views;

pub use account::{get as get_account, post as post_account};

use axum::http::StatusCode;
use ledger::{LedgerError, Lot, Operation, Payee, RefundQuote, Refusal, Remittance, Request};
use people::{AccountOwner, BankAccount};

use crate::{
    door::{Answer, Citizen, Ctx, Form, PageError, Posted},
    shell, word, words,
};

/// How many remittances back are shown.
const LAST: i64 = 10;

/// A purchase and what its refund would come to.
struct Offer {
    quote: RefundQuote,
    bought_at: i64,
    name: (String, String),
}

/// One place where somebody holds money.
struct Place {
    municipality: i64,
    offers: Vec<Offer>,
    refundable_won: i64,
    account: Option<BankAccount>,
    sent: Vec<Remittance>,
}

async fn read(ctx: &Ctx, citizen: &Citizen) -> Result<Vec<Place>, PageError> {
    let mut places = Vec::new();
    for (municipality, holder) in &citizen.holders {
        places.push(read_one(ctx, *municipality, *holder).await?);
    }
    Ok(places)
}

async fn read_one(ctx: &Ctx, municipality: i64, holder: i64) -> Result<Place, PageError> {
    let ledger = &ctx.house.ledger;
    let (quotes, wallet, refundable_won, sent) = tokio::try_join!(
        ledger.refund_quotes(municipality, holder, ctx.at),
        ledger.wallet(municipality, holder, ctx.at),
        ledger.refundable(municipality, holder),
        ledger.remittances(municipality, Payee::Holder(holder), LAST),
    )?;
    let account = ctx
        .house
        .people
        .bank_account(municipality, AccountOwner::Holder(holder))
        .await?;
    let lots: Vec<(&ledger::Pot, &Lot)> = wallet
        .pots
        .iter()
        .flat_map(|pot| pot.lots.iter().map(move |lot| (pot, lot)))
        .collect();
    let offers = quotes
        .into_iter()
        .filter_map(|quote| {
            let (pot, lot) = lots.iter().find(|(_, lot)| lot.id == quote.lot)?;
            Some(Offer {
                bought_at: lot.created_at,
                name: (pot.name.clone(), pot.name_en.clone()),
                quote,
            })
        })
        .collect();
    Ok(Place {
        municipality,
        offers,
        refundable_won,
        account,
        sent,
    })
}

/// GET `/wallet/refund`.
pub async fn get(ctx: Ctx) -> Answer {
    let citizen = ctx.citizen()?;
    show(&ctx, &citizen, Form::new()).await
}

async fn show(ctx: &Ctx, citizen: &Citizen, form: Form) -> Answer {
    Ok(views::choose(ctx, form, read(ctx, citizen).await?))
}

/// POST `/wallet/refund`: `step` is `review`, `edit`, `confirm` or `pay_out`.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let citizen = ctx.payer()?;
    let step = form.get("step").to_owned();
    if step == "edit" || form.is_bad() {
        return show(&ctx, &citizen, form).await;
    }
    let lang = ctx.lang;
    if step == "pay_out" {
        let municipality = form.get("m").parse().unwrap_or_default();
        let holder = citizen.holder(municipality)?;
        let owner = AccountOwner::Holder(holder);
        if ctx
            .house
            .people
            .bank_account(municipality, owner)
            .await?
            .is_none()
        {
            return Ok(shell::redirect(&ctx, &account::address(municipality)));
        }
        hand_over(&ctx, municipality, holder).await?;
        return Ok(shell::redirect_with(
            &ctx,
            "/wallet/refund",
            &word!(lang, refunds.paid_out_flash),
        ));
    }
    let Ok(lot) = form.get("lot").parse::<i64>() else {
        form.fail("lot", word!(lang, refunds.choose_first));
        return show(&ctx, &citizen, form).await;
    };
    let municipality = store::municipality_of(lot);
    let holder = citizen.holder(municipality)?;
    if step == "confirm" {
        let request = Request {
            municipality,
            key: citizen.request_key(&form),
            actor: citizen.actor(),
            at: ctx.at,
            operation: Operation::Refund { holder, lot },
        };
        return match ctx.house.ledger.post(request).await {
            Ok(_) => {
                hand_over(&ctx, municipality, holder).await?;
                Ok(shell::redirect_with(
                    &ctx,
                    "/wallet/refund",
                    &word!(lang, refunds.done),
                ))
            }
            Err(LedgerError::Refused(refusal)) => refused(&ctx, &citizen, form, &refusal).await,
            Err(error) => Err(error.into()),
        };
    }
    let mut place = read_one(&ctx, municipality, holder).await?;
    let Some(account) = place.account else {
        return Ok(shell::redirect(&ctx, &account::address(municipality)));
    };
    let Some(at) = place.offers.iter().position(|offer| offer.quote.lot == lot) else {
        return refused(&ctx, &citizen, form, &Refusal::UnknownLot).await;
    };
    let offer = place.offers.swap_remove(at);
    match offer.quote.refusal.clone() {
        Some(refusal) => refused(&ctx, &citizen, form, &refusal).await,
        None => Ok(views::review(&ctx, form, offer, account)),
    }
}

/// Hands what waits to the bank, where an account is known; else it waits on.
async fn hand_over(ctx: &Ctx, municipality: i64, holder: i64) -> Result<(), PageError> {
    let owner = AccountOwner::Holder(holder);
    if ctx
        .house
        .people
        .bank_account(municipality, owner)
        .await?
        .is_some()
    {
        ctx.house
            .ledger
            .remit_refund(municipality, holder, ctx.at)
            .await?;
        ctx.house.bank_rung.notify_one();
    }
    Ok(())
}

/// The page again, with the ledger's reason.
async fn refused(ctx: &Ctx, citizen: &Citizen, mut form: Form, refusal: &Refusal) -> Answer {
    let (field, status) = match refusal {
        Refusal::KeyReused | Refusal::BadKey => ("", StatusCode::CONFLICT),
        Refusal::Busy { .. } => ("", StatusCode::SERVICE_UNAVAILABLE),
        _ => ("", StatusCode::UNPROCESSABLE_ENTITY),
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
