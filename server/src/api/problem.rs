//! What is answered instead, by RFC 9457.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The same sentence in both languages, for the display of a till.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// Korean.
    pub ko: String,
    /// English.
    pub en: String,
}

/// One part of a request and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Wrong {
    /// Where: a JSON pointer into the body, or the name of a header or parameter.
    pub at: String,
    /// What is wrong with it.
    pub detail: String,
}

/// Why there is no other answer (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// What kind of problem; stable, to be compared by programs.
    #[serde(rename = "type")]
    #[schema(example = "urn:neul:problem:not-found", format = "uri")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// What to tell whoever stands at the till.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub message: Option<Message>,
    /// What is wrong with the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Wrong>,
}

/// A problem on its way out.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    /// The last part of the type.
    kind: &'static str,
    title: &'static str,
    detail: String,
    message: Option<Box<Message>>,
    errors: Vec<Wrong>,
    retry_after_s: Option<i64>,
}

impl Problem {
    /// A problem of a kind: status, the last part of its type, and the kind in words.
    pub fn new(status: StatusCode, kind: &'static str, title: &'static str) -> Self {
        Self {
            status,
            kind,
            title,
            detail: title.to_owned(),
            message: None,
            errors: Vec::new(),
            retry_after_s: None,
        }
    }

    /// With what happened this time.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// With what to tell whoever stands at the till.
    #[must_use]
    pub fn message(mut self, ko: String, en: String) -> Self {
        self.message = Some(Box::new(Message { ko, en }));
        self
    }

    /// With one part of the request that is wrong.
    #[must_use]
    pub fn wrong(mut self, at: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(Wrong {
            at: at.into(),
            detail: detail.into(),
        });
        self
    }

    /// With a header that says when to come again, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: i64) -> Self {
        self.retry_after_s = Some(seconds.max(1));
        self
    }

    /// 400: the request cannot be read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            "The request cannot be read",
        )
        .detail(detail)
    }

    /// 401: no key, or none that works.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "no-key", "No API key that works")
            .detail("send an API key that has not been revoked: Authorization: Bearer neul_…")
    }

    /// 403: the key may not do this.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "not-allowed", "The key may not do this").detail(detail)
    }

    /// 404: nothing there, or nothing that this key may know of.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Nothing there")
    }

    /// 405: not by this method. axum adds `Allow`.
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "Not by this method",
        )
    }

    /// 413: more bytes than any request of this API has.
    pub fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "The request is too large",
        )
    }

    /// 415: not JSON.
    pub fn not_json() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not-json",
            "Send JSON with Content-Type: application/json",
        )
    }

    /// 422: readable, but not what the description says.
    pub fn invalid() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "The request is not as described",
        )
    }

    /// 429: too many wrong codes at this shop, whatever its keys.
    pub fn too_many_tries(retry_after_ms: i64) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-tries",
            "Too many wrong codes",
        )
        .detail("wait, and ask customers for the digits on their screen")
        .retry_after((retry_after_ms + 999) / 1_000)
    }

    /// 503: not now, and not known whether it was done: the same request with the same key is safe.
    pub fn unavailable(why: impl std::fmt::Display) -> Self {
        tracing::warn!(%why, "the API could not answer");
        Self::unavailable_example()
    }

    /// The same, of which nothing is logged.
    pub(super) fn unavailable_example() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Not available for the moment",
        )
        .detail("send the same request with the same Idempotency-Key again: it is done once")
        .retry_after(1)
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

impl From<people::Fault> for Problem {
    fn from(fault: people::Fault) -> Self {
        match fault {
            people::Fault::Busy { retry_after_ms } => {
                Self::unavailable("busy").retry_after((retry_after_ms + 999) / 1000)
            }
            other => Self::unavailable(other),
        }
    }
}

impl Problem {
    /// As it is written.
    pub fn body(&self) -> ProblemBody {
        ProblemBody {
            kind: format!("urn:neul:problem:{}", self.kind),
            title: self.title.to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            message: self.message.as_deref().cloned(),
            errors: self.errors.clone(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(serde_json::to_vec(&self.body()).unwrap_or_default()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
