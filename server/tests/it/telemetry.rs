//! A collector that hangs, refuses, answers garbage, hangs up or cannot be found changes no request, and what it did not
//! take is counted; a good one gets what was done and nothing that names anybody.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    middleware::from_fn_with_state,
};
use serde_json::Value;
use server::{
    bulkhead::Rules,
    simulate::collector::{self, Manner, SlowNames},
    telemetry::{Collector, Spans, record},
};
use tower::ServiceExt as _;

use crate::house::TestHouse;

const REQUESTS: u64 = 300;
const QUICK: Rules = Rules {
    room: 2_048,
    batch: 64,
    pause: Duration::ZERO,
    deadline: Duration::from_millis(300),
    backoff: Duration::from_millis(1),
    backoff_most: Duration::from_millis(10),
};

/// Asks, and says how many were held up for as long as a delivery may take.
async fn ask(router: &Router) -> usize {
    let mut held_up = 0;
    for number in 0..REQUESTS {
        let request = Request::get(format!("/api/v1/payments/{number}"));
        let begun = Instant::now();
        let answer = router
            .clone()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        held_up += usize::from(begun.elapsed() >= QUICK.deadline);
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    }
    held_up
}

#[tokio::test(flavor = "multi_thread")]
async fn no_manner_of_a_collector_changes_a_request() {
    let test = TestHouse::new(store::testing::sqlite().await).await;
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let running = |manner| async move { collector::Collector::start(manner).await.unwrap() };
    let (hangs, garbage, dies) = (
        running(Manner::Hangs).await,
        running(Manner::Garbage).await,
        running(Manner::Dies).await,
    );
    let found = |endpoint: &str| Collector::new(endpoint).unwrap().with_rules(QUICK);
    for (what, collector) in [
        ("hangs", found(&hangs.endpoint())),
        ("refuses", found(&closed)),
        ("garbage", found(&garbage.endpoint())),
        ("hangs up", found(&dies.endpoint())),
        (
            "slow name",
            found("http://collector.example:4318").resolved_by(Arc::new(SlowNames)),
        ),
        ("panics", found("http://panic.invalid:4318")),
    ] {
        let spans = Spans::new(&collector);
        let router = test
            .router
            .clone()
            .layer(from_fn_with_state(spans.clone(), record));
        let held_up = ask(&router).await;
        // Some may be on a busy machine; all would be where the collector is waited for.
        assert!(held_up <= 3, "{what}: {held_up} of {REQUESTS}");
        tokio::task::spawn_blocking({
            let spans = spans.clone();
            move || spans.drain(Duration::from_secs(20))
        })
        .await
        .unwrap();
        let counts = spans.counts();
        assert_eq!((counts.sent(), counts.dropped()), (0, REQUESTS), "{what}");
        assert_eq!(counts.restarts() > 0, what == "panics", "{what}");
    }
    let metrics = server::metrics::Metrics::new(test.house.clone()).text().await;
    assert!(
        metrics.contains("neul_telemetry_dropped_total{queue=\"traces\"} 300"),
        "{metrics}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_collector_gets_routes_and_no_ids() {
    let test = TestHouse::new(store::testing::sqlite().await).await;
    let good = collector::Collector::start(Manner::Good).await.unwrap();
    let collector = Collector::new(&good.endpoint()).unwrap().with_rules(QUICK);
    let spans = Spans::new(&collector);
    let router = test
        .router
        .clone()
        .layer(from_fn_with_state(spans.clone(), record));
    ask(&router).await;
    let drained = spans.clone();
    tokio::task::spawn_blocking(move || drained.drain(Duration::from_secs(20)))
        .await
        .unwrap();
    assert_eq!((spans.counts().sent(), spans.counts().dropped()), (REQUESTS, 0));
    let told: Value = serde_json::from_slice(&good.last()).unwrap();
    let span = &told["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    assert_eq!(span["name"], "GET /api/v1/payments/{id}");
    assert_eq!(span["kind"], 2);
    assert_eq!(span["traceId"].as_str().unwrap().len(), 32);
    assert_eq!(
        told["resourceSpans"][0]["resource"]["attributes"][0]["value"]["stringValue"],
        "neul"
    );
    assert!(good.taken() >= REQUESTS / QUICK.batch as u64);
}
