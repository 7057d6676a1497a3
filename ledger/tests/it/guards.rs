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

/// More entries of a transfer: account, amount, lot.
async fn write_entry(
    world: &World,
    transfer: i64,
    lines: &[(i64, i64, Option<i64>)],
) -> Result<(), sqlx::Error> {
    let rows = (90..).zip(lines).map(|(line, (account, amount_won, lot))| {
        let lot = lot.map_or("NULL".to_owned(), |lot| lot.to_string());
        format!("({SUWON}, {transfer}, {line}, {account}, {amount_won}, {lot}, 'grant', {NOON})")
    });
    let sql = format!(
        "INSERT INTO entries (municipality, transfer, line, account, amount_won, lot, kind, created_at) VALUES {}",
        rows.collect::<Vec<_>>().join(", ")
    );
    let mut tx = world.test.store.begin().await?;
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await?;
    tx.commit().await
}

#[tokio::test]
async fn postgres_refuses_entries_that_do_not_sum_to_zero() {
    let world = World::new(store::testing::postgres().await).await;
    let programme = world.given("수당", 1_000).await;
    let granted = world.grant("g", programme.id, 7, 500).await.transfer;
    let (wallet,): (i64,) = sqlx::query_as("SELECT id FROM accounts WHERE kind = 'wallet'")
        .fetch_one(&world.test.store.read)
        .await
        .unwrap();
    for lines in [
        &[(wallet, 1, None)][..],
        &[(wallet, 1, None), (wallet, -2, None)],
        &[
            (wallet, i64::MAX, None),
            (wallet, i64::MAX, None),
            (wallet, 2, None),
        ],
    ] {
        let refused = write_entry(&world, granted, lines).await.unwrap_err();
        assert!(refused.to_string().contains("sum to"), "{refused}");
    }
    world.assert_clean().await;
    // What sums to zero comes through this door: that it says nothing of the transfer is for verify to find.
    write_entry(&world, granted, &[(wallet, 1, None), (wallet, -1, None)])
        .await
        .expect("a sum of zero");
}

#[tokio::test]
async fn nothing_points_at_what_is_not_there_and_what_is_pointed_at_stays() {
    for world in World::both().await {
        let programme = world.given("수당", 1_000).await;
        let shop = world.merchant("A1", ledger::Category::Cafe, 0).await;
        let granted = world.grant("g", programme.id, 7, 500).await;
        let (wallet,): (i64,) = sqlx::query_as("SELECT id FROM accounts WHERE kind = 'wallet'")
            .fetch_one(&world.test.store.read)
            .await
            .unwrap();
        let lot = Some(granted.lots[0].lot);
        for (what, transfer, lines) in [
            ("a transfer", 1, [(wallet, 1, lot), (wallet, -1, lot)]),
            ("an account", granted.transfer, [(wallet, 1, lot), (1, -1, None)]),
            (
                "a lot",
                granted.transfer,
                [(wallet, 1, Some(1)), (wallet, -1, lot)],
            ),
        ] {
            let answer = write_entry(&world, transfer, &lines).await;
            assert!(
                answer.is_err(),
                "{:?}: {what} that is not there",
                world.test.store.engine
            );
        }
        for (what, column, value) in [
            ("a municipality", "municipality", "municipality + 1"),
            ("a programme", "programme", "1"),
            ("a merchant", "merchant", "1"),
            ("a payment", "cancels", "1"),
        ] {
            let columns = ["municipality", "programme", "merchant", "cancels"];
            let values = columns.map(|name| match name {
                name if name == column => value.to_owned(),
                "municipality" => "municipality".to_owned(),
                _ => "NULL".to_owned(),
            });
            let kind = if column == "cancels" { "cancel" } else { "pay" };
            let sql = format!(
                "INSERT INTO transfers (id, idempotency_key, body_hash, kind, amount_won, created_at, actor, \
                 municipality, programme, merchant, cancels) SELECT id + 1000000, 'x{column}', '', '{kind}', 1, 0, '', \
                 {} FROM transfers LIMIT 1",
                values.join(", ")
            );
            let answer = sqlx::query(sqlx::AssertSqlSafe(sql))
                .execute(&world.test.store.write)
                .await;
            assert!(
                answer.is_err(),
                "{:?}: {what} that is not there",
                world.test.store.engine
            );
        }
        // Somebody is paid, so that the merchant is pointed at.
        let pay = ledger::Operation::Pay {
            holder: 7,
            merchant: shop.id,
            amount_won: 1,
        };
        world.post("p", NOON, pay).await.unwrap();
        for sql in [
            "DELETE FROM merchants",
            "DELETE FROM programmes",
            "DELETE FROM municipalities WHERE code = 41110",
            "UPDATE merchants SET id = id + 1",
            "UPDATE programmes SET id = id + 1",
            "UPDATE municipalities SET code = code + 1 WHERE code = 41110",
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
