//! A till at work: the resident's page shows a code, the API or the shop's page takes it, once.

use axum::http::{StatusCode, header};
use people::Scope;
use serde_json::json;

use crate::house::{NOW, OWN, TestHouse};

const ALL: &[Scope] = &Scope::OF_MERCHANTS;

impl TestHouse {
    /// The citizen's wallet in the own municipality.
    async fn holder(&self) -> i64 {
        let client = people::Client::new("127.0.0.1", "test");
        let signed_in = self
            .house
            .people
            .sign_in("citizen", crate::house::PASSWORD, &client, NOW)
            .await
            .unwrap();
        let people::Who::Resident { holders, .. } = signed_in.session.who else {
            panic!("the citizen is a resident")
        };
        holders.iter().find(|(code, _)| *code == OWN).unwrap().1
    }

    /// The digits that the citizen's page shows.
    async fn shown_code(&self, cookie: &str) -> String {
        let page = self.get("/wallet/code", cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let after = page
            .body
            .split("class=\"code-digits\">")
            .nth(1)
            .expect("the page shows a code");
        after.split('<').next().unwrap().replace(' ', "")
    }

    fn at(&self, at: i64) {
        self.house
            .frozen_at
            .store(at, std::sync::atomic::Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_code_from_the_residents_page_pays_at_a_till_and_a_retry_hears_the_same() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        let holder = test.holder().await;
        test.give(OWN, test.own_programme, holder, 30_000).await;
        let cookie = test.cookie("citizen").await;
        let key = test.api_key(OWN, test.own_merchant, ALL).await;
        let code = test.shown_code(&cookie).await;
        assert_eq!(
            test.shown_code(&cookie).await,
            code,
            "loaded anew, it is the same"
        );
        assert_eq!(code.len(), 12);

        let checked = test
            .call(
                "POST",
                "/api/v1/codes/check",
                &key,
                &[],
                Some(json!({ "code": code })),
            )
            .await;
        assert_eq!(
            checked.json["until"], "2026-03-02T12:03:00.000+09:00",
            "{}",
            checked.json
        );

        let body = json!({ "code": code, "amount_won": 12_000, "order_id": "2026-03-02/1" });
        let idempotency = [("idempotency-key", "\"6ba7b810\"")];
        let paid = test
            .call("POST", "/api/v1/payments", &key, &idempotency, Some(body.clone()))
            .await;
        assert_eq!(paid.status, StatusCode::CREATED, "{}", paid.json);
        assert_eq!(paid.headers["idempotent-replayed"], "false");
        let location = paid.headers[header::LOCATION].to_str().unwrap().to_owned();
        assert_eq!(
            location,
            format!("/api/v1/payments/{}", paid.json["id"].as_str().unwrap())
        );
        assert_eq!(paid.json["order_id"], "2026-03-02/1");
        let read = test.call("GET", &location, &key, &[], None).await;
        assert_eq!(read.json, paid.json);

        // Again, a day later, the key written otherwise, when the code is long dead: the original receipt.
        test.at(NOW + 86_400_000);
        let later = [("idempotency-key", "6ba7b810")];
        let again = test
            .call("POST", "/api/v1/payments", &key, &later, Some(body.clone()))
            .await;
        assert_eq!((again.status, &again.json), (StatusCode::CREATED, &paid.json));
        assert_eq!(again.headers["idempotent-replayed"], "true");
        let other = json!({ "code": code, "amount_won": 12_001, "order_id": "2026-03-02/1" });
        let refused = test
            .call("POST", "/api/v1/payments", &key, &later, Some(other))
            .await;
        assert_eq!(
            (refused.status, refused.problem()),
            (StatusCode::CONFLICT, "key-reused")
        );
        test.at(NOW);
        let fresh = [("idempotency-key", "another")];
        let refused = test
            .call("POST", "/api/v1/payments", &key, &fresh, Some(body))
            .await;
        assert_eq!(
            (refused.status, refused.problem()),
            (StatusCode::CONFLICT, "code-used")
        );
        assert!(
            refused.json["message"]["ko"]
                .as_str()
                .unwrap()
                .contains("이미 쓴"),
            "{}",
            refused.json
        );

        // The resident's page says so.
        let page = test.get("/wallet/code", &cookie).await;
        assert!(
            page.body.contains("결제했습니다") && page.body.contains("12,000"),
            "{}",
            page.body
        );
        assert!(page.body.contains("할매국밥"));
        let wallet = test.house.ledger.wallet(OWN, holder, NOW).await.unwrap();
        assert_eq!(wallet.total_won, 18_000);
    }
}

#[tokio::test]
async fn what_a_till_can_be_refused() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        let holder = test.holder().await;
        test.give(OWN, test.own_programme, holder, 5_000).await;
        let cookie = test.cookie("citizen").await;
        let key = test.api_key(OWN, test.own_merchant, ALL).await;
        let code = test.shown_code(&cookie).await;
        let good = json!({ "code": code, "amount_won": 5_001, "order_id": "o1" });
        let pay = async |body: serde_json::Value, idempotency: &str| {
            let more = [("idempotency-key", idempotency)];
            test.call("POST", "/api/v1/payments", &key, &more, Some(body))
                .await
        };
        let got = pay(good.clone(), "k1").await;
        assert_eq!((got.status, got.problem()), (StatusCode::CONFLICT, "not-enough"));
        assert!(
            !got.json.to_string().contains("5,000"),
            "what the wallet holds is not the shop's: {}",
            got.json
        );
        let got = test.call("POST", "/api/v1/payments", &key, &[], Some(good)).await;
        assert_eq!(
            (got.status, got.problem()),
            (StatusCode::BAD_REQUEST, "bad-request")
        );
        for (body, at) in [
            (
                json!({ "code": "12345", "amount_won": 1, "order_id": "o" }),
                "/code",
            ),
            (
                json!({ "code": code, "amount_won": 0, "order_id": "o" }),
                "/amount_won",
            ),
            (
                json!({ "code": code, "amount_won": 1, "order_id": "" }),
                "/order_id",
            ),
            (json!({ "code": code, "amount_won": "1", "order_id": "o" }), "/"),
            (
                json!({ "code": code, "amount_won": 1, "order_id": "o", "more": 1 }),
                "/",
            ),
            (json!({ "code": code, "amount_won": 1 }), "/"),
        ] {
            let got = pay(body, "k2").await;
            assert_eq!(
                (got.status, got.problem()),
                (StatusCode::UNPROCESSABLE_ENTITY, "invalid")
            );
            assert_eq!(got.json["errors"][0]["at"], at, "{}", got.json);
        }
        let large = json!({ "code": "x".repeat(20_000), "amount_won": 1, "order_id": "o" });
        assert_eq!(pay(large, "k").await.problem(), "too-large");
        let got = test
            .call(
                "POST",
                "/api/v1/payments",
                &key,
                &[("idempotency-key", "k"), ("content-type", "text/plain")],
                None,
            )
            .await;
        assert_eq!(
            (got.status, got.problem()),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json")
        );
        let blind = test.api_key(OWN, test.own_merchant, &[Scope::PaymentsRead]).await;
        let body = json!({ "code": code, "amount_won": 1, "order_id": "o" });
        let more = [("idempotency-key", "k")];
        let got = test
            .call("POST", "/api/v1/payments", &blind, &more, Some(body))
            .await;
        assert_eq!(got.problem(), "not-allowed");

        // The code dies when a newer one is made, and after three minutes.
        let token = test.token("/wallet/code", &cookie).await;
        let form = [("_token", token.as_str()), ("m", "41390")];
        let made = test.ask("POST", "/wallet/code", &cookie, Some(&form)).await;
        assert_eq!(
            (made.status, made.location.as_str()),
            (StatusCode::SEE_OTHER, "/wallet/code?m=41390")
        );
        let newer = test.shown_code(&cookie).await;
        assert_ne!(newer, code);
        let ask = |code: &str| json!({ "code": code, "amount_won": 1, "order_id": "o2" });
        assert_eq!(pay(ask(&code), "k3").await.problem(), "code-ended");
        test.at(NOW + 180_000);
        assert_eq!(pay(ask(&newer), "k4").await.problem(), "code-ended");

        // Guessing ends soon, for this shop and for no other.
        let mut last = None;
        for n in 0..30 {
            let guess = format!(
                "{:012}",
                (code.parse::<u64>().unwrap() + 1 + n) % 1_000_000_000_000
            );
            let got = pay(ask(&guess), &format!("g{n}")).await;
            if got.status == StatusCode::TOO_MANY_REQUESTS {
                last = Some((n, got));
                break;
            }
            assert_eq!(
                (got.status, got.problem()),
                (StatusCode::NOT_FOUND, "code-unknown")
            );
        }
        let (n, got) = last.expect("guessing ends");
        assert_eq!((n, got.problem()), (21, "too-many-tries"));
        assert!(got.headers.contains_key(header::RETRY_AFTER));
        let checked = test
            .call(
                "POST",
                "/api/v1/codes/check",
                &key,
                &[],
                Some(json!({ "code": newer })),
            )
            .await;
        assert_eq!(checked.problem(), "too-many-tries");
        let beside = test.api_key(OWN, test.own_merchant + 1, ALL).await;
        let checked = test
            .call(
                "POST",
                "/api/v1/codes/check",
                &beside,
                &[],
                Some(json!({ "code": newer })),
            )
            .await;
        assert_eq!(checked.problem(), "code-ended");
    }
}

