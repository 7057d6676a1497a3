//! The public log over HTTP: the checkpoint, its keys and consistency for anyone; a receipt's proof for its owner.

use axum::http::StatusCode;
use ledger::{Operation, Request, Step};
use tlog::{Checkpoint, Hash, ProofFile, Verifying};

use crate::house::{NOW, OWN, TestHouse};

async fn grant(test: &TestHouse, holder: i64, key: &str) -> i64 {
    let request = |key: &str, operation| Request {
        municipality: OWN,
        key: key.to_owned(),
        actor: "clerk/secret".to_owned(),
        at: NOW,
        operation,
    };
    let programme = test.own_programme;
    let fund = Operation::Fund {
        programme,
        amount_won: 1_000,
    };
    test.house
        .ledger
        .post(request(&format!("fund {key}"), fund))
        .await
        .unwrap();
    let grant = Operation::Grant {
        programme,
        holder,
        amount_won: 1_000,
        payout: None,
    };
    test.house
        .ledger
        .post(request(key, grant))
        .await
        .unwrap()
        .transfer
}

async fn log_all(test: &TestHouse) {
    while !matches!(
        test.house.ledger.sequence().await.unwrap(),
        Step::Appended { more: false, .. }
    ) {}
    test.house.ledger.checkpoint(&test.log_keys, NOW).await.unwrap();
}

#[tokio::test]
async fn anyone_gets_checkpoint_keys_and_consistency_and_only_the_owner_a_proof() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        let none = test.get("/log/checkpoint", "").await;
        assert_eq!(none.status, StatusCode::NOT_FOUND);
        assert!(none.body.contains("urn:neul:problem:not-found"), "{}", none.body);

        let people = &test.house.people;
        let client = people::Client::new("127.0.0.1", "test");
        let signed_in = people
            .sign_in("citizen", crate::house::PASSWORD, &client, NOW)
            .await
            .unwrap();
        let cookie = format!("neul={}", signed_in.cookie_value);
        let session = people
            .session(&signed_in.cookie_value, &client, NOW)
            .await
            .unwrap()
            .unwrap();
        let people::Who::Resident { holders, .. } = session.who else {
            panic!("a resident")
        };
        let transfer = grant(&test, holders[0].1, "a").await;
        let page = format!("/wallet/transfers/{transfer}");
        let before = test.get(&page, &cookie).await;
        assert!(before.body.contains("1분 안에"), "{}", before.body);
        let proof = format!("{page}/proof.json");
        assert_eq!(test.get(&proof, &cookie).await.status, StatusCode::NOT_FOUND);

        log_all(&test).await;
        let first = test.get("/log/checkpoint", "").await;
        assert_eq!(first.status, StatusCode::OK);
        let keys = Verifying::parse(&test.get("/log/keys", "").await.body).unwrap();
        let first = Checkpoint::open(&first.body, &keys).unwrap();
        assert_eq!(first.size, 2);
        let now = test.get(&page, &cookie).await;
        assert!(now.body.contains("번에 실려 있습니다"), "{}", now.body);
        assert!(now.body.contains(&proof), "{}", now.body);
        let file = test.get(&proof, &cookie).await;
        let file = ProofFile::read(&file.body).unwrap();
        assert_eq!(file.check(&keys).unwrap().1.size, 2);
        assert!(!file.record.contains("secret"), "{}", file.record);

        // Another's transfer has no proof for this person, and nobody else comes to the address at all.
        let foreign = grant(&test, 99, "b").await;
        log_all(&test).await;
        let foreign = format!("/wallet/transfers/{foreign}/proof.json");
        assert_eq!(test.get(&foreign, &cookie).await.status, StatusCode::NOT_FOUND);
        assert_eq!(test.get(&proof, "").await.status, StatusCode::SEE_OTHER);

        let second = Checkpoint::open(&test.get("/log/checkpoint", "").await.body, &keys).unwrap();
        assert_eq!(second.size, 4);
        let answer = test.get("/log/consistency?from=2&to=4", "").await;
        let answer: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        let hashes = answer["hashes"].as_array().unwrap();
        let hashes: Vec<Hash> = hashes
            .iter()
            .map(|one| tlog::parse_hash(one.as_str().unwrap()).unwrap())
            .collect();
        tlog::consistency(&first, &second, &hashes).unwrap();
        for (query, status) in [
            ("", StatusCode::BAD_REQUEST),
            ("?from=1", StatusCode::BAD_REQUEST),
            ("?from=-1&to=2", StatusCode::BAD_REQUEST),
            ("?from=3&to=2", StatusCode::NOT_FOUND),
            ("?from=1&to=99", StatusCode::NOT_FOUND),
        ] {
            let got = test.get(&format!("/log/consistency{query}"), "").await;
            assert_eq!(got.status, status, "{query}");
        }
    }
}
