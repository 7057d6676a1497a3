//! What the caller's shop took.

use app::House;
use axum::{Json, extract::State};
use ledger::{Cursor, TransferKind};
use people::Scope;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Caller, FromQuery, Problem, korean_time};

const LIMIT_MAX: i64 = 200;
const LIMIT: i64 = 50;

/// Which part of the list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// `next_cursor` of the page before; the newest are asked for without it.
    #[param(
        pattern = "^[0-9A-HJKMNP-TV-Z]{1,12}-[0-7]?[0-9A-HJKMNP-TV-Z]{1,12}$",
        nullable = false
    )]
    cursor: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50, nullable = false)]
    limit: Option<i64>,
}

/// What kind of taking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TakingKind {
    /// A payment.
    Payment,
    /// What was cancelled of one.
    Cancellation,
}

/// A payment, or what was cancelled of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Taking {
    /// Its id; of a payment the id to read it by.
    #[schema(pattern = "^[0-9]{1,19}$")]
    pub id: String,
    /// The number printed on receipts.
    pub receipt_number: String,
    /// What it is.
    pub kind: TakingKind,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// How much, won; negative for a cancellation.
    pub amount_won: i64,
    /// Of a payment: how much of it was cancelled since, won.
    #[schema(minimum = 0)]
    pub cancelled_won: i64,
    /// Of a cancellation: the payment.
    pub payment_id: Option<String>,
}

/// Some takings, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Takings {
    /// The takings.
    pub items: Vec<Taking>,
    /// Where the list goes on; null at its end.
    pub next_cursor: Option<String>,
}

/// Reads what one's own shop took, newest first. Scope: `takings:read`.
#[utoipa::path(
    get,
    path = "/takings",
    operation_id = "listTakings",
    tag = "takings",
    security(("key" = ["takings:read"])),
    params(Page),
    responses((status = 200, description = "Some takings", body = Takings))
)]
pub async fn list(
    State(house): State<House>,
    caller: Caller,
    FromQuery(page): FromQuery<Page>,
) -> Result<Json<Takings>, Problem> {
    let (municipality, merchant) = caller.merchant(Scope::TakingsRead)?;
    let limit = page.limit.unwrap_or(LIMIT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid().wrong("limit", format!("must be from 1 to {LIMIT_MAX}")));
    }
    let cursor = page.cursor.map(|text| read_cursor(&text)).transpose()?;
    let found = house
        .ledger
        .merchant_takings(municipality, merchant, cursor, limit)
        .await?;
    let items = found
        .lines
        .into_iter()
        .map(|line| Taking {
            id: line.transfer.to_string(),
            receipt_number: line.number,
            kind: match line.kind {
                TransferKind::Cancel => TakingKind::Cancellation,
                _ => TakingKind::Payment,
            },
            at: korean_time(line.at),
            amount_won: line.amount_won,
            cancelled_won: line.cancelled_won,
            payment_id: line.cancels.map(|payment| payment.to_string()),
        })
        .collect();
    Ok(Json(Takings {
        items,
        next_cursor: found.next.map(|next| next.to_string()),
    }))
}

/// A cursor exactly as it is written, which is less than the ledger would forgive.
fn read_cursor(text: &str) -> Result<Cursor, Problem> {
    let part = |text: &str, most: usize| {
        (1..=most).contains(&text.len())
            && text
                .bytes()
                .all(|sign| sign.is_ascii_digit() || (sign.is_ascii_uppercase() && !b"ILOU".contains(&sign)))
    };
    let exact = text.split_once('-').is_some_and(|(at, transfer)| {
        part(at, 12) && part(transfer, 13) && (transfer.len() < 13 || transfer.as_bytes()[0] < b'8')
    });
    let cursor = if exact { text.parse().ok() } else { None };
    cursor.ok_or_else(|| Problem::invalid().wrong("cursor", "is none that was given out"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_is_written() {
        for fits in ["0-0", "1M2K3-7ZZZZZZZZZZZZ", "ZZZZZZZZZZZZ-1"] {
            assert!(read_cursor(fits).is_ok(), "{fits}");
        }
        for wrong in [
            "",
            "-",
            "1-",
            "1",
            "a-1",
            "1-O",
            "1-8ZZZZZZZZZZZZ",
            "ZZZZZZZZZZZZZ-1",
            "1-1-1",
        ] {
            assert!(read_cursor(wrong).is_err(), "{wrong}");
        }
    }
}
