//! Deposits: value is sold only against money that came (DESIGN, "What must stay true" 12).
//!
//! A resident asks to buy ([`Ledger::request_purchase`], state pending), the bank is asked to collect the price
//! ([`Ledger::collect`]), and only its confirmation becomes value ([`Ledger::confirm_deposit`]), exactly once.

mod bank;
mod register;
mod room;

pub use bank::{Bank, BankAnswer, BankSimulator};
pub(crate) use register::asked_at;
pub use room::Room;

use serde::{Deserialize, Serialize};

#[allow(unused_imports, reason = "named in the documentation above")]
use crate::Ledger;

/// Where a deposit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepositState {
    /// The bank has not said yet.
    Pending,
    /// The money came, and the value was sold.
    Confirmed,
    /// No money came, and none will.
    Failed,
    /// It cannot be said, or the money came and the sale was refused since: an official must look.
    Unknown,
}

impl DepositState {
    /// As the database writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Pending, Self::Confirmed, Self::Failed, Self::Unknown]
            .into_iter()
            .find(|state| state.code() == code)
    }
}

/// Money announced, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposit {
    /// Its id.
    pub id: i64,
    /// In which municipality.
    pub municipality: i64,
    /// Who buys.
    pub holder: i64,
    /// Which programme.
    pub programme: i64,
    /// What is to be paid, won.
    pub price_won: i64,
    /// What is bought, won.
    pub value_won: i64,
    /// Where it stands.
    pub state: DepositState,
    /// Why it failed or is unknown; empty otherwise.
    pub reason: String,
    /// The sale, once confirmed.
    pub transfer: Option<i64>,
    /// When it was asked for, ms.
    pub created_at: i64,
    /// When its state last changed, ms.
    pub updated_at: i64,
}
