//! Rows of a payout taken back. The rule stands in `transfers/take_back.rs`.

use serde::{Deserialize, Serialize};
use sqlx::{Any, Transaction};

use crate::{Ledger, Operation, Receipt, Refusal, Request, error::Result};

/// What was taken back of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeBack {
    /// The transfer.
    pub transfer: i64,
    /// The row.
    pub row: i64,
    /// The official.
    pub by: i64,
    /// Why.
    pub reason: String,
    /// How much, won.
    pub amount_won: i64,
    /// When, ms.
    pub at: i64,
}

/// Writes down who took back what, and why.
pub(crate) async fn write(
    tx: &mut Transaction<'_, Any>,
    receipt: &Receipt,
    lot: i64,
    by: i64,
    reason: &str,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO take_backs (municipality, id, lot, by_staff, reason, amount_won, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(receipt.municipality)
    .bind(receipt.transfer)
    .bind(lot)
    .bind(by)
    .bind(reason)
    .bind(receipt.amount_won)
    .bind(receipt.at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

impl Ledger {
    /// Takes back what is left of a paid row, once for each key.
    /// Refused: [`Refusal::RowNotPaid`], [`Refusal::NothingLeft`], [`Refusal::Invalid`] (reason).
    #[allow(
        clippy::too_many_arguments,
        reason = "all of one request; a struct would only name them again"
    )]
    pub async fn take_back_row(
        &self,
        municipality: i64,
        payout: i64,
        row: i64,
        key: &str,
        by: i64,
        reason: &str,
        at: i64,
    ) -> Result<Receipt> {
        let lot: Option<(i64,)> = sqlx::query_as(
            "SELECT l.id FROM payout_rows r JOIN entries e ON e.municipality = r.municipality \
             AND e.transfer = r.transfer AND e.lot IS NOT NULL \
             JOIN lots l ON l.municipality = r.municipality AND l.id = e.lot \
             WHERE r.municipality = $1 AND r.payout = $2 AND r.row_number = $3 AND r.state = 'paid'",
        )
        .bind(municipality)
        .bind(payout)
        .bind(row)
        .fetch_optional(&self.store.read)
        .await?;
        let (lot,) = lot.ok_or(Refusal::RowNotPaid)?;
        self.post(Request {
            municipality,
            key: key.to_owned(),
            actor: format!("staff:{by}"),
            at,
            operation: Operation::TakeBack {
                lot,
                by,
                reason: reason.to_owned(),
            },
        })
        .await
    }

    /// What was taken back of a payout, oldest first.
    pub async fn take_backs(&self, municipality: i64, payout: i64) -> Result<Vec<TakeBack>> {
        let rows: Vec<(i64, i64, i64, String, i64, i64)> = sqlx::query_as(
            "SELECT b.id, r.row_number, b.by_staff, b.reason, b.amount_won, b.at FROM payout_rows r \
             JOIN entries e ON e.municipality = r.municipality AND e.transfer = r.transfer AND e.lot IS NOT NULL \
             JOIN take_backs b ON b.municipality = r.municipality AND b.lot = e.lot \
             WHERE r.municipality = $1 AND r.payout = $2 ORDER BY b.id",
        )
        .bind(municipality)
        .bind(payout)
        .fetch_all(&self.store.read)
        .await?;
        let take_back = |(transfer, row, by, reason, amount_won, at)| TakeBack {
            transfer,
            row,
            by,
            reason,
            amount_won,
            at,
        };
        Ok(rows.into_iter().map(take_back).collect())
    }
}
