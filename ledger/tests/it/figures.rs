//! The desk's figures against a model that adds up receipts, on both engines: however often, by whomever and however
//! late they are counted.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use ledger::{Category, Counting, DeskFilter, Ledger, NewMerchant, Operation, Receipt, Step, TransferKind};
use proptest::prelude::*;

use crate::world::{DAY, NOON, SEONGNAM, SUWON, World};

/// Takes up everything that waits for the log, then counts everything that is in it.
pub async fn count_all(ledger: &Ledger) {
    while !matches!(
        ledger.sequence().await.expect("a step of the log"),
        Step::Appended { leaves: 0, .. }
    ) {}
    while !matches!(
        ledger.count_figures().await.expect("a step"),
        Counting::Counted { more: false, .. }
    ) {}
}

fn day(at: i64) -> Date {
    let zone = TimeZone::get("Asia/Seoul").unwrap();
    Timestamp::from_millisecond(at).unwrap().to_zoned(zone).date()
}

fn hour(at: i64) -> usize {
    let zone = TimeZone::get("Asia/Seoul").unwrap();
    usize::try_from(Timestamp::from_millisecond(at).unwrap().to_zoned(zone).hour()).unwrap()
}

/// One thing that happens, and before it so much time; then perhaps somebody counts.
#[derive(Clone, Debug)]
struct Act {
    wait_ms: i64,
    what: What,
    count: Count,
}

#[derive(Clone, Debug)]
enum What {
    Fund(usize, i64),
    Grant(usize, i64, i64),
    Sell(i64, i64),
    Pay(i64, usize, i64),
    Cancel(usize, i64),
    Gift(i64, i64),
    Claim(usize),
    Hold(i64, usize, i64),
    Release(usize),
}

#[derive(Clone, Copy, Debug)]
enum Count {
    Nobody,
    LogOnly,
    One,
    /// Two nodes at the same time.
    Two,
}

fn act() -> impl Strategy<Value = Act> {
    let holder = 1_i64..4;
    let won = 1_i64..9_000;
    let what = prop_oneof![
        1 => (0_usize..3, won.clone()).prop_map(|(p, won)| What::Fund(p, won)),
        3 => (1_usize..3, holder.clone(), won.clone()).prop_map(|(p, h, won)| What::Grant(p, h, won)),
        3 => (holder.clone(), won.clone()).prop_map(|(h, won)| What::Sell(h, won)),
        9 => (holder.clone(), 0_usize..3, won.clone()).prop_map(|(h, m, won)| What::Pay(h, m, won)),
        4 => (any::<usize>(), won.clone()).prop_map(|(n, won)| What::Cancel(n, won)),
        2 => (holder.clone(), won.clone()).prop_map(|(h, won)| What::Gift(h, won)),
        1 => any::<usize>().prop_map(What::Claim),
        2 => (holder, 0_usize..3, won).prop_map(|(h, m, won)| What::Hold(h, m, won)),
        2 => any::<usize>().prop_map(What::Release),
    ];
    let count = prop_oneof![
        6 => Just(Count::Nobody), 1 => Just(Count::LogOnly), 1 => Just(Count::One), 1 => Just(Count::Two)
    ];
    // Between a moment and eight hours: midnights are crossed, and hours are met twice.
    (prop_oneof![Just(0), 1_i64..DAY / 3], what, count).prop_map(|(wait_ms, what, count)| Act {
        wait_ms,
        what,
        count,
    })
}

/// What receipts say, added up the slow way.
#[derive(Default)]
struct Model {
    receipts: Vec<Receipt>,
    budgets: BTreeMap<i64, i64>,
}

impl Model {
    fn flow(&self, kinds: &[TransferKind], filter: &DeskFilter, sign: i64) -> i64 {
        self.receipts
            .iter()
            .filter(|receipt| kinds.contains(&receipt.kind))
            .filter(|receipt| (filter.from..=filter.until).contains(&day(receipt.at)))
            .flat_map(|receipt| &receipt.lots)
            .filter(|lot| {
                filter
                    .programme
                    .is_none_or(|programme| lot.programme == programme)
            })
            .map(|lot| sign * lot.amount_won)
            .sum()
    }

    /// Spent (won), payments by programme, at places of a kind.
    fn by<K: Ord>(&self, filter: &DeskFilter, key: impl Fn(&Receipt) -> K) -> BTreeMap<K, (i64, i64)> {
        let mut sums = BTreeMap::new();
        for receipt in &self.receipts {
            if !matches!(receipt.kind, TransferKind::Pay | TransferKind::Cancel)
                || !(filter.from..=filter.until).contains(&day(receipt.at))
            {
                continue;
            }
            let lots = receipt.lots.iter().filter(|lot| {
                filter
                    .programme
                    .is_none_or(|programme| lot.programme == programme)
            });
            let mut programmes = BTreeSet::new();
            for lot in lots {
                programmes.insert(lot.programme);
                sums.entry(key(receipt)).or_insert((0, 0)).0 -= lot.amount_won;
            }
            if receipt.kind == TransferKind::Pay && !programmes.is_empty() {
                sums.entry(key(receipt)).or_insert((0, 0)).1 += programmes.len() as i64;
            }
        }
        sums
    }
}

