//! The processes of the drill, where they stand, and how they are looked at from outside.

use std::{
    fs::File,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Mutex,
    time::{Duration, Instant},
};

use ledger::{ListKey, NewCard};
use people::{Client, KeyOwner, NewApiKey, Scope};
use serde_json::Value;
use server::simulate::collector::{Collector, Manner};
use store::testing::PostgresServer;

use crate::{
    browser::Browser,
    faults::Fault,
    load,
    report::{Seen, target},
    tools::{TOWN, Town, free_address, now},
};

pub const NETWORK: &str = "drill";
pub const CARD: &str = "tok_drill_000000001";
const PASSWORD: &str = "늘-훈련-암호-2025";
const PROBE_KEY: &str = "the drill's own key of the probe";
/// Residents' browsers that are signed in, beside the one that shows pictures.
const SESSIONS: usize = 5;
/// A process that starts on a busy machine.
const READY: Duration = Duration::from_mins(1);

pub struct Day {
    pub town: Town,
    pub postgres: PostgresServer,
    /// A file system of the database's own, where this machine gives one.
    pub disk: Option<Disk>,
    pub url: String,
    pub portal: Option<Child>,
    pub status: Option<Child>,
    pub twin_server: Option<Child>,
    pub network: Mutex<Option<u32>>,
    pub collector: Collector,
    pub cookies: Vec<String>,
    pub network_key: String,
    pub list_key: String,
    admin: String,
    pub status_addr: String,
    pub twin_addr: String,
    /// How the portal was started last: another way needs another start.
    started_for: Option<Fault>,
    /// Counts the status site's folders.
    sites: usize,
    http: reqwest::Client,
    browser: Option<Browser>,
    folder: tempfile::TempDir,
}

/// A file system in memory, gone when this is dropped.
pub struct Disk {
    pub folder: PathBuf,
}

impl Disk {
    /// 600 MB of its own, where this machine lets us mount (as root, and not in every container).
    fn mount(folder: PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&folder).ok()?;
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=600m", "tmpfs"])
            .arg(&folder)
            .stderr(Stdio::null())
            .status();
        done.is_ok_and(|done| done.success()).then_some(Self { folder })
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.folder).status();
    }
}

/// `kill SIGNAL PID`
pub fn signal(pid: u32, name: &str) {
    // One that is gone already is what was wanted; kill's word for it would fill the log.
    let _ = Command::new("kill").args([name, &pid.to_string()]).output();
}

