//! Killed at random moments under load, the portal and the database together or apart: every payment that was
//! acknowledged is there once, and those without an answer are done once when they are asked again
//! (DESIGN, "What must stay true" 3 and 4).
//!
//! Real processes: `neul serve`, a `PostgreSQL` of the test's own, tills that pay over HTTP. `NEUL_CRASH_ROUNDS` sets
//! how many kills on each engine (5; 30 in `make nightly`), `NEUL_SEED` repeats the moments of a run.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rand::{Rng, SeedableRng, rngs::StdRng};
use store::{Engine, testing::PostgresServer};

use crate::tools::{Asked, GRANTED_WON, Portal, TILLS, TOWN, Town, now};

async fn crash(engine: Engine) {
    let rounds = std::env::var("NEUL_CRASH_ROUNDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(5);
    let seed = std::env::var("NEUL_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| now() as u64);
    println!("{engine:?}: NEUL_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir().expect("a folder");
    let postgres = (engine == Engine::Postgres).then(PostgresServer::start);
    let url = match &postgres {
        Some(server) => server.url("postgres"),
        None => format!("sqlite://{}/neul.db", folder.path().display()),
    };
    let mut town = Town::new(folder.path(), &url).await;
    let mut portal = Portal::start(folder, url).await;
    town.addr.clone_from(&portal.addr);
    let mut all: Vec<Asked> = Vec::new();
    let (mut unanswered, mut done_before) = (0, 0);
    for round in 0..rounds {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let over = Arc::new(AtomicBool::new(false));
        let tills: Vec<_> = (1..=TILLS)
            .map(|holder| tokio::spawn(town.clone().till(holder, round, seen.clone(), over.clone())))
            .collect();
        tokio::time::sleep(Duration::from_millis(random.random_range(100..1_500))).await;
        // The portal, the database, both: by turns.
        let (kill_portal, kill_database) = match (&postgres, round % 3) {
            (None, _) | (_, 0) => (true, false),
            (_, 1) => (false, true),
            _ => (true, true),
        };
        if kill_portal {
            portal.kill();
        }
        if let Some(server) = postgres.as_ref().filter(|_| kill_database) {
            server.kill();
            tokio::time::sleep(Duration::from_millis(random.random_range(0..500))).await;
            server.start_again();
        }
        if kill_portal {
            portal.start_again().await;
        }
        over.store(true, Ordering::Relaxed);
        for till in tills {
            till.await.expect("no till panics");
        }
        let mut asked = std::mem::take(&mut *seen.lock().expect("no till panics"));
        for one in asked.iter_mut().filter(|one| one.acknowledged.is_none()) {
            unanswered += 1;
            let (id, replayed) = town.ask_again(one).await;
            done_before += usize::from(replayed);
            one.acknowledged = Some(id);
        }
        all.append(&mut asked);
    }
    // Once more, all of them: each is answered by the payment it was acknowledged by.
    for one in &all {
        let (id, replayed) = town.ask_again(one).await;
        assert_eq!(
            (Some(&id), replayed),
            (one.acknowledged.as_ref(), true),
            "{one:?}"
        );
    }
    let mut ids: Vec<_> = all.iter().map(|one| one.acknowledged.as_deref()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all.len(), "no two requests share a payment");
    let paid_won: i64 = all
        .iter()
        .map(|one| one.body["amount_won"].as_i64().expect("a number"))
        .sum();
    let mut left_won = 0;
    for holder in 1..=TILLS {
        let wallet = town.ledger.wallet(TOWN, holder, now()).await.expect("a wallet");
        left_won += wallet.total_won;
    }
    assert_eq!(left_won, TILLS * GRANTED_WON - paid_won, "to the won");
    portal.verify();
    println!(
        "{engine:?}: {rounds} kills, {} payments acknowledged, {unanswered} without an answer, {done_before} of those done",
        all.len()
    );
    assert!(all.len() > rounds * TILLS as usize, "there was a load");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_on_sqlite_nothing_acknowledged_is_lost_and_nothing_is_done_twice() {
    crash(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_on_postgres_nothing_acknowledged_is_lost_and_nothing_is_done_twice() {
    crash(Engine::Postgres).await;
}