#[tokio::test]
async fn a_payment_is_cancelled_in_parts_once_each_and_the_audit_log_knows_why() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        let holder = test.holder().await;
        test.give(OWN, test.own_programme, holder, 10_000).await;
        let cookie = test.cookie("citizen").await;
        let key = test.api_key(OWN, test.own_merchant, ALL).await;
        let body = json!({ "code": test.shown_code(&cookie).await, "amount_won": 9_000, "order_id": "o1" });
        let paid = test
            .call(
                "POST",
                "/api/v1/payments",
                &key,
                &[("idempotency-key", "p")],
                Some(body),
            )
            .await;
        let id = paid.json["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/payments/{id}/cancellations");
        let cancel = async |body: serde_json::Value, idempotency: &str| {
            let more = [("idempotency-key", idempotency)];
            test.call("POST", &path, &key, &more, Some(body)).await
        };
        let part = json!({ "amount_won": 2_000, "reason": "returned_goods" });
        test.at(NOW + 1);
        let first = cancel(part.clone(), "c1").await;
        assert_eq!(
            (first.status, &first.json["amount_won"]),
            (StatusCode::CREATED, &2_000.into()),
            "{}",
            first.json
        );
        let again = cancel(part, "c1").await;
        assert_eq!(
            (
                &again.json,
                again.headers["idempotent-replayed"].to_str().unwrap()
            ),
            (&first.json, "true")
        );
        assert_eq!(
            cancel(json!({ "reason": "other" }), "c1").await.problem(),
            "key-reused"
        );
        assert_eq!(
            cancel(json!({ "reason": "other" }), "p").await.problem(),
            "key-reused"
        );
        let too_much = json!({ "amount_won": 7_001, "reason": "other" });
        assert_eq!(cancel(too_much, "c2").await.problem(), "already-cancelled");
        test.at(NOW + 2);
        let rest = cancel(json!({ "amount_won": null, "reason": "wrong_amount" }), "c3").await;
        assert_eq!(rest.json["amount_won"], 7_000, "{}", rest.json);
        let read = test
            .call("GET", &format!("/api/v1/payments/{id}"), &key, &[], None)
            .await;
        assert_eq!(
            (&read.json["status"], &read.json["cancelled_won"]),
            (&"cancelled".into(), &9_000.into())
        );
        let beside = test.api_key(OWN, test.own_merchant + 1, ALL).await;
        let more = [("idempotency-key", "c4")];
        let got = test
            .call("POST", &path, &beside, &more, Some(json!({ "reason": "other" })))
            .await;
        assert_eq!(got.problem(), "not-found");

        let filter = people::AuditFilter {
            action: Some("payment.cancel".into()),
            ..people::AuditFilter::default()
        };
        let deeds = test.house.people.audit_log(OWN, &filter, None, 10).await.unwrap();
        let deeds: Vec<_> = deeds
            .iter()
            .map(|deed| (deed.actor_kind.as_str(), deed.detail.as_str()))
            .collect();
        assert_eq!(deeds.len(), 2, "{deeds:?}");
        assert!(
            deeds.contains(&("api_key", "returned_goods")) && deeds.contains(&("api_key", "wrong_amount"))
        );
        let page = test.get("/admin/audit", &test.cookie("auditor").await).await;
        assert!(page.body.contains("API 키 "), "{}", page.body);

        // Payment and both cancellations, page by page.
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let got = test
                .call(
                    "GET",
                    &format!("/api/v1/takings?limit=1{cursor}"),
                    &key,
                    &[],
                    None,
                )
                .await;
            assert_eq!(got.status, StatusCode::OK, "{}", got.json);
            seen.extend(got.json["items"].as_array().unwrap().clone());
            match got.json["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let won: Vec<_> = seen
            .iter()
            .map(|item| item["amount_won"].as_i64().unwrap())
            .collect();
        assert_eq!(won, [-7_000, -2_000, 9_000]);
        assert_eq!(
            (&seen[0]["kind"], &seen[0]["payment_id"]),
            (&"cancellation".into(), &id.as_str().into())
        );
        for query in ["limit=0", "limit=201", "limit=x", "cursor=x", "more=1"] {
            let got = test
                .call("GET", &format!("/api/v1/takings?{query}"), &key, &[], None)
                .await;
            assert_eq!(
                (got.status, got.problem()),
                (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
                "{query}"
            );
        }
    }
}

