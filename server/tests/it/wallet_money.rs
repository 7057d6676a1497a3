//! Giving, refunding, and the account that money is paid out to, as forms.

use axum::http::StatusCode;
use jiff::civil::date;
use ledger::{NewProgramme, Operation, Payee, RemittanceState, Request};
use people::{AccountOwner, Person};

use crate::house::{Answer, NOW, OWN, PASSWORD, TestHouse};

const PHONE: &str = "01012345678";
const FRIEND_PHONE: &str = "01087654321";

/// A house in which the citizen has bought 100,000 won for 90,000.
async fn bought(store: store::testing::TestStore) -> (TestHouse, i64) {
    let test = TestHouse::new(store).await;
    let holder = holder(&test, "이하늘", PHONE).await.unwrap();
    let ledger = &test.house.ledger;
    let programme = ledger
        .create_programme(OWN, NewProgramme::sold("시루", "Siru", 1_000, "test"), NOW)
        .await
        .unwrap()
        .id;
    let fund = Operation::Fund {
        programme,
        amount_won: 1_000_000,
    };
    let sell = Operation::Sell {
        programme,
        holder,
        value_won: 100_000,
        deposit: None,
    };
    test.post(OWN, "fund", fund).await;
    test.post(OWN, "sell", sell).await;
    (test, holder)
}

async fn holder(test: &TestHouse, name: &str, phone: &str) -> Option<i64> {
    let person = Person::new(name, date(1999, 3, 14), phone).unwrap();
    test.house.people.find_holder(OWN, &person).await.unwrap()
}

async fn friend_signs_up(test: &TestHouse) -> i64 {
    let people = &test.house.people;
    let proof = people
        .begin_proof(people::Purpose::SignUp, FRIEND_PHONE, "127.0.0.1", NOW)
        .await
        .unwrap();
    let code = test.outbox.last_code(FRIEND_PHONE).unwrap();
    let new = people::SignUp {
        login_id: "friend".into(),
        password: PASSWORD.into(),
        name: "박바다".into(),
        birth: date(1999, 3, 14),
        proven: people.prove(&proof, &code, NOW).await.unwrap(),
        municipality: OWN,
        consent_terms: true,
        consent_privacy: true,
    };
    people.sign_up(new, "127.0.0.1", NOW).await.unwrap();
    holder(test, "박바다", FRIEND_PHONE).await.unwrap()
}

async fn post(test: &TestHouse, page: &str, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let token = test.token(page, cookie).await;
    let mut form = vec![("_token", token.as_str())];
    form.extend(fields);
    test.ask("POST", path, cookie, Some(&form)).await
}

async fn total(test: &TestHouse, holder: i64) -> i64 {
    test.house
        .ledger
        .wallet(OWN, holder, NOW)
        .await
        .unwrap()
        .total_won
}

