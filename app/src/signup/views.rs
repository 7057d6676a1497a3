//! The three pages of signing up.

use axum::response::Response;
use leptos::prelude::*;
use people::masked_phone;

use crate::{
    door::{Ctx, Field, Form},
    shell::{self, Page},
    signin::proof,
    wallet::municipality_name,
    word, words,
};

/// What goes along from the first step.
const CARRIED: &[&str] = &["terms", "privacy"];

/// Title, the three steps, and the step's own part.
fn step(ctx: &Ctx, form: Form, now: usize, part: impl FnOnce(&Ctx, &Form) -> AnyView) -> Response {
    let lang = ctx.lang;
    let bad = form.is_bad();
    let here = ctx.clone();
    shell::page(
        ctx,
        Page::new(word!(lang, signup.title)).narrow().refused_if(bad),
        move || {
            let names = [
                word!(lang, signup.step_1),
                word!(lang, signup.step_2),
                word!(lang, signup.step_3),
            ];
            let steps: Vec<_> = names
            .into_iter()
            .enumerate()
            .map(|(index, name)| {
                let (state, current) = match index.cmp(&now) {
                    std::cmp::Ordering::Less => ("done", None),
                    std::cmp::Ordering::Equal => ("current", Some("step")),
                    std::cmp::Ordering::Greater => ("todo", None),
                };
                let done = (state == "done").then(|| {
                    view! { <span class="visually-hidden">{word!(lang, signup.done)}</span> }
                });
                view! {
                    <li data-state=state aria-current=current><span class="stepper-name">{name}" "{done}</span></li>
                }
            })
            .collect();
            view! {
                {shell::page_head(word!(lang, signup.title), Some(word!(lang, signup.lead_1)), ())}
                <div class="stack stack-l">
                    <ol class="stepper" aria-label=word!(lang, signup.steps)>{steps}</ol>
                    <div class="stack">{part(&here, &form)}</div>
                </div>
            }
        },
    )
}

fn text(summary: String, paragraphs: [String; 3]) -> AnyView {
    let paragraphs = paragraphs.map(|paragraph| view! { <p>{paragraph}</p> });
    view! {
        <details class="details"><summary>{summary}</summary>
            <div class="details-body stack stack-s small">{paragraphs.into_iter().collect::<Vec<_>>()}</div>
        </details>
    }
    .into_any()
}

/// The first step: consents and phone.
pub(super) fn start(ctx: &Ctx, form: Form) -> Response {
    step(ctx, form, 0, |ctx, form| {
        let lang = ctx.lang;
        let terms = [
            word!(lang, signup.terms_1),
            word!(lang, signup.terms_2),
            word!(lang, signup.terms_3),
        ];
        let privacy = [
            word!(lang, signup.privacy_1),
            word!(lang, signup.privacy_2),
            word!(lang, signup.privacy_3),
        ];
        view! {
            <form class="form" method="post" action="/signup" novalidate>
                {form.summary(ctx)}
                {form.hidden(ctx)}
                <fieldset class="fieldset">
                    <legend>{word!(lang, signup.consents)}</legend>
                    <div class="stack stack-s">
                        {form.tick("terms", word!(lang, signup.terms), None)}
                        {text(word!(lang, signup.terms_summary), terms)}
                        {form.tick("privacy", word!(lang, signup.privacy), None)}
                        {text(word!(lang, signup.privacy_summary), privacy)}
                    </div>
                </fieldset>
                {proof::phone_field(ctx, form)}
                <div class="form-actions">
                    <button class="button button-primary" type="submit">{word!(lang, proof.send)}</button>
                </div>
            </form>
            <p>{word!(lang, signup.have)}" "<a href="/login">{word!(lang, signup.sign_in)}</a></p>
        }
        .into_any()
    })
}

/// The second step: the code.
pub(super) fn code(ctx: &Ctx, form: Form) -> Response {
    step(ctx, form, 1, |ctx, form| {
        proof::code_form(ctx, form, "/signup/code", CARRIED)
    })
}

/// The third step: the person. `already` is the login id of somebody who signed up before.
pub(super) fn details(ctx: &Ctx, form: Form, already: Option<String>) -> Response {
    step(ctx, form, 2, |ctx, form| {
        let lang = ctx.lang;
        if let Some(login_id) = already {
            return already_here(ctx, &login_id);
        }
        // A proof that has run out cannot be set right here.
        let again = form
            .error("")
            .map(|_| view! { <p><a href="/signup">{word!(lang, signup.again)}</a></p> });
        let phone: String = form.get("phone").chars().filter(char::is_ascii_digit).collect();
        let password = words::password_hint(lang);
        let field = |name, label, hint: String, kind, autocomplete| {
            form.field(
                ctx,
                Field {
                    name,
                    label,
                    hint: Some(hint),
                    kind,
                    autocomplete,
                    ..Field::default()
                },
            )
        };
        view! {
            <form class="form" method="post" action="/signup/details" novalidate>
                {form.summary(ctx)}
                {again}
                {form.hidden(ctx)}
                {form.carry(CARRIED)}
                {form.carry(&["proven", "phone"])}
                <dl class="facts"><div>
                    <dt>{word!(lang, signup.phone)}</dt><dd class="num">{masked_phone(&phone)}</dd>
                </div></dl>
                {field("name", word!(lang, signup.name), word!(lang, signup.name_hint), "text", "name")}
                {form.field(ctx, Field {
                    name: "birth",
                    label: word!(lang, signup.birth),
                    hint: Some(word!(lang, signup.birth_hint)),
                    autocomplete: "bday",
                    inputmode: "numeric",
                    class: "input-short",
                    ..Field::default()
                })}
                {municipality(ctx, form)}
                {field("login_id", word!(lang, signup.login_id), word!(lang, signup.login_id_hint), "text", "username")}
                {field("password", word!(lang, signup.password), password, "password", "new-password")}
                <div class="form-actions">
                    <button class="button button-primary" type="submit">{word!(lang, signup.submit)}</button>
                </div>
            </form>
        }
        .into_any()
    })
}

fn already_here(ctx: &Ctx, login_id: &str) -> AnyView {
    let lang = ctx.lang;
    let text = word!(lang, signup.here, login_id = login_id.to_owned());
    view! {
        {shell::notice("info", Some(word!(lang, signup.here_title)), text)}
        <div class="button-row">
            <a class="button button-primary" href="/login">{word!(lang, signup.sign_in)}</a>
            <a class="button" href="/recover">{word!(lang, signup.reset)}</a>
        </div>
    }
    .into_any()
}

/// Where somebody lives: chosen already where there is only one place.
fn municipality(ctx: &Ctx, form: &Form) -> AnyView {
    let lang = ctx.lang;
    let open: Vec<i64> = ctx
        .house
        .municipalities
        .borrow()
        .iter()
        .map(|known| known.code)
        .collect();
    match open[..] {
        [] => shell::notice("warning", None, word!(lang, signup.no_place)),
        [only] => view! {
            <input type="hidden" name="municipality" value=only.to_string() />
            <dl class="facts"><div>
                <dt>{word!(lang, signup.municipality)}</dt><dd>{municipality_name(ctx, only)}</dd>
            </div></dl>
        }
        .into_any(),
        _ => {
            let choices = std::iter::once((String::new(), word!(lang, signup.choose)))
                .chain(
                    open.iter()
                        .map(|code| (code.to_string(), municipality_name(ctx, *code))),
                )
                .collect();
            let label = word!(lang, signup.municipality);
            form.field(
                ctx,
                Field {
                    name: "municipality",
                    label,
                    choices,
                    ..Field::default()
                },
            )
        }
    }
}
