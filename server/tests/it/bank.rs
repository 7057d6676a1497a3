//! The portal and a bank that is a process of its own, over HTTP on loopback.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use ledger::{Deposit, DepositState, NewProgramme, Operation, Payee, RemittanceState, Why};
use people::{AccountOwner, Actor, BankAccount};
use server::{
    bank::{
        HouseBank, HttpBank, nightly,
        sign::{self, BankKey},
    },
    jobs,
    simulate::{self, Mode},
};
use tokio::sync::watch;
use tower::ServiceExt;

use crate::house::{NOW, OWN, TestHouse};

const DAY: i64 = 86_400_000;
const HOLDER: i64 = 7;

fn key() -> BankKey {
    BankKey::parse(&"5a".repeat(32)).unwrap()
}

/// A house whose bank behaves as `mode` has it, and whose clocks go together.
struct Town {
    test: TestHouse,
    bank: HttpBank,
    programme: i64,
    ahead_ms: Arc<AtomicI64>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
}

impl Town {
    async fn new(store: store::testing::TestStore, mode: Mode) -> Self {
        let test = TestHouse::new(store).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let ahead_ms = Arc::new(AtomicI64::new(NOW - jiff::Timestamp::now().as_millisecond()));
        let settings = simulate::Settings {
            addr,
            key: key(),
            mode,
            seed: 1,
            delay: Duration::from_millis(50),
            file: None,
            ahead_ms: ahead_ms.clone(),
            portal_url: None,
        };
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        tokio::spawn(simulate::serve(settings, listener, async {
            let _ = stopped.await;
        }));
        let bank = HttpBank::new(&format!("http://{addr}"), key(), test.house.people.clone()).unwrap();
        let ledger = &test.house.ledger;
        let new = NewProgramme::sold("시루", "Siru", 1_000, "test");
        let programme = ledger.create_programme(OWN, new, NOW).await.unwrap().id;
        let fund = ledger::Request {
            municipality: OWN,
            key: "fund".into(),
            actor: "test".into(),
            at: NOW,
            operation: Operation::Fund {
                programme,
                amount_won: 1_000_000,
            },
        };
        ledger.post(fund).await.unwrap();
        ledger.open_bank(OWN, NOW).await.unwrap();
        Self {
            test,
            bank,
            programme,
            ahead_ms,
            stop: Some(stop),
        }
    }

    async fn buy(&self, key: &str) -> Deposit {
        let ledger = &self.test.house.ledger;
        ledger
            .request_purchase(OWN, key, HOLDER, self.programme, 10_000, "test", self.test.house.now())
            .await
            .unwrap()
    }

    /// One round of questions, a while after the last.
    async fn round(&self) {
        let frozen = &self.test.house.frozen_at;
        frozen.fetch_add(700_000, Ordering::Relaxed);
        let (_stop, stopped) = watch::channel(false);
        let bank = HouseBank::Http(self.bank.clone());
        jobs::bank::round(&self.test.house, &bank, OWN, &stopped).await.unwrap();
        // The bank's clock is a real one.
        tokio::time::sleep(Duration::from_millis(300)).await;
    }

    async fn state(&self, deposit: &Deposit) -> DepositState {
        let found = self.test.house.ledger.deposit(OWN, deposit.id).await.unwrap();
        found.unwrap().state
    }

    /// The next morning: what differs.
    async fn morning(&self) -> Vec<(Why, i64)> {
        self.ahead_ms.fetch_add(DAY, Ordering::Relaxed);
        self.test.house.frozen_at.fetch_add(DAY, Ordering::Relaxed);
        let ledger = &self.test.house.ledger;
        let at = self.test.house.now();
        let day = app::words::day_of(at).yesterday().unwrap();
        let found = nightly::reconcile(ledger, &self.bank, OWN, day, at).await.unwrap();
        assert_eq!(found.rest_won, 0);
        let lines = ledger.differing(OWN, day).await.unwrap();
        assert_eq!(found.differing as usize, lines.len());
        assert_eq!(ledger.verify().await.unwrap().difference, None);
        lines.iter().map(|line| (line.why, line.bank_won - line.book_won)).collect()
    }
}

