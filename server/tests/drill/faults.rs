//! The fourteen faults: what each needs, how it begins and ends, and what must be seen beside the figures.

use std::{
    fs::File,
    io::Write as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use server::simulate::collector::Manner;
use tokio::io::AsyncWriteExt as _;

use crate::day::{Day, signal};

/// So many connections hold slow clients at once.
const SLOW_CLIENTS: usize = 3_000;
/// From a start to the first answer (s).
const RESTART_S: f64 = 1.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    AgentHangs,
    AgentPanics,
    DatabaseStopped,
    DatabaseKilled,
    DatabaseReadOnly,
    DiskFull,
    PortalKilled,
    NoDescriptors,
    SlowClients,
    ClockJumps,
    NetworkSilent,
    StatusKilled,
    BothDead,
    SessionsLost,
}

impl Fault {
    pub const ALL: [Self; 14] = [
        Self::AgentHangs,
        Self::AgentPanics,
        Self::DatabaseStopped,
        Self::DatabaseKilled,
        Self::DatabaseReadOnly,
        Self::DiskFull,
        Self::PortalKilled,
        Self::NoDescriptors,
        Self::SlowClients,
        Self::ClockJumps,
        Self::NetworkSilent,
        Self::StatusKilled,
        Self::BothDead,
        Self::SessionsLost,
    ];

