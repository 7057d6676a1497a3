//! A portal of the test's own, as the probes see one: it can be well, ill in several ways, hung, or dead.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use tokio::{net::TcpListener, task::JoinHandle};

pub const KEY: &str = "probe-key-of-the-test";
pub const CANARY_KEY: &str = "canary-key-of-the-test";

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mood {
    Well = 0,
    Hung = 1,
    DatabaseAway = 2,
    Busy = 3,
    /// Everything answers, and no payment is made.
    NothingPaid = 4,
    /// Payments are made and cannot be taken back.
    NothingCancelled = 5,
}

pub struct Portal {
    pub addr: SocketAddr,
    mood: Arc<AtomicU8>,
    task: Option<JoinHandle<()>>,
}

impl Portal {
    pub async fn new() -> Self {
        let mut portal = Self {
            addr: ([127, 0, 0, 1], 0).into(),
            mood: Arc::default(),
            task: None,
        };
        portal.start().await;
        portal
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub fn is(&self, mood: Mood) {
        self.mood.store(mood as u8, Ordering::Relaxed);
    }

    /// As a killed process: nobody listens, open connections break.
    pub async fn dies(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }

    /// Listens (again) on its port.
    pub async fn start(&mut self) {
        let listener = TcpListener::bind(self.addr).await.expect("its port is free");
        self.addr = listener.local_addr().expect("an address");
        let router = Router::new()
            .route("/", get(page))
            .route("/login", get(page))
            .route("/probe", get(probe))
            .route("/probe/canary", post(canary))
            .with_state(self.mood.clone());
        self.task = Some(tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        }));
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn hang(mood: &AtomicU8) {
    if mood.load(Ordering::Relaxed) == Mood::Hung as u8 {
        tokio::time::sleep(Duration::from_mins(10)).await;
    }
}

async fn page(State(mood): State<Arc<AtomicU8>>) -> Response {
    hang(&mood).await;
    if mood.load(Ordering::Relaxed) == Mood::Busy as u8 {
        return (StatusCode::SERVICE_UNAVAILABLE, "busy").into_response();
    }
    Html("<main><form><input type=\"password\"></form></main>").into_response()
}

async fn probe(State(mood): State<Arc<AtomicU8>>, headers: HeaderMap) -> Response {
    hang(&mood).await;
    let key = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    if key != Some(&format!("Bearer {KEY}")) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let reachable = mood.load(Ordering::Relaxed) != Mood::DatabaseAway as u8;
    axum::Json(serde_json::json!({
        "database": {"reachable": reachable},
        "payouts": {"oldest_s": 0},
        "poster": {"queued": 0, "most": 4096},
        "work": [],
    }))
    .into_response()
}

async fn canary(State(mood): State<Arc<AtomicU8>>, headers: HeaderMap) -> Response {
    hang(&mood).await;
    let key = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    if key != Some(&format!("Bearer {CANARY_KEY}")) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let mood = mood.load(Ordering::Relaxed);
    let pay = (mood != Mood::NothingPaid as u8).then_some(3);
    let cancel = pay.filter(|_| mood != Mood::NothingCancelled as u8);
    axum::Json(serde_json::json!({"pay_ms": pay, "cancel_ms": cancel, "whole": cancel.map(|_| true)}))
        .into_response()
}
