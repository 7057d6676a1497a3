//! Cookies: names, attributes, lifetimes.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, SameSite};

use crate::Settings;

/// The cookie's name as this deployment writes it: `__Host-` wherever cookies can be `Secure`.
pub fn cookie_name(settings: &Settings, name: &str) -> String {
    if settings.secure_cookies {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

/// A `Set-Cookie` header: `HttpOnly`, `SameSite=Lax`, the whole site. `max_age_s` 0 removes it.
pub fn set_cookie(settings: &Settings, name: &str, value: &str, max_age_s: i64) -> HeaderValue {
    let cookie = Cookie::build((cookie_name(settings, name), value.to_owned()))
        .path("/")
        .http_only(true)
        .secure(settings.secure_cookies)
        .same_site(SameSite::Lax)
        .max_age(cookie::time::Duration::seconds(max_age_s))
        .build();
    HeaderValue::from_str(&cookie.encoded().to_string()).unwrap_or(HeaderValue::from_static(""))
}

/// The value of a cookie that a browser sent.
pub fn read(settings: &Settings, headers: &HeaderMap, name: &str) -> Option<String> {
    let name = cookie_name(settings, name);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse_encoded)
        .flatten()
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}
