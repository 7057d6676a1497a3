//! The parts of a payout's document: the way it has gone, what may be done now, what happened.

use std::collections::HashMap;

use ledger::payouts::{Payout, PayoutEvent, PayoutKind, PayoutState, Repeat};
use leptos::prelude::*;
use people::Role;

use super::{
    PayoutProgress, ProgressNow, document::why_not_approve, repeats, said, schedule,
    withdraw::may_be_withdrawn,
};
use crate::{
    door::{Ctx, Field, Form, Official},
    shell::{self, badge},
    word, words,
};

/// What happened, and the names of those who did it.
pub(super) struct Known {
    /// Oldest first.
    pub(super) events: Vec<PayoutEvent>,
    /// By staff id.
    pub(super) names: HashMap<i64, String>,
    /// Whether two must approve it.
    pub(super) needs_two: bool,
    /// Whom it shares with payouts before it.
    pub(super) repeats: Vec<Repeat>,
}

impl Known {
    pub(super) fn who(&self, ctx: &Ctx, by: i64) -> String {
        self.names
            .get(&by)
            .cloned()
            .unwrap_or_else(|| word!(ctx.lang, payouts.program))
    }
}

const WAY: [PayoutState; 5] = [
    PayoutState::Checked,
    PayoutState::Submitted,
    PayoutState::Approved,
    PayoutState::Running,
    PayoutState::Done,
];

/// The way from check to result: what is done, by whom, and what comes next.
pub(super) fn stepper(ctx: &Ctx, payout: &Payout, known: &Known) -> AnyView {
    let lang = ctx.lang;
    let ended = matches!(payout.state, PayoutState::Returned | PayoutState::Cancelled);
    let mut steps: Vec<AnyView> = Vec::new();
    let mut next_is_current = !ended;
    for state in WAY {
        let event = known.events.iter().find(|event| event.state == state);
        let place = match event {
            Some(_) if state == PayoutState::Running && payout.state == PayoutState::Running => {
                next_is_current = false;
                "current"
            }
            Some(_) => "done",
            None if next_is_current => {
                next_is_current = false;
                "current"
            }
            None if ended => continue,
            None => "todo",
        };
        let note = event.map(|event| note(ctx, known, event));
        steps.push(step(ctx, place, step_name(ctx, state), note));
    }
    if ended
        && let Some(event) = known
            .events
            .iter()
            .rev()
            .find(|event| event.state == payout.state)
    {
        steps.push(step(
            ctx,
            "failed",
            said::state(lang, payout.state),
            Some(note(ctx, known, event)),
        ));
    }
    view! { <ol class="stepper" aria-label=word!(lang, payouts.way_of_payout)>{steps}</ol> }.into_any()
}

fn step_name(ctx: &Ctx, state: PayoutState) -> String {
    let lang = ctx.lang;
    match state {
        PayoutState::Checked => word!(lang, payouts.step_checked),
        PayoutState::Submitted => word!(lang, payouts.step_submitted),
        PayoutState::Approved => word!(lang, payouts.step_approved),
        PayoutState::Running => word!(lang, payouts.step_running),
        _ => word!(lang, payouts.step_done),
    }
}

fn note(ctx: &Ctx, known: &Known, event: &PayoutEvent) -> String {
    let when = format!(
        "{} {}",
        words::month_day(ctx.lang, event.at),
        words::time(event.at)
    );
    if event.by == 0 {
        when
    } else {
        format!("{when} {}", known.who(ctx, event.by))
    }
}

fn step(ctx: &Ctx, place: &'static str, name: String, note: Option<String>) -> AnyView {
    let lang = ctx.lang;
    let heard = match place {
        "done" => Some(word!(lang, payouts.heard_done)),
        "failed" => Some(word!(lang, payouts.heard_failed)),
        _ => None,
    };
    let current = (place == "current").then_some("step");
    view! {
        <li data-state=place aria-current=current>
            <span class="stepper-name">{name}{heard.map(|heard| view! { " "<span class="visually-hidden">{heard}</span> })}</span>
            {note.map(|note| view! { <span class="stepper-note">{note}</span> })}
        </li>
    }
    .into_any()
}

