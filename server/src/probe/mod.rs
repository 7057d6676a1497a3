//! `/probe`: what the portal says of itself to whoever watches it from outside with the key `NEUL_PROBE_KEY` (the
//! status site). Bounded and cheap: one answer a second is made, others get the same; a database that does not
//! answer within two seconds is said to be away. Tells nothing of any person and no sum of money.

mod canary;
mod key;
mod meter;

pub use canary::routes as canary_routes;
pub use key::{find, find_canary, find_or_make, find_or_make_canary, kept_key};
pub use meter::{Kind, Meter, count};

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use app::House;
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;
use tokio::sync::Mutex;

/// A database that takes longer is away: the status site waits three seconds for all of it.
const PATIENCE: Duration = Duration::from_secs(2);
/// An answer is given again within this time.
const FRESH: Duration = Duration::from_secs(1);

/// What the handler needs.
#[derive(Clone)]
struct Probe {
    house: House,
    key: Arc<str>,
    meter: Meter,
    last: Arc<Mutex<Option<(Instant, Value)>>>,
}

/// The route; without a key there is none.
pub fn routes(house: House, key: Option<String>, meter: Meter) -> Router {
    let Some(key) = key.filter(|key| !key.is_empty()) else {
        return Router::new();
    };
    let probe = Probe {
        house,
        key: key.into(),
        meter,
        last: Arc::default(),
    };
    Router::new().route("/probe", get(answer)).with_state(probe)
}

fn is_ours(headers: &HeaderMap, key: &str) -> bool {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    given.is_some_and(|given| given.as_bytes().ct_eq(key.as_bytes()).into())
}

async fn answer(State(probe): State<Probe>, headers: HeaderMap) -> Response {
    if !is_ours(&headers, &probe.key) {
        return unauthorized("NEUL_PROBE_KEY");
    }
    // One asks the database at a time; who comes meanwhile gets the same answer.
    let mut last = probe.last.lock().await;
    let value = match &*last {
        Some((made, value)) if made.elapsed() < FRESH => value.clone(),
        _ => {
            let value = look(&probe).await;
            *last = Some((Instant::now(), value.clone()));
            value
        }
    };
    uncached(Json(value).into_response())
}

/// Says which key opens this.
fn unauthorized(key: &str) -> Response {
    let problem = json!({
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": format!("Send the portal's {key} as a bearer token."),
    });
    let mut response = (StatusCode::UNAUTHORIZED, Json(problem)).into_response();
    let map = response.headers_mut();
    map.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    map.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    uncached(response)
}

fn uncached(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn look(probe: &Probe) -> Value {
    let ledger = &probe.house.ledger;
    let database = async {
        ledger.store().ping().await.ok()?;
        let since = ledger.payout_waiting_since().await.ok()?;
        let checkpoint = ledger.latest_checkpoint().await.ok()?;
        Some((since, checkpoint.map(|newest| newest.at)))
    };
    let seen = tokio::time::timeout(PATIENCE, database).await.ok().flatten();
    let (queued, most) = ledger.posting();
    let now = jiff::Timestamp::now().as_millisecond();
    json!({
        "database": {"reachable": seen.is_some()},
        "payouts": seen.map(|(since, _)| json!({
            "oldest_s": since.map_or(0, |since| (now - since).max(0) / 1000),
        })),
        "checkpoint_age_s": seen.and_then(|(_, signed)| signed).map(|signed| (now - signed).max(0) / 1000),
        "poster": {"queued": queued, "most": most},
        "work": probe.meter.last_minute(),
    })
}
