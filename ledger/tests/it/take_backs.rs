//! The municipality takes back what is left of what it granted, and says why.

use ledger::{Category, NewProgramme, Operation, Refusal, TransferKind};

use crate::{
    payouts::row,
    world::{DAY, NOON, SEONGNAM, SUWON, World, refusal},
};

const CLERK: i64 = 11;

async fn budget(world: &World, programme: i64) -> i64 {
    let programme = world.ledger.programme(SUWON, programme).await.unwrap();
    programme.unwrap().budget_left_won
}

#[tokio::test]
async fn of_a_paid_row_only_what_is_left_goes_back_to_the_budget_with_who_and_why() {
    for world in World::both().await {
        let programme = world.given("청년", 1_000_000).await;
        let rows = vec![row(2, 100_000), row(3, 100_000)];
        let payout = world.approved(programme.id, rows).await.id;
        let take = |row, key: &'static str, reason: &'static str| {
            let ledger = world.ledger.clone();
            async move {
                ledger
                    .take_back_row(SUWON, payout, row, key, CLERK, reason, NOON)
                    .await
            }
        };
        assert_eq!(refusal(take(2, "early", "moved away").await), Refusal::RowNotPaid);
        world.run(payout, 10).await;
        let shop = world.merchant("A1", Category::Cafe, 0).await;
        let pay = Operation::Pay {
            holder: 1002,
            merchant: shop.id,
            amount_won: 30_000,
        };
        let paid = world.post("p", NOON, pay).await.unwrap().transfer;
        assert!(matches!(
            refusal(take(2, "k0", " ").await),
            Refusal::Invalid { .. }
        ));
        let back = take(2, "k", "moved away").await.unwrap();
        assert_eq!(
            (back.kind, back.amount_won, back.holder),
            (TransferKind::TakeBack, 70_000, Some(1002))
        );
        assert!(take(2, "k", "moved away").await.unwrap().replayed);
        assert_eq!(refusal(take(2, "k", "other").await), Refusal::KeyReused);
        assert_eq!(refusal(take(2, "k2", "again").await), Refusal::NothingLeft);
        assert_eq!(refusal(take(9, "k3", "no row").await), Refusal::RowNotPaid);
        assert_eq!(budget(&world, programme.id).await, 870_000);
        assert_eq!(
            world.total(1003, NOON).await,
            100_000,
            "the other row keeps its own"
        );

        // What is cancelled afterwards comes back to the lot, and can be taken again.
        let cancel = Operation::Cancel {
            transfer: paid,
            amount_won: None,
        };
        world.post("c", NOON + DAY, cancel).await.unwrap();
        assert_eq!(take(2, "k4", "cancelled").await.unwrap().amount_won, 30_000);
        let taken = world.ledger.take_backs(SUWON, payout).await.unwrap();
        let seen: Vec<_> = taken
            .iter()
            .map(|one| (one.row, one.by, one.reason.as_str(), one.amount_won))
            .collect();
        assert_eq!(
            seen,
            [(2, CLERK, "moved away", 70_000), (2, CLERK, "cancelled", 30_000)]
        );
        let there = world
            .ledger
            .take_back_row(SEONGNAM, payout, 3, "x", CLERK, "-", NOON)
            .await;
        assert_eq!(refusal(there), Refusal::RowNotPaid);
        let changed = sqlx::query("UPDATE take_backs SET reason = 'none'")
            .execute(&world.test.store.write)
            .await;
        assert!(changed.is_err(), "what is recorded stays");
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn what_somebody_paid_for_is_never_taken() {
    for world in World::both().await {
        let programme = world
            .programme(NewProgramme::sold("페이", "Pay", 1_000, "clerk"))
            .await;
        world.fund(programme.id, 1_000_000).await;
        let lot = world.sell("s", programme.id, 7, 10_000).await.lots[0].lot;
        let take = Operation::TakeBack {
            lot,
            by: CLERK,
            reason: "no".to_owned(),
        };
        assert_eq!(refusal(world.post("t", NOON, take).await), Refusal::NotGranted);
        world.assert_clean().await;
    }
}
