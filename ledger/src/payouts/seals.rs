//! Which keys sealed the rows of payouts. The ledger cannot read them; it can tell which key could.

use std::collections::BTreeMap;

use crate::{Ledger, error::Result};

impl Ledger {
    /// How many sealed texts (rows, pages of their own cells) each key opens, by the key's public name. Reads every row: for the command line.
    pub async fn payout_seals(&self) -> Result<BTreeMap<String, i64>> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT key_id, COUNT(*) AS texts FROM (SELECT SUBSTR(sealed, 4, 8) AS key_id FROM payout_rows \
             UNION ALL SELECT SUBSTR(sealed, 4, 8) FROM payout_own) AS seals GROUP BY key_id",
        )
        .fetch_all(&self.store.read)
        .await?;
        Ok(rows.into_iter().collect())
    }
}