fn end(child: &mut Option<Child>) {
    if let Some(mut child) = child.take() {
        signal(child.id(), "-CONT");
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Day {
    /// Everything that the day begins with; with pictures where asked.
    pub async fn begin(with_pictures: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // The database's owner goes through it.
        Command::new("chmod")
            .arg("755")
            .arg(folder.path())
            .status()
            .expect("chmod");
        let disk = Disk::mount(folder.path().join("disk"));
        let place = disk
            .as_ref()
            .map_or(folder.path().join("postgres"), |disk| disk.folder.clone());
        std::fs::create_dir_all(&place).expect("a folder");
        let postgres = PostgresServer::start_in(&place);
        let url = postgres.url("postgres");
        let done = Command::new(env!("CARGO_BIN_EXE_neul"))
            .arg("demo")
            .env("DATABASE_URL", &url)
            .env("NEUL_DATA_DIR", folder.path())
            .env("NEUL_STATUS_DIR", folder.path().join("status-of-demo"))
            .env("NEUL_DEMO_PASSWORD", PASSWORD)
            .stdout(Stdio::null())
            .status();
        assert!(done.is_ok_and(|done| done.success()), "neul demo");
        let mut town = Town::new(folder.path(), &url).await;
        town.addr = free_address();
        let at = now();
        let new = NewApiKey {
            municipality: 0,
            owner: KeyOwner::Network(NETWORK.to_owned()),
            label: "network".to_owned(),
            scopes: vec![Scope::CardWrite],
        };
        let network_key = town
            .people
            .make_api_key(&new, "drill", "", at)
            .await
            .expect("a key")
            .1
            .0;
        let new = NewCard {
            municipality: TOWN,
            holder: 1,
            network: NETWORK.to_owned(),
            token: CARD.to_owned(),
        };
        town.ledger.register_card(new, at).await.expect("a card");
        let mut cookies = Vec::new();
        for number in 0..SESSIONS {
            let client = Client::new(format!("198.51.100.{number}"), "drill");
            let signed_in = town.people.sign_in("citizen", PASSWORD, &client, at).await;
            cookies.push(signed_in.expect("signed in").cookie_value);
        }
        let mut day = Self {
            town,
            postgres,
            disk,
            url,
            portal: None,
            status: None,
            twin_server: None,
            network: Mutex::default(),
            collector: Collector::start(Manner::Good).await.expect("a collector"),
            cookies,
            network_key,
            list_key: ListKey::from_hex(&"05".repeat(32)).expect("a key").public_hex(),
            admin: free_address(),
            status_addr: free_address(),
            twin_addr: free_address(),
            started_for: None,
            sites: 0,
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(6))
                .redirect(reqwest::redirect::Policy::none())
                .pool_max_idle_per_host(0)
                .build()
                .expect("a client"),
            browser: None,
            folder,
        };
        if with_pictures {
            std::fs::create_dir_all(target().join("drill")).expect("a folder");
            day.start_portal(Fault::ALL[2]);
            day.answers().await.expect("the portal opens");
            day.browser = Browser::start().await;
            let url = format!("http://{}", day.town.addr);
            if let Some(browser) = &mut day.browser {
                assert!(
                    browser.sign_in(&url, "citizen", PASSWORD).await,
                    "the resident signs in"
                );
            }
        }
        day
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program, with what all of its roles share, and its log in a file of its own.
    pub fn neul(&self, log: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_neul"));
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.path(&format!("{log}.log")));
        command
            .env("NEUL_ADDR", &self.town.addr)
            .env("NEUL_ADMIN_ADDR", &self.admin)
            .env("NEUL_STATUS_ADDR", &self.status_addr)
            .env("NEUL_STATUS_URL", format!("http://{}", self.status_addr))
            .env("NEUL_PROBE_KEY", PROBE_KEY)
            .env("NEUL_CARD_KEY", "05".repeat(32))
            .env_remove("NEUL_OTLP_ENDPOINT")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.map_or(Stdio::null(), Stdio::from));
        command
    }

    /// Starts the portal as this fault wants it.
    pub fn start_portal(&mut self, fault: Fault) {
        end(&mut self.portal);
        let mut command = self.neul("portal");
        command
            .args(["serve", "--no-status"])
            .env("DATABASE_URL", &self.url)
            .env("NEUL_DATA_DIR", self.folder.path())
            .env("NEUL_SITE_DIR", target().join("site"))
            .env("NEUL_OTLP_ENDPOINT", self.collector.endpoint());
        fault.dress(self, &mut command);
        self.portal = Some(command.spawn().expect("the portal starts"));
        self.started_for = Some(fault);
    }

    /// Starts the status site with the folder that it had, or a new one.
    pub fn start_status(&mut self, new: bool) {
        end(&mut self.status);
        self.sites += usize::from(new);
        let mut command = self.neul("status");
        command
            .arg("status")
            .env("NEUL_STATUS_DIR", self.path(&format!("status-{}", self.sites)))
            .env("NEUL_STATUS_TWIN", self.twin())
            .env("NEUL_PORTAL_URL", format!("http://{}", self.town.addr));
        self.status = Some(command.spawn().expect("the status site starts"));
    }

    /// Where the status site's copy lies.
    pub fn twin(&self) -> PathBuf {
        self.path(&format!("twin-{}", self.sites))
    }

    /// Quiet before the fault: a portal as it wants it, and a status site that has seen it well.
    pub async fn prepare(&mut self, fault: Fault) -> Result<(), String> {
        fault.is_possible(self)?;
        let ended = self
            .portal
            .as_mut()
            .is_none_or(|child| child.try_wait().is_ok_and(|state| state.is_some()));
        let dressed = self.started_for.is_some_and(Fault::is_dressed);
        if ended || fault.is_dressed() || dressed {
            self.start_portal(fault);
        }
        self.answers().await?;
        self.start_status(true);
        let (begun, url) = (
            Instant::now(),
            format!("http://{}/api/v2/status.json", self.status_addr),
        );
        while self.json(&url).await.is_none() {
            if begun.elapsed() > READY {
                return Err("the status site does not open".to_owned());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    /// Waits until the portal serves; how long that took.
    pub async fn answers(&mut self) -> Result<Duration, String> {
        let (begun, url) = (Instant::now(), format!("http://{}/livez", self.admin));
        loop {
            if self
                .http
                .get(&url)
                .send()
                .await
                .is_ok_and(|answer| answer.status().is_success())
            {
                return Ok(begun.elapsed());
            }
            if begun.elapsed() > READY {
                return Err("the portal does not open".to_owned());
            }
            // A supervisor's work.
            if self
                .portal
                .as_mut()
                .is_some_and(|child| child.try_wait().is_ok_and(|state| state.is_some()))
            {
                let fault = self.started_for.expect("it was started");
                self.start_portal(fault);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn metrics(&self) -> String {
        match self
            .http
            .get(format!("http://{}/metrics", self.admin))
            .send()
            .await
        {
            Ok(answer) => answer.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    pub async fn json(&self, url: &str) -> Option<Value> {
        self.http.get(url).send().await.ok()?.json().await.ok()
    }

    pub async fn page(&self, url: &str) -> Option<String> {
        self.http.get(url).send().await.ok()?.text().await.ok()
    }

    /// Whether the public is told that something is wrong.
    pub async fn public_word(&self, fault: Fault) -> bool {
        let addr = if fault.is_told_by_twin() {
            &self.twin_addr
        } else {
            &self.status_addr
        };
        let status = self.json(&format!("http://{addr}/api/v2/status.json")).await;
        status.is_some_and(|status| {
            let indicator = status["status"]["indicator"].as_str().unwrap_or("none");
            indicator != "none"
        })
    }

    /// Whether this session was sent to the sign-in page; `None`: no answer that says so.
    async fn is_signed_out(&self, cookie: &str) -> Option<bool> {
        let url = format!("http://{}/wallet", self.town.addr);
        let answer = self
            .http
            .get(url)
            .header("Cookie", format!("neul={cookie}"))
            .send()
            .await
            .ok()?;
        match answer.status().as_u16() {
            200 => Some(false),
            401 | 302 | 303 | 307 => Some(true),
            _ => None,
        }
    }

    /// One of the sessions by turns, while the fault lasts.
    pub async fn look_for_lost_sessions(&self, signed_out: &mut [bool]) {
        let at = (now() / 1_000) as usize % self.cookies.len();
        if let Ok(found) =
            tokio::time::timeout(Duration::from_secs(2), self.is_signed_out(&self.cookies[at])).await
        {
            signed_out[at] |= found.unwrap_or(false);
        }
    }

    /// All of them, once the portal answers.
    pub async fn sessions_at_the_end(&self, signed_out: &mut [bool]) {
        for (cookie, out) in self.cookies.iter().zip(signed_out) {
            let begun = Instant::now();
            loop {
                match self.is_signed_out(cookie).await {
                    Some(found) => {
                        *out |= found;
                        break;
                    }
                    // A session that nobody can use is lost.
                    None if begun.elapsed() > Duration::from_secs(20) => {
                        *out = true;
                        break;
                    }
                    None => tokio::time::sleep(Duration::from_millis(200)).await,
                }
            }
        }
    }

    /// What the resident's browser shows now.
    pub async fn pictures(&mut self, fault: Fault, seen: &mut Seen) {
        let public = if fault.is_told_by_twin() {
            &self.twin_addr
        } else {
            &self.status_addr
        };
        let pages = [
            ("wallet", format!("http://{}/wallet", self.town.addr)),
            ("status", format!("http://{public}/")),
        ];
        let Some(browser) = &mut self.browser else {
            return;
        };
        for (name, url) in pages {
            let file = format!("drill/{:02}-{name}.png", fault.number());
            let Some(shown) = browser.look(&url, &target().join(&file)).await else {
                seen.note("the browser does not answer".to_owned());
                return;
            };
            let heading = shown["heading"].as_str().unwrap_or_default().replace('\n', " ");
            let what = match shown["failed"].as_str().unwrap_or_default() {
                "" => format!("{name}: {} {heading}", shown["status"]),
                failed => format!("{name}: {failed}"),
            };
            if shown["signedOut"] == true {
                seen.miss("the browser was signed out".to_owned());
            }
            seen.picture(file, what);
        }
    }

    /// Asks again for what had no answer until it has one; how many acknowledged payments are not there, and how many
    /// more there are than were asked for.
    pub async fn settle(&self, fault: Fault, asked: &[load::Asked]) -> (usize, usize) {
        let mut lost = 0;
        for one in asked {
            let begun = Instant::now();
            let id = loop {
                if let Some(id) = load::ask(&self.http, &self.town, one).await {
                    break Some(id);
                }
                if begun.elapsed() > Duration::from_secs(30) {
                    break None;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            };
            // The receipt that was seen is the receipt that stands.
            let is_there = id.is_some() && (one.acknowledged.is_none() || one.acknowledged == id);
            lost += usize::from(!is_there);
        }
        let sql = "SELECT COUNT(*) FROM code_payments p JOIN transfers t ON t.municipality = p.municipality \
                   AND t.id = p.transfer WHERE p.municipality = $1 AND p.order_id LIKE $2";
        let (made,): (i64,) = sqlx::query_as(sql)
            .bind(TOWN)
            .bind(format!("{}%", load::prefix(fault)))
            .fetch_one(&self.town.ledger.store().read)
            .await
            .expect("the database answers");
        (lost, (made as usize).saturating_sub(asked.len()))
    }

    /// `neul ledger verify`
    pub fn verify(&self) {
        let done = self
            .neul("verify")
            .args(["ledger", "verify"])
            .env("DATABASE_URL", &self.url)
            .env("NEUL_DATA_DIR", self.folder.path())
            .stdout(Stdio::piped())
            .output()
            .expect("neul runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    }

    /// Kills a process of ours.
    pub fn kill(&mut self, which: fn(&mut Self) -> &mut Option<Child>) {
        end(which(self));
    }

    pub async fn end(mut self) {
        self.browser = None;
        if std::env::var_os("NEUL_KEEP").is_some() {
            let kept = target().join("drill-logs");
            let _ = std::fs::create_dir_all(&kept);
            for name in [
                "portal.log",
                "status.log",
                "network.log",
                "postgres/log",
                "disk/log",
            ] {
                let _ = std::fs::copy(self.path(name), kept.join(name.replace('/', "-")));
            }
        }
    }
}

impl Drop for Day {
    fn drop(&mut self) {
        for child in [&mut self.portal, &mut self.status, &mut self.twin_server] {
            end(child);
        }
    }
}
