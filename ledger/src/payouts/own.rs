//! A roster's own cells: kept as they were, sealed, some rows at a time, so that the result can be given back in the
//! official's own columns.

use super::{Payout, PayoutState};
use crate::{Ledger, Refusal, error::Result};

/// The cells of some rows that follow each other, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnCells {
    /// The first row.
    pub first_row: i64,
    /// The last.
    pub last_row: i64,
    /// What only the room that sealed it can read.
    pub sealed: String,
}

impl Ledger {
    /// Keeps cells of a draft's rows. Refused: [`Refusal::PayoutState`].
    pub async fn add_payout_own(&self, municipality: i64, payout: i64, own: &OwnCells) -> Result<()> {
        let mut tx = self.store.begin().await?;
        self.lock_in_state(&mut tx, municipality, payout, &[PayoutState::Draft])
            .await?;
        sqlx::query(
            "INSERT INTO payout_own (municipality, payout, first_row, last_row, sealed) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(municipality)
        .bind(payout)
        .bind(own.first_row)
        .bind(own.last_row)
        .bind(&own.sealed)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps what stands over the columns of a draft's file. Refused: [`Refusal::PayoutState`].
    pub async fn set_payout_header(&self, municipality: i64, payout: i64, header: &[String]) -> Result<()> {
        let mut tx = self.store.begin().await?;
        self.lock_in_state(&mut tx, municipality, payout, &[PayoutState::Draft])
            .await?;
        sqlx::query("UPDATE payouts SET own_header = $3 WHERE municipality = $1 AND id = $2")
            .bind(municipality)
            .bind(payout)
            .bind(serde_json::to_string(header).unwrap_or_default())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The payout whose file the rows of this one came from, and what stands over its columns; `None`: no file.
    pub async fn payout_file(&self, payout: &Payout) -> Result<Option<(i64, Vec<String>)>> {
        let mut of = payout.clone();
        // A rest of a rest; each is younger than what it is the rest of.
        while let Some(earlier) = of.rest_of {
            of = self.payout(of.municipality, earlier).await?;
        }
        let (header,): (String,) =
            sqlx::query_as("SELECT own_header FROM payouts WHERE municipality = $1 AND id = $2")
                .bind(of.municipality)
                .bind(of.id)
                .fetch_optional(&self.store.read)
                .await?
                .ok_or(Refusal::UnknownPayout)?;
        let header: Option<Vec<String>> = serde_json::from_str(&header).ok();
        Ok(header.map(|header| (of.id, header)))
    }

    /// The kept cells that rows from `from` on stand in, a page at a time.
    pub async fn payout_own(
        &self,
        municipality: i64,
        payout: i64,
        from: i64,
        pages: i64,
    ) -> Result<Vec<OwnCells>> {
        // The page that begins before `from` may still hold it.
        let rows: Vec<(i64, i64, String)> = sqlx::query_as(
            "SELECT first_row, last_row, sealed FROM payout_own WHERE municipality = $1 AND payout = $2 \
             AND first_row >= (SELECT COALESCE(MAX(first_row), 0) FROM payout_own WHERE municipality = $1 \
             AND payout = $2 AND first_row <= $3) ORDER BY first_row LIMIT $4",
        )
        .bind(municipality)
        .bind(payout)
        .bind(from)
        .bind(pages.clamp(1, 100))
        .fetch_all(&self.store.read)
        .await?;
        let own = |(first_row, last_row, sealed)| OwnCells {
            first_row,
            last_row,
            sealed,
        };
        Ok(rows.into_iter().map(own).collect())
    }
}
