//! A card network that asks all the time, `neul simulate network` as a process of its own; the card's holder has allowed
//! nothing, so nothing may ever be charged elsewhere.

use std::{
    path::{Path, PathBuf},
    process::Child,
};

use crate::{
    day::{CARD, Day, NETWORK, signal},
    faults::Fault,
};

pub struct Network {
    child: Child,
    folder: PathBuf,
}

/// Begins to ask, twice a second.
pub fn start(day: &Day, fault: Fault) -> Network {
    let folder = day.path(&format!("network-{}", fault.number()));
    let child = day
        .neul("network")
        .args([
            "simulate",
            "network",
            "--network",
            NETWORK,
            "--card",
            CARD,
            "--merchant",
            "T001",
        ])
        .args([
            "--every",
            "500",
            "--asks",
            "100000",
            "--amount",
            "100",
            "--public-key",
        ])
        .arg(&day.list_key)
        .arg("--url")
        .arg(format!("http://{}", day.town.addr))
        .arg("--dir")
        .arg(&folder)
        .env("NEUL_NETWORK_KEY", &day.network_key)
        .spawn()
        .expect("the network starts");
    *day.network.lock().expect("no panic") = Some(child.id());
    Network { child, folder }
}

impl Network {
    /// Ends it; how many charges elsewhere it decided on.
    pub fn end(mut self) -> usize {
        signal(self.child.id(), "-CONT");
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
        charged_elsewhere(&self.folder.join("journal.jsonl"))
    }
}

fn charged_elsewhere(journal: &Path) -> usize {
    let text = std::fs::read_to_string(journal).unwrap_or_default();
    let events = text
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    events.filter(|event| event["decision"] == "fallback").count()
}
