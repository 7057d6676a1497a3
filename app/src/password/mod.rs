//! `/password`: one's own password is changed, whoever one is. The present one is asked for once more, and every
//! other session ends.

use axum::http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;
use people::ChangePasswordError;

use crate::{
    door::{Answer, Ctx, Field, Form, Posted},
    shell::{self, Page},
    signin::home_of,
    word, words,
};

/// GET `/password`.
pub async fn get(ctx: Ctx) -> Answer {
    ctx.signed_in()?;
    Ok(show(&ctx, Form::new(), StatusCode::OK))
}

/// POST `/password`.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let lang = ctx.lang;
    let session = ctx.signed_in()?;
    let (present, new) = (form.get("present").to_owned(), form.get("password").to_owned());
    for (name, typed) in [("present", &present), ("password", &new)] {
        if typed.is_empty() {
            form.fail(name, word!(lang, errors.empty));
        }
    }
    if form.is_bad() {
        return Ok(show(&ctx, form, StatusCode::UNPROCESSABLE_ENTITY));
    }
    let people = &ctx.house.people;
    match people
        .change_password(session, &present, &new, &ctx.client, ctx.at)
        .await
    {
        Ok(_) => {
            let said = word!(lang, password.changed);
            Ok(shell::redirect_with(&ctx, home_of(&session.who), &said))
        }
        Err(ChangePasswordError::WrongPresent) => {
            form.fail("present", word!(lang, password.wrong));
            Ok(show(&ctx, form, StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(ChangePasswordError::Refused(problem)) => {
            form.fail("password", words::problem(lang, &problem));
            Ok(show(&ctx, form, StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(ChangePasswordError::Locked) => {
            form.fail("", word!(lang, devices.change_elsewhere));
            Ok(show(&ctx, form, StatusCode::FORBIDDEN))
        }
        Err(ChangePasswordError::SlowDown { retry_after_ms }) => {
            let seconds = words::seconds(retry_after_ms);
            form.fail("", word!(lang, signin.slow, seconds = seconds.to_string()));
            let mut response = show(&ctx, form, StatusCode::TOO_MANY_REQUESTS);
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            Ok(response)
        }
        Err(ChangePasswordError::Fault(fault)) => Err(fault.into()),
    }
}

fn show(ctx: &Ctx, form: Form, status: StatusCode) -> axum::response::Response {
    let lang = ctx.lang;
    let mut page = Page::new(word!(lang, password.title)).form();
    page.status = status;
    shell::page(ctx, page, || {
        let hint = words::password_hint(lang);
        let field = |name, label, hint, autocomplete| {
            form.field(
                ctx,
                Field {
                    name,
                    label,
                    hint,
                    kind: "password",
                    autocomplete,
                    ..Field::default()
                },
            )
        };
        view! {
            {shell::page_head(word!(lang, password.title), Some(word!(lang, password.lead)), ())}
            <form class="form" method="post" action="/password" novalidate=true>
                {form.hidden(ctx)}
                {form.summary(ctx)}
                {field("present", word!(lang, password.present), None, "current-password")}
                {field("password", word!(lang, password.new), Some(hint), "new-password")}
                <div class="form-actions">
                    <button class="button button-primary" type="submit">{word!(lang, password.submit)}</button>
                </div>
            </form>
        }
    })
}
