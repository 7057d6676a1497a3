//! The public's door: files and the snapshot from memory; the few old things that are not kept, from the store.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::Response,
};
use jiff::{ToSpan, civil::Date};

use super::{headers, problem};
use crate::{
    history::month_page,
    incidents::{self, incident_page},
    pages::{Reader, error_page},
    site::Site,
    snapshot::{Answer, Made},
    words::{Lang, word},
};

/// The cookie that remembers the chosen language.
pub(crate) const LANG_COOKIE: &str = "neul_status_lang";
/// The same where the public comes by TLS.
const LANG_COOKIE_HTTPS: &str = "__Host-neul_status_lang";

/// The language that was chosen before, by whichever name it is kept.
fn kept_lang(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, LANG_COOKIE_HTTPS).or_else(|| cookie(headers, LANG_COOKIE))
}

/// The first value of a name in the address's query, as it stands there (our values need no decoding).
pub(crate) fn query_value<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    uri.query()?.split('&').find_map(|pair| {
        pair.split_once('=')
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value)
    })
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| {
            pair.trim()
                .split_once('=')
                .filter(|(key, _)| *key == name)
                .map(|(_, value)| value)
        })
}

/// The reader's language: what the address says, else what was chosen before, else what the browser likes.
pub(crate) fn chosen_lang(uri: &Uri, headers: &HeaderMap) -> Lang {
    query_value(uri, "lang")
        .and_then(Lang::of_code)
        .or_else(|| kept_lang(headers).and_then(Lang::of_code))
        .or_else(|| {
            headers
                .get(header::ACCEPT_LANGUAGE)?
                .to_str()
                .ok()
                .map(Lang::accepted)
        })
        .unwrap_or(Lang::ko)
}

fn side(lang: Lang) -> usize {
    lang.pick(0, 1)
}

/// Answers anything that is not the desk's.
pub(crate) async fn public(State(site): State<Arc<Site>>, request: Request<Body>) -> Response {
    let (method, uri, sent) = (request.method(), request.uri(), request.headers());
    let path = uri.path();
    if path.starts_with("/api/") {
        return machine(&site, method, uri, sent);
    }
    if method != Method::GET && method != Method::HEAD {
        let mut response = site.snapshot().not_found[side(chosen_lang(uri, sent))].respond(method, sent);
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    if let Some(file) = site.files.get(path) {
        return file.respond(method, sent);
    }
    let lang = chosen_lang(uri, sent);
    let snapshot = site.snapshot();
    let month = query_value(uri, "month").filter(|_| path == "/history");
    let mut response = if let Some(pair) = snapshot.get(path).filter(|_| month.is_none()) {
        pair[side(lang)].respond(method, sent)
    } else {
        match seldom(&site, path, month, lang).await {
            Ok(Some(html)) => {
                Answer::new(Made::page(lang, html), site.house.is_https()).respond(method, sent)
            }
            Ok(None) => snapshot.not_found[side(lang)].respond(method, sent),
            Err(error) => failure(&site, lang, &error),
        }
    };
    remember(&mut response, uri, sent, site.house.is_https());
    response
}

/// Statuspage's documents. Machines are not asked what they like: Korean, or what the address says.
fn machine(site: &Site, method: &Method, uri: &Uri, sent: &HeaderMap) -> Response {
    let (path, https) = (uri.path(), site.house.is_https());
    let snapshot = site.snapshot();
    let Some(pair) = snapshot.get(path) else {
        let detail = "There is no such document. /api/v2/ has summary.json, status.json, components.json, \
                      incidents.json, incidents/unresolved.json, scheduled-maintenances.json, \
                      scheduled-maintenances/upcoming.json and scheduled-maintenances/active.json.";
        return problem(StatusCode::NOT_FOUND, detail, path, https);
    };
    if *method == Method::OPTIONS {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let map = response.headers_mut();
        map.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        map.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET, HEAD"),
        );
        map.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("If-None-Match"),
        );
        map.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
        headers::guard(map, https);
        return response;
    }
    if *method != Method::GET && *method != Method::HEAD {
        let mut response = problem(
            StatusCode::METHOD_NOT_ALLOWED,
            "This document can only be read: use GET.",
            path,
            https,
        );
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
        return response;
    }
    let lang = match query_value(uri, "lang").map(Lang::of_code) {
        None => Lang::ko,
        Some(Some(lang)) => lang,
        Some(None) => {
            return problem(
                StatusCode::BAD_REQUEST,
                "lang is ko (the default) or en.",
                path,
                https,
            );
        }
    };
    pair[side(lang)].respond(method, sent)
}

/// What is older than the snapshot keeps: an old incident, an old month.
async fn seldom(site: &Site, path: &str, month: Option<&str>, lang: Lang) -> sqlx::Result<Option<String>> {
    let snapshot = site.snapshot();
    let reader = Reader::live(lang, &site.house, (site.clock)());
    if let Some(month) = month {
        let Ok(first) = format!("{month}-01").parse::<Date>() else {
            return Ok(None);
        };
        let instant = |date: Date| {
            date.to_zoned(site.house.times.zone.clone())
                .map_or(0, |zoned| zoned.timestamp().as_millisecond())
        };
        let found =
            incidents::older_in(&site.db, instant(first), instant(first.saturating_add(1.month()))).await?;
        return Ok(Some(month_page(
            reader,
            first,
            &found,
            &snapshot.world.components,
        )));
    }
    let Some(id) = path.strip_prefix("/incidents/").filter(|id| id.len() == 12) else {
        return Ok(None);
    };
    let found = incidents::get(&site.db, id).await?;
    Ok(found.map(|incident| incident_page(reader, &incident, &snapshot.world.components)))
}

/// 500 with an id that stands in the log.
pub(crate) fn failure(site: &Site, lang: Lang, error: &dyn std::fmt::Display) -> Response {
    let id = crate::db::new_id();
    tracing::error!(id, %error, "a request failed");
    let reader = Reader::live(lang, &site.house, (site.clock)());
    let page = error_page(
        reader,
        word!(lang, errors.failed),
        word!(lang, errors.failed_why),
        Some(id),
    );
    Answer::new(
        Made::page(lang, page).status(StatusCode::INTERNAL_SERVER_ERROR),
        site.house.is_https(),
    )
    .respond(&Method::GET, &HeaderMap::new())
}

/// A language chosen in the address is remembered; such an answer is this reader's alone.
pub(crate) fn remember(response: &mut Response, uri: &Uri, sent: &HeaderMap, https: bool) {
    let Some(lang) = query_value(uri, "lang").and_then(Lang::of_code) else {
        return;
    };
    if kept_lang(sent) == Some(lang.code()) {
        return;
    }
    let (name, secure) = if https {
        (LANG_COOKIE_HTTPS, "; Secure")
    } else {
        (LANG_COOKIE, "")
    };
    let value = format!(
        "{name}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly{secure}",
        lang.code()
    );
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(header::SET_COOKIE, value);
        response.headers_mut().insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, max-age=5"),
        );
    }
}
