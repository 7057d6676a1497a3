//! Card authorisations over the API, as a network meets them.

use axum::http::StatusCode;
use ledger::{Category, NewCard, SignedList, key_of_text};
use people::{KeyOwner, NewApiKey, Scope};
use serde_json::{Value, json};
use server::api::korean_time;

use crate::{
    api::Told,
    house::{NOW, OWN, TestHouse},
};

const TOKEN: &str = "tok_citizen_000001";

struct Network {
    test: TestHouse,
    key: String,
    holder: i64,
    card: i64,
}

impl Network {
    /// The citizen has 20,000 won and a card.
    async fn new(store: store::testing::TestStore) -> Self {
        let test = TestHouse::new(store).await;
        let key = network_key(&test, "hanul").await;
        let (_, holder) = test.house.people.home_of_login("citizen").await.unwrap().unwrap();
        test.give(OWN, test.own_programme, holder, 20_000).await;
        let new = NewCard {
            municipality: OWN,
            holder,
            network: "hanul".into(),
            token: TOKEN.into(),
        };
        let card = test.house.ledger.register_card(new, NOW).await.unwrap().id;
        Self {
            test,
            key,
            holder,
            card,
        }
    }

    async fn post(&self, path: &str, body: Value) -> Told {
        let path = format!("/api/v1/card/{path}");
        self.test.call("POST", &path, &self.key, &[], Some(body)).await
    }

    async fn ask(&self, id: &str, amount_won: i64) -> Told {
        self.post("authorisations", question(id, amount_won, NOW)).await
    }
}

async fn network_key(test: &TestHouse, network: &str) -> String {
    let new = NewApiKey {
        municipality: 0,
        owner: KeyOwner::Network(network.into()),
        label: "network".into(),
        scopes: vec![Scope::CardWrite],
    };
    let made = test.house.people.make_api_key(&new, "test", "", NOW).await;
    made.unwrap().1.0
}

fn question(id: &str, amount_won: i64, asked_at: i64) -> Value {
    json!({"id": id, "card": TOKEN, "merchant": "A001", "mcc": "5812", "amount_won": amount_won,
        "asked_at": korean_time(asked_at)})
}

fn advice(amount_won: i64, decision: &str) -> Value {
    json!({"card": TOKEN, "merchant": "A001", "mcc": "5812", "amount_won": amount_won, "decision": decision,
        "asked_at": korean_time(NOW), "decided_at": korean_time(NOW + 500), "list_version": 1})
}

#[tokio::test]
async fn a_network_asks_captures_and_reverses() {
    for store in store::testing::both().await {
        let net = Network::new(store).await;
        let told = net.ask("n1", 5_000).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.json);
        assert_eq!(
            told.json,
            json!({"id": "n1", "decision": "approve", "why": "held", "by": "ledger"})
        );
        assert_eq!(
            net.ask("n1", 5_000).await.json["decision"],
            "approve",
            "the same question is one"
        );
        let other = net.ask("n1", 5_001).await;
        assert_eq!(
            (other.status, other.problem()),
            (StatusCode::CONFLICT, "key-reused")
        );
        let no = net.ask("n2", 20_000).await.json;
        assert_eq!(
            (&no["decision"], &no["why"]),
            (&json!("decline"), &json!("not_enough"))
        );

        let taken = net
            .post("authorisations/n1/capture", json!({"amount_won": 4_000}))
            .await;
        assert_eq!(
            (taken.status, &taken.json["what"]),
            (StatusCode::OK, &json!("captured"))
        );
        let again = net
            .post("authorisations/n1/capture", json!({"amount_won": 4_000}))
            .await;
        assert_eq!(again.json["replayed"], true);
        let back = net
            .post(
                "authorisations/n1/reversals",
                json!({"id": "r1", "amount_won": 500}),
            )
            .await;
        assert_eq!(
            (&back.json["what"], &back.json["amount_won"]),
            (&json!("refunded"), &json!(500))
        );
        let nothing = net.post("authorisations/n9/capture", json!({})).await;
        assert_eq!(
            (nothing.status, nothing.problem()),
            (StatusCode::NOT_FOUND, "not-found")
        );

        net.ask("n3", 1_000).await;
        let back = net.post("authorisations/n3/reversals", json!({"id": "r3"})).await;
        assert_eq!(back.json["what"], "released");
        let late = net.post("authorisations/n3/capture", json!({})).await;
        assert_eq!(
            (late.status, late.problem()),
            (StatusCode::CONFLICT, "hold-ended")
        );

        // Another network's key opens none of it, and a merchant's nothing at all.
        let foreign = network_key(&net.test, "else").await;
        let path = "/api/v1/card/authorisations/n1/capture";
        let told = net.test.call("POST", path, &foreign, &[], Some(json!({}))).await;
        assert_eq!(told.problem(), "not-found");
        let till = net
            .test
            .api_key(OWN, net.test.own_merchant, &[Scope::PaymentsWrite])
            .await;
        let path = "/api/v1/card/authorisations";
        let told = net
            .test
            .call("POST", path, &till, &[], Some(question("n5", 1, NOW)))
            .await;
        assert_eq!(
            (told.status, told.problem()),
            (StatusCode::FORBIDDEN, "not-allowed")
        );
        let told = net
            .test
            .call("POST", path, "", &[], Some(question("n5", 1, NOW)))
            .await;
        assert_eq!(told.problem(), "no-key");
        assert_eq!(net.test.house.ledger.verify().await.unwrap().difference, None);
    }
}

