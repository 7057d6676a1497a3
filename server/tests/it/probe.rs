//! What the portal says of itself, to whom, and that it says so while its database is away.

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use serde_json::Value;
use server::probe::{Kind, Meter, routes};
use tower::ServiceExt as _;

use crate::house::TestHouse;

async fn ask(router: &axum::Router, key: Option<&str>) -> (StatusCode, String, Value) {
    let mut request = Request::get("/probe");
    if let Some(key) = key {
        request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
    }
    let response = router
        .clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let status = response.status();
    let kind = response
        .headers()
        .get(header::CONTENT_TYPE)
        .map(|value| value.to_str().unwrap().to_owned())
        .unwrap_or_default();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, kind, serde_json::from_slice(&bytes).unwrap_or_default())
}

#[tokio::test]
async fn only_the_key_opens_it_and_it_answers_with_the_database_away() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        let meter = Meter::default();
        meter.put(Kind::Payment, true, std::time::Duration::from_millis(3));
        let router = routes(test.house.clone(), Some("the key".to_owned()), meter);
        for wrong in [None, Some(""), Some("the kex"), Some("the key ")] {
            let (status, kind, problem) = ask(&router, wrong).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{wrong:?}");
            assert_eq!(kind, "application/problem+json");
            assert_eq!(problem["status"], 401);
        }
        let (status, _, said) = ask(&router, Some("the key")).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(said["database"]["reachable"], true);
        assert_eq!(said["payouts"]["oldest_s"], 0);
        assert_eq!(said["poster"]["queued"], 0);
        assert_eq!(said["work"][1]["kind"], "payment");
        assert_eq!(said["work"][1]["failed"], 1);

        test.house.ledger.store().read.close().await;
        // The last answer is given again for a second.
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        let (status, _, said) = ask(&router, Some("the key")).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(said["database"]["reachable"], false);
        assert!(said["payouts"].is_null());
    }
}

#[tokio::test]
async fn without_a_key_there_is_no_such_address() {
    let [store, _other] = store::testing::both().await;
    let test = TestHouse::new(store).await;
    for key in [None, Some(String::new())] {
        let router = routes(test.house.clone(), key, Meter::default());
        assert_eq!(ask(&router, Some("")).await.0, StatusCode::NOT_FOUND);
    }
}
