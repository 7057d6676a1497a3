//! What a network must not forget: each question before it is asked, each decision before it is acted on. One line of
//! JSON each, synced.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, Write as _},
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

/// One line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Event {
    Asked {
        id: String,
        mcc: String,
        amount_won: i64,
        asked_at: i64,
    },
    Decided {
        id: String,
        decision: String,
        by: String,
        list_version: Option<i64>,
        decided_at: i64,
    },
    /// An advice was acknowledged, or a capture done.
    Told { id: String, at: i64 },
    /// A capture was refused for good.
    Refused { id: String, problem: String },
}

/// One question as the network knows it.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) mcc: String,
    pub(super) amount_won: i64,
    pub(super) asked_at: i64,
    pub(super) decision: String,
    pub(super) by: String,
    pub(super) list_version: Option<i64>,
    pub(super) decided_at: i64,
    pub(super) told_at: Option<i64>,
    pub(super) refused: Option<String>,
}

impl Known {
    /// Whether something must still be told: an advice, or a capture.
    pub(super) fn is_open(&self) -> bool {
        let tells = self.decision == "approve" || self.by == "list";
        !self.decision.is_empty() && tells && self.told_at.is_none() && self.refused.is_none()
    }
}

/// The file, and what stands in it.
pub(super) struct Journal(Mutex<(File, BTreeMap<String, Known>)>);

fn take_in(known: &mut BTreeMap<String, Known>, event: Event) {
    match event {
        Event::Asked {
            id,
            mcc,
            amount_won,
            asked_at,
        } => {
            let one = known.entry(id).or_default();
            (one.mcc, one.amount_won, one.asked_at) = (mcc, amount_won, asked_at);
        }
        Event::Decided {
            id,
            decision,
            by,
            list_version,
            decided_at,
        } => {
            let one = known.entry(id).or_default();
            (one.decision, one.by, one.list_version, one.decided_at) =
                (decision, by, list_version, decided_at);
        }
        Event::Told { id, at } => known.entry(id).or_default().told_at = Some(at),
        Event::Refused { id, problem } => known.entry(id).or_default().refused = Some(problem),
    }
}

impl Journal {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut known = BTreeMap::new();
        if let Ok(file) = File::open(path) {
            for line in BufReader::new(file).lines() {
                // Of the last line a kill may have left half.
                if let Ok(event) = serde_json::from_str(&line?) {
                    take_in(&mut known, event);
                }
            }
        }
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        file.write_all(b"\n")?;
        Ok(Self(Mutex::new((file, known))))
    }

    /// Writes it down for good.
    pub(super) fn write(&self, event: Event) -> io::Result<()> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut line = serde_json::to_vec(&event).unwrap_or_default();
        line.push(b'\n');
        state.0.write_all(&line)?;
        state.0.sync_data()?;
        take_in(&mut state.1, event);
        Ok(())
    }

    pub(super) fn known(&self) -> BTreeMap<String, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }
}
