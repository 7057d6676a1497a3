//! `/subscribe`, `/subscribe/confirm`, `/unsubscribe`: forms without a session. Whether a mail address is
//! subscribed already is told to nobody but the mail address.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{Extension, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::Response,
    routing::get,
};
use leptos::prelude::*;

use super::{
    Way, guard, mail,
    store::{self, Added, New},
};
use crate::{
    desk::{
        Origin, away,
        fields::{Field, Shown, notice},
        form::{Errors, Typed},
        page,
    },
    http::{chosen_lang, query_value},
    pages::{Head, Icon, Reader, render},
    site::Site,
    words::{Lang, Times, word},
};

/// The routes; behind the same guard as the desk's.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/subscribe", get(show).post(submit))
        .route("/subscribe/confirm", get(ask_confirm).post(confirm))
        .route("/unsubscribe", get(ask_end).post(end))
}

fn has_mail(site: &Site) -> bool {
    site.outbound
        .as_ref()
        .is_some_and(|outbound| outbound.mail.is_some())
}

fn head(title: &str, path: &str) -> Head {
    Head {
        title: title.to_owned(),
        about: title.to_owned(),
        path: path.to_owned(),
        public: false,
        operator: None,
    }
}

fn form(site: &Site, lang: Lang, typed: &Typed, errors: &Errors, status: StatusCode) -> Response {
    let reader = Reader::live(lang, &site.house, (site.clock)());
    let snapshot = site.snapshot();
    let shown = Shown { lang, typed, errors };
    let title = word!(lang, subscriptions.title);
    let head = Head {
        title: errors.title(lang, title.clone()),
        ..head(&title, "/subscribe")
    };
    let html = render(reader, head, || {
        let mut ways = Vec::new();
        if has_mail(site) {
            ways.push(("email", word!(lang, subscriptions.email)));
        }
        ways.push(("webhook", word!(lang, subscriptions.webhook)));
        let boxes = snapshot
            .world
            .components
            .iter()
            .map(|component| {
                let name = format!("component-{}", component.id);
                let checked = !typed.get(&name).is_empty();
                view! {
                    <label class="choice">
                        <input type="checkbox" name=name value="yes" checked=checked/>
                        <span>{component.name(lang).to_owned()}</span>
                    </label>
                }
            })
            .collect_view();
        view! {
            <div class="page-head"><div class="page-head-text">
                <h1>{title}</h1>
                <p class="lead">{word!(lang, subscriptions.lead)}</p>
            </div></div>
            {shown.summary()}
            <form class="form" method="post" action=reader.href("/subscribe") novalidate=true>
                {shown.choice(&Field::new("way", word!(lang, subscriptions.way)), ways)}
                {shown.line(&Field::new("address", word!(lang, subscriptions.address)).hint(word!(lang, subscriptions.address_hint)), "text", "email")}
                <fieldset class="fieldset">
                    <legend>{word!(lang, subscriptions.components)}</legend>
                    <p class="hint">{word!(lang, subscriptions.components_hint)}</p>
                    {boxes}
                </fieldset>
                <div class="form-actions"><button class="button button-primary" type="submit">{word!(lang, subscriptions.submit)}</button></div>
            </form>
            <section class="section" aria-labelledby="feeds">
                <div class="section-head"><h2 id="feeds">{word!(lang, subscriptions.feeds)}</h2></div>
                <ul class="where-to">
                    <li><a href=reader.href("/history.rss")>{word!(lang, shell.rss)}</a></li>
                    <li><a href=reader.href("/history.atom")>{word!(lang, shell.atom)}</a></li>
                    <li><a href=reader.href("/api/v2/summary.json")>{word!(lang, shell.json)}</a></li>
                </ul>
            </section>
        }
    });
    page(site, lang, status, html)
}

/// A page that says one thing, and perhaps asks to press one button.
fn told(
    site: &Site,
    lang: Lang,
    status: StatusCode,
    title: String,
    text: String,
    more: Option<AnyView>,
) -> Response {
    let reader = Reader::live(lang, &site.house, (site.clock)());
    let html = render(reader, head(&title, "/subscribe"), || {
        view! {
            <h1>{title}</h1>
            <p class="lead">{text}</p>
            {more}
            <p class="section"><a href=reader.href("/")>{word!(lang, errors.go_front)}</a></p>
        }
    });
    page(site, lang, status, html)
}

fn store_away(site: &Site, lang: Lang, error: &sqlx::Error) -> Response {
    let (id, _) = away(site, lang, error);
    told(
        site,
        lang,
        StatusCode::SERVICE_UNAVAILABLE,
        word!(lang, errors.failed),
        format!(
            "{} {} {id}",
            word!(lang, errors.failed_why),
            word!(lang, errors.id)
        ),
        None,
    )
}

async fn show(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    let lang = chosen_lang(&uri, &headers);
    form(&site, lang, &Typed::default(), &Errors::default(), StatusCode::OK)
}