async fn live(world: &World, acts: &[Act]) {
    let sold = ledger::NewProgramme::sold("할인", "Sold", 1_000, "clerk");
    let programmes = [
        world.programme(sold).await,
        world.given("수당", 200_000).await,
        world.given("쿠폰", 200_000).await,
    ];
    let mut model = Model::default();
    let places = [
        ("매산동", Category::Cafe),
        ("매산동", Category::Mart),
        ("화서동", Category::Mart),
    ];
    let mut shops = Vec::new();
    for (number, (district, category)) in places.into_iter().enumerate() {
        let new = NewMerchant {
            code: format!("M{number}"),
            name: "-".to_owned(),
            category,
            revenue_won_year: 0,
            address: "-".to_owned(),
            district: district.to_owned(),
        };
        shops.push(world.ledger.create_merchant(SUWON, new, NOON).await.unwrap());
    }
    model.budgets.insert(programmes[1].id, 200_000);
    model.budgets.insert(programmes[2].id, 200_000);
    world.fund(programmes[0].id, 100_000).await;
    model.budgets.insert(programmes[0].id, 100_000);
    let other = Ledger::new(world.test.store.clone());
    let mut at = NOON;
    let mut payments: Vec<i64> = Vec::new();
    let mut gifts: Vec<i64> = Vec::new();
    let mut holds: Vec<i64> = Vec::new();
    for (number, act) in acts.iter().enumerate() {
        at += act.wait_ms;
        let pick = |list: &[i64], n: usize| list.get(n % list.len().max(1)).copied();
        let operation = match act.what {
            What::Fund(p, amount_won) => Some(Operation::Fund {
                programme: programmes[p].id,
                amount_won,
            }),
            What::Grant(p, holder, amount_won) => Some(Operation::Grant {
                programme: programmes[p].id,
                holder,
                amount_won,
                payout: None,
            }),
            What::Sell(holder, value_won) => Some(Operation::Sell {
                programme: programmes[0].id,
                holder,
                value_won,
                deposit: None,
            }),
            What::Pay(holder, m, amount_won) => Some(Operation::Pay {
                holder,
                merchant: shops[m].id,
                amount_won,
            }),
            What::Cancel(n, won) => pick(&payments, n).map(|transfer| Operation::Cancel {
                transfer,
                amount_won: (won % 2 == 0).then_some(won),
            }),
            What::Gift(holder, amount_won) => Some(Operation::Gift {
                holder,
                recipient: "9".to_owned(),
                amount_won,
            }),
            What::Claim(n) => pick(&gifts, n).map(|gift| Operation::ClaimGift {
                gift,
                holder: 9,
                recipient: "9".to_owned(),
            }),
            What::Hold(holder, m, amount_won) => Some(Operation::Hold {
                holder,
                merchant: shops[m].id,
                amount_won,
            }),
            What::Release(n) => pick(&holds, n).map(|hold| Operation::Release { hold }),
        };
        if let Some(operation) = operation
            && let Ok(receipt) = world.post(&format!("act {number}"), at, operation).await
        {
            match receipt.kind {
                TransferKind::Pay => payments.push(receipt.transfer),
                TransferKind::Gift => gifts.push(receipt.transfer),
                TransferKind::Hold => holds.push(receipt.transfer),
                _ => {}
            }
            let budget = receipt.programme.and_then(|id| model.budgets.get_mut(&id));
            match (receipt.kind, budget) {
                (TransferKind::Fund, Some(budget)) => *budget += receipt.amount_won,
                (TransferKind::Grant, Some(budget)) => *budget -= receipt.amount_won,
                // A tenth of the value, the fraction of a won the buyer's loss.
                (TransferKind::Sell, Some(budget)) => *budget -= receipt.amount_won / 10,
                _ => {}
            }
            model.receipts.push(receipt);
        }
        match act.count {
            Count::Nobody => {}
            Count::LogOnly => {
                world.ledger.sequence().await.unwrap();
            }
            Count::One => {
                world.ledger.sequence().await.unwrap();
                world.ledger.count_figures().await.unwrap();
            }
            Count::Two => {
                world.ledger.sequence().await.unwrap();
                let (one, two) = tokio::join!(world.ledger.count_figures(), other.count_figures());
                one.unwrap();
                two.unwrap();
            }
        }
    }
    count_all(&world.ledger).await;
    count_all(&other).await;
    let (first, last) = (day(NOON), day(at));
    let middle = day(NOON + (at - NOON) / 2);
    for (from, until) in [(first, last), (first, middle), (middle, last), (last, last)] {
        for programme in [None, Some(programmes[0].id), Some(programmes[2].id)] {
            let filter = DeskFilter {
                from,
                until,
                programme,
            };
            compare(world, &model, &filter, at, &shops).await;
        }
    }
    for programme in &programmes {
        let filter = DeskFilter {
            from: first,
            until: last,
            programme: Some(programme.id),
        };
        let desk = world.ledger.desk(SUWON, &filter, at).await.unwrap();
        let budget = &desk.programmes[0].budget;
        assert_eq!(budget.left_won, model.budgets[&programme.id]);
        assert_eq!(budget.by_day.last().map(|(_, won)| *won), Some(budget.left_won));
    }
    world.assert_clean().await;
}

