//! Gifts: value on its way from one holder to whoever has a phone number. The rule stands in `transfers/gift.rs`.
//!
//! The ledger knows no number, only a keyed hash of one; that whoever claims has proved the number, the caller saw to.

mod register;

pub(crate) use register::{Part, end, find, lock, parts, parts_count, write};

use serde::{Deserialize, Serialize};

/// Where a gift stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GiftState {
    /// For its recipient.
    Waiting,
    /// It is the recipient's.
    Claimed,
    /// The sender took it back.
    Cancelled,
    /// Nobody claimed it in time, and it went back.
    Lapsed,
}

impl GiftState {
    /// As the database writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Claimed => "claimed",
            Self::Cancelled => "cancelled",
            Self::Lapsed => "lapsed",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Waiting, Self::Claimed, Self::Cancelled, Self::Lapsed]
            .into_iter()
            .find(|state| state.code() == code)
    }
}

/// A gift, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gift {
    /// Its id, which is that of the transfer that took it from its sender.
    pub id: i64,
    /// In which municipality.
    pub municipality: i64,
    /// Who gave it.
    pub sender: i64,
    /// For whom: a keyed hash.
    pub recipient: String,
    /// How much, won.
    pub amount_won: i64,
    /// Where it stands.
    pub state: GiftState,
    /// Until when it can be claimed: the instant after the last moment, ms.
    pub lapse_at: i64,
    /// Who claimed it.
    pub claimed_by: Option<i64>,
    /// The transfer that ended it.
    pub ended_by: Option<i64>,
    /// When it was given, ms.
    pub created_at: i64,
    /// When its state last changed, ms.
    pub updated_at: i64,
}
