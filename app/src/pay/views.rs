//! The pages of paying: choosing, and checking before it is done.

use axum::response::Response;
use ledger::Merchant;
use leptos::prelude::*;

use super::{Offer, plan::Part};
use crate::{
    door::{Choice, Citizen, Ctx, Field, Form},
    shell::{self, Page, money},
    wallet::municipality_name,
    word, words,
};

/// Choosing a merchant and an amount.
pub(super) fn choose(ctx: &Ctx, citizen: &Citizen, form: Form, offer: Offer) -> Response {
    let lang = ctx.lang;
    let page = Page::new(word!(lang, pay.title))
        .narrow()
        .refused_if(form.is_bad());
    let (here, citizen) = (ctx.clone(), citizen.clone());
    shell::page(ctx, page, move || {
        let searched = !form.get("q").trim().is_empty();
        let body = if offer.total_won == 0 && citizen.holders.len() == 1 && !form.is_bad() {
            let action = Some(("/wallet/charge", word!(lang, pay.charge)));
            shell::empty(
                "wallet",
                word!(lang, pay.no_money_title),
                word!(lang, pay.no_money),
                action,
            )
        } else if offer.merchants.is_empty() {
            let none = searched
                .then(|| shell::empty("shop", word!(lang, pay.none_title), word!(lang, pay.none), None));
            // What was wrong with a form is said even where nothing can be chosen.
            view! { {form.summary(&here)}{none} }.into_any()
        } else {
            amount_form(&here, &form, &offer, searched)
        };
        view! {
            {shell::page_head(word!(lang, pay.title), Some(word!(lang, pay.lead)), ())}
            <div class="stack stack-l">
                {search_form(&here, &citizen, &form, offer.municipality)}
                {body}
            </div>
        }
    })
}

fn search_form(ctx: &Ctx, citizen: &Citizen, form: &Form, municipality: i64) -> AnyView {
    let lang = ctx.lang;
    let places = if citizen.holders.len() > 1 {
        let mut chosen = Form::new();
        chosen.set("m", municipality.to_string());
        let choices = citizen
            .holders
            .iter()
            .map(|(code, _)| (code.to_string(), municipality_name(ctx, *code)))
            .collect();
        let label = word!(lang, pay.municipality);
        chosen.field(
            ctx,
            Field {
                name: "m",
                label,
                choices,
                plain: true,
                ..Field::default()
            },
        )
    } else {
        ().into_any()
    };
    view! {
        <form class="form" method="get" action="/wallet/pay" role="search" aria-label=word!(lang, pay.search_title)>
            {places}
            <div class="field">
                <label class="label" for="q">{word!(lang, pay.search)}</label>
                <p class="hint" id="q-hint">{word!(lang, pay.search_hint)}</p>
                <div class="search">
                    <input class="input" id="q" name="q" type="search" autocomplete="off"
                        value=form.get("q").to_owned() aria-describedby="q-hint" />
                    <button class="button" type="submit">{word!(lang, common.search)}</button>
                </div>
            </div>
        </form>
    }
    .into_any()
}

fn amount_form(ctx: &Ctx, form: &Form, offer: &Offer, searched: bool) -> AnyView {
    let lang = ctx.lang;
    let choices = offer
        .merchants
        .iter()
        .map(|merchant| Choice {
            value: merchant.id.to_string(),
            label: merchant.name.clone(),
            hint: [
                words::category(lang, merchant.category),
                merchant.address.clone(),
                word!(lang, pay.code, code = merchant.code.clone()),
            ]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
        })
        .collect();
    let legend = if searched {
        word!(lang, pay.found)
    } else {
        word!(lang, pay.recent)
    };
    view! {
        <form class="form" method="post" action="/wallet/pay" novalidate>
            {form.summary(ctx)}
            {form.hidden(ctx)}
            {form.carry(&["q"])}
            <input type="hidden" name="m" value=offer.municipality.to_string() />
            {form.radios("merchant", legend, choices)}
            {form.field(ctx, Field {
                name: "amount",
                label: word!(lang, pay.amount),
                hint: Some(word!(lang, pay.amount_hint, total = words::won(lang, offer.total_won))),
                inputmode: "numeric",
                autocomplete: "off",
                unit: Some(word!(lang, common.won)),
                ..Field::default()
            })}
            <div class="form-actions">
                <button class="button button-primary" type="submit" name="step" value="review">
                    {word!(lang, pay.next)}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// Checking before it is done.
pub(super) fn review(
    ctx: &Ctx,
    form: Form,
    taker: &Merchant,
    amount_won: i64,
    parts: Vec<Part>,
    total_won: i64,
) -> Response {
    let lang = ctx.lang;
    let (here, taker) = (ctx.clone(), taker.clone());
    shell::page(ctx, Page::new(word!(lang, pay.review)).form(), move || {
        let parts: Vec<_> = parts
            .into_iter()
            .map(|part| {
                let name = words::named(lang, &part.name, &part.name_en).to_owned();
                let until = word!(lang, pay.until, date = words::day(lang, part.expires_at));
                view! {
                    <li>
                        <span class="lot-title">{name}</span>
                        {money(lang, part.won, "money")}
                        <span class="lot-meta">{until}</span>
                    </li>
                }
            })
            .collect();
        let address = (!taker.address.is_empty())
            .then(|| view! { <div><dt>{word!(lang, pay.address)}</dt><dd>{taker.address}</dd></div> });
        let confirm = word!(lang, pay.confirm, amount = words::won(lang, amount_won));
        view! {
            {shell::page_head(word!(lang, pay.review), Some(word!(lang, pay.review_lead)), ())}
            <form class="form" method="post" action="/wallet/pay">
                {form.hidden(&here)}
                {form.carry(&["q", "m", "merchant", "amount"])}
                <div class="card stack">
                    <p>{money(lang, amount_won, "money money-xl")}</p>
                    <dl class="facts">
                        <div><dt>{word!(lang, pay.merchant)}</dt><dd class="strong">{taker.name}</dd></div>
                        {address}
                        <div><dt>{word!(lang, pay.left)}</dt><dd>{money(lang, total_won - amount_won, "money")}</dd></div>
                    </dl>
                    <section aria-labelledby="used">
                        <h2 class="small" id="used">{word!(lang, pay.used)}</h2>
                        <ul class="lots">{parts}</ul>
                    </section>
                </div>
                <div class="form-actions">
                    <button class="button button-primary" type="submit" name="step" value="confirm">{confirm}</button>
                    <button class="button" type="submit" name="step" value="edit">{word!(lang, pay.edit)}</button>
                </div>
            </form>
        }
    })
}
