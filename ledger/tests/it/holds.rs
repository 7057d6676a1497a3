//! A card payment in two steps: set aside, then taken or given back, to the won and to the lot.

use ledger::{Category, ExpiryRule, HoldState, NewProgramme, Operation, Refusal, Restriction, TransferKind};

use crate::world::{DAY, NOON, SEONGNAM, SUWON, World, refusal};

const ANNA: i64 = 7;
/// The first midnight after the seventh day.
const UNTIL: i64 = NOON + 7 * DAY + DAY / 2;

fn hold(merchant: i64, amount_won: i64) -> Operation {
    Operation::Hold {
        holder: ANNA,
        merchant,
        amount_won,
    }
}

fn capture(hold: i64, amount_won: Option<i64>) -> Operation {
    Operation::Capture { hold, amount_won }
}

/// Anna holds 10,000 that end soon and 10,000 that do not.
async fn wallet(world: &World) -> (i64, i64, i64) {
    let until = ExpiryRule::Until(NOON + 5 * DAY);
    let soon = world
        .programme(NewProgramme::given("쿠폰", "Coupon", until, "clerk"))
        .await;
    world.fund(soon.id, 100_000).await;
    let wide = world.given("수당", 100_000).await;
    let first = world.grant("a", soon.id, ANNA, 10_000).await.lots[0].lot;
    let second = world.grant("b", wide.id, ANNA, 10_000).await.lots[0].lot;
    let shop = world.merchant("A1", Category::Cafe, 0).await;
    (first, second, shop.id)
}

