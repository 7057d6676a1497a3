//! The pages of recovery.

use axum::response::Response;
use leptos::prelude::*;

use crate::{
    door::{Choice, Ctx, Field, Form},
    shell::{self, Page},
    signin::proof,
    word, words,
};

fn page(ctx: &Ctx, form: Form, part: impl FnOnce(&Ctx, &Form) -> AnyView) -> Response {
    let lang = ctx.lang;
    let bad = form.is_bad();
    let here = ctx.clone();
    shell::page(
        ctx,
        Page::new(word!(lang, recover.title)).narrow().refused_if(bad),
        move || {
            view! {
                {shell::page_head(word!(lang, recover.title), Some(word!(lang, recover.lead)), ())}
                <div class="stack">{part(&here, &form)}</div>
            }
        },
    )
}

/// What is needed, and the phone.
pub(super) fn start(ctx: &Ctx, form: Form) -> Response {
    page(ctx, form, |ctx, form| {
        let lang = ctx.lang;
        let choices = vec![
            Choice {
                value: "find".to_owned(),
                label: word!(lang, recover.find),
                hint: String::new(),
            },
            Choice {
                value: "reset".to_owned(),
                label: word!(lang, recover.reset),
                hint: word!(lang, recover.reset_hint),
            },
        ];
        view! {
            <form class="form" method="post" action="/recover" novalidate>
                {form.summary(ctx)}
                {form.hidden(ctx)}
                {form.radios("what", word!(lang, recover.what), choices)}
                {proof::phone_field(ctx, form)}
                <div class="form-actions">
                    <button class="button button-primary" type="submit">{word!(lang, proof.send)}</button>
                    <a class="button" href="/login">{word!(lang, common.cancel)}</a>
                </div>
            </form>
        }
        .into_any()
    })
}

/// The code.
pub(super) fn code(ctx: &Ctx, form: Form) -> Response {
    page(ctx, form, |ctx, form| {
        proof::code_form(ctx, form, "/recover/code", &["what"])
    })
}

/// The login ids of this phone.
pub(super) fn ids(ctx: &Ctx, form: Form, ids: Vec<String>) -> Response {
    page(ctx, form, |ctx, _| {
        let lang = ctx.lang;
        if ids.is_empty() {
            let action = Some(("/signup", word!(lang, signin.sign_up)));
            return shell::empty(
                "user",
                word!(lang, recover.none_title),
                word!(lang, recover.none),
                action,
            );
        }
        let ids: Vec<_> = ids
            .into_iter()
            .map(|id| view! { <li class="card strong">{id}</li> })
            .collect();
        view! {
            <h2>{word!(lang, recover.ids_title)}</h2>
            <p>{word!(lang, recover.ids)}</p>
            <ul class="stack stack-s">{ids}</ul>
            <p class="button-row"><a class="button button-primary" href="/login">{word!(lang, recover.sign_in)}</a></p>
        }
        .into_any()
    })
}

/// The new password.
pub(super) fn password(ctx: &Ctx, form: Form, ids: Vec<String>) -> Response {
    page(ctx, form, |ctx, form| {
        let lang = ctx.lang;
        let choices = ids
            .into_iter()
            .map(|id| Choice {
                value: id.clone(),
                label: id,
                hint: String::new(),
            })
            .collect();
        let hint = words::password_hint(lang);
        view! {
            <form class="form" method="post" action="/recover/password" novalidate>
                {form.summary(ctx)}
                {form.hidden(ctx)}
                {form.carry(&["what", "proven"])}
                {form.radios("login_id", word!(lang, recover.which), choices)}
                {form.field(ctx, Field {
                    name: "birth",
                    label: word!(lang, recover.birth),
                    hint: Some(word!(lang, signup.birth_hint)),
                    autocomplete: "bday",
                    inputmode: "numeric",
                    class: "input-short",
                    ..Field::default()
                })}
                {form.field(ctx, Field {
                    name: "password",
                    label: word!(lang, recover.password),
                    hint: Some(hint),
                    kind: "password",
                    autocomplete: "new-password",
                    ..Field::default()
                })}
                <div class="form-actions">
                    <button class="button button-primary" type="submit">{word!(lang, recover.submit)}</button>
                </div>
            </form>
        }
        .into_any()
    })
}
