//! Payments to the caller's own shop: taken by a resident's code, read, cancelled in whole or part.

use app::{
    House,
    codes::{self, Asked},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ledger::{Operation, Receipt, Request, Transfer, TransferKind};
use people::Scope;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Caller, FromBody, FromPath, IdempotencyKey, Problem, check, korean_time, whole};

/// The most won of one payment.
pub(super) const AMOUNT_MAX: i64 = 1_000_000_000_000;

/// A payment to take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPayment {
    /// The digits of the code that the customer shows, as scanned or typed, without blanks.
    #[schema(
        pattern = "^[0-9]{12}$",
        min_length = 12,
        max_length = 12,
        example = "482915730164"
    )]
    pub code: String,
    /// How much, won.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64, example = 12000)]
    #[serde(deserialize_with = "whole::number")]
    pub amount_won: i64,
    /// Your own word for what is paid. Each is paid once: a second payment for the same order is refused, whatever was
    /// cancelled since. Where one bill is paid in parts, give each part a word of its own.
    #[schema(
        pattern = "^[A-Za-z0-9._:/#-]{1,64}$",
        min_length = 1,
        max_length = 64,
        example = "2026-11-25/0042"
    )]
    pub order_id: String,
}

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
    /// Your own word for it; null where it was not taken by this API.
    pub order_id: Option<String>,
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
    fn of(transfer: &Transfer, order_id: Option<String>) -> Option<Self> {
        let receipt = &transfer.receipt;
        let cancel_until_at = transfer
            .cancel_until_at
            .filter(|_| receipt.kind == TransferKind::Pay)?;
        let status = match transfer.cancelled_won {
            0 => PaymentStatus::Paid,
            some if some < receipt.amount_won => PaymentStatus::PartlyCancelled,
            _ => PaymentStatus::Cancelled,
        };
        Some(Self {
            status,
            cancelled_won: transfer.cancelled_won,
            ..Self::as_made(receipt, order_id, cancel_until_at)
        })
    }

    /// As it was when it was made.
    fn as_made(receipt: &Receipt, order_id: Option<String>, cancel_until_at: i64) -> Self {
        Self {
            id: receipt.transfer.to_string(),
            receipt_number: receipt.number.clone(),
            order_id,
            status: PaymentStatus::Paid,
            amount_won: receipt.amount_won,
            cancelled_won: 0,
            paid_at: korean_time(receipt.at),
            cancel_until: korean_time(cancel_until_at),
        }
    }
}

/// Why a payment is cancelled; kept in the municipality's audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The amount was wrong.
    WrongAmount,
    /// Goods came back.
    ReturnedGoods,
    /// It was paid twice.
    PaidTwice,
    /// Anything else.
    Other,
}

impl CancelReason {
    fn code(self) -> &'static str {
        match self {
            Self::WrongAmount => "wrong_amount",
            Self::ReturnedGoods => "returned_goods",
            Self::PaidTwice => "paid_twice",
            Self::Other => "other",
        }
    }
}

/// A payment to cancel, in whole or part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCancellation {
    /// How much of it, won; all that is left of it where this is null or left out.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64, example = 3000)]
    #[serde(default, deserialize_with = "whole::optional")]
    pub amount_won: Option<i64>,
    /// Why.
    pub reason: CancelReason,
}

/// A cancellation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cancellation {
    /// Its id.
    #[schema(pattern = "^[0-9]{1,19}$", example = "2912537063421194305")]
    pub id: String,
    /// The number printed on receipts.
    #[schema(example = "41390-20261125-7M9")]
    pub receipt_number: String,
    /// The payment.
    #[schema(pattern = "^[0-9]{1,19}$", example = "2912537063421194241")]
    pub payment_id: String,
    /// How much of it was cancelled, won.
    #[schema(minimum = 1)]
    pub amount_won: i64,
    /// When.
    #[schema(format = DateTime)]
    pub cancelled_at: String,
}

/// 201, where to find it, and whether this answers a request that was done before.
fn created<T: Serialize>(body: &T, location: &str, replayed: bool) -> Response {
    let mut response = (StatusCode::CREATED, Json(body)).into_response();
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::from_str(location) {
        headers.insert(header::LOCATION, location);
    }
    let replayed = if replayed { "true" } else { "false" };
    headers.insert("idempotent-replayed", HeaderValue::from_static(replayed));
    response
}

