//! Remittances: money that leaves by the bank, to a holder (refunds, what ended) or a merchant (settlements).
//!
//! The money leaves its account when the order is given (`transfers/remit.rs`), once; what the bank says is written
//! down afterwards. Failed: the money goes back. Unknown stays unknown until an official has looked (DESIGN, "What
//! must stay true" 12): it is neither sent again nor given back before.

mod register;
mod send;

pub(crate) use register::{find, write};

use serde::{Deserialize, Serialize};

/// Where a remittance stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemittanceState {
    /// The bank has not said yet.
    Pending,
    /// The bank has sent it.
    Confirmed,
    /// The bank has not sent it and will not; the money went back.
    Failed,
    /// It cannot be said: an official must look.
    Unknown,
}

impl RemittanceState {
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

/// Who gets it. Which bank account is theirs, the bank's side knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payee {
    /// A holder.
    Holder(i64),
    /// A merchant.
    Merchant(i64),
}

impl Payee {
    /// As the database writes it: word and id.
    pub(crate) fn parts(self) -> (&'static str, i64) {
        match self {
            Self::Holder(id) => ("holder", id),
            Self::Merchant(id) => ("merchant", id),
        }
    }
}

/// Money on its way out, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remittance {
    /// Its id, which is that of the transfer that handed its money to the bank.
    pub id: i64,
    /// In which municipality.
    pub municipality: i64,
    /// Who gets it.
    pub payee: Payee,
    /// How much, won.
    pub amount_won: i64,
    /// Where it stands.
    pub state: RemittanceState,
    /// Why it failed or is unknown; empty otherwise.
    pub reason: String,
    /// The transfer that gave its money back, once it has failed.
    pub returned: Option<i64>,
    /// When the order was given, ms.
    pub created_at: i64,
    /// When its state last changed, ms.
    pub updated_at: i64,
}