    pub fn number(self) -> usize {
        self as usize + 1
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::AgentHangs => "1 telemetry agent hangs",
            Self::AgentPanics => "2 telemetry agent panics",
            Self::DatabaseStopped => "3 PostgreSQL SIGSTOP",
            Self::DatabaseKilled => "4 PostgreSQL SIGKILL",
            Self::DatabaseReadOnly => "5 PostgreSQL read-only",
            Self::DiskFull => "6 disk full for the database",
            Self::PortalKilled => "7 portal SIGKILL under load",
            Self::NoDescriptors => "8 portal out of file descriptors",
            Self::SlowClients => "9 slow clients hold thousands of connections",
            Self::ClockJumps => "10 clock jumps an hour",
            Self::NetworkSilent => "11 card network silent",
            Self::StatusKilled => "12 status process killed while an incident is open",
            Self::BothDead => "13 both dead, nginx on the static twin",
            Self::SessionsLost => "14 session store lost",
        }
    }

    /// Whether payments fail while it lasts, so that the public is owed a word.
    pub fn fails(self) -> bool {
        matches!(
            self,
            Self::DatabaseStopped
                | Self::DatabaseKilled
                | Self::DatabaseReadOnly
                | Self::DiskFull
                | Self::PortalKilled
                | Self::NoDescriptors
                | Self::StatusKilled
                | Self::BothDead
        )
    }

    /// Whether the portal must be started in a way of its own.
    pub fn is_dressed(self) -> bool {
        matches!(self, Self::AgentHangs | Self::AgentPanics | Self::ClockJumps)
    }

    /// Whether the word comes from nginx.
    pub fn is_told_by_twin(self) -> bool {
        self == Self::BothDead
    }

    /// What this machine must give.
    pub fn is_possible(self, day: &Day) -> Result<(), String> {
        match self {
            Self::DiskFull if day.disk.is_none() => {
                Err("no file system can be mounted here (needs root)".to_owned())
            }
            Self::NoDescriptors if !runs("prlimit") => Err("no prlimit".to_owned()),
            Self::ClockJumps if faketime().is_none() => Err("libfaketime is not installed".to_owned()),
            Self::BothDead if nginx().is_none() => Err("nginx is not installed".to_owned()),
            _ => Ok(()),
        }
    }

    /// Changes how the portal is started.
    pub fn dress(self, day: &Day, command: &mut Command) {
        match self {
            // Both ways out: the collector, and a pipe of log lines that nobody empties.
            Self::AgentHangs => {
                command.env("NEUL_LOG", "trace").stderr(Stdio::piped());
            }
            Self::AgentPanics => {
                command.env("NEUL_OTLP_ENDPOINT", "http://panic.invalid:4318");
            }
            Self::ClockJumps => {
                let clock = day.path("clock");
                std::fs::write(&clock, "+0").expect("a file");
                command
                    .env("LD_PRELOAD", faketime().expect("it is possible"))
                    .env("FAKETIME_TIMESTAMP_FILE", clock)
                    .env("FAKETIME_NO_CACHE", "1")
                    .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                    .env("DONT_FAKE_MONOTONIC", "1");
            }
            _ => {}
        }
    }

    pub async fn begin(self, day: &mut Day) -> Result<(), String> {
        match self {
            Self::AgentHangs => day.collector.behave(Manner::Hangs),
            // It panics since the portal's start.
            Self::AgentPanics => {}
            Self::DatabaseStopped => day.postgres.freeze(),
            Self::DatabaseKilled => day.postgres.kill(),
            Self::DatabaseReadOnly => read_only(day, true).await?,
            Self::DiskFull => {
                let file = day.disk.as_ref().expect("it is possible").folder.join("filler");
                let mut file = File::create(file).map_err(|error| error.to_string())?;
                let block = vec![0; 1 << 16];
                while file.write_all(&block).is_ok() {}
                let _ = file.write_all(&[0; 4_096]);
            }
            Self::PortalKilled | Self::StatusKilled => day.kill(|day| &mut day.portal),
            Self::NoDescriptors => {
                let pid = portal(day)?;
                let open = std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count);
                limit(pid, open)?;
            }
            Self::SlowClients => slow_clients(&day.town.addr).await?,
            Self::ClockJumps => {
                std::fs::write(day.path("clock"), "+3600").map_err(|error| error.to_string())?;
            }
            Self::NetworkSilent => signal(network(day)?, "-STOP"),
            Self::BothDead => {
                day.twin_server = Some(serve_twin(day)?);
                day.kill(|day| &mut day.portal);
            }
            Self::SessionsLost => sql(day, "DELETE FROM sessions").await?,
        }
        Ok(())
    }

    /// In the middle, once the word is out.
    pub async fn midway(self, day: &mut Day) -> Result<(), String> {
        match self {
            Self::StatusKilled => {
                day.kill(|day| &mut day.status);
                tokio::time::sleep(Duration::from_secs(1)).await;
                day.start_status(false);
                let begun = Instant::now();
                while !day.public_word(self).await {
                    if begun.elapsed() > Duration::from_secs(10) {
                        return Err("the status site came back without its incident".to_owned());
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Ok(())
            }
            Self::BothDead => {
                day.kill(|day| &mut day.status);
                let page = day.page(&format!("http://{}/", day.twin_addr)).await;
                let page = page.ok_or("nginx does not answer")?;
                let written = day.json(&format!("http://{}/written.json", day.twin_addr)).await;
                if written.is_none() || !page.contains("<main") {
                    return Err("the copy does not say when it was written".to_owned());
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Ends it, and says what that took.
    pub async fn end(self, day: &mut Day) -> Result<Option<String>, String> {
        match self {
            Self::AgentHangs => day.collector.behave(Manner::Good),
            // A panic passes by itself; sessions nobody brings back: that is the fault.
            Self::AgentPanics | Self::SessionsLost => {}
            Self::DatabaseStopped => day.postgres.thaw(),
            Self::DatabaseKilled => day.postgres.start_again(),
            Self::DatabaseReadOnly => read_only(day, false).await?,
            Self::DiskFull => {
                let file = day.disk.as_ref().expect("it is possible").folder.join("filler");
                std::fs::remove_file(file).map_err(|error| error.to_string())?;
                if !day.postgres.is_running() {
                    day.postgres.start_again();
                    return Ok(Some(
                        "PostgreSQL had ended itself and was started again".to_owned(),
                    ));
                }
            }
            Self::PortalKilled | Self::StatusKilled | Self::BothDead => {
                if self == Self::BothDead {
                    day.start_status(false);
                }
                day.start_portal(self);
                let took = day.answers().await?.as_secs_f64();
                if took > RESTART_S {
                    return Err(format!("from the portal's start to its first answer {took:.2} s"));
                }
                return Ok(Some(format!("first answer {took:.2} s after the portal's start")));
            }
            Self::NoDescriptors => limit(portal(day)?, 16_384)?,
            // They go on: the portal must live with them. They are ended with their runtime's tasks.
            Self::SlowClients => SLOW.store(false, std::sync::atomic::Ordering::Relaxed),
            Self::ClockJumps => std::fs::write(day.path("clock"), "+0").map_err(|error| error.to_string())?,
            Self::NetworkSilent => signal(network(day)?, "-CONT"),
        }
        Ok(None)
    }

    /// Why this was not what it says, if it was not.
    pub async fn unproven(self, day: &mut Day) -> Option<String> {
        match self {
            Self::AgentHangs => {
                let dropped = figure(
                    &day.metrics().await,
                    "neul_telemetry_dropped_total{queue=\"stderr\"}",
                );
                (dropped == 0).then(|| "the pipe of the log never filled".to_owned())
            }
            Self::AgentPanics => {
                let restarts = figure(
                    &day.metrics().await,
                    "neul_telemetry_restarts_total{queue=\"traces\"}",
                );
                (restarts == 0)
                    .then(|| "the agent never panicked (a release build has none that does)".to_owned())
            }
            Self::BothDead => {
                day.kill(|day| &mut day.twin_server);
                None
            }
            _ => None,
        }
    }
}

fn figure(metrics: &str, name: &str) -> u64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|value| value.trim().parse().ok()).unwrap_or(0)
}

fn portal(day: &Day) -> Result<u32, String> {
    Ok(day.portal.as_ref().ok_or("no portal runs")?.id())
}

fn network(day: &Day) -> Result<u32, String> {
    day.network
        .lock()
        .expect("no panic")
        .ok_or_else(|| "no network runs".to_owned())
}

fn runs(program: &str) -> bool {
    let found = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    found.is_ok()
}

fn faketime() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib")
        .ok()?
        .flatten()
        .map(|entry| entry.path().join("faketime"));
    folders
        .map(|folder| folder.join("libfaketime.so.1"))
        .find(|file| file.exists())
}

fn nginx() -> Option<PathBuf> {
    ["/usr/sbin/nginx", "/usr/bin/nginx"]
        .map(PathBuf::from)
        .into_iter()
        .find(|file| file.exists())
}

/// The soft limit alone: raising it again needs no right.
fn limit(pid: u32, files: usize) -> Result<(), String> {
    let done = Command::new("prlimit")
        .args(["--pid", &pid.to_string(), &format!("--nofile={files}:")])
        .status();
    if done.is_ok_and(|done| done.success()) {
        Ok(())
    } else {
        Err("prlimit failed".to_owned())
    }
}

/// Runs a statement on a connection of its own, which may write whatever the server's default is.
async fn sql(day: &Day, statement: &'static str) -> Result<(), String> {
    use sqlx::Connection as _;
    let say = |error: sqlx::Error| error.to_string();
    let mut connection = sqlx::AnyConnection::connect(&day.url).await.map_err(say)?;
    for statement in ["SET default_transaction_read_only = off", statement] {
        sqlx::raw_sql(statement)
            .execute(&mut connection)
            .await
            .map_err(say)?;
    }
    Ok(())
}

async fn read_only(day: &Day, on: bool) -> Result<(), String> {
    let statement = if on {
        "ALTER SYSTEM SET default_transaction_read_only = on"
    } else {
        "ALTER SYSTEM RESET default_transaction_read_only"
    };
    sql(day, statement).await?;
    sql(day, "SELECT pg_reload_conf()").await
}

static SLOW: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// Each connects, sends a drop of a request every second, and connects again when it is shown the door.
async fn slow_clients(addr: &str) -> Result<(), String> {
    use std::sync::atomic::Ordering::Relaxed;
    SLOW.store(true, Relaxed);
    for _ in 0..SLOW_CLIENTS {
        let addr = addr.to_owned();
        tokio::spawn(async move {
            while SLOW.load(Relaxed) {
                let Ok(mut stream) = tokio::net::TcpStream::connect(&addr).await else {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    continue;
                };
                let _ = stream.write_all(b"GET / HTTP/1.1\r\nX-Slow: ").await;
                while SLOW.load(Relaxed) && stream.write_all(b"x").await.is_ok() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        });
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    Ok(())
}

/// nginx as deploy/nginx-twin.conf has it, in a folder of its own.
fn serve_twin(day: &Day) -> Result<Child, String> {
    let root = day.path("nginx");
    std::fs::create_dir_all(&root).map_err(|error| error.to_string())?;
    let text = include_str!("../../../deploy/nginx-twin.conf")
        .replace("listen 80;", &format!("listen {};", day.twin_addr))
        .replace("server_name status.example.kr;", "")
        .replace("/var/lib/neul-status/twin", &day.twin().display().to_string());
    let (place, user) = (root.display(), if is_root() { "user root;" } else { "" });
    let settings = format!(
        "{user} worker_processes 1; daemon off; pid {place}/pid; error_log {place}/error; \
         events {{ worker_connections 256; }} \
         http {{ access_log off; client_body_temp_path {place}/t1; proxy_temp_path {place}/t2; \
         fastcgi_temp_path {place}/t3; uwsgi_temp_path {place}/t4; scgi_temp_path {place}/t5; {text} }}"
    );
    let file = root.join("nginx.conf");
    std::fs::write(&file, settings).map_err(|error| error.to_string())?;
    Command::new(nginx().ok_or("no nginx")?)
        .arg("-c")
        .arg(&file)
        .arg("-e")
        .arg(root.join("error"))
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|data| data.uid() == 0)
}
