//! `/security`: how staff sign in: second factor, recovery codes, password, and who came in or tried to.

mod history;

use axum::http::StatusCode;
use leptos::prelude::*;
use people::{SecondFactorState, SignIn};

use crate::{
    access::ANY_STAFF,
    door::{Answer, Ctx, Field, Form, Posted},
    second_factor,
    shell::{self, Page},
    word, words,
};

pub(crate) use history::table as history_table;

/// Lines of the history.
pub(crate) const HISTORY: i64 = 100;

/// GET `/security`.
pub async fn get(ctx: Ctx) -> Answer {
    ctx.official(ANY_STAFF)?;
    show(&ctx, Form::new(), StatusCode::OK, None).await
}

/// POST `/security`: new recovery codes for the old ones.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    ctx.official(ANY_STAFF)?;
    let session = ctx.signed_in()?;
    let code = form.text(&ctx, "code", 1, 40);
    let Some(code) = code.filter(|_| !form.is_bad()) else {
        return show(&ctx, form, StatusCode::UNPROCESSABLE_ENTITY, None).await;
    };
    match ctx
        .house
        .people
        .new_recovery_codes(session, &code, &ctx.client, ctx.at)
        .await
    {
        // Shown once, on this page alone.
        Ok(codes) => show(&ctx, Form::new(), StatusCode::OK, Some(codes)).await,
        Err(refused) => {
            let (status, _) = second_factor::say(&ctx, &mut form, refused)?;
            form.set("code", "");
            show(&ctx, form, status, None).await
        }
    }
}

async fn show(ctx: &Ctx, form: Form, status: StatusCode, codes: Option<Vec<String>>) -> Answer {
    let official = ctx.official(ANY_STAFF)?;
    let session = ctx.signed_in()?;
    let people = &ctx.house.people;
    let state = match people.second_factor_state(session).await {
        Ok(state) => state,
        Err(error) => return Err(crate::door::PageError::inside(error)),
    };
    let tries = people
        .sign_ins(official.municipality, official.id, HISTORY)
        .await?;
    let lang = ctx.lang;
    let mut page = Page::new(word!(lang, security.title));
    page.status = status;
    Ok(shell::page(ctx, page, || {
        let password = view! { <a class="button" href="/password">{word!(lang, security.password)}</a> };
        let minutes = people.policy().staff_idle_ms / 60_000;
        view! {
            {shell::page_head(word!(lang, security.title), Some(word!(lang, security.lead, minutes = minutes)), password)}
            <div class="stack stack-l">
                {factor(ctx, &form, state, codes)}
                {history(ctx, &tries)}
            </div>
        }
    }))
}

fn factor(ctx: &Ctx, form: &Form, state: SecondFactorState, codes: Option<Vec<String>>) -> AnyView {
    let lang = ctx.lang;
    let body = match state.set_up_at {
        None => view! {
            {shell::notice("info", None, word!(lang, second_factor.demo))}
            <p class="button-row">
                <a class="button button-primary" href="/second-factor?next=/security">{word!(lang, second_factor.set_up)}</a>
            </p>
        }
        .into_any(),
        Some(at) => view! {
            <dl class="facts">
                <div><dt>{word!(lang, security.since)}</dt><dd>{words::when(lang, at)}</dd></div>
                <div><dt>{word!(lang, security.codes_left)}</dt><dd class="num">{state.recovery_left.to_string()}</dd></div>
            </dl>
            {codes.map(|codes| second_factor::recovery_codes(ctx, codes))}
            <form class="form" method="post" action="/security" novalidate=true>
                {form.summary(ctx)}
                {form.hidden(ctx)}
                {form.field(ctx, Field {
                    name: "code",
                    label: word!(lang, second_factor.first_code),
                    hint: Some(word!(lang, security.new_codes_hint)),
                    autocomplete: "one-time-code",
                    inputmode: "numeric",
                    class: "input-code",
                    ..Field::default()
                })}
                <div class="form-actions">
                    <button class="button" type="submit">{word!(lang, security.new_codes)}</button>
                </div>
            </form>
        }
        .into_any(),
    };
    view! {
        <section class="section" aria-labelledby="factor">
            <div class="section-head"><h2 id="factor">{word!(lang, second_factor.title)}</h2></div>
            <div class="stack">{body}</div>
        </section>
    }
    .into_any()
}

fn history(ctx: &Ctx, tries: &[SignIn]) -> AnyView {
    let lang = ctx.lang;
    view! {
        <section class="section" aria-labelledby="history">
            <div class="section-head"><h2 id="history">{word!(lang, security.history)}</h2></div>
            <p class="soft">{word!(lang, security.history_lead)}</p>
            {history_table(lang, tries)}
        </section>
    }
    .into_any()
}
