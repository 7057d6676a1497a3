//! `/wallet/code`: the code that a resident shows at a till, as QR and as digits, until when it holds, and what it paid.
//!
//! Seeing the page shows the code that lives, and makes one where none does, so that nobody stands at a counter before
//! a button; loading it anew shows the same code. It changes nothing but that: only a till's payment moves money. The
//! page has no script: until when the code holds is said as a time of day, which stays true.

mod pay;
pub(crate) mod qr;

pub use pay::{Asked, CannotTake, pay, till_key};

use ledger::{CODE_LIFE_MS, Code};
use leptos::prelude::*;

use crate::{
    door::{Answer, Citizen, Ctx, Field, Form, PageError, Posted},
    shell::{self, Page, icon},
    wallet::municipality_name,
    word, words,
};

/// For how long the page of a code tells that it was paid with, ms.
const PAID_SHOWN_MS: i64 = 10 * 60_000;
/// A code that ends sooner than this is not worth showing to a till: a new one is made, ms.
const TOO_LATE_MS: i64 = 10_000;

/// The municipality that was asked for, or the first.
fn place(citizen: &Citizen, form: &Form) -> Result<(i64, i64), PageError> {
    match form.get("m").parse::<i64>() {
        Ok(code) => Ok((code, citizen.holder(code)?)),
        Err(_) => citizen.holders.first().copied().ok_or(PageError::NotFound),
    }
}

async fn new_code(ctx: &Ctx, login: i64, (municipality, holder): (i64, i64)) -> Result<Code, PageError> {
    let people = ctx.house.people.clone();
    let name = move |id| people.code_name(municipality, id);
    let ledger = &ctx.house.ledger;
    let code = ledger.make_code(municipality, holder, name, ctx.at).await?;
    // Locked since this request began: the lock has ended the codes that it saw, and this one may not be among them.
    if ctx.house.people.locked_at(login).await?.is_some() {
        ledger.end_codes(municipality, holder, ctx.at).await?;
        return Err(PageError::Locked);
    }
    Ok(code)
}

/// GET `/wallet/code`.
pub async fn get(ctx: Ctx) -> Answer {
    let citizen = ctx.payer()?;
    let asked = ctx.asked();
    let place = place(&citizen, &asked)?;
    let last = ctx.house.ledger.last_code(place.0, place.1).await?;
    if let Some(code) = &last {
        if let Some(payment) = code.payment
            && ctx.at - code.made_at < PAID_SHOWN_MS
        {
            return paid(&ctx, &citizen, place.0, payment).await;
        }
        if code.is_live(ctx.at + TOO_LATE_MS)
            && let Some(digits) = ctx.house.people.code_digits(place.0, code.id, &code.name)
        {
            return Ok(show(&ctx, &citizen, code, &digits));
        }
    }
    let code = new_code(&ctx, citizen.login, place).await?;
    let digits = ctx.house.people.code_digits(place.0, code.id, &code.name);
    let digits = digits.ok_or_else(|| PageError::inside("a new code has no digits"))?;
    Ok(show(&ctx, &citizen, &code, &digits))
}

/// POST `/wallet/code`: a new one; the one before ends.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, form } = posted;
    let citizen = ctx.payer()?;
    let place = place(&citizen, &form)?;
    // A form that is no longer valid makes no code; the page makes one if it must.
    if !form.is_bad() {
        new_code(&ctx, citizen.login, place).await?;
    }
    Ok(shell::redirect(&ctx, &format!("/wallet/code?m={}", place.0)))
}

