//! Detection: the site asks the portal from outside, every few seconds, as a resident's browser would; what it
//! finds becomes a component's state only after several findings in a row (`judge`), and a bad state opens an
//! incident by itself (`tell`).
//!
//! It must never claim what it has not seen. A question that was never answered well since this site was set up
//! judges nothing (a wrong address is no outage); a refusal of the portal's own signals judges nothing; the first
//! text names what failed and since when, and says that the cause is not known. The operator's words stand: what
//! they changed in an incident is not changed back until a judgement changes again.
//!
//! The portal's signals are hints: without them the pages are still asked.

mod ask;
mod judge;
mod means;
mod sentry;
mod sight;
mod store;
mod tell;

pub(crate) use ask::Finding;
pub use judge::{Judge, Rules};
pub(crate) use sentry::Sentry;
pub(crate) use sight::{Look, Sight};
pub(crate) use store::gaps;
pub(crate) use tell::SENTRY;

use std::time::Duration;

/// How the portal is watched.
#[derive(Clone)]
pub struct Probing {
    /// From one look to the next (`NEUL_PROBE_SECONDS`).
    pub every: Duration,
    /// An answer that takes longer is none.
    pub patience: Duration,
    /// Opens the portal's own signals (`NEUL_PROBE_KEY`); `None`: only its pages are asked.
    pub key: Option<String>,
    /// Makes the canary pay one won and take it back (`NEUL_CANARY_KEY`); `None`: it is not asked.
    pub canary_key: Option<String>,
    /// When findings become a state.
    pub rules: Rules,
}

impl Default for Probing {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(5),
            patience: Duration::from_secs(3),
            key: None,
            canary_key: None,
            rules: Rules::default(),
        }
    }
}

impl std::fmt::Debug for Probing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Probing")
            .field("every", &self.every)
            .field("patience", &self.patience)
            .field("key", &self.key.as_ref().map(|_| "…"))
            .field("canary_key", &self.canary_key.as_ref().map(|_| "…"))
            .field("rules", &self.rules)
            .finish()
    }
}
