//! "A new device signed in: was it you?", on the devices that were there before it; and payments that are locked because
//! it was not.

use axum::{http::StatusCode, response::Response};
use leptos::prelude::*;
use people::NewDevice;

use super::{kind, session};
use crate::{
    door::{Citizen, Ctx, Form, PageError},
    shell::{self, Page},
    word, words,
};

/// Devices that this session is asked about.
pub(crate) async fn asked(ctx: &Ctx) -> Result<Vec<NewDevice>, PageError> {
    Ok(ctx.house.people.new_devices(session(ctx)?, ctx.at).await?)
}

/// What the wallet says of it, in one line that leads here.
pub(crate) fn notices(ctx: &Ctx, asked: &[NewDevice]) -> AnyView {
    let lang = ctx.lang;
    let locked = ctx
        .session
        .as_ref()
        .and_then(|session| session.locked_at)
        .map(|at| {
            let text = word!(lang, devices.locked_since, time = words::when(lang, at));
            let link = view! { {text}" "<a href="/password">{word!(lang, devices.password)}</a> };
            shell::notice("danger", Some(word!(lang, devices.locked_title)), link)
        });
    let asked = asked.first().map(|new| {
        let device = kind(lang, &new.device);
        let time = words::when(lang, new.device.first_seen_at);
        let text = word!(lang, devices.new_line, device = device, time = time);
        let link = view! { {text}" "<a href="/wallet/devices">{word!(lang, devices.new_answer)}</a> };
        shell::notice("warning", Some(word!(lang, devices.new_title)), link)
    });
    view! { {locked}{asked} }.into_any()
}

/// The questions, each with its two answers.
pub(super) fn questions(ctx: &Ctx, form: &Form, asked: Vec<NewDevice>) -> AnyView {
    let lang = ctx.lang;
    let cards: Vec<_> = asked
        .into_iter()
        .map(|new| {
            let device = kind(lang, &new.device);
            let id = new.device.id.to_string();
            let state = if new.is_in {
                word!(lang, devices.new_in)
            } else {
                word!(lang, devices.new_out)
            };
            let (me, not_me) = (
                word!(lang, devices.me_of, device = device.clone()),
                word!(lang, devices.not_me_of, device = device.clone()),
            );
            view! {
                <li class="card">
                    <div class="card-head"><h3 class="card-title">{device}</h3></div>
                    <dl class="facts">
                        <div><dt>{word!(lang, devices.first)}</dt><dd>{words::when(lang, new.device.first_seen_at)}</dd></div>
                        <div><dt>{word!(lang, devices.ip)}</dt><dd class="num">{new.device.ip}</dd></div>
                        <div><dt>{word!(lang, devices.new_state)}</dt><dd>{state}</dd></div>
                    </dl>
                    <form method="post" action="/wallet/devices" class="button-row">
                        {form.hidden(ctx)}
                        <button class="button" type="submit" name="me" value=id.clone() aria-label=me>
                            {word!(lang, devices.me)}
                        </button>
                        <button class="button button-danger" type="submit" name="not_me" value=id aria-label=not_me>
                            {word!(lang, devices.not_me)}
                        </button>
                    </form>
                </li>
            }
        })
        .collect();
    if cards.is_empty() {
        return ().into_any();
    }
    view! {
        <section class="stack" aria-labelledby="asked">
            <h2 id="asked">{word!(lang, devices.new_title)}</h2>
            <p>{word!(lang, devices.new_lead)}</p>
            <ul class="stack">{cards}</ul>
        </section>
    }
    .into_any()
}

/// What could pay without another page of ours: codes in somebody's hand, cards. Done before the lock, so that a
/// program that dies in between leaves too much shut and nothing open; and after it, for what was made meanwhile.
async fn shut(ctx: &Ctx, citizen: &Citizen) -> Result<(), PageError> {
    let ledger = &ctx.house.ledger;
    for (municipality, holder) in &citizen.holders {
        ledger.end_codes(*municipality, *holder, ctx.at).await?;
        for card in ledger.cards(*municipality, *holder).await? {
            ledger
                .block_card(*municipality, *holder, card.id, true, ctx.at)
                .await?;
        }
    }
    Ok(())
}

/// "Not me": ends the device and locks payments. Whether it was there to answer for.
pub(super) async fn not_me(ctx: &Ctx, citizen: &Citizen, device: i64) -> Result<bool, PageError> {
    if asked(ctx).await?.iter().all(|new| new.device.id != device) {
        return Ok(false);
    }
    let session = session(ctx)?;
    shut(ctx, citizen).await?;
    let people = &ctx.house.people;
    if !people.was_not_me(session, device, &ctx.client, ctx.at).await? {
        return Ok(false);
    }
    ctx.house.calm.forget(device);
    shut(ctx, citizen).await?;
    Ok(true)
}

/// 403 for a payment while payments are locked: why, since when, and what opens them.
pub(crate) fn locked(ctx: &Ctx) -> Response {
    let lang = ctx.lang;
    let since = ctx.session.as_ref().and_then(|session| session.locked_at);
    let mut page = Page::new(word!(lang, devices.locked_title)).form();
    page.status = StatusCode::FORBIDDEN;
    shell::page(ctx, page, move || {
        let text = word!(
            lang,
            devices.locked_since,
            time = words::when(lang, since.unwrap_or(ctx.at))
        );
        view! {
            {shell::page_head(word!(lang, devices.locked_title), Some(text), ())}
            <div class="stack">
                {shell::notice("info", None, word!(lang, devices.locked_how))}
                <p class="button-row">
                    <a class="button button-primary" href="/password">{word!(lang, devices.password)}</a>
                    <a class="button" href="/recover">{word!(lang, devices.recover)}</a>
                    <a class="button" href="/wallet">{word!(lang, nav.wallet)}</a>
                </p>
            </div>
        }
    })
}
