//! `/wallet/pay`: choose a merchant by code or name, type an amount, see which money is used, confirm.
//!
//! The form keeps one idempotency key from its first page to the confirmation: confirming twice pays once.

mod plan;
mod views;

use axum::{http::StatusCode, response::Response};
use ledger::{
    HistoryFilter, LedgerError, Merchant, MerchantSearch, Operation, Refusal, Request, TransferKind,
};

use crate::{
    door::{Answer, Citizen, Ctx, Form, PageError, Posted},
    shell, word, words,
};

/// Merchants shown for one search, and of those paid before.
const FOUND: i64 = 20;
const RECENT: usize = 5;

/// What the page offers to choose from.
struct Offer {
    municipality: i64,
    merchants: Vec<Merchant>,
    total_won: i64,
}

/// The municipality that was asked for, or the first.
fn place(citizen: &Citizen, form: &Form) -> Result<(i64, i64), PageError> {
    match form.get("m").parse::<i64>() {
        Ok(code) => Ok((code, citizen.holder(code)?)),
        Err(_) => citizen.holders.first().copied().ok_or(PageError::NotFound),
    }
}

/// Merchants that fit what was typed (the one with that code first), or those paid before.
async fn offer(ctx: &Ctx, citizen: &Citizen, form: &Form) -> Result<Offer, PageError> {
    let (municipality, holder) = place(citizen, form)?;
    let ledger = &ctx.house.ledger;
    let total_won = ledger.wallet(municipality, holder, ctx.at).await?.total_won;
    let text = form.get("q").trim();
    let mut merchants = Vec::new();
    if text.is_empty() {
        let filter = HistoryFilter {
            kind: Some(TransferKind::Pay),
            ..HistoryFilter::default()
        };
        let history = ledger.history(municipality, holder, &filter, None, FOUND).await?;
        let mut ids: Vec<i64> = Vec::new();
        for id in history.lines.iter().filter_map(|line| line.merchant) {
            if !ids.contains(&id) && ids.len() < RECENT {
                ids.push(id);
            }
        }
        for id in ids {
            merchants.extend(ledger.merchant(municipality, id).await?);
        }
    } else {
        merchants.extend(ledger.merchant_by_code(municipality, text).await?);
        let search = MerchantSearch {
            text: text.to_owned(),
            limit: FOUND,
            ..MerchantSearch::default()
        };
        for merchant in ledger.open_merchants(municipality, &search).await? {
            if merchants.iter().all(|known| known.id != merchant.id) {
                merchants.push(merchant);
            }
        }
    }
    // The one that was chosen stays, however it was found.
    if let Ok(chosen) = form.get("merchant").parse()
        && merchants.iter().all(|known| known.id != chosen)
    {
        merchants.extend(ledger.merchant(municipality, chosen).await?);
    }
    // A merchant that takes no payments now is not offered.
    merchants.retain(|merchant| merchant.status == ledger::MerchantStatus::Open);
    Ok(Offer {
        municipality,
        merchants,
        total_won,
    })
}

/// GET `/wallet/pay`.
pub async fn get(ctx: Ctx) -> Answer {
    let citizen = ctx.citizen()?;
    let asked = ctx.asked();
    let mut form = Form::new();
    for name in ["q", "m", "merchant"] {
        form.set(name, asked.get(name));
    }
    show(&ctx, &citizen, form).await
}

async fn show(ctx: &Ctx, citizen: &Citizen, mut form: Form) -> Answer {
    let offer = offer(ctx, citizen, &form).await?;
    if let [only] = &offer.merchants[..]
        && form.get("merchant").is_empty()
        && !form.get("q").is_empty()
    {
        form.set("merchant", only.id.to_string());
    }
    Ok(views::choose(ctx, citizen, form, offer))
}

/// POST `/wallet/pay`: `step` is `review`, `edit` or `confirm`.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let citizen = ctx.payer()?;
    let step = form.get("step").to_owned();
    if step == "edit" {
        return show(&ctx, &citizen, form).await;
    }
    let merchant: Option<i64> = form.get("merchant").parse().ok();
    if merchant.is_none() {
        form.fail("merchant", word!(ctx.lang, pay.choose));
    }
    let amount_won = form.won(&ctx, "amount");
    let (Some(merchant), Some(amount_won), false) = (merchant, amount_won, form.is_bad()) else {
        return show(&ctx, &citizen, form).await;
    };
    let municipality = store::municipality_of(merchant);
    let Ok(holder) = citizen.holder(municipality) else {
        return refused(&ctx, &citizen, form, &Refusal::UnknownMerchant).await;
    };
    if step == "confirm" {
        let request = Request {
            municipality,
            key: citizen.request_key(&form),
            actor: citizen.actor(),
            at: ctx.at,
            operation: Operation::Pay {
                holder,
                merchant,
                amount_won,
            },
        };
        return match ctx.house.ledger.post(request).await {
            Ok(receipt) => Ok(shell::redirect(
                &ctx,
                &format!("/wallet/transfers/{}", receipt.transfer),
            )),
            Err(LedgerError::Refused(refusal)) => refused(&ctx, &citizen, form, &refusal).await,
            Err(error) => Err(error.into()),
        };
    }
    let ledger = &ctx.house.ledger;
    let Some(taker) = ledger.merchant(municipality, merchant).await? else {
        return refused(&ctx, &citizen, form, &Refusal::UnknownMerchant).await;
    };
    let wallet = ledger.wallet(municipality, holder, ctx.at).await?;
    match plan::plan(&wallet, &taker, amount_won) {
        Ok(parts) => Ok(views::review(
            &ctx,
            form,
            &taker,
            amount_won,
            parts,
            wallet.total_won,
        )),
        Err(refusal) => refused(&ctx, &citizen, form, &refusal).await,
    }
}

/// The form again, with the ledger's reason beside the field it is about.
async fn refused(ctx: &Ctx, citizen: &Citizen, mut form: Form, refusal: &Refusal) -> Answer {
    let (field, status) = match refusal {
        Refusal::UnknownMerchant | Refusal::MerchantNotAccepting | Refusal::MerchantBarred { .. } => {
            ("merchant", StatusCode::UNPROCESSABLE_ENTITY)
        }
        Refusal::KeyReused | Refusal::BadKey => ("", StatusCode::CONFLICT),
        Refusal::Busy { .. } => ("", StatusCode::SERVICE_UNAVAILABLE),
        _ => ("amount", StatusCode::UNPROCESSABLE_ENTITY),
    };
    form.fail(field, words::refusal(ctx.lang, refusal));
    if status == StatusCode::CONFLICT {
        // What comes next is another request.
        form.set("_key", "");
    }
    let mut response: Response = show(ctx, citizen, form).await?;
    *response.status_mut() = status;
    Ok(response)
}