/// Takes a payment by the code that a customer shows. Scope: `payments:write`.
///
/// The same Idempotency-Key with the same body is answered with the payment as it was made, however late, although the
/// code has been used; with another body it is refused. Where no answer comes, or 503, send it again.
#[utoipa::path(
    post,
    path = "/payments",
    operation_id = "takePayment",
    tag = "payments",
    security(("key" = ["payments:write"])),
    params(IdempotencyKey),
    request_body = NewPayment,
    responses((
        status = 201,
        description = "The payment, as it was made",
        body = Payment,
        headers(
            ("Location" = String, description = "Where to read it"),
            ("Idempotent-Replayed" = String, description = "`true` where it had been made before"),
        )
    ))
)]
pub async fn take(
    State(house): State<House>,
    caller: Caller,
    key: IdempotencyKey,
    FromBody(new): FromBody<NewPayment>,
) -> Result<Response, Problem> {
    let (municipality, merchant) = caller.merchant(Scope::PaymentsWrite)?;
    check::code(&new.code)?;
    check::amount(new.amount_won)?;
    check::order(&new.order_id)?;
    let asked = Asked {
        municipality,
        merchant,
        code: new.code,
        amount_won: new.amount_won,
        order: Some(new.order_id.clone()),
        key: key.0,
        actor: caller.actor(),
        at: caller.at,
    };
    let receipt = codes::pay(&house, asked).await?;
    let payment = Payment::as_made(&receipt, Some(new.order_id), ledger::cancel_until_at(receipt.at));
    let location = format!("/api/v1/payments/{}", payment.id);
    Ok(created(&payment, &location, receipt.replayed))
}

/// Reads a payment to one's own shop. Scope: `payments:read`.
#[utoipa::path(
    get,
    path = "/payments/{id}",
    operation_id = "getPayment",
    tag = "payments",
    security(("key" = ["payments:read"])),
    params(("id" = String, Path, description = "The payment's id", pattern = "^[0-9]{1,19}$")),
    responses((status = 200, description = "The payment as it stands", body = Payment))
)]
pub async fn get(
    State(house): State<House>,
    caller: Caller,
    FromPath(id): FromPath<i64>,
) -> Result<Json<Payment>, Problem> {
    let (municipality, merchant) = caller.merchant(Scope::PaymentsRead)?;
    let transfer = own(&house, municipality, merchant, id).await?;
    let order = house.ledger.order_of(municipality, id).await?;
    Payment::of(&transfer, order)
        .map(Json)
        .ok_or_else(Problem::not_found)
}

/// Cancels a payment to one's own shop, in whole or part, within 7 days. Scope: `payments:write`.
///
/// What is cancelled is back in the customer's wallet at once. The code stays used and the order paid.
#[utoipa::path(
    post,
    path = "/payments/{id}/cancellations",
    operation_id = "cancelPayment",
    tag = "payments",
    security(("key" = ["payments:write"])),
    params(("id" = String, Path, description = "The payment's id", pattern = "^[0-9]{1,19}$"), IdempotencyKey),
    request_body = NewCancellation,
    responses((
        status = 201,
        description = "The cancellation",
        body = Cancellation,
        headers(
            ("Location" = String, description = "Where to read the payment"),
            ("Idempotent-Replayed" = String, description = "`true` where it had been made before"),
        )
    ))
)]
pub async fn cancel(
    State(house): State<House>,
    caller: Caller,
    FromPath(id): FromPath<i64>,
    key: IdempotencyKey,
    FromBody(new): FromBody<NewCancellation>,
) -> Result<Response, Problem> {
    let (municipality, merchant) = caller.merchant(Scope::PaymentsWrite)?;
    if let Some(amount_won) = new.amount_won {
        check::amount(amount_won)?;
    }
    own(&house, municipality, merchant, id).await?;
    let request = Request {
        municipality,
        key: codes::till_key(merchant, &key.0),
        actor: caller.actor(),
        at: caller.at,
        operation: Operation::Cancel {
            transfer: id,
            amount_won: new.amount_won,
        },
    };
    let receipt = house.ledger.post(request).await?;
    if !receipt.replayed {
        caller
            .audit(
                &house,
                "payment.cancel",
                &format!("transfer/{id}"),
                new.reason.code(),
            )
            .await?;
    }
    let cancellation = Cancellation {
        id: receipt.transfer.to_string(),
        receipt_number: receipt.number,
        payment_id: id.to_string(),
        amount_won: receipt.amount_won,
        cancelled_at: korean_time(receipt.at),
    };
    Ok(created(
        &cancellation,
        &format!("/api/v1/payments/{id}"),
        receipt.replayed,
    ))
}

/// A payment to this merchant; anything else is not there.
async fn own(house: &House, municipality: i64, merchant: i64, id: i64) -> Result<Transfer, Problem> {
    let found = house.ledger.transfer(municipality, id).await?;
    found
        .filter(|transfer| {
            transfer.receipt.merchant == Some(merchant) && transfer.receipt.kind == TransferKind::Pay
        })
        .ok_or_else(Problem::not_found)
}
