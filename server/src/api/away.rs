//! While the database is away programs are told so at once: a till that waits fifteen seconds for nothing makes a queue.

use app::{House, calm, words::Lang};
use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};
use store::Condition;

use super::Problem;

/// When a till may come again, s: the database is asked several times a second.
const AGAIN_S: i64 = 5;

/// Answers in the handlers' place where they could not, and ends what hangs when the database is found to be away.
/// A card network's questions have their own clock and their own answer to silence (docs/CARDS.md).
pub async fn put_off(State(house): State<House>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.starts_with("/card") || path == "/openapi.json" {
        return next.run(request).await;
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    match house.condition() {
        Condition::Away => return not_now().into_response(),
        Condition::ReadOnly if changes => return not_now().into_response(),
        Condition::Well | Condition::ReadOnly => {}
    }
    let gone = async {
        house.ledger.store().pulse().gone().await;
        tokio::time::sleep(calm::GRACE).await;
    };
    tokio::select! {
        biased;
        answer = next.run(request) => answer,
        () = gone => Problem::unavailable("the database went away").into_response(),
    }
}

/// 503 of which it is known that nothing was begun.
fn not_now() -> Problem {
    Problem::unavailable_example()
        .detail("nothing was done: the database is away; send the same request with the same Idempotency-Key again")
        .message(calm::till(Lang::ko, AGAIN_S), calm::till(Lang::en, AGAIN_S))
        .retry_after(AGAIN_S)
}