/// The live progress of a payout under way.
pub(super) fn progress(ctx: &Ctx, payout: &Payout, start: ProgressNow) -> AnyView {
    let lang = ctx.lang;
    let address = format!("/admin/payouts/{}/progress", payout.id);
    view! {
        <section class="section" aria-labelledby="under-way">
            <div class="section-head"><h2 id="under-way">{word!(lang, payouts.paying)}</h2></div>
            <PayoutProgress address=address start=start label=word!(lang, payouts.paying)
                waiting=word!(lang, payouts.paying_away) />
            <p class="soft">{word!(lang, payouts.paying_text)}</p>
        </section>
    }
    .into_any()
}

/// What this official may do with it now, or why not.
pub(super) fn actions(
    ctx: &Ctx,
    official: &Official,
    payout: &Payout,
    known: &Known,
    form: &Form,
) -> Option<AnyView> {
    let lang = ctx.lang;
    let clerk = official.roles.has(Role::Clerk);
    let approver = official.roles.has(Role::Approver);
    let undecided = repeats::is_undecided(payout, &known.repeats);
    let decide_first = undecided.then(|| shell::notice("info", None, word!(lang, repeats.repeats_first)));
    let ready = payout.state == PayoutState::Checked && payout.open_rows() > 0 && !undecided;
    let submit = (clerk && ready).then(|| {
        let text = word!(lang, payouts.submit_text);
        deed(
            ctx,
            payout,
            "submit",
            Some(text),
            schedule::fields(ctx, form),
            word!(lang, payouts.submit),
        )
    });
    let approve = (approver
        && payout.state == PayoutState::Submitted
        && payout.may_be_approved_by(official.id))
    .then(|| {
        let amount = words::won(lang, payout.total_won);
        let first = known.needs_two && payout.first_approved_by.is_none();
        let (text, label) = if first && payout.kind == PayoutKind::Budget {
            (
                word!(lang, approvals.approve_first_text),
                word!(lang, approvals.approve_first_budget, amount = amount),
            )
        } else if first {
            let rows = words::number(payout.open_rows());
            (
                word!(lang, approvals.approve_first_text),
                word!(lang, approvals.approve_first, rows = rows, amount = amount),
            )
        } else if payout.kind == PayoutKind::Budget {
            (
                word!(lang, payouts.approve_budget_text),
                word!(lang, payouts.approve_budget, amount = amount),
            )
        } else {
            let rows = words::number(payout.open_rows());
            (
                word!(lang, payouts.approve_text),
                word!(lang, payouts.approve, rows = rows, amount = amount),
            )
        };
        deed(ctx, payout, "approve", Some(text), ().into_any(), label)
    });
    let send_back =
        (approver && payout.state == PayoutState::Submitted).then(|| return_form(ctx, payout, form));
    let open = matches!(
        payout.state,
        PayoutState::Draft | PayoutState::Checked | PayoutState::Submitted
    );
    let cancel = ((clerk || approver) && open).then(|| cancel_form(ctx, payout, form));
    let told = why_not_approve(ctx, official, payout).map(|why| shell::notice("info", None, why));
    let two = two_told(ctx, payout, known).map(|text| shell::notice("info", None, text));
    let withdraw = (approver && may_be_withdrawn(payout)).then(|| {
        let address = format!("/admin/payouts/{}/withdraw", payout.id);
        view! { <p><a class="button" href=address>{word!(lang, approvals.withdraw)}</a></p> }.into_any()
    });
    let parts = [
        two,
        told,
        decide_first,
        submit,
        approve,
        send_back,
        cancel,
        withdraw,
    ];
    if parts.iter().all(Option::is_none) {
        return None;
    }
    let parts: Vec<AnyView> = parts.into_iter().flatten().collect();
    let view = view! {
        <section class="section stack" aria-labelledby="actions">
            <div class="section-head"><h2 id="actions">{word!(lang, payouts.actions)}</h2></div>
            {parts}
        </section>
    };
    Some(view.into_any())
}

