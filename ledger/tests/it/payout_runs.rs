//! Runs of payouts against a model that has no database: whoever dies, whoever else runs, whatever the budget.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use ledger::payouts::{BatchError, NewRow, PayoutState, Ran, Recipients, ResolveError, RowPerson};
use proptest::prelude::*;

use crate::{
    payouts::{APPROVER, Numbered, row},
    world::{NOON, SUWON, World},
};

/// One row of a roster: whose it is (nobody's if `None`: unreadable), and how much.
type Line = (Option<i64>, i64);

/// What must come of it: how many are paid, what each holder gets, what is left of the budget.
#[derive(Debug, Default)]
struct Model {
    paid_rows: i64,
    paid_won: i64,
    wallets: BTreeMap<i64, i64>,
}

impl Model {
    /// The first rows that the budget carries, unreadable ones left out; after the first that it does not, none.
    fn of(lines: &[Line], budget_won: i64) -> Self {
        let mut model = Self::default();
        for (holder, amount_won) in lines {
            let Some(holder) = holder else { continue };
            if model.paid_won + amount_won > budget_won {
                break;
            }
            model.paid_rows += 1;
            model.paid_won += amount_won;
            *model.wallets.entry(*holder).or_default() += amount_won;
        }
        model
    }
}

fn rows(lines: &[Line]) -> Vec<NewRow> {
    (2..)
        .zip(lines)
        .map(|(number, (holder, amount_won))| NewRow {
            person_key: holder.map_or("unreadable".to_owned(), |holder| format!("p{holder}")),
            ..row(number, *amount_won)
        })
        .collect()
}

/// What a runner goes through before it may end its work.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// A step, dropped after so many microseconds.
    Dropped(u64),
    /// A whole run, dropped after so many microseconds.
    RunDropped(u64),
    /// A run that is told to stop after so many looks.
    Stopped(i64),
    /// Two runs at once.
    Two,
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        (0_u64..5_000).prop_map(Fault::Dropped),
        (0_u64..8_000).prop_map(Fault::RunDropped),
        (0_i64..4).prop_map(Fault::Stopped),
        Just(Fault::Two),
    ]
}

impl World {
    async fn run_through(&self, payout: i64, batch: usize, fault: Fault) {
        let run = |looks: i64| {
            let left = AtomicI64::new(looks);
            async move {
                let stopped = || left.fetch_sub(1, Ordering::Relaxed) <= 0;
                self.ledger
                    .run_payout(SUWON, payout, &Numbered, batch, || NOON, stopped)
                    .await
            }
        };
        match fault {
            Fault::Dropped(after_us) => {
                let step = self.ledger.run_payout_step(SUWON, payout, &Numbered, batch, NOON);
                let _ = tokio::time::timeout(Duration::from_micros(after_us), step).await;
            }
            Fault::RunDropped(after_us) => {
                let _ = tokio::time::timeout(Duration::from_micros(after_us), run(i64::MAX)).await;
            }
            Fault::Stopped(looks) => {
                run(looks).await.expect("a run");
            }
            Fault::Two => {
                let (one, other) = tokio::join!(run(i64::MAX), run(i64::MAX));
                one.expect("a run");
                other.expect("a run");
            }
        }
    }

    async fn assert_as(&self, model: &Model, payout: i64, lines: &[Line], programme: i64, budget_won: i64) {
        let done = self.ledger.payout(SUWON, payout).await.expect("is there");
        assert_eq!(done.state, PayoutState::Done);
        assert_eq!((done.paid_rows, done.paid_won), (model.paid_rows, model.paid_won));
        assert_eq!(done.failed_rows, lines.len() as i64 - model.paid_rows);
        for (holder, won) in &model.wallets {
            assert_eq!(self.total(*holder, NOON).await, *won, "holder {holder}");
        }
        let left_won = self
            .ledger
            .programme(SUWON, programme)
            .await
            .expect("read")
            .expect("there");
        assert_eq!(left_won.budget_left_won, budget_won - model.paid_won);
        // Each row says what came of it, and why.
        let said = self
            .ledger
            .payout_rows(SUWON, payout, None, 0, 1_000)
            .await
            .expect("rows");
        let paid = said.iter().filter(|row| row.state == "paid").count() as i64;
        let unpaid = said
            .iter()
            .filter(|row| row.state == "failed" && !row.failure.is_empty())
            .count() as i64;
        assert_eq!((paid, paid + unpaid), (model.paid_rows, lines.len() as i64));
        self.assert_clean().await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_run_pays_what_the_model_pays(
        lines in prop::collection::vec((prop::option::weighted(0.9, 1_i64..20), 1_i64..1_000), 1..40),
        budget_won in prop_oneof![Just(1_000_000_i64), 1_i64..12_000],
        before in prop::collection::vec(1_i64..20, 0..4),
        faults in prop::collection::vec(fault(), 0..6),
        batch in 1_usize..12,
    ) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            for world in World::both().await {
                let programme = world.given("청년", budget_won).await.id;
                let mut model = Model::of(&lines, budget_won);
                // Some have a wallet before.
                let other = world.given("앞선", 1_000).await.id;
                for (number, holder) in before.iter().enumerate() {
                    world.grant(&format!("before {number}"), other, *holder, 7).await;
                    if let Some(won) = model.wallets.get_mut(holder) {
                        *won += 7;
                    }
                }
                let payout = world.approved(programme, rows(&lines)).await.id;
                for fault in &faults {
                    world.run_through(payout, batch, *fault).await;
                }
                world.run(payout, batch).await;
                world.assert_as(&model, payout, &lines, programme, budget_won).await;
            }
        });
    }
}

