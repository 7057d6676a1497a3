//! What the schema itself refuses, and what verify finds when somebody gets around it.

use store::Engine;

use crate::world::{NOON, SUWON, World};

#[tokio::test]
async fn what_is_written_stays_written() {
    for world in World::both().await {
        let programme = world.given("수당", 1_000).await;
        world.grant("g", programme.id, 7, 500).await;
        for sql in [
            "UPDATE entries SET amount_won = amount_won + 1",
            "DELETE FROM entries",
            "UPDATE transfers SET actor = 'nobody'",
            "DELETE FROM transfers",
            "UPDATE lots SET value_won = value_won + 1",
            "UPDATE lots SET expires_at = expires_at + 1",
            "UPDATE lots SET created_at = created_at - 1",
            "DELETE FROM lots",
            "UPDATE lots SET left_won = -1",
            "UPDATE lots SET left_won = value_won + 1",
            "UPDATE accounts SET balance_won = -1 WHERE kind = 'wallet'",
            "UPDATE accounts SET owner = 8 WHERE kind = 'wallet'",
            "DELETE FROM accounts",
            "INSERT INTO transfers SELECT municipality, id + 1, idempotency_key, body_hash, kind, amount_won, \
             created_at, actor, programme, holder, merchant, cancels, payout, deposit FROM transfers",
        ] {
            let answer = sqlx::query(sql).execute(&world.test.store.write).await;
            assert!(
                answer.is_err(),
                "{:?} let through: {sql}",
                world.test.store.engine
            );
        }
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn postgres_refuses_a_commit_that_does_not_sum_to_zero() {
    let world = World::new(store::testing::postgres().await).await;
    let programme = world.given("수당", 1_000).await;
    let granted = world.grant("g", programme.id, 7, 500).await;
    let mut tx = world.test.store.begin().await.unwrap();
    sqlx::query(
        "INSERT INTO entries (municipality, transfer, line, account, amount_won, kind, created_at) \
         SELECT municipality, $2, 99, id, 1, 'grant', $3 FROM accounts WHERE municipality = $1 AND kind = 'wallet'",
    )
    .bind(SUWON)
    .bind(granted.transfer)
    .bind(NOON)
    .execute(&mut *tx)
    .await
    .unwrap();
    assert!(tx.commit().await.is_err());
    world.assert_clean().await;
}

#[tokio::test]
async fn verify_names_the_first_difference() {
    for world in World::both().await {
        let programme = world.given("수당", 1_000).await;
        world.grant("g", programme.id, 7, 500).await;
        world.assert_clean().await;
        // One won appears in a balance, and one in a lot: no constraint can see the first.
        sqlx::query("UPDATE accounts SET balance_won = balance_won + 1 WHERE kind = 'budget'")
            .execute(&world.test.store.write)
            .await
            .unwrap();
        let difference = world
            .ledger
            .verify()
            .await
            .unwrap()
            .difference
            .expect("a difference");
        assert_eq!(difference.what, "an account's balance is the sum of its entries");
        assert_eq!((difference.expected, difference.found), (500, 501));
        assert!(
            difference.where_.starts_with("municipality 41110, id "),
            "{}",
            difference.where_
        );
        sqlx::raw_sql(
            "UPDATE accounts SET balance_won = balance_won - 1 WHERE kind = 'budget'; \
             UPDATE lots SET left_won = left_won - 1",
        )
        .execute(&world.test.store.write)
        .await
        .unwrap();
        let difference = world
            .ledger
            .verify()
            .await
            .unwrap()
            .difference
            .expect("a difference");
        assert_eq!(difference.what, "what is left of a lot is the sum of its entries");
        assert_eq!((difference.expected, difference.found), (500, 499));
    }
}

#[tokio::test]
async fn verify_finds_an_entry_added_behind_the_ledgers_back() {
    let world = World::new(store::testing::of(Engine::Sqlite).await).await;
    let programme = world.given("수당", 1_000).await;
    let granted = world.grant("g", programme.id, 7, 500).await;
    sqlx::query(
        "INSERT INTO entries (municipality, transfer, line, account, amount_won, kind, created_at) \
         SELECT municipality, $1, 99, id, 1, 'grant', 0 FROM accounts WHERE kind = 'wallet'",
    )
    .bind(granted.transfer)
    .execute(&world.test.store.write)
    .await
    .unwrap();
    let difference = world
        .ledger
        .verify()
        .await
        .unwrap()
        .difference
        .expect("a difference");
    assert_eq!(difference.what, "a transfer's entries sum to zero");
    assert_eq!((difference.expected, difference.found), (0, 1));
}
