//! The page of `/admin/vouchers`.

use ledger::{
    Programme,
    payouts::{Payout, PayoutKind},
};
use leptos::prelude::*;
use people::Role;

use super::LINES_MAX;
use crate::{
    door::{Answer, Choice, Ctx, Field, Form, Official},
    payouts::{self, open_programmes, programme_choices},
    shell::{self, Column, Page, Row, badge, table},
    word, words,
};

/// Payouts looked through for the last vouchers.
const LOOKED_THROUGH: i64 = 100;
/// Vouchers shown.
const SHOWN: usize = 10;

/// The form and the last vouchers.
pub(super) async fn show(ctx: &Ctx, official: &Official, form: Form) -> Answer {
    let lang = ctx.lang;
    let programmes = open_programmes(ctx, official.municipality).await?;
    let mut last = ctx
        .house
        .ledger
        .payouts(official.municipality, None, None, LOOKED_THROUGH)
        .await?
        .payouts;
    last.retain(|payout| matches!(payout.kind, PayoutKind::Single | PayoutKind::Voucher));
    last.truncate(SHOWN);
    let clerk = official.roles.has(Role::Clerk);
    let page = Page::new(word!(lang, vouchers.title)).refused_if(form.is_bad());
    Ok(shell::page(ctx, page, || {
        let body = if !clerk {
            shell::notice("info", None, word!(lang, vouchers.only_clerks))
        } else if programmes.is_empty() {
            let action = ("/admin/programmes", word!(lang, payouts.to_programmes));
            shell::empty(
                "gift",
                word!(lang, payouts.no_programme),
                word!(lang, payouts.no_programme_text),
                Some(action),
            )
        } else {
            issue_form(ctx, &form, &programmes)
        };
        view! {
            {shell::page_head(word!(lang, vouchers.title), Some(word!(lang, vouchers.lead)), ())}
            {body}
            {latest(ctx, &last)}
        }
    }))
}

fn issue_form(ctx: &Ctx, form: &Form, programmes: &[Programme]) -> AnyView {
    let lang = ctx.lang;
    let choice = |value: &str, label, hint| Choice {
        value: value.to_owned(),
        label,
        hint,
    };
    let how = vec![
        choice("one", word!(lang, vouchers.one), word!(lang, vouchers.one_hint)),
        choice(
            "many",
            word!(lang, vouchers.many),
            word!(lang, vouchers.many_hint),
        ),
    ];
    let plain = Field {
        autocomplete: "off",
        optional: true,
        ..Field::default()
    };
    let name = Field {
        name: "name",
        label: word!(lang, vouchers.name),
        ..plain.clone()
    };
    let birth = Field {
        name: "birth",
        label: word!(lang, vouchers.birth),
        kind: "date",
        ..plain.clone()
    };
    let phone = Field {
        name: "phone",
        label: word!(lang, vouchers.phone),
        kind: "tel",
        inputmode: "tel",
        hint: Some(word!(lang, vouchers.phone_hint)),
        ..plain.clone()
    };
    let amount = Field {
        name: "amount",
        label: word!(lang, vouchers.amount),
        inputmode: "numeric",
        unit: Some(word!(lang, common.won)),
        ..plain.clone()
    };
    let lines = Field {
        name: "lines",
        label: word!(lang, vouchers.lines),
        hint: Some(word!(lang, vouchers.lines_hint, max = LINES_MAX)),
        long: true,
        ..plain
    };
    let programme = Field {
        name: "programme",
        label: word!(lang, payouts.programme),
        choices: programme_choices(ctx, programmes),
        ..Field::default()
    };
    let reason = Field {
        name: "reason",
        label: word!(lang, vouchers.reason),
        hint: Some(word!(lang, vouchers.reason_hint)),
        autocomplete: "off",
        ..Field::default()
    };
    view! {
        <form class="form form-wide" method="post" novalidate=true>
            {form.hidden(ctx)}
            {form.summary(ctx)}
            {form.field(ctx, programme)}
            {form.field(ctx, reason)}
            {form.radios("how", word!(lang, vouchers.how), how)}
            <fieldset class="fieldset">
                <legend>{word!(lang, vouchers.one)}</legend>
                <div class="field-row">{form.field(ctx, name)}{form.field(ctx, birth)}</div>
                <div class="field-row">{form.field(ctx, phone)}{form.field(ctx, amount)}</div>
            </fieldset>
            <fieldset class="fieldset">
                <legend>{word!(lang, vouchers.many)}</legend>
                {form.field(ctx, lines)}
            </fieldset>
            <p class="soft">{word!(lang, vouchers.second)}</p>
            <div class="form-actions">
                <button class="button button-primary" type="submit">{word!(lang, vouchers.ask)}</button>
            </div>
        </form>
    }
    .into_any()
}

fn latest(ctx: &Ctx, last: &[Payout]) -> Option<AnyView> {
    let lang = ctx.lang;
    if last.is_empty() {
        return None;
    }
    let columns = vec![
        Column::text(word!(lang, vouchers.reason)),
        Column::number(word!(lang, payouts.people)),
        Column::number(word!(lang, payouts.total)),
        Column::text(word!(lang, payouts.state)),
        Column::text(word!(lang, payouts.made_at)),
    ];
    let rows = last
        .iter()
        .map(|payout| {
            Row::of(view! { <a href=format!("/admin/payouts/{}", payout.id)>{payout.title.clone()}</a> })
                .and(words::number(payout.ok_rows))
                .and(words::won(lang, payout.total_won))
                .and(badge(
                    payouts::tone(payout.state),
                    payouts::state(lang, payout.state),
                ))
                .and(view! { <span class="nowrap">{words::when(lang, payout.created_at)}</span> })
        })
        .collect();
    let view = view! {
        <section class="section" aria-labelledby="latest">
            <div class="section-head"><h2 id="latest">{word!(lang, vouchers.latest)}</h2></div>
            {table("vouchers", word!(lang, vouchers.caption), columns, rows)}
        </section>
    };
    Some(view.into_any())
}
