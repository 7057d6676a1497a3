//! Remittances in the database.

use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{Payee, Remittance, RemittanceState};
use crate::{
    Ledger, Receipt, Refusal,
    error::{Result, corrupt},
};

const SELECT: &str = "SELECT id, municipality, payee, owner, amount_won, state, reason, returned, created_at, \
    updated_at FROM remittances WHERE municipality = $1";

fn from_row(row: &AnyRow) -> Result<Remittance> {
    let state: String = row.try_get("state")?;
    let payee: String = row.try_get("payee")?;
    let owner = row.try_get("owner")?;
    Ok(Remittance {
        id: row.try_get("id")?,
        municipality: row.try_get("municipality")?,
        payee: match payee.as_str() {
            "holder" => Payee::Holder(owner),
            "merchant" => Payee::Merchant(owner),
            _ => return Err(corrupt("payee", &payee)),
        },
        amount_won: row.try_get("amount_won")?,
        state: RemittanceState::from_code(&state).ok_or_else(|| corrupt("remittance state", &state))?,
        reason: row.try_get("reason")?,
        returned: row.try_get("returned")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// One remittance, by whatever reads: a pool or a transaction.
pub(crate) async fn find<'e, E: sqlx::Executor<'e, Database = Any>>(
    executor: E,
    municipality: i64,
    id: i64,
) -> Result<Option<Remittance>> {
    let sql = format!("{SELECT} AND id = $2");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(municipality)
        .bind(id)
        .fetch_optional(executor)
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// Writes the remittance of a transfer that has just handed its money to the bank.
pub(crate) async fn write(tx: &mut Transaction<'_, Any>, receipt: &Receipt, payee: Payee) -> Result<()> {
    let (kind, owner) = payee.parts();
    sqlx::query(
        "INSERT INTO remittances (municipality, id, payee, owner, amount_won, state, reason, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, 'pending', '', $6, $6)",
    )
    .bind(receipt.municipality)
    .bind(receipt.transfer)
    .bind(kind)
    .bind(owner)
    .bind(receipt.amount_won)
    .bind(receipt.at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn set_state(
    tx: &mut Transaction<'_, Any>,
    found: &Remittance,
    state: RemittanceState,
    reason: &str,
    returned: Option<i64>,
    at: i64,
) -> Result<()> {
    sqlx::query(
        "UPDATE remittances SET state = $3, reason = $4, returned = $5, updated_at = $6 \
         WHERE municipality = $1 AND id = $2",
    )
    .bind(found.municipality)
    .bind(found.id)
    .bind(state.code())
    .bind(reason)
    .bind(returned)
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

impl Ledger {
    /// Locks a remittance. Refused: [`Refusal::UnknownRemittance`].
    pub(super) async fn lock_remittance(
        &self,
        tx: &mut Transaction<'_, Any>,
        municipality: i64,
        id: i64,
    ) -> Result<Remittance> {
        let sql = format!("{SELECT} AND id = $2{}", self.store.for_update());
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(id)
            .fetch_optional(&mut **tx)
            .await?;
        from_row(&row.ok_or(Refusal::UnknownRemittance)?)
    }

    /// A remittance of this municipality.
    pub async fn remittance(&self, municipality: i64, id: i64) -> Result<Option<Remittance>> {
        find(&self.store.read, municipality, id).await
    }

    /// A payee's last remittances, newest first, at most 200.
    pub async fn remittances(&self, municipality: i64, payee: Payee, limit: i64) -> Result<Vec<Remittance>> {
        let (kind, owner) = payee.parts();
        let sql = format!("{SELECT} AND payee = $2 AND owner = $3 ORDER BY id DESC LIMIT $4");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(kind)
            .bind(owner)
            .bind(limit.clamp(1, 200))
            .fetch_all(&self.store.read)
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// Remittances that the bank has not answered for, or not clearly, oldest first, with an id above `after`.
    pub async fn open_remittances(
        &self,
        municipality: i64,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Remittance>> {
        let sql = format!("{SELECT} AND state IN ('pending', 'unknown') AND id > $2 ORDER BY id LIMIT $3");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(after)
            .bind(limit.clamp(1, 1_000))
            .fetch_all(&self.store.read)
            .await?;
        rows.iter().map(from_row).collect()
    }
}