#[tokio::test]
async fn what_waited_on_its_way_is_late_and_silence_follows_the_list() {
    for store in store::testing::both().await {
        let net = Network::new(store).await;
        let ledger = &net.test.house.ledger;
        let late = net
            .post("authorisations", question("l1", 5_000, NOW - 1_000))
            .await
            .json;
        assert_eq!(
            (&late["decision"], &late["by"], &late["why"]),
            (&json!("decline"), &json!("list"), &json!("no_list"))
        );
        let chosen = [(Category::Restaurant, 5_000)];
        ledger
            .choose_fallback(OWN, net.holder, net.card, &chosen, "citizen", NOW)
            .await
            .unwrap();
        let told = net
            .test
            .call("GET", "/api/v1/card/stand-in-list", &net.key, &[], None)
            .await;
        let signed: SignedList = serde_json::from_value(told.json).unwrap();
        let keys = [key_of_text(&net.test.house.card_lists.public_key()).unwrap()];
        let list = signed.open(&keys, "hanul", 0, NOW).unwrap();
        assert_eq!((list.entries.len(), list.entries[0].limit_won), (1, 5_000));
        assert!(!signed.payload.contains(TOKEN), "a list names no token");

        let late = net
            .post("authorisations", question("l2", 5_000, NOW - 1_000))
            .await
            .json;
        assert_eq!(
            (&late["decision"], &late["list_version"]),
            (&json!("fallback"), &json!(list.version))
        );
        let told = net
            .post("authorisations/l2/advice", advice(5_000, "fallback"))
            .await;
        assert_eq!(
            (told.status, &told.json["by_choice"]),
            (StatusCode::OK, &json!(true))
        );
        let told = net
            .post("authorisations/l2/advice", advice(5_000, "fallback"))
            .await;
        assert_eq!(told.json["replayed"], true);
        let told = net
            .post("authorisations/l3/advice", advice(5_001, "fallback"))
            .await;
        assert_eq!(told.json["by_choice"], false);
        let told = net.post("authorisations/l4/advice", advice(1, "approve")).await;
        assert_eq!(told.problem(), "invalid");
        // What was set aside and never heard of goes back by its advice.
        net.ask("l5", 5_000).await;
        let told = net
            .post("authorisations/l5/advice", advice(5_000, "decline"))
            .await;
        assert_eq!(told.json["reversed"], true);
        assert_eq!(
            ledger.wallet(OWN, net.holder, NOW).await.unwrap().total_won,
            20_000
        );
        let seen = ledger.card_authorisations(OWN, net.holder, 50).await.unwrap();
        assert_eq!(
            seen.len(),
            3,
            "l1 was never told of: its network would have sent an advice"
        );
        assert_eq!(ledger.verify().await.unwrap().difference, None);
    }
}

