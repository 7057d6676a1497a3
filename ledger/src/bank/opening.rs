//! Where a municipality's books stood when its money began to go by this bank.

use crate::{Ledger, Refusal, calendar, error::Result};

/// The opening: when, and what the books had in the bank, won.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    pub(super) at: i64,
    pub(super) won: i64,
}

impl Ledger {
    /// From now on this municipality's money goes by the bank. What the books have by now is taken as the bank account's
    /// balance; remittances that are still open are the bank's to carry, so they are not taken off it yet. Again: nothing.
    /// Refused: [`Refusal::UnknownMunicipality`].
    pub async fn open_bank(&self, municipality: i64, at: i64) -> Result<()> {
        if self.bank_opening(municipality).await?.is_some() {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        // Whoever moves money to or from the bank writes this row: nothing comes between the two sums.
        let lock = format!(
            "SELECT balance_won FROM accounts WHERE municipality = $1 AND kind = 'clearing' AND owner = 0{}",
            self.store.for_update()
        );
        let clearing: Option<(i64,)> = sqlx::query_as(sqlx::AssertSqlSafe(lock))
            .bind(municipality)
            .fetch_optional(&mut *tx)
            .await?;
        let (clearing_won,) = clearing.ok_or(Refusal::UnknownMunicipality)?;
        let (open_won,): (i64,) = sqlx::query_as(
            "SELECT COALESCE(CAST(SUM(amount_won) AS BIGINT), 0) FROM remittances \
             WHERE municipality = $1 AND state IN ('pending', 'unknown')",
        )
        .bind(municipality)
        .fetch_one(&mut *tx)
        .await?;
        sqlx::query(
            "INSERT INTO bank_openings (municipality, opened_at, opening_won) VALUES ($1, $2, $3) \
             ON CONFLICT (municipality) DO NOTHING",
        )
        .bind(municipality)
        .bind(at)
        .bind(open_won - clearing_won)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    pub(super) async fn bank_opening(&self, municipality: i64) -> Result<Option<Opening>> {
        let row: Option<(i64, i64)> =
            sqlx::query_as("SELECT opened_at, opening_won FROM bank_openings WHERE municipality = $1")
                .bind(municipality)
                .fetch_optional(&self.store.read)
                .await?;
        Ok(row.map(|(at, won)| Opening { at, won }))
    }

    /// The days up to `until` (an instant, ms; its own day left out) whose statement is not here yet, oldest first, at
    /// most 400. Empty where nothing goes by the bank.
    pub async fn statement_days_missing(&self, municipality: i64, until: i64) -> Result<Vec<jiff::civil::Date>> {
        let Some(opening) = self.bank_opening(municipality).await? else {
            return Ok(Vec::new());
        };
        let first = calendar::date(opening.at);
        let there: Vec<(String,)> = sqlx::query_as("SELECT day FROM bank_statements WHERE municipality = $1 AND day >= $2")
            .bind(municipality)
            .bind(first.to_string())
            .fetch_all(&self.store.read)
            .await?;
        let there: std::collections::HashSet<String> = there.into_iter().map(|(day,)| day).collect();
        let end = calendar::date(until);
        Ok(first
            .series(jiff::Span::new().days(1))
            .take_while(|day| *day < end)
            .filter(|day| !there.contains(&day.to_string()))
            .take(400)
            .collect())
    }
}
