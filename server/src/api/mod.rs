//! `/api/v1`: for tills and card networks, by API key. No cookies, no HTML, no check of origins: a key in a header is
//! nothing that another site could make a browser send.
//!
//! Every answer that is not the one asked for is RFC 9457 `application/problem+json`, axum's own refusals included.
//! The description at `/api/v1/openapi.json` is made of the handlers themselves. Amounts are whole won, times RFC 3339
//! in Korean time, ids are strings (they do not fit into JavaScript's numbers). docs/API.md is the guide.

mod away;
mod body;
mod caller;
mod cards;
mod check;
mod codes;
mod describe;
mod idempotency;
mod payments;
mod problem;
mod refusal;
mod takings;
mod time;
mod whole;

use std::time::Duration;

use app::House;
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderValue, StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
pub use body::{FromBody, FromPath, FromQuery};
pub use caller::Caller;
pub use idempotency::IdempotencyKey;
pub use problem::{Problem, ProblemBody};
pub use time::korean_time;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The largest body of a request, in bytes.
const BODY_MAX: usize = 16 * 1024;
/// A request that takes longer is answered "try again with the same key"; what it asked for may be done all the same.
const DEADLINE: Duration = Duration::from_secs(15);

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Neul API",
        description = "For tills and card networks. Amounts are whole won; ids are strings; errors are RFC 9457 \
            problems whose `type` says what happened and whose `message` can be shown to a person.",
        license(name = "MIT OR Apache-2.0")
    ),
    servers((url = "/api/v1")),
    components(schemas(ProblemBody)),
    modifiers(&KeyScheme),
    tags(
        (name = "payments", description = "Payments to one's own shop"),
        (name = "codes", description = "Codes that customers show"),
        (name = "takings", description = "What one's own shop took"),
        (name = "cards", description = "Card authorisations, for card networks: docs/CARDS.md")
    )
)]
struct Description;

/// How a program says who it is.
struct KeyScheme;

impl Modify for KeyScheme {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.description =
            Some("An API key, made at /shop/keys: `Authorization: Bearer neul_…`".to_owned());
        openapi
            .components
            .get_or_insert_default()
            .add_security_scheme("key", SecurityScheme::Http(scheme));
    }
}

/// Every address below `/api/v1` with its description.
fn described() -> OpenApiRouter<House> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(payments::take))
        .routes(routes!(payments::get))
        .routes(routes!(payments::cancel))
        .routes(routes!(codes::check))
        .routes(routes!(takings::list))
        .routes(routes!(cards::authorise))
        .routes(routes!(cards::advise))
        .routes(routes!(cards::capture))
        .routes(routes!(cards::reverse))
        .routes(routes!(cards::list))
}

/// The API, to be nested at `/api/v1`, outside every layer that is for pages.
pub fn router(house: House) -> Router {
    let (router, mut description) = described().split_for_parts();
    describe::complete(&mut description);
    let description = std::sync::Arc::new(description);
    router
        .route(
            "/openapi.json",
            get(move || async move { Json(description.as_ref().clone()) }),
        )
        .fallback(|| async { Problem::not_found() })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(from_fn_with_state(house.clone(), away::put_off))
        .layer(from_fn(deadline))
        .with_state(house)
}

/// Gives up what takes too long, and lets nothing of the answers be kept by caches.
async fn deadline(request: Request, next: Next) -> Response {
    let mut response = match tokio::time::timeout(DEADLINE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::unavailable("no answer in time").into_response(),
    };
    debug_assert!(
        response.status() != StatusCode::OK || response.headers().contains_key(header::CONTENT_TYPE),
        "an answer says what it is"
    );
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
