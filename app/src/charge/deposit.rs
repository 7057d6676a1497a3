//! `/wallet/charge/{id}`: one purchase: what to transfer, or what became of it. Confirmed, it is a receipt.

use axum::response::Response;
use ledger::{Deposit, DepositState, LedgerError, Programme};
use leptos::prelude::*;

use super::views::fact;
use crate::{
    door::{Answer, Ctx, Form, PageError, Posted},
    shell::{self, Page, icon, money},
    word, words,
};

/// One's own purchase; somebody else's is no page at all.
async fn own(ctx: &Ctx, id: &str) -> Result<Deposit, PageError> {
    let citizen = ctx.citizen()?;
    let id: i64 = id.parse().map_err(|_| PageError::NotFound)?;
    let municipality = store::municipality_of(id);
    let holder = citizen.holder(municipality)?;
    let found = ctx.house.ledger.deposit(municipality, id).await?;
    found
        .filter(|deposit| deposit.holder == holder)
        .ok_or(PageError::NotFound)
}

/// GET `/wallet/charge/{id}`.
pub async fn get(ctx: Ctx, id: String) -> Answer {
    let deposit = own(&ctx, &id).await?;
    show(&ctx, Form::new(), deposit).await
}

/// POST `/wallet/charge/{id}`: in the demo alone, stands in for the bank's word that the money came.
pub async fn post(posted: Posted, id: String) -> Answer {
    let Posted { ctx, mut form } = posted;
    let deposit = own(&ctx, &id).await?;
    if !ctx.house.settings.demo || ctx.house.settings.bank {
        return Err(PageError::NotFound);
    }
    if !form.is_bad() {
        match ctx
            .house
            .ledger
            .confirm_deposit(deposit.municipality, deposit.id, ctx.at)
            .await
        {
            Ok(receipt) => {
                let to = format!("/wallet/transfers/{}", receipt.transfer);
                return Ok(shell::redirect_with(&ctx, &to, &word!(ctx.lang, charge.done)));
            }
            Err(LedgerError::Refused(refusal)) => form.fail("", words::refusal(ctx.lang, &refusal)),
            Err(error) => return Err(error.into()),
        }
    }
    let deposit = own(&ctx, &id).await?;
    show(&ctx, form, deposit).await
}

async fn show(ctx: &Ctx, form: Form, deposit: Deposit) -> Answer {
    if let Some(transfer) = deposit
        .transfer
        .filter(|_| deposit.state == DepositState::Confirmed)
    {
        return Ok(shell::redirect(ctx, &format!("/wallet/transfers/{transfer}")));
    }
    let programme = ctx
        .house
        .ledger
        .programme(deposit.municipality, deposit.programme)
        .await?;
    let account = ctx
        .house
        .ledger
        .pay_in_account(deposit.municipality, deposit.id)
        .await?;
    Ok(page(
        ctx,
        form,
        deposit,
        programme.ok_or(PageError::NotFound)?,
        account,
    ))
}

fn page(
    ctx: &Ctx,
    form: Form,
    deposit: Deposit,
    programme: Programme,
    account: Option<String>,
) -> Response {
    let lang = ctx.lang;
    let (tone, mark, title, text) = match deposit.state {
        DepositState::Pending | DepositState::Confirmed => (
            "info",
            "clock",
            word!(lang, charge.pending),
            word!(lang, charge.pending_text),
        ),
        DepositState::Failed => (
            "danger",
            "x",
            word!(lang, charge.failed),
            word!(lang, charge.failed_text),
        ),
        DepositState::Unknown => (
            "warning",
            "warning",
            word!(lang, charge.unknown),
            word!(lang, charge.unknown_text),
        ),
    };
    let waits = deposit.state == DepositState::Pending;
    let page = Page::new(title.clone()).form().refused_if(form.is_bad());
    let here = ctx.clone();
    shell::page(ctx, page, move || {
        let bank = here.house.settings.bank;
        let pay_in = (waits && bank).then(|| {
            let account = account.unwrap_or_else(|| word!(lang, charge.account_soon));
            fact(word!(lang, charge.account), view! { <span class="num">{account}</span> })
        });
        let demo = (waits && here.house.settings.demo && !bank).then(|| {
            view! {
                <form class="form" method="post" action=format!("/wallet/charge/{}", deposit.id)>
                    {form.hidden(&here)}
                    {shell::notice("info", Some(word!(lang, charge.demo_title)), word!(lang, charge.demo_text))}
                    <div class="form-actions">
                        <button class="button button-primary" type="submit">{word!(lang, charge.demo_confirm)}</button>
                    </div>
                </form>
            }
        });
        let again = (!waits).then(|| {
            view! { <a class="button button-primary" href="/wallet/charge">{word!(lang, charge.again)}</a> }
        });
        let name = words::named(lang, &programme.name, &programme.name_en).to_owned();
        view! {
            <div class="stack">
                {form.summary(&here)}
                <article class="receipt">
                    <header class="receipt-head">
                        <span class="receipt-mark" data-tone=tone>{icon(mark, "icon icon-l")}</span>
                        <h1>{title}</h1>
                        <p>{text}</p>
                    </header>
                    <dl class="facts facts-even receipt-lines">
                        {fact(word!(lang, charge.price), money(lang, deposit.price_won, "money"))}
                        {pay_in}
                        {fact(word!(lang, charge.value), money(lang, deposit.value_won, "money"))}
                        {fact(word!(lang, charge.programme), name)}
                        {fact(word!(lang, charge.asked), words::when(lang, deposit.created_at))}
                    </dl>
                    <p class="receipt-number">{word!(lang, charge.number)}" "{deposit.id.to_string()}</p>
                    {demo}
                    <div class="button-row">
                        {again}
                        <a class="button" href="/wallet">{word!(lang, charge.wallet)}</a>
                    </div>
                </article>
            </div>
        }
    })
}