#[tokio::test]
async fn the_shops_page_takes_a_code_and_says_beside_the_field_what_is_wrong() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        let holder = test.holder().await;
        test.give(OWN, test.own_programme, holder, 10_000).await;
        let code = test.shown_code(&test.cookie("citizen").await).await;
        let cookie = test.cookie("merchant").await;
        let token = test.token("/shop", &cookie).await;
        let take = async |code: &str, amount: &str, key: &str| {
            let form = [
                ("_token", token.as_str()),
                ("_key", key),
                ("code", code),
                ("amount", amount),
            ];
            test.ask("POST", "/shop", &cookie, Some(&form)).await
        };
        for (typed, amount, field) in [
            ("1234", "1,000", "code"),
            ("000000000000", "1,000", "code"),
            (code.as_str(), "", "amount"),
            (code.as_str(), "10,001", "amount"),
        ] {
            let got = take(typed, amount, "k").await;
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
            assert!(
                got.body.contains(&format!("id=\"f-{field}-error\"")),
                "{typed}: {}",
                got.body
            );
            assert!(
                got.body.contains(&format!("value=\"{typed}\"")),
                "{typed} is kept"
            );
            assert!(
                !got.body.contains("10,000원"),
                "the wallet's sum is not the shop's to know"
            );
        }
        let spaced = format!("{} {} {}", &code[..4], &code[4..8], &code[8..]);
        let got = take(&spaced, "3,000", "k").await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.body);
        assert!(got.location.starts_with("/shop/transfers/"));
        assert_eq!(
            take(&spaced, "3,000", "k").await.location,
            got.location,
            "pressed twice, paid once"
        );
        assert_eq!(
            test.house
                .ledger
                .wallet(OWN, holder, NOW)
                .await
                .unwrap()
                .total_won,
            7_000
        );
    }
}

