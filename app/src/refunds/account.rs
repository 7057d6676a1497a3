//! `/wallet/refund/account`: where refunds are paid to. In one's own name, which is not asked for: it is known.

use leptos::prelude::*;
use people::{AccountOwner, Actor, BANKS, BankAccount, Field as Of};

use crate::{
    door::{Answer, Ctx, Field, Form, PageError, Posted},
    shell::{self, Page},
    wallet::municipality_name,
    word, words,
};

/// The page's address for one municipality.
pub(super) fn address(municipality: i64) -> String {
    format!("/wallet/refund/account?m={municipality}")
}

/// The municipality asked for, or home; its holder, and their name.
async fn place(ctx: &Ctx, asked: &str) -> Result<(i64, i64, String), PageError> {
    let citizen = ctx.citizen()?;
    let (municipality, holder) = match asked.parse::<i64>() {
        Ok(code) => (code, citizen.holder(code)?),
        Err(_) => *citizen.holders.first().ok_or(PageError::NotFound)?,
    };
    let person = ctx.house.people.holder_person(municipality, holder).await?;
    let name = person.ok_or(PageError::NotFound)?.name().to_owned();
    Ok((municipality, holder, name))
}

/// GET `/wallet/refund/account`.
pub async fn get(ctx: Ctx) -> Answer {
    let (municipality, holder, name) = place(&ctx, ctx.asked().get("m")).await?;
    let owner = AccountOwner::Holder(holder);
    let mut form = Form::new();
    if let Some(known) = ctx.house.people.bank_account(municipality, owner).await? {
        form.set("bank", known.bank);
    }
    Ok(show(&ctx, form, municipality, &name))
}

/// POST `/wallet/refund/account`.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let citizen = ctx.payer()?;
    let (municipality, holder, name) = place(&ctx, form.get("m")).await?;
    form.drop_resident_number(&ctx, "number");
    let account = match BankAccount::new(form.get("bank"), form.get("number"), &name) {
        Ok(account) => Some(account),
        Err(problem) => {
            let field = match problem.field {
                Of::Bank => "bank",
                Of::AccountNumber => "number",
                _ => "",
            };
            form.fail(field, words::problem(ctx.lang, &problem));
            None
        }
    };
    let (Some(account), false) = (account, form.is_bad()) else {
        return Ok(show(&ctx, form, municipality, &name));
    };
    let by = (Actor::Resident, citizen.login);
    let owner = AccountOwner::Holder(holder);
    ctx.house
        .people
        .set_bank_account(municipality, owner, &account, by, &ctx.client.ip, ctx.at)
        .await?;
    Ok(shell::redirect_with(
        &ctx,
        "/wallet/refund",
        &word!(ctx.lang, refunds.saved),
    ))
}

fn show(ctx: &Ctx, mut form: Form, municipality: i64, name: &str) -> axum::response::Response {
    let lang = ctx.lang;
    form.set("m", municipality.to_string());
    let page = Page::new(word!(lang, refunds.account_title))
        .form()
        .refused_if(form.is_bad());
    let (here, name) = (ctx.clone(), name.to_owned());
    shell::page(ctx, page, move || {
        let mut choices = vec![(String::new(), word!(lang, refunds.bank_choose))];
        choices.extend(
            BANKS
                .iter()
                .map(|code| ((*code).to_owned(), words::bank(lang, code))),
        );
        let place = municipality_name(&here, municipality);
        view! {
            {shell::page_head(word!(lang, refunds.account_title), Some(word!(lang, refunds.account_lead)), ())}
            <form class="form" method="post" action="/wallet/refund/account" novalidate>
                {form.summary(&here)}
                {form.hidden(&here)}
                {form.carry(&["m"])}
                <dl class="facts">
                    <div><dt>{word!(lang, refunds.place)}</dt><dd>{place}</dd></div>
                    <div><dt>{word!(lang, refunds.owner)}</dt><dd class="strong">{name}</dd></div>
                </dl>
                <p class="soft small">{word!(lang, refunds.owner_hint)}</p>
                {form.field(&here, Field {
                    name: "bank",
                    label: word!(lang, refunds.bank),
                    choices,
                    ..Field::default()
                })}
                {form.field(&here, Field {
                    name: "number",
                    label: word!(lang, refunds.number),
                    hint: Some(word!(lang, refunds.number_hint)),
                    inputmode: "numeric",
                    autocomplete: "off",
                    ..Field::default()
                })}
                <div class="form-actions">
                    <button class="button button-primary" type="submit">{word!(lang, refunds.save)}</button>
                    <a class="button" href="/wallet/refund">{word!(lang, refunds.title)}</a>
                </div>
            </form>
        }
    })
}
