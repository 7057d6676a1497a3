//! Gifts in the database.

use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{Gift, GiftState};
use crate::{
    Ledger, Receipt,
    error::{Result, corrupt},
};

const SELECT: &str = "SELECT id, municipality, sender, recipient, amount_won, state, lapse_at, claimed_by, ended_by, \
    created_at, updated_at FROM gifts WHERE municipality = $1";

/// What a gift took from one lot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) lot: i64,
    pub(crate) programme: i64,
    pub(crate) amount_won: i64,
    /// How much of it was paid for, won.
    pub(crate) price_won: i64,
    pub(crate) expires_at: i64,
}

fn from_row(row: &AnyRow) -> Result<Gift> {
    let state: String = row.try_get("state")?;
    Ok(Gift {
        id: row.try_get("id")?,
        municipality: row.try_get("municipality")?,
        sender: row.try_get("sender")?,
        recipient: row.try_get("recipient")?,
        amount_won: row.try_get("amount_won")?,
        state: GiftState::from_code(&state).ok_or_else(|| corrupt("gift state", &state))?,
        lapse_at: row.try_get("lapse_at")?,
        claimed_by: row.try_get("claimed_by")?,
        ended_by: row.try_get("ended_by")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// One gift, by whatever reads: a pool or a transaction.
pub(crate) async fn find<'e, E: sqlx::Executor<'e, Database = Any>>(
    executor: E,
    municipality: i64,
    id: i64,
) -> Result<Option<Gift>> {
    lock(executor, "", municipality, id).await
}

/// A gift whose row the transaction holds.
pub(crate) async fn lock<'e, E: sqlx::Executor<'e, Database = Any>>(
    executor: E,
    for_update: &str,
    municipality: i64,
    id: i64,
) -> Result<Option<Gift>> {
    let sql = format!("{SELECT} AND id = $2{for_update}");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(municipality)
        .bind(id)
        .fetch_optional(executor)
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// What a gift took from which lots, in the order it was taken.
pub(crate) async fn parts(tx: &mut Transaction<'_, Any>, municipality: i64, gift: i64) -> Result<Vec<Part>> {
    let rows: Vec<(i64, i64, i64, i64, i64)> = sqlx::query_as(
        "SELECT p.lot, l.programme, p.amount_won, p.price_won, l.expires_at FROM gift_parts p JOIN lots l \
         ON l.municipality = p.municipality AND l.id = p.lot \
         WHERE p.municipality = $1 AND p.gift = $2 ORDER BY p.line",
    )
    .bind(municipality)
    .bind(gift)
    .fetch_all(&mut **tx)
    .await?;
    let part = |(lot, programme, amount_won, price_won, expires_at)| Part {
        lot,
        programme,
        amount_won,
        price_won,
        expires_at,
    };
    Ok(rows.into_iter().map(part).collect())
}

/// How many lots a gift took from.
pub(crate) async fn parts_count<'e, E: sqlx::Executor<'e, Database = Any>>(
    executor: E,
    municipality: i64,
    gift: i64,
) -> Result<i64> {
    let (count,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM gift_parts WHERE municipality = $1 AND gift = $2")
            .bind(municipality)
            .bind(gift)
            .fetch_one(executor)
            .await?;
    Ok(count)
}

/// Writes the gift of a transfer that has just taken it.
pub(crate) async fn write(
    tx: &mut Transaction<'_, Any>,
    receipt: &Receipt,
    sender: i64,
    recipient: &str,
    lapse_at: i64,
    parts: &[Part],
) -> Result<()> {
    sqlx::query(
        "INSERT INTO gifts (municipality, id, sender, recipient, amount_won, state, lapse_at, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7, $7)",
    )
    .bind(receipt.municipality)
    .bind(receipt.transfer)
    .bind(sender)
    .bind(recipient)
    .bind(receipt.amount_won)
    .bind(lapse_at)
    .bind(receipt.at)
    .execute(&mut **tx)
    .await?;
    for (line, part) in parts.iter().enumerate() {
        sqlx::query(
            "INSERT INTO gift_parts (municipality, gift, line, lot, amount_won, price_won) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(receipt.municipality)
        .bind(receipt.transfer)
        .bind(line as i64)
        .bind(part.lot)
        .bind(part.amount_won)
        .bind(part.price_won)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Writes down how a waiting gift ended.
pub(crate) async fn end(
    tx: &mut Transaction<'_, Any>,
    gift: &Gift,
    state: GiftState,
    claimed_by: Option<i64>,
    receipt: &Receipt,
) -> Result<()> {
    sqlx::query(
        "UPDATE gifts SET state = $3, claimed_by = $4, ended_by = $5, updated_at = $6 \
         WHERE municipality = $1 AND id = $2",
    )
    .bind(gift.municipality)
    .bind(gift.id)
    .bind(state.code())
    .bind(claimed_by)
    .bind(receipt.transfer)
    .bind(receipt.at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

impl Ledger {
    /// A gift of this municipality. Whose it is, the caller checks.
    pub async fn gift(&self, municipality: i64, id: i64) -> Result<Option<Gift>> {
        find(&self.store.read, municipality, id).await
    }

    /// A holder's last gifts, newest first, at most 200.
    pub async fn gifts_sent(&self, municipality: i64, sender: i64, limit: i64) -> Result<Vec<Gift>> {
        let sql = format!("{SELECT} AND sender = $2 ORDER BY id DESC LIMIT $3");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(sender)
            .bind(limit.clamp(1, 200))
            .fetch_all(&self.store.read)
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// What waits for a recipient at `at`, oldest first, at most 200.
    pub async fn gifts_waiting(&self, municipality: i64, recipient: &str, at: i64) -> Result<Vec<Gift>> {
        let sql = format!(
            "{SELECT} AND recipient = $2 AND state = 'waiting' AND lapse_at > $3 ORDER BY id LIMIT 200"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(recipient)
            .bind(at)
            .fetch_all(&self.store.read)
            .await?;
        rows.iter().map(from_row).collect()
    }
}
