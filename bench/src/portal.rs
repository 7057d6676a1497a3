//! The portal and the status site as people meet them: over HTTP, each beside a control in the same run.
//!
//! `/wallet` of somebody with twenty lots, on `SQLite`, against a bare handler that asks the same and answers
//! JSON; the status page against nginx with the same bytes; memory of the idle processes. The two sides take
//! turns three times and the medians count, because the machine is not the same from one moment to the next.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use axum::{Json, Router, extract::State, http::HeaderMap, routing::get};
use clap::Parser;
use ledger::{HistoryFilter, Operation, Request};
use people::{Client, Who};
use server::{cli::Cli, config::Rooms};

use crate::{
    Anything,
    child::{Child, free_address, neul},
    report::{Better, Report},
    wrk,
};

const PASSWORD: &str = "느티나무 아래 평상 둘";
const LOTS: i64 = 20;
const TURNS: usize = 3;

/// A demo in a folder of its own, and where its processes listen.
struct Demo {
    folder: tempfile::TempDir,
    portal: String,
    status: String,
    admin: String,
}

impl Demo {
    async fn new() -> Anything<Self> {
        let demo = Self {
            folder: tempfile::tempdir()?,
            portal: free_address()?,
            status: free_address()?,
            admin: free_address()?,
        };
        demo.run(&["demo"]).await?;
        Ok(demo)
    }

    fn database(&self) -> String {
        format!("sqlite://{}/neul.db", self.folder.path().display())
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let folder = self.folder.path().display().to_string();
        vec![
            ("DATABASE_URL", self.database()),
            ("NEUL_DATA_DIR", folder.clone()),
            ("NEUL_STATUS_DIR", format!("{folder}/status")),
            ("NEUL_ADDR", self.portal.clone()),
            ("NEUL_STATUS_ADDR", self.status.clone()),
            ("NEUL_ADMIN_ADDR", self.admin.clone()),
            ("NEUL_DEMO_PASSWORD", PASSWORD.to_owned()),
        ]
    }

    async fn run(&self, words: &[&str]) -> Anything<()> {
        let mut child = Child::start(&neul(), words, &self.environment())?;
        child.ends_well().await
    }

    async fn serve(&self) -> Anything<Child> {
        let child = Child::start(&neul(), &["serve", "--no-status"], &self.environment())?;
        child.answers(&format!("http://{}/readyz", self.admin)).await?;
        Ok(child)
    }

    async fn status(&self) -> Anything<Child> {
        let child = Child::start(&neul(), &["status"], &self.environment())?;
        child.answers(&format!("http://{}/", self.status)).await?;
        Ok(child)
    }

    /// The rooms of the same database, for the control and for filling the wallet.
    async fn rooms(&self) -> Anything<Rooms> {
        let folder = self.folder.path().display().to_string();
        let words = [
            "neul",
            "--database-url",
            &self.database(),
            "--data-dir",
            &folder,
            "migrate",
        ];
        Ok(Rooms::open(&Cli::try_parse_from(words)?.settings).await?)
    }
}

/// All rows of portal and status site.
pub async fn measure(length: Duration, report: &mut Report) -> Anything<()> {
    let demo = Demo::new().await?;
    wallet(&demo, length, report).await?;
    status(&demo, length, report).await?;
    memory(&demo, report).await
}

async fn wallet(demo: &Demo, length: Duration, report: &mut Report) -> Anything<()> {
    let rooms = demo.rooms().await?;
    let now = jiff::Timestamp::now().as_millisecond();
    let signed_in = rooms
        .people
        .sign_in("citizen", PASSWORD, &Client::new("127.0.0.1", "bench"), now)
        .await?;
    let Who::Resident { holders, .. } = &signed_in.session.who else {
        return Err("the demo's citizen is a resident".into());
    };
    let (municipality, holder) = holders[0];
    let open = rooms.ledger.wallet(municipality, holder, now).await?;
    let programme = open.pots.first().ok_or("the demo's citizen has money")?.programme;
    let held: usize = open.pots.iter().map(|pot| pot.lots.len()).sum();
    for number in held as i64..LOTS {
        let request = Request {
            municipality,
            key: format!("bench {number}"),
            actor: "bench".to_owned(),
            at: now,
            operation: Operation::Grant {
                programme,
                holder,
                amount_won: 1_000,
                payout: None,
            },
        };
        rooms.ledger.post(request).await?;
    }
    let cookie = format!("neul={}", signed_in.cookie_value);
    let control = control(rooms).await?;
    let portal = demo.serve().await?;
    let (ours, theirs) = turns(
        length,
        &[("Cookie", &cookie)],
        &format!("http://{}/wallet", demo.portal),
        &format!("http://{control}/wallet"),
    )
    .await?;
    report.row("portal.wallet", ours, "requests/s").against(
        "a bare handler with the same queries, in JSON",
        theirs,
        0.5,
        Better::Higher,
    );
    portal.end().await
}

