//! `/api/v1` as a till meets it: every answer is JSON or a problem, and a key opens its own shop's records only.

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use ledger::Operation;
use people::{KeyOwner, NewApiKey, Scope};
use tower::ServiceExt;

use crate::house::{NOW, OTHER, OWN, TestHouse};

/// What came back, with its body read as JSON.
pub struct Told {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub json: serde_json::Value,
}

impl Told {
    /// The last part of a problem's type; checks that it is one.
    pub fn problem(&self) -> &str {
        assert_eq!(
            self.headers[header::CONTENT_TYPE],
            "application/problem+json",
            "{}",
            self.json
        );
        assert_eq!(self.json["status"], self.status.as_u16(), "{}", self.json);
        let kind = self.json["type"].as_str().expect("a type");
        kind.strip_prefix("urn:neul:problem:").expect("a type of ours")
    }
}

impl TestHouse {
    /// The text of a new key of a merchant's.
    pub async fn api_key(&self, municipality: i64, merchant: i64, scopes: &[Scope]) -> String {
        let new = NewApiKey {
            municipality,
            owner: KeyOwner::Merchant(merchant),
            label: people::random_token(),
            scopes: scopes.to_vec(),
        };
        self.house
            .people
            .make_api_key(&new, "test", "", NOW)
            .await
            .unwrap()
            .1
            .0
    }

    /// One call of the API.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        key: &str,
        more: &[(&str, &str)],
        body: Option<serde_json::Value>,
    ) -> Told {
        let mut request = Request::builder()
            .method(method.parse::<Method>().unwrap())
            .uri(path);
        if !key.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(json) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        let response = self
            .router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        Told {
            status: parts.status,
            headers: parts.headers,
            json: serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                panic!(
                    "{method} {path}: {} is no JSON ({error}): {}",
                    parts.status,
                    String::from_utf8_lossy(&bytes)
                )
            }),
        }
    }
}

#[tokio::test]
async fn a_key_reads_the_payments_of_its_own_shop_and_no_other() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        let (shop, holder) = (test.own_merchant, 4711);
        test.give(OWN, test.own_programme, holder, 30_000).await;
        let pay = |merchant| Operation::Pay {
            holder,
            merchant,
            amount_won: 12_000,
        };
        let payment = test.post(OWN, "p", pay(shop)).await.transfer;
        let key = test.api_key(OWN, shop, &[Scope::PaymentsRead]).await;
        let path = format!("/api/v1/payments/{payment}");

        let got = test.call("GET", &path, &key, &[], None).await;
        assert_eq!(got.status, StatusCode::OK, "{}", got.json);
        assert_eq!(got.headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(got.json["id"], payment.to_string());
        assert_eq!(
            (&got.json["status"], &got.json["amount_won"]),
            (&"paid".into(), &12_000.into())
        );
        assert_eq!(got.json["paid_at"], "2026-03-02T12:00:00.000+09:00");
        let cancel = Operation::Cancel {
            transfer: payment,
            amount_won: Some(2_000),
        };
        test.post(OWN, "c", cancel).await;
        let got = test.call("GET", &path, &key, &[], None).await;
        assert_eq!(got.json["status"], "partly_cancelled");
        assert_eq!(got.json["cancelled_won"], 2_000);

        // Another shop of the municipality, another municipality, and a key without the scope.
        let other = test.api_key(OWN, shop + 1, &[Scope::PaymentsRead]).await;
        assert_eq!(
            test.call("GET", &path, &other, &[], None).await.problem(),
            "not-found"
        );
        let far = test.api_key(OTHER, shop, &[Scope::PaymentsRead]).await;
        assert_eq!(
            test.call("GET", &path, &far, &[], None).await.problem(),
            "not-found"
        );
        let blind = test.api_key(OWN, shop, &[Scope::TakingsRead]).await;
        let got = test.call("GET", &path, &blind, &[], None).await;
        assert_eq!(
            (got.status, got.problem()),
            (StatusCode::FORBIDDEN, "not-allowed")
        );
        // What is no payment is none here either.
        for id in ["0", "x", "99999999999999999999", "-1"] {
            let got = test
                .call("GET", &format!("/api/v1/payments/{id}"), &key, &[], None)
                .await;
            assert_eq!(
                (got.status, got.problem()),
                (StatusCode::NOT_FOUND, "not-found"),
                "{id}"
            );
        }
    }
}

#[tokio::test]
async fn without_a_key_that_works_nothing_is_told_and_every_error_is_a_problem() {
    let test = TestHouse::new(store::testing::sqlite().await).await;
    let cookie = test.cookie("merchant").await;
    for (key, more) in [
        ("", vec![]),
        ("neul_wrong", vec![]),
        ("", vec![("cookie", cookie.as_str())]),
        ("", vec![("authorization", "Basic bmV1bDpuZXVs")]),
    ] {
        let got = test.call("GET", "/api/v1/payments/1", key, &more, None).await;
        assert_eq!(
            (got.status, got.problem()),
            (StatusCode::UNAUTHORIZED, "no-key"),
            "{more:?}"
        );
        assert_eq!(got.headers[header::WWW_AUTHENTICATE], "Bearer");
        assert!(!got.headers.contains_key(header::SET_COOKIE));
    }
    let key = test.api_key(OWN, test.own_merchant, &[Scope::PaymentsRead]).await;
    for path in ["/api/v1/nothing", "/api/v1/", "/api/v1"] {
        let got = test.call("GET", path, &key, &[], None).await;
        assert_eq!(
            (got.status, got.problem()),
            (StatusCode::NOT_FOUND, "not-found"),
            "{path}"
        );
    }
    let got = test.call("DELETE", "/api/v1/payments/1", &key, &[], None).await;
    assert_eq!(
        (got.status, got.problem()),
        (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed")
    );
    assert_eq!(got.headers[header::ALLOW], "GET,HEAD");
}

#[tokio::test]
async fn the_description_is_of_openapi_3_1_and_open_to_all() {
    let test = TestHouse::new(store::testing::sqlite().await).await;
    let got = test.call("GET", "/api/v1/openapi.json", "", &[], None).await;
    assert_eq!(got.status, StatusCode::OK);
    assert_eq!(got.json["openapi"], "3.1.0");
    assert!(got.json["paths"]["/payments/{id}"]["get"].is_object());
    assert_eq!(
        got.json["components"]["securitySchemes"]["key"]["scheme"],
        "bearer"
    );
}
