//! Terms that change from a time on: a model that keeps a list of them, and what was sold under each, on both engines.

use jiff::{Timestamp, tz::TimeZone};
use ledger::{ExpiryRule, LotKind, NewChange, NewProgramme, Operation, Programme, Refusal, Terms};
use proptest::prelude::*;

use crate::world::{DAY, NOON, SUWON, World, refusal};

#[derive(Clone, Debug)]
enum Act {
    /// After so many days other terms hold: discount, budget of a month, months of validity.
    Change(i64, i64, Option<i64>, i64),
    /// The n-th change.
    Withdraw(usize),
    Sell(i64),
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let budget = prop_oneof![2 => Just(None), 3 => (100_i64..4_000).prop_map(Some)];
    prop_oneof![
        3 => (0_i64..20, 0_i64..3_000, budget, 1_i64..12).prop_map(|(days, bp, budget, months)| Act::Change(days, bp, budget, months)),
        1 => any::<usize>().prop_map(Act::Withdraw),
        6 => (1_i64..20_000).prop_map(Act::Sell),
        3 => (1_i64..12 * DAY).prop_map(Act::Wait),
    ]
}

fn month(at: i64) -> (i16, i8) {
    let zone = TimeZone::get("Asia/Seoul").unwrap();
    let date = Timestamp::from_millisecond(at).unwrap().to_zoned(zone).date();
    (date.year(), date.month())
}

fn change(key: String, effective_at: i64, terms: Terms) -> NewChange {
    NewChange {
        key,
        effective_at,
        terms,
        reason: "설 명절".to_owned(),
        by: "clerk".to_owned(),
    }
}

async fn sell(
    world: &World,
    key: &str,
    programme: i64,
    value_won: i64,
    at: i64,
) -> Result<ledger::Receipt, ledger::LedgerError> {
    let operation = Operation::Sell {
        programme,
        holder: 1,
        value_won,
        deposit: None,
    };
    world.post(key, at, operation).await
}

/// Price, value and end of each lot, in the order of sale.
async fn lots(world: &World) -> Vec<(i64, i64, i64)> {
    sqlx::query_as("SELECT price_won, value_won, expires_at FROM lots ORDER BY created_at, id")
        .fetch_all(&world.test.store.read)
        .await
        .unwrap()
}

async fn live(world: &World, acts: &[Act]) {
    let programme = world
        .programme(NewProgramme::sold("할인", "Sold", 1_000, "clerk"))
        .await;
    world.fund(programme.id, 10_000_000).await;
    let base = programme.terms();
    // effective_at, when it was written down (a later one of the same moment counts), terms, withdrawn
    let mut changes: Vec<(i64, i64, Terms, bool)> = Vec::new();
    let mut sold: Vec<(i64, i64, i64)> = Vec::new();
    let mut months: Vec<((i16, i8), i64)> = Vec::new();
    let mut at = NOON;
    for (number, act) in acts.iter().enumerate() {
        let in_force = |changes: &[(i64, i64, Terms, bool)], at: i64| {
            changes
                .iter()
                .filter(|change| change.0 <= at && !change.3)
                .max_by_key(|change| (change.0, change.1))
                .map_or(base, |change| change.2)
        };
        match act {
            Act::Wait(ms) => at += ms,
            Act::Change(days, discount_bp, monthly_budget_won, valid) => {
                let terms = Terms {
                    discount_bp: *discount_bp,
                    monthly_budget_won: *monthly_budget_won,
                    expiry: ExpiryRule::Months(*valid),
                    ..base
                };
                let effective_at = at + days * DAY;
                let new = change(format!("change {number}"), effective_at, terms);
                let made = world
                    .ledger
                    .change_programme(SUWON, programme.id, new.clone(), at)
                    .await
                    .unwrap();
                let again = world
                    .ledger
                    .change_programme(SUWON, programme.id, new, at)
                    .await
                    .unwrap();
                assert_eq!(made, again, "the same key changes once");
                changes.push((effective_at, made, terms, false));
            }
            Act::Withdraw(n) => {
                if changes.is_empty() {
                    continue;
                }
                let n = n % changes.len();
                let may = changes[n].0 > at && !changes[n].3;
                let done = world
                    .ledger
                    .withdraw_change(SUWON, programme.id, changes[n].1, at)
                    .await
                    .unwrap();
                assert_eq!(done, may);
                changes[n].3 |= may;
            }
            Act::Sell(value_won) => {
                let terms = in_force(&changes, at);
                let discount_won = value_won * terms.discount_bp / 10_000;
                let spent = months
                    .iter()
                    .filter(|one| one.0 == month(at))
                    .map(|one| one.1)
                    .sum::<i64>();
                let answer = sell(world, &format!("sell {number}"), programme.id, *value_won, at).await;
                let left = terms.monthly_budget_won.map(|limit| (limit - spent).max(0));
                if let Some(left_won) = left.filter(|left| discount_won > *left) {
                    assert_eq!(refusal(answer), Refusal::BudgetExhausted { left_won });
                } else {
                    answer.unwrap();
                    sold.push((value_won - discount_won, *value_won, terms.expiry.expires_at(at)));
                    months.push((month(at), discount_won));
                }
                // Nothing that was sold before is another.
                assert_eq!(lots(world).await, sold);
            }
        }
        let now: Programme = world
            .ledger
            .programme_at(SUWON, programme.id, at)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(now.terms(), in_force(&changes, at));
        let list = world.ledger.programmes_at(SUWON, at).await.unwrap();
        assert_eq!(list[0].terms(), now.terms());
    }
    world.assert_clean().await;
}

