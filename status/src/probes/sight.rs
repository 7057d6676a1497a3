//! What the last look saw, for the desk: the operator sees the findings, the public only what came of them.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use super::ask::Round;
use crate::components::ComponentStatus;

/// One look and what is believed after it.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    /// What was found.
    pub(crate) round: Round,
    /// By component: what is believed, and since when (ms).
    pub(crate) believed: BTreeMap<String, (ComponentStatus, i64)>,
    /// Why nothing could be said to the public, if so: the store's error.
    pub(crate) failed: Option<String>,
}

/// The last look; none before the first, or where nobody looks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sight(Arc<RwLock<Option<Look>>>);

impl Sight {
    /// The last look.
    pub(crate) fn get(&self) -> Option<Look> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps this one.
    pub(crate) fn put(&self, look: Look) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(look);
    }
}
