//! One answer as bytes, ready to go: headers made beforehand, plain and brotli, with its tag.

use std::io::Write as _;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use sha2::{Digest, Sha256};

use crate::{http::headers, words::Lang};

/// What kind of thing an answer is: decides its type, how long it may be kept and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A page.
    Page,
    /// Statuspage's JSON: any site may read it.
    Json,
    /// RSS.
    Rss,
    /// Atom.
    Atom,
    /// A badge: shown on other sites, changes with the state.
    Badge,
    /// A file whose name says its content; of this type.
    Static(&'static str),
    /// A small file at a fixed address; of this type.
    File(&'static str),
}

/// What was rendered.
#[derive(Debug)]
pub(crate) struct Made {
    kind: Kind,
    lang: Option<Lang>,
    status: StatusCode,
    body: Bytes,
}

impl Made {
    /// A page in a language.
    pub(crate) fn page(lang: Lang, html: String) -> Self {
        Self::new(Kind::Page, Some(lang), html.into())
    }

    /// Anything.
    pub(crate) fn new(kind: Kind, lang: Option<Lang>, body: Bytes) -> Self {
        Self {
            kind,
            lang,
            status: StatusCode::OK,
            body,
        }
    }

    /// With another status than 200.
    pub(crate) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

#[derive(Debug)]
struct Variant {
    headers: HeaderMap,
    body: Bytes,
    tag: String,
}

/// An answer, ready to go.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    plain: Variant,
    brotli: Option<Variant>,
}

impl Answer {
    /// Makes it ready: compresses, tags, writes the headers.
    pub(crate) fn new(made: Made, https: bool) -> Self {
        let packed = match made.kind {
            // Fonts are packed already.
            Kind::Static("font/woff2") => None,
            // Unoptimised, the last per cent would cost every test a second.
            Kind::Static(_) if !cfg!(debug_assertions) => pack(&made.body, 11),
            _ => pack(&made.body, 5),
        };
        let plain = Variant::new(&made, made.body.clone(), false, https);
        let brotli = packed.map(|body| Variant::new(&made, body, true, https));
        Self {
            status: made.status,
            plain,
            brotli,
        }
    }

    /// The plain bytes.
    pub(crate) fn body(&self) -> Bytes {
        self.plain.body.clone()
    }

    /// The answer to a request: the form it takes, or "not changed".
    pub(crate) fn respond(&self, method: &Method, request: &HeaderMap) -> Response {
        let takes_brotli = request
            .get(header::ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| {
                value.split(',').any(|part| {
                    let mut pieces = part.split(';').map(str::trim);
                    pieces.next() == Some("br") && !pieces.any(|piece| piece == "q=0")
                })
            });
        let variant = self
            .brotli
            .as_ref()
            .filter(|_| takes_brotli)
            .unwrap_or(&self.plain);
        let known = self.status == StatusCode::OK
            && request
                .get(header::IF_NONE_MATCH)
                .and_then(|value| value.to_str().ok())
                .is_some_and(|tags| {
                    tags.split(',').any(|tag| {
                        let tag = tag.trim();
                        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == variant.tag
                    })
                });
        let body = if known || *method == Method::HEAD {
            Body::empty()
        } else {
            Body::from(variant.body.clone())
        };
        let mut response = Response::new(body);
        *response.headers_mut() = variant.headers.clone();
        *response.status_mut() = self.status;
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response.headers_mut().remove(header::CONTENT_LENGTH);
            response.headers_mut().remove(header::CONTENT_TYPE);
        }
        response
    }
}

impl Variant {
    fn new(made: &Made, body: Bytes, packed: bool, https: bool) -> Self {
        let tag = format!("\"{}\"", &hex::encode(Sha256::digest(&body))[..20]);
        let mut headers = HeaderMap::with_capacity(16);
        let mut put = |name, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        let (content_type, cache) = match made.kind {
            Kind::Page => (
                "text/html; charset=utf-8",
                "public, max-age=5, stale-if-error=86400",
            ),
            Kind::Json => (
                "application/json; charset=utf-8",
                "public, max-age=10, stale-if-error=86400",
            ),
            Kind::Rss => (
                "application/rss+xml; charset=utf-8",
                "public, max-age=60, stale-if-error=86400",
            ),
            Kind::Atom => (
                "application/atom+xml; charset=utf-8",
                "public, max-age=60, stale-if-error=86400",
            ),
            Kind::Badge => ("image/svg+xml", "public, max-age=30, stale-if-error=86400"),
            Kind::Static(content_type) => (content_type, "public, max-age=31536000, immutable"),
            Kind::File(content_type) => (content_type, "public, max-age=86400"),
        };
        put(header::CONTENT_TYPE, content_type);
        put(header::CONTENT_LENGTH, &body.len().to_string());
        put(
            header::CACHE_CONTROL,
            if made.status == StatusCode::OK {
                cache
            } else {
                "no-store"
            },
        );
        put(header::ETAG, &tag);
        if packed {
            put(header::CONTENT_ENCODING, "br");
        }
        match made.kind {
            Kind::Page => put(header::VARY, "Accept-Encoding, Accept-Language, Cookie"),
            _ => put(header::VARY, "Accept-Encoding"),
        }
        if let Some(lang) = made.lang {
            put(header::CONTENT_LANGUAGE, lang.code());
        }
        if matches!(made.kind, Kind::Json | Kind::Rss | Kind::Atom | Kind::Badge) {
            put(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        }
        headers::guard(&mut headers, https);
        Self { headers, body, tag }
    }
}

fn pack(body: &[u8], quality: u32) -> Option<Bytes> {
    if body.len() < 256 {
        return None;
    }
    let mut out = Vec::with_capacity(body.len() / 3);
    {
        let mut writer = brotli::CompressorWriter::new(&mut out, 4096, quality, 20);
        writer.write_all(body).ok()?;
        writer.flush().ok()?;
    }
    (out.len() < body.len()).then(|| out.into())
}
