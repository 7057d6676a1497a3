//! People of a roster whom its programme has paid before: shown, with the decision that an official takes of them.
//! And what was not paid, made into a payout of its own.

use ledger::{
    LedgerError, Refusal,
    payouts::{Payout, PayoutKind, PayoutState, Repeat, RepeatsDecision},
};
use leptos::prelude::*;
use people::Role;

use super::{actions, document, said};
use crate::{
    door::{Answer, Choice, Ctx, Form, Official, Posted},
    shell::{self, Column, Row, badge, table},
    word, words,
};

/// POST `/admin/payouts/{id}/repeats`.
pub async fn post(posted: Posted, id: String) -> Answer {
    let Posted { ctx, mut form } = posted;
    let official = ctx.official(&[Role::Clerk])?;
    let payout = document::find(&ctx, &official, &id).await?;
    let address = format!("/admin/payouts/{}", payout.id);
    let decision = RepeatsDecision::from_code(form.get("repeats"));
    if decision.is_none() {
        form.fail("repeats", word!(ctx.lang, errors.choose));
    }
    let Some(decision) = decision.filter(|_| !form.is_bad()) else {
        return document::show(&ctx, &official, payout, form).await;
    };
    if payout.repeats_decision == Some(decision) {
        return Ok(shell::redirect(&ctx, &address));
    }
    let done = ctx
        .house
        .ledger
        .decide_repeats(official.municipality, payout.id, decision, official.id, ctx.at)
        .await;
    match done {
        Ok(_) => {
            let record = format!("payout/{}", payout.id);
            ctx.audit(&official, "payout.repeats", &record, decision.code())
                .await?;
            let told = word!(ctx.lang, repeats.was_decided);
            Ok(shell::redirect_with(&ctx, &address, &told))
        }
        Err(error) => refused(&ctx, &official, &id, form, error).await,
    }
}

/// POST `/admin/payouts/{id}/rest`.
pub async fn post_rest(posted: Posted, id: String) -> Answer {
    let Posted { ctx, form } = posted;
    let official = ctx.official(&[Role::Clerk])?;
    let payout = document::find(&ctx, &official, &id).await?;
    if form.is_bad() {
        return document::show(&ctx, &official, payout, form).await;
    }
    let title = word!(ctx.lang, repeats.rest_title, title = payout.title.clone());
    let title: String = title.chars().take(200).collect();
    let made = ctx
        .house
        .ledger
        .pay_the_rest(official.municipality, payout.id, &title, official.id, ctx.at)
        .await;
    match made {
        Ok(made) => {
            let record = format!("payout/{}", made.id);
            let detail = format!("rest of payout/{}", payout.id);
            ctx.audit(&official, "payout.create", &record, &detail).await?;
            let told = word!(ctx.lang, repeats.rest_made);
            Ok(shell::redirect_with(
                &ctx,
                &format!("/admin/payouts/{}", made.id),
                &told,
            ))
        }
        Err(error) => refused(&ctx, &official, &id, form, error).await,
    }
}

async fn refused(ctx: &Ctx, official: &Official, id: &str, mut form: Form, error: LedgerError) -> Answer {
    let LedgerError::Refused(refusal) = error else {
        return Err(error.into());
    };
    let now = document::find(ctx, official, id).await?;
    let told = match &refusal {
        Refusal::PayoutState { state } => actions::what_happened(ctx, official, now.id, *state).await?,
        other => words::refusal(ctx.lang, other),
    };
    form.fail("", told);
    document::show(ctx, official, now, form).await
}

/// Whether somebody must decide before it can be handed in.
pub(super) fn is_undecided(payout: &Payout, repeats: &[Repeat]) -> bool {
    payout.state == PayoutState::Checked && payout.repeats_decision.is_none() && !repeats.is_empty()
}

