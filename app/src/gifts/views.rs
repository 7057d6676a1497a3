//! The pages of giving.

use axum::response::Response;
use ledger::{Gift, GiftState};
use leptos::prelude::*;

use super::Table;
use crate::{
    door::{Ctx, Field, Form},
    shell::{self, Page, badge, money},
    wallet::municipality_name,
    word,
    words::{self, Lang},
};

/// What waits, the form, and what was given.
pub(super) fn choose(ctx: &Ctx, form: Form, table: Table) -> Response {
    let lang = ctx.lang;
    let page = Page::new(word!(lang, gifts.title))
        .narrow()
        .refused_if(form.is_bad());
    let here = ctx.clone();
    shell::page(ctx, page, move || {
        let received = (!table.received.is_empty()).then(|| {
            let lines: Vec<_> = table.received.iter().map(|gift| received(&here, gift)).collect();
            view! {
                <section class="section" aria-labelledby="received">
                    <h2 id="received">{word!(lang, gifts.received)}</h2>
                    <ul class="stack stack-s">{lines}</ul>
                </section>
            }
        });
        let sent: Vec<_> = table.sent.iter().map(|gift| sent(&here, gift)).collect();
        let sent = if sent.is_empty() {
            view! { <p class="soft">{word!(lang, gifts.none)}</p> }.into_any()
        } else {
            view! { <ul class="stack stack-s">{sent}</ul> }.into_any()
        };
        view! {
            {shell::page_head(word!(lang, gifts.title), Some(word!(lang, gifts.lead)), ())}
            <div class="stack stack-l">
                {received}
                {give_form(&here, &form, &table)}
                {shell::notice("info", Some(word!(lang, gifts.rule_title)), word!(lang, gifts.rule))}
                <section class="section" aria-labelledby="sent">
                    <h2 id="sent">{word!(lang, gifts.sent)}</h2>
                    {sent}
                </section>
            </div>
        }
    })
}

fn give_form(ctx: &Ctx, form: &Form, table: &Table) -> AnyView {
    let lang = ctx.lang;
    let place = if table.giveable.len() > 1 {
        let choices = table
            .giveable
            .iter()
            .map(|(code, won)| {
                let name = municipality_name(ctx, *code);
                (code.to_string(), format!("{name} ({})", words::won(lang, *won)))
            })
            .collect();
        form.field(
            ctx,
            Field {
                name: "m",
                label: word!(lang, gifts.place),
                choices,
                ..Field::default()
            },
        )
    } else {
        form.carry(&["m"])
    };
    let giveable_won: i64 = table.giveable.iter().map(|(_, won)| won).sum();
    view! {
        <form class="form" method="post" action="/wallet/gift" novalidate>
            {form.summary(ctx)}
            {form.hidden(ctx)}
            {place}
            {form.field(ctx, Field {
                name: "phone",
                label: word!(lang, gifts.phone),
                hint: Some(word!(lang, gifts.phone_hint)),
                kind: "tel",
                inputmode: "tel",
                autocomplete: "off",
                ..Field::default()
            })}
            {form.field(ctx, Field {
                name: "amount",
                label: word!(lang, gifts.amount),
                hint: Some(word!(lang, gifts.amount_hint, giveable = words::won(lang, giveable_won))),
                inputmode: "numeric",
                autocomplete: "off",
                unit: Some(word!(lang, common.won)),
                ..Field::default()
            })}
            <div class="form-actions">
                <button class="button button-primary" type="submit" name="step" value="review">{word!(lang, gifts.next)}</button>
            </div>
        </form>
    }
    .into_any()
}

/// A button about one gift.
fn action(ctx: &Ctx, gift: &Gift, step: &'static str, label: String, told: String) -> AnyView {
    let class = if step == "claim" {
        "button button-primary"
    } else {
        "button button-s"
    };
    view! {
        <form method="post" action=format!("/wallet/gift/{}", gift.id)>
            {Form::new().hidden(ctx)}
            <button class=class type="submit" name="step" value=step aria-label=told>{label}</button>
        </form>
    }
    .into_any()
}

fn received(ctx: &Ctx, gift: &Gift) -> AnyView {
    let lang = ctx.lang;
    let meta = word!(
        lang,
        gifts.received_meta,
        sent = words::date(lang, gift.created_at),
        date = words::day(lang, gift.lapse_at)
    );
    let amount = words::won(lang, gift.amount_won);
    let told = word!(lang, gifts.claim_label, amount = amount);
    view! {
        <li class="card stack stack-s">
            <p>{money(lang, gift.amount_won, "money money-l")}</p>
            <p class="soft small">{meta}</p>
            {action(ctx, gift, "claim", word!(lang, gifts.claim), told)}
        </li>
    }
    .into_any()
}

fn state(lang: Lang, gift: &Gift) -> AnyView {
    match gift.state {
        GiftState::Waiting => badge("info", word!(lang, gifts.waiting)),
        GiftState::Claimed => badge("success", word!(lang, gifts.state_claimed)),
        GiftState::Cancelled => badge("neutral", word!(lang, gifts.state_cancelled)),
        GiftState::Lapsed => badge("neutral", word!(lang, gifts.state_lapsed)),
    }
}

fn sent(ctx: &Ctx, gift: &Gift) -> AnyView {
    let lang = ctx.lang;
    let meta = word!(
        lang,
        gifts.sent_meta,
        sent = words::date(lang, gift.created_at),
        date = words::day(lang, gift.lapse_at)
    );
    let cancel = (gift.state == GiftState::Waiting && ctx.at < gift.lapse_at).then(|| {
        let amount = words::won(lang, gift.amount_won);
        let told = word!(lang, gifts.cancel_label, amount = amount);
        action(ctx, gift, "cancel", word!(lang, gifts.cancel), told)
    });
    view! {
        <li class="card stack stack-s">
            <p class="cluster">{money(lang, gift.amount_won, "money")}" "{state(lang, gift)}</p>
            <p class="soft small">{meta}</p>
            {cancel}
        </li>
    }
    .into_any()
}

/// Checking before it is sent.
pub(super) fn review(ctx: &Ctx, form: Form, phone: &str, amount_won: i64, lapse_at: i64) -> Response {
    let lang = ctx.lang;
    let (here, phone) = (ctx.clone(), words::phone(phone));
    shell::page(ctx, Page::new(word!(lang, gifts.review)).form(), move || {
        let until = word!(lang, gifts.until_on, date = words::day(lang, lapse_at));
        let confirm = word!(lang, gifts.confirm, amount = words::won(lang, amount_won));
        view! {
            {shell::page_head(word!(lang, gifts.review), Some(word!(lang, gifts.review_lead)), ())}
            <form class="form" method="post" action="/wallet/gift">
                {form.hidden(&here)}
                {form.carry(&["m", "phone", "amount"])}
                <div class="card stack">
                    <p>{money(lang, amount_won, "money money-xl")}</p>
                    <dl class="facts">
                        <div><dt>{word!(lang, gifts.to)}</dt><dd class="strong num">{phone}</dd></div>
                        <div><dt>{word!(lang, gifts.until)}</dt><dd>{until}</dd></div>
                    </dl>
                    <p class="soft small">{word!(lang, gifts.rule)}</p>
                </div>
                <div class="form-actions">
                    <button class="button button-primary" type="submit" name="step" value="confirm">{confirm}</button>
                    <button class="button" type="submit" name="step" value="edit">{word!(lang, gifts.edit)}</button>
                </div>
            </form>
        }
    })
}
