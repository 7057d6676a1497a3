//! The bank at its worst: late, double, never, contradictory, silent. Value is created only against money that came,
//! exactly once, and the reconciliation names exactly what was planted.

mod teller;

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    BankLine, Category, DepositState, Ledger, NewMerchant, NewMunicipality, NewProgramme, Operation, Payee,
    Reconciliation, Refusal, RemittanceState, Request, Way, Why,
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed, TestCaseError, TestRunner},
};
use teller::{Habit, Teller, day_of};

use crate::world::{DAY, NOON, SUWON, World, refusal};

const HOUR: i64 = 3_600_000;
const HOLDERS: std::ops::RangeInclusive<i64> = 1..=3;

/// What may happen next.
#[derive(Clone, Debug)]
enum Step {
    Buy { holder: i64, value_won: i64 },
    Refund { holder: i64 },
    Pay { holder: i64, amount_won: i64 },
    Remit,
    Settle,
    /// Asks what is due; in the other order; falls dead after so many questions, in the middle of one.
    Ask { backwards: bool, dies_after: Option<usize> },
    Wait { hours: i64 },
    Night,
    /// Money that nobody ordered.
    Stray { amount_won: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (HOLDERS, 1_000..200_000_i64).prop_map(|(holder, value_won)| Step::Buy { holder, value_won }),
        2 => HOLDERS.prop_map(|holder| Step::Refund { holder }),
        1 => (HOLDERS, 1..50_000_i64).prop_map(|(holder, amount_won)| Step::Pay { holder, amount_won }),
        2 => Just(Step::Remit),
        1 => Just(Step::Settle),
        6 => (any::<bool>(), proptest::option::weighted(0.2, 0..3_usize))
            .prop_map(|(backwards, dies_after)| Step::Ask { backwards, dies_after }),
        4 => (1..30_i64).prop_map(|hours| Step::Wait { hours }),
        2 => Just(Step::Night),
        1 => (1..10_000_i64).prop_map(|amount_won| Step::Stray { amount_won }),
    ]
}

/// A municipality with one programme and one shop, whose bank is the teller.
struct Place {
    ledger: Ledger,
    store: store::Store,
    code: i64,
    programme: i64,
    merchant: i64,
    teller: Teller,
    at: i64,
    keys: i64,
    made: i64,
}

impl Place {
    async fn new(store: store::Store, code: i64, habits: Vec<Habit>) -> Self {
        let ledger = Ledger::new(store.clone());
        let new = NewMunicipality {
            code,
            name_en: "Town".to_owned(),
            currency_name: "페이".to_owned(),
            currency_name_en: "Pay".to_owned(),
            help_line: "031-000-0000".to_owned(),
            help_hours: "09–18".to_owned(),
        };
        match ledger.open_municipality(new, NOON).await {
            Ok(_) | Err(ledger::LedgerError::Refused(Refusal::AlreadyOpened)) => {}
            Err(error) => panic!("{error}"),
        }
        let mut sold = NewProgramme::sold("페이", "Pay", 1_000, "clerk");
        sold.refund_threshold_pct = 60;
        let programme = ledger.create_programme(code, sold, NOON).await.expect("a programme").id;
        let shop = NewMerchant {
            code: "A1".to_owned(),
            name: "상회".to_owned(),
            category: Category::Cafe,
            revenue_won_year: 0,
            address: "1".to_owned(),
            district: "동".to_owned(),
        };
        let merchant = ledger.create_merchant(code, shop, NOON).await.expect("a merchant").id;
        let place = Self {
            ledger,
            store,
            code,
            programme,
            merchant,
            teller: Teller::new(habits, NOON),
            at: NOON,
            keys: 0,
            made: 0,
        };
        let fund = Operation::Fund {
            programme,
            amount_won: 1_000_000_000,
        };
        place.ledger.post(place.request("fund", fund)).await.expect("funded");
        place.ledger.open_bank(code, NOON).await.expect("a bank");
        place
    }

    fn request(&self, key: &str, operation: Operation) -> Request {
        Request {
            municipality: self.code,
            key: key.to_owned(),
            actor: "test".to_owned(),
            at: self.at,
            operation,
        }
    }

