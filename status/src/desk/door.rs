//! What every request to the desk passes: its place, its time, and for a form where it comes from.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use tokio::sync::Semaphore;

use super::{Origin, refused};
use crate::{
    http::{Peer, chosen_lang, headers, remember},
    site::Site,
    words::word,
};

/// The desk's requests at once: an attack on it must not take the pages' time.
static PLACES: Semaphore = Semaphore::const_new(32);
/// A request to the desk is never longer.
const PATIENCE: Duration = Duration::from_secs(15);

/// The guard of all desk routes.
pub(super) async fn guard(State(site): State<Arc<Site>>, mut request: Request<Body>, next: Next) -> Response {
    let lang = chosen_lang(request.uri(), request.headers());
    // One click in a mail program ends a subscription (RFC 8058): it comes from nowhere, and its link is signed.
    let one_click = request.uri().path() == "/unsubscribe";
    if request.method() == Method::POST && !one_click && !is_own(request.headers()) {
        return refused(&site, lang, StatusCode::FORBIDDEN, word!(lang, desk.other_site));
    }
    let origin = Origin(address(&request));
    request.extensions_mut().insert(origin);
    let (uri, sent) = (request.uri().clone(), request.headers().clone());
    let work = async {
        let _place = PLACES.acquire().await;
        next.run(request).await
    };
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(mut response) => {
            // Redirects and refusals of the framework pass here too.
            remember(&mut response, &uri, &sent, site.house.is_https());
            let map = response.headers_mut();
            headers::guard(map, site.house.is_https());
            map.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(_) => refused(
            &site,
            lang,
            StatusCode::SERVICE_UNAVAILABLE,
            word!(lang, desk.too_slow),
        ),
    }
}

/// Whether a form was sent from a page of this site: browsers say so in `Sec-Fetch-Site` or `Origin`, and one
/// that says neither is refused.
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text("sec-fetch-site");
    let origin = text("origin");
    if site.is_some_and(|site| site != "same-origin") || (site.is_none() && origin.is_none()) {
        return false;
    }
    let Some(origin) = origin else { return true };
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    authority.is_some() && authority == text("host")
}

/// The peer's address; what a proxy on this machine says instead, if one does.
fn address(request: &Request<Body>) -> String {
    let peer = request
        .extensions()
        .get::<ConnectInfo<Peer>>()
        .map(|info| info.0.0.ip());
    // A proxy may add a line of its own below the visitor's (HAProxy does): the last line counts.
    let forwarded = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .next_back()
        .filter(|_| peer.is_some_and(|peer| peer.is_loopback()))
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
    forwarded
        .or(peer)
        .map_or_else(|| "-".to_owned(), |address| address.to_string())
}
