//! The database stops, freezes or only reads, and the resident is not harmed: signed in, shown what was last known with
//! its time, charged nothing, nothing typed lost; and all of it heals by itself.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use people::Role;
use store::{
    Condition, Store,
    testing::{PostgresServer, TestStore},
};
use tokio::sync::watch;

use crate::house::{Answer, NOW, OWN, TestHouse};

/// What the citizen holds at the beginning, won.
const HELD_WON: i64 = 87_650;
/// A page that is known to be shown from memory comes within this time.
const AT_ONCE: Duration = Duration::from_millis(700);
/// From the end of a fault to work as ever.
const HEALED_MAX: Duration = Duration::from_secs(5);

/// A house with money in it and somebody who has looked at theirs.
struct Town {
    test: TestHouse,
    cookie: String,
    holder: i64,
    stop: watch::Sender<bool>,
}

impl Town {
    async fn new(store: TestStore) -> Self {
        let test = TestHouse::new(store).await;
        let holder = test.citizen().await;
        test.give(OWN, test.own_programme, holder, HELD_WON).await;
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(test.house.ledger.store().clone().keep_pulse(stopped));
        let cookie = test.cookie("citizen").await;
        let town = Self {
            test,
            cookie,
            holder,
            stop,
        };
        for page in ["/wallet", "/wallet/history"] {
            let got = town.get(page).await;
            assert_eq!(got.status, StatusCode::OK, "{}", got.body);
            assert!(!got.body.contains("data-stale"), "{}", got.body);
        }
        town
    }

    async fn get(&self, path: &str) -> Answer {
        self.test.get(path, &self.cookie).await
    }

    async fn total_won(&self) -> i64 {
        let ledger = &self.test.house.ledger;
        ledger.wallet(OWN, self.holder, NOW).await.unwrap().total_won
    }

    /// A payment as the form's last step sends it.
    async fn pay(&self, token: &str, key: &str, amount: &str) -> Answer {
        let merchant = self.test.own_merchant.to_string();
        let form = [
            ("_token", token),
            ("_key", key),
            ("step", "confirm"),
            ("merchant", merchant.as_str()),
            ("amount", amount),
        ];
        self.test
            .ask("POST", "/wallet/pay", &self.cookie, Some(&form))
            .await
    }

