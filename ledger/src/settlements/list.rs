//! Settlements of all merchants, as the municipality's desk reads them.

use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::{
    Settlement,
    register::{COLUMNS, from_row},
};
use crate::{
    Ledger, RemittanceState,
    error::{Result, corrupt},
};

/// Which settlements: made from `from_at` on and before `until_at` (ms).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementFilter {
    /// From this instant on, ms.
    pub from_at: i64,
    /// Before this instant, ms.
    pub until_at: i64,
    /// At most so many, 1–500.
    pub limit: i64,
    /// After so many.
    pub offset: i64,
}

/// A settlement, whose it is, and what the bank said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidSettlement {
    /// The settlement.
    pub settlement: Settlement,
    /// The merchant's code.
    pub merchant_code: String,
    /// The merchant's name.
    pub merchant_name: String,
    /// What the bank said.
    pub state: RemittanceState,
}

/// Sums over the settlements of a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementTotals {
    /// How many.
    pub count: i64,
    /// What was sent by them, won.
    pub sent_won: i64,
    /// What the entries of settlements of the same time say, won: the same, or somebody wrote one without the other.
    pub entries_won: i64,
}

impl Ledger {
    /// Settlements of every merchant, newest first.
    pub async fn settlements_of_all(
        &self,
        municipality: i64,
        filter: &SettlementFilter,
    ) -> Result<Vec<PaidSettlement>> {
        let columns: Vec<String> = COLUMNS
            .split(',')
            .map(|column| format!("s.{}", column.trim()))
            .collect();
        let sql = format!(
            "SELECT {}, m.code AS merchant_code, m.name AS merchant_name, r.state AS state FROM settlements s \
             JOIN merchants m ON m.municipality = s.municipality AND m.id = s.merchant \
             JOIN remittances r ON r.municipality = s.municipality AND r.id = s.id \
             WHERE s.municipality = $1 AND s.created_at >= $2 AND s.created_at < $3 \
             ORDER BY s.created_at DESC, s.id DESC LIMIT $4 OFFSET $5",
            columns.join(", ")
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(filter.from_at)
            .bind(filter.until_at)
            .bind(filter.limit.clamp(1, 500))
            .bind(filter.offset.max(0))
            .fetch_all(&self.store.read)
            .await?;
        rows.iter()
            .map(|row| {
                let state: String = row.try_get("state")?;
                Ok(PaidSettlement {
                    settlement: from_row(row)?,
                    merchant_code: row.try_get("merchant_code")?,
                    merchant_name: row.try_get("merchant_name")?,
                    state: RemittanceState::from_code(&state)
                        .ok_or_else(|| corrupt("remittance state", &state))?,
                })
            })
            .collect()
    }

    /// Their sums, and what the entries say; limit and offset do not matter.
    pub async fn settlement_totals(
        &self,
        municipality: i64,
        filter: &SettlementFilter,
    ) -> Result<SettlementTotals> {
        let (count, sent_won): (i64, i64) = sqlx::query_as(
            "SELECT COUNT(*), COALESCE(CAST(SUM(sent_won) AS BIGINT), 0) FROM settlements \
             WHERE municipality = $1 AND created_at >= $2 AND created_at < $3",
        )
        .bind(municipality)
        .bind(filter.from_at)
        .bind(filter.until_at)
        .fetch_one(&self.store.read)
        .await?;
        let (entries_won,): (i64,) = sqlx::query_as(
            "SELECT COALESCE(CAST(SUM(e.amount_won) AS BIGINT), 0) FROM accounts a JOIN entries e \
             ON e.municipality = a.municipality AND e.account = a.id AND e.created_at >= $2 AND e.created_at < $3 \
             AND e.kind = 'settle' WHERE a.municipality = $1 AND a.kind = 'clearing'",
        )
        .bind(municipality)
        .bind(filter.from_at)
        .bind(filter.until_at)
        .fetch_one(&self.store.read)
        .await?;
        Ok(SettlementTotals {
            count,
            sent_won,
            entries_won,
        })
    }
}