#[test]
fn each_sale_is_at_the_terms_of_its_moment_and_no_sale_changes_after() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = ProptestConfig {
        cases: 8,
        failure_persistence: None,
        max_shrink_iters: 40,
        ..ProptestConfig::default()
    };
    proptest!(config, |(acts in prop::collection::vec(act(), 10..50))| {
        runtime.block_on(async {
            for world in World::both().await {
                live(&world, &acts).await;
            }
        });
    });
}

#[tokio::test]
async fn a_purchase_that_waits_for_money_is_sold_as_it_was_asked_for() {
    for world in World::both().await {
        let programme = world
            .programme(NewProgramme::sold("할인", "Sold", 1_000, "clerk"))
            .await;
        world.fund(programme.id, 100_000).await;
        let deposit = world
            .ledger
            .request_purchase(SUWON, "d", 1, programme.id, 10_000, "test", NOON)
            .await
            .unwrap();
        assert_eq!(deposit.price_won, 9_000);
        let terms = Terms {
            discount_bp: 100,
            ..programme.terms()
        };
        let new = change("c".to_owned(), NOON + 1, terms);
        world
            .ledger
            .change_programme(SUWON, programme.id, new, NOON + 1)
            .await
            .unwrap();
        world
            .ledger
            .confirm_deposit(SUWON, deposit.id, NOON + 2)
            .await
            .unwrap();
        assert_eq!(lots(&world).await[0].0, 9_000);
        sell(&world, "s", programme.id, 10_000, NOON + 3).await.unwrap();
        assert_eq!(lots(&world).await[1].0, 9_900);
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn a_refund_is_judged_by_the_share_under_which_it_was_bought() {
    for world in World::both().await {
        let programme = world
            .programme(NewProgramme::sold("할인", "Sold", 1_000, "clerk"))
            .await;
        world.fund(programme.id, 100_000).await;
        let shop = world.merchant("A", ledger::Category::Cafe, 0).await;
        sell(&world, "before", programme.id, 10_000, NOON).await.unwrap();
        let terms = Terms {
            refund_threshold_pct: 80,
            ..programme.terms()
        };
        let new = change("c".to_owned(), NOON + 1, terms);
        world
            .ledger
            .change_programme(SUWON, programme.id, new, NOON + 1)
            .await
            .unwrap();
        let pay = Operation::Pay {
            holder: 1,
            merchant: shop.id,
            amount_won: 6_000,
        };
        world.post("p", NOON + 2, pay).await.unwrap();
        sell(&world, "after", programme.id, 10_000, NOON + 3)
            .await
            .unwrap();
        let quotes = world.ledger.refund_quotes(SUWON, 1, NOON + 4).await.unwrap();
        assert_eq!(
            quotes.iter().map(|quote| quote.needed_won).collect::<Vec<_>>(),
            [6_000, 8_000]
        );
        assert_eq!(quotes[0].refusal, None);
        let refund = Operation::Refund {
            holder: 1,
            lot: quotes[0].lot,
        };
        world.post("r", NOON + 5, refund).await.unwrap();
        let wallet = world.ledger.wallet(SUWON, 1, NOON + 6).await.unwrap();
        assert_eq!(wallet.total_won, 10_000);
        assert!(
            wallet
                .pots
                .iter()
                .flat_map(|pot| &pot.lots)
                .all(|lot| lot.kind == LotKind::Bought)
        );
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn terms_are_written_once_and_never_in_the_past() {
    for world in World::both().await {
        let programme = world
            .programme(NewProgramme::sold("할인", "Sold", 1_000, "clerk"))
            .await;
        let terms = Terms {
            discount_bp: 500,
            ..programme.terms()
        };
        let invalid = |field: &str| Refusal::Invalid {
            field: field.to_owned(),
        };
        let early = change("a".to_owned(), NOON - 1, terms);
        let answer = world
            .ledger
            .change_programme(SUWON, programme.id, early, NOON)
            .await;
        assert_eq!(refusal(answer), invalid("effective_at"));
        let much = Terms {
            discount_bp: 10_000,
            ..terms
        };
        let answer = world
            .ledger
            .change_programme(SUWON, programme.id, change("b".to_owned(), NOON, much), NOON)
            .await;
        assert_eq!(refusal(answer), invalid("discount_bp"));
        let other = crate::world::SEONGNAM;
        let answer = world
            .ledger
            .change_programme(other, programme.id, change("c".to_owned(), NOON, terms), NOON)
            .await;
        assert_eq!(refusal(answer), Refusal::UnknownProgramme);
        let made = change("d".to_owned(), NOON, terms);
        let made = world
            .ledger
            .change_programme(SUWON, programme.id, made, NOON)
            .await
            .unwrap();
        assert!(
            !world
                .ledger
                .withdraw_change(SUWON, programme.id, made, NOON + 1)
                .await
                .unwrap()
        );
        for sql in [
            "UPDATE programme_terms SET discount_bp = 9000",
            "UPDATE programme_terms SET withdrawn_at = effective_at",
            "DELETE FROM programme_terms",
        ] {
            assert!(
                sqlx::raw_sql(sql).execute(&world.test.store.write).await.is_err(),
                "{sql}"
            );
        }
    }
}
