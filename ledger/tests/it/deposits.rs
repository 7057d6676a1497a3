//! Value is sold only against money that came.

use ledger::{
    Bank, BankAnswer, BankSimulator, Deposit, DepositState, LedgerError, NewProgramme, Operation, Programme,
    Refusal,
};

use crate::world::{NOON, SEONGNAM, SUWON, World, refusal};

const ANNA: i64 = 7;

async fn programme(world: &World) -> Programme {
    let mut new = NewProgramme::sold("페이", "Pay", 1_000, "clerk");
    new.monthly_limit_won = Some(100_000);
    let programme = world.programme(new).await;
    world.fund(programme.id, 15_000).await;
    programme
}

async fn ask(
    world: &World,
    key: &str,
    holder: i64,
    programme: i64,
    value_won: i64,
) -> Result<Deposit, LedgerError> {
    world
        .ledger
        .request_purchase(SUWON, key, holder, programme, value_won, "anna", NOON)
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_deposit_becomes_one_lot_however_often_it_is_confirmed() {
    for world in World::both().await {
        let programme = programme(&world).await;
        let deposit = ask(&world, "k", ANNA, programme.id, 60_000).await.unwrap();
        assert_eq!(
            (deposit.price_won, deposit.state),
            (54_000, DepositState::Pending)
        );
        assert_eq!(
            ask(&world, "k", ANNA, programme.id, 60_000).await.unwrap(),
            deposit
        );
        assert_eq!(
            refusal(ask(&world, "k", ANNA, programme.id, 50_000).await),
            Refusal::KeyReused
        );
        assert_eq!(
            world.total(ANNA, NOON).await,
            0,
            "nothing is sold before the money came"
        );

        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (ledger, id) = (world.ledger.clone(), deposit.id);
                tokio::spawn(async move { ledger.confirm_deposit(SUWON, id, NOON).await })
            })
            .collect();
        let mut originals = 0;
        for task in tasks {
            originals += usize::from(!task.await.unwrap().expect("confirmed").replayed);
        }
        assert_eq!((originals, world.total(ANNA, NOON).await), (1, 60_000));
        let confirmed = &world.ledger.deposits(SUWON, ANNA, 5).await.unwrap()[0];
        assert_eq!(
            (confirmed.state, confirmed.transfer.is_some()),
            (DepositState::Confirmed, true)
        );
        let refused = refusal(world.ledger.fail_deposit(SUWON, deposit.id, "late", NOON).await);
        assert_eq!(refused, Refusal::DepositSettled);
        let elsewhere = refusal(world.ledger.confirm_deposit(SEONGNAM, deposit.id, NOON).await);
        assert_eq!(elsewhere, Refusal::UnknownDeposit);
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn the_resident_is_told_of_limits_before_paying_with_what_already_waits() {
    for world in World::both().await {
        let programme = programme(&world).await;
        ask(&world, "a", ANNA, programme.id, 60_000).await.unwrap();
        let refused = refusal(ask(&world, "b", ANNA, programme.id, 50_000).await);
        assert_eq!(
            refused,
            Refusal::MonthlyLimit {
                limit_won: 100_000,
                left_won: 40_000
            }
        );
        let refused = refusal(ask(&world, "c", 8, programme.id, 100_000).await);
        assert_eq!(refused, Refusal::BudgetExhausted { left_won: 9_000 });
        ask(&world, "d", 8, programme.id, 90_000).await.unwrap();
    }
}

#[tokio::test]
async fn money_that_came_too_late_for_the_budget_is_unknown_until_an_official_looks() {
    for world in World::both().await {
        let programme = programme(&world).await;
        let deposit = ask(&world, "a", ANNA, programme.id, 100_000).await.unwrap();
        let grant = Operation::Grant {
            programme: programme.id,
            holder: 9,
            amount_won: 15_000,
            payout: None,
        };
        world.post("g", NOON, grant).await.unwrap();
        let bank = BankSimulator { at_once: true };
        let answered = world.ledger.collect(&bank, &deposit, NOON).await.unwrap();
        assert_eq!(
            (answered.state, answered.reason.is_empty()),
            (DepositState::Unknown, false)
        );
        world
            .post(
                "more",
                NOON,
                Operation::Fund {
                    programme: programme.id,
                    amount_won: 10_000,
                },
            )
            .await
            .unwrap();
        world
            .ledger
            .confirm_deposit(SUWON, deposit.id, NOON)
            .await
            .expect("sold in the end");
        assert_eq!(world.total(ANNA, NOON).await, 100_000);
        world.assert_clean().await;
    }
}

struct BrokenBank(BankAnswer);

impl Bank for BrokenBank {
    async fn collect(&self, _deposit: &Deposit) -> BankAnswer {
        self.0.clone()
    }

    async fn send(&self, _remittance: &ledger::Remittance) -> BankAnswer {
        self.0.clone()
    }
}

#[tokio::test]
async fn what_the_bank_says_is_written_down() {
    for world in World::both().await {
        let programme = programme(&world).await;
        let reason = "no funds".to_owned();
        for (key, answer, state) in [
            ("a", BankAnswer::Pending, DepositState::Pending),
            (
                "b",
                BankAnswer::Failed {
                    reason: reason.clone(),
                },
                DepositState::Failed,
            ),
            ("c", BankAnswer::Unknown { reason }, DepositState::Unknown),
        ] {
            let deposit = ask(&world, key, ANNA, programme.id, 10_000).await.unwrap();
            let after = world
                .ledger
                .collect(&BrokenBank(answer), &deposit, NOON)
                .await
                .unwrap();
            assert_eq!(after.state, state);
        }
        assert_eq!(world.total(ANNA, NOON).await, 0);
    }
}

#[tokio::test]
async fn what_may_still_be_bought_is_what_would_not_be_refused() {
    for world in World::both().await {
        let programme = programme(&world).await;
        ask(&world, "k", ANNA, programme.id, 60_000).await.unwrap();
        let programme = world
            .ledger
            .programme(SUWON, programme.id)
            .await
            .unwrap()
            .unwrap();
        let room = world.ledger.room(&programme, ANNA, NOON).await.unwrap();
        assert_eq!(
            (room.monthly_left_won, room.holding_left_won, room.budget_left_won),
            (Some(40_000), None, Some(90_000)),
            "what waits for money counts as bought"
        );
        assert_eq!(room.most_won(), Some(40_000));
        assert!(ask(&world, "over", ANNA, programme.id, 40_001).await.is_err());
        ask(&world, "all", ANNA, programme.id, 40_000).await.unwrap();
    }
}