    fn key(&mut self) -> String {
        self.keys += 1;
        format!("k{}", self.keys)
    }

    async fn buy(&mut self, holder: i64, value_won: i64) -> i64 {
        let key = self.key();
        let deposit = self
            .ledger
            .request_purchase(self.code, &key, holder, self.programme, value_won, "test", self.at)
            .await
            .expect("a deposit");
        self.made += 1;
        deposit.id
    }

    async fn ask(&mut self, backwards: bool, dies_after: Option<usize>) {
        let mut due = self.ledger.bank_asks_due(self.code, self.at, 100).await.expect("what is due");
        if backwards {
            due.reverse();
        }
        for (index, one) in due.iter().enumerate() {
            if dies_after == Some(index) {
                // The bank hears the question; the answer never gets here, and the process is another one afterwards.
                self.teller.hang(true);
                let asked = self.ledger.ask_bank(&self.teller, one, self.at);
                let gone = tokio::time::timeout(std::time::Duration::from_millis(40), asked).await;
                self.teller.hang(false);
                assert!(gone.is_err(), "the bank hangs");
                self.ledger = Ledger::new(self.store.clone());
                return;
            }
            self.ledger.ask_bank(&self.teller, one, self.at).await.expect("asked");
        }
    }

    /// Takes in the statements of the days that are over, and reconciles the last of them.
    async fn night(&self) -> Option<Reconciliation> {
        let missing = self.ledger.statement_days_missing(self.code, self.at).await.expect("days");
        for day in &missing {
            let lines = self.teller.statement(*day);
            self.ledger
                .import_statement(self.code, *day, &lines, self.at)
                .await
                .expect("a statement");
            let again = self.ledger.import_statement(self.code, *day, &lines, self.at).await;
            assert_eq!(again.expect("the same again"), 0);
        }
        let day = day_of(self.at).yesterday().expect("a day before");
        if day < day_of(NOON) {
            return None;
        }
        Some(self.ledger.reconcile(self.code, day, self.at).await.expect("reconciled"))
    }

    fn go(&mut self, ms: i64) {
        self.at += ms;
        self.teller.go(self.at);
    }

    async fn differing(&self, found: &Reconciliation) -> BTreeMap<(Why, String, i64), i64> {
        let mut list = BTreeMap::new();
        for line in self.ledger.differing(self.code, found.day).await.expect("lines") {
            *list
                .entry((line.why, line.reference, line.bank_won - line.book_won))
                .or_insert(0) += 1;
        }
        list
    }
}

async fn live(store: store::Store, code: i64, habits: Vec<Habit>, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut place = Place::new(store, code, habits).await;
    for step in steps {
        match *step {
            Step::Buy { holder, value_won } => {
                place.buy(holder, value_won).await;
            }
            Step::Refund { holder } => {
                let quotes = place.ledger.refund_quotes(code, holder, place.at).await.expect("quotes");
                if let Some(quote) = quotes.iter().find(|quote| quote.refusal.is_none()) {
                    let key = place.key();
                    let refund = Operation::Refund {
                        holder,
                        lot: quote.lot,
                    };
                    place.ledger.post(place.request(&key, refund)).await.expect("refunded");
                }
            }
            Step::Pay { holder, amount_won } => {
                let key = place.key();
                let pay = Operation::Pay {
                    holder,
                    merchant: place.merchant,
                    amount_won,
                };
                let _ = place.ledger.post(place.request(&key, pay)).await;
            }
            Step::Remit => {
                place.ledger.remit_refunds(code, place.at).await.expect("remitted");
            }
            Step::Settle => {
                place.ledger.settle_due(code, place.at).await.expect("settled");
            }
            Step::Ask { backwards, dies_after } => place.ask(backwards, dies_after).await,
            Step::Wait { hours } => place.go(hours * HOUR),
            Step::Stray { amount_won } => place.teller.stray(amount_won),
            Step::Night => {
                if let Some(found) = place.night().await {
                    prop_assert_eq!(found.rest_won, 0);
                    let planted = place.teller.planted();
                    for (line, count) in place.differing(&found).await {
                        prop_assert!(planted.get(&line).copied().unwrap_or(0) >= count, "{:?} was not planted", line);
                    }
                }
            }
        }
    }
    // Everybody gets their answers, and every term runs out.
    let mut last = None;
    for _ in 0..4 {
        for _ in 0..3 {
            place.ask(false, None).await;
            place.go(HOUR);
        }
        place.go(DAY);
        last = place.night().await;
    }
    let found = last.expect("reconciled");
    prop_assert_eq!(found.rest_won, 0);
    prop_assert_eq!(found.open_items, 0);
    let planted = place.teller.planted();
    prop_assert_eq!(found.balances(), planted.is_empty());
    prop_assert_eq!(place.differing(&found).await, planted);
    compare(&place).await?;
    let verification = place.ledger.verify().await.expect("verifies");
    prop_assert_eq!(verification.difference, None);
    Ok(())
}

