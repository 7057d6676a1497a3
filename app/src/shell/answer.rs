//! Turning a view into an answer: status, headers, cookies, and the Content-Security-Policy whose nonce the
//! page carries.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use hydration_context::SsrSharedContext;
use leptos::{
    nonce::{provide_nonce, use_nonce},
    prelude::*,
};

use super::frame;
use crate::{
    door::{Ctx, set_cookie},
    word,
};

/// How long a choice of language or look is kept, in seconds.
pub const CHOICE_S: i64 = 365 * 24 * 3600;

/// One page before it is put in its frame.
#[derive(Clone, Debug)]
pub struct Page {
    /// Title, without the name of the house.
    pub title: String,
    /// HTTP status.
    pub status: StatusCode,
    /// Whether an island lives on it: only then, or for [`Page::script`], does the browser load a script at all.
    pub islands: bool,
    /// A script of its own, by its address on this site.
    pub script: Option<&'static str>,
    /// Without navigation, account and settings: nothing on it belongs to a session or does anything.
    pub bare: bool,
    /// Without a script, load the page anew after so many seconds (long work that goes on).
    pub refresh_s: Option<u32>,
    /// How wide the page may be.
    pub width: Width,
}

/// How wide a page may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Width {
    /// One form.
    Form,
    /// Text to read, a list.
    Narrow,
    /// An ordinary page.
    #[default]
    Normal,
    /// Wide tables of the desk.
    Wide,
}

impl Page {
    /// A page of this title.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            status: StatusCode::OK,
            islands: false,
            script: None,
            bare: false,
            refresh_s: None,
            width: Width::Normal,
        }
    }

    /// A form that is shown again with what was wrong.
    #[must_use]
    pub fn refused_if(mut self, bad: bool) -> Self {
        if bad {
            self.status = StatusCode::UNPROCESSABLE_ENTITY;
        }
        self
    }

    /// With islands.
    #[must_use]
    pub fn with_islands(mut self) -> Self {
        self.islands = true;
        self
    }

    /// With a small script of its own, which may register the service worker.
    #[must_use]
    pub fn with_script(mut self, address: &'static str) -> Self {
        self.script = Some(address);
        self
    }

    /// As wide as the desk's tables.
    #[must_use]
    pub fn wide(mut self) -> Self {
        self.width = Width::Wide;
        self
    }

    /// As narrow as a list or a text to read.
    #[must_use]
    pub fn narrow(mut self) -> Self {
        self.width = Width::Narrow;
        self
    }

    /// As narrow as one form.
    #[must_use]
    pub fn form(mut self) -> Self {
        self.width = Width::Form;
        self
    }
}

/// Renders a page: once, to a string, without waiting for anything (handlers have asked the database
/// before). Cost: no I/O; about 40 µs for an ordinary page.
pub fn page<V: IntoView + 'static>(ctx: &Ctx, page: Page, view: impl FnOnce() -> V) -> Response {
    let status = page.status;
    let (islands, own_script) = (page.islands, page.script.is_some());
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let (html, nonce) = owner.with(|| {
        provide_nonce();
        let body = view().into_any();
        let html = frame::frame(ctx, page, body).to_html();
        (
            html,
            use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default(),
        )
    });
    drop(owner);
    let script = if islands {
        format!("script-src 'strict-dynamic' 'nonce-{nonce}' 'wasm-unsafe-eval'")
    } else if own_script {
        format!("script-src 'nonce-{nonce}'; worker-src 'self'")
    } else {
        "script-src 'none'".to_owned()
    };
    let policy = format!(
        "default-src 'none'; object-src 'none'; {script}; connect-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
    let mut response = Response::new(Body::from(format!("<!DOCTYPE html>{html}")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language, Cookie"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if ctx.new_form_secret {
        headers.append(
            header::SET_COOKIE,
            set_cookie(&ctx.house.settings, "neul_form", &ctx.form_secret, 86_400),
        );
    }
    if ctx.flash.is_some() {
        headers.append(
            header::SET_COOKIE,
            set_cookie(&ctx.house.settings, "neul_flash", "", 0),
        );
    }
    response
}

/// 303 to an address of our own.
pub fn redirect(_ctx: &Ctx, to: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let location = HeaderValue::from_str(&local(to)).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, location);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// 303 with one message for the next page.
pub fn redirect_with(ctx: &Ctx, to: &str, message: &str) -> Response {
    let mut response = redirect(ctx, to);
    response.headers_mut().append(
        header::SET_COOKIE,
        set_cookie(&ctx.house.settings, "neul_flash", message, 60),
    );
    response
}

/// A path on this site; anything else becomes the front page (no open redirect), and what a header cannot
/// carry is encoded.
fn local(to: &str) -> String {
    // First without what browsers leave out of an address: `/<tab>/evil.example` is `//evil.example` to them.
    let to: String = to.chars().filter(|c| !c.is_control()).collect();
    if !to.starts_with('/') || to.starts_with("//") || to.starts_with("/\\") {
        return "/".to_owned();
    }
    to.chars()
        .map(|c| {
            if c.is_ascii() {
                c.to_string()
            } else {
                hex_encoded(c)
            }
        })
        .collect()
}

fn hex_encoded(c: char) -> String {
    let mut buffer = [0; 4];
    let bytes = c.encode_utf8(&mut buffer).bytes();
    bytes.fold(String::new(), |text, byte| format!("{text}%{byte:02X}"))
}

/// A machine's answer.
pub fn json<T: serde::Serialize>(value: &T) -> Response {
    let mut response = Response::new(Body::from(serde_json::to_vec(value).unwrap_or_default()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A file to keep; `name` may be Korean.
pub fn attachment(name: &str, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    let encoded: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-._".contains(c) {
                c.to_string()
            } else {
                hex_encoded(c)
            }
        })
        .collect();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{encoded}")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// The page that says why there is no page.
pub fn problem(ctx: &Ctx, status: StatusCode, title: String, text: String, id: Option<String>) -> Response {
    let lang = ctx.lang;
    let mut what = Page::new(title.clone());
    what.status = status;
    page(ctx, what, move || {
        view! {
            <section class="empty">
                <h1>{title}</h1>
                <p>{text}</p>
                {id.map(|id| view! { <p>{word!(lang, errors.id)}" "<code>{id}</code></p> })}
                <p class="button-row">
                    <a class="button button-primary" href="/">{word!(lang, common.home)}</a>
                    <a class="button" href="/incidents">{word!(lang, common.state)}</a>
                </p>
            </section>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_never_leaves_the_site() {
        assert_eq!(local("/wallet?x=1"), "/wallet?x=1");
        assert_eq!(local("//evil.example"), "/");
        assert_eq!(local("/\\evil.example"), "/");
        assert_eq!(local("https://evil.example"), "/");
        assert_eq!(local("/\t/evil.example"), "/");
        assert_eq!(local("/\n\\evil.example"), "/");
        assert_eq!(local("/a\r\nSet-Cookie: x"), "/aSet-Cookie: x");
        assert_eq!(local("/가"), "/%EA%B0%80");
    }
}
