//! What a key may do.

use serde::{Deserialize, Serialize};

/// One thing that a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// Take payments by code and cancel them.
    #[serde(rename = "payments:write")]
    PaymentsWrite,
    /// Read payments.
    #[serde(rename = "payments:read")]
    PaymentsRead,
    /// Read what the merchant took.
    #[serde(rename = "takings:read")]
    TakingsRead,
    /// Authorise, capture and release card payments.
    #[serde(rename = "card:write")]
    CardWrite,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [
        Self::PaymentsWrite,
        Self::PaymentsRead,
        Self::TakingsRead,
        Self::CardWrite,
    ];
    /// Those that a merchant's key may have.
    pub const OF_MERCHANTS: [Self; 3] = [Self::PaymentsWrite, Self::PaymentsRead, Self::TakingsRead];
    /// Those that a card network's key may have.
    pub const OF_NETWORKS: [Self; 1] = [Self::CardWrite];

    /// Its name in code, page and database.
    pub fn name(self) -> &'static str {
        match self {
            Self::PaymentsWrite => "payments:write",
            Self::PaymentsRead => "payments:read",
            Self::TakingsRead => "takings:read",
            Self::CardWrite => "card:write",
        }
    }

    /// From its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// As the database keeps them: `payments:write,payments:read`.
pub(super) fn to_text(scopes: &[Scope]) -> String {
    let names: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
    names.join(",")
}

/// From the database; a scope that a newer program wrote is left out, which gives less, never more.
pub(super) fn from_text(text: &str) -> Vec<Scope> {
    text.split(',').filter_map(Scope::from_name).collect()
}
