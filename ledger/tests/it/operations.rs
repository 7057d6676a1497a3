//! What each operation does, and what it refuses.

use ledger::{
    Category, ExpiryRule, MerchantStatus, NewProgramme, Operation, ProgrammeState, Refusal, Restriction,
    TransferKind,
};

use crate::world::{DAY, NOON, SEONGNAM, SUWON, World, refusal};

const ANNA: i64 = 7;

#[tokio::test]
async fn a_grant_comes_out_of_the_budget_as_one_lot_and_not_a_won_more() {
    for world in World::both().await {
        let programme = world.given("쿠폰", 150_000).await;
        let receipt = world.grant("a", programme.id, ANNA, 100_000).await;
        assert_eq!(
            (receipt.kind, receipt.amount_won, receipt.lots.len()),
            (TransferKind::Grant, 100_000, 1)
        );
        let wallet = world.ledger.wallet(SUWON, ANNA, NOON).await.unwrap();
        let lot = &wallet.pots[0].lots[0];
        assert_eq!(
            (wallet.total_won, lot.price_won, lot.value_won, lot.left_won),
            (100_000, 0, 100_000, 100_000)
        );
        assert_eq!(
            world
                .ledger
                .programme(SUWON, programme.id)
                .await
                .unwrap()
                .unwrap()
                .budget_left_won,
            50_000
        );

        let operation = Operation::Grant {
            programme: programme.id,
            holder: ANNA,
            amount_won: 50_001,
            payout: None,
        };
        let refused = refusal(world.post("b", NOON, operation).await);
        assert_eq!(refused, Refusal::BudgetExhausted { left_won: 50_000 });
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn a_sale_costs_the_discounted_price_and_keeps_the_limits_of_month_and_holding() {
    for world in World::both().await {
        let mut new = NewProgramme::sold("페이", "Pay", 1_000, "clerk");
        new.monthly_limit_won = Some(300_000);
        new.holding_limit_won = Some(400_000);
        let programme = world.programme(new).await;
        world.fund(programme.id, 1_000_000).await;
        let sell = |value_won| Operation::Sell {
            programme: programme.id,
            holder: ANNA,
            value_won,
            deposit: None,
        };

        let receipt = world.post("1", NOON, sell(200_005)).await.unwrap();
        let lot = world.ledger.wallet(SUWON, ANNA, NOON).await.unwrap().pots[0].lots[0].clone();
        assert_eq!(
            (lot.id, lot.price_won, lot.value_won),
            (receipt.lots[0].lot, 180_005, 200_005)
        );
        let refused = refusal(world.post("2", NOON, sell(99_996)).await);
        assert_eq!(
            refused,
            Refusal::MonthlyLimit {
                limit_won: 300_000,
                left_won: 99_995
            }
        );

        let next_month = NOON + 31 * DAY;
        let refused = refusal(world.post("3", next_month, sell(200_000)).await);
        assert_eq!(
            refused,
            Refusal::HoldingLimit {
                limit_won: 400_000,
                left_won: 199_995
            }
        );
        world.post("4", next_month, sell(199_995)).await.unwrap();
        let left = world
            .ledger
            .programme(SUWON, programme.id)
            .await
            .unwrap()
            .unwrap()
            .budget_left_won;
        assert_eq!(left, 1_000_000 - 20_000 - 19_999);
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn nothing_is_sold_that_is_given_closed_or_out_of_season() {
    for world in World::both().await {
        let given = world.given("수당", 1_000).await;
        let mut new = NewProgramme::sold("페이", "Pay", 0, "clerk");
        new.sale_from = Some(NOON + DAY);
        new.sale_until = Some(NOON + 2 * DAY);
        let programme = world.programme(new).await;
        let sell = |programme| Operation::Sell {
            programme,
            holder: ANNA,
            value_won: 1_000,
            deposit: None,
        };
        assert_eq!(
            refusal(world.post("1", NOON, sell(given.id)).await),
            Refusal::NotForSale
        );
        let season = Refusal::NotOnSaleNow {
            sale_from_at: Some(NOON + DAY),
            sale_until_at: Some(NOON + 2 * DAY),
        };
        assert_eq!(refusal(world.post("2", NOON, sell(programme.id)).await), season);
        assert_eq!(
            refusal(world.post("3", NOON + 2 * DAY, sell(programme.id)).await),
            season
        );
        world
            .post("4", NOON + DAY, sell(programme.id))
            .await
            .expect("sold without a discount");
        world
            .ledger
            .set_programme_state(SUWON, programme.id, ProgrammeState::Stopped)
            .await
            .unwrap();
        assert_eq!(
            refusal(world.post("5", NOON + DAY, sell(programme.id)).await),
            Refusal::ProgrammeNotOpen
        );
        assert_eq!(
            refusal(world.post("6", NOON, sell(99)).await),
            Refusal::UnknownProgramme
        );
        assert_eq!(
            refusal(
                world
                    .post(
                        "7",
                        NOON,
                        Operation::Fund {
                            programme: given.id,
                            amount_won: -1
                        }
                    )
                    .await
            ),
            Refusal::AmountNotPositive
        );
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn a_payment_takes_what_ends_soonest_and_only_what_the_merchant_may_take() {
    for world in World::both().await {
        let mut small =
            NewProgramme::given("소비쿠폰", "Coupon", ExpiryRule::Until(NOON + 30 * DAY), "clerk");
        small.restriction = Restriction {
            revenue_limit_won: Some(3_000_000_000),
            barred_categories: vec![Category::Nightlife],
        };
        let small = world.programme(small).await;
        world.fund(small.id, 1_000_000).await;
        let wide = world.given("수당", 1_000_000).await;
        world.grant("wide", wide.id, ANNA, 30_000).await;
        let soon = world.grant("soon", small.id, ANNA, 10_000).await.lots[0].lot;
        let corner = world.merchant("A1", Category::Cafe, 100_000_000).await;
        let chain = world.merchant("B1", Category::Mart, 3_000_000_001).await;
        let bar = world.merchant("C1", Category::Nightlife, 0).await;
        let pay = |merchant, amount_won| Operation::Pay {
            holder: ANNA,
            merchant,
            amount_won,
        };

        let receipt = world.post("1", NOON, pay(corner.id, 12_000)).await.unwrap();
        let taken: Vec<_> = receipt
            .lots
            .iter()
            .map(|lot| (lot.lot == soon, lot.amount_won))
            .collect();
        assert_eq!(taken, [(true, -10_000), (false, -2_000)]);

        world.grant("again", small.id, ANNA, 5_000).await;
        let refused = refusal(world.post("2", NOON, pay(chain.id, 28_001)).await);
        assert_eq!(
            refused,
            Refusal::NotEnough {
                usable_won: 28_000,
                total_won: 33_000
            }
        );
        world
            .post("3", NOON, pay(bar.id, 28_000))
            .await
            .expect("the allowance is not barred there");
        assert_eq!(
            refusal(world.post("4", NOON, pay(bar.id, 1)).await),
            Refusal::MerchantBarred { total_won: 5_000 }
        );

        let ended = NOON + 30 * DAY;
        let refused = refusal(world.post("5", ended, pay(corner.id, 1)).await);
        assert_eq!(
            refused,
            Refusal::NotEnough {
                usable_won: 0,
                total_won: 0
            }
        );
        world
            .post("6", ended - 1, pay(corner.id, 1))
            .await
            .expect("the last moment counts");
        world
            .ledger
            .set_merchant_status(SUWON, corner.id, MerchantStatus::Suspended)
            .await
            .unwrap();
        assert_eq!(
            refusal(world.post("7", NOON, pay(corner.id, 1)).await),
            Refusal::MerchantNotAccepting
        );
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn a_cancellation_gives_each_lot_back_exactly_what_came_from_it() {
    for world in World::both().await {
        let programme = world.given("수당", 1_000_000).await;
        let first = world.grant("first", programme.id, ANNA, 10_000).await.lots[0].lot;
        let second = world.grant("second", programme.id, ANNA, 10_000).await.lots[0].lot;
        let shop = world.merchant("A1", Category::Cafe, 0).await;
        let pay = Operation::Pay {
            holder: ANNA,
            merchant: shop.id,
            amount_won: 15_000,
        };
        let paid = world.post("pay", NOON, pay).await.unwrap().transfer;
        let cancel = |amount_won| Operation::Cancel {
            transfer: paid,
            amount_won,
        };

        let part = world.post("c1", NOON + DAY, cancel(Some(7_000))).await.unwrap();
        let back: Vec<_> = part.lots.iter().map(|lot| (lot.lot, lot.amount_won)).collect();
        assert_eq!(
            back,
            [(second, 5_000), (first, 2_000)],
            "what was taken last comes back first"
        );
        let refused = refusal(world.post("c2", NOON, cancel(Some(8_001))).await);
        assert_eq!(refused, Refusal::AlreadyCancelled { left_won: 8_000 });
        let transfer = world.ledger.transfer(SUWON, paid).await.unwrap().unwrap();
        assert_eq!((transfer.cancelled_won, transfer.cancellable_won), (7_000, 8_000));

        let too_late = transfer.cancel_until_at.unwrap();
        assert_eq!(
            too_late,
            NOON + 7 * DAY + DAY / 2,
            "the seventh day counts to its end"
        );
        assert_eq!(
            refusal(world.post("c3", too_late, cancel(None)).await),
            Refusal::CancelTooLate { days: 7 }
        );
        let rest = world.post("c4", too_late - 1, cancel(None)).await.unwrap();
        assert_eq!((rest.amount_won, rest.lots[0].lot), (8_000, first));
        assert_eq!(
            refusal(world.post("c5", NOON, cancel(None)).await),
            Refusal::AlreadyCancelled { left_won: 0 }
        );
        assert_eq!(world.total(ANNA, NOON).await, 20_000);
        let again = Operation::Cancel {
            transfer: rest.transfer,
            amount_won: None,
        };
        assert_eq!(refusal(world.post("c6", NOON, again).await), Refusal::NotAPayment);
        let takings = world
            .ledger
            .merchant_takings(SUWON, shop.id, None, 2)
            .await
            .unwrap();
        let won: Vec<_> = takings.lines.iter().map(|line| line.amount_won).collect();
        assert_eq!(won, [-8_000, -7_000]);
        let taken = world.ledger.merchant_taken(SUWON, shop.id, 0).await.unwrap();
        assert_eq!(taken, (0, 1), "one payment, and all of it given back");
        let last = world
            .ledger
            .merchant_takings(SUWON, shop.id, takings.next, 2)
            .await
            .unwrap();
        assert_eq!(
            (last.lines[0].amount_won, last.lines[0].cancelled_won, last.next),
            (15_000, 15_000, None)
        );
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn the_same_key_answers_with_the_first_receipt_and_another_body_is_refused() {
    for world in World::both().await {
        let programme = world.given("수당", 1_000_000).await;
        let operation = Operation::Grant {
            programme: programme.id,
            holder: ANNA,
            amount_won: 10_000,
            payout: Some(3),
        };
        let first = world.post("k", NOON, operation.clone()).await.unwrap();
        let second = world.post("k", NOON + DAY, operation).await.unwrap();
        assert!(second.replayed && !first.replayed);
        assert_eq!(
            ledger::Receipt {
                replayed: false,
                ..second
            },
            first
        );
        let other = Operation::Grant {
            programme: programme.id,
            holder: ANNA,
            amount_won: 10_001,
            payout: Some(3),
        };
        assert_eq!(refusal(world.post("k", NOON, other).await), Refusal::KeyReused);
        for bad in ["", "deposit:1", "payout:1", &"x".repeat(65), "a\nb"] {
            let operation = Operation::Fund {
                programme: programme.id,
                amount_won: 1,
            };
            assert_eq!(
                refusal(world.post(bad, NOON, operation).await),
                Refusal::BadKey,
                "{bad:?}"
            );
        }
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn one_municipality_sees_nothing_of_another() {
    for world in World::both().await {
        let programme = world.given("수당", 1_000_000).await;
        let shop = world.merchant("A1", Category::Cafe, 0).await;
        let granted = world.grant("g", programme.id, ANNA, 10_000).await;
        let ledger = &world.ledger;
        assert_eq!(ledger.wallet(SEONGNAM, ANNA, NOON).await.unwrap().total_won, 0);
        assert_eq!(ledger.programme(SEONGNAM, programme.id).await.unwrap(), None);
        assert!(ledger.programmes(SEONGNAM).await.unwrap().is_empty());
        assert_eq!(ledger.merchant(SEONGNAM, shop.id).await.unwrap(), None);
        assert_eq!(ledger.merchant_by_code(SEONGNAM, "A1").await.unwrap(), None);
        assert!(
            ledger
                .search_merchants(SEONGNAM, "", None, 10, 0)
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(ledger.transfer(SEONGNAM, granted.transfer).await.unwrap(), None);
        assert!(
            ledger
                .history(SEONGNAM, ANNA, &ledger::HistoryFilter::default(), None, 9)
                .await
                .unwrap()
                .lines
                .is_empty()
        );
        assert_eq!(
            ledger.figures(SEONGNAM, 0, NOON).await.unwrap().totals,
            ledger::Totals::default()
        );
        let from_there = |operation| ledger::Request {
            municipality: SEONGNAM,
            key: "g".to_owned(),
            actor: "test".to_owned(),
            at: NOON,
            operation,
        };
        let pay = Operation::Pay {
            holder: ANNA,
            merchant: shop.id,
            amount_won: 1,
        };
        assert_eq!(
            refusal(ledger.post(from_there(pay)).await),
            Refusal::UnknownMerchant
        );
        let fund = Operation::Fund {
            programme: programme.id,
            amount_won: 1,
        };
        assert_eq!(
            refusal(ledger.post(from_there(fund)).await),
            Refusal::UnknownProgramme
        );
        let cancel = Operation::Cancel {
            transfer: granted.transfer,
            amount_won: None,
        };
        assert_eq!(
            refusal(ledger.post(from_there(cancel)).await),
            Refusal::UnknownTransfer
        );
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn merchants_are_found_by_what_people_type() {
    for world in World::both().await {
        let shop = world.merchant("ab-1", Category::Cafe, 10).await;
        world.merchant("CD2", Category::Nightlife, 10).await;
        assert_eq!(
            world
                .ledger
                .merchant_by_code(SUWON, " Ab-1 ")
                .await
                .unwrap()
                .unwrap()
                .id,
            shop.id
        );
        for (text, found) in [
            ("ab", 1),
            ("상회", 2),
            ("%", 0),
            ("_", 0),
            ("!", 0),
            ("'", 0),
            ("", 2),
            ("매산", 2),
        ] {
            let merchants = world
                .ledger
                .search_merchants(SUWON, text, None, 10, 0)
                .await
                .unwrap();
            assert_eq!(merchants.len(), found, "{text}");
        }
        let mut new = NewProgramme::given("쿠폰", "Coupon", ExpiryRule::Months(1), "clerk");
        new.restriction.barred_categories = vec![Category::Nightlife];
        let programme = world.programme(new).await;
        let merchants = world
            .ledger
            .search_merchants(SUWON, "", Some(programme.id), 10, 0)
            .await
            .unwrap();
        assert_eq!(merchants, std::slice::from_ref(&shop));
        let search = ledger::MerchantSearch {
            programme: Some(programme.id),
            limit: 10,
            ..ledger::MerchantSearch::default()
        };
        let open = |search: ledger::MerchantSearch| {
            let ledger = world.ledger.clone();
            async move { ledger.open_merchants(SUWON, &search).await.unwrap() }
        };
        assert_eq!(open(search.clone()).await, std::slice::from_ref(&shop));
        let elsewhere = ledger::MerchantSearch {
            category: Some(Category::Fuel),
            ..search.clone()
        };
        assert_eq!(open(elsewhere).await, []);
        world
            .ledger
            .set_merchant_status(SUWON, shop.id, ledger::MerchantStatus::Suspended)
            .await
            .unwrap();
        assert_eq!(open(search).await, [], "the public sees who takes money now");
    }
}

#[tokio::test]
async fn the_desk_sees_what_was_issued_and_spent_today() {
    for world in World::both().await {
        let programme = world.given("수당", 1_000_000).await;
        let shop = world.merchant("A1", Category::Cafe, 0).await;
        world.grant("g", programme.id, ANNA, 10_000).await;
        let tomorrow = NOON + DAY;
        let pay = Operation::Pay {
            holder: ANNA,
            merchant: shop.id,
            amount_won: 4_000,
        };
        let paid = world.post("p", tomorrow, pay).await.unwrap();
        let cancel = Operation::Cancel {
            transfer: paid.transfer,
            amount_won: Some(1_000),
        };
        world.post("c", tomorrow, cancel).await.unwrap();
        let figures = world
            .ledger
            .figures(SUWON, NOON + DAY / 2, tomorrow)
            .await
            .unwrap();
        let of = &figures.by_programme[0];
        assert_eq!((of.issued_won_today, of.spent_won_today), (0, 3_000));
        assert_eq!((of.budget_left_won, of.outstanding_won), (990_000, 7_000));
        let first_day = world.ledger.figures(SUWON, NOON - DAY / 2, NOON).await.unwrap();
        assert_eq!(first_day.totals.issued_won_today, 10_000);
    }
}
