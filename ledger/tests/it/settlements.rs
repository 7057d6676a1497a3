//! Merchants get what they took, two business days later, to the won.

use ledger::{
    BankSimulator, Category, Operation, Payee, Refusal, RemittanceState, TransferKind, settlement_day,
};

use crate::world::{DAY, NOON, SEONGNAM, SUWON, World, refusal};

const ANNA: i64 = 7;

/// Noon of a day of January 2026; the first is a Thursday and a holiday.
fn january(day: i64) -> i64 {
    NOON + (day - 1) * DAY
}

async fn shop_with_money(world: &World) -> i64 {
    let programme = world.given("수당", 1_000_000).await;
    world.grant("g", programme.id, ANNA, 500_000).await;
    world.merchant("A1", Category::Cafe, 0).await.id
}

async fn pay(world: &World, key: &str, merchant: i64, at: i64, amount_won: i64) -> i64 {
    let pay = Operation::Pay {
        holder: ANNA,
        merchant,
        amount_won,
    };
    world.post(key, at, pay).await.expect("paid").transfer
}

async fn cancel(
    world: &World,
    key: &str,
    transfer: i64,
    at: i64,
) -> Result<ledger::Receipt, ledger::LedgerError> {
    let amount_won = None;
    world
        .post(key, at, Operation::Cancel { transfer, amount_won })
        .await
}

#[tokio::test]
async fn takings_are_sent_on_the_second_business_day_and_a_weekend_goes_with_its_friday() {
    for world in World::both().await {
        let shop = shop_with_money(&world).await;
        // Thursday to Monday, 8 to 12 January; due on Monday, Tuesday (three days of it) and Wednesday.
        for (key, day, won) in [
            ("thu", 8, 1_000),
            ("fri", 9, 2_000),
            ("sat", 10, 4_000),
            ("sun", 11, 8_000),
            ("mon", 12, 16_000),
        ] {
            pay(&world, key, shop, january(day), won).await;
        }
        assert_eq!(
            settlement_day(january(9)),
            january(13) - DAY / 2,
            "the taking of a Friday on a Tuesday"
        );
        let mut sent = Vec::new();
        for day in 9..=16 {
            let made = world.ledger.settle_due(SUWON, january(day)).await.unwrap();
            assert_eq!(world.ledger.settle_due(SUWON, january(day)).await.unwrap(), 0);
            assert_eq!(world.ledger.settle_due(SEONGNAM, january(day)).await.unwrap(), 0);
            if made > 0 {
                let last = world.ledger.settlements(SUWON, shop, 1).await.unwrap().remove(0);
                assert_eq!((last.taken_won, last.carried_won), (last.sent_won, 0));
                sent.push((day, last.sent_won));
            }
        }
        assert_eq!(sent, [(12, 1_000), (13, 14_000), (14, 16_000)]);
        let remittances = world
            .ledger
            .remittances(SUWON, Payee::Merchant(shop), 9)
            .await
            .unwrap();
        let won: Vec<_> = remittances.iter().map(|one| one.amount_won).collect();
        assert_eq!(won, [16_000, 14_000, 1_000]);
        let takings = world
            .ledger
            .merchant_takings(SUWON, shop, None, 99)
            .await
            .unwrap();
        assert!(takings.lines.iter().all(|line| line.kind == TransferKind::Pay));
        assert_eq!(
            world.ledger.merchant_taken(SUWON, shop, 0).await.unwrap(),
            (31_000, 5),
            "what was settled is still what was taken"
        );
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn what_was_cancelled_since_is_not_sent_and_is_carried_over_exactly() {
    for world in World::both().await {
        let shop = shop_with_money(&world).await;
        let first = pay(&world, "a", shop, january(5), 10_000).await;
        pay(&world, "b", shop, january(5), 3_000).await;
        cancel(&world, "c", first, january(6)).await.unwrap();
        assert_eq!(world.ledger.settle_due(SUWON, january(7)).await.unwrap(), 1);
        let one = world.ledger.settlements(SUWON, shop, 1).await.unwrap().remove(0);
        assert_eq!(
            (one.taken_won, one.sent_won, one.carried_won),
            (13_000, 3_000, 10_000),
            "the account had no more"
        );
        pay(&world, "d", shop, january(7), 500).await;
        assert_eq!(
            world.ledger.settle_due(SUWON, january(8)).await.unwrap(),
            0,
            "the cancellation of the 6th has used up what was carried over"
        );
        assert_eq!(world.ledger.settle_due(SUWON, january(9)).await.unwrap(), 1);
        let two = world.ledger.settlements(SUWON, shop, 1).await.unwrap().remove(0);
        assert_eq!(
            (two.brought_won, two.taken_won, two.sent_won, two.carried_won),
            (10_000, -9_500, 500, 0)
        );
        // A payment that has been settled can be cancelled once the merchant has money again.
        let late = pay(&world, "e", shop, january(12), 700).await;
        assert_eq!(world.ledger.settle_due(SUWON, january(14)).await.unwrap(), 1);
        let short = refusal(cancel(&world, "f", late, january(14)).await);
        assert_eq!(short, Refusal::MerchantShort { left_won: 0 });
        pay(&world, "g2", shop, january(14), 1_000).await;
        cancel(&world, "f", late, january(14)).await.unwrap();
        assert_eq!(world.ledger.settle_due(SUWON, january(16)).await.unwrap(), 1);
        let three = world.ledger.settlements(SUWON, shop, 1).await.unwrap().remove(0);
        assert_eq!(three.sent_won, 300);
        world.assert_clean().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settled_by_many_nodes_at_once_a_merchant_is_sent_its_money_once_and_again_if_the_bank_fails() {
    for world in World::both().await {
        let shop = shop_with_money(&world).await;
        pay(&world, "a", shop, january(5), 10_000).await;
        let runs: Vec<_> = (0..6)
            .map(|_| {
                let ledger = world.ledger.clone();
                tokio::spawn(async move { ledger.settle_due(SUWON, january(7)).await.unwrap() })
            })
            .collect();
        let mut made = 0;
        for run in runs {
            made += run.await.unwrap();
        }
        assert_eq!(made, 1);
        let sent = world.ledger.open_remittances(SUWON, 0, 9).await.unwrap();
        assert_eq!((sent.len(), sent[0].amount_won), (1, 10_000));
        world
            .ledger
            .settle_remittance(SUWON, sent[0].id, RemittanceState::Failed, "closed", january(7))
            .await
            .unwrap();
        world.assert_clean().await;
        assert_eq!(world.ledger.settle_due(SUWON, january(9)).await.unwrap(), 1);
        let again = world
            .ledger
            .open_remittances(SUWON, 0, 9)
            .await
            .unwrap()
            .remove(0);
        let bank = BankSimulator { at_once: true };
        let after = world.ledger.send(&bank, &again, january(9)).await.unwrap();
        assert_eq!(
            (after.amount_won, after.state),
            (10_000, RemittanceState::Confirmed)
        );
        world.assert_clean().await;
    }
}
