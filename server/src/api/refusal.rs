//! The ledger's refusals as problems. 422 is for a request that is wrong by itself; 409 for one that is right but that
//! the state of things does not allow. What a wallet holds is not a shop's to know: figures of it stand in no answer.

use app::{
    codes::CannotTake,
    words::{self, Lang},
};
use axum::http::StatusCode;
use ledger::{LedgerError, Refusal};

use super::Problem;

impl From<CannotTake> for Problem {
    fn from(error: CannotTake) -> Self {
        match error {
            CannotTake::Ledger(error) => error.into(),
            CannotTake::Fault(fault) => fault.into(),
            CannotTake::TooManyTries { retry_after_ms } => Self::too_many_tries(retry_after_ms),
        }
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Refused(refusal) => Self::from(refusal),
            LedgerError::Store(error) => Self::unavailable(error),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let conflict = |kind, title| Self::new(StatusCode::CONFLICT, kind, title);
        let problem = match &refusal {
            Refusal::Busy { retry_after_ms } => {
                return Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Too much at once")
                    .detail("nothing was done; send the same request with the same Idempotency-Key again")
                    .retry_after(words::seconds(*retry_after_ms));
            }
            Refusal::UnknownTransfer | Refusal::NotAPayment => return Self::not_found(),
            Refusal::KeyReused => conflict("key-reused", "The Idempotency-Key was used for another request"),
            Refusal::UnknownCode => {
                Self::new(StatusCode::NOT_FOUND, "code-unknown", "No code has these digits")
            }
            Refusal::CodeEnded => conflict("code-ended", "The code has ended"),
            Refusal::CodeUsed => conflict("code-used", "The code was used already"),
            Refusal::OrderPaid => conflict("order-paid", "The order was paid already"),
            Refusal::NotEnough { .. } => conflict("not-enough", "Not enough money that this shop may take"),
            Refusal::MerchantBarred { .. } => {
                conflict("not-here", "None of the money may be spent at this shop")
            }
            Refusal::MerchantNotAccepting | Refusal::UnknownMerchant => {
                conflict("shop-closed", "The shop takes no payments now")
            }
            Refusal::AlreadyCancelled { .. } => {
                conflict("already-cancelled", "Less than that is left of the payment")
            }
            Refusal::CancelTooLate { .. } => conflict("cancel-too-late", "Too late to cancel"),
            Refusal::MerchantShort { .. } => {
                conflict("settled", "The shop's account has too little to give back")
            }
            Refusal::AmountNotPositive | Refusal::AmountTooLarge { .. } => {
                return Self::invalid().wrong("/amount_won", refusal.to_string());
            }
            _ => conflict("refused", "It was refused"),
        };
        problem.message(
            words::refusal_at_till(Lang::ko, &refusal),
            words::refusal_at_till(Lang::en, &refusal),
        )
    }
}
