//! Payouts: on the word of two officials, and once.

use std::sync::atomic::{AtomicU32, Ordering};

use ledger::{
    LedgerError, Refusal,
    payouts::{
        BatchError, NewPayout, NewRow, Payout, PayoutKind, PayoutState, Recipients, RepeatsDecision,
        ResolveError, RowOutcome, RowPerson,
    },
};
use proptest::prelude::*;

use crate::world::{NOON, SEONGNAM, SUWON, World};

pub const CLERK: i64 = 11;
pub const APPROVER: i64 = 12;

/// Gives the person of key `p<n>` the holder n.
pub struct Numbered;

impl Recipients for Numbered {
    async fn holders(&self, _: i64, people: &[RowPerson], _: i64) -> Result<Vec<Option<i64>>, ResolveError> {
        let number = |person: &RowPerson| person.person_key.trim_start_matches('p').parse().ok();
        Ok(people.iter().map(number).collect())
    }
}

pub fn row(row: i64, amount_won: i64) -> NewRow {
    NewRow {
        row,
        sealed: format!("v1.k.{row}"),
        person_key: format!("p{}", 1000 + row),
        amount_won,
        outcome: RowOutcome::Ok,
        field: String::new(),
        why: String::new(),
    }
}

impl World {
    pub async fn checked(&self, programme: i64, rows: Vec<NewRow>) -> Payout {
        let mut new = NewPayout::new(PayoutKind::Roster, programme, "청년기본소득".into(), CLERK);
        let mut hash = std::hash::DefaultHasher::new();
        std::hash::Hash::hash(&format!("{rows:?}"), &mut hash);
        new.file_sha256 = format!("{:016x}", std::hash::Hasher::finish(&hash));
        let payout = self
            .ledger
            .create_payout(SUWON, new, NOON)
            .await
            .expect("made")
            .id;
        self.ledger
            .add_payout_rows(SUWON, payout, rows)
            .await
            .expect("rows");
        self.ledger
            .finish_check(SUWON, payout, CLERK, NOON)
            .await
            .expect("checked")
    }

    pub async fn approved(&self, programme: i64, rows: Vec<NewRow>) -> Payout {
        let payout = self.checked(programme, rows).await.id;
        if !self
            .ledger
            .payout_repeats(SUWON, payout)
            .await
            .expect("repeats")
            .is_empty()
        {
            self.ledger
                .decide_repeats(SUWON, payout, RepeatsDecision::Pay, CLERK, NOON)
                .await
                .expect("decided");
        }
        self.ledger
            .submit_payout(SUWON, payout, CLERK, NOON)
            .await
            .expect("submitted");
        self.ledger
            .approve_payout(SUWON, payout, APPROVER, NOON)
            .await
            .expect("approved")
    }

    pub async fn run(&self, payout: i64, batch: usize) -> Payout {
        while !self
            .ledger
            .run_payout_step(SUWON, payout, &Numbered, batch, NOON)
            .await
            .expect("a step")
            .done
        {}
        self.ledger.payout(SUWON, payout).await.expect("is there")
    }
}

