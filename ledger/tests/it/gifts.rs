//! A gift is its recipient's for three days, and then its sender's again; not a won is made or lost on the way.

use ledger::{
    Category, ExpiryRule, GiftState, Lot, LotKind, NewProgramme, Operation, Programme, Refusal, TransferKind,
};

use crate::world::{DAY, NOON, SEONGNAM, SUWON, World, refusal};

const ANNA: i64 = 7;
const BEN: i64 = 8;
const CARA: i64 = 9;
const BENS_PHONE: &str = "keyed hash of Ben's number";
/// The first midnight after the third day.
const LAPSE: i64 = NOON + 3 * DAY + DAY / 2;

async fn programme(world: &World) -> Programme {
    let mut new = NewProgramme::sold("페이", "Pay", 1_000, "clerk");
    new.holding_limit_won = Some(100_000);
    let programme = world.programme(new).await;
    world.fund(programme.id, 1_000_000).await;
    programme
}

fn give(amount_won: i64) -> Operation {
    Operation::Gift {
        holder: ANNA,
        recipient: BENS_PHONE.to_owned(),
        amount_won,
    }
}

fn claim(gift: i64, holder: i64) -> Operation {
    Operation::ClaimGift {
        gift,
        holder,
        recipient: BENS_PHONE.to_owned(),
    }
}

async fn lots(world: &World, holder: i64) -> Vec<Lot> {
    let wallet = world.ledger.wallet(SUWON, holder, NOON).await.unwrap();
    wallet.pots.into_iter().flat_map(|pot| pot.lots).collect()
}

