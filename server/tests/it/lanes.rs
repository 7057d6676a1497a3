//! Ten times as many look as can be served, and cancelling goes on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    http::{StatusCode, header},
};
use ledger::Operation;
use people::Role;
use tower::ServiceExt;

use crate::house::{NOW, OWN, TestHouse, Visitor};

const LOOKING: usize = 200;
const CANCELS: i64 = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cancelling_goes_on_while_too_many_look() {
    let mut test = TestHouse::new(store::testing::postgres().await).await;
    let lanes = server::layers::Lanes::new([6, 6, 16], Duration::from_millis(200));
    test.router = server::routes::portal_in(test.house.clone(), false, lanes);
    let test = test;
    let merchant = test.own_merchant;
    let holder = test.citizen().await;
    test.give(OWN, test.own_programme, holder, 100_000).await;
    let mut payments = Vec::new();
    for number in 0..CANCELS {
        let pay = Operation::Pay {
            holder,
            merchant,
            amount_won: 100,
        };
        payments.push(test.post(OWN, &format!("pay{number}"), pay).await.transfer);
    }
    let shop = test.cookie_of(Visitor::Staff(Role::Merchant)).await;
    let citizen = test.cookie("citizen").await;
    let token = test
        .token(&format!("/shop/transfers/{}", payments[0]), &shop)
        .await;

    let stop = Arc::new(AtomicBool::new(false));
    let (seen, turned_away) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let lookers: Vec<_> = (0..LOOKING)
        .map(|_| {
            let (router, stop, cookie) = (test.router.clone(), stop.clone(), citizen.clone());
            let (seen, turned_away) = (seen.clone(), turned_away.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let wallet = axum::http::Request::get("/wallet")
                        .header(header::HOST, "127.0.0.1")
                        .header(header::COOKIE, &cookie)
                        .body(Body::empty())
                        .unwrap();
                    match router.clone().oneshot(wallet).await.unwrap().status() {
                        StatusCode::OK => seen.fetch_add(1, Ordering::Relaxed),
                        StatusCode::SERVICE_UNAVAILABLE => turned_away.fetch_add(1, Ordering::Relaxed),
                        other => panic!("{other}"),
                    };
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut slowest = Duration::ZERO;
    for payment in &payments {
        let begun = Instant::now();
        let page = format!("/shop/transfers/{payment}");
        assert_eq!(test.get(&page, &shop).await.status, StatusCode::OK);
        let form = [
            ("_token", token.as_str()),
            ("_key", page.as_str()),
            ("how", "all"),
            ("sure", "1"),
            ("sure_won", "100"),
            ("reason", "wrong_amount"),
        ];
        let got = test.ask("POST", &page, &shop, Some(&form)).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.body);
        slowest = slowest.max(begun.elapsed());
    }
    stop.store(true, Ordering::Relaxed);
    for looker in lookers {
        looker.await.unwrap();
    }
    println!(
        "seen {}, turned away {}, slowest page and cancellation {slowest:?}",
        seen.load(Ordering::Relaxed),
        turned_away.load(Ordering::Relaxed)
    );
    assert!(turned_away.load(Ordering::Relaxed) > 0, "it was no overload");
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    assert_eq!(
        test.house
            .ledger
            .wallet(OWN, holder, NOW)
            .await
            .unwrap()
            .total_won,
        100_000
    );
}
