//! Random lives of a municipality, compared step by step with a model that fits on two pages.
//!
//! `PROPTEST_CASES` sets how many (300), `NEUL_SEED` repeats a run whose seed a failure printed.

mod book;
mod steps;

use std::collections::{BTreeMap, HashMap};

use ledger::{
    Category, ExpiryRule, Ledger, LedgerError, NewMerchant, NewMunicipality, NewProgramme, Operation,
    Receipt, RemittanceState, Request, TransferKind,
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed, TestCaseError, TestRunner},
};

use crate::world::{DAY, NOON, World};
use book::{Book, Shop};
use steps::{Step, life};

/// After so many lives a fresh database: each life ends with a look at the whole of it.
const LIVES_A_WORLD: usize = 40;

#[test]
fn random_lives_agree_with_the_model() {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(300);
    let seed = std::env::var("NEUL_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(rand_seed);
    println!("NEUL_SEED={seed}");
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    // One municipality per case and engine.
    let codes: Vec<i64> = ledger::municipalities::issuers()
        .iter()
        .map(|issuer| issuer.code)
        .collect();
    let mut worlds = None;
    let mut used = usize::MAX;
    let mut runner = TestRunner::new(config);
    // What the lives came to, so that nobody trusts a test in which nothing happens.
    let met = std::cell::RefCell::new(BTreeMap::new());
    let worlds = std::cell::RefCell::new((&mut worlds, &mut used));
    let answer = runner.run(&life(), |steps| {
        let mut state = worlds.borrow_mut();
        if state.0.is_none() || *state.1 >= LIVES_A_WORLD.min(codes.len()) {
            *state.0 = Some(
                runtime
                    .block_on(store::testing::both())
                    .map(|test| runtime.block_on(World::new(test))),
            );
            *state.1 = 0;
        }
        // World::new opened two of the list itself.
        while matches!(codes[*state.1], crate::world::SUWON | crate::world::SEONGNAM) {
            *state.1 += 1;
        }
        let code = codes[*state.1];
        *state.1 += 1;
        let [one, other] = state.0.as_ref().expect("made above");
        // The engines live it side by side, each in a task of its own.
        let task = |world: &World| {
            let (ledger, steps) = (world.ledger.clone(), steps.clone());
            runtime.spawn(async move { live(&ledger, code, &steps).await })
        };
        for task in [task(one), task(other)] {
            let kinds = runtime.block_on(task).expect("no task panics")?;
            for (kind, count) in kinds {
                *met.borrow_mut().entry(kind).or_insert(0) += count;
            }
        }
        Ok(())
    });
    if let Err(error) = answer {
        panic!("NEUL_SEED={seed}\n{error}");
    }
    println!("{cases} cases: {:?}", met.borrow());
    if cases >= 100 {
        for kind in TransferKind::ALL {
            assert!(
                met.borrow().contains_key(kind.code()),
                "no {} in {cases} lives",
                kind.code()
            );
        }
    }
}

fn rand_seed() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos() as u64)
}

