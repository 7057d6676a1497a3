//! What is said while the database is away.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use leptos::prelude::*;
use store::Condition;

use super::AGAIN_S;
use crate::{
    door::{Ctx, Form},
    shell::{self, Page, icon},
    word,
    words::{self, Lang},
};

/// What is known of a change that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It was not begun: nothing was charged.
    Nothing,
    /// It was begun and no answer came; its key sees to it that it is done once, whoever asks again.
    Unknown,
}

/// Fields that are typed anew, since nobody may read them later: a browser's back button, somebody at the screen.
const SECRET: [&str; 4] = ["password", "present", "code", "_token"];

/// The line above every page while the database is away or only read.
pub fn banner(ctx: &Ctx) -> Option<AnyView> {
    let lang = ctx.lang;
    let seen = ctx.house.ledger.store().pulse().seen();
    let text = match (seen.condition, ctx.store_away) {
        (Condition::Well, false) => return None,
        (Condition::ReadOnly, _) => word!(lang, calm.read_only),
        (Condition::Away, _) | (Condition::Well, true) => word!(lang, calm.away),
    };
    let since = (seen.since_at > 0 && seen.condition != Condition::Well)
        .then(|| word!(lang, calm.since, time = words::time(seen.since_at)));
    let view = view! {
        <aside aria-label=word!(lang, calm.label)>
            <div class="incident-banner" data-tone="warning" role="status">
                <div class="container incident-banner-inner">
                    {icon("clock", "icon")}
                    <p><strong>{text}</strong>" "{since}</p>
                    <a href="/incidents">{word!(lang, calm.more)}</a>
                </div>
            </div>
        </aside>
    };
    Some(view.into_any())
}

/// The notice at the head of what is shown from memory.
pub fn stale(ctx: &Ctx, at: i64) -> AnyView {
    let lang = ctx.lang;
    let title = word!(lang, calm.stale_title, time = words::when(lang, at));
    view! {
        <div class="notice" data-tone="warning" role="status" data-stale="1">
            {icon("clock", "icon")}
            <p class="notice-title">{title}</p>
            <p>{word!(lang, calm.stale)}</p>
        </div>
    }
    .into_any()
}

/// 503 for a change: not now. What was typed goes along in a form that asks for the same again under the same key.
pub fn not_now(ctx: &Ctx, form: &Form, done: Done) -> Response {
    let lang = ctx.lang;
    let mut page = Page::new(word!(lang, calm.not_now_title)).form();
    page.status = StatusCode::SERVICE_UNAVAILABLE;
    let again = words::time_s(ctx.at + AGAIN_S * 1_000);
    let path = ctx.path.split('?').next().unwrap_or("/").to_owned();
    let (here, form) = (ctx.clone(), form.clone());
    let mut response = shell::page(ctx, page, move || {
        let (tone, title, text) = match done {
            Done::Nothing => (
                "warning",
                word!(lang, calm.nothing_title),
                word!(lang, calm.nothing),
            ),
            Done::Unknown => (
                "warning",
                word!(lang, calm.unknown_title),
                word!(lang, calm.unknown),
            ),
        };
        let carried: Vec<_> = form
            .typed()
            .filter(|(name, _)| !SECRET.contains(name) && *name != "_key")
            .map(|(name, value)| {
                view! { <input type="hidden" name=name.to_owned() value=value.to_owned() /> }
            })
            .collect();
        let amount = Some(form.get("amount").trim().to_owned()).filter(|typed| !typed.is_empty());
        let amount = amount.map(|typed| {
            view! { <div><dt>{word!(lang, calm.amount)}</dt><dd class="num">{typed}</dd></div> }
        });
        view! {
            {shell::page_head(word!(lang, calm.not_now_title), None, ())}
            <div class="stack">
                {shell::notice(tone, Some(title), text)}
                <dl class="facts">
                    {amount}
                    <div><dt>{word!(lang, calm.again_at)}</dt><dd class="num">{again}</dd></div>
                </dl>
                <form method="post" action=path class="form">
                    {form.hidden(&here)}
                    {carried}
                    <p class="soft">{word!(lang, calm.kept)}</p>
                    <p class="button-row">
                        <button class="button button-primary" type="submit">{word!(lang, calm.again)}</button>
                        <a class="button" href="/incidents">{word!(lang, common.state)}</a>
                    </p>
                </form>
            </div>
        }
    });
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(AGAIN_S));
    response
}

/// What a till shows meanwhile.
pub fn till(lang: Lang, again_s: i64) -> String {
    word!(lang, calm.till, seconds = again_s.to_string())
}
