//! Real processes and a town to pay in, for tests that load the portal from outside: a `neul serve` that is killed and
//! started again, tills that pay over HTTP, and the database beside it to see what came of it.

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
use serde_json::{Value, json};
use store::Store;

/// 경기도 시흥시.
pub const TOWN: i64 = 41390;
pub const TILLS: i64 = 16;
pub const GRANTED_WON: i64 = 10_000_000;
/// A server that recovers, and a machine that is busy, are waited for.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// One payment, as a till asks for it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub key: String,
    pub body: Value,
    /// The payment's id, once a receipt was seen.
    pub acknowledged: Option<String>,
}

/// `neul serve` and what it stands on.
pub struct Portal {
    pub folder: tempfile::TempDir,
    pub url: String,
    pub addr: String,
    pub admin: String,
    pub process: Child,
}

pub fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").to_string()
}

pub fn neul(folder: &Path, url: &str) -> Command {
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
pub fn site(folder: &Path) {
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
    pub async fn start(folder: tempfile::TempDir, url: String) -> Self {
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

    pub fn spawn(folder: &tempfile::TempDir, url: &str, addr: &str, admin: &str) -> Child {
        neul(folder.path(), url)
            .args(["serve", "--no-status"])
            .env("NEUL_ADDR", addr)
            .env("NEUL_ADMIN_ADDR", admin)
            .spawn()
            .expect("neul starts")
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("ended");
    }

    pub async fn start_again(&mut self) {
        self.process = Self::spawn(&self.folder, &self.url, &self.addr, &self.admin);
        self.wait().await;
    }

    pub async fn wait(&mut self) {
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

    pub fn verify(&self) {
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
pub struct Town {
    pub ledger: Ledger,
    pub people: People,
    pub key: String,
    pub addr: String,
    pub http: reqwest::Client,
}

impl Town {
    pub async fn new(folder: &Path, url: &str) -> Self {
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
        // The drill's town is the demo's.
        if ledger.municipality(TOWN).await.expect("asked").is_none() {
            ledger.open_municipality(new, at).await.expect("opens");
        }
        let new = NewProgramme::given("수당", "Allowance", ExpiryRule::Months(12), "test");
        let programme = ledger
            .create_programme(TOWN, new, at)
            .await
            .expect("a programme")
            .id;
        let shop = NewMerchant {
            code: "T001".into(),
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
    pub async fn code(&self, holder: i64) -> Option<String> {
        let name = |id| self.people.code_name(TOWN, id);
        let code = self.ledger.make_code(TOWN, holder, name, now()).await.ok()?;
        self.people.code_digits(TOWN, code.id, &code.name)
    }

    /// What the till hears: the payment's id, whether it had been made before, or that there is no answer.
    pub async fn ask(&self, asked: &Asked) -> Option<(String, bool)> {
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
    pub async fn till(self, holder: i64, round: usize, seen: Arc<Mutex<Vec<Asked>>>, over: Arc<AtomicBool>) {
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
    pub async fn ask_again(&self, asked: &Asked) -> (String, bool) {
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

pub fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

pub async fn post(ledger: &Ledger, key: String, operation: Operation) {
    let request = Request {
        municipality: TOWN,
        key,
        actor: "test".into(),
        at: now(),
        operation,
    };
    ledger.post(request).await.expect("posted");
}
