//! Transfers read back.

use sqlx::{AnyConnection, Row};

use super::{LotMove, NamedLotMove, Receipt, Transfer, TransferKind, cancel};
use crate::{
    Ledger,
    error::{Result, corrupt},
    number::receipt_number,
};

/// The receipt of a transfer, as it was given.
pub(crate) async fn receipt(
    connection: &mut AnyConnection,
    municipality: i64,
    transfer: i64,
) -> Result<Option<Receipt>> {
    Ok(read(connection, municipality, transfer)
        .await?
        .map(|transfer| transfer.receipt))
}

async fn read(connection: &mut AnyConnection, municipality: i64, id: i64) -> Result<Option<Transfer>> {
    let row = sqlx::query(
        "SELECT t.kind, t.amount_won, t.created_at, t.actor, t.programme, t.holder, t.merchant, t.cancels, \
         t.payout, t.deposit, m.name AS merchant_name, p.name AS programme_name, \
         (SELECT COALESCE(CAST(SUM(c.amount_won) AS BIGINT), 0) FROM transfers c \
           WHERE c.municipality = t.municipality AND c.cancels = t.id) AS cancelled_won \
         FROM transfers t LEFT JOIN merchants m ON m.municipality = t.municipality AND m.id = t.merchant \
         LEFT JOIN programmes p ON p.municipality = t.municipality AND p.id = t.programme \
         WHERE t.municipality = $1 AND t.id = $2",
    )
    .bind(municipality)
    .bind(id)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let lots: Vec<(i64, i64, String, String, i64, i64)> = sqlx::query_as(
        "SELECT e.lot, e.programme, p.name, p.name_en, e.amount_won, l.expires_at FROM entries e \
         JOIN lots l ON l.municipality = e.municipality AND l.id = e.lot \
         JOIN programmes p ON p.municipality = e.municipality AND p.id = e.programme \
         WHERE e.municipality = $1 AND e.transfer = $2 AND e.lot IS NOT NULL ORDER BY e.line",
    )
    .bind(municipality)
    .bind(id)
    .fetch_all(connection)
    .await?;
    let lots: Vec<NamedLotMove> = lots
        .into_iter()
        .map(
            |(lot, programme, programme_name, programme_name_en, amount_won, expires_at)| NamedLotMove {
                lot,
                programme,
                programme_name,
                programme_name_en,
                amount_won,
                expires_at,
            },
        )
        .collect();
    let kind: String = row.try_get("kind")?;
    let kind = TransferKind::from_code(&kind).ok_or_else(|| corrupt("transfer kind", &kind))?;
    let at: i64 = row.try_get("created_at")?;
    let amount_won: i64 = row.try_get("amount_won")?;
    let cancelled_won: i64 = row.try_get("cancelled_won")?;
    let is_payment = kind == TransferKind::Pay;
    let moves = lots.iter().map(|lot| LotMove {
        lot: lot.lot,
        programme: lot.programme,
        amount_won: lot.amount_won,
    });
    let receipt = Receipt {
        transfer: id,
        number: receipt_number(id, at),
        municipality,
        kind,
        amount_won,
        at,
        programme: row.try_get("programme")?,
        holder: row.try_get("holder")?,
        merchant: row.try_get("merchant")?,
        cancels: row.try_get("cancels")?,
        payout: row.try_get("payout")?,
        deposit: row.try_get("deposit")?,
        lots: moves.collect(),
        replayed: false,
    };
    Ok(Some(Transfer {
        receipt,
        actor: row.try_get("actor")?,
        merchant_name: row.try_get("merchant_name")?,
        programme_name: row.try_get("programme_name")?,
        cancelled_won,
        cancellable_won: if is_payment { amount_won - cancelled_won } else { 0 },
        cancel_until_at: is_payment.then(|| cancel::cancel_until_at(at)),
        lots,
    }))
}

impl Ledger {
    /// A transfer of this municipality, with names. Whose it is, the caller checks (`receipt.holder`).
    pub async fn transfer(&self, municipality: i64, id: i64) -> Result<Option<Transfer>> {
        read(&mut *self.store.read.acquire().await?, municipality, id).await
    }
}