#[tokio::test]
async fn what_is_not_as_described_is_told_where() {
    let net = Network::new(store::testing::sqlite().await).await;
    for (name, value) in [
        ("id", json!("")),
        ("id", json!("a b")),
        ("asked_at", json!("noon")),
        ("amount_won", json!("1")),
    ] {
        let mut body = question("b1", 1, NOW);
        body[name] = value;
        let told = net.post("authorisations", body).await;
        assert_eq!(
            (told.status, told.problem()),
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_holder_chooses_blocks_and_reads_what_was_charged() {
    for store in store::testing::both().await {
        let net = Network::new(store).await;
        let (test, ledger) = (&net.test, &net.test.house.ledger);
        let cookie = test.cookie("citizen").await;
        let token = test.token("/wallet/card", &cookie).await;
        let card = net.card.to_string();
        let post = async |fields: &[(&str, &str)]| {
            let mut form = vec![("_token", token.as_str()), ("card", card.as_str())];
            form.extend_from_slice(fields);
            test.ask("POST", "/wallet/card", &cookie, Some(&form)).await
        };
        assert!(
            ledger.card_choices(OWN, net.card).await.unwrap().is_empty(),
            "by default nothing"
        );
        let got = post(&[("do", "choose"), ("restaurant", "천 원")]).await;
        assert!(
            got.status == StatusCode::UNPROCESSABLE_ENTITY && got.body.contains("천 원"),
            "{}",
            got.status
        );
        assert!(got.body.contains("f-restaurant-error"));
        let got = post(&[("do", "choose"), ("restaurant", "1,000,001")]).await;
        assert!(got.body.contains("f-restaurant-error"));
        let got = post(&[("do", "choose"), ("restaurant", "5,000"), ("fuel", "")]).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER);
        let choices = ledger.card_choices(OWN, net.card).await.unwrap();
        assert_eq!(
            (choices.len(), choices[0].limit_won, choices[0].class),
            (1, 5_000, Category::Restaurant)
        );

        net.post("authorisations/p1/advice", advice(5_000, "fallback"))
            .await;
        net.post("authorisations/p2/advice", advice(5_001, "fallback"))
            .await;
        let page = test.get("/wallet/card", &cookie).await.body;
        assert!(page.contains("선택하신 대로 은행 계좌에서 5,000원"), "{page}");
        assert!(page.contains("선택하지 않으셨는데 은행 계좌에서 5,001원"));
        let history = test.get("/wallet/history", &cookie).await.body;
        assert!(history.contains("은행 계좌에서 결제(선택한 대로)"));
        assert!(history.contains("은행 계좌에서 결제(선택하지 않음, 확인 중)"));

        post(&[("do", "block")]).await;
        assert_eq!(net.ask("p3", 1).await.json["why"], "card_blocked");
        post(&[("do", "unblock")]).await;
        assert_eq!(net.ask("p4", 1).await.json["decision"], "approve");
        post(&[("do", "clear")]).await;
        assert_eq!(ledger.card_choices(OWN, net.card).await.unwrap()[0].limit_won, 0);

        // Somebody else's card is no page at all, and a form without its token does nothing.
        let foreign = [("_token", token.as_str()), ("card", "1"), ("do", "block")];
        let got = test.ask("POST", "/wallet/card", &cookie, Some(&foreign)).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND);
        let bare = [("card", card.as_str()), ("do", "block")];
        test.ask("POST", "/wallet/card", &cookie, Some(&bare)).await;
        assert_eq!(net.ask("p5", 1).await.json["decision"], "approve");

        // The operator sees the case and no person, and closes it with a note.
        let operator = test.cookie("operator").await;
        let page = test.get("/admin/cards", &operator).await.body;
        assert!(
            page.contains("p2") && page.contains("5,001") && !page.contains("이하늘"),
            "{page}"
        );
        let case = ledger.card_cases(10).await.unwrap()[0].id.to_string();
        let token = test.token("/admin/cards", &operator).await;
        let form = [
            ("_token", token.as_str()),
            ("case", case.as_str()),
            ("note", "환불 확인"),
        ];
        let got = test.ask("POST", "/admin/cards", &operator, Some(&form)).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER);
        let again = test.ask("POST", "/admin/cards", &operator, Some(&form)).await;
        assert!(again.body.contains("이미 처리되었거나"), "{}", again.body);
    }
}
