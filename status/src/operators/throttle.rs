//! Sign-in attempts are limited by login and address together, by address, and by login; bounded in memory.
//!
//! By login alone the limit is wide: in an outage, when the desk matters, nobody must be able to lock the
//! operator out with a handful of wrong passwords.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// A failure counts for so long (ms).
const WINDOW_MS: i64 = 5 * 60_000;
const OF_BOTH: usize = 5;
const OF_ADDRESS: usize = 20;
const OF_LOGIN: usize = 100;
/// So many keys at most; beyond that the oldest go.
const KEYS: usize = 10_000;

/// Counts failed sign-ins.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    failed: Mutex<HashMap<String, Vec<i64>>>,
}

impl Throttle {
    /// `None`: try; `Some`: not before so many milliseconds.
    pub(crate) fn wait_ms(&self, login: &str, address: &str, at: i64) -> Option<i64> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        names(login, address)
            .into_iter()
            .filter_map(|(name, limit)| {
                let times = failed.get(&name)?;
                let recent: Vec<i64> = times
                    .iter()
                    .copied()
                    .filter(|time| at - time < WINDOW_MS)
                    .collect();
                let oldest = *recent.get(recent.len().checked_sub(limit)?)?;
                Some(oldest + WINDOW_MS - at)
            })
            .max()
    }

    /// Counts a failure.
    pub(crate) fn failed(&self, login: &str, address: &str, at: i64) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.len() >= KEYS {
            failed.retain(|_, times| times.last().is_some_and(|last| at - last < WINDOW_MS));
        }
        if failed.len() >= KEYS {
            failed.clear();
        }
        for (name, limit) in names(login, address) {
            let times = failed.entry(name).or_default();
            times.push(at);
            let extra = times.len().saturating_sub(limit);
            times.drain(..extra);
        }
    }

    /// A right password forgets this login's failures from this address.
    pub(crate) fn forget(&self, login: &str, address: &str) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.remove(&names(login, address)[0].0);
    }
}

fn names(login: &str, address: &str) -> [(String, usize); 3] {
    // Whatever is typed as a login takes a bounded place.
    let login: String = login.chars().take(64).collect();
    [
        (format!("both\0{login}\0{address}"), OF_BOTH),
        (format!("address\0{address}"), OF_ADDRESS),
        (format!("login\0{login}"), OF_LOGIN),
    ]
}
