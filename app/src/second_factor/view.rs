//! The pages of `/second-factor`.

use axum::http::StatusCode;
use leptos::prelude::*;
use people::{Enrolment, SecondFactor, Session};

use crate::{
    codes::qr,
    door::{Ctx, Field, Form},
    shell::{self, Page},
    word,
};

fn code_field(ctx: &Ctx, form: &Form, label: String, hint: String) -> AnyView {
    form.field(
        ctx,
        Field {
            name: "code",
            label,
            hint: Some(hint),
            autocomplete: "one-time-code",
            class: "input-code",
            ..Field::default()
        },
    )
}

/// Asks for a code.
pub(super) fn ask(ctx: &Ctx, form: Form, status: StatusCode) -> axum::response::Response {
    let lang = ctx.lang;
    let mut page = Page::new(word!(lang, second_factor.title)).form();
    page.status = status;
    shell::page(ctx, page, || {
        view! {
            {shell::page_head(word!(lang, second_factor.title), Some(word!(lang, second_factor.lead)), ())}
            <form class="form" method="post" action="/second-factor" novalidate=true>
                {form.summary(ctx)}
                {form.hidden(ctx)}
                <input type="hidden" name="next" value=form.get("next").to_owned() />
                {code_field(ctx, &form, word!(lang, second_factor.code), word!(lang, second_factor.code_hint))}
                <div class="form-actions">
                    <button class="button button-primary" type="submit">{word!(lang, second_factor.submit)}</button>
                </div>
            </form>
            <p class="soft">{word!(lang, second_factor.lost)}</p>
        }
    })
}

/// Shows the secret and asks for the first code.
pub(super) fn enrol(
    ctx: &Ctx,
    session: &Session,
    enrolment: Enrolment,
    form: Form,
    status: StatusCode,
) -> axum::response::Response {
    let lang = ctx.lang;
    let mut page = Page::new(word!(lang, second_factor.set_up_title)).form();
    page.status = status;
    let demo = session.second_factor == SecondFactor::NotAsked;
    shell::page(ctx, page, || {
        // In fours, as it is typed.
        let signs: Vec<char> = enrolment.secret.chars().collect();
        let secret: Vec<String> = signs.chunks(4).map(|four| four.iter().collect()).collect();
        let demo = demo.then(|| shell::notice("info", None, word!(lang, second_factor.demo)));
        view! {
            {shell::page_head(word!(lang, second_factor.set_up_title), Some(word!(lang, second_factor.set_up_lead)), ())}
            <div class="stack">
                {demo}
                <ol class="stack stack-s">
                    <li>{word!(lang, second_factor.step_app)}</li>
                    <li>{word!(lang, second_factor.step_scan)}</li>
                    <li>{word!(lang, second_factor.step_code)}</li>
                </ol>
                <div class="code">
                    {qr::view(&enrolment.url, word!(lang, second_factor.qr))}
                    <p class="soft small">{word!(lang, second_factor.secret)}</p>
                    <p><code id="totp-secret">{secret.join(" ")}</code></p>
                </div>
                <form class="form" method="post" action="/second-factor" novalidate=true>
                    {form.summary(ctx)}
                    {form.hidden(ctx)}
                    <input type="hidden" name="next" value=form.get("next").to_owned() />
                    {code_field(ctx, &form, word!(lang, second_factor.first_code), word!(lang, second_factor.first_code_hint))}
                    <div class="form-actions">
                        <button class="button button-primary" type="submit">{word!(lang, second_factor.set_up)}</button>
                    </div>
                </form>
            </div>
        }
    })
}

/// It is set up: the recovery codes, to be seen this once, and the way on.
pub(super) fn set_up(ctx: &Ctx, codes: Vec<String>, next: String) -> axum::response::Response {
    let lang = ctx.lang;
    let page = Page::new(word!(lang, second_factor.done_title)).form();
    shell::page(ctx, page, || {
        view! {
            {shell::page_head(word!(lang, second_factor.done_title), None, ())}
            <div class="stack">
                {recovery_codes(ctx, codes)}
                <p class="button-row">
                    <a class="button button-primary" href=next>{word!(lang, second_factor.go_on)}</a>
                </p>
            </div>
        }
    })
}

/// Recovery codes, to be seen this once.
pub(crate) fn recovery_codes(ctx: &Ctx, codes: Vec<String>) -> AnyView {
    let lang = ctx.lang;
    let codes: Vec<_> = codes
        .into_iter()
        .map(|code| view! { <li><code class="strong">{code}</code></li> })
        .collect();
    view! {
        {shell::notice("warning", Some(word!(lang, second_factor.codes_title)), word!(lang, second_factor.codes_text))}
        <ol class="stack stack-s" id="recovery-codes">{codes}</ol>
    }
    .into_any()
}
