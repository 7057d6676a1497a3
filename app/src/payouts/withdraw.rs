//! `/admin/payouts/{id}/withdraw`: an approver takes an approval back, before its time or while it is being paid.
//!
//! A page of its own: the document of a payout under way is loaded anew every few seconds where there is no script,
//! and would lose what is being typed.

use ledger::{
    LedgerError, Refusal,
    payouts::{Payout, PayoutState},
};
use leptos::prelude::*;
use people::Role;

use super::{actions, document};
use crate::{
    door::{Answer, Ctx, Field, Form, Posted},
    shell::{self, Page},
    word, words,
};

/// Whether there is an approval to take back.
pub(super) fn may_be_withdrawn(payout: &Payout) -> bool {
    matches!(payout.state, PayoutState::Approved | PayoutState::Running)
}

/// GET `/admin/payouts/{id}/withdraw`.
pub async fn get(ctx: Ctx, id: String) -> Answer {
    let official = ctx.official(&[Role::Approver])?;
    let payout = document::find(&ctx, &official, &id).await?;
    if !may_be_withdrawn(&payout) {
        return Ok(shell::redirect(&ctx, &format!("/admin/payouts/{}", payout.id)));
    }
    Ok(show(&ctx, &payout, &Form::new()))
}

/// POST `/admin/payouts/{id}/withdraw`.
pub async fn post(posted: Posted, id: String) -> Answer {
    let Posted { ctx, mut form } = posted;
    let official = ctx.official(&[Role::Approver])?;
    let payout = document::find(&ctx, &official, &id).await?;
    let said = form.text(&ctx, "word", 2, 300);
    let Some(said) = said.filter(|_| !form.is_bad()) else {
        return Ok(show(&ctx, &payout, &form));
    };
    let done = ctx
        .house
        .ledger
        .withdraw_payout(official.municipality, payout.id, official.id, &said, ctx.at)
        .await;
    match done {
        Ok(now) => {
            let record = format!("payout/{}", payout.id);
            let detail = now
                .stopped_at_row
                .map_or(String::new(), |row| format!("row {row}"));
            ctx.audit(&official, "payout.withdraw", &record, &detail).await?;
            let told = word!(ctx.lang, approvals.was_withdrawn);
            Ok(shell::redirect_with(
                &ctx,
                &format!("/admin/payouts/{}", payout.id),
                &told,
            ))
        }
        Err(LedgerError::Refused(refusal)) => {
            let told = match &refusal {
                Refusal::PayoutState { state } => {
                    actions::what_happened(&ctx, &official, payout.id, *state).await?
                }
                other => words::refusal(ctx.lang, other),
            };
            form.fail("", told);
            let now = document::find(&ctx, &official, &id).await?;
            Ok(show(&ctx, &now, &form))
        }
        Err(other) => Err(other.into()),
    }
}

fn show(ctx: &Ctx, payout: &Payout, form: &Form) -> axum::response::Response {
    let lang = ctx.lang;
    let address = format!("/admin/payouts/{}", payout.id);
    let page = Page::new(word!(lang, approvals.withdraw_title))
        .narrow()
        .refused_if(form.is_bad());
    shell::page(ctx, page, || {
        let above = vec![
            ("/admin/payouts".to_owned(), word!(lang, payouts.title)),
            (address.clone(), payout.title.clone()),
        ];
        let field = Field {
            name: "word",
            label: word!(lang, approvals.withdraw_word),
            hint: Some(word!(lang, approvals.withdraw_hint)),
            long: true,
            ..Field::default()
        };
        let may = may_be_withdrawn(payout);
        let button = may.then(|| {
            view! { <button class="button button-danger" type="submit">{word!(lang, approvals.withdraw_it)}</button> }
        });
        view! {
            {shell::breadcrumb(word!(lang, payouts.way), above, word!(lang, approvals.withdraw))}
            {shell::page_head(word!(lang, approvals.withdraw_title), Some(word!(lang, approvals.withdraw_lead)), ())}
            <form class="form" method="post" novalidate=true>
                {form.hidden(ctx)}
                {form.summary(ctx)}
                {may.then(|| form.field(ctx, field))}
                <div class="form-actions">
                    {button}
                    <a class="button" href=address.clone()>{word!(lang, approvals.back)}</a>
                </div>
            </form>
        }
    })
}
