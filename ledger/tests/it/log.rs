//! The public log on both engines: nothing is missed, every proof leads to a signed checkpoint, and an edit by hand
//! of anything that was logged is found.

use ledger::{Category, Ledger, LogPlace, Operation, Published, Step};
use proptest::prelude::*;
use store::Engine;
use tlog::{Checkpoint, Keys};

use crate::world::{NOON, SUWON, World};

fn keys() -> Keys {
    Keys::parse(&Keys::generate("test/log")).expect("keys")
}

async fn drain(ledger: &Ledger) -> u64 {
    let mut all = 0;
    loop {
        match ledger.sequence().await.expect("a step") {
            Step::Appended { leaves: 0, .. } => return all,
            Step::Appended { leaves, .. } => all += leaves,
            Step::NotElected => tokio::task::yield_now().await,
        }
    }
}

async fn transfers(world: &World) -> Vec<(i64, i64)> {
    sqlx::query_as("SELECT municipality, id FROM transfers ORDER BY 1, 2")
        .fetch_all(&world.test.store.read)
        .await
        .unwrap()
}

/// Every transfer has a proof under the newest checkpoint, each of another leaf.
async fn all_proven(world: &World, keys: &Keys) {
    let mut numbers = Vec::new();
    let all = transfers(world).await;
    for (municipality, id) in &all {
        let proof = world
            .ledger
            .log_proof(*municipality, *id, keys.verifying())
            .await
            .unwrap();
        let proof = proof.expect("in the log");
        let (number, checkpoint) = proof.check(keys.verifying()).expect("a proof that holds");
        assert_eq!(checkpoint.size, all.len() as u64);
        assert!(
            proof
                .record
                .starts_with(&format!("transfer {municipality} {id} ")),
            "{}",
            proof.record
        );
        numbers.push(number);
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (0..all.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_transfer_waits_then_is_in_the_log_with_a_proof_for_its_own_municipality() {
    for world in World::both().await {
        let keys = keys();
        let programme = world.given("수당", 10_000).await;
        let granted = world.grant("g", programme.id, 7, 500).await.transfer;
        let place = world.ledger.log_place(SUWON, granted).await.unwrap();
        assert_eq!(place, LogPlace::Waiting);
        assert_eq!(world.ledger.log_waiting().await.unwrap(), 2);
        assert_eq!(
            world
                .ledger
                .log_proof(SUWON, granted, keys.verifying())
                .await
                .unwrap(),
            None
        );
        assert_eq!(drain(&world.ledger).await, 2);
        // In the tree, and nobody has signed that yet.
        assert_eq!(
            world.ledger.log_place(SUWON, granted).await.unwrap(),
            LogPlace::Waiting
        );
        let first = world.ledger.checkpoint(&keys, NOON).await.unwrap();
        assert_eq!((first.size, first.at), (2, NOON));
        let LogPlace::In { number, since } = world.ledger.log_place(SUWON, granted).await.unwrap() else {
            panic!("in the log");
        };
        assert!(number < 2);
        // Nothing new: the same checkpoint; more leaves: the place keeps the first.
        assert_eq!(
            world.ledger.checkpoint(&keys, NOON + 60_000).await.unwrap(),
            first
        );
        world.grant("h", programme.id, 7, 5).await;
        drain(&world.ledger).await;
        assert_eq!(
            world.ledger.checkpoint(&keys, NOON + 60_000).await.unwrap().size,
            3
        );
        let place = world.ledger.log_place(SUWON, granted).await.unwrap();
        assert_eq!(place, LogPlace::In { number, since });
        assert_eq!(since, NOON);
        all_proven(&world, &keys).await;
        let foreign = world
            .ledger
            .log_proof(41130, granted, keys.verifying())
            .await
            .unwrap();
        assert_eq!(foreign, None);
        // What only the house should know is not told.
        let proof = world
            .ledger
            .log_proof(SUWON, granted, keys.verifying())
            .await
            .unwrap()
            .unwrap();
        assert!(!proof.record.contains("test"), "{}", proof.record);
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn a_rotated_key_signs_once_more_and_what_the_old_one_signed_stays_good() {
    for world in World::both().await {
        let (old, new) = (Keys::generate("test/log"), Keys::generate("test/log"));
        let before = Keys::parse(&old).unwrap();
        world.given("수당", 10_000).await;
        drain(&world.ledger).await;
        let first = world.ledger.checkpoint(&before, NOON).await.unwrap();
        let both = Keys::parse(&format!("{new},{old}")).unwrap();
        let second = world.ledger.checkpoint(&both, NOON).await.unwrap();
        assert_eq!(second.size, first.size);
        assert!(second.at > first.at);
        assert_eq!(
            world.ledger.latest_checkpoint().await.unwrap().as_ref(),
            Some(&second)
        );
        let signed = Checkpoint::open(&second.note, both.verifying())
            .unwrap()
            .signed_by;
        assert_eq!(signed.len(), 2);
        assert!(Checkpoint::open(&first.note, both.verifying()).is_ok());
        world.assert_clean().await;
    }
}

/// What can happen, in any order.
#[derive(Clone, Copy, Debug)]
enum Act {
    Grant(u16),
    Pay(u16),
    Sequence,
    Checkpoint,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (1u16..500).prop_map(Act::Grant),
        3 => (1u16..500).prop_map(Act::Pay),
        2 => Just(Act::Sequence),
        1 => Just(Act::Checkpoint),
    ]
}

/// The model is a count: what was posted is in the log or waits, and each checkpoint continues the one before.
async fn obeys_the_model(world: &World, acts: &[Act]) {
    let keys = keys();
    let programme = world.given("수당", 10_000_000).await;
    let shop = world.merchant("A1", Category::Cafe, 0).await;
    let (mut posted, mut logged) = (1, 0);
    let mut last: Option<Checkpoint> = None;
    for (index, act) in acts.iter().enumerate() {
        match *act {
            Act::Grant(won) => {
                world
                    .grant(&format!("g{index}"), programme.id, 7, i64::from(won))
                    .await;
                posted += 1;
            }
            Act::Pay(won) => {
                let pay = Operation::Pay {
                    holder: 7,
                    merchant: shop.id,
                    amount_won: i64::from(won),
                };
                posted += i64::from(world.post(&format!("p{index}"), NOON, pay).await.is_ok());
            }
            Act::Sequence => {
                logged += drain(&world.ledger).await as i64;
                assert_eq!(logged, posted);
            }
            Act::Checkpoint => {
                let signed = world.ledger.checkpoint(&keys, NOON + index as i64).await.unwrap();
                let now = Checkpoint::open(&signed.note, keys.verifying()).unwrap();
                assert_eq!(now.size as i64, logged);
                if let Some(last) = &last {
                    let proof = world
                        .ledger
                        .log_consistency(last.size, now.size)
                        .await
                        .unwrap()
                        .unwrap();
                    tlog::consistency(last, &now, &proof).expect("continues");
                }
                last = Some(now);
            }
        }
        assert_eq!(world.ledger.log_waiting().await.unwrap(), posted - logged);
    }
    drain(&world.ledger).await;
    world.ledger.checkpoint(&keys, NOON + 1_000).await.unwrap();
    all_proven(world, &keys).await;
    let found = world.ledger.verify().await.unwrap();
    assert_eq!(
        (found.difference, found.log.size, found.log.waiting),
        (None, posted, 0)
    );
}

#[test]
fn any_order_of_posting_sequencing_and_signing_gives_proofs_that_hold() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
            cases: 6,
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        let acts = prop::collection::vec(act(), 1..40);
        let ran = runner.run(&acts, |acts| {
            runtime.block_on(async {
                obeys_the_model(&World::new(store::testing::of(engine).await).await, &acts).await;
            });
            Ok(())
        });
        ran.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_posters_and_three_sequencers_at_once_give_one_order() {
    for world in World::both().await {
        let keys = keys();
        let programme = world.given("수당", 10_000_000).await;
        let store = store::Store::open(&world.test.url).await.unwrap();
        let other = Ledger::new(store);
        let mut tasks = tokio::task::JoinSet::new();
        for (name, ledger) in [("a", world.ledger.clone()), ("b", other.clone())] {
            tasks.spawn(async move {
                for index in 0..150 {
                    let grant = Operation::Grant {
                        programme: programme.id,
                        holder: index % 5,
                        amount_won: 10,
                        payout: None,
                    };
                    ledger
                        .post(World::request(&format!("{name}{index}"), NOON, grant))
                        .await
                        .expect("granted");
                }
            });
        }
        for ledger in [world.ledger.clone(), other.clone(), world.ledger.clone()] {
            let keys = keys.clone();
            tasks.spawn(async move {
                for index in 0..30 {
                    let _ = ledger.sequence().await.expect("a step");
                    if index % 5 == 0 {
                        ledger.checkpoint(&keys, NOON + index).await.expect("signed");
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.expect("no panic");
        }
        drain(&world.ledger).await;
        world.ledger.checkpoint(&keys, NOON + 1_000).await.unwrap();
        all_proven(&world, &keys).await;
        let found = world.ledger.verify().await.unwrap();
        assert_eq!((found.difference, found.log.size), (None, 301));
    }
}

#[tokio::test]
async fn a_transaction_held_open_past_everything_is_the_next_leaf() {
    let world = World::new(store::testing::postgres().await).await;
    let keys = keys();
    let early = world.given("가", 1_000).await;
    let programme = world.given("나", 1_000_000).await;
    // Written before everything below and committed after it, with an id and a time among those long logged.
    let mut held = world.test.store.begin().await.unwrap();
    let late = format!(
        "INSERT INTO transfers (municipality, id, idempotency_key, body_hash, kind, amount_won, created_at, actor, \
         programme) SELECT municipality, id + 1, 'late', body_hash, kind, amount_won, created_at, actor, programme \
         FROM transfers WHERE programme = {0}; \
         INSERT INTO entries (municipality, transfer, line, account, amount_won, lot, programme, kind, created_at) \
         SELECT e.municipality, e.transfer + 1, e.line, e.account, e.amount_won, e.lot, e.programme, e.kind, \
         e.created_at FROM entries e JOIN transfers t ON t.id = e.transfer WHERE t.programme = {0} AND t.id = \
         (SELECT MIN(id) FROM transfers WHERE programme = {0}); \
         UPDATE accounts SET balance_won = balance_won * 2 WHERE kind = 'budget' AND owner = {0}; \
         UPDATE accounts SET balance_won = balance_won - 1000 WHERE kind = 'treasury' AND municipality = 41110",
        early.id
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(late))
        .execute(&mut *held)
        .await
        .unwrap();
    for step in 0..20 {
        for index in 0..10 {
            world
                .grant(&format!("g{step} {index}"), programme.id, index, 10)
                .await;
        }
        assert_eq!(drain(&world.ledger).await, if step == 0 { 12 } else { 10 });
        world
            .ledger
            .checkpoint(&keys, NOON + 60_000 * (step + 1))
            .await
            .unwrap();
    }
    assert_eq!(world.ledger.log_waiting().await.unwrap(), 0);
    held.commit().await.unwrap();
    assert_eq!(world.ledger.log_waiting().await.unwrap(), 1);
    assert_eq!(drain(&world.ledger).await, 1);
    world.ledger.checkpoint(&keys, NOON + 60_000 * 30).await.unwrap();
    all_proven(&world, &keys).await;
    world.assert_clean().await;
}

/// Takes the guards away, as somebody with the database's password can.
async fn unguarded(world: &World) -> sqlx::pool::PoolConnection<sqlx::Any> {
    let mut connection = world.test.store.write.acquire().await.unwrap();
    match world.test.store.engine {
        Engine::Postgres => {
            sqlx::raw_sql("SET session_replication_role = replica")
                .execute(&mut *connection)
                .await
                .unwrap();
        }
        Engine::Sqlite => {
            let names: Vec<(String,)> =
                sqlx::query_as("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
                    .fetch_all(&mut *connection)
                    .await
                    .unwrap();
            for (name,) in names {
                sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP TRIGGER {name}")))
                    .execute(&mut *connection)
                    .await
                    .unwrap();
            }
            sqlx::raw_sql("PRAGMA foreign_keys = OFF")
                .execute(&mut *connection)
                .await
                .unwrap();
        }
    }
    connection
}

async fn by_hand(connection: &mut sqlx::AnyConnection, sql: String) {
    let done = sqlx::query(sqlx::AssertSqlSafe(sql.clone()))
        .execute(connection)
        .await;
    assert!(done.expect(&sql).rows_affected() > 0, "{sql}");
}

#[tokio::test]
async fn an_edit_of_any_column_by_hand_is_found() {
    for world in World::both().await {
        let programme = world.given("수당", 10_000).await;
        let shop = world.merchant("A1", Category::Cafe, 0).await;
        let grant = world.grant("g", programme.id, 7, 500).await;
        let pay = Operation::Pay {
            holder: 7,
            merchant: shop.id,
            amount_won: 100,
        };
        let paid = world.post("p", NOON, pay).await.unwrap().transfer;
        drain(&world.ledger).await;
        world.assert_clean().await;
        let mut hand = unguarded(&world).await;
        let (lot, granted) = (grant.lots[0].lot, grant.transfer);
        let number = |table: &str, row: &str, column: &str| {
            let edit = |by: &str| format!("UPDATE {table} SET {column} = {column} {by} WHERE {row}");
            (edit("+ 10000000"), edit("- 10000000"))
        };
        let text = |table: &str, row: &str, column: &str| {
            let edit = |to: &str| format!("UPDATE {table} SET {column} = {to} WHERE {row}");
            let back = format!("SUBSTR({column}, 1, LENGTH({column}) - 1)");
            (edit(&format!("{column} || 'x'")), edit(&back))
        };
        let none = |table: &str, row: &str, column: &str| {
            let edit = |to: &str| format!("UPDATE {table} SET {column} = {to} WHERE {row}");
            (edit("1"), edit("NULL"))
        };
        let word = |table: &str, row: &str, from: &str, to: &str| {
            let edit = |to: &str| format!("UPDATE {table} SET kind = '{to}' WHERE {row}");
            (edit(to), edit(from))
        };
        let (the_pay, the_lot) = (
            format!("id IN ({paid}, {paid} + 10000000)"),
            format!("id IN ({lot}, {lot} + 10000000)"),
        );
        let line = format!("transfer IN ({paid}, {paid} + 10000000) AND line IN (0, 10000000)");
        let mut edits = Vec::new();
        for column in [
            "municipality",
            "id",
            "amount_won",
            "created_at",
            "holder",
            "merchant",
        ] {
            edits.push(number("transfers", &the_pay, column));
        }
        for column in ["idempotency_key", "body_hash", "actor"] {
            edits.push(text("transfers", &the_pay, column));
        }
        for column in ["programme", "payout", "deposit"] {
            edits.push(none("transfers", &the_pay, column));
        }
        edits.push(word("transfers", &the_pay, "pay", "refund"));
        for column in [
            "municipality",
            "transfer",
            "line",
            "account",
            "amount_won",
            "created_at",
        ] {
            edits.push(number("entries", &line, column));
        }
        edits.push(number(
            "entries",
            &format!("transfer = {paid} AND lot IS NOT NULL"),
            "lot",
        ));
        edits.push(number(
            "entries",
            &format!("transfer = {paid} AND programme IS NOT NULL"),
            "programme",
        ));
        edits.push(text("entries", &line, "kind"));
        for column in [
            "municipality",
            "id",
            "transfer",
            "account",
            "holder",
            "programme",
            "value_won",
            "expires_at",
        ] {
            edits.push(number("lots", &the_lot, column));
        }
        edits.push((
            format!("UPDATE lots SET created_at = created_at - 5 WHERE id = {lot}"),
            format!("UPDATE lots SET created_at = created_at + 5 WHERE id = {lot}"),
        ));
        edits.push((
            format!("UPDATE lots SET price_won = price_won + 5 WHERE id = {lot}"),
            format!("UPDATE lots SET price_won = price_won - 5 WHERE id = {lot}"),
        ));
        edits.push(word("lots", &the_lot, "granted", "gifted"));
        for (edit, back) in edits {
            by_hand(&mut hand, edit.clone()).await;
            if world.test.store.engine == Engine::Sqlite {
                drop(hand);
            }
            let found = world.ledger.verify().await.unwrap();
            assert!(found.difference.is_some(), "not found: {edit}");
            let logs = found.log_difference.expect("the log itself finds it");
            assert!(
                logs.what.contains("what the log says") || logs.what == "a leaf has its transfer",
                "{edit}: {logs:?}"
            );
            assert!(logs.where_.contains("leaf "), "{logs:?}");
            hand = unguarded(&world).await;
            by_hand(&mut hand, back).await;
        }
        // A transfer that nobody told the log of, and one that is gone with all its rows.
        by_hand(
            &mut hand,
            format!("UPDATE log_leaves SET transfer = 1 WHERE transfer = {paid}"),
        )
        .await;
        let found = world.ledger.verify().await.unwrap().log_difference.unwrap();
        assert_eq!(found.what, "a leaf has its transfer");
        by_hand(
            &mut hand,
            format!("UPDATE log_leaves SET transfer = {paid} WHERE transfer = 1"),
        )
        .await;
        drop(hand);
        world.assert_clean().await;
        let _ = granted;
    }
}

#[tokio::test]
async fn a_rewritten_history_does_not_fit_what_was_published() {
    for world in World::both().await {
        let keys = keys();
        let programme = world.given("수당", 10_000).await;
        for index in 0..5 {
            world.grant(&format!("g{index}"), programme.id, index, 100).await;
        }
        drain(&world.ledger).await;
        let kept = world.ledger.checkpoint(&keys, NOON).await.unwrap();
        let published = |size: i64, root: &str| Published {
            size: size as u64,
            root: root.to_owned(),
        };
        let kept = published(kept.size, &kept.root);
        assert_eq!(
            world
                .ledger
                .verify_against(std::slice::from_ref(&kept))
                .await
                .unwrap()
                .difference,
            None
        );
        // The log begins anew, as if it had been so from the start: all agrees within, and with nobody outside.
        let mut hand = unguarded(&world).await;
        for sql in [
            "DELETE FROM log_leaves",
            "DELETE FROM log_tiles",
            "DELETE FROM log_checkpoints",
            "UPDATE log_head SET size = 0, root = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
            "INSERT INTO log_pending SELECT municipality, id FROM transfers",
        ] {
            by_hand(&mut hand, sql.to_owned()).await;
        }
        if world.test.store.engine == Engine::Postgres {
            sqlx::raw_sql("SET session_replication_role = origin")
                .execute(&mut *hand)
                .await
                .unwrap();
        }
        drop(hand);
        drain(&world.ledger).await;
        world.assert_clean().await;
        let found = world
            .ledger
            .verify_against(std::slice::from_ref(&kept))
            .await
            .unwrap()
            .difference
            .unwrap();
        assert_eq!(found.what, "the log has the root that was published");
        // Lost leaves are named by their number.
        let more = published(kept.size as i64 + 3, &kept.root);
        let found = world
            .ledger
            .verify_against(&[more])
            .await
            .unwrap()
            .difference
            .unwrap();
        assert_eq!(found.what, "the log has as many leaves as were published");
        assert_eq!((found.expected, found.found), (9, 6));
    }
}

#[tokio::test]
async fn the_head_or_a_tile_edited_by_hand_is_not_signed() {
    for world in World::both().await {
        let keys = keys();
        world.given("수당", 10_000).await;
        world.given("수당 2", 10_000).await;
        drain(&world.ledger).await;
        world.ledger.checkpoint(&keys, NOON).await.unwrap();
        world.given("수당 3", 10_000).await;
        drain(&world.ledger).await;
        let mut hand = unguarded(&world).await;
        by_hand(
            &mut hand,
            "UPDATE log_head SET root = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='".to_owned(),
        )
        .await;
        drop(hand);
        assert!(world.ledger.checkpoint(&keys, NOON + 1).await.is_err());
        assert!(world.ledger.verify().await.unwrap().difference.is_some());
    }
}
