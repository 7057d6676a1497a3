//! What waits for this official: an approver's are those handed in, a clerk's those to hand in, those that
//! came back, and those that could not pay everybody.

use ledger::payouts::{Payout, PayoutState};
use leptos::prelude::*;
use people::Role;

use crate::{
    door::{Ctx, Official, PageError},
    payouts,
    shell::badge,
    word, words,
};

/// Payouts of one kind of waiting that are shown.
const SHOWN: i64 = 20;
/// How long what came back or failed is shown, in ms.
const RECENT_MS: i64 = 30 * 24 * 3600 * 1000;

/// One thing that waits, and why.
pub(super) struct Task {
    payout: Payout,
    why: String,
    who: String,
}

/// Everything that waits for the roles of this official.
pub(super) async fn tasks(ctx: &Ctx, official: &Official) -> Result<Vec<Task>, PageError> {
    let lang = ctx.lang;
    let names = payouts::staff_names(ctx, official).await?;
    let mut tasks = Vec::new();
    let mut states = Vec::new();
    if official.roles.has(Role::Approver) {
        states.push(PayoutState::Submitted);
    }
    if official.roles.has(Role::Clerk) {
        states.extend([PayoutState::Returned, PayoutState::Checked, PayoutState::Done]);
    }
    for state in states {
        let found = ctx
            .house
            .ledger
            .payouts(official.municipality, Some(state), None, SHOWN)
            .await?;
        for payout in found.payouts {
            let recent = ctx.at - payout.done_at.unwrap_or(payout.created_at) < RECENT_MS;
            let why = match state {
                PayoutState::Submitted if payout.may_be_approved_by(official.id) => {
                    word!(lang, desk.to_approve)
                }
                PayoutState::Returned if recent => word!(lang, desk.came_back),
                PayoutState::Checked => word!(lang, desk.to_submit),
                PayoutState::Done if recent && payout.failed_rows > 0 => {
                    word!(lang, desk.failed, rows = words::number(payout.failed_rows))
                }
                _ => continue,
            };
            let who = names.get(&payout.created_by).cloned().unwrap_or_default();
            tasks.push(Task { payout, why, who });
        }
    }
    Ok(tasks)
}

/// The list; or that nothing waits.
pub(super) fn view(ctx: &Ctx, tasks: Vec<Task>) -> AnyView {
    let lang = ctx.lang;
    let count = tasks.len();
    let lines: Vec<_> = tasks
        .into_iter()
        .map(|Task { payout, why, who }| {
            let amount = words::won(lang, payout.total_won);
            let meta = format!("{amount} · {who} · {}", words::when(lang, payout.created_at));
            view! {
                <li><a href=format!("/admin/payouts/{}", payout.id)>
                    <span class="task-title">{payout.title.clone()}</span>
                    {badge(payouts::tone(payout.state), why)}
                    <span class="task-meta">{meta}</span>
                </a></li>
            }
        })
        .collect();
    let body = if lines.is_empty() {
        view! { <p class="soft">{word!(lang, desk.nothing_waits)}</p> }.into_any()
    } else {
        view! { <ul class="tasks">{lines}</ul> }.into_any()
    };
    view! {
        <section class="section" aria-labelledby="waiting">
            <div class="section-head"><h2 id="waiting">{word!(lang, desk.waiting)}" "<span class="count">{words::number(count as i64)}</span></h2>
                <a href="/admin/payouts">{word!(lang, desk.all_payouts)}</a></div>
            {body}
        </section>
    }
    .into_any()
}
