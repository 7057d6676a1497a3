//! Which keys sealed the rows of payouts. The ledger cannot read them; it can tell which key could.

use std::collections::BTreeMap;

use crate::{Ledger, error::Result};

impl Ledger {
    /// How many rows each key opens, by the key's public name. Reads every row: for the command line.
    pub async fn payout_seals(&self) -> Result<BTreeMap<String, i64>> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT SUBSTR(sealed, 4, 8) AS key_id, COUNT(*) AS texts FROM payout_rows GROUP BY SUBSTR(sealed, 4, 8)",
        )
        .fetch_all(&self.store.read)
        .await?;
        Ok(rows.into_iter().collect())
    }
}
