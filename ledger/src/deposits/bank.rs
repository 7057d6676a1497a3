//! The bank, seen from here.

use std::future::Future;

use super::Deposit;
use crate::{
    DepositState, Ledger, Remittance,
    error::{LedgerError, Result},
};

/// What a bank says when asked to collect the price of a deposit, or to send a remittance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BankAnswer {
    /// The money is there, or has been sent.
    Confirmed,
    /// It will say later.
    Pending,
    /// It has the order for certain, and will say later.
    Accepted {
        /// Where a deposit is to be paid in; empty for what is sent.
        account: String,
    },
    /// No money came or went, and none will.
    Failed {
        /// Why, in the bank's words.
        reason: String,
    },
    /// No answer, or none that can be understood: the money may have moved.
    Unknown {
        /// What happened.
        reason: String,
    },
}

/// A bank that collects the price of deposits and sends remittances. Asked outside any transaction; it may be
/// slow. Asking twice for the same deposit or remittance must move its money once: its id is the bank's
/// idempotency key.
pub trait Bank: Send + Sync {
    /// Collects `deposit.price_won` from whoever buys.
    fn collect(&self, deposit: &Deposit) -> impl Future<Output = BankAnswer> + Send;

    /// Sends `remittance.amount_won` to its payee.
    fn send(&self, remittance: &Remittance) -> impl Future<Output = BankAnswer> + Send;
}

/// The bank of the demo and of tests: it confirms at once, or waits for somebody to press a button (who
/// then calls [`Ledger::confirm_deposit`] or [`Ledger::fail_deposit`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BankSimulator {
    /// Whether it confirms at once.
    pub at_once: bool,
}

impl Bank for BankSimulator {
    async fn collect(&self, _deposit: &Deposit) -> BankAnswer {
        if self.at_once {
            BankAnswer::Confirmed
        } else {
            BankAnswer::Pending
        }
    }

    async fn send(&self, _remittance: &Remittance) -> BankAnswer {
        if self.at_once {
            BankAnswer::Confirmed
        } else {
            BankAnswer::Pending
        }
    }
}

impl Ledger {
    /// Asks the bank to collect a pending deposit and writes down what it says; a deposit that does not wait
    /// any more is left as it is. Returns the deposit as it then stands (of a refused sale: unknown).
    pub async fn collect(&self, bank: &impl Bank, deposit: &Deposit, at: i64) -> Result<Deposit> {
        let (municipality, id) = (deposit.municipality, deposit.id);
        if deposit.state == DepositState::Pending {
            let answer = bank.collect(deposit).await;
            self.heard(municipality, id, &answer, at).await?;
            let settled = match answer {
                BankAnswer::Pending | BankAnswer::Accepted { .. } => Ok(()),
                BankAnswer::Confirmed => self.confirm_deposit(municipality, id, at).await.map(|_| ()),
                BankAnswer::Failed { reason } => {
                    self.fail_deposit(municipality, id, &reason, at).await.map(|_| ())
                }
                BankAnswer::Unknown { reason } => self
                    .doubt_deposit(municipality, id, &reason, at)
                    .await
                    .map(|_| ()),
            };
            match settled {
                Err(LedgerError::Store(error)) => return Err(error.into()),
                Err(LedgerError::Refused(refusal)) => {
                    tracing::warn!(deposit = id, %refusal, "deposit not sold");
                }
                Ok(()) => {}
            }
        }
        Ok(self
            .deposit(municipality, id)
            .await?
            .ok_or(crate::Refusal::UnknownDeposit)?)
    }
}