/// Every deposit and remittance stands where the bank's habit with it must lead.
async fn compare(place: &Place) -> Result<(), TestCaseError> {
    let mut sold = BTreeSet::new();
    let mut value_won = 0;
    let mut deposits = 0;
    for holder in HOLDERS {
        for deposit in place.ledger.deposits(place.code, holder, 200).await.expect("deposits") {
            deposits += 1;
            let (habit, end) = place.teller.end(&ledger::deposit_reference(deposit.id));
            prop_assert_eq!(deposit.state.code(), end, "{:?}", habit);
            if deposit.state == DepositState::Confirmed {
                prop_assert!(sold.insert(deposit.transfer), "one sale for one deposit");
                value_won += deposit.value_won;
            }
        }
        for sent in place.ledger.remittances(place.code, Payee::Holder(holder), 200).await.expect("remittances") {
            let (habit, end) = place.teller.end(&ledger::remittance_reference(sent.id));
            prop_assert_eq!(sent.state.code(), end, "{:?}", habit);
        }
    }
    let payee = Payee::Merchant(place.merchant);
    for sent in place.ledger.remittances(place.code, payee, 200).await.expect("remittances") {
        let (habit, end) = place.teller.end(&ledger::remittance_reference(sent.id));
        prop_assert_eq!(sent.state.code(), end, "{:?}", habit);
    }
    prop_assert_eq!(deposits, place.made);
    let figures = place.ledger.figures(place.code, 0, i64::MAX).await.expect("figures");
    prop_assert_eq!(figures.totals.issued_won_today, value_won, "value only for what was confirmed, once");
    Ok(())
}

#[test]
fn whatever_the_bank_does_value_is_created_once_and_what_differs_is_what_was_planted() {
    let cases: u32 = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(40);
    let seed = std::env::var("NEUL_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(rand_seed);
    println!("NEUL_SEED={seed}");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let worlds = runtime.block_on(World::both());
    let codes: Vec<i64> = ledger::municipalities::issuers().iter().map(|issuer| issuer.code).collect();
    let used = std::cell::Cell::new(0);
    let config = Config {
        cases: cases.min(150),
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Config::default()
    };
    let lives = (
        proptest::collection::vec(teller::habit(), 1..24),
        proptest::collection::vec(step(), 5..60),
    );
    let answer = TestRunner::new(config).run(&lives, |(habits, steps)| {
        let code = loop {
            let code = codes[used.get() % codes.len()];
            used.set(used.get() + 1);
            if code != SUWON && code != crate::world::SEONGNAM {
                break code;
            }
        };
        let tasks = worlds.each_ref().map(|world| {
            let (store, habits, steps) = (world.test.store.clone(), habits.clone(), steps.clone());
            runtime.spawn(async move { live(store, code, habits, &steps).await })
        });
        for task in tasks {
            runtime.block_on(task).expect("no task panics")?;
        }
        Ok(())
    });
    if let Err(error) = answer {
        panic!("NEUL_SEED={seed}\n{error}");
    }
}

fn rand_seed() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos() as u64)
}

