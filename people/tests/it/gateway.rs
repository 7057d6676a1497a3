//! The SMS gateway over HTTP.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use people::{BeginProofError, CodeSender, HttpGateway, People, Purpose, SendError};
use serde_json::Value;

use crate::{NOW, PHONE, keys, policy};

type Seen = Arc<Mutex<Vec<(String, Value)>>>;

async fn gateway(status: StatusCode) -> (String, Seen) {
    let seen = Seen::default();
    let app = Router::new()
        .route(
            "/send",
            post(
                move |State(seen): State<Seen>, headers: HeaderMap, Json(body): Json<Value>| async move {
                    let bearer = headers["authorization"].to_str().unwrap().to_owned();
                    seen.lock().unwrap().push((bearer, body));
                    status
                },
            ),
        )
        .with_state(seen.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (format!("http://{address}/send"), seen)
}

#[tokio::test]
async fn a_code_goes_to_the_gateway_with_its_token() {
    let (url, seen) = gateway(StatusCode::ACCEPTED).await;
    let sender = HttpGateway::new(url, "s3cret");
    assert!(!format!("{sender:?}").contains("s3cret"));
    let test = store::testing::sqlite().await;
    test.store.migrate(&people::MIGRATIONS).await.unwrap();
    let people = People::new(test.store.clone(), keys(), Arc::new(sender), policy());
    let id = people
        .begin_proof(Purpose::SignUp, PHONE, "203.0.113.7", NOW)
        .await
        .unwrap();
    let (bearer, body) = seen.lock().unwrap()[0].clone();
    assert_eq!(bearer, "Bearer s3cret");
    assert_eq!(body["to"], PHONE);
    let text = body["text"].as_str().unwrap();
    let code = text
        .split(|c: char| !c.is_ascii_digit())
        .find(|run| run.len() == 6)
        .unwrap();
    people.prove(&id, code, NOW).await.unwrap();
}

#[tokio::test]
async fn a_gateway_that_refuses_or_is_away_is_told_without_phone_or_text() {
    let (url, _) = gateway(StatusCode::BAD_GATEWAY).await;
    let refused = HttpGateway::new(url, "t").send(PHONE, "123456").await;
    assert_eq!(refused, Err(SendError::Refused(502)));
    let away = HttpGateway::new("http://127.0.0.1:9/?key=abc", "t")
        .send(PHONE, "123456")
        .await
        .unwrap_err();
    let told = format!("{away} {away:?}");
    assert!(
        !told.contains(PHONE) && !told.contains("123456") && !told.contains("abc"),
        "{told}"
    );
    let test = store::testing::sqlite().await;
    test.store.migrate(&people::MIGRATIONS).await.unwrap();
    let sender = Arc::new(HttpGateway::new("http://127.0.0.1:9/", "t"));
    let people = People::new(test.store.clone(), keys(), sender, policy());
    let answer = people
        .begin_proof(Purpose::SignUp, PHONE, "203.0.113.7", NOW)
        .await;
    assert_eq!(answer, Err(BeginProofError::NotSent));
}