/// That two must approve it, and who was the first.
fn two_told(ctx: &Ctx, payout: &Payout, known: &Known) -> Option<String> {
    let lang = ctx.lang;
    if payout.state != PayoutState::Submitted {
        return None;
    }
    match payout.first_approved_by {
        Some(by) => Some(word!(lang, approvals.has_first, who = known.who(ctx, by))),
        None => known.needs_two.then(|| word!(lang, approvals.needs_two)),
    }
}

fn deed(
    ctx: &Ctx,
    payout: &Payout,
    what: &'static str,
    text: Option<String>,
    fields: AnyView,
    label: String,
) -> AnyView {
    view! {
        <form class="form form-wide" method="post" action=format!("/admin/payouts/{}/{what}", payout.id)>
            {Form::new().hidden(ctx)}
            {text.map(|text| view! { <p>{text}</p> })}
            {fields}
            <div class="form-actions"><button class="button button-primary" type="submit">{label}</button></div>
        </form>
    }
    .into_any()
}

/// A form folded away until it is wanted; open where something was wrong in it.
fn folded(
    ctx: &Ctx,
    payout: &Payout,
    what: &'static str,
    title: String,
    open: bool,
    field: AnyView,
    label: String,
) -> AnyView {
    view! {
        <details class="details" open=open>
            <summary>{title}</summary>
            <div class="details-body">
                <form class="form" method="post" action=format!("/admin/payouts/{}/{what}", payout.id) novalidate=true>
                    {Form::new().hidden(ctx)}
                    {field}
                    <div class="form-actions"><button class="button button-danger" type="submit">{label}</button></div>
                </form>
            </div>
        </details>
    }
    .into_any()
}

fn return_form(ctx: &Ctx, payout: &Payout, form: &Form) -> AnyView {
    let lang = ctx.lang;
    let field = form.field(
        ctx,
        Field {
            name: "word",
            label: word!(lang, payouts.return_word),
            hint: Some(word!(lang, payouts.return_hint)),
            long: true,
            ..Field::default()
        },
    );
    let open = form.error("word").is_some();
    folded(
        ctx,
        payout,
        "return",
        word!(lang, payouts.return_title),
        open,
        field,
        word!(lang, payouts.return_it),
    )
}

fn cancel_form(ctx: &Ctx, payout: &Payout, form: &Form) -> AnyView {
    let lang = ctx.lang;
    let field = form.field(
        ctx,
        Field {
            name: "why",
            label: word!(lang, payouts.cancel_word),
            hint: Some(word!(lang, payouts.cancel_hint)),
            optional: true,
            long: true,
            ..Field::default()
        },
    );
    let open = form.error("why").is_some();
    folded(
        ctx,
        payout,
        "cancel",
        word!(lang, payouts.cancel_title),
        open,
        field,
        word!(lang, payouts.cancel_it),
    )
}

/// Who did what, when, and with which word.
pub(super) fn history(ctx: &Ctx, payout: &Payout, known: &Known) -> AnyView {
    let lang = ctx.lang;
    let lines: Vec<_> = known
        .events
        .iter()
        .map(|event| {
            let word = (!event.word.is_empty()).then(|| view! { <p>{event.word.clone()}</p> });
            view! {
                <li>
                    <p class="cluster">
                        {badge(said::tone(event.state), said::state(lang, event.state))}
                        <span class="strong">{known.who(ctx, event.by)}</span>
                        <span class="soft nowrap">{words::when(lang, event.at)}</span>
                    </p>
                    {word}
                </li>
            }
        })
        .collect();
    let file = (!payout.file_name.is_empty()).then(|| {
        view! { <div><dt>{word!(lang, payouts.file)}</dt><dd>{payout.file_name.clone()}</dd></div> }
    });
    let hash = (!payout.content_hash.is_empty()).then(|| {
        let short: String = payout.content_hash.chars().take(16).collect();
        view! { <div><dt>{word!(lang, payouts.content)}</dt><dd><code>{short}</code></dd></div> }
    });
    view! {
        <section class="section stack" aria-labelledby="history">
            <div class="section-head"><h2 id="history">{word!(lang, payouts.history)}</h2></div>
            <ol class="stack stack-s">{lines}</ol>
            <dl class="facts">{file}{hash}{repeats::earlier(ctx, payout)}</dl>
        </section>
    }
    .into_any()
}