/// Serves the control in this process; where.
async fn control(rooms: Rooms) -> Anything<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let router = Router::new()
        .route("/wallet", get(bare))
        .with_state(std::sync::Arc::new(rooms));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// What the page asks, without a page.
async fn bare(State(rooms): State<std::sync::Arc<Rooms>>, headers: HeaderMap) -> Json<serde_json::Value> {
    let cookie = headers["cookie"].to_str().unwrap_or_default();
    let cookie = cookie.strip_prefix("neul=").unwrap_or_default();
    let now = jiff::Timestamp::now().as_millisecond();
    let client = Client::new("127.0.0.1", "bench");
    let session = rooms.people.session(cookie, &client, now).await;
    let Ok(Some(session)) = session else {
        return Json(serde_json::Value::Null);
    };
    let Who::Resident { holders, .. } = &session.who else {
        return Json(serde_json::Value::Null);
    };
    let (municipality, holder) = holders[0];
    let filter = HistoryFilter::default();
    let both = tokio::try_join!(
        rooms.ledger.wallet(municipality, holder, now),
        rooms.ledger.history(municipality, holder, &filter, None, 5),
    );
    Json(match both {
        Ok((wallet, history)) => serde_json::json!({ "wallet": wallet, "history": history }),
        Err(error) => serde_json::Value::String(error.to_string()),
    })
}

async fn status(demo: &Demo, length: Duration, report: &mut Report) -> Anything<()> {
    let child = demo.status().await?;
    let url = format!("http://{}/", demo.status);
    let page = reqwest::get(&url).await?.error_for_status()?.bytes().await?;
    let nginx = nginx(demo.folder.path(), &page).await?;
    let (ours, theirs) = turns(length, &[], &url, &format!("http://{}/", nginx.1)).await?;
    report.row("status.front", ours, "requests/s").against(
        "nginx serving the same bytes",
        theirs,
        0.8,
        Better::Higher,
    );
    nginx.0.end().await?;
    child.end().await
}

/// nginx with one page, as many workers as there are processors, and no log; and where it listens.
async fn nginx(folder: &Path, page: &[u8]) -> Anything<(Child, String)> {
    let root = folder.join("nginx");
    std::fs::create_dir_all(root.join("html"))?;
    std::fs::write(root.join("html/index.html"), page)?;
    let address = free_address()?;
    let root_text = root.display();
    // As root the workers would be somebody who may not read the folder.
    let user = if root_owner() { "user root;" } else { "" };
    let settings = format!(
        "{user} worker_processes auto; daemon off; pid {root_text}/pid; error_log {root_text}/error; \
         events {{ worker_connections 512; }} \
         http {{ access_log off; default_type text/html; sendfile on; tcp_nopush on; open_file_cache max=10; \
         keepalive_requests 100000000; client_body_temp_path {root_text}/t1; proxy_temp_path {root_text}/t2; \
         fastcgi_temp_path {root_text}/t3; uwsgi_temp_path {root_text}/t4; scgi_temp_path {root_text}/t5; \
         server {{ listen {address}; root {root_text}/html; }} }}"
    );
    let file = root.join("nginx.conf");
    std::fs::write(&file, settings)?;
    let program = ["/usr/sbin/nginx", "/usr/bin/nginx"].map(PathBuf::from);
    let program = program
        .iter()
        .find(|file| file.exists())
        .ok_or("nginx is not installed: scripts/setup bench")?;
    let file = file.display().to_string();
    let child = Child::start(program, &["-c", &file, "-e", &format!("{root_text}/error")], &[])?;
    child.answers(&format!("http://{address}/")).await?;
    Ok((child, address))
}

fn root_owner() -> bool {
    std::os::unix::fs::MetadataExt::uid(&match std::fs::metadata("/proc/self") {
        Ok(data) => data,
        Err(_) => return false,
    }) == 0
}

/// Requests a second of both, the medians of their turns.
async fn turns(length: Duration, headers: &[(&str, &str)], ours: &str, theirs: &str) -> Anything<(f64, f64)> {
    let (mut own, mut other) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        own.push(wrk::requests_s(length, headers, ours).await?);
        other.push(wrk::requests_s(length, headers, theirs).await?);
    }
    Ok((median(own), median(other)))
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

async fn memory(demo: &Demo, report: &mut Report) -> Anything<()> {
    for (name, child) in [
        ("portal.idle_memory", demo.serve().await?),
        ("status.idle_memory", demo.status().await?),
    ] {
        tokio::time::sleep(Duration::from_secs(3)).await;
        report.row(name, child.memory_mb()?, "MB");
        child.end().await?;
    }
    Ok(())
}
