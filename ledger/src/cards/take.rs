//! The network takes what was set aside, or gives it back.

use super::authorise::earlier;
use crate::{HoldState, Ledger, Operation, Receipt, Refusal, Request, error::Result, transfers::body_hash};

impl Ledger {
    /// Captures an approved authorisation, once, in whole or part; the same amount again answers with the same receipt.
    /// Refused: [`Refusal::UnknownHold`], [`Refusal::HoldEnded`], [`Refusal::CaptureTooLarge`], [`Refusal::KeyReused`]
    /// (another amount).
    pub async fn capture_card(
        &self,
        network: &str,
        id: &str,
        amount_won: Option<i64>,
        at: i64,
    ) -> Result<Receipt> {
        let known = earlier(&self.store.write, network, id).await?;
        let known = known.ok_or(Refusal::UnknownHold)?;
        let hold = known.hold.ok_or(Refusal::UnknownHold)?;
        let request = Request {
            municipality: known.municipality,
            key: format!("card:{}:capture", known.id),
            actor: format!("network/{network}"),
            at,
            operation: Operation::Capture { hold, amount_won },
        };
        self.post_own(&request).await
    }

    /// Takes an approval back: what is set aside is given back whole; what was captured is given back by a cancellation,
    /// in whole or part (`amount_won`), under the network's own `key` for it.
    /// Refused: [`Refusal::UnknownHold`], [`Refusal::HoldEnded`] (given back before), and those of a cancellation.
    pub async fn reverse_card(
        &self,
        network: &str,
        id: &str,
        key: &str,
        amount_won: Option<i64>,
        at: i64,
    ) -> Result<Receipt> {
        let known = earlier(&self.store.write, network, id).await?;
        let known = known.ok_or(Refusal::UnknownHold)?;
        let hold = known.hold.ok_or(Refusal::UnknownHold)?;
        let found = self.hold(known.municipality, hold).await?;
        let found = found.ok_or(Refusal::UnknownHold)?;
        let request = if let (HoldState::Captured, Some(payment)) = (found.state, found.payment) {
            Request {
                municipality: known.municipality,
                key: format!("card:{}:cancel:{}", known.id, &body_hash(&key)[..24]),
                actor: format!("network/{network}"),
                at,
                operation: Operation::Cancel {
                    transfer: payment,
                    amount_won,
                },
            }
        } else {
            if self
                .undo_approval(known.municipality, known.id, "network", at)
                .await?
            {
                tracing::debug!(authorisation = known.id, "reversed by the network");
            }
            super::authorise::reversal(known.municipality, known.id, hold, at)
        };
        // Of a reversal this answers with the receipt of what was just done.
        self.post_own(&request).await
    }
}