/// Whom it shares with which payouts before it, and the choice.
pub(super) fn view(
    ctx: &Ctx,
    official: &Official,
    payout: &Payout,
    repeats: &[Repeat],
    form: &Form,
) -> Option<AnyView> {
    let lang = ctx.lang;
    if repeats.is_empty() {
        return None;
    }
    let columns = vec![
        Column::text(word!(lang, payouts.name)),
        Column::number(word!(lang, repeats.repeats_people)),
        Column::text(word!(lang, payouts.state)),
    ];
    let rows = repeats
        .iter()
        .map(|one| {
            Row::of(view! { <a href=format!("/admin/payouts/{}", one.earlier)>{one.title.clone()}</a> })
                .and(words::number(one.people))
                .and(badge(said::tone(one.state), said::state(lang, one.state)))
        })
        .collect();
    let choice = (is_undecided(payout, repeats) && official.roles.has(Role::Clerk)).then(|| {
        let choice = |decision: RepeatsDecision, label: String, hint: String| Choice {
            value: decision.code().to_owned(),
            label,
            hint,
        };
        let choices = vec![
            choice(
                RepeatsDecision::Pay,
                word!(lang, repeats.repeats_pay),
                word!(lang, repeats.repeats_pay_hint),
            ),
            choice(
                RepeatsDecision::LeaveOut,
                word!(lang, repeats.repeats_leave),
                word!(lang, repeats.repeats_leave_hint),
            ),
        ];
        view! {
            <form class="form form-wide" method="post" action=format!("/admin/payouts/{}/repeats", payout.id) novalidate=true>
                {Form::new().hidden(ctx)}
                {form.radios("repeats", word!(lang, repeats.repeats_choice), choices)}
                <div class="form-actions">
                    <button class="button button-primary" type="submit">{word!(lang, repeats.repeats_decide)}</button>
                </div>
            </form>
        }
    });
    let decided = payout.repeats_decision.map(|decision| {
        let said = match decision {
            RepeatsDecision::Pay => word!(lang, repeats.repeats_pay),
            RepeatsDecision::LeaveOut => word!(lang, repeats.repeats_leave),
        };
        shell::notice("info", None, said)
    });
    let view = view! {
        <section class="section stack" aria-labelledby="repeats">
            <div class="section-head"><h2 id="repeats">{word!(lang, repeats.repeats)}</h2></div>
            <p>{word!(lang, repeats.repeats_text)}</p>
            {table("repeats-table", word!(lang, repeats.repeats_caption), columns, rows)}
            {decided}
            {choice}
        </section>
    };
    Some(view.into_any())
}

/// The way to pay what an ended payout did not.
pub(super) fn rest(ctx: &Ctx, official: &Official, payout: &Payout) -> Option<AnyView> {
    let lang = ctx.lang;
    let open = payout.state == PayoutState::Done
        && payout.failed_rows > 0
        && payout.kind != PayoutKind::Budget
        && official.roles.has(Role::Clerk);
    open.then(|| {
        let rows = words::number(payout.failed_rows);
        view! {
            <section class="section stack" aria-labelledby="rest">
                <div class="section-head"><h2 id="rest">{word!(lang, repeats.rest)}</h2></div>
                <form class="form form-wide" method="post" action=format!("/admin/payouts/{}/rest", payout.id)>
                    {Form::new().hidden(ctx)}
                    <p>{word!(lang, repeats.rest_text, rows = rows)}</p>
                    <div class="form-actions">
                        <button class="button button-primary" type="submit">{word!(lang, repeats.rest_it)}</button>
                    </div>
                </form>
            </section>
        }
        .into_any()
    })
}

/// The payouts that this one goes on from, as facts with links.
pub(super) fn earlier(ctx: &Ctx, payout: &Payout) -> AnyView {
    let lang = ctx.lang;
    let fact = |label: String, id: i64| {
        view! {
            <div><dt>{label}</dt><dd><a href=format!("/admin/payouts/{id}")>{word!(lang, repeats.see)}</a></dd></div>
        }
    };
    view! {
        {payout.rest_of.map(|id| fact(word!(lang, repeats.rest_of), id))}
        {payout.file_again_of.map(|id| fact(word!(lang, repeats.again_of), id))}
    }
    .into_any()
}
