//! `/admin/payouts`: every payout of this municipality, newest first.

use std::collections::HashMap;

use ledger::payouts::{Payout, PayoutState};
use leptos::prelude::*;
use people::Role;

use super::said;
use crate::{
    access::ANY_OFFICIAL,
    door::{Answer, Ctx, Official, PageError},
    shell::{self, Column, Page, Row, badge, table},
    word, words,
};

/// Payouts on one page.
const PER_PAGE: i64 = 30;
/// The states that can be asked for, in the order of the way.
const TABS: [PayoutState; 7] = [
    PayoutState::Checked,
    PayoutState::Submitted,
    PayoutState::Approved,
    PayoutState::Running,
    PayoutState::Done,
    PayoutState::Returned,
    PayoutState::Cancelled,
];

/// Names of the staff, by their id; of those who are gone too.
pub async fn staff_names(ctx: &Ctx, official: &Official) -> Result<HashMap<i64, String>, PageError> {
    let staff = ctx.house.people.staff(official.municipality).await?;
    Ok(staff.into_iter().map(|one| (one.id, one.name)).collect())
}

/// GET `/admin/payouts`.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(ANY_OFFICIAL)?;
    let lang = ctx.lang;
    let asked = ctx.asked();
    let state = PayoutState::from_code(asked.get("state"));
    let before = asked.get("before").parse().ok();
    let found = ctx
        .house
        .ledger
        .payouts(official.municipality, state, before, PER_PAGE)
        .await?;
    let programmes = ctx.house.ledger.programmes(official.municipality).await?;
    let programmes: HashMap<i64, String> = programmes
        .into_iter()
        .map(|one| (one.id, words::named(lang, &one.name, &one.name_en).to_owned()))
        .collect();
    let names = staff_names(&ctx, &official).await?;
    let clerk = official.roles.has(Role::Clerk);
    Ok(shell::page(
        &ctx,
        Page::new(word!(lang, payouts.title)).wide(),
        || {
            let new = clerk.then(|| {
                view! { <a class="button button-primary" href="/admin/payouts/new">{word!(lang, payouts.new)}</a> }
            });
            let actions = view! {
                <div class="button-row">
                    <a class="button" href="/admin/payouts/rules">{word!(lang, approvals.rules)}</a>
                    {new}
                </div>
            };
            let body = if found.payouts.is_empty() {
                let text = if clerk {
                    word!(lang, payouts.none_yet)
                } else {
                    word!(lang, payouts.none_yet_ask)
                };
                let action = clerk.then(|| ("/admin/payouts/new", word!(lang, payouts.new)));
                shell::empty("people", word!(lang, payouts.none), text, action)
            } else {
                list(&ctx, &found.payouts, &programmes, &names)
            };
            let next = found.next.map(|id| ctx.here_with("before", &id.to_string()));
            view! {
                {shell::page_head(word!(lang, payouts.title), Some(word!(lang, payouts.lead)), actions)}
                {tabs(&ctx, state)}
                {body}
                {next.map(|next| view! {
                    <nav class="pagination" aria-label=word!(lang, common.pages)><a href=next rel="next">{word!(lang, payouts.older)}</a></nav>
                })}
            }
        },
    ))
}

fn tabs(ctx: &Ctx, state: Option<PayoutState>) -> AnyView {
    let lang = ctx.lang;
    let tab = |href: String, label: String, here: bool| {
        view! { <a href=href aria-current=here.then_some("page")>{label}</a> }
    };
    let all = tab(
        "/admin/payouts".to_owned(),
        word!(lang, common.all),
        state.is_none(),
    );
    let states: Vec<_> = TABS
        .into_iter()
        .map(|one| {
            tab(
                format!("/admin/payouts?state={}", one.code()),
                said::state(lang, one),
                state == Some(one),
            )
        })
        .collect();
    view! { <nav class="tabs" aria-label=word!(lang, payouts.state)>{all}{states}</nav> }.into_any()
}

fn list(
    ctx: &Ctx,
    found: &[Payout],
    programmes: &HashMap<i64, String>,
    names: &HashMap<i64, String>,
) -> AnyView {
    let lang = ctx.lang;
    let columns = vec![
        Column::text(word!(lang, payouts.name)),
        Column::text(word!(lang, payouts.kind)),
        Column::text(word!(lang, payouts.programme)),
        Column::number(word!(lang, payouts.people)),
        Column::number(word!(lang, payouts.total)),
        Column::text(word!(lang, payouts.state)),
        Column::text(word!(lang, payouts.made_by)),
        Column::text(word!(lang, payouts.made_at)),
    ];
    let rows = found
        .iter()
        .map(|payout| {
            let people = if payout.kind == ledger::payouts::PayoutKind::Budget {
                "–".to_owned()
            } else {
                words::number(payout.ok_rows)
            };
            Row::of(view! { <a href=format!("/admin/payouts/{}", payout.id)>{payout.title.clone()}</a> })
                .and(said::kind(lang, payout.kind))
                .and(programmes.get(&payout.programme).cloned().unwrap_or_default())
                .and(people)
                .and(words::won(lang, payout.total_won))
                .and(badge(said::tone(payout.state), said::state(lang, payout.state)))
                .and(
                    names
                        .get(&payout.created_by)
                        .cloned()
                        .unwrap_or_else(|| word!(lang, payouts.program)),
                )
                .and(view! { <span class="nowrap">{words::when(lang, payout.created_at)}</span> })
        })
        .collect();
    table("payouts", word!(lang, payouts.caption), columns, rows)
}
