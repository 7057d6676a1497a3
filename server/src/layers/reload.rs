//! While somebody works on the portal (`make dev`): a page loads itself anew once a newer server answers. Only in a
//! debug build, and only where the watcher says so by `LEPTOS_WATCH`, as `cargo leptos watch` does.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderValue, header},
    middleware::{Next, from_fn},
    response::Response,
    routing::get,
};

const ADDRESS: &str = "/dev-reload";
const SCRIPT: &str = "let known; setInterval(async () => { \
    const now = await fetch('/dev-reload').then(answer => answer.text()).catch(() => known); \
    if (known && now !== known) location.reload(); known = now; }, 700)";
const NO_SCRIPT: &str = "script-src 'none'";

/// The portal, with the script in its pages where a watcher started it.
pub fn reload(portal: Router) -> Router {
    if !cfg!(debug_assertions) || std::env::var_os("LEPTOS_WATCH").is_none() {
        return portal;
    }
    let began = std::process::id().to_string();
    portal
        .route(ADDRESS, get(move || std::future::ready(began)))
        .layer(from_fn(add))
}

/// Puts the script at a page's end, under the nonce that the page has, or one of our own.
async fn add(request: Request, next: Next) -> Response {
    let (mut parts, body) = next.run(request).await.into_parts();
    let is_page = parts
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    let policy = parts
        .headers
        .get(header::CONTENT_SECURITY_POLICY)
        .and_then(|value| value.to_str().ok())
        .map(ToOwned::to_owned);
    let (true, Some(policy)) = (is_page, policy) else {
        return Response::from_parts(parts, body);
    };
    let nonce = match policy
        .split("'nonce-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next())
    {
        Some(nonce) => nonce.to_owned(),
        None => "dev".to_owned(),
    };
    if let Ok(value) = HeaderValue::from_str(&policy.replace(NO_SCRIPT, "script-src 'nonce-dev'")) {
        parts.headers.insert(header::CONTENT_SECURITY_POLICY, value);
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    let Ok(html) = to_bytes(body, usize::MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let script = format!("<script nonce=\"{nonce}\">{SCRIPT}</script>");
    Response::from_parts(parts, Body::from([&html, script.as_bytes()].concat()))
}
