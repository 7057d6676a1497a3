//! Payments from outside at a constant rate: each is sent at its time, whether those before it were answered or not, so
//! that a hung portal is asked as often as a quick one. Codes are made beforehand, because no code can be made while the
//! database is away.

use std::{
    fmt::Write as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    faults::Fault,
    tools::{TILLS, TOWN, Town, now},
};

/// From one payment to the next.
const EVERY: Duration = Duration::from_millis(100);
/// A till gives up after this, and asks again later with the same key.
const PATIENCE: Duration = Duration::from_secs(5);
/// As many codes as the longest fault can use.
const CODES: i64 = 1_400;
/// A code of the drill's outlives a clock that jumps.
const CODE_LIFE_MS: i64 = 3 * 3_600_000;

/// One payment.
#[derive(Clone, Debug)]
pub struct Asked {
    pub key: String,
    pub body: Value,
    /// When it was to be sent.
    pub at: Instant,
    /// The payment's id where a receipt came in time.
    pub acknowledged: Option<String>,
}

pub struct Load {
    over: Arc<AtomicBool>,
    done: Arc<Mutex<Vec<Asked>>>,
    task: tokio::task::JoinHandle<()>,
}

/// Makes the codes and begins.
pub async fn start(town: &Town, fault: Fault) -> Load {
    let codes = codes(town).await;
    let http = reqwest::Client::builder()
        .timeout(PATIENCE)
        .build()
        .expect("a client");
    let (over, done) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
    let prefix = prefix(fault);
    let task = tokio::spawn({
        let (over, done, town) = (over.clone(), done.clone(), town.clone());
        async move {
            let mut tick = tokio::time::interval(EVERY);
            let mut sent = Vec::new();
            for (number, code) in codes.into_iter().enumerate() {
                tick.tick().await;
                if over.load(Ordering::Relaxed) {
                    break;
                }
                let key = format!("{prefix}{number}");
                let asked = Asked {
                    body: json!({ "code": code, "amount_won": 10 + number % 90, "order_id": key }),
                    key,
                    at: Instant::now(),
                    acknowledged: None,
                };
                let (http, town, done) = (http.clone(), town.clone(), done.clone());
                sent.push(tokio::spawn(async move {
                    let mut asked = asked;
                    asked.acknowledged = ask(&http, &town, &asked).await;
                    done.lock().expect("no till panics").push(asked);
                }));
            }
            for one in sent {
                one.await.expect("no till panics");
            }
        }
    });
    Load { over, done, task }
}

/// What a fault's payments are called: the beginning of their order's name.
pub fn prefix(fault: Fault) -> String {
    format!("drill-{}-", fault.number())
}

/// The receipt's id.
pub async fn ask(http: &reqwest::Client, town: &Town, asked: &Asked) -> Option<String> {
    let answer = http
        .post(format!("http://{}/api/v1/payments", town.addr))
        .bearer_auth(&town.key)
        .header("Idempotency-Key", format!("\"{}\"", asked.key))
        .json(&asked.body)
        .send()
        .await
        .ok()?;
    if answer.status() != 201 {
        return None;
    }
    let body: Value = answer.json().await.ok()?;
    body["id"].as_str().map(ToOwned::to_owned)
}

async fn codes(town: &Town) -> Vec<String> {
    let store = town.ledger.store();
    let first = store.ids(TOWN, CODES).await.expect("ids").first();
    let (at, mut rows, mut digits) = (now(), String::new(), Vec::new());
    for number in 0..CODES {
        let (id, comma) = (first + number, if number == 0 { "" } else { ", " });
        let name = town.people.code_name(TOWN, id);
        let holder = number % TILLS + 1;
        write!(
            rows,
            "{comma}({TOWN}, {id}, '{name}', {holder}, {at}, {})",
            at + CODE_LIFE_MS
        )
        .expect("text");
        digits.push(town.people.code_digits(TOWN, id, &name).expect("digits"));
    }
    let sql = format!("INSERT INTO codes (municipality, id, name, holder, made_at, until_at) VALUES {rows}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(&store.write)
        .await
        .expect("codes");
    digits
}

impl Load {
    /// Whether all that was sent within this time, and was answered or given up, was paid; and there was some.
    pub fn is_steady(&self, span: Duration) -> bool {
        let done = self.done.lock().expect("no till panics");
        let mut lately = done.iter().filter(|one| one.at.elapsed() < span).peekable();
        lately.peek().is_some() && lately.all(|one| one.acknowledged.is_some())
    }

    /// No more; what was asked.
    pub async fn end(self) -> Vec<Asked> {
        self.over.store(true, Ordering::Relaxed);
        self.task.await.expect("the load does not panic");
        std::mem::take(&mut *self.done.lock().expect("no till panics"))
    }
}

/// In how many seconds a payment failed, by when it was sent; and how long after `ended` payments failed no more.
pub fn failures(asked: &[Asked], ended: Instant) -> (usize, Duration) {
    let first = asked.iter().map(|one| one.at).min().unwrap_or(ended);
    let failed = || asked.iter().filter(|one| one.acknowledged.is_none());
    let mut seconds: Vec<u64> = failed().map(|one| (one.at - first).as_secs()).collect();
    seconds.sort_unstable();
    seconds.dedup();
    let last = failed().map(|one| one.at).max();
    let works = last.and_then(|last| asked.iter().map(|one| one.at).filter(|at| *at > last).min());
    let recovery = match (last, works) {
        (None, _) => Duration::ZERO,
        (_, Some(works)) => works.saturating_duration_since(ended),
        // It never did.
        (Some(_), None) => Duration::from_secs(999),
    };
    (seconds.len(), recovery)
}