async fn submit(
    State(site): State<Arc<Site>>,
    Extension(Origin(from)): Extension<Origin>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let lang = chosen_lang(&uri, &headers);
    let typed = Typed::read(&body);
    let address = typed.get("address");
    let allow_private = site
        .outbound
        .as_ref()
        .is_some_and(|outbound| outbound.allow_private);
    let mut errors = Errors::default();
    let way = Way::parse(typed.get("way")).filter(|way| *way == Way::Webhook || has_mail(&site));
    match way {
        None => errors.put("way", word!(lang, desk.choose)),
        Some(Way::Email) if !mail::is_address(address) => {
            errors.put("address", word!(lang, subscriptions.no_email));
        }
        Some(Way::Webhook) if guard::url(address, allow_private).is_none() => {
            errors.put("address", word!(lang, subscriptions.no_webhook));
        }
        Some(_) => {}
    }
    let again = |errors: &Errors, status| form(&site, lang, &typed, errors, status);
    let (Some(way), true) = (way, errors.is_empty()) else {
        return again(&errors, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let at = (site.clock)();
    // A form that makes us write to somebody is counted like a wrong password.
    if let Some(wait) = site.subscribing.wait_ms(address, &from, at) {
        errors.put(
            "address",
            word!(lang, desk.too_many, time = Times::length(lang, wait.max(1000))),
        );
        let mut response = again(&errors, StatusCode::TOO_MANY_REQUESTS);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(wait / 1000 + 1));
        return response;
    }
    site.subscribing.failed(address, &from, at);
    let snapshot = site.snapshot();
    let components = snapshot
        .world
        .components
        .iter()
        .filter(|component| !typed.get(&format!("component-{}", component.id)).is_empty())
        .map(|component| component.id.clone())
        .collect();
    let new = New {
        way,
        address,
        lang,
        components,
    };
    match store::add(&site.db, &site.keys, new, at).await {
        Ok(Added::Waiting { id, secret }) => match secret {
            Some(secret) => {
                let end = format!(
                    "{}/unsubscribe?id={id}&token={}",
                    site.house.public_url,
                    site.keys.sign("unsubscribe", &id)
                );
                let more = view! {
                    <dl class="facts">
                        <div><dt>{word!(lang, subscriptions.secret)}</dt><dd><code>{secret}</code></dd></div>
                        <div><dt>{word!(lang, subscriptions.end_address)}</dt><dd><code>{end}</code></dd></div>
                    </dl>
                };
                told(
                    &site,
                    lang,
                    StatusCode::OK,
                    word!(lang, subscriptions.hook_waits),
                    word!(lang, subscriptions.hook_waits_why),
                    Some(more.into_any()),
                )
            }
            None => mail_sent(&site, lang),
        },
        // The same words whether the address is there: only its owner learns it.
        Ok(Added::There) if way == Way::Email => mail_sent(&site, lang),
        Ok(Added::There) => {
            errors.put("address", word!(lang, subscriptions.there));
            again(&errors, StatusCode::CONFLICT)
        }
        Ok(Added::Full) => {
            errors.put("address", word!(lang, subscriptions.full));
            again(&errors, StatusCode::SERVICE_UNAVAILABLE)
        }
        Err(error) => store_away(&site, lang, &error),
    }
}

fn mail_sent(site: &Site, lang: Lang) -> Response {
    told(
        site,
        lang,
        StatusCode::OK,
        word!(lang, subscriptions.mail_sent),
        word!(lang, subscriptions.mail_sent_why),
        None,
    )
}

/// The subscription that a link is for, if the link is one of ours.
fn link<'a>(site: &Site, uri: &'a Uri, purpose: &str) -> Option<&'a str> {
    let id = query_value(uri, "id").filter(|id| id.len() == 12)?;
    let token = query_value(uri, "token")?;
    site.keys.verify(purpose, id, token).then_some(id)
}

fn wrong_link(site: &Site, lang: Lang) -> Response {
    told(
        site,
        lang,
        StatusCode::NOT_FOUND,
        word!(lang, subscriptions.wrong_link),
        word!(lang, subscriptions.wrong_link_why),
        None,
    )
}

/// One button that does what the link is for: programs that look into mails follow links, and press nothing.
fn button(uri: &Uri, text: String) -> AnyView {
    let action = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    view! {
        <form method="post" action=action><button class="button button-primary" type="submit">{text}</button></form>
    }
    .into_any()
}

async fn ask_confirm(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    let lang = chosen_lang(&uri, &headers);
    if link(&site, &uri, "confirm").is_none() {
        return wrong_link(&site, lang);
    }
    told(
        &site,
        lang,
        StatusCode::OK,
        word!(lang, subscriptions.confirm),
        word!(lang, subscriptions.confirm_why),
        Some(button(&uri, word!(lang, subscriptions.confirm_button))),
    )
}

async fn confirm(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    let lang = chosen_lang(&uri, &headers);
    let Some(id) = link(&site, &uri, "confirm") else {
        return wrong_link(&site, lang);
    };
    match store::confirm(&site.db, id, (site.clock)()).await {
        Ok(true) => told(
            &site,
            lang,
            StatusCode::OK,
            word!(lang, subscriptions.confirmed),
            word!(lang, subscriptions.confirmed_why),
            Some(notice(
                "success",
                Icon::Check,
                word!(lang, subscriptions.confirmed),
            )),
        ),
        Ok(false) => wrong_link(&site, lang),
        Err(error) => store_away(&site, lang, &error),
    }
}

async fn ask_end(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    let lang = chosen_lang(&uri, &headers);
    if link(&site, &uri, "unsubscribe").is_none() {
        return wrong_link(&site, lang);
    }
    told(
        &site,
        lang,
        StatusCode::OK,
        word!(lang, subscriptions.end),
        word!(lang, subscriptions.end_why),
        Some(button(&uri, word!(lang, subscriptions.end_button))),
    )
}

/// Ends it: by the button, or by a mail program's one click (RFC 8058), which sends no cookie and no origin. The
/// link's own signature is the right to do so. Done twice it is the same.
async fn end(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    let lang = chosen_lang(&uri, &headers);
    let Some(id) = link(&site, &uri, "unsubscribe") else {
        return wrong_link(&site, lang);
    };
    match store::end(&site.db, id).await {
        Ok(()) => told(
            &site,
            lang,
            StatusCode::OK,
            word!(lang, subscriptions.ended),
            word!(lang, subscriptions.ended_why),
            None,
        ),
        Err(error) => store_away(&site, lang, &error),
    }
}
