//! Killed at random moments under load, the portal and the database together or apart: every payment that was
//! acknowledged is there once, and those without an answer are done once when they are asked again
//! (DESIGN, "What must stay true" 3 and 4).
//!
//! Real processes: `neul serve`, a `PostgreSQL` of the test's own, tills that pay over HTTP. `NEUL_CRASH_ROUNDS` sets
//! how many kills on each engine (5; 30 in `make nightly`), `NEUL_SEED` repeats the moments of a run.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use ledger::{
    Category, ExpiryRule, Ledger, MIGRATIONS, NewMerchant, NewMunicipality, NewProgramme, Operation, Request,
};
use people::{KeyOwner, Keys, NewApiKey, Outbox, People, Policy, Scope};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use store::{Engine, Store, testing::PostgresServer};

/// 경기도 시흥시.
const TOWN: i64 = 41390;
const TILLS: i64 = 16;
const GRANTED_WON: i64 = 10_000_000;
/// A server that recovers, and a machine that is busy, are waited for.
const PATIENCE: Duration = Duration::from_secs(90);

/// One payment, as a till asks for it.
#[derive(Clone, Debug)]
struct Asked {
    key: String,
    body: Value,
    /// The payment's id, once a receipt was seen.
    acknowledged: Option<String>,
}

/// `neul serve` and what it stands on.
struct Portal {
    folder: tempfile::TempDir,
    url: String,
    addr: String,
    admin: String,
    process: Child,
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").to_string()
}

