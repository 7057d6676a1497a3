//! What goes over the wire between the portal and a bank: docs/BANK.md in types, for both sides.

use serde::{Deserialize, Serialize};

/// An order to collect money under a reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositOrder {
    /// The account's name at the bank: the municipality's code.
    pub account: String,
    /// Ours, and the key of the order.
    pub reference: String,
    /// How much, won.
    pub amount_won: i64,
}

/// An order to send money under a reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferOrder {
    /// The account's name at the bank: the municipality's code.
    pub account: String,
    /// Ours, and the key of the order.
    pub reference: String,
    /// How much, won.
    pub amount_won: i64,
    /// To whom.
    pub to: Payee,
}

/// An account elsewhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payee {
    /// The bank's three-digit code.
    pub bank: String,
    /// Digits.
    pub number: String,
    /// In whose name.
    pub name: String,
}

impl std::fmt::Debug for Payee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Payee(…)")
    }
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// The bank has it and has not carried it out.
    Accepted,
    /// The money came, or has been sent.
    Done,
    /// It was not carried out and will not be.
    Failed,
}

/// What the bank says of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderAnswer {
    /// Whose.
    pub reference: String,
    /// The order's amount, won.
    pub amount_won: i64,
    /// Where it stands.
    pub state: OrderState,
    /// Where a deposit is to be paid in; empty for what is sent.
    #[serde(default)]
    pub pay_to: String,
    /// Why it failed; empty otherwise.
    #[serde(default)]
    pub reason: String,
}

/// The bank's word that there is news of an order. It carries none: whoever gets it asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Of which order.
    pub reference: String,
}

/// A day of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Whose.
    pub account: String,
    /// The day in Korea, `2026-11-24`.
    pub date: String,
    /// Whether the day is over and nothing will be added.
    pub complete: bool,
    /// What was booked.
    pub lines: Vec<ledger::BankLine>,
}
