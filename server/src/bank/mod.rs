//! The bank as the house sees it: over HTTP (`NEUL_BANK_URL`, docs/BANK.md), or the demo's own that does as it is told.

mod client;
pub mod nightly;
pub mod notices;
pub mod sign;
pub mod wire;

pub use client::{BankError, HttpBank};

use ledger::{Bank, BankAnswer, BankSimulator, Deposit, Remittance};

/// The bank of this house.
#[derive(Clone, Debug)]
pub enum HouseBank {
    /// A bank that speaks docs/BANK.md.
    Http(HttpBank),
    /// The demo's: deposits wait for the button on their page, what is sent is sent at once.
    Demo,
}

impl HouseBank {
    /// Whether it has just failed to answer, and is better left alone for a while.
    pub fn is_away(&self) -> bool {
        match self {
            Self::Http(bank) => bank.is_away(),
            Self::Demo => false,
        }
    }
}

impl Bank for HouseBank {
    async fn collect(&self, deposit: &Deposit) -> BankAnswer {
        match self {
            Self::Http(bank) => bank.collect(deposit).await,
            Self::Demo => BankSimulator { at_once: false }.collect(deposit).await,
        }
    }

    async fn send(&self, remittance: &Remittance) -> BankAnswer {
        match self {
            Self::Http(bank) => bank.send(remittance).await,
            Self::Demo => BankSimulator { at_once: true }.send(remittance).await,
        }
    }
}