    async fn until(&self, wanted: Condition, within: Duration) {
        let begun = Instant::now();
        while self.test.house.condition() != wanted {
            assert!(begun.elapsed() < within, "not {wanted:?} after {within:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What holds while the database is away: from the first moment on in bounded time, and then at once.
    async fn is_calm(&self, token: &str) {
        // Before anybody knows.
        let begun = Instant::now();
        let got = self.get("/wallet").await;
        Self::shows_the_last_known(&got);
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        self.until(Condition::Away, Duration::from_secs(8)).await;
        // Once it is known.
        for page in ["/wallet", "/wallet/history"] {
            let begun = Instant::now();
            let got = self.get(page).await;
            assert!(begun.elapsed() < AT_ONCE, "{page}: {:?}", begun.elapsed());
            Self::shows_the_last_known(&got);
        }
        for page in ["/wallet/gift", "/wallet/pay", "/wallet/devices", "/wallet/code"] {
            let begun = Instant::now();
            let got = self.get(page).await;
            assert!(begun.elapsed() < AT_ONCE, "{page}: {:?}", begun.elapsed());
            assert_eq!(
                got.status,
                StatusCode::SERVICE_UNAVAILABLE,
                "{page}: {}",
                got.location
            );
            assert!(
                got.body.contains("빠져나간 돈은 없습니다"),
                "{page}: {}",
                got.body
            );
        }
        for page in ["/", "/incidents", "/login"] {
            let got = self.get(page).await;
            assert!(got.status.as_u16() < 400, "{page}: {}", got.status);
        }
        let begun = Instant::now();
        let got = self.pay(token, "kept-key", "12,340").await;
        assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
        Self::is_put_off(&got);
    }

    fn shows_the_last_known(got: &Answer) {
        assert_eq!(got.status, StatusCode::OK, "{} {}", got.location, got.body);
        assert!(got.body.contains("data-stale"), "{}", got.body);
        assert!(got.body.contains("12:00"), "with its time: {}", got.body);
        assert!(got.body.contains("87,650"), "{}", got.body);
        assert!(
            got.cookies.iter().all(|cookie| !cookie.starts_with("neul=")),
            "nobody is signed out: {:?}",
            got.cookies
        );
    }

    fn is_put_off(got: &Answer) {
        assert_eq!(got.status, StatusCode::SERVICE_UNAVAILABLE, "{}", got.location);
        for kept in [
            "빠져나간 돈은 없습니다",
            "value=\"12,340\"",
            "value=\"kept-key\"",
            "action=\"/wallet/pay\"",
        ] {
            assert!(got.body.contains(kept), "{kept}: {}", got.body);
        }
    }

    /// As ever, in time; and the form that was put off is done once, however often it is sent.
    async fn heals(&self, token: &str) {
        let begun = Instant::now();
        loop {
            let got = self.get("/wallet").await;
            if got.status == StatusCode::OK && !got.body.contains("data-stale") {
                break;
            }
            assert!(got.location.is_empty(), "never a sign-in page: {}", got.location);
            assert!(begun.elapsed() < HEALED_MAX, "still not healed: {}", got.body);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.until(Condition::Well, HEALED_MAX).await;
        for _ in 0..2 {
            let got = self.pay(token, "kept-key", "12,340").await;
            assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.body);
            assert!(got.location.starts_with("/wallet/transfers/"), "{}", got.location);
        }
        assert_eq!(self.total_won().await, HELD_WON - 12_340, "charged once");
    }
}

/// A store on a server of the test's own.
async fn on(server: &PostgresServer) -> TestStore {
    let url = server.url("postgres");
    TestStore::new(Store::open(&url).await.expect("PostgreSQL opens"), url)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_postgres_harms_nobody_and_heals() {
    let server = PostgresServer::start();
    let town = Town::new(on(&server).await).await;
    let token = town.test.token("/wallet/devices", &town.cookie).await;
    server.freeze();
    town.is_calm(&token).await;
    server.thaw();
    town.heals(&token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_postgres_harms_nobody_and_heals() {
    let server = PostgresServer::start();
    let town = Town::new(on(&server).await).await;
    let token = town.test.token("/wallet/devices", &town.cookie).await;
    server.kill();
    town.is_calm(&token).await;
    server.start_again();
    town.heals(&token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_only_reads_shows_everything_and_charges_nothing() {
    let server = PostgresServer::start();
    let town = Town::new(on(&server).await).await;
    let token = town.test.token("/wallet/devices", &town.cookie).await;
    let admin = Store::open(&server.url("postgres")).await.unwrap();
    for sql in [
        "ALTER SYSTEM SET default_transaction_read_only = on",
        "SELECT pg_reload_conf()",
    ] {
        sqlx::raw_sql(sql).execute(&admin.write).await.unwrap();
    }
    town.until(Condition::ReadOnly, Duration::from_secs(5)).await;
    let got = town.get("/wallet").await;
    assert_eq!(got.status, StatusCode::OK);
    assert!(!got.body.contains("data-stale"), "what is read is the present");
    assert!(got.body.contains("지금은 볼 수만 있습니다"), "{}", got.body);
    Town::is_put_off(&town.pay(&token, "kept-key", "12,340").await);
    assert_eq!(town.total_won().await, HELD_WON);
    for sql in [
        "SET default_transaction_read_only = off; ALTER SYSTEM RESET default_transaction_read_only",
        "SELECT pg_reload_conf()",
    ] {
        let mut connection = <sqlx::AnyConnection as sqlx::Connection>::connect(&server.url("postgres"))
            .await
            .unwrap();
        for part in sql.split("; ") {
            sqlx::raw_sql(sqlx::AssertSqlSafe(part))
                .execute(&mut connection)
                .await
                .unwrap();
        }
    }
    town.heals(&token).await;
}

/// Where the program was started while the database is away, or another node answers: nothing is remembered, and still
/// nobody is sent to sign in, where they could not.
#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_is_enough_to_stay_signed_in() {
    for store in store::testing::both().await {
        let town = Town::new(store).await;
        let (clerk, pulse) = (
            town.test
                .cookie_of(crate::house::Visitor::Staff(Role::Clerk))
                .await,
            town.test.house.ledger.store().pulse().clone(),
        );
        town.test.house.calm.forget(session_of(&town.test, &town.cookie));
        town.test.house.calm.forget(session_of(&town.test, &clerk));
        // The task must not find out that it is well after all.
        town.stop.send_replace(true);
        tokio::time::sleep(Duration::from_millis(100)).await;
        pulse.tell(Condition::Away);
        for (page, cookie) in [
            ("/wallet", &town.cookie),
            ("/wallet/history", &town.cookie),
            ("/admin", &clerk),
        ] {
            let got = town.test.get(page, cookie).await;
            assert_eq!(
                got.status,
                StatusCode::SERVICE_UNAVAILABLE,
                "{page}: {}",
                got.location
            );
            assert!(!got.body.contains("87,650"), "nothing that another session saw");
        }
        // A cookie that nobody signed is nobody's.
        let forged = town.cookie.replace("neul=v1.", "neul=v1.x");
        let got = town.test.get("/wallet", &forged).await;
        assert!(got.location.starts_with("/login"), "{}", got.status);
        // The store's word counts again as soon as there is one.
        pulse.tell(Condition::Well);
        assert_eq!(town.get("/wallet").await.status, StatusCode::OK);
    }
}

fn session_of(test: &TestHouse, cookie: &str) -> i64 {
    let value = cookie.trim_start_matches("neul=");
    test.house.people.verify_cookie(value).unwrap().session
}

/// The memory of an engine that is away for a moment; `SQLite` cannot be taken away, so it is told to be.
#[tokio::test(flavor = "multi_thread")]
async fn both_engines_show_the_last_known_and_forget_it_with_the_session() {
    for store in store::testing::both().await {
        let town = Town::new(store).await;
        let token = town.test.token("/wallet/devices", &town.cookie).await;
        let pulse = town.test.house.ledger.store().pulse().clone();
        // The task must not find out that it is well after all.
        town.stop.send_replace(true);
        tokio::time::sleep(Duration::from_millis(100)).await;
        pulse.tell(Condition::Away);
        for page in ["/wallet", "/wallet/history"] {
            let got = town.get(page).await;
            assert_eq!(got.status, StatusCode::OK, "{page}: {}", got.body);
            assert!(
                got.body.contains("data-stale") && got.body.contains("87,650"),
                "{page}"
            );
        }
        Town::is_put_off(&town.pay(&token, "kept-key", "12,340").await);
        // The other session of the same person has seen nothing yet.
        pulse.tell(Condition::Well);
        let other = town.test.cookie("citizen").await;
        pulse.tell(Condition::Away);
        let got = town.test.get("/wallet", &other).await;
        assert_eq!(got.status, StatusCode::SERVICE_UNAVAILABLE, "each session's own");
        // Whoever signs out now is out on this device, and out for good when the database is back.
        let form = [("_token", token.as_str())];
        let got = town.test.ask("POST", "/logout", &town.cookie, Some(&form)).await;
        assert_eq!(got.location, "/", "{}", got.body);
        assert!(
            got.cookies.iter().any(|cookie| cookie.starts_with("neul=;")),
            "{:?}",
            got.cookies
        );
        pulse.tell(Condition::Well);
        let begun = Instant::now();
        while !town.get("/wallet").await.location.starts_with("/login") {
            assert!(
                begun.elapsed() < Duration::from_secs(8),
                "the session is still there"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// A till is told at once that nothing was done.
#[tokio::test(flavor = "multi_thread")]
async fn a_till_hears_at_once_that_nothing_was_done() {
    let town = Town::new(store::testing::sqlite().await).await;
    town.stop.send_replace(true);
    tokio::time::sleep(Duration::from_millis(100)).await;
    town.test.house.ledger.store().pulse().tell(Condition::Away);
    let begun = Instant::now();
    let got = town.test.get("/api/v1/payments/1", "").await;
    assert!(begun.elapsed() < AT_ONCE);
    assert_eq!(got.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(got.body.contains("nothing was done"), "{}", got.body);
}
