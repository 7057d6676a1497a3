//! The database is full, read-only, frozen or gone in the middle of a batch: the callers are told, nothing is half
//! written, and work goes on when it returns (DESIGN, "What must stay true" 3 and 4).

use std::{path::Path, process::Command, time::Duration};

use ledger::{Category, Ledger, LedgerError, Operation, Receipt, Request};
use store::{
    Store,
    testing::{PostgresServer, TestStore},
};

use crate::world::{NOON, World};

const HOLDERS: i64 = 8;
const GRANTED_WON: i64 = 1_000_000;

/// Holders with money, a shop, and the payments made so far.
struct Town {
    world: World,
    shop: i64,
    asked: Vec<Request>,
}

impl Town {
    async fn new(test: TestStore) -> Self {
        let world = World::new(test).await;
        let programme = world.given("수당", 100_000_000).await;
        let shop = world.merchant("A1", Category::Cafe, 0).await.id;
        for holder in 0..HOLDERS {
            world
                .grant(&format!("g{holder}"), programme.id, holder, GRANTED_WON)
                .await;
        }
        Self {
            world,
            shop,
            asked: Vec::new(),
        }
    }

    /// So many payments of 10 won at once; their answers in order.
    async fn pay(&mut self, count: usize) -> Vec<Result<Receipt, LedgerError>> {
        let mut tasks = Vec::new();
        for _ in 0..count {
            let number = self.asked.len();
            let operation = Operation::Pay {
                holder: number as i64 % HOLDERS,
                merchant: self.shop,
                amount_won: 10,
            };
            let request = World::request(&format!("p{number}"), NOON + 1, operation);
            self.asked.push(request.clone());
            let ledger = self.world.ledger.clone();
            tasks.push(tokio::spawn(async move { ledger.post(request).await }));
        }
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.expect("no caller panics"));
        }
        answers
    }

    /// Asks again for everything that was ever asked: each is done, once, and the wallets say so.
    async fn settle(&self) {
        for request in &self.asked {
            self.world
                .ledger
                .post(request.clone())
                .await
                .expect("work goes on, and the key tells what was done");
        }
        for holder in 0..HOLDERS {
            let paid = (0..self.asked.len() as i64)
                .filter(|number| number % HOLDERS == holder)
                .count() as i64;
            assert_eq!(self.world.total(holder, NOON + 2).await, GRANTED_WON - paid * 10);
        }
        self.world.assert_clean().await;
    }
}

/// That nobody was refused as if it were their fault; how many were acknowledged.
fn acknowledged(answers: &[Result<Receipt, LedgerError>]) -> usize {
    for answer in answers {
        if let Err(error) = answer {
            let busy = matches!(error, LedgerError::Refused(ledger::Refusal::Busy { .. }));
            assert!(busy || matches!(error, LedgerError::Store(_)), "{error:?}");
        }
    }
    answers.iter().filter(|answer| answer.is_ok()).count()
}

async fn run(store: &Store, sql: &'static str) {
    sqlx::raw_sql(sql).execute(&store.write).await.expect(sql);
}

/// `SQLite` says "full" by the same code whether the disk or its own limit of pages is reached.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_sqlite_says_so_and_goes_on_when_there_is_room() {
    let mut town = Town::new(store::testing::sqlite().await).await;
    assert_eq!(acknowledged(&town.pay(20).await), 20);
    run(&town.world.test.store, "PRAGMA max_page_count = 1").await;
    let mut told = false;
    for _ in 0..200 {
        let answers = town.pay(20).await;
        if acknowledged(&answers) < 20 {
            let told_why = |answer: &Result<Receipt, LedgerError>| match answer {
                Err(error) => error.to_string().contains("full"),
                Ok(_) => true,
            };
            assert!(answers.iter().all(told_why), "{answers:?}");
            told = true;
            break;
        }
    }
    assert!(told, "the file grew although it must not");
    town.world.assert_clean().await;
    run(&town.world.test.store, "PRAGMA max_page_count = 1073741823").await;
    assert_eq!(acknowledged(&town.pay(20).await), 20);
    town.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_sqlite_says_so_and_still_shows_what_there_is() {
    let mut town = Town::new(store::testing::sqlite().await).await;
    assert_eq!(acknowledged(&town.pay(20).await), 20);
    run(&town.world.test.store, "PRAGMA query_only = ON").await;
    assert_eq!(acknowledged(&town.pay(20).await), 0);
    assert_eq!(
        town.world.total(0, NOON + 1).await,
        GRANTED_WON - 30,
        "what there is can be seen"
    );
    run(&town.world.test.store, "PRAGMA query_only = OFF").await;
    assert_eq!(acknowledged(&town.pay(20).await), 20);
    town.settle().await;
}