fn refusal<T: std::fmt::Debug>(result: Result<T, LedgerError>) -> Refusal {
    match result {
        Err(LedgerError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_roster_is_paid_when_a_second_official_has_agreed() {
    for world in World::both().await {
        let programme = world.given("청년", 1_000_000).await;
        let mut rows = vec![row(2, 100_000), row(3, 150_000)];
        rows.push(NewRow {
            outcome: RowOutcome::Error,
            field: "phone".into(),
            amount_won: 0,
            ..row(4, 1)
        });
        let payout = world.checked(programme.id, rows).await;
        assert_eq!(
            (payout.ok_rows, payout.error_rows, payout.total_won),
            (2, 1, 250_000)
        );
        assert_eq!(
            world.ledger.budget_preview(&payout).await.unwrap(),
            (1_000_000, 750_000)
        );
        world
            .ledger
            .submit_payout(SUWON, payout.id, CLERK, NOON)
            .await
            .unwrap();
        // Whoever made it cannot approve it, and nothing runs before somebody else has.
        assert_eq!(
            refusal(world.ledger.approve_payout(SUWON, payout.id, CLERK, NOON).await),
            Refusal::SecondOfficial
        );
        let early = world
            .ledger
            .run_payout_step(SUWON, payout.id, &Numbered, 10, NOON)
            .await;
        let early = early.map_err(|error| match error {
            BatchError::Ledger(error) => error,
            BatchError::People(error) => panic!("{error}"),
        });
        assert_eq!(
            refusal(early),
            Refusal::PayoutState {
                state: PayoutState::Submitted
            }
        );
        world
            .ledger
            .approve_payout(SUWON, payout.id, APPROVER, NOON)
            .await
            .unwrap();
        // Two officials at once: the second is told.
        let second = world.ledger.return_payout(SUWON, payout.id, 13, "", NOON).await;
        assert_eq!(
            refusal(second),
            Refusal::PayoutState {
                state: PayoutState::Approved
            }
        );
        let done = world.run(payout.id, 1).await;
        assert_eq!(
            (done.state, done.paid_rows, done.paid_won),
            (PayoutState::Done, 2, 250_000)
        );
        assert_eq!(
            world.ledger.wallet(SUWON, 1002, NOON).await.unwrap().total_won,
            100_000
        );
        let states: Vec<_> = world
            .ledger
            .payout_events(SUWON, payout.id)
            .await
            .unwrap()
            .into_iter()
            .map(|event| event.state)
            .collect();
        use PayoutState::{Approved, Checked, Done, Draft, Running, Submitted};
        assert_eq!(states, [Draft, Checked, Submitted, Approved, Running, Done]);
        assert_eq!(world.ledger.verify().await.unwrap().difference, None);
    }
}

#[tokio::test]
async fn a_submitter_who_did_not_make_it_cannot_approve_it_either() {
    for world in World::both().await {
        let programme = world.given("청년", 1_000_000).await;
        let payout = world.checked(programme.id, vec![row(2, 1)]).await.id;
        world
            .ledger
            .submit_payout(SUWON, payout, APPROVER, NOON)
            .await
            .unwrap();
        assert_eq!(
            refusal(world.ledger.approve_payout(SUWON, payout, APPROVER, NOON).await),
            Refusal::SecondOfficial
        );
    }
}

#[tokio::test]
async fn a_budget_comes_only_through_two_officials() {
    for world in World::both().await {
        let programme = world.given("청년", 5).await;
        let mut new = NewPayout::new(PayoutKind::Budget, programme.id, "예산".into(), CLERK);
        new.amount_won = Some(70_000);
        let payout = world.ledger.create_payout(SUWON, new, NOON).await.unwrap().id;
        world
            .ledger
            .finish_check(SUWON, payout, CLERK, NOON)
            .await
            .unwrap();
        world
            .ledger
            .submit_payout(SUWON, payout, CLERK, NOON)
            .await
            .unwrap();
        world
            .ledger
            .approve_payout(SUWON, payout, APPROVER, NOON)
            .await
            .unwrap();
        let done = world.run(payout, 1).await;
        assert_eq!((done.state, done.paid_won), (PayoutState::Done, 70_000));
        assert_eq!(world.ledger.budget_preview(&done).await.unwrap().0, 70_005);
        assert_eq!(world.ledger.verify().await.unwrap().difference, None);
    }
}

#[tokio::test]
async fn the_same_file_pays_once_unless_the_first_was_given_up() {
    for world in World::both().await {
        let programme = world.given("청년", 1_000_000).await;
        let mut new = NewPayout::new(PayoutKind::Roster, programme.id, "한 번".into(), CLERK);
        new.file_sha256 = "abc".into();
        let first = world
            .ledger
            .create_payout(SUWON, new.clone(), NOON)
            .await
            .unwrap()
            .id;
        let again = world.ledger.create_payout(SUWON, new.clone(), NOON).await;
        assert_eq!(refusal(again), Refusal::SameFile { payout: first });
        world
            .ledger
            .cancel_payout(SUWON, first, CLERK, "잘못 올림", NOON)
            .await
            .unwrap();
        let second = world.ledger.create_payout(SUWON, new, NOON).await.unwrap().id;
        world.ledger.abandon_payout(SUWON, second).await.unwrap();
        assert_eq!(
            refusal(world.ledger.payout(SUWON, second).await),
            Refusal::UnknownPayout
        );
    }
}

#[tokio::test]
async fn another_municipality_sees_and_changes_nothing() {
    for world in World::both().await {
        let programme = world.given("청년", 1_000_000).await;
        let payout = world.checked(programme.id, vec![row(2, 1)]).await.id;
        assert_eq!(
            refusal(world.ledger.payout(SEONGNAM, payout).await),
            Refusal::UnknownPayout
        );
        assert_eq!(
            refusal(world.ledger.submit_payout(SEONGNAM, payout, 1, NOON).await),
            Refusal::UnknownPayout
        );
        assert!(
            world
                .ledger
                .payouts(SEONGNAM, None, None, 10)
                .await
                .unwrap()
                .payouts
                .is_empty()
        );
        assert!(
            world
                .ledger
                .payout_rows(SEONGNAM, payout, None, 0, 10)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn what_was_checked_can_be_changed_by_nobody() {
    for world in World::both().await {
        let programme = world.given("청년", 1_000_000).await;
        let payout = world.checked(programme.id, vec![row(2, 1)]).await.id;
        for change in [
            "UPDATE payout_rows SET amount_won = 999",
            "UPDATE payout_rows SET person_key = 'p1'",
            "UPDATE payout_events SET word = 'x'",
            "DELETE FROM payout_events",
        ] {
            sqlx::query(change)
                .execute(&world.test.store.write)
                .await
                .expect_err(change);
        }
        assert_eq!(world.ledger.payout(SUWON, payout).await.unwrap().total_won, 1);
        let more = world.ledger.add_payout_rows(SUWON, payout, vec![row(9, 5)]).await;
        assert_eq!(
            refusal(more),
            Refusal::PayoutState {
                state: PayoutState::Checked
            }
        );
    }
}

#[tokio::test]
async fn a_budget_used_up_stops_at_the_last_whole_row_and_says_so() {
    for world in World::both().await {
        let programme = world.given("청년", 250).await;
        let payout = world
            .approved(programme.id, (2..8).map(|n| row(n, 100)).collect())
            .await
            .id;
        let done = world.run(payout, 4).await;
        assert_eq!(
            (done.state, done.paid_rows, done.failed_rows, done.paid_won),
            (PayoutState::Done, 2, 4, 200)
        );
        let rows = world
            .ledger
            .payout_rows(SUWON, payout, None, 0, 10)
            .await
            .unwrap();
        assert!(
            rows[2].failure.contains("budget_exhausted"),
            "{}",
            rows[2].failure
        );
        assert_eq!(world.ledger.verify().await.unwrap().difference, None);
    }
}

#[tokio::test]
async fn two_runners_at_once_pay_everyone_once() {
    for world in World::both().await {
        let programme = world.given("청년", 1_000_000).await;
        let payout = world
            .approved(programme.id, (2..62).map(|n| row(n, 100)).collect())
            .await
            .id;
        let steps = AtomicU32::new(0);
        let runner = || async {
            while !world
                .ledger
                .run_payout_step(SUWON, payout, &Numbered, 7, NOON)
                .await
                .expect("a step")
                .done
            {
                steps.fetch_add(1, Ordering::Relaxed);
            }
        };
        tokio::join!(runner(), runner());
        let done = world.ledger.payout(SUWON, payout).await.unwrap();
        assert_eq!((done.paid_rows, done.paid_won), (60, 6_000));
        for holder in 1002..1062 {
            assert_eq!(
                world.ledger.wallet(SUWON, holder, NOON).await.unwrap().total_won,
                100
            );
        }
        assert_eq!(world.ledger.verify().await.unwrap().difference, None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// The runner is killed (its step dropped before it ends) at random points and begins again.
    #[test]
    fn whenever_the_runner_dies_everybody_is_paid_once(
        amounts in prop::collection::vec(1_i64..1_000, 1..25),
        deaths in prop::collection::vec(0_u64..4_000, 0..6),
        batch in 1_usize..9,
    ) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            for world in World::both().await {
                let programme = world.given("청년", 1_000_000).await;
                let rows = amounts.iter().enumerate().map(|(n, won)| row(n as i64 + 2, *won)).collect();
                let payout = world.approved(programme.id, rows).await.id;
                for death in &deaths {
                    let step = world.ledger.run_payout_step(SUWON, payout, &Numbered, batch, NOON);
                    let _ = tokio::time::timeout(std::time::Duration::from_micros(*death), step).await;
                }
                let done = world.run(payout, batch).await;
                assert_eq!(done.paid_rows, amounts.len() as i64);
                for (n, won) in amounts.iter().enumerate() {
                    let wallet = world.ledger.wallet(SUWON, 1002 + n as i64, NOON).await.expect("a wallet");
                    assert_eq!(wallet.total_won, *won);
                }
                assert_eq!(world.ledger.verify().await.expect("verified").difference, None);
            }
        });
    }
}
