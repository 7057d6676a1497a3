//! Where a transfer stands in the log, and the proof of it.

use sqlx::AssertSqlSafe;
use tlog::{ProofFile, Verifying};

use super::{
    SignedCheckpoint, broken,
    checkpoint::LATEST,
    record::{COLUMNS, Record, Salt},
    tiles,
};
use crate::{Ledger, error::Result};

/// Where a transfer stands in the public log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogPlace {
    /// Not under a checkpoint yet; it will be within a minute.
    Waiting,
    /// In it.
    In {
        /// Which leaf, counted from 0.
        number: i64,
        /// Signing time of the first checkpoint over it, ms.
        since: i64,
    },
}

impl Ledger {
    /// Whether a transfer of this municipality is under a public checkpoint. (An unknown transfer waits for ever: ask
    /// for the transfer first.)
    pub async fn log_place(&self, municipality: i64, transfer: i64) -> Result<LogPlace> {
        let row: Option<(i64, i64)> = sqlx::query_as(
            "SELECT v.number, c.at FROM log_leaves v JOIN log_checkpoints c \
             ON c.size = (SELECT MIN(n.size) FROM log_checkpoints n WHERE n.size > v.number) \
             WHERE v.municipality = $1 AND v.transfer = $2 ORDER BY c.at LIMIT 1",
        )
        .bind(municipality)
        .bind(transfer)
        .fetch_optional(&self.store.read)
        .await?;
        Ok(row.map_or(LogPlace::Waiting, |(number, since)| LogPlace::In {
            number,
            since,
        }))
    }

    /// The proof that a transfer of this municipality is under the newest checkpoint. Nothing where it is not yet.
    pub async fn log_proof(
        &self,
        municipality: i64,
        transfer: i64,
        keys: &Verifying,
    ) -> Result<Option<ProofFile>> {
        let mut seen = self.store.begin_snapshot().await?;
        let leaf: Option<(i64, i64, i64)> = sqlx::query_as(
            "SELECT number, salt_high, salt_low FROM log_leaves WHERE municipality = $1 AND transfer = $2",
        )
        .bind(municipality)
        .bind(transfer)
        .fetch_optional(&mut *seen)
        .await?;
        let latest: Option<SignedCheckpoint> = sqlx::query_as(LATEST).fetch_optional(&mut *seen).await?;
        let (Some((number, high, low)), Some(latest)) = (leaf, latest) else {
            return Ok(None);
        };
        if number >= latest.size {
            return Ok(None);
        }
        let record: Record = sqlx::query_as(AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM transfers t WHERE t.municipality = $1 AND t.id = $2"
        )))
        .bind(municipality)
        .bind(transfer)
        .fetch_one(&mut *seen)
        .await?;
        let (size, number) = (latest.size as u64, number as u64);
        let wanted = tlog::inclusion_tiles(size, number).map_err(broken)?;
        let tiles = tiles::read(&mut seen, &wanted).await?;
        seen.rollback().await?;
        let hashes = tiles.inclusion(size, number).map_err(broken)?;
        let salt = Salt::from_halves(high, low);
        Ok(Some(ProofFile::new(
            record.text(salt),
            &salt.0,
            number,
            &hashes,
            &latest.note,
            keys,
        )))
    }
}
