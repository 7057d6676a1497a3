//! `/wallet/gift`: giving money to a phone number, taking what was given, taking back what nobody has taken yet.
//!
//! The ledger knows a keyed hash of the number and no more. Whoever takes a gift has proved the number: it is the one
//! their login was made with.

mod views;

use axum::http::StatusCode;
use ledger::{Gift, LedgerError, LotKind, Operation, Refusal, Request, gift_lapse_at};

use crate::{
    door::{Answer, Citizen, Ctx, Form, PageError, Posted},
    shell, word, words,
};

/// How many gifts back are shown.
const LAST: i64 = 20;

/// What the page shows of one person.
struct Table {
    /// (municipality, what can be given there, won).
    giveable: Vec<(i64, i64)>,
    received: Vec<Gift>,
    sent: Vec<Gift>,
}

/// The numbers that a person's gifts may stand under, in one municipality.
async fn own_keys(ctx: &Ctx, municipality: i64, holder: i64) -> Result<(String, Vec<String>), PageError> {
    let people = &ctx.house.people;
    let person = people
        .holder_person(municipality, holder)
        .await?
        .ok_or(PageError::NotFound)?;
    Ok((person.phone().to_owned(), people.gift_keys(person.phone())))
}

/// Gifts that wait for a person in one municipality.
pub(crate) async fn waiting(ctx: &Ctx, municipality: i64, holder: i64) -> Result<Vec<Gift>, PageError> {
    let mut waiting = Vec::new();
    for key in own_keys(ctx, municipality, holder).await?.1 {
        let found = ctx.house.ledger.gifts_waiting(municipality, &key, ctx.at).await?;
        waiting.extend(found.into_iter().filter(|gift| gift.sender != holder));
    }
    Ok(waiting)
}

async fn read(ctx: &Ctx, citizen: &Citizen) -> Result<Table, PageError> {
    let ledger = &ctx.house.ledger;
    let lapse_at = gift_lapse_at(ctx.at);
    let mut table = Table {
        giveable: Vec::new(),
        received: Vec::new(),
        sent: Vec::new(),
    };
    for (municipality, holder) in &citizen.holders {
        let wallet = ledger.wallet(*municipality, *holder, ctx.at).await?;
        let giveable_won = wallet
            .pots
            .iter()
            .flat_map(|pot| &pot.lots)
            .filter(|lot| lot.kind != LotKind::Granted && lot.expires_at > lapse_at)
            .map(|lot| lot.left_won)
            .sum();
        table.giveable.push((*municipality, giveable_won));
        table.received.extend(waiting(ctx, *municipality, *holder).await?);
        table
            .sent
            .extend(ledger.gifts_sent(*municipality, *holder, LAST).await?);
    }
    table.sent.sort_by_key(|gift| std::cmp::Reverse(gift.created_at));
    Ok(table)
}

/// GET `/wallet/gift`.
pub async fn get(ctx: Ctx) -> Answer {
    let citizen = ctx.citizen()?;
    show(&ctx, &citizen, Form::new()).await
}

async fn show(ctx: &Ctx, citizen: &Citizen, mut form: Form) -> Answer {
    let table = read(ctx, citizen).await?;
    if form.get("m").is_empty() {
        form.set(
            "m",
            table.giveable.first().map_or(0, |(code, _)| *code).to_string(),
        );
    }
    Ok(views::choose(ctx, form, table))
}

