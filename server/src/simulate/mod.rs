//! `neul simulate network`: see `network.rs`. `neul simulate bank`: a bank to test against, a process of its own. It speaks docs/BANK.md and misbehaves as it is told:
//! the same seed and reference, the same misbehaviour.

pub mod collector;
mod desk;
mod habit;
mod journal;
mod network;

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use desk::{Desk, Kind};
pub use habit::Mode;
pub use network::{NetworkOptions, network};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::bank::{
    sign::{self, BankKey},
    wire::{DepositOrder, Notice, OrderAnswer, Statement, TransferOrder},
};

/// How a silent bank holds a call: longer than any deadline of ours.
const SILENCE: Duration = Duration::from_mins(2);
/// Between two looks at what is to be booked.
const TICK: Duration = Duration::from_millis(100);

/// What the simulator is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens.
    pub addr: SocketAddr,
    /// The key it has in common with the portal.
    pub key: BankKey,
    /// How it behaves.
    pub mode: Mode,
    /// What decides over an order in mixed mode.
    pub seed: u64,
    /// How long an order takes.
    pub delay: Duration,
    /// Where it keeps what it did; in memory only without one.
    pub file: Option<PathBuf>,
    /// By how much its clock is ahead, ms: what is a day to wait for others is a test to it.
    pub ahead_ms: Arc<AtomicI64>,
    /// The portal that is told of news; nobody is without one.
    pub portal_url: Option<String>,
}

#[derive(Clone)]
struct Bank {
    settings: Arc<Settings>,
    desk: Arc<Mutex<Desk>>,
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Serves until `stop`.
pub async fn serve(
    settings: Settings,
    listener: tokio::net::TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let desk = Desk::open(settings.file.as_deref())?;
    let bank = Bank {
        settings: Arc::new(settings),
        desk: Arc::new(Mutex::new(desk)),
    };
    let clerk = tokio::spawn(work(bank.clone()));
    let router = Router::new()
        .route("/v1/deposits", post(deposit))
        .route("/v1/transfers", post(transfer))
        .route("/v1/deposits/{reference}", get(order))
        .route("/v1/transfers/{reference}", get(order))
        .route("/v1/statement", get(statement))
        .layer(DefaultBodyLimit::max(64 << 10))
        .with_state(bank);
    let served = axum::serve(listener, router).with_graceful_shutdown(stop).await;
    clerk.abort();
    served
}

/// Books what is due, and tells the portal.
async fn work(bank: Bank) {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(3)).build();
    loop {
        tokio::time::sleep(TICK).await;
        let booked = {
            let mut desk = bank.desk.lock().await;
            desk.book_due(bank.clock())
        };
        let booked = match booked {
            Ok(booked) => booked,
            Err(error) => {
                tracing::error!(%error, "the simulator cannot keep its book");
                continue;
            }
        };
        let (Some(portal), Ok(http)) = (&bank.settings.portal_url, &http) else {
            continue;
        };
        for reference in booked {
            let body = serde_json::to_vec(&Notice { reference }).unwrap_or_default();
            let signature = bank.settings.key.sign(now(), "POST", "/bank/notices", &body);
            let told = http
                .post(format!("{}/bank/notices", portal.trim_end_matches('/')))
                .header(sign::HEADER, signature)
                .body(body)
                .send()
                .await;
            if let Err(error) = told {
                tracing::debug!(%error, "the portal was not told");
            }
        }
    }
}

impl Bank {
    /// The bank's own time, which signatures do not go by.
    fn clock(&self) -> i64 {
        now() + self.settings.ahead_ms.load(Ordering::Relaxed)
    }

    fn knows(&self, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> bool {
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        self.settings
            .key
            .verifies(headers, now(), method.as_str(), target, body)
    }

    async fn take(&self, kind: Kind, account: &str, reference: &str, amount_won: i64) -> Response {
        let taken = {
            let mut desk = self.desk.lock().await;
            desk.take(kind, account, reference, amount_won, self.clock(), &self.settings)
        };
        match taken {
            Ok(desk::Taken::Answer(answer)) => Json(answer).into_response(),
            Ok(desk::Taken::Silence) => {
                tokio::time::sleep(SILENCE).await;
                StatusCode::GATEWAY_TIMEOUT.into_response()
            }
            Ok(desk::Taken::Another) => StatusCode::CONFLICT.into_response(),
            Ok(desk::Taken::Nonsense) => StatusCode::BAD_REQUEST.into_response(),
            Err(error) => {
                tracing::error!(%error, "the simulator cannot keep its book");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

async fn deposit(State(bank): State<Bank>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    if !bank.knows(&Method::POST, &uri, &headers, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match serde_json::from_slice::<DepositOrder>(&body) {
        Ok(order) => {
            bank.take(Kind::Deposit, &order.account, &order.reference, order.amount_won)
                .await
        }
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn transfer(State(bank): State<Bank>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    if !bank.knows(&Method::POST, &uri, &headers, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match serde_json::from_slice::<TransferOrder>(&body) {
        Ok(order) => {
            bank.take(Kind::Transfer, &order.account, &order.reference, order.amount_won)
                .await
        }
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn order(
    State(bank): State<Bank>,
    axum::extract::Path(reference): axum::extract::Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if !bank.knows(&Method::GET, &uri, &headers, b"") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let answer: Option<OrderAnswer> = bank.desk.lock().await.answer(&reference, bank.clock());
    answer.map_or(StatusCode::NOT_FOUND.into_response(), |answer| {
        Json(answer).into_response()
    })
}

#[derive(Deserialize)]
struct Day {
    account: String,
    date: String,
}

async fn statement(State(bank): State<Bank>, uri: Uri, headers: HeaderMap) -> Response {
    if !bank.knows(&Method::GET, &uri, &headers, b"") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(axum::extract::Query(asked)) = axum::extract::Query::<Day>::try_from_uri(&uri) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let lines = bank.desk.lock().await.lines(&asked.account, &asked.date);
    Json(Statement {
        complete: asked.date < desk::day_of(bank.clock()),
        account: asked.account,
        date: asked.date,
        lines,
    })
    .into_response()
}
