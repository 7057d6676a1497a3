//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): required where money moves.

use axum::{extract::FromRequestParts, http::request::Parts};
use utoipa::IntoParams;

use super::Problem;

const NAME: &str = "idempotency-key";
/// The longest key, in characters.
const LENGTH_MAX: usize = 128;

/// The caller's key of one request: the same key is the same request. A structured string as the draft has it
/// (`"8e03978e-40d5-43dd-bc93-6894a57f9324"`) and the same without quotes are one key.
#[derive(Clone, Debug, PartialEq, Eq, IntoParams)]
#[into_params(
    parameter_in = Header,
    names("Idempotency-Key")
)]
pub struct IdempotencyKey(
    /// Names this request among all of your shop's, for ever: a new one (a UUID, say) for each thing that is to be done
    /// once, the same one for each try of it. 1 to 128 visible ASCII characters, with or without quotes around it.
    #[param(
        pattern = "^[!#-~]{1,128}$",
        min_length = 1,
        max_length = 128,
        example = "8e03978e-40d5-43dd-bc93-6894a57f9324"
    )]
    pub String,
);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let wrong = |detail: &str| {
            Problem::bad_request("an Idempotency-Key is needed").wrong("Idempotency-Key", detail)
        };
        let mut values = parts.headers.get_all(NAME).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(wrong("send it once"));
        };
        let text = value
            .to_str()
            .map_err(|_| wrong("visible ASCII characters only"))?
            .trim();
        let text = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
            .unwrap_or(text);
        let fits = (1..=LENGTH_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(wrong("1 to 128 visible ASCII characters"))
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    async fn read(values: &[&str]) -> Result<String, axum::http::StatusCode> {
        let mut request = Request::builder();
        for value in values {
            request = request.header(NAME, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let key = IdempotencyKey::from_request_parts(&mut parts, &()).await;
        key.map(|key| key.0).map_err(|problem| problem.status())
    }

    #[tokio::test]
    async fn a_key_is_read_with_quotes_or_without() {
        assert_eq!(read(&["abc-1"]).await.unwrap(), "abc-1");
        assert_eq!(read(&["\"abc-1\""]).await.unwrap(), "abc-1");
        let long = "k".repeat(129);
        for wrong in [&[][..], &[""], &["a b"], &["\"\""], &["a", "a"], &[long.as_str()]] {
            assert_eq!(read(wrong).await.unwrap_err(), 400, "{wrong:?}");
        }
    }
}
