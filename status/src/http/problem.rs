//! RFC 9457: what a program is told when its request was wrong.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use super::headers;

/// The answer. `detail` says what to do instead.
pub(crate) fn problem(status: StatusCode, detail: &str, instance: &str, https: bool) -> Response {
    let body = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "detail": detail,
        "instance": instance,
    });
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let map = response.headers_mut();
    map.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    map.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    map.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers::guard(map, https);
    response
}
