//! One look a minute.

use std::{sync::Arc, time::Duration};

use reqwest::{Client, redirect};
use serde::Deserialize;
use tlog::{Checkpoint, Hash, LogError, Verifying};

use super::store;
use crate::{
    config::Clock,
    db::Db,
    error::StatusError,
    snapshot::{House, Keeper},
};

/// Nothing of the log that is asked for is longer (bytes).
const MOST: usize = 64 * 1024;

/// What a look came to, if not well.
enum Trouble {
    /// The portal did not answer: to be asked again, nothing to be said.
    Away,
    /// An alarm: its kind, and how many leaves came.
    Alarm(&'static str, i64),
    /// Our own store.
    Store(sqlx::Error),
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error)
    }
}

#[derive(Deserialize)]
struct Consistency {
    hashes: Vec<String>,
}

/// Watches the log.
#[derive(Debug)]
pub(crate) struct Watcher {
    db: Db,
    keeper: Arc<Keeper>,
    base: String,
    client: Client,
}

impl Watcher {
    /// One for the portal of this house.
    pub(crate) fn new(house: &House, db: Db, keeper: Arc<Keeper>) -> Result<Self, StatusError> {
        let client = Client::builder()
            .timeout(Duration::from_secs(10))
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| StatusError::Probe(error.to_string()))?;
        Ok(Self {
            db,
            keeper,
            base: house.portal_url.trim_end_matches('/').to_owned(),
            client,
        })
    }

    /// Looks until it is dropped.
    pub(crate) async fn run(self, every: Duration, clock: Clock) {
        loop {
            self.look(clock()).await;
            tokio::time::sleep(every).await;
        }
    }

    async fn look(&self, at: i64) {
        let Ok(Some(note)) = self.get("/log/checkpoint").await else {
            return;
        };
        match self.take(&note, at).await {
            Ok(()) => {}
            Err(Trouble::Away) => tracing::info!("the portal's log could not be checked this time"),
            Err(Trouble::Store(error)) => tracing::warn!(%error, "the portal's log could not be kept"),
            Err(Trouble::Alarm(kind, now)) => {
                let before = store::load(&self.db)
                    .await
                    .ok()
                    .and_then(|log| log.last().map(|last| last.size));
                match store::raise(&self.db, kind, before.unwrap_or(0), now, &note, at).await {
                    Ok(true) => {
                        tracing::error!(kind, before, now, "ALARM: the portal's log is not what it was");
                    }
                    Ok(false) => {}
                    Err(error) => tracing::error!(%error, kind, "an alarm of the log could not be kept"),
                }
            }
        }
        self.keeper.refresh().await;
    }

    async fn take(&self, note: &str, at: i64) -> Result<(), Trouble> {
        let log = store::load(&self.db).await?;
        let mut known = Verifying::parse(&log.keys.join("\n")).unwrap_or_default();
        if known.list().is_empty() {
            known = self.keys().await?;
        }
        let Ok(now) = Checkpoint::open(note, &known) else {
            let size = tlog::read_unchecked(note).map_or(0, |read| read.size as i64);
            return Err(Trouble::Alarm("signature", size));
        };
        // What is believed from now on: the keys that a known key stands beside on this very note.
        let size = now.size as i64;
        if note.lines().filter(|line| line.starts_with('—')).count() > now.signed_by.len() {
            let offered = self.keys().await?;
            if Checkpoint::open(note, &offered).is_ok() {
                known = Verifying::parse(&format!("{known}\n{offered}")).unwrap_or(known);
            }
        }
        if let Some(last) = log.last()
            && !store::may_begin_anew(&self.db).await?
        {
            self.continues(&last.note, &known, &now).await?;
            if last.size == size {
                self.believe(&log, &known, at).await?;
                store::again(&self.db, note, at).await?;
                return Ok(());
            }
        }
        self.believe(&log, &known, at).await?;
        store::keep(
            &self.db,
            size,
            &now.root.to_string(),
            note,
            at,
            log.last().is_some() && store::may_begin_anew(&self.db).await?,
        )
        .await?;
        Ok(())
    }

    async fn believe(&self, log: &store::Log, known: &Verifying, at: i64) -> Result<(), Trouble> {
        for key in known.list() {
            if !log.keys.contains(key) {
                tracing::info!(key, "a key of the portal's log is believed from now on");
                store::add_key(&self.db, key, at).await?;
            }
        }
        Ok(())
    }

    async fn continues(&self, before: &str, known: &Verifying, now: &Checkpoint) -> Result<(), Trouble> {
        let size = now.size as i64;
        // Checked when it was taken; keys are never forgotten.
        let Ok(before) = Checkpoint::open(before, known) else {
            return Err(Trouble::Alarm("signature", size));
        };
        let mut hashes: Vec<Hash> = Vec::new();
        if before.size > 0 && before.size < now.size {
            let path = format!("/log/consistency?from={}&to={}", before.size, now.size);
            let Some(text) = self.get(&path).await? else {
                return Err(Trouble::Alarm("withheld", size));
            };
            let Ok(answer) = serde_json::from_str::<Consistency>(&text) else {
                return Err(Trouble::Alarm("withheld", size));
            };
            let parsed = answer.hashes.iter().map(|hash| tlog::parse_hash(hash)).collect();
            hashes = match parsed {
                Ok(hashes) => hashes,
                Err(_) => return Err(Trouble::Alarm("withheld", size)),
            };
        }
        tlog::consistency(&before, now, &hashes).map_err(|error| match error {
            LogError::Shrunk { .. } => Trouble::Alarm("shrunk", size),
            _ => Trouble::Alarm("forked", size),
        })
    }

    async fn keys(&self) -> Result<Verifying, Trouble> {
        let text = self.get("/log/keys").await?.ok_or(Trouble::Away)?;
        Verifying::parse(&text).map_err(|_| Trouble::Away)
    }

    /// The text at a path; nothing where the portal says that there is none (4xx).
    async fn get(&self, path: &str) -> Result<Option<String>, Trouble> {
        let asked = self.client.get(format!("{}{path}", self.base)).send().await;
        let mut answer = asked.map_err(|_| Trouble::Away)?;
        if answer.status().is_client_error() && answer.status() != 429 {
            return Ok(None);
        }
        if !answer.status().is_success() {
            return Err(Trouble::Away);
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| Trouble::Away)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MOST {
                return Err(Trouble::Away);
            }
        }
        String::from_utf8(bytes).map(Some).map_err(|_| Trouble::Away)
    }
}
