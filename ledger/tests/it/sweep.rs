//! What has ended goes where it belongs, once.

use ledger::{Category, ExpiryRule, Ledger, NewProgramme, Operation, Refusal, Swept};
use store::Store;

use crate::world::{DAY, NOON, SEONGNAM, SUWON, World, refusal};

const ANNA: i64 = 7;

async fn budget(world: &World, programme: i64) -> i64 {
    let programme = world.ledger.programme(SUWON, programme).await.unwrap();
    programme.unwrap().budget_left_won
}

/// The first midnight in Seoul after NOON and so many days.
fn midnight(days: i64) -> i64 {
    NOON + DAY / 2 + days * DAY
}

#[tokio::test]
async fn what_was_bought_is_paid_out_and_the_discount_and_policy_money_lapse_to_the_budget() {
    for world in World::both().await {
        let mut new = NewProgramme::sold("페이", "Pay", 1_000, "clerk");
        new.expiry = ExpiryRule::Until(midnight(9));
        let sold = world.programme(new).await;
        world.fund(sold.id, 100_000).await;
        let until = ExpiryRule::Until(midnight(9));
        let given = world
            .programme(NewProgramme::given("쿠폰", "Coupon", until, "clerk"))
            .await;
        world.fund(given.id, 100_000).await;
        let shop = world.merchant("A1", Category::Cafe, 0).await;
        world.sell("s", sold.id, ANNA, 50_000).await;
        world.grant("g", given.id, ANNA, 30_000).await;
        let pay = Operation::Pay {
            holder: ANNA,
            merchant: shop.id,
            amount_won: 10_001,
        };
        world.post("p", NOON, pay).await.unwrap();

        let early = world.ledger.sweep(SUWON, midnight(9) - 1).await.unwrap();
        assert_eq!(early, Swept::default(), "the last moment counts");
        assert_eq!(
            world.ledger.sweep(SEONGNAM, midnight(9)).await.unwrap(),
            Swept::default()
        );
        let swept = world.ledger.sweep(SUWON, midnight(9)).await.unwrap();
        assert_eq!((swept.lots, swept.lots_won, swept.failed), (2, 69_999, 0));
        // 10,001 came from the purchase, made first: 39,999 are left of it, and 10 % of that lapse.
        assert_eq!(world.ledger.refundable(SUWON, ANNA).await.unwrap(), 36_000);
        assert_eq!(budget(&world, sold.id).await, 95_000 + 3_999);
        assert_eq!(budget(&world, given.id).await, 100_000);
        assert_eq!(
            world.ledger.sweep(SUWON, midnight(10)).await.unwrap(),
            Swept::default()
        );
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn a_payment_cancelled_after_its_lot_ended_gives_it_back_and_the_next_sweep_deals_with_it() {
    for world in World::both().await {
        let until = ExpiryRule::Until(midnight(2));
        let given = world
            .programme(NewProgramme::given("쿠폰", "Coupon", until, "clerk"))
            .await;
        world.fund(given.id, 50_000).await;
        let lot = world.grant("g", given.id, ANNA, 30_000).await.lots[0].lot;
        let shop = world.merchant("A1", Category::Cafe, 0).await;
        let pay = Operation::Pay {
            holder: ANNA,
            merchant: shop.id,
            amount_won: 20_000,
        };
        let paid = world.post("p", NOON, pay).await.unwrap().transfer;
        assert_eq!(
            world.ledger.sweep(SUWON, midnight(2)).await.unwrap().lots_won,
            10_000
        );
        for (n, part) in [15_000, 5_000].into_iter().enumerate() {
            let cancel = Operation::Cancel {
                transfer: paid,
                amount_won: Some(part),
            };
            let back = world.post(&format!("c{n}"), midnight(3), cancel).await.unwrap();
            assert_eq!(
                (back.lots[0].lot, back.lots[0].amount_won),
                (lot, part),
                "to its own lot, ended or not"
            );
            assert_eq!(world.total(ANNA, midnight(3)).await, 0, "but nobody can spend it");
            let swept = world.ledger.sweep(SUWON, midnight(3)).await.unwrap();
            assert_eq!((swept.lots, swept.lots_won), (1, part));
        }
        assert_eq!(budget(&world, given.id).await, 50_000);
        world.assert_clean().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_sweeping_at_once_while_people_pay_empty_each_lot_once() {
    for world in World::both().await {
        let soon = ExpiryRule::Until(midnight(0));
        let ending = world
            .programme(NewProgramme::given("쿠폰", "Coupon", soon, "clerk"))
            .await;
        world.fund(ending.id, 100_000).await;
        let going_on = world.given("수당", 100_000).await;
        let shop = world.merchant("A1", Category::Cafe, 0).await;
        for holder in 0..20 {
            world.grant(&format!("e{holder}"), ending.id, holder, 1_000).await;
            world
                .grant(&format!("g{holder}"), going_on.id, holder, 1_000)
                .await;
        }
        // Another node has connections of its own; SQLite has one writing process, so there it is another task.
        let other = if world.test.store.engine == store::Engine::Postgres {
            Ledger::new(Store::open(&world.test.url).await.unwrap())
        } else {
            world.ledger.clone()
        };
        let nodes = [world.ledger.clone(), other.clone(), world.ledger.clone(), other];
        let sweeps: Vec<_> = nodes
            .into_iter()
            .map(|ledger| tokio::spawn(async move { ledger.sweep(SUWON, midnight(0)).await }))
            .collect();
        let pays: Vec<_> = (0..20)
            .map(|holder| {
                let pay = Operation::Pay {
                    holder,
                    merchant: shop.id,
                    amount_won: 600,
                };
                let request = World::request(&format!("p{holder}"), midnight(0), pay);
                let ledger = world.ledger.clone();
                tokio::spawn(async move { ledger.post(request).await })
            })
            .collect();
        let (mut lots, mut failed) = (0, 0);
        for sweep in sweeps {
            let swept = sweep.await.unwrap().unwrap();
            lots += swept.lots;
            failed += swept.failed;
        }
        for pay in pays {
            pay.await.unwrap().expect("paid from what has not ended");
        }
        assert_eq!((lots, failed), (20, 0));
        assert_eq!(budget(&world, ending.id).await, 100_000);
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn nobody_but_the_ledger_ends_a_lot_before_its_end() {
    for world in World::both().await {
        let given = world.given("수당", 10_000).await;
        let lot = world.grant("g", given.id, ANNA, 10_000).await.lots[0].lot;
        let expire = Operation::Expire { lot, before: 0 };
        let refused = refusal(world.post("x", NOON, expire.clone()).await);
        assert!(matches!(refused, Refusal::LotNotEnded { .. }), "{refused:?}");
        assert_eq!(
            refusal(world.post("expire:1:0", NOON, expire).await),
            Refusal::BadKey
        );
    }
}