#[tokio::test]
async fn more_rows_than_one_statement_takes_are_paid() {
    for world in World::both().await {
        let programme = world.given("청년", 10_000_000).await.id;
        let lines: Vec<Line> = (0..2_600).map(|n| (Some(1 + n % 2_500), 10 + n % 7)).collect();
        let payout = world.approved(programme, rows(&lines)).await.id;
        let ran = world
            .ledger
            .run_payout(SUWON, payout, &Numbered, 10_000, || NOON, || false)
            .await
            .expect("a run");
        assert_eq!(ran, Ran::Done);
        let done = world.ledger.payout(SUWON, payout).await.unwrap();
        let won: i64 = lines.iter().map(|line| line.1).sum();
        assert_eq!((done.paid_rows, done.paid_won), (2_600, won));
        world.assert_clean().await;
    }
}

/// Nobody can be asked who a row is for: the database of people is away.
struct Away;

impl Recipients for Away {
    async fn holders(&self, _: i64, _: &[RowPerson], _: i64) -> Result<Vec<Option<i64>>, ResolveError> {
        Err(ResolveError("away".into()))
    }
}

#[tokio::test]
async fn while_nobody_can_be_asked_rows_wait_and_none_fails() {
    for world in World::both().await {
        let programme = world.given("청년", 1_000).await.id;
        let payout = world.approved(programme, vec![row(2, 100)]).await.id;
        let step = world.ledger.run_payout_step(SUWON, payout, &Away, 10, NOON).await;
        assert!(matches!(step, Err(BatchError::People(_))), "{step:?}");
        let run = world
            .ledger
            .run_payout(SUWON, payout, &Away, 10, || NOON, || false)
            .await;
        assert!(matches!(run, Err(BatchError::People(_))), "{run:?}");
        let done = world.run(payout, 10).await;
        assert_eq!((done.paid_rows, done.failed_rows), (1, 0));
    }
}

#[tokio::test]
async fn an_approval_withdrawn_while_running_stops_between_rows_and_says_where() {
    for world in World::both().await {
        let programme = world.given("청년", 10_000).await.id;
        let payout = world
            .approved(programme, (2..12).map(|n| row(n, 100)).collect())
            .await
            .id;
        world
            .ledger
            .run_payout_step(SUWON, payout, &Numbered, 4, NOON)
            .await
            .expect("a step");
        let stopped = world
            .ledger
            .withdraw_payout(SUWON, payout, APPROVER, "명단을 다시 봅니다", NOON)
            .await
            .expect("withdrawn");
        assert_eq!(
            (
                stopped.state,
                stopped.paid_rows,
                stopped.failed_rows,
                stopped.stopped_at_row
            ),
            (PayoutState::Done, 4, 6, Some(6))
        );
        // The runner finds it done, and pays nobody more.
        let step = world
            .ledger
            .run_payout_step(SUWON, payout, &Numbered, 4, NOON)
            .await
            .expect("a step");
        assert!(step.done && step.paid_rows == 0, "{step:?}");
        let said = world
            .ledger
            .payout_rows(SUWON, payout, None, 0, 20)
            .await
            .unwrap();
        assert!(
            said[4].failure.contains("approval_withdrawn"),
            "{}",
            said[4].failure
        );
        world.assert_clean().await;

        // Where nothing has been paid yet it is cancelled.
        let early = world.approved(programme, vec![row(2, 5)]).await.id;
        let early = world
            .ledger
            .withdraw_payout(SUWON, early, APPROVER, "", NOON)
            .await
            .expect("withdrawn");
        assert_eq!((early.state, early.paid_rows), (PayoutState::Cancelled, 0));
    }
}
