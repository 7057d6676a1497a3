//! `/wallet/devices`: where I am signed in, and the end of any of it; new devices, and whether they were me; what this
//! device shows without a network.

mod asked;

pub(crate) use asked::{asked, locked, notices};

use leptos::prelude::*;
use people::{Device, DeviceForm, Session};

use crate::{
    door::{Answer, Ctx, Form, PageError, Posted},
    offline,
    shell::{self, Page, icon},
    word,
    words::{self, Lang},
};

/// GET `/wallet/devices`.
pub async fn get(ctx: Ctx) -> Answer {
    ctx.citizen()?;
    show(&ctx, Form::new()).await
}

fn session(ctx: &Ctx) -> Result<&Session, PageError> {
    ctx.session.as_ref().ok_or(PageError::Forbidden)
}

/// POST `/wallet/devices`: ends one (`device`), or all others (`others`); says of a new one that it was `me` or `not_me`.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let citizen = ctx.citizen()?;
    if form.is_bad() {
        return show(&ctx, form).await;
    }
    let session = session(&ctx)?;
    let people = &ctx.house.people;
    if form.ticked("others") {
        let ended = people.end_other_sessions(session, ctx.at).await?;
        let message = word!(ctx.lang, devices.ended_others, count = ended.to_string());
        return Ok(shell::redirect_with(&ctx, "/wallet/devices", &message));
    }
    let named = |name: &str| form.get(name).parse::<i64>().ok();
    let answered = match (named("me"), named("not_me")) {
        (Some(device), _) if people.was_me(session, device).await? => Some(word!(ctx.lang, devices.me_said)),
        (_, Some(device)) if asked::not_me(&ctx, &citizen, device).await? => {
            Some(word!(ctx.lang, devices.not_me_said))
        }
        _ => None,
    };
    if let Some(said) = answered {
        return Ok(shell::redirect_with(&ctx, "/wallet/devices", &said));
    }
    let device: i64 = form.get("device").parse().unwrap_or(0);
    if people.end_session(session, device, ctx.at).await? {
        ctx.house.calm.forget(device);
        return Ok(shell::redirect_with(
            &ctx,
            "/wallet/devices",
            &word!(ctx.lang, devices.ended),
        ));
    }
    form.fail("", word!(ctx.lang, devices.gone));
    show(&ctx, form).await
}

async fn show(ctx: &Ctx, form: Form) -> Answer {
    let devices = ctx.house.people.devices(session(ctx)?, ctx.at).await?;
    let new = asked(ctx).await?;
    let lang = ctx.lang;
    let page = Page::new(word!(lang, devices.title))
        .narrow()
        .with_script("/offline.js")
        .refused_if(form.is_bad());
    let here = ctx.clone();
    Ok(shell::page(ctx, page, move || {
        let others = devices.len() > 1;
        let cards: Vec<_> = devices
            .into_iter()
            .map(|device| card(&here, &form, device))
            .collect();
        let end = if others {
            view! {
                <form method="post" action="/wallet/devices" class="button-row">
                    {form.hidden(&here)}
                    <button class="button button-danger" type="submit" name="others" value="1">
                        {word!(lang, devices.end_others)}
                    </button>
                </form>
            }
            .into_any()
        } else {
            view! { <p class="soft">{word!(lang, devices.only)}</p> }.into_any()
        };
        view! {
            {shell::page_head(word!(lang, devices.title), Some(word!(lang, devices.lead)), ())}
            <div class="stack">
                {form.summary(&here)}
                {notices(&here, &[])}
                {asked::questions(&here, &form, new)}
                <h2>{word!(lang, devices.list)}</h2>
                <ul class="stack">{cards}</ul>
                {end}
                {offline::choice(lang)}
                <p><a href="/password">{word!(lang, devices.password)}</a></p>
                <p><a href="/wallet/data">{word!(lang, data.title)}</a></p>
            </div>
        }
    }))
}

/// `Chrome · Android 휴대전화`, or `Chrome · Android phone`.
fn kind(lang: Lang, device: &Device) -> String {
    if lang == Lang::ko {
        return device.kind.clone();
    }
    let form = match device.form {
        DeviceForm::Phone => word!(lang, devices.phone),
        DeviceForm::Tablet => word!(lang, devices.tablet),
        DeviceForm::Computer => word!(lang, devices.computer),
        DeviceForm::Other => word!(lang, devices.other),
    };
    let what = format!("{} {form}", device.system);
    [device.browser.as_str(), what.trim()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

fn card(ctx: &Ctx, form: &Form, device: Device) -> AnyView {
    let lang = ctx.lang;
    let mark = if matches!(device.form, DeviceForm::Phone | DeviceForm::Tablet) {
        "phone"
    } else {
        "device"
    };
    let name = kind(lang, &device);
    let last = if device.current {
        word!(lang, devices.now)
    } else {
        words::when(lang, device.last_seen_at)
    };
    let end = if device.current {
        view! { <span class="badge" data-tone="success">{word!(lang, devices.this)}</span> }.into_any()
    } else {
        let label = word!(lang, devices.end_of, device = name.clone());
        view! {
            <form method="post" action="/wallet/devices">
                {form.hidden(ctx)}
                <button class="button button-s" type="submit" name="device" value=device.id.to_string()
                    aria-label=label>{word!(lang, devices.end)}</button>
            </form>
        }
        .into_any()
    };
    view! {
        <li class="card">
            <div class="card-head">
                <h3 class="card-title cluster">{icon(mark, "icon")}<span>{name}</span></h3>
                {end}
            </div>
            <dl class="facts">
                <div><dt>{word!(lang, devices.first)}</dt><dd>{words::when(lang, device.first_seen_at)}</dd></div>
                <div><dt>{word!(lang, devices.last)}</dt><dd>{last}</dd></div>
                <div><dt>{word!(lang, devices.ip)}</dt><dd class="num">{device.ip}</dd></div>
            </dl>
        </li>
    }
    .into_any()
}
