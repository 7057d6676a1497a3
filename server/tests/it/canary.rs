//! The canary pays one won and takes it back, for its own key alone, and says which of the two fails.

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use ledger::CANARY_WON;
use serde_json::Value;
use server::probe::{Meter, canary_routes, routes};
use tower::ServiceExt as _;

use crate::house::TestHouse;

async fn ask(router: &axum::Router, path: &str, key: &str) -> (StatusCode, Value) {
    let request = if path.ends_with("canary") {
        Request::post(path)
    } else {
        Request::get(path)
    };
    let request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
    let response = router
        .clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

#[tokio::test]
async fn it_pays_and_takes_back_for_its_own_key_which_opens_nothing_else() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        let canary = canary_routes(test.house.clone(), Some("canary key".to_owned()));
        let router = canary.merge(routes(
            test.house.clone(),
            Some("probe key".to_owned()),
            Meter::default(),
        ));
        for (path, key) in [
            ("/probe/canary", "probe key"),
            ("/probe/canary", ""),
            ("/probe", "canary key"),
        ] {
            assert_eq!(
                ask(&router, path, key).await.0,
                StatusCode::UNAUTHORIZED,
                "{path} {key}"
            );
        }
        for key in ["canary key", "probe key"] {
            let answer = ask(&test.router, "/api/v1/payments/1", key).await;
            assert_eq!(answer.0, StatusCode::UNAUTHORIZED, "no key of the API");
        }
        for _ in 0..3 {
            let (status, said) = ask(&router, "/probe/canary", "canary key").await;
            assert_eq!(status, StatusCode::OK);
            assert!(said["pay_ms"].is_i64() && said["cancel_ms"].is_i64(), "{said}");
            assert_eq!(said["whole"], true);
        }
        let ledger = &test.house.ledger;
        let now = test.house.now();
        assert_eq!(ledger.canary_left_won(now).await.unwrap(), CANARY_WON);
        let moved = ledger.verify().await.unwrap();
        assert_eq!(moved.difference, None);

        // What an earlier round could not take back, the next one does.
        let own = ledger.canary(now).await.unwrap();
        ledger.canary_pay(own, "left", now).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        let (_, said) = ask(&router, "/probe/canary", "canary key").await;
        assert_eq!(said["whole"], true);
        assert_eq!(ledger.canary_left_won(now).await.unwrap(), CANARY_WON);

        ledger.store().read.close().await;
        ledger.store().write.close().await;
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        let (status, said) = ask(&router, "/probe/canary", "canary key").await;
        assert_eq!(status, StatusCode::OK);
        assert!(said["cancel_ms"].is_null(), "{said}");
    }
}
