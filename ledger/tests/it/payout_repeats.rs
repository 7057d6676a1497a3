//! People whom a programme has paid before, the same file again, and the rest of a payout that stopped.

use ledger::{
    Refusal,
    payouts::{NewPayout, PayoutKind, PayoutState, RepeatsDecision},
};

use crate::{
    payouts::{APPROVER, CLERK, row},
    world::{NOON, SUWON, World, refusal},
};

#[tokio::test]
async fn whoever_was_paid_before_is_shown_and_must_be_decided_of() {
    for world in World::both().await {
        let ledger = &world.ledger;
        let programme = world.given("청년", 10_000).await.id;
        let other = world.given("다른", 10_000).await.id;
        let first = world
            .approved(programme, (2..6).map(|n| row(n, 100)).collect())
            .await
            .id;
        world.run(first, 10).await;
        // Another programme's payouts are nothing to this one.
        let elsewhere = world.approved(other, vec![row(9, 100)]).await.id;
        world.run(elsewhere, 10).await;
        // Rows 4 and 5 are the same people as before; 8 and 9 are not.
        let second = world
            .checked(programme, [4, 5, 8, 9].map(|n| row(n, 100)).to_vec())
            .await
            .id;
        let repeats = ledger.payout_repeats(SUWON, second).await.unwrap();
        assert_eq!(repeats.len(), 1);
        assert_eq!((repeats[0].earlier, repeats[0].people), (first, 2));
        assert_eq!(
            refusal(ledger.submit_payout(SUWON, second, CLERK, NOON).await),
            Refusal::RepeatsUndecided
        );
        let left = ledger
            .decide_repeats(SUWON, second, RepeatsDecision::LeaveOut, CLERK, NOON)
            .await
            .unwrap();
        assert_eq!((left.total_won, left.failed_rows, left.open_rows()), (200, 2, 2));
        // Once: what was decided stays.
        assert!(
            ledger
                .decide_repeats(SUWON, second, RepeatsDecision::Pay, CLERK, NOON)
                .await
                .is_err()
        );
        ledger.submit_payout(SUWON, second, CLERK, NOON).await.unwrap();
        ledger
            .approve_payout(SUWON, second, APPROVER, NOON)
            .await
            .unwrap();
        let done = world.run(second, 10).await;
        assert_eq!((done.paid_rows, done.failed_rows, done.paid_won), (2, 2, 200));
        let rows = ledger.payout_rows(SUWON, second, None, 0, 10).await.unwrap();
        assert!(rows[0].failure.contains("paid_before"), "{}", rows[0].failure);
        for (holder, won) in [(1004, 100), (1008, 100), (1009, 200)] {
            assert_eq!(world.total(holder, NOON).await, won, "holder {holder}");
        }
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn whoever_waits_in_another_payout_repeats_too_and_may_be_paid_again() {
    for world in World::both().await {
        let ledger = &world.ledger;
        let programme = world.given("청년", 10_000).await.id;
        let first = world.checked(programme, vec![row(2, 100)]).await.id;
        let second = world.checked(programme, vec![row(2, 101)]).await.id;
        assert!(ledger.payout_repeats(SUWON, first).await.unwrap().is_empty());
        assert_eq!(
            ledger.payout_repeats(SUWON, second).await.unwrap()[0].earlier,
            first
        );
        // What was given up is nobody's.
        ledger.cancel_payout(SUWON, first, CLERK, "", NOON).await.unwrap();
        let third = world.checked(programme, vec![row(2, 102)]).await.id;
        let earlier: Vec<i64> = ledger
            .payout_repeats(SUWON, third)
            .await
            .unwrap()
            .into_iter()
            .map(|repeat| repeat.earlier)
            .collect();
        assert_eq!(earlier, [second]);
        ledger
            .decide_repeats(SUWON, third, RepeatsDecision::Pay, CLERK, NOON)
            .await
            .unwrap();
        ledger.submit_payout(SUWON, third, CLERK, NOON).await.unwrap();
        ledger.approve_payout(SUWON, third, APPROVER, NOON).await.unwrap();
        assert_eq!(world.run(third, 10).await.paid_won, 102);
        let states: Vec<_> = ledger.payout_events(SUWON, third).await.unwrap();
        assert!(
            states
                .iter()
                .any(|event| event.state == PayoutState::RepeatsPaid && event.by == CLERK)
        );
    }
}

#[tokio::test]
async fn the_rest_of_a_payout_that_stopped_is_paid_by_another_and_nobody_twice() {
    for world in World::both().await {
        let ledger = &world.ledger;
        let programme = world.given("청년", 250).await.id;
        let first = world
            .approved(programme, (2..8).map(|n| row(n, 100)).collect())
            .await
            .id;
        assert_eq!(world.run(first, 4).await.paid_rows, 2);
        world.fund(programme, 10_000).await;
        let rest = ledger
            .pay_the_rest(SUWON, first, "나머지", CLERK, NOON)
            .await
            .unwrap();
        assert_eq!(
            (rest.state, rest.ok_rows, rest.total_won, rest.rest_of),
            (PayoutState::Checked, 4, 400, Some(first))
        );
        // Asked twice it is the same one.
        let again = ledger
            .pay_the_rest(SUWON, first, "나머지", CLERK, NOON)
            .await
            .unwrap();
        assert_eq!(again.id, rest.id);
        assert!(ledger.payout_repeats(SUWON, rest.id).await.unwrap().is_empty());
        ledger.submit_payout(SUWON, rest.id, CLERK, NOON).await.unwrap();
        assert_eq!(
            refusal(ledger.approve_payout(SUWON, rest.id, CLERK, NOON).await),
            Refusal::SecondOfficial
        );
        ledger
            .approve_payout(SUWON, rest.id, APPROVER, NOON)
            .await
            .unwrap();
        let done = world.run(rest.id, 3).await;
        assert_eq!((done.paid_rows, done.failed_rows), (4, 0));
        for holder in 1002..1008 {
            assert_eq!(world.total(holder, NOON).await, 100);
        }
        assert_eq!(
            refusal(ledger.pay_the_rest(SUWON, rest.id, "나머지", CLERK, NOON).await),
            Refusal::NothingToPay
        );
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn the_same_file_comes_again_only_knowingly_and_with_a_reason() {
    for world in World::both().await {
        let ledger = &world.ledger;
        let programme = world.given("청년", 1_000).await.id;
        let mut new = NewPayout::new(PayoutKind::Roster, programme, "한 번".into(), CLERK);
        new.file_sha256 = "abc".into();
        let first = ledger.create_payout(SUWON, new.clone(), NOON).await.unwrap().id;
        new.file_again = Some((first, "두 달이 같습니다".into()));
        let second = ledger.create_payout(SUWON, new.clone(), NOON).await.unwrap();
        assert_eq!(second.file_again_of, Some(first));
        let events = ledger.payout_events(SUWON, second.id).await.unwrap();
        assert_eq!(events[0].word, "두 달이 같습니다");
        // Two at once of the same: the second is told of the first.
        assert_eq!(
            refusal(ledger.create_payout(SUWON, new, NOON).await),
            Refusal::SameFile { payout: second.id }
        );
    }
}
