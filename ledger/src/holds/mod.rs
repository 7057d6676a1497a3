//! Holds: card payments that were authorised and wait to be captured. The rule stands in `transfers/hold.rs`.

mod register;

pub(crate) use register::{Ended, end, find, write};

use serde::{Deserialize, Serialize};

/// Where a hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// Set aside.
    Open,
    /// Paid, in whole or part; the rest went back.
    Captured,
    /// Given back.
    Released,
    /// Given back because nobody captured it in time.
    TimedOut,
}

impl HoldState {
    /// As the database writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Captured => "captured",
            Self::Released => "released",
            Self::TimedOut => "timed_out",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Open, Self::Captured, Self::Released, Self::TimedOut]
            .into_iter()
            .find(|state| state.code() == code)
    }
}

/// Value set aside for a card payment, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Its id, which is that of the transfer that set its value aside.
    pub id: i64,
    /// In which municipality.
    pub municipality: i64,
    /// Whose money.
    pub holder: i64,
    /// For whom.
    pub merchant: i64,
    /// How much, won.
    pub amount_won: i64,
    /// Where it stands.
    pub state: HoldState,
    /// Until when it can be captured: the instant after the last moment, ms.
    pub until_at: i64,
    /// How much was captured, won.
    pub captured_won: i64,
    /// The payment, once captured.
    pub payment: Option<i64>,
    /// The transfer that gave its value back to the lots.
    pub ended_by: Option<i64>,
    /// When it was authorised, ms.
    pub created_at: i64,
    /// When its state last changed, ms.
    pub updated_at: i64,
}
