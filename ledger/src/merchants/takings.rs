//! What a merchant took.

use serde::{Deserialize, Serialize};

use crate::{
    Cursor, Ledger, TransferKind,
    error::{Result, corrupt},
    number::receipt_number,
};

/// A payment to a merchant, or one that it cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taking {
    /// The transfer.
    pub transfer: i64,
    /// Its receipt number.
    pub number: String,
    /// [`TransferKind::Pay`] or [`TransferKind::Cancel`].
    pub kind: TransferKind,
    /// When, ms.
    pub at: i64,
    /// Won; negative for a cancellation.
    pub amount_won: i64,
    /// What was cancelled of this payment since, won.
    pub cancelled_won: i64,
    /// The payment that this cancels.
    pub cancels: Option<i64>,
}

/// Some takings, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakingsPage {
    /// The takings.
    pub lines: Vec<Taking>,
    /// Where the list goes on.
    pub next: Option<Cursor>,
}

type Line = (i64, i64, String, i64, Option<i64>, i64);

impl Ledger {
    /// What a merchant took since `from_at` (ms), less what it cancelled in that time, won; and in how many
    /// payments. One walk of the index of entries.
    pub async fn merchant_taken(&self, municipality: i64, merchant: i64, from_at: i64) -> Result<(i64, i64)> {
        Ok(sqlx::query_as(
            "SELECT COALESCE(CAST(SUM(e.amount_won) AS BIGINT), 0), \
             COUNT(DISTINCT CASE WHEN e.amount_won > 0 THEN e.transfer END) FROM entries e \
             WHERE e.municipality = $1 AND e.account = (SELECT id FROM accounts \
               WHERE municipality = $1 AND kind = 'merchant' AND owner = $2) AND e.created_at >= $3 \
             AND e.kind IN ('pay', 'cancel')",
        )
        .bind(municipality)
        .bind(merchant)
        .bind(from_at)
        .fetch_one(&self.store.read)
        .await?)
    }

    /// What a merchant took, newest first: one walk of the index of entries.
    pub async fn merchant_takings(
        &self,
        municipality: i64,
        merchant: i64,
        cursor: Option<Cursor>,
        limit: i64,
    ) -> Result<TakingsPage> {
        let limit = limit.clamp(1, 500);
        let after = cursor.unwrap_or(Cursor {
            at: i64::MAX,
            transfer: i64::MAX,
        });
        let mut rows: Vec<Line> = sqlx::query_as(
            "WITH page AS (SELECT e.created_at, e.transfer, CAST(SUM(e.amount_won) AS BIGINT) AS amount_won \
             FROM entries e WHERE e.municipality = $1 AND e.account = (SELECT id FROM accounts \
               WHERE municipality = $1 AND kind = 'merchant' AND owner = $2) \
             AND (e.created_at, e.transfer) < ($3, $4) AND e.kind IN ('pay', 'cancel') GROUP BY e.created_at, e.transfer \
             ORDER BY e.created_at DESC, e.transfer DESC LIMIT $5) \
             SELECT page.transfer, page.created_at, t.kind, page.amount_won, t.cancels, \
             (SELECT COALESCE(CAST(SUM(c.amount_won) AS BIGINT), 0) FROM transfers c \
               WHERE c.municipality = $1 AND c.cancels = page.transfer) \
             FROM page JOIN transfers t ON t.municipality = $1 AND t.id = page.transfer \
             ORDER BY page.created_at DESC, page.transfer DESC",
        )
        .bind(municipality)
        .bind(merchant)
        .bind(after.at)
        .bind(after.transfer)
        .bind(limit + 1)
        .fetch_all(&self.store.read)
        .await?;
        let more = rows.len() as i64 > limit;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| Cursor {
            at: row.1,
            transfer: row.0,
        });
        let lines = rows
            .into_iter()
            .map(|(transfer, at, kind, amount_won, cancels, cancelled_won)| {
                let kind = TransferKind::from_code(&kind).ok_or_else(|| corrupt("transfer kind", &kind))?;
                let number = receipt_number(transfer, at);
                Ok(Taking {
                    transfer,
                    number,
                    kind,
                    at,
                    amount_won,
                    cancelled_won,
                    cancels,
                })
            })
            .collect::<Result<_>>()?;
        Ok(TakingsPage { lines, next })
    }
}
