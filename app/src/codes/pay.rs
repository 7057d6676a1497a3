//! Taking a payment by a resident's code: the one way of a shop's page and of the API. Brings the two rooms together:
//! who knows the digits and who knows the money.

use ledger::{LedgerError, Operation, Receipt, Refusal, Request};
use sha2::{Digest, Sha256};

use crate::House;

/// What a till asks.
#[derive(Clone, Debug)]
pub struct Asked {
    /// In which municipality.
    pub municipality: i64,
    /// Who takes.
    pub merchant: i64,
    /// The code's digits.
    pub code: String,
    /// How much, won.
    pub amount_won: i64,
    /// The merchant's own word for it.
    pub order: Option<String>,
    /// The till's idempotency key.
    pub key: String,
    /// How the ledger names whoever asks.
    pub actor: String,
    /// Now, ms.
    pub at: i64,
}

/// Why it was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CannotTake {
    /// The ledger's reason.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Too many wrong codes.
    #[error("too many wrong codes")]
    TooManyTries {
        /// How long to wait, ms.
        retry_after_ms: i64,
    },
    /// The house could not do it.
    #[error(transparent)]
    Fault(#[from] people::Fault),
}

/// The ledger's key of what a merchant's till asks: the till's own, within this merchant's. Whatever its length, it
/// becomes 128 bits of its SHA-256.
pub fn till_key(merchant: i64, key: &str) -> String {
    let hash = Sha256::digest(key.as_bytes());
    format!("t{merchant}:{}", hex::encode(&hash[..16]))
}

/// Takes the payment, once. A wrong code is counted against the merchant.
pub async fn pay(house: &House, asked: Asked) -> Result<Receipt, CannotTake> {
    let (municipality, merchant, at) = (asked.municipality, asked.merchant, asked.at);
    let tried = house
        .people
        .try_code(municipality, merchant, at)
        .map_err(|many| CannotTake::TooManyTries {
            retry_after_ms: many.retry_after_ms,
        })?;
    let request = Request {
        municipality,
        key: till_key(merchant, &asked.key),
        actor: asked.actor,
        at,
        operation: Operation::PayByCode {
            names: house.people.code_names(municipality, &asked.code),
            code: asked.code,
            merchant,
            amount_won: asked.amount_won,
            order: asked.order,
        },
    };
    match house.ledger.post(request).await {
        Err(LedgerError::Refused(Refusal::UnknownCode)) => {
            tried.wrong(at).await?;
            Err(LedgerError::Refused(Refusal::UnknownCode).into())
        }
        answer => Ok(answer?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tills_key_fits_the_ledger_and_belongs_to_its_merchant() {
        let key = till_key(i64::MAX, &"k".repeat(500));
        assert!(key.len() <= 64, "{key}");
        assert_ne!(till_key(1, "a"), till_key(2, "a"));
        assert_ne!(till_key(1, "a"), till_key(1, "b"));
    }
}