fn neul(folder: &Path, url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_neul"));
    command
        .env("DATABASE_URL", url)
        .env("NEUL_DATA_DIR", folder)
        .env("NEUL_SITE_DIR", folder.join("site"))
        .env("RUST_LOG", "off")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// The least that `neul serve` asks of the browser's files: nobody loads a page here.
fn site(folder: &Path) {
    let built = Path::new(env!("CARGO_BIN_EXE_neul")).with_file_name("hash.txt");
    let hashes = std::fs::read_to_string(built).unwrap_or_default();
    let css = hashes
        .lines()
        .find_map(|line| line.strip_prefix("css:"))
        .map_or("neul.css".to_owned(), |hash| format!("neul.{}.css", hash.trim()));
    std::fs::create_dir_all(folder.join("site/pkg")).expect("a folder");
    std::fs::write(folder.join("site/pkg").join(css), "").expect("a file");
}

impl Portal {
    async fn start(folder: tempfile::TempDir, url: String) -> Self {
        site(folder.path());
        let (addr, admin) = (free_address(), free_address());
        let process = Self::spawn(&folder, &url, &addr, &admin);
        let mut portal = Self {
            folder,
            url,
            addr,
            admin,
            process,
        };
        portal.wait().await;
        portal
    }

    fn spawn(folder: &tempfile::TempDir, url: &str, addr: &str, admin: &str) -> Child {
        neul(folder.path(), url)
            .args(["serve", "--no-status"])
            .env("NEUL_ADDR", addr)
            .env("NEUL_ADMIN_ADDR", admin)
            .spawn()
            .expect("neul starts")
    }

    /// SIGKILL.
    fn kill(&mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("ended");
    }

    async fn start_again(&mut self) {
        self.process = Self::spawn(&self.folder, &self.url, &self.addr, &self.admin);
        self.wait().await;
    }

    async fn wait(&mut self) {
        let begun = Instant::now();
        let address = format!("http://{}/livez", self.admin);
        while reqwest::get(&address).await.is_err() {
            assert!(begun.elapsed() < PATIENCE, "the portal does not come back");
            if self.process.try_wait().expect("its state").is_some() {
                self.process = Self::spawn(&self.folder, &self.url, &self.addr, &self.admin);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn verify(&self) {
        let done = neul(self.folder.path(), &self.url)
            .args(["ledger", "verify"])
            .stdout(Stdio::piped())
            .output()
            .expect("neul runs");
        assert!(
            done.status.success(),
            "neul ledger verify: {}",
            String::from_utf8_lossy(&done.stdout)
        );
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Everything the tills need, made in the database beside the portal.
#[derive(Clone)]
struct Town {
    ledger: Ledger,
    people: People,
    key: String,
    addr: String,
    http: reqwest::Client,
}

impl Town {
    async fn new(folder: &Path, url: &str) -> Self {
        let store = Store::open(url).await.expect("the database opens");
        store.migrate(&MIGRATIONS).await.expect("migrates");
        store.migrate(&people::MIGRATIONS).await.expect("migrates");
        let ledger = Ledger::new(store.clone());
        let keys = Keys::load_or_make(&folder.join("keys")).expect("keys");
        let people = People::new(store, keys, Arc::new(Outbox::default()), Policy::default());
        let at = now();
        let new = NewMunicipality {
            code: TOWN,
            name_en: "Siheung-si".into(),
            currency_name: "시루".into(),
            currency_name_en: "Siru".into(),
            help_line: "031-310-0000".into(),
            help_hours: "09–18".into(),
        };
        ledger.open_municipality(new, at).await.expect("opens");
        let new = NewProgramme::given("수당", "Allowance", ExpiryRule::Months(12), "test");
        let programme = ledger
            .create_programme(TOWN, new, at)
            .await
            .expect("a programme")
            .id;
        let shop = NewMerchant {
            code: "A001".into(),
            name: "할매국밥".into(),
            category: Category::Restaurant,
            revenue_won_year: 100_000_000,
            address: "경기도 시흥시".into(),
            district: "대야동".into(),
        };
        let merchant = ledger.create_merchant(TOWN, shop, at).await.expect("a shop").id;
        let fund = Operation::Fund {
            programme,
            amount_won: TILLS * GRANTED_WON,
        };
        post(&ledger, "fund".to_owned(), fund).await;
        for holder in 1..=TILLS {
            let grant = Operation::Grant {
                programme,
                holder,
                amount_won: GRANTED_WON,
                payout: None,
            };
            post(&ledger, format!("grant {holder}"), grant).await;
        }
        let new = NewApiKey {
            municipality: TOWN,
            owner: KeyOwner::Merchant(merchant),
            label: "till".into(),
            scopes: vec![Scope::PaymentsWrite, Scope::PaymentsRead],
        };
        let (_, key) = people
            .make_api_key(&new, 0, "127.0.0.1", at)
            .await
            .expect("a key");
        Self {
            ledger,
            people,
            key: key.0,
            addr: String::new(),
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(30))
                .build()
                .expect("a client"),
        }
    }

    /// What the resident shows; `None` while the database is away.
    async fn code(&self, holder: i64) -> Option<String> {
        let name = |id| self.people.code_name(TOWN, id);
        let code = self.ledger.make_code(TOWN, holder, name, now()).await.ok()?;
        self.people.code_digits(TOWN, code.id, &code.name)
    }

    /// What the till hears: the payment's id, whether it had been made before, or that there is no answer.
    async fn ask(&self, asked: &Asked) -> Option<(String, bool)> {
        let answer = self
            .http
            .post(format!("http://{}/api/v1/payments", self.addr))
            .bearer_auth(&self.key)
            .header("Idempotency-Key", format!("\"{}\"", asked.key))
            .json(&asked.body)
            .send()
            .await
            .ok()?;
        let status = answer.status();
        let replayed = answer
            .headers()
            .get("idempotent-replayed")
            .is_some_and(|value| value == "true");
        let body: Value = answer.json().await.ok()?;
        assert!(
            status == 201 || status.is_server_error(),
            "{status} {body} for {asked:?}"
        );
        (status == 201).then(|| (body["id"].as_str().expect("an id").to_owned(), replayed))
    }

    /// One till: pays until there is no answer, or the round is over.
    async fn till(self, holder: i64, round: usize, seen: Arc<Mutex<Vec<Asked>>>, over: Arc<AtomicBool>) {
        for number in 0.. {
            if over.load(Ordering::Relaxed) {
                return;
            }
            let Some(code) = self.code(holder).await else {
                return;
            };
            let key = format!("r{round}-h{holder}-{number}");
            let mut asked = Asked {
                body: json!({ "code": code, "amount_won": 10 + number % 90, "order_id": key }),
                key,
                acknowledged: None,
            };
            let answer = self.ask(&asked).await;
            asked.acknowledged = answer.map(|(id, _)| id);
            let stop = asked.acknowledged.is_none();
            seen.lock().expect("no till panics").push(asked);
            if stop {
                return;
            }
        }
    }

    /// Asks until there is an answer.
    async fn ask_again(&self, asked: &Asked) -> (String, bool) {
        let begun = Instant::now();
        loop {
            if let Some(answer) = self.ask(asked).await {
                return answer;
            }
            assert!(begun.elapsed() < PATIENCE, "work does not go on: {asked:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

async fn post(ledger: &Ledger, key: String, operation: Operation) {
    let request = Request {
        municipality: TOWN,
        key,
        actor: "test".into(),
        at: now(),
        operation,
    };
    ledger.post(request).await.expect("posted");
}

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