async fn compare(world: &World, model: &Model, filter: &DeskFilter, at: i64, shops: &[ledger::Merchant]) {
    use TransferKind as T;
    let desk = world.ledger.desk(SUWON, filter, at).await.unwrap();
    assert_eq!(desk.waiting, 0);
    assert_eq!(desk.flow.issued_won, model.flow(&[T::Grant, T::Sell], filter, 1));
    assert_eq!(desk.flow.spent_won, model.flow(&[T::Pay, T::Cancel], filter, -1));
    let all: i64 = model.by(filter, |_| ()).values().map(|sums| sums.1).sum();
    assert_eq!(desk.flow.payments, all);
    let by_day = model.by(filter, |receipt| day(receipt.at));
    for one in &desk.days {
        assert_eq!(
            (one.flow.spent_won, one.flow.payments),
            by_day.get(&one.day).copied().unwrap_or_default()
        );
    }
    assert!(
        by_day
            .keys()
            .all(|day| desk.days.iter().any(|one| one.day == *day))
    );
    let by_hour = model.by(filter, |receipt| hour(receipt.at));
    for (hour, one) in desk.hours.iter().enumerate() {
        assert_eq!(
            (one.spent_won, one.payments),
            by_hour.get(&hour).copied().unwrap_or_default()
        );
    }
    let shop = |receipt: &Receipt| {
        let id = receipt.merchant.unwrap();
        shops.iter().find(|shop| shop.id == id).unwrap()
    };
    let districts: BTreeMap<String, (i64, i64)> = desk
        .districts
        .iter()
        .map(|place| (place.place.clone(), (place.spent_won, place.payments)))
        .collect();
    assert_eq!(
        districts,
        model.by(filter, |receipt| shop(receipt).district.clone())
    );
    let categories: BTreeMap<&str, (i64, i64)> = desk
        .categories
        .iter()
        .map(|place| (place.place.code(), (place.spent_won, place.payments)))
        .collect();
    assert_eq!(
        categories,
        model.by(filter, |receipt| shop(receipt).category.code())
    );
    // The neighbour sees nothing of it.
    let theirs = world.ledger.desk(SEONGNAM, filter, at).await.unwrap();
    assert_eq!(theirs.flow, ledger::Flow::default());
    assert!(theirs.districts.is_empty() && theirs.days.is_empty());
}

#[test]
fn figures_are_what_receipts_add_up_to() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = ProptestConfig {
        cases: 6,
        failure_persistence: None,
        max_shrink_iters: 30,
        ..ProptestConfig::default()
    };
    proptest!(config, |(acts in prop::collection::vec(act(), 30..120))| {
        runtime.block_on(async {
            for world in World::both().await {
                live(&world, &acts).await;
            }
        });
    });
}

#[tokio::test]
async fn a_figure_that_was_changed_by_hand_is_found() {
    for world in World::both().await {
        let programme = world.given("수당", 10_000).await;
        world.grant("g", programme.id, 7, 5_000).await;
        let shop = world.merchant("A", Category::Cafe, 0).await;
        let pay = Operation::Pay {
            holder: 7,
            merchant: shop.id,
            amount_won: 1_000,
        };
        world.post("p", NOON, pay).await.unwrap();
        count_all(&world.ledger).await;
        world.assert_clean().await;
        for (change, back) in [
            (
                "UPDATE figure_hours SET wallet_won = wallet_won + 1 WHERE kind = 'pay'",
                "UPDATE figure_hours SET wallet_won = wallet_won - 1 WHERE kind = 'pay'",
            ),
            (
                "UPDATE figure_hours SET budget_won = budget_won + 1 WHERE kind = 'grant'",
                "UPDATE figure_hours SET budget_won = budget_won - 1 WHERE kind = 'grant'",
            ),
            (
                "UPDATE figure_days SET transfers = transfers + 1 WHERE kind = 'grant'",
                "UPDATE figure_days SET transfers = transfers - 1 WHERE kind = 'grant'",
            ),
            (
                "UPDATE figure_places SET spent_won = spent_won + 1",
                "UPDATE figure_places SET spent_won = spent_won - 1",
            ),
            (
                "UPDATE figure_head SET counted = counted + 1",
                "UPDATE figure_head SET counted = counted - 1",
            ),
        ] {
            let write = &world.test.store.write;
            sqlx::raw_sql(change).execute(write).await.unwrap();
            let found = world.ledger.verify().await.unwrap().difference;
            assert!(found.is_some(), "{change}");
            assert!(
                found.unwrap().what.contains("figures") || change.contains("places"),
                "{change}"
            );
            sqlx::raw_sql(back).execute(write).await.unwrap();
            world.assert_clean().await;
        }
    }
}
