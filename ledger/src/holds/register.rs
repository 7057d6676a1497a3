//! Holds in the database.

use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{Hold, HoldState};
use crate::{
    Ledger, Receipt,
    error::{Result, corrupt},
};

const SELECT: &str = "SELECT id, municipality, holder, merchant, amount_won, state, until_at, captured_won, payment, \
    ended_by, created_at, updated_at FROM holds WHERE municipality = $1";

/// How a hold ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    pub(crate) state: HoldState,
    /// The transfer that gave its value back to the lots.
    pub(crate) by: i64,
    /// The payment and its amount, won.
    pub(crate) payment: Option<(i64, i64)>,
}

fn from_row(row: &AnyRow) -> Result<Hold> {
    let state: String = row.try_get("state")?;
    Ok(Hold {
        id: row.try_get("id")?,
        municipality: row.try_get("municipality")?,
        holder: row.try_get("holder")?,
        merchant: row.try_get("merchant")?,
        amount_won: row.try_get("amount_won")?,
        state: HoldState::from_code(&state).ok_or_else(|| corrupt("hold state", &state))?,
        until_at: row.try_get("until_at")?,
        captured_won: row.try_get("captured_won")?,
        payment: row.try_get("payment")?,
        ended_by: row.try_get("ended_by")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// One hold, by whatever reads: a pool or a transaction; locked, if `for_update` says so.
pub(crate) async fn find<'e, E: sqlx::Executor<'e, Database = Any>>(
    executor: E,
    for_update: &str,
    municipality: i64,
    id: i64,
) -> Result<Option<Hold>> {
    let sql = format!("{SELECT} AND id = $2{for_update}");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(municipality)
        .bind(id)
        .fetch_optional(executor)
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// Writes the hold of a transfer that has just set its value aside.
pub(crate) async fn write(
    tx: &mut Transaction<'_, Any>,
    receipt: &Receipt,
    holder: i64,
    merchant: i64,
    until_at: i64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO holds (municipality, id, holder, merchant, amount_won, state, until_at, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $7)",
    )
    .bind(receipt.municipality)
    .bind(receipt.transfer)
    .bind(holder)
    .bind(merchant)
    .bind(receipt.amount_won)
    .bind(until_at)
    .bind(receipt.at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes down how an open hold ended.
pub(crate) async fn end(tx: &mut Transaction<'_, Any>, hold: &Hold, ended: Ended, at: i64) -> Result<()> {
    sqlx::query(
        "UPDATE holds SET state = $3, ended_by = $4, payment = $5, captured_won = $6, updated_at = $7 \
         WHERE municipality = $1 AND id = $2",
    )
    .bind(hold.municipality)
    .bind(hold.id)
    .bind(ended.state.code())
    .bind(ended.by)
    .bind(ended.payment.map(|payment| payment.0))
    .bind(ended.payment.map_or(0, |payment| payment.1))
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

impl Ledger {
    /// A hold of this municipality. Whose it is, the caller checks.
    pub async fn hold(&self, municipality: i64, id: i64) -> Result<Option<Hold>> {
        find(&self.store.read, "", municipality, id).await
    }

    /// A holder's last holds, newest first, at most 200.
    pub async fn holds(&self, municipality: i64, holder: i64, limit: i64) -> Result<Vec<Hold>> {
        let sql = format!("{SELECT} AND holder = $2 ORDER BY id DESC LIMIT $3");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(holder)
            .bind(limit.clamp(1, 200))
            .fetch_all(&self.store.read)
            .await?;
        rows.iter().map(from_row).collect()
    }
}
