//! `/wallet/offline`: the summary that a device keeps for when it has no network, where its owner has chosen so at
//! `/wallet/devices`: what they hold in all, the state of the service, each with its time; no lots, no history, no name.
//!
//! The service worker (`public/sw.js`) asks for it after each look at the wallet and shows it as it is when the network
//! is gone. So the page itself says that it is not the present, and when it was; nothing has to be put together on the
//! device. 401 wipes what is kept; any other error leaves the older one.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use leptos::prelude::*;

use crate::{
    calm,
    door::{Answer, Citizen, Ctx, PageError},
    shell::{self, Page, icon, money},
    wallet::municipality_name,
    word,
    words::{self, Lang},
};

/// Marks the summary, with when it was made, ms: the worker keeps nothing without it, and nothing older than 72 hours.
const MADE_AT: HeaderName = HeaderName::from_static("x-neul-summary-at");

async fn sums(ctx: &Ctx, citizen: &Citizen) -> Result<Vec<(i64, i64)>, PageError> {
    let mut sums = Vec::with_capacity(citizen.holders.len());
    for (municipality, holder) in &citizen.holders {
        let wallet = ctx.house.ledger.wallet(*municipality, *holder, ctx.at).await?;
        sums.push((*municipality, wallet.total_won));
    }
    Ok(sums)
}

/// GET `/wallet/offline`.
pub async fn get(ctx: Ctx) -> Answer {
    let Ok(citizen) = ctx.citizen() else {
        return Ok(problem(StatusCode::UNAUTHORIZED, "nobody is signed in"));
    };
    let Some(sums) = calm::ask(&ctx, sums(&ctx, &citizen)).await? else {
        return Ok(problem(StatusCode::SERVICE_UNAVAILABLE, "the database is away"));
    };
    let lang = ctx.lang;
    let mut page = Page::new(word!(lang, offline.title));
    page.bare = true;
    let here = ctx.clone();
    let mut response = shell::page(&ctx, page, move || {
        let total_won = sums.iter().map(|(_, won)| won).sum();
        let time = words::when(lang, here.at);
        let places: Vec<_> = sums
            .iter()
            .filter(|_| sums.len() > 1)
            .map(|(municipality, won)| {
                let place = municipality_name(&here, *municipality);
                view! { <div><dt>{place}</dt><dd>{money(lang, *won, "money")}</dd></div> }
            })
            .collect();
        let places = (!places.is_empty()).then(|| view! { <dl class="facts">{places}</dl> });
        view! {
            <div class="stack stack-l">
                <h1>{word!(lang, offline.title)}</h1>
                {shell::notice("warning", Some(word!(lang, offline.notice_title, time = time.clone())), word!(lang, offline.notice))}
                <section class="balance" aria-labelledby="total">
                    <div>
                        <h2 class="balance-label" id="total">{word!(lang, wallet.total)}</h2>
                        <p>{money(lang, total_won, "money money-xl")}</p>
                        <p class="balance-note">{word!(lang, offline.as_of, time = time)}</p>
                    </div>
                </section>
                {places}
                {state(&here)}
                <p class="button-row"><a class="button button-primary" href="/wallet">{icon("refresh", "icon icon-s")}{word!(lang, offline.again)}</a></p>
                <p class="soft small">{word!(lang, offline.kept)}</p>
            </div>
        }
    });
    response.headers_mut().insert(MADE_AT, HeaderValue::from(ctx.at));
    Ok(response)
}

/// The state of the service as it was then.
fn state(ctx: &Ctx) -> AnyView {
    let lang = ctx.lang;
    let now = ctx.house.status.borrow().clone();
    let (said, tone, mark) = match (now.reached, now.open.is_empty() && now.indicator == "none") {
        (false, _) => (word!(lang, front.unknown), "warning", "warning"),
        (true, true) => (word!(lang, front.all_well), "success", "check"),
        (true, false) => (word!(lang, front.trouble), "danger", "error"),
    };
    let asked =
        (now.asked_at > 0).then(|| word!(lang, offline.as_of, time = words::when(lang, now.asked_at)));
    let open: Vec<_> = now
        .open
        .into_iter()
        .map(|incident| view! { <p>{incident.name}</p> })
        .collect();
    view! {
        <section aria-labelledby="state" class="stack stack-s">
            <h2 id="state">{word!(lang, front.state)}</h2>
            <div class="notice" data-tone=tone>
                {icon(mark, "icon")}
                <p class="notice-title">{said}</p>
                {open}
                <p>{asked}</p>
            </div>
        </section>
    }
    .into_any()
}

/// The choice, on the page of devices. Shown by its script where the browser can keep something; without a script it
/// says so.
pub(crate) fn choice(lang: Lang) -> AnyView {
    view! {
        <section class="card stack" id="offline" aria-labelledby="offline-title">
            <h2 class="card-title" id="offline-title">{word!(lang, offline.choice_title)}</h2>
            <p>{word!(lang, offline.choice)}</p>
            <p class="soft" data-offline="cannot">{word!(lang, offline.cannot)}</p>
            <p role="status" data-offline="on" hidden>{word!(lang, offline.on)}</p>
            <p role="status" data-offline="off" hidden>{word!(lang, offline.off)}</p>
            <div class="button-row">
                <button class="button" type="button" data-offline="turn-on" hidden>{word!(lang, offline.turn_on)}</button>
                <button class="button" type="button" data-offline="turn-off" hidden>{word!(lang, offline.turn_off)}</button>
            </div>
        </section>
    }
    .into_any()
}

/// RFC 9457: the worker reads the status, a person may read the rest.
fn problem(status: StatusCode, detail: &str) -> Response {
    let body = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "detail": detail,
    });
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
