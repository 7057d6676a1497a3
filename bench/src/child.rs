//! Processes that are measured: started, waited for, and ended by their id.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use crate::Anything;

const READY: Duration = Duration::from_secs(30);

/// A running process; ended when dropped.
pub struct Child(tokio::process::Child);

impl Child {
    /// Starts a program with these variables beside its own environment.
    pub fn start(program: &Path, words: &[&str], environment: &[(&str, String)]) -> Anything<Self> {
        let child = tokio::process::Command::new(program)
            .args(words)
            .envs(environment.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        Ok(Self(child))
    }

    /// Waits until it has done its work.
    pub async fn ends_well(&mut self) -> Anything<()> {
        let status = self.0.wait().await?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("a process ended: {status}").into())
        }
    }

    /// Waits until `url` is answered.
    pub async fn answers(&self, url: &str) -> Anything<()> {
        let begun = Instant::now();
        while begun.elapsed() < READY {
            if reqwest::get(url)
                .await
                .is_ok_and(|answer| answer.status().is_success())
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(format!("{url} does not answer").into())
    }

    /// Its resident memory, in MB (10⁶ bytes).
    pub fn memory_mb(&self) -> Anything<f64> {
        let pid = self.0.id().ok_or("the process has ended")?;
        let text = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let kilobytes: f64 = text
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.trim().split(' ').next())
            .ok_or("no VmRSS")?
            .parse()?;
        Ok(kilobytes * 1_024.0 / 1e6)
    }

    /// Asks it to end, and waits.
    pub async fn end(mut self) -> Anything<()> {
        if let Some(pid) = self.0.id() {
            tokio::process::Command::new("kill")
                .arg(pid.to_string())
                .status()
                .await?;
        }
        self.0.wait().await?;
        Ok(())
    }
}

/// A loopback address that nobody listens at.
pub fn free_address() -> Anything<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// The program under measurement, built for release.
pub fn neul() -> PathBuf {
    std::env::var_os("NEUL_BIN").map_or_else(
        || {
            let target =
                std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
            target.join("release/neul")
        },
        PathBuf::from,
    )
}