#[tokio::test]
async fn a_gift_waits_for_a_phone_and_is_taken_by_whoever_proves_it() {
    for store in store::testing::both().await {
        let (test, holder) = bought(store).await;
        let cookie = test.cookie("citizen").await;
        let own = OWN.to_string();
        for (phone, amount, field) in [
            ("010-1234-5678", "1,000", "phone"),
            ("02-123-4567", "1,000", "phone"),
            (FRIEND_PHONE, "0", "amount"),
            (FRIEND_PHONE, "100,001", "amount"),
        ] {
            let fields = [
                ("step", "review"),
                ("m", own.as_str()),
                ("phone", phone),
                ("amount", amount),
            ];
            let got = post(&test, "/wallet/gift", "/wallet/gift", &cookie, &fields).await;
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{phone} {amount}");
            assert!(
                got.body.contains(&format!("id=\"f-{field}-error\"")),
                "{phone} {amount}: {}",
                got.body
            );
            assert!(
                got.body.contains(&format!("value=\"{phone}\"")),
                "what was typed is kept"
            );
        }
        let mut fields = vec![
            ("_key", "g1"),
            ("step", "review"),
            ("m", own.as_str()),
            ("phone", "010 8765 4321"),
            ("amount", "30,000원"),
        ];
        let got = post(&test, "/wallet/gift", "/wallet/gift", &cookie, &fields).await;
        assert_eq!(got.status, StatusCode::OK, "{}", got.body);
        assert!(
            got.body.contains("010-8765-4321") && got.body.contains("3일"),
            "{}",
            got.body
        );
        assert_eq!(total(&test, holder).await, 100_000, "checking sends nothing");
        fields[1] = ("step", "confirm");
        for _ in 0..2 {
            let got = post(&test, "/wallet/gift", "/wallet/gift", &cookie, &fields).await;
            assert_eq!(got.location, "/wallet/gift", "{}", got.body);
        }
        assert_eq!(total(&test, holder).await, 70_000, "twice is once");
        let gift = test
            .house
            .ledger
            .gifts_sent(OWN, holder, 9)
            .await
            .unwrap()
            .remove(0);
        assert!(!gift.recipient.contains("8765"));

        // Nobody else takes it; whoever signs up with the number sees it.
        let path = format!("/wallet/gift/{}", gift.id);
        let got = post(&test, "/wallet/gift", &path, &cookie, &[("step", "claim")]).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND);
        let friend = friend_signs_up(&test).await;
        let theirs = test.cookie("friend").await;
        let notices = test.get("/wallet/notices", &theirs).await;
        assert!(
            notices.body.contains("선물 30,000원이 왔습니다"),
            "{}",
            notices.body
        );
        assert!(test.get("/wallet", &theirs).await.body.contains("/wallet/gift"));
        let got = post(&test, "/wallet/gift", &path, &theirs, &[("step", "cancel")]).await;
        assert_eq!(
            got.status,
            StatusCode::NOT_FOUND,
            "a gift is not its recipient's to cancel"
        );
        let got = post(&test, "/wallet/gift", &path, &theirs, &[("step", "claim")]).await;
        assert_eq!(got.location, "/wallet/gift", "{}", got.body);
        assert_eq!(total(&test, friend).await, 30_000);
        let notices = test.get("/wallet/notices", &cookie).await;
        assert!(notices.body.contains("보낸 선물 30,000원을"), "{}", notices.body);
        let got = post(&test, "/wallet/gift", &path, &cookie, &[("step", "cancel")]).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "taken is taken");
        assert_eq!(total(&test, holder).await, 70_000);
        assert_eq!(test.house.ledger.verify().await.unwrap().difference, None);
    }
}

#[tokio::test]
async fn a_refund_needs_an_account_says_its_sums_and_is_done_once() {
    for store in store::testing::both().await {
        let (test, holder) = bought(store).await;
        let cookie = test.cookie("citizen").await;
        let lot = test.house.ledger.refund_quotes(OWN, holder, NOW).await.unwrap()[0]
            .lot
            .to_string();
        let page = "/wallet/refund";
        let got = test.get(page, &cookie).await;
        assert!(
            got.body.contains("90,000원") && got.body.contains("/wallet/refund/account"),
            "{}",
            got.body
        );
        let got = post(
            &test,
            page,
            page,
            &cookie,
            &[("step", "review"), ("lot", lot.as_str())],
        )
        .await;
        assert_eq!(
            got.location,
            format!("/wallet/refund/account?m={OWN}"),
            "an account first"
        );

        let account_page = "/wallet/refund/account";
        for (bank, number, field) in [
            ("", "110123456789", "bank"),
            ("088", "12-34", "number"),
            ("088", "가나", "number"),
        ] {
            let got = post(
                &test,
                account_page,
                account_page,
                &cookie,
                &[("bank", bank), ("number", number)],
            )
            .await;
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{bank} {number}");
            assert!(
                got.body.contains(&format!("id=\"f-{field}-error\"")),
                "{bank} {number}: {}",
                got.body
            );
        }
        let fields = [("bank", "088"), ("number", "110-123-456789")];
        let got = post(&test, account_page, account_page, &cookie, &fields).await;
        assert_eq!(got.location, page, "{}", got.body);
        let known = test
            .house
            .people
            .bank_account(OWN, AccountOwner::Holder(holder))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (known.number.as_str(), known.name.as_str()),
            ("110123456789", "이하늘")
        );
        let got = test.get(page, &cookie).await;
        assert!(
            got.body.contains("********6789") && !got.body.contains("110123456789"),
            "{}",
            got.body
        );

        let got = post(
            &test,
            page,
            page,
            &cookie,
            &[("step", "review"), ("lot", lot.as_str())],
        )
        .await;
        assert_eq!(got.status, StatusCode::OK, "{}", got.body);
        for part in ["100,000", "−10,000", "90,000", "신한은행"] {
            assert!(got.body.contains(part), "{part}: {}", got.body);
        }
        let fields = [("_key", "r1"), ("step", "confirm"), ("lot", lot.as_str())];
        for _ in 0..2 {
            let got = post(&test, page, page, &cookie, &fields).await;
            assert_eq!(got.location, page, "{}", got.body);
        }
        let sent = test
            .house
            .ledger
            .remittances(OWN, Payee::Holder(holder), 9)
            .await
            .unwrap();
        assert_eq!(
            (sent.len(), sent[0].amount_won, sent[0].state),
            (1, 90_000, RemittanceState::Pending)
        );
        assert_eq!(total(&test, holder).await, 0);
    }
}

