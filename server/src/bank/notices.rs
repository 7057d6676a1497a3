//! `POST /bank/notices`: the bank says that there is news of an order. It is a bell, not a letter: nothing in it is
//! believed, the order is asked for. So a notice said twice, late or never changes nothing but how soon we ask.

use app::House;
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::post,
};

use super::{sign::BankKey, wire::Notice};

#[derive(Clone)]
struct Bell {
    house: House,
    key: BankKey,
}

/// The address, for a house whose bank has this key. Outside of the pages: no cookie and no form comes here.
pub fn router(house: House, key: BankKey) -> Router {
    Router::new()
        .route("/bank/notices", post(ring))
        .layer(DefaultBodyLimit::max(4096))
        .with_state(Bell { house, key })
}

fn problem(status: StatusCode, title: &str) -> Response {
    let body = serde_json::json!({ "type": "about:blank", "title": title, "status": status.as_u16() });
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, kind, body.to_string()).into_response()
}

async fn ring(State(bell): State<Bell>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    // The true time: a frozen clock is for pages.
    let now = jiff::Timestamp::now().as_millisecond();
    if !bell.key.verifies(&headers, now, "POST", target, &body) {
        return problem(StatusCode::UNAUTHORIZED, "The signature is missing, old or wrong.");
    }
    let id = serde_json::from_slice::<Notice>(&body)
        .ok()
        .and_then(|notice| notice.reference.get(1..)?.parse::<i64>().ok());
    let Some(id) = id else {
        return problem(StatusCode::BAD_REQUEST, "The notice names no order.");
    };
    if let Err(error) = bell
        .house
        .ledger
        .ask_bank_soon(store::municipality_of(id), id)
        .await
    {
        tracing::warn!(%error, "a notice of the bank could not be noted");
        return problem(StatusCode::SERVICE_UNAVAILABLE, "Try again later.");
    }
    bell.house.bank_rung.notify_one();
    StatusCode::NO_CONTENT.into_response()
}