/// Lives one life in the ledger and in the model.
async fn live(
    ledger: &Ledger,
    municipality: i64,
    steps: &[Step],
) -> Result<Vec<(String, i64)>, TestCaseError> {
    let mut book = settle(ledger, municipality).await;
    let mut at = NOON;
    let mut asked: Vec<Request> = Vec::new();
    let mut answered: HashMap<String, Receipt> = HashMap::new();
    let mut payments: Vec<i64> = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let operation = match *step {
            Step::Wait(ms) => {
                at += ms;
                continue;
            }
            Step::Again(n) | Step::OtherBody(n) => {
                let Some(earlier) = asked.get(n % asked.len().max(1)).cloned() else {
                    continue;
                };
                let Some(receipt) = answered.get(&earlier.key) else {
                    continue;
                };
                if matches!(step, Step::Again(_)) {
                    let again = ledger.post(Request { at, ..earlier }).await.map_err(fail)?;
                    prop_assert!(again.replayed);
                    prop_assert_eq!(
                        &Receipt {
                            replayed: false,
                            ..again
                        },
                        receipt
                    );
                } else {
                    let operation = Operation::Fund {
                        programme: book.programmes[0].id,
                        amount_won: 7_777_777,
                    };
                    let answer = ledger
                        .post(Request {
                            operation,
                            at,
                            ..earlier
                        })
                        .await;
                    prop_assert!(matches!(
                        answer,
                        Err(LedgerError::Refused(ledger::Refusal::KeyReused))
                    ));
                }
                compare(ledger, municipality, &book, at).await?;
                continue;
            }
            Step::Sweep => {
                let swept = ledger.sweep(municipality, at).await.map_err(fail)?;
                prop_assert_eq!(swept, book.sweep(at), "step {}", number);
                let again = ledger.sweep(municipality, at).await.map_err(fail)?;
                prop_assert_eq!(again, ledger::Swept::default(), "a second sweep finds nothing");
                compare(ledger, municipality, &book, at).await?;
                continue;
            }
            Step::Settle => {
                let made = ledger.settle_due(municipality, at).await.map_err(fail)?;
                let due = book.due(at);
                prop_assert_eq!(made, due.len() as i64, "step {}", number);
                for (merchant, day, won) in due {
                    let sent = ledger
                        .settlements(municipality, merchant, 1)
                        .await
                        .map_err(fail)?;
                    prop_assert_eq!(sent[0].sent_won, won, "step {}", number);
                    book.settle(sent[0].id, merchant, day, won);
                }
                let again = ledger.settle_due(municipality, at).await.map_err(fail)?;
                prop_assert_eq!(again, 0, "a second run finds nothing due");
                compare(ledger, municipality, &book, at).await?;
                continue;
            }
            Step::Bank(n, sent) => {
                let Some(id) = book.any_open_remittance(n) else {
                    continue;
                };
                let state = if sent {
                    RemittanceState::Confirmed
                } else {
                    RemittanceState::Failed
                };
                ledger
                    .settle_remittance(municipality, id, state, "model", at)
                    .await
                    .map_err(fail)?;
                book.bank_answers(id, sent, at);
                compare(ledger, municipality, &book, at).await?;
                continue;
            }
            Step::Fund(p, amount_won) => Operation::Fund {
                programme: book.programmes[p].id,
                amount_won,
            },
            Step::Grant(p, holder, amount_won) => Operation::Grant {
                programme: book.programmes[p].id,
                holder,
                amount_won,
                payout: None,
            },
            Step::Sell(p, holder, value_won) => Operation::Sell {
                programme: book.programmes[p].id,
                holder,
                value_won,
                deposit: None,
            },
            Step::Pay(holder, m, amount_won) => Operation::Pay {
                holder,
                merchant: book.shops[m].id,
                amount_won,
            },
            Step::Cancel(n, amount_won) => {
                let Some(transfer) = payments.get(n % payments.len().max(1)).copied() else {
                    continue;
                };
                Operation::Cancel { transfer, amount_won }
            }
            Step::Refund(n, other) => {
                let Some((lot, holder)) = book.any_lot(n) else {
                    continue;
                };
                let holder = if other { holder % 3 + 1 } else { holder };
                Operation::Refund { holder, lot }
            }
            Step::TakeBack(n, reason) => {
                let Some((lot, _)) = book.any_lot(n) else { continue };
                Operation::TakeBack {
                    lot,
                    by: 1,
                    reason: if reason { "moved away" } else { "" }.to_owned(),
                }
            }
            Step::Hold(holder, m, amount_won) => Operation::Hold {
                holder,
                merchant: book.shops[m].id,
                amount_won,
            },
            Step::Capture(n, amount_won) => {
                let Some(hold) = book.any_hold(n) else { continue };
                Operation::Capture { hold, amount_won }
            }
            Step::Release(n) => {
                let Some(hold) = book.any_hold(n) else { continue };
                Operation::Release { hold }
            }
            Step::Remit(holder) => Operation::Remit { holder },
            Step::Gift(holder, to, amount_won) => Operation::Gift {
                holder,
                recipient: to.to_string(),
                amount_won,
            },
            Step::Claim(n, other) => {
                let Some((gift, _, to)) = book.any_gift(n) else {
                    continue;
                };
                let holder: i64 = to.parse().expect("as given above");
                let holder = if other { holder % 3 + 1 } else { holder };
                Operation::ClaimGift {
                    gift,
                    holder,
                    recipient: holder.to_string(),
                }
            }
            Step::CancelGift(n, other) => {
                let Some((gift, sender, _)) = book.any_gift(n) else {
                    continue;
                };
                let holder = if other { sender % 3 + 1 } else { sender };
                Operation::CancelGift { gift, holder }
            }
        };
        let request = Request {
            municipality,
            key: format!("step {number}"),
            actor: "model".to_owned(),
            at,
            operation,
        };
        let expected = book.foretell(&request.operation, at);
        match (ledger.post(request.clone()).await, expected) {
            (Ok(receipt), Ok(won)) => {
                let moved: Vec<i64> = receipt.lots.iter().map(|lot| lot.amount_won).collect();
                prop_assert_eq!(moved, won, "step {} {:?}", number, step);
                book.apply(&request.operation, &receipt, at);
                if receipt.kind == ledger::TransferKind::Pay {
                    payments.push(receipt.transfer);
                }
                answered.insert(request.key.clone(), receipt);
            }
            (Err(LedgerError::Refused(refusal)), Err(expected)) => {
                prop_assert_eq!(refusal, expected, "step {} {:?}", number, step);
            }
            (answer, expected) => {
                return Err(TestCaseError::fail(format!(
                    "step {number} {step:?}: {answer:?}, not {expected:?}"
                )));
            }
        }
        asked.push(request);
        compare(ledger, municipality, &book, at).await?;
    }
    let sql = "SELECT kind, COUNT(*) FROM transfers WHERE municipality = $1 GROUP BY kind";
    let kinds: Vec<(String, i64)> = sqlx::query_as(sql)
        .bind(municipality)
        .fetch_all(&ledger.store().read)
        .await
        .expect("reads");
    // Counted, so that what the verification recomputes are figures of every kind of movement.
    crate::figures::count_all(ledger).await;
    let whole = ledger::DeskFilter {
        from: jiff::civil::date(2025, 12, 1),
        until: jiff::civil::date(2030, 12, 31),
        programme: None,
    };
    let desk = ledger.desk(municipality, &whole, at).await.map_err(fail)?;
    let exact = ledger.figures(municipality, 0, i64::MAX).await.map_err(fail)?;
    for (counted, exact) in desk.programmes.iter().zip(&exact.by_programme) {
        prop_assert_eq!(counted.programme, exact.programme);
        prop_assert_eq!(counted.flow.issued_won, exact.issued_won_today);
        prop_assert_eq!(counted.flow.spent_won, exact.spent_won_today);
        prop_assert_eq!(counted.budget.left_won, exact.budget_left_won);
    }
    let difference = ledger.verify().await.map_err(fail)?.difference;
    prop_assert_eq!(difference, None);
    Ok(kinds)
}

