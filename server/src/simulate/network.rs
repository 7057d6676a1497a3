//! `neul simulate network`: a card network as docs/CARDS.md wants it. It waits 300 ms and a margin of its own for each
//! answer; where none comes it obeys the stand-in list that it kept, and tells us so until we acknowledge it. Killed, it
//! goes on from its journal.

use std::{
    path::PathBuf,
    process::ExitCode,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Args;
use ledger::{
    CardStanding, DailyLine, Decision, LineKind, Said, SignedList, StandIn, decide, key_of_text, token_digest,
};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use super::journal::{Event, Journal, Known};
use crate::{
    api::korean_time,
    config::{StartError, say},
};

/// How a network behaves.
#[derive(Args, Clone, Debug)]
pub struct NetworkOptions {
    /// The portal.
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    pub url: String,
    /// The network's API key.
    #[arg(long, env = "NEUL_NETWORK_KEY", hide_env_values = true)]
    pub key: String,
    /// The network's name.
    #[arg(long, default_value = "demo")]
    pub network: String,
    /// By which stand-in lists are verified: what `neul card public-key` prints.
    #[arg(long)]
    pub public_key: String,
    /// The token of the card that pays.
    #[arg(long, default_value = "tok_demo_citizen_0001")]
    pub card: String,
    /// The merchant's code.
    #[arg(long, default_value = "A002")]
    pub merchant: String,
    /// Merchant category codes, by comma; one question each in turn.
    #[arg(long, default_value = "5814")]
    pub mcc: String,
    /// How much, won; each question asks for a little more.
    #[arg(long, default_value_t = 1_000)]
    pub amount: i64,
    /// How many questions.
    #[arg(long, default_value_t = 10)]
    pub asks: u64,
    /// A question every so many ms, whether the last was answered or not.
    #[arg(long, default_value_t = 200)]
    pub every: u64,
    /// What it waits for an answer, beyond the 300 ms in which it is due, ms.
    #[arg(long, default_value_t = 200)]
    pub margin: u64,
    /// Asks for a new list every so many ms.
    #[arg(long, default_value_t = 60_000)]
    pub list_every: u64,
    /// Where its journal, its list and its daily file lie.
    #[arg(long, default_value = "data/network")]
    pub dir: PathBuf,
    /// How long it tries to tell what is still to be told, in the end, seconds.
    #[arg(long, default_value_t = 30)]
    pub patience: u64,
}

const ANSWER_MS: u64 = 300;

struct Network {
    options: NetworkOptions,
    client: Client,
    journal: Journal,
    list: Mutex<Option<Arc<StandIn>>>,
    slowest_ms: AtomicU64,
    late: AtomicU64,
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Plays a network to the end; 0 where all that it decided was acknowledged.
pub async fn network(options: NetworkOptions) -> Result<ExitCode, StartError> {
    if key_of_text(&options.public_key).is_err() {
        return say("--public-key: 64 hexadecimal digits, as `neul card public-key` prints them");
    }
    std::fs::create_dir_all(&options.dir)?;
    let client = Client::builder().no_proxy().build();
    let network = Arc::new(Network {
        journal: Journal::open(&options.dir.join("journal.jsonl"))?,
        client: client.map_err(|error| StartError::Say(error.to_string()))?,
        list: Mutex::default(),
        slowest_ms: AtomicU64::new(0),
        late: AtomicU64::new(0),
        options,
    });
    network.read_list();
    network.fetch_list().await;
    // Asked before it was killed, and nobody knows what came of it: silence.
    for (id, known) in network.journal.known() {
        if known.decision.is_empty() {
            network.decide_alone(&id, &known)?;
        }
    }
    let lists = tokio::spawn({
        let network = network.clone();
        async move {
            loop {
                tokio::time::sleep(Duration::from_millis(network.options.list_every)).await;
                network.fetch_list().await;
            }
        }
    });
    let teller = tokio::spawn({
        let network = network.clone();
        async move {
            loop {
                network.tell().await;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    });
    let mut asking = Vec::new();
    let mut tick = tokio::time::interval(Duration::from_millis(network.options.every.max(1)));
    for number in 0..network.options.asks {
        tick.tick().await;
        asking.push(tokio::spawn(network.clone().ask(number)));
    }
    for one in asking {
        match one.await {
            Ok(done) => done?,
            Err(error) => return say(error.to_string()),
        }
    }
    let until = Instant::now() + Duration::from_secs(network.options.patience);
    while Instant::now() < until && network.journal.known().values().any(Known::is_open) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    teller.abort();
    lists.abort();
    network.write_day()?;
    Ok(network.report())
}

impl Network {
    fn address(&self, path: &str) -> String {
        format!("{}/api/v1/card/{path}", self.options.url.trim_end_matches('/'))
    }

    /// One question, at its time.
    async fn ask(self: Arc<Self>, number: u64) -> Result<(), StartError> {
        let codes: Vec<&str> = self.options.mcc.split(',').collect();
        let mcc = codes[number as usize % codes.len()].to_owned();
        let amount_won = self.options.amount + (number % 7) as i64 * 10;
        let asked_at = now();
        let id = format!("{asked_at}-{number}");
        self.journal.write(Event::Asked {
            id: id.clone(),
            mcc: mcc.clone(),
            amount_won,
            asked_at,
        })?;
        let began = Instant::now();
        let body = json!({
            "id": id, "card": self.options.card, "merchant": self.options.merchant, "mcc": mcc,
            "amount_won": amount_won, "asked_at": korean_time(asked_at),
        });
        let wait = Duration::from_millis(ANSWER_MS + self.options.margin);
        let answer = tokio::time::timeout(wait, async {
            let answer = self
                .client
                .post(self.address("authorisations"))
                .bearer_auth(&self.options.key)
                .json(&body)
                .send()
                .await?;
            answer.error_for_status()?.json::<Value>().await
        });
        let heard = answer.await;
        let took_ms = began.elapsed().as_millis() as u64;
        if let Ok(Ok(answer)) = heard
            && let (Some(decision), Some(by)) = (answer["decision"].as_str(), answer["by"].as_str())
        {
            self.slowest_ms.fetch_max(took_ms, Ordering::Relaxed);
            self.late
                .fetch_add(u64::from(took_ms > ANSWER_MS), Ordering::Relaxed);
            self.journal.write(Event::Decided {
                id,
                decision: decision.to_owned(),
                by: by.to_owned(),
                list_version: answer["list_version"].as_i64(),
                decided_at: now(),
            })?;
            return Ok(());
        }
        let known = Known {
            mcc,
            amount_won,
            ..Known::default()
        };
        self.decide_alone(&id, &known)
    }

    /// No answer: by the list that was kept, and by default no.
    fn decide_alone(&self, id: &str, known: &Known) -> Result<(), StartError> {
        let list = self.list.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let card = token_digest(&self.options.network, &self.options.card);
        let at = now();
        let standing = list
            .as_ref()
            .map_or(CardStanding::NoList, |list| list.standing(&card, &known.mcc, at));
        let verdict = decide(Said::Slow, standing, known.amount_won);
        let decision = match verdict.decision {
            Decision::Fallback => "fallback",
            _ => "decline",
        };
        Ok(self.journal.write(Event::Decided {
            id: id.to_owned(),
            decision: decision.to_owned(),
            by: "list".to_owned(),
            list_version: list.map(|list| list.version),
            decided_at: at,
        })?)
    }

    /// Tells what is still to be told, once each.
    async fn tell(&self) {
        for (id, known) in self.journal.known() {
            if !known.is_open() {
                continue;
            }
            let (path, body) = if known.decision == "approve" {
                (
                    format!("authorisations/{id}/capture"),
                    json!({ "amount_won": known.amount_won }),
                )
            } else {
                let advice = json!({
                    "card": self.options.card, "merchant": self.options.merchant, "mcc": known.mcc,
                    "amount_won": known.amount_won, "asked_at": korean_time(known.asked_at),
                    "decision": known.decision, "list_version": known.list_version,
                    "decided_at": korean_time(known.decided_at),
                });
                (format!("authorisations/{id}/advice"), advice)
            };
            let sent = self
                .client
                .post(self.address(&path))
                .bearer_auth(&self.options.key)
                .timeout(Duration::from_secs(2))
                .json(&body)
                .send()
                .await;
            let event = match sent {
                Ok(answer) if answer.status().is_success() => Event::Told { id, at: now() },
                Ok(answer) if matches!(answer.status(), StatusCode::NOT_FOUND | StatusCode::CONFLICT) => {
                    let problem = answer.text().await.unwrap_or_default();
                    Event::Refused { id, problem }
                }
                // Again later.
                _ => return,
            };
            if let Err(error) = self.journal.write(event) {
                tracing::error!(%error, "the journal cannot be written");
            }
        }
    }

    fn keep(&self, signed: &SignedList) -> bool {
        let mut kept = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = kept.as_ref().map_or(0, |list| list.version);
        let keys: Vec<_> = key_of_text(&self.options.public_key).into_iter().collect();
        match signed.open(&keys, &self.options.network, newest, now()) {
            Ok(list) => {
                *kept = Some(Arc::new(list));
                true
            }
            Err(error) => {
                tracing::warn!(%error, "a stand-in list is not obeyed");
                false
            }
        }
    }

    fn read_list(&self) {
        let kept = std::fs::read(self.options.dir.join("list.json")).ok();
        if let Some(signed) = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            self.keep(&signed);
        }
    }

    async fn fetch_list(&self) {
        let asked = self
            .client
            .get(self.address("stand-in-list"))
            .bearer_auth(&self.options.key)
            .timeout(Duration::from_secs(5))
            .send()
            .await;
        let Ok(answer) = asked else { return };
        let Ok(signed) = answer.json::<SignedList>().await else {
            return;
        };
        if self.keep(&signed) {
            let text = serde_json::to_vec(&signed).unwrap_or_default();
            if let Err(error) = std::fs::write(self.options.dir.join("list.json"), text) {
                tracing::error!(%error, "the list cannot be kept");
            }
        }
    }

    /// The daily file: what was captured with us, and what was charged to bank accounts.
    fn write_day(&self) -> Result<(), StartError> {
        let day = korean_time(now())[..10].to_owned();
        let mut writer = csv::Writer::from_path(self.options.dir.join(format!("daily-{day}.csv")))
            .map_err(|error| StartError::Say(error.to_string()))?;
        for (id, known) in self.journal.known() {
            let kind = match known.decision.as_str() {
                "approve" if known.refused.is_none() => LineKind::Capture,
                "fallback" => LineKind::Fallback,
                _ => continue,
            };
            let line = DailyLine {
                day: day.clone(),
                kind,
                authorisation: id,
                card: self.options.card.clone(),
                merchant: self.options.merchant.clone(),
                mcc: known.mcc,
                amount_won: known.amount_won,
                at: known
                    .told_at
                    .filter(|_| kind == LineKind::Capture)
                    .unwrap_or(known.decided_at),
            };
            writer
                .serialize(line)
                .map_err(|error| StartError::Say(error.to_string()))?;
        }
        Ok(writer.flush()?)
    }

    fn report(&self) -> ExitCode {
        let known = self.journal.known();
        let count = |test: &dyn Fn(&Known) -> bool| known.values().filter(|one| test(one)).count();
        let waiting = count(&Known::is_open);
        let report = json!({
            "asked": known.len(),
            "approved": count(&|one| one.decision == "approve"),
            "declined": count(&|one| one.decision == "decline"),
            "charged_elsewhere": count(&|one| one.decision == "fallback"),
            "by_list": count(&|one| one.by == "list"),
            "capture_refused": count(&|one| one.decision == "approve" && one.refused.is_some()),
            "waiting": waiting,
            "slowest_answer_ms": self.slowest_ms.load(Ordering::Relaxed),
            "answers_over_300_ms": self.late.load(Ordering::Relaxed),
        });
        println!("{report}");
        if waiting == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}
