//! `POST /probe/canary`: pays one won of the canary's and takes it back, for whoever has `NEUL_CANARY_KEY` (the status
//! site). The key is apart from the probe's and opens nothing else. One does it at a time; who comes meanwhile, or within
//! a second, gets the same answer, so that no caller can make the ledger work faster than once a second.
//!
//! `{"pay_ms": 3, "cancel_ms": 2, "whole": true}`; null where a step was not done in time, and then the next round takes
//! back what was left. `whole`: the wallet holds to the won what it did before.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use app::House;
use axum::{
    Json, Router,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse as _, Response},
    routing::post,
};
use ledger::{CANARY_WON, Canary, LedgerError};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{FRESH, is_ours, unauthorized, uncached};

/// Each step; the status site waits three seconds for all of it.
const PATIENCE: Duration = Duration::from_millis(1_200);

/// What the handler needs.
#[derive(Clone)]
struct Bird {
    house: House,
    key: Arc<str>,
    state: Arc<Mutex<Round>>,
}

#[derive(Default)]
struct Round {
    canary: Option<Canary>,
    last: Option<(Instant, Value)>,
}

/// The route; without a key there is none.
pub fn routes(house: House, key: Option<String>) -> Router {
    let Some(key) = key.filter(|key| !key.is_empty()) else {
        return Router::new();
    };
    let bird = Bird {
        house,
        key: key.into(),
        state: Arc::default(),
    };
    Router::new()
        .route("/probe/canary", post(answer))
        .with_state(bird)
}

async fn answer(State(bird): State<Bird>, headers: HeaderMap) -> Response {
    if !is_ours(&headers, &bird.key) {
        return unauthorized("NEUL_CANARY_KEY");
    }
    let mut round = bird.state.lock().await;
    let value = match &round.last {
        Some((made, value)) if made.elapsed() < FRESH => value.clone(),
        _ => {
            let value = sing(&bird.house, &mut round.canary).await;
            round.last = Some((Instant::now(), value.clone()));
            value
        }
    };
    uncached(Json(value).into_response())
}

/// Runs a step within its time. What it asked for may be done all the same: the next round finds it.
async fn step<T>(what: &str, work: impl Future<Output = Result<T, LedgerError>>) -> Option<(T, u64)> {
    let begun = Instant::now();
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(done)) => Some((done, begun.elapsed().as_millis() as u64)),
        Ok(Err(error)) => {
            tracing::warn!(%error, what, "the canary's step failed");
            None
        }
        Err(_) => {
            tracing::warn!(what, "the canary's step was not done in time");
            None
        }
    }
}

async fn sing(house: &House, known: &mut Option<Canary>) -> Value {
    let (ledger, at) = (&house.ledger, house.now());
    if known.is_none() {
        *known = step("open", ledger.canary(at)).await.map(|(canary, _)| canary);
    }
    let mut said = json!({ "pay_ms": null, "cancel_ms": null, "whole": null });
    let Some(canary) = *known else {
        return said;
    };
    let key = people::random_token();
    let Some((payment, pay_ms)) = step("pay", ledger.canary_pay(canary, &key[..16], at)).await else {
        return said;
    };
    said["pay_ms"] = pay_ms.into();
    if let Some(((), cancel_ms)) = step("cancel", ledger.canary_cancel(payment, at)).await {
        said["cancel_ms"] = cancel_ms.into();
        said["whole"] = is_whole(house, at).await.into();
    }
    said
}

/// Whether nothing of its money is missing, after what earlier rounds left was taken back.
async fn is_whole(house: &House, at: i64) -> Option<bool> {
    let (left, _) = step("look", house.ledger.canary_left_won(at)).await?;
    if left == CANARY_WON {
        return Some(true);
    }
    step("tidy", house.ledger.canary_tidy(at)).await?;
    let (left, _) = step("look", house.ledger.canary_left_won(at)).await?;
    Some(left == CANARY_WON)
}