#[tokio::test]
async fn a_captured_part_is_a_payment_from_the_lots_held_and_the_rest_goes_back() {
    for world in World::both().await {
        let (first, second, shop) = wallet(&world).await;
        let held = world.post("h", NOON, hold(shop, 15_000)).await.unwrap();
        let moved: Vec<_> = held.lots.iter().map(|lot| (lot.lot, lot.amount_won)).collect();
        assert_eq!(
            (held.kind, moved),
            (TransferKind::Hold, vec![(first, -10_000), (second, -5_000)])
        );
        assert_eq!(
            world.total(ANNA, NOON).await,
            5_000,
            "set aside is not to be spent"
        );
        let pay = Operation::Pay {
            holder: ANNA,
            merchant: shop,
            amount_won: 5_001,
        };
        assert!(matches!(
            refusal(world.post("p", NOON, pay).await),
            Refusal::NotEnough { .. }
        ));
        let too_much = refusal(world.post("x", NOON, capture(held.transfer, Some(15_001))).await);
        assert_eq!(too_much, Refusal::CaptureTooLarge { held_won: 15_000 });

        // The first lot has ended by then; it was valid when the payment was authorised.
        let late = NOON + 6 * DAY;
        let paid = world
            .post("c", late, capture(held.transfer, Some(11_000)))
            .await
            .unwrap();
        let moved: Vec<_> = paid.lots.iter().map(|lot| (lot.lot, lot.amount_won)).collect();
        assert_eq!(
            (paid.kind, paid.merchant, moved),
            (
                TransferKind::Pay,
                Some(shop),
                vec![(first, -10_000), (second, -1_000)]
            )
        );
        let again = world
            .post("c", UNTIL, capture(held.transfer, Some(11_000)))
            .await
            .unwrap();
        assert!(again.replayed && again.transfer == paid.transfer);
        let captured = HoldState::Captured;
        for operation in [
            capture(held.transfer, None),
            Operation::Release { hold: held.transfer },
        ] {
            let refused = refusal(world.post("y", late, operation).await);
            assert_eq!(refused, Refusal::HoldEnded { state: captured });
        }
        let seen = world.ledger.hold(SUWON, held.transfer).await.unwrap().unwrap();
        assert_eq!(
            (seen.state, seen.captured_won, seen.payment),
            (captured, 11_000, Some(paid.transfer))
        );
        assert_eq!(world.total(ANNA, late).await, 9_000);

        // A payment like any other.
        let back = Operation::Cancel {
            transfer: paid.transfer,
            amount_won: None,
        };
        let back = world.post("z", late, back).await.unwrap();
        assert_eq!(back.amount_won, 11_000);
        assert_eq!(world.ledger.sweep(SUWON, late).await.unwrap().lots_won, 10_000);
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn released_or_timed_out_each_lot_has_again_what_it_had() {
    for world in World::both().await {
        let (_, _, shop) = wallet(&world).await;
        let first = world.post("h1", NOON, hold(shop, 15_000)).await.unwrap().transfer;
        let release = Operation::Release { hold: first };
        let back = world.post("r", NOON, release).await.unwrap();
        assert_eq!((back.kind, back.amount_won), (TransferKind::Release, 15_000));
        assert_eq!(world.total(ANNA, NOON).await, 20_000);

        let second = world.post("h2", NOON, hold(shop, 15_000)).await.unwrap().transfer;
        let early = refusal(
            world
                .post("t", UNTIL - 1, Operation::TimeOut { hold: second })
                .await,
        );
        assert_eq!(early, Refusal::HoldOpen { until_at: UNTIL });
        let late = refusal(world.post("c", UNTIL, capture(second, None)).await);
        assert_eq!(
            late,
            Refusal::HoldEnded {
                state: HoldState::TimedOut
            },
            "late is late, swept or not"
        );
        assert_eq!(world.ledger.sweep(SEONGNAM, UNTIL).await.unwrap().holds, 0);
        let swept = world.ledger.sweep(SUWON, UNTIL).await.unwrap();
        assert_eq!(
            (swept.holds, swept.lots, swept.lots_won),
            (1, 1, 10_000),
            "what came back to a lot that has ended is dealt with at once"
        );
        assert_eq!(world.total(ANNA, UNTIL).await, 10_000);
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn a_hold_is_refused_for_the_reasons_of_a_payment() {
    for world in World::both().await {
        let mut new = NewProgramme::given("쿠폰", "Coupon", ExpiryRule::Months(1), "clerk");
        new.restriction = Restriction {
            revenue_limit_won: None,
            barred_categories: vec![Category::Nightlife],
        };
        let programme = world.programme(new).await;
        world.fund(programme.id, 10_000).await;
        world.grant("g", programme.id, ANNA, 10_000).await;
        let bar = world.merchant("B1", Category::Nightlife, 0).await.id;
        let cafe = world.merchant("C1", Category::Cafe, 0).await.id;
        let refused = refusal(world.post("1", NOON, hold(bar, 1_000)).await);
        assert_eq!(refused, Refusal::MerchantBarred { total_won: 10_000 });
        let refused = refusal(world.post("2", NOON, hold(cafe, 10_001)).await);
        assert_eq!(
            refused,
            Refusal::NotEnough {
                usable_won: 10_000,
                total_won: 10_000
            }
        );
        assert_eq!(
            refusal(world.post("3", NOON, hold(1, 1)).await),
            Refusal::UnknownMerchant
        );
        assert_eq!(
            refusal(world.post("4", NOON, capture(1, None)).await),
            Refusal::UnknownHold
        );
        world.assert_clean().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn captured_released_and_swept_at_once_it_ends_one_way() {
    for world in World::both().await {
        let (_, _, shop) = wallet(&world).await;
        for round in 0..6 {
            let held = world
                .post(&format!("h{round}"), NOON, hold(shop, 1_000))
                .await
                .unwrap()
                .transfer;
            let release = Operation::Release { hold: held };
            let asked: Vec<_> = [
                capture(held, Some(600)),
                release.clone(),
                capture(held, None),
                release,
            ]
            .into_iter()
            .enumerate()
            .map(|(n, operation)| {
                let request = World::request(&format!("{round}-{n}"), NOON, operation);
                let ledger = world.ledger.clone();
                tokio::spawn(async move { ledger.post(request).await.is_ok() })
            })
            .collect();
            let mut ends = 0;
            for task in asked {
                ends += i64::from(task.await.unwrap());
            }
            assert_eq!(ends, 1);
        }
        let (taken, _) = world.ledger.merchant_taken(SUWON, shop, 0).await.unwrap();
        assert_eq!(world.total(ANNA, NOON).await + taken, 20_000);
        world.assert_clean().await;
    }
}