#[tokio::test]
async fn money_comes_by_the_bank_and_its_habits_are_found_out_in_the_morning() {
    for (mode, by_answer, by_morning, differing) in [
        (Mode::Honest, DepositState::Confirmed, DepositState::Confirmed, vec![]),
        (Mode::Late, DepositState::Pending, DepositState::Confirmed, vec![]),
        (Mode::Double, DepositState::Confirmed, DepositState::Confirmed, vec![(Why::Double, 9_000)]),
        (Mode::Never, DepositState::Pending, DepositState::Pending, vec![]),
        (Mode::Contradictory, DepositState::Failed, DepositState::Failed, vec![(Why::MissingHere, 9_000)]),
    ] {
        for store in store::testing::both().await {
            let town = Town::new(store, mode).await;
            let deposit = town.buy("a").await;
            town.round().await;
            town.round().await;
            assert_eq!(town.state(&deposit).await, by_answer, "{mode:?}");
            if by_answer != DepositState::Failed {
                let account = town.test.house.ledger.pay_in_account(OWN, deposit.id).await.unwrap();
                assert!(account.unwrap().contains("41390"), "{mode:?}");
            }
            assert_eq!(town.morning().await, differing, "{mode:?}");
            assert_eq!(town.state(&deposit).await, by_morning, "{mode:?}");
            if mode == Mode::Never {
                // The term is over the day after, and its order with it.
                assert_eq!(town.morning().await, []);
                assert_eq!(town.state(&deposit).await, DepositState::Failed);
            }
            let total = town.test.house.ledger.wallet(OWN, HOLDER, town.test.house.now()).await.unwrap().total_won;
            let sold = town.state(&deposit).await == DepositState::Confirmed;
            assert_eq!(total, if sold { 10_000 } else { 0 }, "{mode:?}");
        }
    }
}

#[tokio::test]
async fn a_refund_waits_for_an_account_and_then_leaves_once() {
    for store in store::testing::both().await {
        let town = Town::new(store, Mode::Honest).await;
        town.buy("a").await;
        town.round().await;
        town.round().await;
        let house = &town.test.house;
        let quote = house.ledger.refund_quotes(OWN, HOLDER, house.now()).await.unwrap().remove(0);
        let refund = ledger::Request {
            municipality: OWN,
            key: "refund".into(),
            actor: "test".into(),
            at: house.now(),
            operation: Operation::Refund {
                holder: HOLDER,
                lot: quote.lot,
            },
        };
        house.ledger.post(refund).await.unwrap();
        assert_eq!(jobs::settlements::settle(house, OWN, house.now()).await.unwrap(), (0, 0), "no account yet");
        let account = BankAccount::new("004", "123456789012", "이하늘").unwrap();
        let by = (Actor::Resident, 1);
        house
            .people
            .set_bank_account(OWN, AccountOwner::Holder(HOLDER), &account, by, "", house.now())
            .await
            .unwrap();
        assert_eq!(jobs::settlements::settle(house, OWN, house.now()).await.unwrap(), (0, 1));
        assert_eq!(jobs::settlements::settle(house, OWN, house.now()).await.unwrap(), (0, 0), "once");
        town.round().await;
        town.round().await;
        let sent = house.ledger.remittances(OWN, Payee::Holder(HOLDER), 9).await.unwrap();
        assert_eq!((sent.len(), sent[0].amount_won, sent[0].state), (1, 9_000, RemittanceState::Confirmed));
        assert_eq!(town.morning().await, []);
        let found = &house.ledger.reconciliations(OWN, 1).await.unwrap()[0];
        assert_eq!((found.bank_won, found.book_won, found.balances()), (0, 0, true));
    }
}

