//! `/admin/payouts/rules`: from which total on two must approve. Administrators set it, the whole desk sees it.

use std::collections::HashMap;

use ledger::{LedgerError, Programme, Refusal, payouts::PayoutRule};
use leptos::prelude::*;
use people::Role;

use super::list::staff_names;
use crate::{
    access::ANY_OFFICIAL,
    door::{Answer, Ctx, Field, Form, Official, Posted},
    shell::{self, Column, Page, Row, table},
    word, words,
};

/// In the form: the rule of all programmes.
const ALL: &str = "all";

/// GET `/admin/payouts/rules`.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(ANY_OFFICIAL)?;
    show(&ctx, &official, Form::new()).await
}

/// POST `/admin/payouts/rules`.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let official = ctx.official(&[Role::Administrator])?;
    let programme = match form.get("programme") {
        ALL => None,
        _ => form.id(&ctx, "programme"),
    };
    let two_from_won = if form.get("amount").trim().is_empty() {
        None
    } else {
        form.won(&ctx, "amount")
    };
    if form.is_bad() {
        return show(&ctx, &official, form).await;
    }
    let ledger = &ctx.house.ledger;
    let set = ledger
        .set_payout_rule(
            official.municipality,
            programme,
            two_from_won,
            official.id,
            ctx.at,
        )
        .await;
    match set {
        Ok(()) => {
            let record = programme.map_or("payout-rule/all".to_owned(), |id| format!("payout-rule/{id}"));
            let detail = two_from_won.map_or("one approver".to_owned(), |won| format!("two from {won}"));
            ctx.audit(&official, "payout.rule", &record, &detail).await?;
            let told = word!(ctx.lang, approvals.rule_saved);
            Ok(shell::redirect_with(&ctx, "/admin/payouts/rules", &told))
        }
        Err(LedgerError::Refused(refusal)) => {
            let field = match refusal {
                Refusal::UnknownProgramme => "programme",
                _ => "amount",
            };
            form.fail(field, words::refusal(ctx.lang, &refusal));
            show(&ctx, &official, form).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn show(ctx: &Ctx, official: &Official, form: Form) -> Answer {
    let lang = ctx.lang;
    let ledger = &ctx.house.ledger;
    let rules = ledger.payout_rules(official.municipality).await?;
    let programmes = ledger.programmes(official.municipality).await?;
    let names = staff_names(ctx, official).await?;
    let administrator = official.roles.has(Role::Administrator);
    let page = Page::new(word!(lang, approvals.rules)).refused_if(form.is_bad());
    Ok(shell::page(ctx, page, || {
        let above = vec![("/admin/payouts".to_owned(), word!(lang, payouts.title))];
        let below = if administrator {
            rule_form(ctx, &form, &programmes)
        } else {
            view! { <p class="soft">{word!(lang, approvals.rule_admin)}</p> }.into_any()
        };
        view! {
            {shell::breadcrumb(word!(lang, payouts.way), above, word!(lang, approvals.rules))}
            {shell::page_head(word!(lang, approvals.rules), Some(word!(lang, approvals.rules_lead)), ())}
            <div class="stack stack-l">
                {list(ctx, &rules, &programmes, &names)}
                {below}
            </div>
        }
    }))
}

fn list(ctx: &Ctx, rules: &[PayoutRule], programmes: &[Programme], names: &HashMap<i64, String>) -> AnyView {
    let lang = ctx.lang;
    if rules.is_empty() {
        return view! { <p>{word!(lang, approvals.rules_none)}</p> }.into_any();
    }
    let columns = vec![
        Column::text(word!(lang, approvals.rule_programme)),
        Column::number(word!(lang, approvals.rule_from)),
        Column::text(word!(lang, approvals.rule_by)),
        Column::text(word!(lang, approvals.rule_at)),
    ];
    let rows = rules
        .iter()
        .map(|rule| {
            let of = rule
                .programme
                .and_then(|id| programmes.iter().find(|one| one.id == id));
            let programme = of.map_or_else(
                || word!(lang, approvals.rule_all),
                |one| words::named(lang, &one.name, &one.name_en).to_owned(),
            );
            let from = rule.two_from_won.map_or_else(
                || word!(lang, approvals.rule_one),
                |from_won| words::won(lang, from_won),
            );
            Row::of(programme)
                .and(from)
                .and(names.get(&rule.by).cloned().unwrap_or_default())
                .and(view! { <span class="nowrap">{words::when(lang, rule.at)}</span> })
        })
        .collect();
    table("rules", word!(lang, approvals.rules_caption), columns, rows)
}

fn rule_form(ctx: &Ctx, form: &Form, programmes: &[Programme]) -> AnyView {
    let lang = ctx.lang;
    let mut choices = vec![(ALL.to_owned(), word!(lang, approvals.rule_all))];
    choices.extend(programmes.iter().map(|one| {
        (
            one.id.to_string(),
            words::named(lang, &one.name, &one.name_en).to_owned(),
        )
    }));
    let programme = Field {
        name: "programme",
        label: word!(lang, approvals.rule_programme),
        hint: Some(word!(lang, approvals.rule_programme_hint)),
        choices,
        ..Field::default()
    };
    let amount = Field {
        name: "amount",
        label: word!(lang, approvals.rule_amount),
        hint: Some(word!(lang, approvals.rule_amount_hint)),
        autocomplete: "off",
        inputmode: "numeric",
        optional: true,
        unit: Some(word!(lang, common.won)),
        ..Field::default()
    };
    view! {
        <section class="section stack" aria-labelledby="set">
            <div class="section-head"><h2 id="set">{word!(lang, approvals.rule_set)}</h2></div>
            <form class="form" method="post" novalidate=true>
                {form.hidden(ctx)}
                {form.summary(ctx)}
                {form.field(ctx, programme)}
                {form.field(ctx, amount)}
                <div class="form-actions">
                    <button class="button button-primary" type="submit">{word!(lang, approvals.rule_save)}</button>
                </div>
            </form>
        </section>
    }
    .into_any()
}
