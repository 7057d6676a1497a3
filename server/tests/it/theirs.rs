//! "Not me" at the page: the other device is out, nothing leaves the wallet, and what opens it again opens all of it.

use axum::http::StatusCode;
use ledger::NewCard;
use people::{Client, EndingReason, WhoseSessions};

use crate::house::{Answer, NOW, OWN, PASSWORD, TestHouse};

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0";
const HELD_WON: i64 = 50_000;

async fn post(test: &TestHouse, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let token = test.token("/wallet/devices", cookie).await;
    let mut form = vec![("_token", token.as_str())];
    form.extend(fields);
    test.ask("POST", path, cookie, Some(&form)).await
}

async fn sign_in_elsewhere(test: &TestHouse, at: i64) -> people::SignedIn {
    let people = &test.house.people;
    let client = Client::new("203.0.113.9", FIREFOX);
    people.sign_in("citizen", PASSWORD, &client, at).await.unwrap()
}

#[tokio::test]
async fn not_me_ends_the_other_and_locks_every_way_out_of_the_wallet() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        let ledger = &test.house.ledger;
        let holder = test.citizen().await;
        test.give(OWN, test.own_programme, holder, HELD_WON).await;
        let card = NewCard {
            municipality: OWN,
            holder,
            network: "net".into(),
            token: "tok_0123456789abcdef".into(),
        };
        ledger.register_card(card, NOW).await.unwrap();
        let cookie = test.cookie("citizen").await;
        let other = sign_in_elsewhere(&test, NOW + 1).await;
        let theirs = format!("neul={}", other.cookie_value);
        test.house
            .frozen_at
            .store(NOW + 1_000, std::sync::atomic::Ordering::Relaxed);

        // Asked on the older device, in the wallet and among the devices; not on the new one.
        for page in ["/wallet", "/wallet/devices"] {
            let got = test.get(page, &cookie).await;
            assert!(
                got.body.contains("새 기기에서 로그인했습니다"),
                "{page}: {}",
                got.body
            );
            let got = test.get(page, &theirs).await;
            assert!(!got.body.contains("새 기기에서 로그인했습니다"), "{page}");
        }
        let device = other.session.id.to_string();
        let got = post(&test, "/wallet/devices", &theirs, &[("not_me", &device)]).await;
        assert_eq!(
            got.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "nobody answers for themselves"
        );

        // A code in somebody's hand, from before.
        let code_page = test.get("/wallet/code", &theirs).await;
        assert_eq!(code_page.status, StatusCode::OK, "{}", code_page.body);
        let got = post(&test, "/wallet/devices", &cookie, &[("not_me", &device)]).await;
        assert_eq!(got.location, "/wallet/devices", "{}", got.body);

        // It is out, and told why.
        let got = test.get("/wallet", &theirs).await;
        assert!(got.location.starts_with("/login"), "{}", got.status);
        let got = test.get("/login", &theirs).await;
        assert!(got.body.contains("본인이 아니라고 한 기기입니다"), "{}", got.body);
        let last = ledger.last_code(OWN, holder).await.unwrap().unwrap();
        assert!(!last.is_live(NOW + 1_001), "its code has ended");
        let cards = ledger.cards(OWN, holder).await.unwrap();
        assert!(
            cards.iter().all(|card| card.state == ledger::CardState::Blocked),
            "{cards:?}"
        );

        // Every way out is shut, on the device that said so too, and says why.
        let merchant = test.own_merchant.to_string();
        let own = OWN.to_string();
        let card = cards[0].id.to_string();
        let ways: [(&str, Vec<(&str, &str)>); 6] = [
            (
                "/wallet/pay",
                vec![
                    ("_key", "k1"),
                    ("step", "confirm"),
                    ("merchant", &merchant),
                    ("amount", "100"),
                ],
            ),
            (
                "/wallet/gift",
                vec![
                    ("_key", "k2"),
                    ("step", "confirm"),
                    ("m", &own),
                    ("phone", "01087654321"),
                    ("amount", "100"),
                ],
            ),
            (
                "/wallet/refund",
                vec![("_key", "k3"), ("step", "pay_out"), ("m", &own)],
            ),
            (
                "/wallet/refund/account",
                vec![("m", &own), ("bank", "004"), ("number", "12345678901")],
            ),
            ("/wallet/code", vec![("m", &own)]),
            ("/wallet/card", vec![("card", &card), ("do", "unblock")]),
        ];
        for (path, fields) in &ways {
            let got = post(&test, path, &cookie, fields).await;
            assert_eq!(
                got.status,
                StatusCode::FORBIDDEN,
                "{path}: {} {}",
                got.location,
                got.body
            );
            assert!(got.body.contains("결제가 잠겨 있습니다"), "{path}: {}", got.body);
        }
        let got = test.get("/wallet/code", &cookie).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN);
        assert!(
            test.get("/wallet", &cookie)
                .await
                .body
                .contains("결제가 잠겨 있습니다")
        );
        assert_eq!(ledger.wallet(OWN, holder, NOW).await.unwrap().total_won, HELD_WON);

        // Whoever knows the password comes in again and can undo nothing.
        let again = format!(
            "neul={}",
            sign_in_elsewhere(&test, NOW + 2_000).await.cookie_value
        );
        let new = "바닷가 돌 일곱 개와 등대";
        let change = [("present", PASSWORD), ("password", new)];
        let got = post(&test, "/password", &again, &change).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{}", got.body);
        // The device that said so can.
        let got = post(&test, "/password", &cookie, &change).await;
        assert_eq!(got.location, "/wallet", "{}", got.body);
        let got = post(&test, "/wallet/pay", &cookie, &ways[0].1).await;
        assert!(got.location.starts_with("/wallet/transfers/"), "{}", got.body);
        let got = post(&test, "/wallet/card", &cookie, &ways[5].1).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.body);
    }
}

#[tokio::test]
async fn the_sign_in_page_says_that_it_was_us() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        let cookie = test.cookie("citizen").await;
        let reason = EndingReason::new("보안 열쇠를 바꿨습니다.", "We changed our keys.").unwrap();
        let people = &test.house.people;
        people
            .end_sessions(&WhoseSessions::Everybody, &reason, NOW + 60_000)
            .await
            .unwrap();
        let got = test.get("/wallet", &cookie).await;
        assert!(got.location.starts_with("/login"), "{}", got.status);
        let got = test.get("/login", &cookie).await;
        for said in ["저희가 로그인을 끝냈습니다", "12:01", "보안 열쇠를 바꿨습니다."] {
            assert!(got.body.contains(said), "{said}: {}", got.body);
        }
        let got = test.get("/login?lang=en", &cookie).await;
        assert!(got.body.contains("We changed our keys."), "{}", got.body);
        assert!(
            !test.get("/login", "").await.body.contains("저희가"),
            "strangers are told nothing"
        );
    }
}

/// The summary that a device keeps: nothing of the session in it, and 401 where nobody is signed in.
#[tokio::test]
async fn the_offline_summary_is_bare_and_says_401_to_strangers() {
    let test = TestHouse::new(store::testing::sqlite().await).await;
    let cookie = test.cookie("citizen").await;
    let got = test.get("/wallet/offline", &cookie).await;
    assert_eq!(got.status, StatusCode::OK);
    for absent in ["_token", "<script", "이하늘", "<form"] {
        assert!(!got.body.contains(absent), "{absent}: {}", got.body);
    }
    assert!(got.body.contains("이 기기에 담아 둔 내용입니다"), "{}", got.body);
    for cookie in [String::new(), test.cookie("clerk").await] {
        assert_eq!(
            test.get("/wallet/offline", &cookie).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
}
