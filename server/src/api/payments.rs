//! Payments to the caller's own shop.

use app::House;
use axum::{Json, extract::State};
use ledger::{Transfer, TransferKind};
use people::Scope;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Caller, FromPath, Problem, ProblemBody, korean_time};

/// How a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// Paid in full.
    Paid,
    /// A part of it was cancelled.
    PartlyCancelled,
    /// All of it was cancelled.
    Cancelled,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Payment {
    /// Its id.
    #[schema(pattern = "^[0-9]{1,19}$", example = "2912537063421194241")]
    pub id: String,
    /// The number printed on receipts.
    #[schema(example = "41390-20261125-7K2")]
    pub receipt_number: String,
    /// How it stands.
    pub status: PaymentStatus,
    /// How much was paid, won.
    #[schema(minimum = 1)]
    pub amount_won: i64,
    /// How much of it was cancelled, won.
    #[schema(minimum = 0)]
    pub cancelled_won: i64,
    /// When it was paid.
    #[schema(format = DateTime)]
    pub paid_at: String,
    /// Until when it can be cancelled: the instant after the last moment.
    #[schema(format = DateTime)]
    pub cancel_until: String,
}

impl Payment {
    /// A transfer that is a payment; `None` for any other.
    fn of(transfer: &Transfer) -> Option<Self> {
        let receipt = &transfer.receipt;
        let cancel_until = transfer
            .cancel_until_at
            .filter(|_| receipt.kind == TransferKind::Pay)?;
        let status = match transfer.cancelled_won {
            0 => PaymentStatus::Paid,
            some if some < receipt.amount_won => PaymentStatus::PartlyCancelled,
            _ => PaymentStatus::Cancelled,
        };
        Some(Self {
            id: receipt.transfer.to_string(),
            receipt_number: receipt.number.clone(),
            status,
            amount_won: receipt.amount_won,
            cancelled_won: transfer.cancelled_won,
            paid_at: korean_time(receipt.at),
            cancel_until: korean_time(cancel_until),
        })
    }
}

/// Reads a payment to one's own shop. Scope: `payments:read`.
#[utoipa::path(
    get,
    path = "/payments/{id}",
    tag = "payments",
    security(("key" = ["payments:read"])),
    params(("id" = String, Path, description = "The payment's id", pattern = "^[0-9]{1,19}$")),
    responses(
        (status = 200, description = "The payment", body = Payment),
        (status = 404, description = "No such payment to this shop", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn get(
    State(house): State<House>,
    caller: Caller,
    FromPath(id): FromPath<i64>,
) -> Result<Json<Payment>, Problem> {
    let (municipality, merchant) = caller.merchant(Scope::PaymentsRead)?;
    let found = house.ledger.transfer(municipality, id).await?;
    let own = found.filter(|transfer| transfer.receipt.merchant == Some(merchant));
    own.as_ref()
        .and_then(Payment::of)
        .map(Json)
        .ok_or_else(Problem::not_found)
}
