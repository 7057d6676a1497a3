//! The form of `/admin/programmes/new`, and above it the rules as a resident will read them.

use ledger::{Category, NewProgramme, ProgrammeKind};
use leptos::prelude::*;

use super::{new::barred_name, rules};
use crate::{
    door::{Choice, Ctx, Field, Form},
    shell::{self, Page},
    word, words,
};

/// The page; with what was written in words, once it can be made.
pub(super) fn show(ctx: &Ctx, form: Form, preview: Option<NewProgramme>) -> axum::response::Response {
    let lang = ctx.lang;
    let page = Page::new(word!(lang, programmes.add))
        .narrow()
        .refused_if(form.is_bad());
    shell::page(ctx, page, || {
        let preview = preview.map(|new| preview_card(ctx, &new));
        let last = if preview.is_some() {
            word!(lang, programmes.look_again)
        } else {
            word!(lang, programmes.look)
        };
        let class = if preview.is_some() {
            "button"
        } else {
            "button button-primary"
        };
        view! {
            {shell::page_head(word!(lang, programmes.add), Some(word!(lang, programmes.add_lead)), ())}
            <form class="form form-wide" method="post" novalidate=true>
                {form.hidden(ctx)}
                {form.summary(ctx)}
                {preview}
                {basics(ctx, &form)}
                {terms(ctx, &form)}
                {sale(ctx, &form)}
                <div class="form-actions">
                    <button class=class type="submit">{last}</button>
                    <a class="button" href="/admin/programmes">{word!(lang, common.cancel)}</a>
                </div>
            </form>
        }
    })
}

fn preview_card(ctx: &Ctx, new: &NewProgramme) -> AnyView {
    let lang = ctx.lang;
    let said: Vec<_> = rules::preview(lang, new, ctx.at)
        .into_iter()
        .map(|line| view! { <li>{line}</li> })
        .collect();
    view! {
        <section class="card" aria-labelledby="preview">
            <div class="card-head"><h2 class="card-title" id="preview">{word!(lang, programmes.preview)}</h2></div>
            <p class="strong">{words::named(lang, &new.name, &new.name_en).to_owned()}</p>
            <ul>{said}</ul>
            <p class="soft">{word!(lang, programmes.preview_fixed)}</p>
            <div class="button-row">
                <button class="button button-primary" type="submit" name="made" value="1">{word!(lang, programmes.make)}</button>
            </div>
        </section>
    }
    .into_any()
}

fn basics(ctx: &Ctx, form: &Form) -> AnyView {
    let lang = ctx.lang;
    let kinds = [ProgrammeKind::Given, ProgrammeKind::Sold]
        .into_iter()
        .map(|kind| Choice {
            value: kind.code().to_owned(),
            label: rules::kind(lang, kind),
            hint: match kind {
                ProgrammeKind::Sold => word!(lang, programmes.kind_sold_hint),
                ProgrammeKind::Given => word!(lang, programmes.kind_given_hint),
            },
        })
        .collect();
    view! {
        {form.radios("kind", word!(lang, programmes.kind), kinds)}
        <div class="field-row">
            {form.field(ctx, Field { name: "name", label: word!(lang, programmes.name_ko), autocomplete: "off", ..Field::default() })}
            {form.field(ctx, Field { name: "name_en", label: word!(lang, programmes.name_en), autocomplete: "off", ..Field::default() })}
        </div>
    }
    .into_any()
}

/// When the money ends.
pub(super) fn expiry(ctx: &Ctx, form: &Form) -> AnyView {
    let lang = ctx.lang;
    let choice = |value: &str, label| Choice {
        value: value.to_owned(),
        label,
        hint: String::new(),
    };
    let rules = vec![
        choice("until", word!(lang, programmes.expiry_by_date)),
        choice("months", word!(lang, programmes.expiry_by_months)),
    ];
    let until = Field {
        name: "until",
        label: word!(lang, programmes.until),
        kind: "date",
        optional: true,
        ..Field::default()
    };
    let months = Field {
        name: "months",
        label: word!(lang, programmes.months),
        hint: Some(word!(lang, programmes.months_hint)),
        inputmode: "numeric",
        optional: true,
        class: "input-short",
        ..Field::default()
    };
    view! {
        {form.radios("expiry", word!(lang, programmes.expiry), rules)}
        <div class="field-row">{form.field(ctx, until)}{form.field(ctx, months)}</div>
    }
    .into_any()
}

fn terms(ctx: &Ctx, form: &Form) -> AnyView {
    let lang = ctx.lang;
    let barred: Vec<_> = Category::ALL
        .into_iter()
        .map(|category| {
            let name = barred_name(category);
            let checked = form.ticked(&name);
            view! {
                <label class="choice">
                    <input type="checkbox" name=name value="1" checked=checked />
                    <span>{words::category(lang, category)}</span>
                </label>
            }
        })
        .collect();
    let revenue = Field {
        name: "revenue_limit",
        label: word!(lang, programmes.revenue_limit),
        hint: Some(word!(lang, programmes.revenue_limit_hint)),
        inputmode: "numeric",
        optional: true,
        unit: Some(word!(lang, common.won)),
        ..Field::default()
    };
    view! {
        {expiry(ctx, form)}
        {form.field(ctx, revenue)}
        <fieldset class="fieldset">
            <legend>{word!(lang, programmes.barred)}" "<span class="optional">{word!(lang, common.optional)}</span></legend>
            <div class="cluster">{barred}</div>
        </fieldset>
    }
    .into_any()
}

pub(super) fn sale(ctx: &Ctx, form: &Form) -> AnyView {
    let lang = ctx.lang;
    let won = |name, label, hint| Field {
        name,
        label,
        hint: Some(hint),
        inputmode: "numeric",
        optional: true,
        unit: Some(word!(lang, common.won)),
        ..Field::default()
    };
    let short = |name, label, hint| Field {
        name,
        label,
        hint: Some(hint),
        inputmode: "decimal",
        optional: true,
        class: "input-short",
        ..Field::default()
    };
    let day = |name, label| Field {
        name,
        label,
        kind: "date",
        optional: true,
        ..Field::default()
    };
    view! {
        <fieldset class="fieldset">
            <legend>{word!(lang, programmes.only_sold)}</legend>
            <div class="stack">
                <div class="field-row">
                    {form.field(ctx, short("discount", word!(lang, programmes.discount_pct), word!(lang, programmes.discount_hint)))}
                    {form.field(ctx, short("refund", word!(lang, programmes.refund), word!(lang, programmes.refund_hint)))}
                </div>
                <div class="field-row">
                    {form.field(ctx, won("monthly_limit", word!(lang, programmes.monthly_limit), word!(lang, programmes.limit_hint)))}
                    {form.field(ctx, won("holding_limit", word!(lang, programmes.holding_limit), word!(lang, programmes.limit_hint)))}
                </div>
                {form.field(ctx, won("monthly_budget", word!(lang, programmes.monthly_budget), word!(lang, programmes.monthly_budget_hint)))}
                <div class="field-row">
                    {form.field(ctx, day("sale_from", word!(lang, programmes.sale_from)))}
                    {form.field(ctx, day("sale_until", word!(lang, programmes.sale_until)))}
                </div>
            </div>
        </fieldset>
    }
    .into_any()
}