/// `1234 5678 9012`.
fn grouped(digits: &str) -> String {
    let signs: Vec<char> = digits.chars().collect();
    let groups: Vec<String> = signs.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

fn show(ctx: &Ctx, citizen: &Citizen, code: &Code, digits: &str) -> axum::response::Response {
    let lang = ctx.lang;
    let (here, citizen, code, digits) = (ctx.clone(), citizen.clone(), code.clone(), digits.to_owned());
    shell::page(ctx, Page::new(word!(lang, codes.title)).form(), move || {
        let left_s = (code.until_at - here.at) / 1_000;
        let until = word!(lang, codes.until, time = words::time_s(code.until_at));
        let left = word!(lang, codes.left, seconds = left_s.to_string());
        view! {
            {shell::page_head(word!(lang, codes.title), Some(word!(lang, codes.lead)), ())}
            <div class="stack stack-l">
                {places(&here, &citizen, code.municipality)}
                <section class="code" aria-label=word!(lang, codes.code)>
                    {qr::view(&digits, word!(lang, codes.qr))}
                    <p class="code-digits">{grouped(&digits)}</p>
                    {time_left(left_s)}
                    <p class="code-until"><strong>{until}</strong>" "<span class="soft">{left}</span></p>
                </section>
                <p class="soft">{word!(lang, codes.once)}</p>
                {actions(&here, code.municipality, false)}
            </div>
        }
    })
}

/// A bar that runs out with the code. The time of day beside it says the same.
fn time_left(left_s: i64) -> AnyView {
    let whole_s = CODE_LIFE_MS / 1_000;
    let picture = format!(
        "<rect width=\"{left_s}\" height=\"4\"><animate attributeName=\"width\" from=\"{left_s}\" to=\"0\" \
         dur=\"{left_s}s\" fill=\"freeze\"/></rect>"
    );
    let size = format!("0 0 {whole_s} 4");
    view! {
        <svg class="code-time" viewBox=size preserveAspectRatio="none" aria-hidden="true" focusable="false"
            inner_html=picture></svg>
    }
    .into_any()
}

fn actions(ctx: &Ctx, municipality: i64, paid: bool) -> AnyView {
    let lang = ctx.lang;
    let look = (!paid).then(|| {
        let here = format!("/wallet/code?m={municipality}");
        view! { <a class="button button-primary" href=here>{icon("refresh", "icon icon-s")}{word!(lang, codes.look)}</a> }
    });
    let class = if paid { "button button-primary" } else { "button" };
    view! {
        <form method="post" action="/wallet/code">
            {Form::new().hidden(ctx)}
            <input type="hidden" name="m" value=municipality.to_string() />
            <div class="button-row">
                {look}
                <button class=class type="submit">{word!(lang, codes.new)}</button>
            </div>
        </form>
    }
    .into_any()
}

/// Where somebody holds money in several municipalities: a code opens one wallet.
fn places(ctx: &Ctx, citizen: &Citizen, municipality: i64) -> Option<AnyView> {
    if citizen.holders.len() < 2 {
        return None;
    }
    let lang = ctx.lang;
    let mut chosen = Form::new();
    chosen.set("m", municipality.to_string());
    let choices = citizen
        .holders
        .iter()
        .map(|(code, _)| (code.to_string(), municipality_name(ctx, *code)))
        .collect();
    let label = word!(lang, codes.municipality);
    let field = chosen.field(
        ctx,
        Field {
            name: "m",
            label,
            choices,
            plain: true,
            ..Field::default()
        },
    );
    let view = view! {
        <form class="filters" method="get" action="/wallet/code">
            {field}
            <button class="button" type="submit">{word!(lang, codes.choose)}</button>
        </form>
    };
    Some(view.into_any())
}

/// What the last code paid.
async fn paid(ctx: &Ctx, citizen: &Citizen, municipality: i64, payment: i64) -> Answer {
    let lang = ctx.lang;
    let found = ctx.house.ledger.transfer(municipality, payment).await?;
    let transfer = found.ok_or(PageError::NotFound)?;
    let (here, citizen) = (ctx.clone(), citizen.clone());
    Ok(shell::page(
        ctx,
        Page::new(word!(lang, codes.paid)).form(),
        move || {
            let receipt = format!("/wallet/transfers/{payment}");
            let shop = transfer.merchant_name.clone().unwrap_or_default();
            view! {
                <div class="stack stack-l">
                    {places(&here, &citizen, municipality)}
                    <article class="receipt">
                        <header class="receipt-head">
                            <span class="receipt-mark" data-tone="success">{icon("check", "icon icon-l")}</span>
                            <h1>{word!(lang, codes.paid)}</h1>
                            <p>{shell::money(lang, transfer.receipt.amount_won, "money money-xl")}</p>
                        </header>
                        <dl class="facts facts-even receipt-lines">
                            <div><dt>{word!(lang, codes.shop)}</dt><dd>{shop}</dd></div>
                            <div><dt>{word!(lang, codes.when)}</dt><dd>{words::when(lang, transfer.receipt.at)}</dd></div>
                        </dl>
                        <p class="receipt-number"><a href=receipt>{word!(lang, codes.receipt)}</a></p>
                    </article>
                    {actions(&here, municipality, true)}
                </div>
            }
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_in_fours() {
        assert_eq!(grouped("123456789012"), "1234 5678 9012");
    }
}
