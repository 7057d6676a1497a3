//! `/shop/account`: the bank account that a merchant's settlements go to. The merchant says it, no official: whoever could
//! change it could have the takings. Every change is on record.

use leptos::prelude::*;
use people::{AccountOwner, Actor, BANKS, BankAccount, Field as Of, Role};

use crate::{
    door::{Answer, Ctx, Field, Form, PageError, Posted},
    shell::{self, Page},
    word, words,
};

/// The shop's municipality, the shop, and who asks.
fn place(ctx: &Ctx) -> Result<(i64, i64, i64), PageError> {
    let official = ctx.official(&[Role::Merchant])?;
    let merchant = official.merchant.ok_or(PageError::Forbidden)?;
    Ok((official.municipality, merchant, official.id))
}

/// GET `/shop/account`.
pub async fn get(ctx: Ctx) -> Answer {
    let (municipality, merchant, _) = place(&ctx)?;
    let owner = AccountOwner::Merchant(merchant);
    let known = ctx.house.people.bank_account(municipality, owner).await?;
    let mut form = Form::new();
    if let Some(known) = &known {
        form.set("bank", known.bank.clone());
        form.set("name", known.name.clone());
    }
    Ok(show(&ctx, form, known))
}

/// POST `/shop/account`.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let (municipality, merchant, staff) = place(&ctx)?;
    let owner = AccountOwner::Merchant(merchant);
    form.drop_resident_number(&ctx, "number");
    let account = match BankAccount::new(form.get("bank"), form.get("number"), form.get("name")) {
        Ok(account) => Some(account),
        Err(problem) => {
            let field = match problem.field {
                Of::Bank => "bank",
                Of::AccountNumber => "number",
                _ => "name",
            };
            form.fail(field, words::problem(ctx.lang, &problem));
            None
        }
    };
    let (Some(account), false) = (account, form.is_bad()) else {
        let known = ctx.house.people.bank_account(municipality, owner).await?;
        return Ok(show(&ctx, form, known));
    };
    ctx.house
        .people
        .set_bank_account(municipality, owner, &account, (Actor::Staff, staff), &ctx.client.ip, ctx.at)
        .await?;
    ctx.house.bank_rung.notify_one();
    Ok(shell::redirect_with(&ctx, "/shop/account", &word!(ctx.lang, refunds.saved)))
}

fn show(ctx: &Ctx, form: Form, known: Option<BankAccount>) -> axum::response::Response {
    let lang = ctx.lang;
    let title = word!(lang, accounts.title);
    let page = Page::new(title.clone()).form().refused_if(form.is_bad());
    let here = ctx.clone();
    shell::page(ctx, page, move || {
        let mut choices = vec![(String::new(), word!(lang, refunds.bank_choose))];
        choices.extend(BANKS.iter().map(|code| ((*code).to_owned(), words::bank(lang, code))));
        let now = match known {
            Some(known) => {
                let text = word!(
                    lang,
                    refunds.account_is,
                    bank = words::bank(lang, &known.bank),
                    number = known.masked()
                );
                view! {
                    <dl class="facts">
                        <div><dt>{word!(lang, accounts.now)}</dt><dd class="strong num">{text}</dd></div>
                    </dl>
                }
                .into_any()
            }
            None => shell::notice("warning", None, word!(lang, accounts.none)),
        };
        view! {
            {shell::page_head(title, Some(word!(lang, accounts.lead)), ())}
            <form class="form" method="post" action="/shop/account" novalidate>
                {form.summary(&here)}
                {form.hidden(&here)}
                {now}
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
                {form.field(&here, Field {
                    name: "name",
                    label: word!(lang, refunds.owner),
                    hint: Some(word!(lang, accounts.owner_hint)),
                    autocomplete: "off",
                    ..Field::default()
                })}
                <div class="form-actions">
                    <button class="button button-primary" type="submit">{word!(lang, refunds.save)}</button>
                    <a class="button" href="/shop/settlements">{word!(lang, shop.settlements)}</a>
                </div>
            </form>
        }
    })
}
