//! Payments by code: a code that was used and a payment that was made are one fact.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{CODE_LIFE_MS, Category, Code, Ledger, LedgerError, Operation, Receipt, Refusal, Request};
use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed, TestCaseError, TestRunner},
};
use store::Store;

use crate::world::{NOON, SEONGNAM, SUWON, World, refusal};

const ANNA: i64 = 7;

/// In these tests a code's digits are its id, and its name is made of them.
fn name(id: i64) -> String {
    format!("name of {id}")
}

fn by_code(code: i64, merchant: i64, amount_won: i64, order: Option<&str>) -> Operation {
    Operation::PayByCode {
        code: code.to_string(),
        // As after a change of keys: the name that it has is not the first that is tried.
        names: vec![format!("newer {code}"), name(code)],
        merchant,
        amount_won,
        order: order.map(str::to_owned),
    }
}

async fn code(world: &World, holder: i64, at: i64) -> Code {
    world.ledger.make_code(SUWON, holder, name, at).await.unwrap()
}

async fn shop_and_money(world: &World) -> i64 {
    let programme = world.given("수당", 10_000_000).await;
    world.grant("g", programme.id, ANNA, 10_000).await;
    world.merchant("A1", Category::Cafe, 0).await.id
}

#[tokio::test]
async fn a_code_pays_once_and_a_retry_is_answered_from_the_payment() {
    for world in World::both().await {
        let shop = shop_and_money(&world).await;
        let shown = code(&world, ANNA, NOON).await;
        assert!(shown.is_live(NOON) && !shown.is_live(NOON + CODE_LIFE_MS));
        let ask = by_code(shown.id, shop, 3_000, Some("주문 1"));
        let paid = world.post("k1", NOON, ask.clone()).await.unwrap();
        assert_eq!(
            (paid.holder, paid.merchant, paid.replayed),
            (Some(ANNA), Some(shop), false)
        );
        assert_eq!(
            world
                .ledger
                .order_of(SUWON, paid.transfer)
                .await
                .unwrap()
                .as_deref(),
            Some("주문 1")
        );
        let last = world.ledger.last_code(SUWON, ANNA).await.unwrap().unwrap();
        assert_eq!(last.payment, Some(paid.transfer));

        // The same again, long after, when the code has been forgotten: the receipt of then.
        let late = NOON + 30 * CODE_LIFE_MS;
        assert_eq!(world.ledger.forget_codes(late).await.unwrap(), 1);
        let again = world.post("k1", late, ask.clone()).await.unwrap();
        assert_eq!(
            again,
            Receipt {
                replayed: true,
                ..paid.clone()
            }
        );
        // Keys change: what the code may be found by is no part of the body.
        let Operation::PayByCode {
            code,
            merchant,
            amount_won,
            order,
            ..
        } = ask
        else {
            unreachable!()
        };
        let turned = Operation::PayByCode {
            code,
            names: vec!["another key's".into()],
            merchant,
            amount_won,
            order,
        };
        assert!(world.post("k1", late, turned).await.unwrap().replayed);
        let other = by_code(shown.id, shop, 3_001, Some("주문 1"));
        assert_eq!(refusal(world.post("k1", late, other).await), Refusal::KeyReused);
        assert_eq!(world.total(ANNA, NOON).await, 7_000);
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn what_a_code_is_refused_for_and_in_which_order() {
    for world in World::both().await {
        let shop = shop_and_money(&world).await;
        let older = code(&world, ANNA, NOON).await;
        let newer = code(&world, ANNA, NOON + 1).await;
        let at = NOON + 2;
        let ask = |code: &Code, won, order| by_code(code.id, shop, won, order);
        assert_eq!(
            refusal(world.post("a", at, ask(&older, 100, None)).await),
            Refusal::CodeEnded,
            "a newer one ends it"
        );
        assert_eq!(
            refusal(world.post("b", at, by_code(1, shop, 100, None)).await),
            Refusal::UnknownCode
        );
        let late = newer.until_at;
        assert_eq!(
            refusal(world.post("c", late, ask(&newer, 100, None)).await),
            Refusal::CodeEnded
        );
        assert_eq!(
            refusal(world.post("d", at, by_code(newer.id, 1, 100, None)).await),
            Refusal::UnknownMerchant
        );
        let (usable_won, total_won) = (10_000, 10_000);
        assert_eq!(
            refusal(world.post("e", at, ask(&newer, 10_001, None)).await),
            Refusal::NotEnough {
                usable_won,
                total_won
            },
            "and the code may try again"
        );
        let long = "o".repeat(65);
        for order in ["", "x\ny", &long] {
            let refused = refusal(world.post("f", at, ask(&newer, 1, Some(order))).await);
            assert!(matches!(refused, Refusal::Invalid { .. }), "{order:?}");
        }
        // Another municipality knows nothing of it.
        let request = Request {
            municipality: SEONGNAM,
            ..World::request("g", at, ask(&newer, 100, None))
        };
        assert_eq!(refusal(world.ledger.post(request).await), Refusal::UnknownCode);
        world.post("h", at, ask(&newer, 4_000, Some("o1"))).await.unwrap();
        assert_eq!(
            refusal(world.post("i", at, ask(&newer, 1, None)).await),
            Refusal::CodeUsed
        );
        let third = code(&world, ANNA, at).await;
        assert_eq!(
            refusal(world.post("j", at, ask(&third, 1, Some("o1"))).await),
            Refusal::OrderPaid
        );
        let beside = world.merchant("A2", Category::Mart, 0).await.id;
        world
            .post("k", at, by_code(third.id, beside, 1, Some("o1")))
            .await
            .unwrap();
        assert_eq!(world.total(ANNA, at).await, 5_999);
        world.assert_clean().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_has_the_code_and_one_the_order() {
    for world in World::both().await {
        let shop = shop_and_money(&world).await;
        let other = Ledger::new(Store::open(&world.test.url).await.unwrap());
        for round in 0..6 {
            let shown = code(&world, ANNA, NOON).await;
            let programme = world.given(&format!("p{round}"), 1_000_000).await;
            world.grant(&format!("b{round}"), programme.id, 1, 1_000).await;
            let beside = world.ledger.make_code(SUWON, 1, name, NOON).await.unwrap();
            let mut tasks = Vec::new();
            for n in 0..24 {
                let ledger = if n % 2 == 0 {
                    world.ledger.clone()
                } else {
                    other.clone()
                };
                // Two codes of two wallets, one order: of all of them one payment.
                let code = if n % 3 == 0 { beside.id } else { shown.id };
                let ask = by_code(code, shop, 100, Some(&format!("order {round}")));
                let request = World::request(&format!("r{round} {n}"), NOON, ask);
                tasks.push(tokio::spawn(async move { ledger.post(request).await }));
            }
            let mut paid = 0;
            for task in tasks {
                match task.await.unwrap() {
                    Ok(receipt) => paid += i64::from(!receipt.replayed),
                    Err(LedgerError::Refused(Refusal::CodeUsed | Refusal::OrderPaid)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            assert_eq!(paid, 1, "round {round}");
        }
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn a_caller_that_is_gone_finds_its_payment_by_its_key_though_the_code_is_used() {
    for world in World::both().await {
        let shop = shop_and_money(&world).await;
        let shown = code(&world, ANNA, NOON).await;
        let ask = by_code(shown.id, shop, 500, Some("o"));
        {
            let mut asked = Box::pin(world.post("gone", NOON, ask.clone()));
            std::future::poll_fn(|context| {
                assert!(asked.as_mut().poll(context).is_pending());
                std::task::Poll::Ready(())
            })
            .await;
        }
        let other = world.post("other", NOON, ask.clone()).await;
        assert_eq!(refusal(other), Refusal::CodeUsed);
        assert!(world.post("gone", NOON, ask).await.unwrap().replayed);
        assert_eq!(world.total(ANNA, NOON).await, 9_500);
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn what_a_code_paid_can_be_neither_changed_nor_forgotten() {
    for world in World::both().await {
        let shop = shop_and_money(&world).await;
        let shown = code(&world, ANNA, NOON).await;
        world
            .post("k", NOON, by_code(shown.id, shop, 1, None))
            .await
            .unwrap();
        for sql in [
            "UPDATE code_payments SET code = code + 1",
            "DELETE FROM code_payments",
        ] {
            let refused = sqlx::query(sql)
                .execute(&world.test.store.write)
                .await
                .unwrap_err();
            assert!(refused.to_string().contains("append-only"), "{sql}: {refused}");
        }
    }
}

/// One step of a life: numbers choose among what there is.
#[derive(Clone, Debug)]
enum Step {
    Make(i64),
    Wait(i64),
    /// The n-th code (from the newest), merchant, amount, order, key.
    Pay(usize, usize, i64, Option<u8>, u8),
    Cancel(usize),
    /// What was paid with the n-th key, once more.
    Again(usize),
}

fn life() -> impl Strategy<Value = Vec<Step>> {
    let won = prop_oneof![10 => 1_i64..4_000, 1 => Just(0), 1 => Just(50_000)];
    let pay = (
        0_usize..4,
        0_usize..2,
        won,
        proptest::option::of(0_u8..6),
        0_u8..20,
    )
        .prop_map(|(c, m, won, order, key)| Step::Pay(c, m, won, order, key));
    let step = prop_oneof![
        4 => (1_i64..4).prop_map(Step::Make),
        2 => prop_oneof![1 => 1_i64..60_000, 1 => Just(CODE_LIFE_MS)].prop_map(Step::Wait),
        10 => pay,
        1 => (0_usize..8).prop_map(Step::Cancel),
        2 => (0_usize..8).prop_map(Step::Again),
    ];
    proptest::collection::vec(step, 1..40)
}

/// Code, merchant, amount and order.
type Body = (i64, usize, i64, Option<u8>);

/// What the life must come to: a wallet is a number, a code a line.
#[derive(Default)]
struct Model {
    wallets: BTreeMap<i64, i64>,
    codes: Vec<(i64, i64, i64, bool)>,
    orders: BTreeSet<(usize, u8)>,
    /// By key: what was asked, and the transfer.
    keys: BTreeMap<u8, (Body, i64)>,
    payments: Vec<(i64, i64, i64)>,
}

#[derive(Debug, PartialEq)]
enum Expected {
    Paid,
    Replayed(i64),
    Refused(Refusal),
}

impl Model {
    fn pay(&mut self, body: Body, key: u8, at: i64) -> Expected {
        let (code, merchant, amount_won, order) = body;
        if amount_won <= 0 {
            return Expected::Refused(Refusal::AmountNotPositive);
        }
        if let Some((earlier, transfer)) = self.keys.get(&key) {
            return if *earlier == body {
                Expected::Replayed(*transfer)
            } else {
                Expected::Refused(Refusal::KeyReused)
            };
        }
        let Some(line) = self.codes.iter_mut().find(|line| line.0 == code) else {
            return Expected::Refused(Refusal::UnknownCode);
        };
        if line.3 {
            return Expected::Refused(Refusal::CodeUsed);
        }
        if at >= line.2 {
            return Expected::Refused(Refusal::CodeEnded);
        }
        if order.is_some_and(|order| self.orders.contains(&(merchant, order))) {
            return Expected::Refused(Refusal::OrderPaid);
        }
        let left_won = self.wallets.entry(line.1).or_default();
        if *left_won < amount_won {
            let (usable_won, total_won) = (*left_won, *left_won);
            return Expected::Refused(Refusal::NotEnough {
                usable_won,
                total_won,
            });
        }
        *left_won -= amount_won;
        line.3 = true;
        self.orders.extend(order.map(|order| (merchant, order)));
        Expected::Paid
    }
}

async fn live(
    world: &World,
    number: usize,
    steps: &[Step],
) -> Result<BTreeMap<String, usize>, TestCaseError> {
    let base = number as i64 * 100;
    let programme = world.given(&format!("수당 {number}"), 1_000_000).await;
    let shops = [
        world.merchant(&format!("A{number}"), Category::Cafe, 0).await.id,
        world.merchant(&format!("B{number}"), Category::Mart, 0).await.id,
    ];
    let mut model = Model::default();
    for holder in 1..4 {
        world
            .grant(
                &format!("g{number} {holder}"),
                programme.id,
                base + holder,
                12_000,
            )
            .await;
        model.wallets.insert(base + holder, 12_000);
    }
    let mut at = NOON;
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    for (index, step) in steps.iter().enumerate() {
        match *step {
            Step::Make(holder) => {
                let made = code(world, base + holder, at).await;
                for line in model.codes.iter_mut().filter(|line| line.1 == base + holder) {
                    line.2 = line.2.min(at);
                }
                model.codes.push((made.id, base + holder, made.until_at, false));
            }
            Step::Wait(ms) => at += ms,
            Step::Pay(..) | Step::Again(_) => {
                let (body, key) = match *step {
                    Step::Pay(nth, merchant, amount_won, order, key) => {
                        let code = model.codes.iter().rev().nth(nth).map_or(1, |line| line.0);
                        ((code, merchant, amount_won, order), key)
                    }
                    Step::Again(nth) => match model.keys.iter().nth(nth) {
                        Some((key, (body, _))) => (*body, *key),
                        None => continue,
                    },
                    _ => unreachable!(),
                };
                let (code, merchant, amount_won, order) = body;
                let expected = model.pay(body, key, at);
                let order = order.map(|order| format!("o{order}"));
                let ask = by_code(code, shops[merchant], amount_won, order.as_deref());
                let got = world.post(&format!("{number} {key}"), at, ask).await;
                let found = match got {
                    Ok(receipt) if receipt.replayed => Expected::Replayed(receipt.transfer),
                    Ok(receipt) => {
                        model.keys.insert(key, (body, receipt.transfer));
                        model.payments.push((
                            receipt.transfer,
                            receipt.holder.unwrap_or_default(),
                            amount_won,
                        ));
                        Expected::Paid
                    }
                    Err(LedgerError::Refused(refusal)) => Expected::Refused(refusal),
                    Err(error) => return Err(TestCaseError::fail(error.to_string())),
                };
                prop_assert_eq!(&found, &expected, "step {} of {:?}", index, steps);
                let word = format!("{found:?}");
                let word: String = word.chars().take_while(|c| !c.is_ascii_digit()).collect();
                *met.entry(word).or_default() += 1;
            }
            Step::Cancel(nth) => {
                // Whole: the money is back, the code stays used and the order paid.
                if nth < model.payments.len() {
                    let (transfer, holder, amount_won) = model.payments.remove(nth);
                    let cancel = Operation::Cancel {
                        transfer,
                        amount_won: None,
                    };
                    world
                        .post(&format!("{number} c{index}"), at, cancel)
                        .await
                        .map_err(|error| TestCaseError::fail(error.to_string()))?;
                    *model.wallets.entry(holder).or_default() += amount_won;
                }
            }
        }
    }
    for (holder, won) in &model.wallets {
        prop_assert_eq!(
            world.total(*holder, at).await,
            *won,
            "holder {} of {:?}",
            holder,
            steps
        );
    }
    Ok(met)
}

#[test]
fn random_lives_with_codes_agree_with_the_model() {
    let seed = std::env::var("NEUL_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| {
            std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |since| since.as_nanos() as u64)
        });
    println!("NEUL_SEED={seed}");
    let config = Config {
        cases: 60,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..Config::default()
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let worlds = runtime.block_on(World::both());
    let number = std::cell::Cell::new(0);
    let met = std::cell::RefCell::new(BTreeMap::new());
    let answer = TestRunner::new(config).run(&life(), |steps| {
        number.set(number.get() + 1);
        for world in &worlds {
            for (word, count) in runtime.block_on(live(world, number.get(), &steps))? {
                *met.borrow_mut().entry(word).or_insert(0) += count;
            }
        }
        Ok(())
    });
    println!("{:?}", met.borrow());
    if let Err(error) = answer {
        panic!("NEUL_SEED={seed}\n{error}");
    }
    assert!(
        met.borrow().len() >= 9,
        "every answer was met: {:?}",
        met.borrow()
    );
    for world in &worlds {
        runtime.block_on(world.assert_clean());
    }
}
