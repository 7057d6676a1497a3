//! Alerts: what looks like resale (부정유통), after the patterns that officials watch for (FACTS section 2, "Banned").
//!
//! A rule looks at payments and gifts that have happened and raises a question with its evidence. Nobody and nothing is
//! blocked by it: an official looks, decides, and says why; each decision stays. Each city sets its own thresholds, and an
//! alert keeps those under which it was raised.

mod look;
mod register;
mod rules;

pub use look::Looked;
pub use register::{Alert, AlertDecision, AlertPage, Evidence};
pub use rules::{AlertRule, Thresholds};
use rules::{Claim, Found, Paid, Shop, find};

use serde::{Deserialize, Serialize};

/// What officials made of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Nobody has decided, or somebody opened it again.
    Open,
    /// Looked at: nothing wrong.
    Cleared,
    /// Looked at: to be pursued.
    Confirmed,
}

impl AlertState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Confirmed, Self::Cleared];

    /// As the database writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Cleared => "cleared",
            Self::Confirmed => "confirmed",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}