fn fail(error: LedgerError) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

/// Whether ledger and model hold the same: every account, every lot, every wallet as its holder sees it.
async fn compare(ledger: &Ledger, municipality: i64, book: &Book, at: i64) -> Result<(), TestCaseError> {
    let sql = "SELECT kind, owner, balance_won FROM accounts WHERE municipality = $1 AND balance_won <> 0 ORDER BY 1, 2";
    let accounts: Vec<(String, i64, i64)> = sqlx::query_as(sql)
        .bind(municipality)
        .fetch_all(&ledger.store().read)
        .await
        .expect("reads");
    prop_assert_eq!(accounts.iter().map(|account| account.2).sum::<i64>(), 0);
    prop_assert_eq!(accounts, book.accounts());
    let sql = "SELECT id, left_won FROM lots WHERE municipality = $1 ORDER BY 1";
    let lots: Vec<(i64, i64)> = sqlx::query_as(sql)
        .bind(municipality)
        .fetch_all(&ledger.store().read)
        .await
        .expect("reads");
    let lots_len = lots.len() as i64;
    prop_assert_eq!(lots, book.lots());
    // One wallet at a time, by turns.
    let holder = 1 + lots_len % 3;
    let total_won = ledger
        .wallet(municipality, holder, at)
        .await
        .map_err(fail)?
        .total_won;
    prop_assert_eq!(total_won, book.total(holder, at));
    Ok(())
}

/// Opens a municipality with four programmes and four merchants.
async fn settle(ledger: &Ledger, code: i64) -> Book {
    let text = || "-".to_owned();
    let new = NewMunicipality {
        code,
        name_en: text(),
        currency_name: text(),
        currency_name_en: text(),
        help_line: text(),
        help_hours: text(),
    };
    ledger.open_municipality(new, NOON).await.expect("opens");
    let mut sold = NewProgramme::sold("할인", "Discount", 1_000, "model");
    sold.monthly_limit_won = Some(50_000);
    sold.holding_limit_won = Some(60_000);
    sold.refund_threshold_pct = 80;
    let mut odd = NewProgramme::sold("단수", "Odd", 333, "model");
    odd.expiry = ExpiryRule::Months(1);
    odd.restriction.barred_categories = vec![Category::Academy, Category::Nightlife];
    let mut ending = NewProgramme::given("쿠폰", "Coupon", ExpiryRule::Until(NOON + 15 * DAY), "model");
    ending.restriction.revenue_limit_won = Some(1_000);
    let open = NewProgramme::given("수당", "Allowance", ExpiryRule::Months(2), "model");
    let mut book = Book::default();
    for new in [sold, odd, ending, open] {
        book.programmes.push(
            ledger
                .create_programme(code, new, NOON)
                .await
                .expect("a programme"),
        );
    }
    let shops = [
        (Category::Cafe, 0),
        (Category::Academy, 1_000),
        (Category::Mart, 1_001),
        (Category::Nightlife, 3_000_000_001),
    ];
    for (number, (category, revenue_won_year)) in shops.into_iter().enumerate() {
        let new = NewMerchant {
            code: format!("M{number}"),
            name: text(),
            category,
            revenue_won_year,
            address: text(),
            district: text(),
        };
        let id = ledger
            .create_merchant(code, new, NOON)
            .await
            .expect("a merchant")
            .id;
        book.shops.push(Shop {
            id,
            category,
            revenue_won_year,
        });
    }
    book
}
