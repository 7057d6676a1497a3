//! The changes of a programme's terms: those that hold, those to come, those withdrawn.

use ledger::{Change, Programme, ProgrammeKind, Terms};
use leptos::prelude::*;

use super::rules;
use crate::{
    door::{Answer, Ctx, Form, Official, PageError},
    shell::{self, badge},
    word,
    words::{self, Lang},
};

/// What terms say: (name, value), in one order for all of them, so that two can be held side by side.
pub(super) fn said(lang: Lang, kind: ProgrammeKind, terms: &Terms) -> Vec<(String, String)> {
    let mut list = vec![(word!(lang, programmes.expiry), rules::expiry(lang, terms.expiry))];
    if kind == ProgrammeKind::Sold {
        list.extend([
            (
                word!(lang, programmes.discount),
                words::percent(terms.discount_bp),
            ),
            (
                word!(lang, programmes.monthly_limit),
                rules::limit(lang, terms.monthly_limit_won),
            ),
            (
                word!(lang, programmes.holding_limit),
                rules::limit(lang, terms.holding_limit_won),
            ),
            (
                word!(lang, programmes.monthly_budget),
                rules::limit(lang, terms.monthly_budget_won),
            ),
            (
                word!(lang, programmes.refund),
                format!("{}%", terms.refund_threshold_pct),
            ),
            (
                word!(lang, programmes.sale),
                rules::sale(lang, terms.sale_from, terms.sale_until),
            ),
        ]);
    }
    list
}

fn state(lang: Lang, change: &Change, in_force: Option<i64>, at: i64) -> AnyView {
    if change.withdrawn_at.is_some() {
        badge("neutral", word!(lang, programmes.change_withdrawn))
    } else if change.effective_at > at {
        badge("info", word!(lang, programmes.change_to_come))
    } else if in_force == Some(change.id) {
        badge("success", word!(lang, programmes.change_holds))
    } else {
        badge("neutral", word!(lang, programmes.change_past))
    }
}

/// The section of a programme's page.
pub(super) fn view(ctx: &Ctx, programme: &Programme, list: &[Change], clerk: bool) -> AnyView {
    let lang = ctx.lang;
    // The list has the latest first.
    let in_force = list
        .iter()
        .find(|change| change.withdrawn_at.is_none() && change.effective_at <= ctx.at)
        .map(|change| change.id);
    let lines: Vec<_> = list
        .iter()
        .map(|change| {
            let facts: Vec<_> = said(lang, programme.kind, &change.terms)
                .into_iter()
                .map(|(term, value)| view! { <div><dt>{term}</dt><dd>{value}</dd></div> })
                .collect();
            let from = word!(
                lang,
                programmes.change_from,
                when = words::when(lang, change.effective_at)
            );
            let withdraw = (clerk && change.withdrawn_at.is_none() && change.effective_at > ctx.at).then(|| {
                view! {
                    <form method="post">
                        {Form::new().hidden(ctx)}
                        <input type="hidden" name="change" value=change.id.to_string() />
                        <button class="button button-s" type="submit" name="do" value="withdraw">{word!(lang, programmes.change_withdraw)}</button>
                    </form>
                }
            });
            view! {
                <li class="card">
                    <div class="card-head"><h3 class="card-title">{from}</h3>{state(lang, change, in_force, ctx.at)}</div>
                    <p class="soft">{change.reason.clone()}</p>
                    <details class="details"><summary>{word!(lang, programmes.change_terms)}</summary>
                        <div class="details-body"><dl class="facts">{facts}</dl></div></details>
                    {withdraw}
                </li>
            }
        })
        .collect();
    let body = if lines.is_empty() {
        view! { <p class="soft">{word!(lang, programmes.changes_none)}</p> }.into_any()
    } else {
        view! { <ul class="stack">{lines}</ul> }.into_any()
    };
    let change = clerk.then(|| {
        let href = format!("/admin/programmes/{}/change", programme.id);
        view! { <a class="button button-s" href=href>{word!(lang, programmes.change)}</a> }
    });
    view! {
        <section class="section" aria-labelledby="changes">
            <div class="section-head"><h2 id="changes">{word!(lang, programmes.changes)}</h2>{change}</div>
            <p class="soft">{word!(lang, programmes.changes_lead)}</p>
            {body}
        </section>
    }
    .into_any()
}

/// Withdraws a change that does not hold yet.
pub(super) async fn withdraw(ctx: &Ctx, official: &Official, programme: &Programme, form: &Form) -> Answer {
    let lang = ctx.lang;
    let change: i64 = form.get("change").parse().map_err(|_| PageError::NotFound)?;
    let done = ctx
        .house
        .ledger
        .withdraw_change(official.municipality, programme.id, change, ctx.at)
        .await?;
    let said = if done {
        ctx.audit(
            official,
            "programme.change.withdraw",
            &format!("programme/{}", programme.id),
            &change.to_string(),
        )
        .await?;
        word!(lang, programmes.change_was_withdrawn)
    } else {
        word!(lang, programmes.change_too_late)
    };
    Ok(shell::redirect_with(
        ctx,
        &format!("/admin/programmes/{}", programme.id),
        &said,
    ))
}