#[tokio::test]
async fn a_purchase_of_which_too_little_was_spent_says_how_much_is_missing() {
    let (test, holder) = bought(store::testing::sqlite().await).await;
    let cookie = test.cookie("citizen").await;
    let pay = Request {
        municipality: OWN,
        key: "pay".into(),
        actor: "test".into(),
        at: NOW,
        operation: Operation::Pay {
            holder,
            merchant: test.own_merchant,
            amount_won: 20_000,
        },
    };
    test.house.ledger.post(pay).await.unwrap();
    let got = test.get("/wallet/refund", &cookie).await;
    for part in ["60,000원", "20,000원", "40,000원"] {
        assert!(got.body.contains(part), "{part}: {}", got.body);
    }
    assert!(!got.body.contains("type=\"radio\""), "it cannot be chosen");
}

#[tokio::test]
async fn the_desk_sees_settlements_with_totals_that_the_entries_bear_out() {
    for store in store::testing::both().await {
        let (test, holder) = bought(store).await;
        let pay = Request {
            municipality: OWN,
            key: "pay".into(),
            actor: "test".into(),
            at: NOW,
            operation: Operation::Pay {
                holder,
                merchant: test.own_merchant,
                amount_won: 20_000,
            },
        };
        let ledger = &test.house.ledger;
        ledger.post(pay).await.unwrap();
        let day = 86_400_000;
        assert_eq!(ledger.settle_due(OWN, NOW + 2 * day).await.unwrap(), 1);
        let cookie = test.cookie("auditor").await;
        let got = test.get("/admin/settlements?until=2026-03-05", &cookie).await;
        for part in ["할매국밥", "20,000원", "같습니다", "보내는 중"] {
            assert!(got.body.contains(part), "{part}: {}", got.body);
        }
        let other = test.cookie("other-auditor").await;
        assert!(
            !test
                .get("/admin/settlements?until=2026-03-05", &other)
                .await
                .body
                .contains("할매국밥")
        );
        let csv = test.get("/admin/settlements.csv?until=2026-03-05", &cookie).await;
        assert!(
            csv.body.contains("할매국밥") && csv.body.contains(",20000,"),
            "{}",
            csv.body
        );
        let shop = test.cookie("merchant").await;
        let fields = [("bank", "011"), ("number", "302-0000-0001"), ("name", "할매국밥")];
        let got = post(&test, "/shop/account", "/shop/account", &shop, &fields).await;
        assert_eq!(got.location, "/shop/account", "{}", got.body);
        assert!(
            test.get("/shop/account", &shop)
                .await
                .body
                .contains("*******0001")
        );
    }
}