/// A store on a server of the test's own.
async fn on(server: &PostgresServer) -> TestStore {
    let url = server.url("postgres");
    let store = Store::open(&url).await.expect("PostgreSQL opens");
    TestStore::new(store, url)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_became_read_only_says_so_and_heals_without_a_restart() {
    let server = PostgresServer::start();
    let mut town = Town::new(on(&server).await).await;
    assert_eq!(acknowledged(&town.pay(20).await), 20);
    // As after a failover: the server that is reached is no primary any more (FACTS section 4).
    run(
        &town.world.test.store,
        "ALTER SYSTEM SET default_transaction_read_only = on",
    )
    .await;
    run(&town.world.test.store, "SELECT pg_reload_conf()").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(acknowledged(&town.pay(20).await), 0);
    assert_eq!(town.world.total(0, NOON + 1).await, GRANTED_WON - 30);
    let mut healer = <sqlx::AnyConnection as sqlx::Connection>::connect(&town.world.test.url)
        .await
        .unwrap();
    for sql in [
        "SET default_transaction_read_only = off",
        "ALTER SYSTEM RESET default_transaction_read_only",
        "SELECT pg_reload_conf()",
    ] {
        sqlx::raw_sql(sql).execute(&mut healer).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(acknowledged(&town.pay(20).await), 20);
    town.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_killed_in_the_middle_of_batches_has_what_it_acknowledged() {
    let server = PostgresServer::start();
    let mut town = Town::new(on(&server).await).await;
    let mut acknowledged_keys = Vec::new();
    for round in 0..4 {
        let killer = async {
            tokio::time::sleep(Duration::from_millis(3 * round)).await;
            server.kill();
            tokio::time::sleep(Duration::from_millis(100)).await;
            server.start_again();
        };
        let from = town.asked.len();
        let (answers, ()) = tokio::join!(town.pay(400), killer);
        acknowledged(&answers);
        for (request, answer) in town.asked[from..].iter().zip(&answers) {
            if let Ok(receipt) = answer {
                acknowledged_keys.push((request.clone(), receipt.transfer));
            }
        }
    }
    for (request, transfer) in acknowledged_keys {
        let again = town.world.ledger.post(request).await.expect("it is there");
        assert_eq!((again.transfer, again.replayed), (transfer, true));
    }
    town.settle().await;
}

/// Needs a small file system of its own, which only root may mount.
#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_whose_disk_is_full_says_so_and_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_mount) = SmallDisk::mount(folder.path()) else {
        println!("not run: only root may mount the small file system that this test fills");
        return;
    };
    let server = PostgresServer::start_in(folder.path());
    let mut town = Town::new(on(&server).await).await;
    assert_eq!(acknowledged(&town.pay(20).await), 20);
    let ballast = folder.path().join("ballast");
    let filled = Command::new("dd")
        .args(["if=/dev/zero", "bs=64k", "status=none"])
        .arg(format!("of={}", ballast.display()))
        .output()
        .unwrap();
    assert!(!filled.status.success(), "the disk is full now");
    // What is left of the current WAL file is filled by the payments themselves.
    let mut told = false;
    for _ in 0..400 {
        if acknowledged(&town.pay(100).await) < 100 {
            told = true;
            break;
        }
    }
    assert!(told, "the disk was full and nobody noticed");
    std::fs::remove_file(&ballast).unwrap();
    if !server.is_running() {
        server.start_again();
    }
    let mut recovered = false;
    for _ in 0..60 {
        if acknowledged(&town.pay(8).await) == 8 {
            recovered = true;
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        if !server.is_running() {
            server.start_again();
        }
    }
    assert!(recovered, "work goes on when there is room");
    town.settle().await;
}

struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(folder: &Path) -> Option<Self> {
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=120m", "tmpfs"])
            .arg(folder)
            .output()
            .ok()?;
        done.status.success().then(|| Self(folder.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the server's last process may be a moment in ending.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// The queue does not grow while nothing answers: callers hear "busy" or an error within the poster's deadlines.
#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_postgres_keeps_nobody_waiting_for_ever() {
    let server = PostgresServer::start();
    let mut town = Town::new(on(&server).await).await;
    let ledger: Ledger = town.world.ledger.clone();
    assert_eq!(acknowledged(&town.pay(20).await), 20);
    server.freeze();
    let answers = tokio::time::timeout(Duration::from_secs(90), town.pay(50)).await;
    server.thaw();
    let answers = answers.expect("everybody is answered while the database is frozen");
    acknowledged(&answers);
    drop(ledger);
    assert!(acknowledged(&town.pay(20).await) > 0, "work goes on");
    town.settle().await;
}
