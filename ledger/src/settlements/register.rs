//! Settlements in the database.

use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::Settlement;
use crate::{Ledger, error::Result};

pub(super) const COLUMNS: &str = "id, municipality, merchant, from_at, until_at, brought_won, taken_won, sent_won, carried_won, \
    created_at";

pub(super) fn from_row(row: &AnyRow) -> Result<Settlement> {
    Ok(Settlement {
        id: row.try_get("id")?,
        municipality: row.try_get("municipality")?,
        merchant: row.try_get("merchant")?,
        from_at: row.try_get("from_at")?,
        until_at: row.try_get("until_at")?,
        brought_won: row.try_get("brought_won")?,
        taken_won: row.try_get("taken_won")?,
        sent_won: row.try_get("sent_won")?,
        carried_won: row.try_get("carried_won")?,
        created_at: row.try_get("created_at")?,
    })
}

/// Where a merchant's last settlement ended, and what it carried over, won. Under the lock of its account.
pub(crate) async fn last(
    tx: &mut Transaction<'_, Any>,
    municipality: i64,
    merchant: i64,
) -> Result<(i64, i64)> {
    let row: Option<(i64, i64)> = sqlx::query_as(
        "SELECT until_at, carried_won FROM settlements WHERE municipality = $1 AND merchant = $2 \
         ORDER BY until_at DESC LIMIT 1",
    )
    .bind(municipality)
    .bind(merchant)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.unwrap_or((0, 0)))
}

/// What an account took in a time, settlements left aside, won: one walk of the index of entries.
pub(crate) async fn taken(
    tx: &mut Transaction<'_, Any>,
    municipality: i64,
    account: i64,
    from_at: i64,
    until_at: i64,
) -> Result<i64> {
    let (won,): (i64,) = sqlx::query_as(
        "SELECT COALESCE(CAST(SUM(amount_won) AS BIGINT), 0) FROM entries WHERE municipality = $1 AND account = $2 \
         AND created_at >= $3 AND created_at < $4 AND kind <> 'settle'",
    )
    .bind(municipality)
    .bind(account)
    .bind(from_at)
    .bind(until_at)
    .fetch_one(&mut **tx)
    .await?;
    Ok(won)
}

/// Writes a settlement whose transfer has just been written.
pub(crate) async fn write(tx: &mut Transaction<'_, Any>, made: &Settlement) -> Result<()> {
    let sql = format!("INSERT INTO settlements ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(made.id)
        .bind(made.municipality)
        .bind(made.merchant)
        .bind(made.from_at)
        .bind(made.until_at)
        .bind(made.brought_won)
        .bind(made.taken_won)
        .bind(made.sent_won)
        .bind(made.carried_won)
        .bind(made.created_at)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl Ledger {
    /// A merchant's last settlements, newest first, at most 200. What became of one says its remittance, of the same id.
    pub async fn settlements(&self, municipality: i64, merchant: i64, limit: i64) -> Result<Vec<Settlement>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM settlements WHERE municipality = $1 AND merchant = $2 \
             ORDER BY until_at DESC LIMIT $3"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(merchant)
            .bind(limit.clamp(1, 200))
            .fetch_all(&self.store.read)
            .await?;
        rows.iter().map(from_row).collect()
    }
}
