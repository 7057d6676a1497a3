//! Giving orders to the bank, and writing down what it says.

use std::time::Duration;

use super::{Remittance, RemittanceState, register::set_state};
use crate::{
    Bank, BankAnswer, Ledger, Operation, Refusal, Request,
    error::{LedgerError, Result, is_transient},
    transfers,
};

const TRIES: u32 = 6;

impl Ledger {
    /// Hands what waits in every refundable account to the bank as remittances in state pending, and says how many.
    /// Safe to run twice and by two nodes at once: an account's balance leaves once, under its lock.
    pub async fn remit_refunds(&self, municipality: i64, at: i64) -> Result<i64> {
        let mut made = 0;
        // How many an account has sent before makes its next key; who comes second finds the key taken.
        let waiting: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT a.owner, COALESCE(r.number, 0) FROM accounts a LEFT JOIN (SELECT owner, COUNT(*) AS number \
             FROM remittances WHERE municipality = $1 AND payee = 'holder' GROUP BY owner) r ON r.owner = a.owner \
             WHERE a.municipality = $1 AND a.kind = 'refundable' AND a.balance_won > 0 ORDER BY a.owner",
        )
        .bind(municipality)
        .fetch_all(&self.store.read)
        .await?;
        for (holder, before) in waiting {
            made += i64::from(self.remit(municipality, holder, before, at).await?);
        }
        Ok(made)
    }

    /// The same for one holder: whether there was something to hand over.
    pub async fn remit_refund(&self, municipality: i64, holder: i64, at: i64) -> Result<bool> {
        let (before,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM remittances WHERE municipality = $1 AND payee = 'holder' AND owner = $2",
        )
        .bind(municipality)
        .bind(holder)
        .fetch_one(&self.store.read)
        .await?;
        self.remit(municipality, holder, before, at).await
    }

    async fn remit(&self, municipality: i64, holder: i64, before: i64, at: i64) -> Result<bool> {
        let request = Request {
            municipality,
            key: format!("remittance:{holder}:{before}"),
            actor: "remittances".to_owned(),
            at,
            operation: Operation::Remit { holder },
        };
        match self.post_own(&request).await {
            Ok(receipt) => Ok(!receipt.replayed),
            Err(LedgerError::Refused(Refusal::NothingLeft)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Holders whose refundable account has something, with how much, in the order of their ids above `after`.
    pub async fn refundables(&self, municipality: i64, after: i64, limit: i64) -> Result<Vec<(i64, i64)>> {
        Ok(sqlx::query_as(
            "SELECT owner, balance_won FROM accounts WHERE municipality = $1 AND kind = 'refundable' \
             AND balance_won > 0 AND owner > $2 ORDER BY owner LIMIT $3",
        )
        .bind(municipality)
        .bind(after)
        .bind(limit.clamp(1, 1_000))
        .fetch_all(&self.store.read)
        .await?)
    }

    /// Asks the bank to send a pending remittance and writes down what it says; one that does not wait any more is
    /// left as it is. Returns it as it then stands.
    pub async fn send(&self, bank: &impl Bank, remittance: &Remittance, at: i64) -> Result<Remittance> {
        let (municipality, id) = (remittance.municipality, remittance.id);
        let (state, reason) = match remittance.state {
            RemittanceState::Pending => {
                let answer = bank.send(remittance).await;
                self.heard(municipality, id, &answer, at).await?;
                match answer {
                    BankAnswer::Pending | BankAnswer::Accepted { .. } => {
                        (RemittanceState::Pending, String::new())
                    }
                    BankAnswer::Confirmed => (RemittanceState::Confirmed, String::new()),
                    BankAnswer::Failed { reason } => (RemittanceState::Failed, reason),
                    BankAnswer::Unknown { reason } => (RemittanceState::Unknown, reason),
                }
            }
            state => (state, String::new()),
        };
        if remittance.state == state {
            return Ok(self
                .remittance(municipality, id)
                .await?
                .ok_or(Refusal::UnknownRemittance)?);
        }
        match self.settle_remittance(municipality, id, state, &reason, at).await {
            // Somebody was told before us, and something else: what was written first stands.
            Err(LedgerError::Refused(Refusal::RemittanceSettled)) => {
                tracing::warn!(remittance = id, ?state, "the bank said something else before");
                let found = self.remittance(municipality, id).await?;
                Ok(found.ok_or(Refusal::UnknownRemittance)?)
            }
            answer => answer,
        }
    }

    /// Writes down what became of a remittance, once; failed gives its money back in the same commit. Again with
    /// the same state: as it stands. Unknown may still be confirmed or fail.
    /// Refused: [`Refusal::Invalid`] (pending is no answer), [`Refusal::UnknownRemittance`], [`Refusal::RemittanceSettled`] (confirmed or failed before).
    pub async fn settle_remittance(
        &self,
        municipality: i64,
        remittance: i64,
        state: RemittanceState,
        reason: &str,
        at: i64,
    ) -> Result<Remittance> {
        if state == RemittanceState::Pending {
            return Err(Refusal::Invalid {
                field: "state".to_owned(),
            }
            .into());
        }
        let request = Request {
            municipality,
            key: format!("remittance:{remittance}:return"),
            actor: "bank".to_owned(),
            at,
            operation: Operation::RemitReturn { remittance },
        };
        for attempt in 0..TRIES {
            match self.settle_once(&request, remittance, state, reason).await {
                Err(LedgerError::Store(error)) if is_transient(&error) => {
                    tokio::time::sleep(Duration::from_millis(5 << attempt)).await;
                }
                answer => return answer,
            }
        }
        Err(Refusal::Busy { retry_after_ms: 1000 }.into())
    }

    async fn settle_once(
        &self,
        request: &Request,
        id: i64,
        state: RemittanceState,
        reason: &str,
    ) -> Result<Remittance> {
        let prepared = self.prepare(request).await?;
        let mut tx = self.store.begin().await?;
        let found = self.lock_remittance(&mut tx, request.municipality, id).await?;
        match found.state {
            same if same == state => return Ok(found),
            RemittanceState::Confirmed | RemittanceState::Failed => {
                return Err(Refusal::RemittanceSettled.into());
            }
            RemittanceState::Pending | RemittanceState::Unknown => {}
        }
        let returned = if state == RemittanceState::Failed {
            let receipt = transfers::post_in(&mut tx, &self.store, request, &prepared).await?;
            Some(receipt.transfer)
        } else {
            None
        };
        set_state(&mut tx, &found, state, reason, returned, request.at).await?;
        tx.commit().await?;
        Ok(Remittance {
            state,
            reason: reason.to_owned(),
            returned,
            updated_at: request.at,
            ..found
        })
    }
}