#[tokio::test]
async fn a_statement_is_final_whole_and_of_a_day_that_is_over() {
    for world in World::both().await {
        let ledger = &world.ledger;
        let day = day_of(NOON);
        assert_eq!(refusal(ledger.reconcile(SUWON, day, NOON + DAY).await), Refusal::NoBank);
        ledger.open_bank(SUWON, NOON).await.unwrap();
        let line = |name: &str, at| BankLine {
            line: name.to_owned(),
            at,
            way: Way::In,
            reference: "x".to_owned(),
            amount_won: 5,
        };
        let early = ledger.import_statement(SUWON, day, &[], NOON).await;
        assert_eq!(refusal(early), Refusal::DayNotOver);
        let missing = Refusal::StatementMissing { day: day.to_string() };
        assert_eq!(refusal(ledger.reconcile(SUWON, day, NOON + DAY).await), missing);
        for wrong in [vec![line("a", NOON + DAY)], vec![line("a", NOON), line("a", NOON)], vec![line("", NOON)]] {
            let refused = ledger.import_statement(SUWON, day, &wrong, NOON + DAY).await;
            assert!(matches!(refusal(refused), Refusal::Invalid { .. }));
        }
        let lines = [line("a", NOON), line("b", NOON)];
        assert_eq!(ledger.import_statement(SUWON, day, &lines, NOON + DAY).await.unwrap(), 2);
        let changed = ledger.import_statement(SUWON, day, &lines[..1], NOON + DAY).await;
        assert_eq!(refusal(changed), Refusal::StatementChanged { day: day.to_string() });
        // A line that another day has had already.
        let next = day.tomorrow().unwrap();
        let again = ledger.import_statement(SUWON, next, &[line("a", NOON + DAY)], NOON + 2 * DAY).await;
        assert_eq!(refusal(again), Refusal::StatementChanged { day: next.to_string() });
        let found = ledger.reconcile(SUWON, day, NOON + DAY).await.unwrap();
        assert_eq!((found.bank_won, found.book_won, found.differing, found.rest_won), (10, 0, 2, 0));
        assert_eq!(ledger.reconciliations(SUWON, 9).await.unwrap(), [found]);
    }
}

#[tokio::test]
async fn what_was_open_when_the_bank_came_is_carried_by_it_and_what_was_done_is_its_balance() {
    for world in World::both().await {
        let ledger = &world.ledger;
        let programme = world.programme(NewProgramme::sold("페이", "Pay", 0, "clerk")).await;
        let bought = world.sell("old", programme.id, 1, 100_000).await;
        let refund = Operation::Refund {
            holder: 1,
            lot: bought.lots[0].lot,
        };
        world.post("refund", NOON, refund).await.unwrap();
        assert!(ledger.remit_refund(SUWON, 1, NOON).await.unwrap());
        assert!(!ledger.remit_refund(SUWON, 1, NOON).await.unwrap(), "nothing is left to hand over");
        let teller = Teller::new(vec![Habit::Honest], NOON + HOUR);
        ledger.open_bank(SUWON, NOON + HOUR).await.unwrap();
        ledger.open_bank(SUWON, NOON + 2 * HOUR).await.unwrap();
        for hour in 1..4 {
            for due in ledger.bank_asks_due(SUWON, NOON + hour * HOUR, 9).await.unwrap() {
                assert!(ledger.ask_bank(&teller, &due, NOON + hour * HOUR).await.unwrap());
                assert!(!ledger.ask_bank(&teller, &due, NOON + hour * HOUR).await.unwrap(), "claimed once");
            }
        }
        let sent = ledger.remittances(SUWON, Payee::Holder(1), 9).await.unwrap();
        assert_eq!(sent[0].state, RemittanceState::Confirmed);
        let day = day_of(NOON);
        let lines = teller.statement(day);
        assert_eq!(lines.len(), 1);
        ledger.import_statement(SUWON, day, &lines, NOON + DAY).await.unwrap();
        let found = ledger.reconcile(SUWON, day, NOON + DAY).await.unwrap();
        assert_eq!((found.bank_won, found.book_won, found.balances()), (0, 0, true), "{found:?}");
        // A sale behind which no money stands is named.
        let operation = Operation::Sell {
            programme: programme.id,
            holder: 2,
            value_won: 70,
            deposit: None,
        };
        world.post("from nothing", NOON + 3 * HOUR, operation).await.unwrap();
        let found = ledger.reconcile(SUWON, day, NOON + DAY).await.unwrap();
        let lines = ledger.differing(SUWON, day).await.unwrap();
        assert_eq!((found.differing, found.rest_won, lines[0].why), (1, 0, Why::WithoutDeposit));
    }
}
