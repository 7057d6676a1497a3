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
