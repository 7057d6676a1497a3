//! Whose money a row is: rows that wait, their people found or made by whoever knows people.

use std::future::Future;

use super::{Payout, pay::Due};
use crate::{Ledger, error::Result};

/// Why nobody could be asked for holders just now. For the log; no personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("recipients cannot be looked up: {0}")]
pub struct ResolveError(pub String);

/// Who a row is for, as the ledger knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowPerson {
    /// Personal data, sealed.
    pub sealed: String,
    /// The person's keyed hash.
    pub person_key: String,
}

/// Who knows whose money a row is.
pub trait Recipients: Sync {
    /// The holders of these persons in their order, found or made; the same person gives the same holder. `None`:
    /// that one's data is unreadable, and its row cannot be paid. An error: nobody was found out about, and the
    /// same question may come again.
    fn holders(
        &self,
        municipality: i64,
        people: &[RowPerson],
        at: i64,
    ) -> impl Future<Output = std::result::Result<Vec<Option<i64>>, ResolveError>> + Send;
}

/// Rows ready to be paid.
#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    /// In the roster's order.
    pub(super) due: Vec<Due>,
    /// Rows whose person is unreadable.
    pub(super) lost: Vec<i64>,
    /// Ids for them: three for each.
    pub(super) first_id: i64,
    /// The last row looked at; `None`: none waits after where it was asked from.
    pub(super) last: Option<i64>,
}

impl Ledger {
    /// The next rows that wait, after `after`, with their holders. Costs one statement, what the holders cost,
    /// and one for the ids.
    pub(super) async fn next_batch(
        &self,
        payout: &Payout,
        after: i64,
        recipients: &impl Recipients,
        size: usize,
        at: i64,
    ) -> Result<Batch, BatchError> {
        let rows: Vec<(i64, String, String, i64)> = sqlx::query_as(
            "SELECT row_number, sealed, person_key, amount_won FROM payout_rows \
             WHERE municipality = $1 AND payout = $2 AND state = 'waiting' AND row_number > $3 \
             ORDER BY row_number LIMIT $4",
        )
        .bind(payout.municipality)
        .bind(payout.id)
        .bind(after)
        .bind(size as i64)
        .fetch_all(&self.store.read)
        .await?;
        let mut batch = Batch {
            last: rows.last().map(|row| row.0),
            ..Batch::default()
        };
        if rows.is_empty() {
            return Ok(batch);
        }
        let mut numbers = Vec::with_capacity(rows.len());
        let mut people = Vec::with_capacity(rows.len());
        for (row, sealed, person_key, amount_won) in rows {
            numbers.push((row, amount_won));
            people.push(RowPerson { sealed, person_key });
        }
        let holders = recipients.holders(payout.municipality, &people, at).await?;
        if holders.len() != people.len() {
            return Err(ResolveError("as many answers as people were expected".to_owned()).into());
        }
        for ((row, amount_won), holder) in numbers.into_iter().zip(holders) {
            match holder {
                Some(holder) => batch.due.push(Due::new(payout, row, holder, amount_won)),
                None => batch.lost.push(row),
            }
        }
        batch.first_id = self
            .store
            .ids(payout.municipality, 3 * batch.due.len() as i64)
            .await?
            .first();
        Ok(batch)
    }
}

/// Why there is no next batch.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The ledger's own.
    #[error(transparent)]
    Ledger(#[from] crate::LedgerError),
    /// Of whoever knows people.
    #[error(transparent)]
    People(#[from] ResolveError),
}

impl From<sqlx::Error> for BatchError {
    fn from(error: sqlx::Error) -> Self {
        Self::Ledger(error.into())
    }
}

impl From<crate::Refusal> for BatchError {
    fn from(refusal: crate::Refusal) -> Self {
        Self::Ledger(refusal.into())
    }
}