#[tokio::test]
async fn a_settlement_that_the_bank_is_silent_about_is_unknown_until_its_statement_came() {
    let town = Town::new(store::testing::sqlite().await, Mode::Silent).await;
    let house = &town.test.house;
    let merchant = town.test.own_merchant;
    let post = |key: &str, at, operation| {
        let request = ledger::Request {
            municipality: OWN,
            key: key.into(),
            actor: "test".into(),
            at,
            operation,
        };
        house.ledger.post(request)
    };
    let fund = Operation::Fund {
        programme: town.test.own_programme,
        amount_won: 50_000,
    };
    post("budget", NOW, fund).await.unwrap();
    let grant = Operation::Grant {
        programme: town.test.own_programme,
        holder: HOLDER,
        amount_won: 50_000,
        payout: None,
    };
    post("grant", NOW, grant).await.unwrap();
    let pay = Operation::Pay {
        holder: HOLDER,
        merchant,
        amount_won: 30_000,
    };
    post("pay", NOW, pay).await.unwrap();
    let account = BankAccount::new("011", "123456789012", "할매국밥").unwrap();
    let owner = AccountOwner::Merchant(merchant);
    house
        .people
        .set_bank_account(OWN, owner, &account, (Actor::System, 0), "", NOW)
        .await
        .unwrap();
    // Monday's takings are due on Wednesday.
    for (days, settled) in [(1, 0), (2, 1), (2, 0)] {
        let due = jobs::settlements::settle(house, OWN, NOW + days * DAY).await.unwrap();
        assert_eq!(due, (settled, 0), "{days} days");
    }
    house.frozen_at.fetch_add(2 * DAY, Ordering::Relaxed);
    town.ahead_ms.fetch_add(2 * DAY, Ordering::Relaxed);
    let begun = std::time::Instant::now();
    town.round().await;
    assert!(begun.elapsed() < Duration::from_secs(15), "a deadline ends the wait");
    let state = || async {
        let sent = house.ledger.remittances(OWN, Payee::Merchant(merchant), 9).await.unwrap();
        assert_eq!((sent.len(), sent[0].amount_won), (1, 30_000));
        sent[0].state
    };
    assert_eq!(state().await, RemittanceState::Unknown);
    assert!(town.bank.is_away(), "it is left alone for a while");
    town.round().await;
    assert_eq!(state().await, RemittanceState::Unknown, "it is not sent again");
    assert_eq!(town.morning().await, []);
    assert_eq!(state().await, RemittanceState::Confirmed);
}

#[tokio::test]
async fn a_bank_that_is_gone_stops_nothing_and_is_asked_again() {
    let mut town = Town::new(store::testing::sqlite().await, Mode::Honest).await;
    town.stop.take().unwrap().send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let deposit = town.buy("a").await;
    town.round().await;
    assert_eq!(town.state(&deposit).await, DepositState::Pending);
    let page = town.test.get("/wallet/charge", &town.test.cookie("citizen").await).await;
    assert_eq!(page.status, StatusCode::OK);
}

#[tokio::test]
async fn a_notice_rings_only_with_the_banks_signature() {
    let test = TestHouse::new(store::testing::sqlite().await).await;
    let router = server::bank::notices::router(test.house.clone(), key());
    let body = format!("{{\"reference\":\"d{}\"}}", (OWN << 46) + 5);
    let now = jiff::Timestamp::now().as_millisecond();
    for (signature, status) in [
        (key().sign(now, "POST", "/bank/notices", body.as_bytes()), StatusCode::NO_CONTENT),
        (key().sign(now - 400_000, "POST", "/bank/notices", body.as_bytes()), StatusCode::UNAUTHORIZED),
        ("t=1,v1=00".to_owned(), StatusCode::UNAUTHORIZED),
    ] {
        let request = Request::post("/bank/notices")
            .header(sign::HEADER, signature)
            .body(Body::from(body.clone()))
            .unwrap();
        let got = router.clone().oneshot(request).await.unwrap();
        assert_eq!(got.status(), status);
        if status == StatusCode::UNAUTHORIZED {
            assert_eq!(got.headers()["content-type"], "application/problem+json");
        }
    }
    tokio::time::timeout(Duration::from_secs(1), test.house.bank_rung.notified())
        .await
        .expect("the bell rang");
}
