//! Who must approve, when it begins, and for which content.

use ledger::{
    Refusal,
    payouts::{PayoutKind, PayoutState},
};
use store::Engine;

use crate::{
    payouts::{APPROVER, CLERK, Numbered, row},
    world::{NOON, SUWON, World, refusal},
};

const SECOND: i64 = 14;

#[tokio::test]
async fn from_a_total_on_two_must_approve_one_after_the_other() {
    for world in World::both().await {
        let programme = world.given("청년", 1_000_000).await.id;
        let ledger = &world.ledger;
        ledger
            .set_payout_rule(SUWON, None, Some(1_000), 1, NOON)
            .await
            .unwrap();
        let small = world.approved(programme, vec![row(2, 999)]).await;
        assert_eq!(small.state, PayoutState::Approved);
        let large = world.approved(programme, vec![row(2, 1_000)]).await;
        assert_eq!(
            (large.state, large.first_approved_by, large.approved_by),
            (PayoutState::Submitted, Some(APPROVER), None)
        );
        let early = ledger.run_payout_step(SUWON, large.id, &Numbered, 10, NOON).await;
        assert!(early.is_err(), "one of two is not enough: {early:?}");
        // The same person twice is one person; whoever made it is still nobody.
        for by in [APPROVER, CLERK] {
            assert_eq!(
                refusal(ledger.approve_payout(SUWON, large.id, by, NOON).await),
                Refusal::SecondOfficial
            );
        }
        let approved = ledger
            .approve_payout(SUWON, large.id, SECOND, NOON)
            .await
            .unwrap();
        assert_eq!(
            (approved.state, approved.approved_by),
            (PayoutState::Approved, Some(SECOND))
        );
        let states: Vec<_> = ledger.payout_events(SUWON, large.id).await.unwrap();
        let states: Vec<_> = states.into_iter().map(|event| (event.state, event.by)).collect();
        assert!(
            states.contains(&(PayoutState::FirstApproved, APPROVER)),
            "{states:?}"
        );
        assert_eq!(world.run(large.id, 10).await.paid_rows, 1);

        // A programme's own rule goes before the municipality's.
        ledger
            .set_payout_rule(SUWON, Some(programme), None, 1, NOON)
            .await
            .unwrap();
        let own = world.approved(programme, vec![row(3, 5_000)]).await;
        assert_eq!(own.state, PayoutState::Approved);
        assert_eq!(ledger.payout_rules(SUWON).await.unwrap().len(), 2);
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn the_database_too_refuses_the_same_person_twice() {
    for world in World::both().await {
        let programme = world.given("청년", 1_000).await.id;
        let payout = world.checked(programme, vec![row(2, 1)]).await.id;
        for sql in [
            format!("UPDATE payouts SET first_approved_by = created_by WHERE id = {payout}"),
            format!("UPDATE payouts SET first_approved_by = 77, approved_by = 77 WHERE id = {payout}"),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(sql.clone()))
                .execute(&world.test.store.write)
                .await
                .expect_err(&sql);
        }
    }
}

#[tokio::test]
async fn nothing_is_paid_before_its_time() {
    for world in World::both().await {
        let programme = world.given("청년", 1_000).await.id;
        let ledger = &world.ledger;
        let payout = world.checked(programme, vec![row(2, 100)]).await.id;
        for start_at in [NOON, NOON - 1, NOON + 400 * 86_400_000] {
            let refused = ledger
                .submit_payout_for(SUWON, payout, CLERK, Some(start_at), NOON)
                .await;
            assert_eq!(
                refusal(refused),
                Refusal::Invalid {
                    field: "start_at".into()
                }
            );
        }
        let start_at = NOON + 60_000;
        ledger
            .submit_payout_for(SUWON, payout, CLERK, Some(start_at), NOON)
            .await
            .unwrap();
        ledger
            .approve_payout(SUWON, payout, APPROVER, NOON)
            .await
            .unwrap();
        let before = start_at - 1;
        assert!(ledger.unfinished_payouts(before).await.unwrap().is_empty());
        assert_eq!(ledger.payout_waiting_since(before).await.unwrap(), None);
        let early = ledger.run_payout_step(SUWON, payout, &Numbered, 10, before).await;
        assert!(early.is_err(), "{early:?}");
        assert_eq!(
            ledger.unfinished_payouts(start_at).await.unwrap(),
            [(SUWON, payout)]
        );
        assert_eq!(
            ledger.payout_waiting_since(start_at).await.unwrap(),
            Some(start_at)
        );
        let step = ledger
            .run_payout_step(SUWON, payout, &Numbered, 10, start_at)
            .await
            .unwrap();
        assert_eq!((step.done, step.paid_rows), (true, 1));
    }
}

#[tokio::test]
async fn an_approval_is_for_the_content_that_was_checked_and_for_no_other() {
    for world in World::both().await {
        let programme = world.given("청년", 1_000_000).await.id;
        let payout = world
            .checked(programme, (2..9).map(|n| row(n, 100)).collect())
            .await
            .id;
        world
            .ledger
            .submit_payout(SUWON, payout, CLERK, NOON)
            .await
            .unwrap();
        // Somebody with the keys of the database, past its guards.
        let drop = match world.test.store.engine {
            Engine::Sqlite => "DROP TRIGGER payout_rows_fixed",
            Engine::Postgres => "DROP TRIGGER payout_rows_fixed ON payout_rows",
        };
        for sql in [
            drop,
            "UPDATE payout_rows SET person_key = 'p9999' WHERE row_number = 5",
        ] {
            sqlx::query(sql)
                .execute(&world.test.store.write)
                .await
                .expect(sql);
        }
        assert_eq!(
            refusal(world.ledger.approve_payout(SUWON, payout, APPROVER, NOON).await),
            Refusal::ContentChanged
        );
    }
}

#[tokio::test]
async fn both_engines_hash_the_same_content_the_same_way() {
    let [sqlite, postgres] = World::both().await;
    // More than one page of rows.
    let rows: Vec<_> = (2..5_300).map(|n| row(n, n)).collect();
    let mut hashes = Vec::new();
    for world in [&sqlite, &postgres] {
        let programme = world.given("청년", 1).await.id;
        let payout = world.checked(programme, rows.clone()).await;
        assert_eq!(payout.kind, PayoutKind::Roster);
        let (ok, total) = (payout.ok_rows, payout.total_won);
        assert_eq!(
            (ok, total),
            (5_298, rows.iter().map(|row| row.amount_won).sum::<i64>())
        );
        hashes.push((programme, payout.content_hash));
    }
    // Each database numbers its programmes alike.
    assert_eq!(hashes[0], hashes[1]);
    let programme = hashes[0].0;
    let mut other = rows;
    other[5_200].amount_won += 1;
    let changed = sqlite.checked(programme, other).await.content_hash;
    assert_ne!(changed, hashes[0].1);
}