#[tokio::test]
async fn a_claimed_gift_keeps_programme_price_value_and_end_of_what_was_given() {
    for world in World::both().await {
        let programme = programme(&world).await;
        world.sell("1", programme.id, ANNA, 10_000).await;
        world.sell("2", programme.id, ANNA, 10_005).await;
        let before = lots(&world, ANNA).await;
        let given = world.post("g", NOON, give(15_003)).await.unwrap();
        let moved: Vec<_> = given.lots.iter().map(|lot| lot.amount_won).collect();
        assert_eq!((given.kind, moved), (TransferKind::Gift, vec![-10_000, -5_003]));
        assert_eq!(world.total(BEN, NOON).await, 0, "nobody's until it is claimed");
        let waiting = world.ledger.gifts_waiting(SUWON, BENS_PHONE, NOON).await.unwrap();
        assert_eq!(
            (waiting[0].id, waiting[0].amount_won, waiting[0].lapse_at),
            (given.transfer, 15_003, LAPSE)
        );

        let claimed = world
            .post("c", LAPSE - 1, claim(given.transfer, BEN))
            .await
            .unwrap();
        assert_eq!(
            (claimed.kind, claimed.holder, claimed.lots.len()),
            (TransferKind::GiftClaim, Some(BEN), 2)
        );
        let bens = lots(&world, BEN).await;
        // 5,003 of 10,005 for 9,005: the discount in 10,005 is 1,000, in the 5,002 that stay 499.
        let seen: Vec<_> = bens
            .iter()
            .map(|lot| (lot.kind, lot.price_won, lot.value_won, lot.expires_at))
            .collect();
        assert_eq!(
            seen,
            [
                (LotKind::Gifted, 9_000, 10_000, before[0].expires_at),
                (LotKind::Gifted, 5_003 - 501, 5_003, before[1].expires_at)
            ]
        );
        let again = world.post("c", LAPSE, claim(given.transfer, BEN)).await.unwrap();
        assert!(again.replayed);
        let gift = world.ledger.gift(SUWON, given.transfer).await.unwrap().unwrap();
        assert_eq!((gift.state, gift.claimed_by), (GiftState::Claimed, Some(BEN)));
        assert!(
            world
                .ledger
                .gifts_waiting(SUWON, BENS_PHONE, NOON)
                .await
                .unwrap()
                .is_empty()
        );

        // What was received is no purchase of Ben's; at its end he is paid what Anna had paid for it.
        let refund = Operation::Refund {
            holder: BEN,
            lot: bens[0].id,
        };
        assert_eq!(
            refusal(world.post("r", NOON, refund).await),
            Refusal::NotRefundable
        );
        let end = bens[1].expires_at;
        let swept = world.ledger.sweep(SUWON, end).await.unwrap();
        assert_eq!((swept.lots, swept.lots_won), (3, 20_005));
        let paid_out = [ANNA, BEN].map(|holder| world.ledger.refundable(SUWON, holder));
        let [annas, bens] = paid_out;
        assert_eq!((annas.await.unwrap(), bens.await.unwrap()), (4_503, 13_502));
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn unclaimed_it_goes_back_after_three_days_to_the_lots_it_came_from() {
    for world in World::both().await {
        let programme = programme(&world).await;
        world.sell("1", programme.id, ANNA, 10_000).await;
        let given = world.post("g", NOON, give(6_000)).await.unwrap();
        assert_eq!(
            world.ledger.sweep(SUWON, LAPSE - 1).await.unwrap().gifts,
            0,
            "the third day counts to its end"
        );
        let late = refusal(world.post("late", LAPSE, claim(given.transfer, BEN)).await);
        assert_eq!(
            late,
            Refusal::GiftEnded {
                state: GiftState::Lapsed
            },
            "late is late, swept or not"
        );
        assert_eq!(world.ledger.sweep(SEONGNAM, LAPSE).await.unwrap().gifts, 0);
        assert_eq!(world.ledger.sweep(SUWON, LAPSE).await.unwrap().gifts, 1);
        assert_eq!(world.ledger.sweep(SUWON, LAPSE).await.unwrap().gifts, 0);
        let after = lots(&world, ANNA).await;
        assert_eq!((after.len(), after[0].left_won), (1, 10_000));
        let sent = &world.ledger.gifts_sent(SUWON, ANNA, 5).await.unwrap()[0];
        assert_eq!((sent.id, sent.state), (given.transfer, GiftState::Lapsed));
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn the_sender_may_take_it_back_before_and_nobody_else_may() {
    for world in World::both().await {
        let programme = programme(&world).await;
        world.sell("1", programme.id, ANNA, 10_000).await;
        let gift = world.post("g", NOON, give(6_000)).await.unwrap().transfer;
        let cancel = |holder| Operation::CancelGift { gift, holder };
        assert_eq!(
            refusal(world.post("x", NOON, cancel(BEN)).await),
            Refusal::UnknownGift
        );
        let stranger = Operation::ClaimGift {
            gift,
            holder: CARA,
            recipient: "another number".to_owned(),
        };
        assert_eq!(
            refusal(world.post("y", NOON, stranger).await),
            Refusal::UnknownGift
        );
        assert_eq!(
            refusal(world.post("z", NOON, claim(gift, ANNA)).await),
            Refusal::GiftToOneself
        );
        let early = refusal(world.post("w", NOON, Operation::LapseGift { gift }).await);
        assert_eq!(early, Refusal::GiftWaiting { lapse_at: LAPSE });
        let back = world.post("c", NOON, cancel(ANNA)).await.unwrap();
        assert_eq!(
            (back.kind, back.lots[0].amount_won),
            (TransferKind::GiftReturn, 6_000)
        );
        assert_eq!(world.total(ANNA, NOON).await, 10_000);
        let ended = Refusal::GiftEnded {
            state: GiftState::Cancelled,
        };
        assert_eq!(refusal(world.post("d", NOON, claim(gift, BEN)).await), ended);
        assert_eq!(refusal(world.post("e", NOON, cancel(ANNA)).await), ended);
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn policy_money_and_what_is_about_to_end_cannot_be_given_and_no_limit_is_passed() {
    for world in World::both().await {
        let programme = programme(&world).await;
        let given = world.given("수당", 50_000).await;
        let mut soon = NewProgramme::sold("곧", "Soon", 0, "clerk");
        soon.expiry = ExpiryRule::Until(LAPSE);
        let soon = world.programme(soon).await;
        world.grant("a", given.id, ANNA, 50_000).await;
        world.sell("b", soon.id, ANNA, 7_000).await;
        world.sell("c", programme.id, ANNA, 100_000).await;
        let refused = refusal(world.post("1", NOON, give(100_001)).await);
        assert_eq!(
            refused,
            Refusal::NotGiveable {
                giveable_won: 100_000,
                total_won: 157_000
            }
        );
        for bad in ["", "a\nb", &"x".repeat(101)] {
            let gift = Operation::Gift {
                holder: ANNA,
                recipient: bad.to_owned(),
                amount_won: 1,
            };
            let refused = refusal(world.post("2", NOON, gift).await);
            assert!(matches!(refused, Refusal::Invalid { .. }), "{refused:?}");
        }
        let first = world.post("3", NOON, give(60_000)).await.unwrap().transfer;
        let second = world.post("4", NOON, give(40_000)).await.unwrap().transfer;
        world.sell("d", programme.id, BEN, 30_000).await;
        world.post("5", NOON, claim(first, BEN)).await.unwrap();
        let refused = refusal(world.post("6", NOON, claim(second, BEN)).await);
        assert_eq!(
            refused,
            Refusal::HoldingLimit {
                limit_won: 100_000,
                left_won: 10_000
            }
        );
        let shop = world.merchant("A1", Category::Cafe, 0).await;
        let pay = Operation::Pay {
            holder: BEN,
            merchant: shop.id,
            amount_won: 30_000,
        };
        world.post("7", NOON, pay).await.unwrap();
        world
            .post("6", NOON, claim(second, BEN))
            .await
            .expect("there is room now");
        world.assert_clean().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn claimed_taken_back_and_swept_at_once_it_ends_one_way() {
    for world in World::both().await {
        let programme = programme(&world).await;
        world.sell("1", programme.id, ANNA, 50_000).await;
        for round in 0..6 {
            let gift = world
                .post(&format!("g{round}"), NOON, give(1_000))
                .await
                .unwrap()
                .transfer;
            let cancel = Operation::CancelGift { gift, holder: ANNA };
            let asked: Vec<_> = [claim(gift, BEN), cancel.clone(), claim(gift, CARA), cancel]
                .into_iter()
                .enumerate()
                .map(|(n, operation)| {
                    let request = World::request(&format!("{round}-{n}"), LAPSE - 1, operation);
                    let ledger = world.ledger.clone();
                    tokio::spawn(async move { ledger.post(request).await.is_ok() })
                })
                .collect();
            let ledger = world.ledger.clone();
            let sweep = tokio::spawn(async move { ledger.sweep(SUWON, LAPSE).await.unwrap() });
            let mut ends = sweep.await.unwrap().gifts;
            for task in asked {
                ends += i64::from(task.await.unwrap());
            }
            assert_eq!(ends, 1);
        }
        let total =
            world.total(ANNA, NOON).await + world.total(BEN, NOON).await + world.total(CARA, NOON).await;
        assert_eq!(total, 50_000);
        world.assert_clean().await;
    }
}