/// POST `/wallet/gift`: `step` is `review`, `edit` or `confirm`.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let citizen = ctx.payer()?;
    let step = form.get("step").to_owned();
    if step == "edit" {
        return show(&ctx, &citizen, form).await;
    }
    let municipality = form.get("m").parse().unwrap_or_default();
    let holder = citizen.holder(municipality)?;
    form.drop_resident_number(&ctx, "phone");
    let recipient = match ctx.house.people.gift_recipient(form.get("phone")) {
        Ok((phone, key)) => {
            if own_keys(&ctx, municipality, holder).await?.0 == phone {
                form.fail("phone", word!(ctx.lang, gifts.own_phone));
            }
            Some((phone, key))
        }
        Err(problem) => {
            form.fail("phone", words::problem(ctx.lang, &problem));
            None
        }
    };
    let amount_won = form.won(&ctx, "amount");
    let (Some((phone, recipient)), Some(amount_won), false) = (recipient, amount_won, form.is_bad()) else {
        return show(&ctx, &citizen, form).await;
    };
    if step == "confirm" {
        let operation = Operation::Gift {
            holder,
            recipient,
            amount_won,
        };
        return match send(&ctx, &citizen, &form, municipality, operation).await? {
            Ok(()) => Ok(shell::redirect_with(
                &ctx,
                "/wallet/gift",
                &word!(ctx.lang, gifts.sent_flash),
            )),
            Err(refusal) => refused(&ctx, &citizen, form, &refusal).await,
        };
    }
    let table = read(&ctx, &citizen).await?;
    let giveable_won = table
        .giveable
        .iter()
        .find(|(code, _)| *code == municipality)
        .map_or(0, |(_, won)| *won);
    if amount_won > giveable_won {
        let total_won = ctx
            .house
            .ledger
            .wallet(municipality, holder, ctx.at)
            .await?
            .total_won;
        let refusal = Refusal::NotGiveable {
            giveable_won,
            total_won,
        };
        return refused(&ctx, &citizen, form, &refusal).await;
    }
    Ok(views::review(
        &ctx,
        form,
        &phone,
        amount_won,
        gift_lapse_at(ctx.at),
    ))
}

/// Asks the ledger, with the form's key.
async fn send(
    ctx: &Ctx,
    citizen: &Citizen,
    form: &Form,
    municipality: i64,
    operation: Operation,
) -> Result<Result<(), Refusal>, PageError> {
    let request = Request {
        municipality,
        key: citizen.request_key(form),
        actor: citizen.actor(),
        at: ctx.at,
        operation,
    };
    match ctx.house.ledger.post(request).await {
        Ok(_) => Ok(Ok(())),
        Err(LedgerError::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(error.into()),
    }
}

/// POST `/wallet/gift/{id}`: `step` is `claim` or `cancel`.
pub async fn post_one(posted: Posted, id: String) -> Answer {
    let Posted { ctx, form } = posted;
    let citizen = ctx.citizen()?;
    let id: i64 = id.parse().map_err(|_| PageError::NotFound)?;
    let municipality = store::municipality_of(id);
    let holder = citizen.holder(municipality)?;
    let gift = ctx.house.ledger.gift(municipality, id).await?;
    let gift = gift.ok_or(PageError::NotFound)?;
    if form.is_bad() {
        return show(&ctx, &citizen, form).await;
    }
    let (operation, done) = if form.get("step") == "claim" {
        let keys = own_keys(&ctx, municipality, holder).await?.1;
        if !keys.contains(&gift.recipient) {
            return Err(PageError::NotFound);
        }
        let operation = Operation::ClaimGift {
            gift: id,
            holder,
            recipient: gift.recipient,
        };
        (operation, word!(ctx.lang, gifts.claimed_flash))
    } else {
        if gift.sender != holder {
            return Err(PageError::NotFound);
        }
        let operation = Operation::CancelGift { gift: id, holder };
        (operation, word!(ctx.lang, gifts.cancelled_flash))
    };
    match send(&ctx, &citizen, &form, municipality, operation).await? {
        Ok(()) => Ok(shell::redirect_with(&ctx, "/wallet/gift", &done)),
        Err(refusal) => {
            let mut form = Form::new();
            form.fail("", words::refusal(ctx.lang, &refusal));
            show(&ctx, &citizen, form).await
        }
    }
}

/// The form again, with the ledger's reason beside the field it is about.
async fn refused(ctx: &Ctx, citizen: &Citizen, mut form: Form, refusal: &Refusal) -> Answer {
    let (field, status) = match refusal {
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