#[tokio::test]
async fn a_shop_makes_a_key_sees_it_once_and_revokes_it() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        let cookie = test.cookie("merchant").await;
        let token = test.token("/shop/keys", &cookie).await;
        let form = [
            ("_token", token.as_str()),
            ("do", "make"),
            ("label", "1번 계산대"),
            ("scope_takings_read", "1"),
        ];
        let made = test.ask("POST", "/shop/keys", &cookie, Some(&form)).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.body);
        let after = made
            .body
            .split("id=\"made-key\"")
            .nth(1)
            .expect("the key is shown");
        let key = after.split(['>', '<']).nth(1).unwrap().to_owned();
        assert_eq!(
            test.call("GET", "/api/v1/takings", &key, &[], None).await.status,
            StatusCode::OK
        );
        assert_eq!(
            test.call("GET", "/api/v1/payments/1", &key, &[], None)
                .await
                .problem(),
            "not-allowed"
        );
        let twice = test.ask("POST", "/shop/keys", &cookie, Some(&form)).await;
        assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(twice.body.contains("id=\"f-label-error\""));
        let page = test.get("/shop/keys", &cookie).await;
        assert!(page.body.contains("1번 계산대") && !page.body.contains(&key));
        let id = page
            .body
            .split("name=\"key\" value=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let form = [("_token", token.as_str()), ("do", "revoke"), ("key", id)];
        let gone = test.ask("POST", "/shop/keys", &cookie, Some(&form)).await;
        assert_eq!(gone.location, "/shop/keys");
        assert_eq!(
            test.call("GET", "/api/v1/takings", &key, &[], None)
                .await
                .problem(),
            "no-key"
        );
        // Settlements: none yet, and the page says when there will be.
        let page = test.get("/shop/settlements", &cookie).await;
        assert!(
            page.body.contains("아직 정산이 없습니다") && page.body.contains("2026년 3월 4일"),
            "{}",
            page.body
        );
    }
}
