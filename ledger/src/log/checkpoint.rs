//! Signing how far the log is, and what was signed before.

use serde::{Deserialize, Serialize};
use sqlx::{FromRow, Row, any::AnyRow};
use tlog::{Checkpoint, Hash, Keys};

use super::{broken, tiles};
use crate::{Ledger, error::Result};

/// A checkpoint as it was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedCheckpoint {
    /// How many leaves.
    pub size: i64,
    /// When it was signed, ms.
    pub at: i64,
    /// The root, base64.
    pub root: String,
    /// The signed note (C2SP `tlog-checkpoint`).
    pub note: String,
}

impl<'r> FromRow<'r, AnyRow> for SignedCheckpoint {
    fn from_row(row: &'r AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            size: row.try_get("size")?,
            at: row.try_get("at")?,
            root: row.try_get("root")?,
            note: row.try_get("note")?,
        })
    }
}

impl Ledger {
    /// Signs how far the log is, where nobody has signed that with these keys yet; gives the newest checkpoint.
    ///
    /// What is signed is recomputed from the tiles and must continue the last checkpoint, so that an edit of the
    /// head's or a tile's row is not signed but refused.
    pub async fn checkpoint(&self, keys: &Keys, at: i64) -> Result<SignedCheckpoint> {
        let mut tx = self.store.begin().await?;
        let sql = format!(
            "SELECT size, root FROM log_head WHERE one = 1{}",
            self.store.for_update()
        );
        let (size, root): (i64, String) = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .fetch_one(&mut *tx)
            .await?;
        let last: Option<SignedCheckpoint> = sqlx::query_as(LATEST).fetch_optional(&mut *tx).await?;
        if let Some(last) = &last
            && last.size == size
            && signed_by_all(last, keys)
        {
            tx.rollback().await?;
            return Ok(last.clone());
        }
        let counted = tiles::tail(&mut tx, size as u64).await?.root();
        if counted.to_string() != root {
            return Err(broken(tlog::LogError::Tile));
        }
        if let Some(last) = &last {
            let before = tlog::read_unchecked(&last.note).map_err(broken)?;
            let now = Checkpoint {
                origin: before.origin.clone(),
                size: size as u64,
                root: counted,
                signed_by: Vec::new(),
            };
            let wanted = tlog::consistency_tiles(now.size, before.size).map_err(broken)?;
            let tiles = tiles::read(&mut tx, &wanted).await?;
            let proof = tiles.consistency(now.size, before.size).map_err(broken)?;
            tlog::consistency(&before, &now, &proof).map_err(broken)?;
        }
        let note = Checkpoint::sign(keys, size as u64, counted).map_err(broken)?;
        // The clock of another process may be behind: a checkpoint is never older than the one before it.
        let at = last.map_or(at, |last| at.max(last.at + 1));
        let signed = SignedCheckpoint { size, at, root, note };
        sqlx::query("INSERT INTO log_checkpoints (size, at, root, note) VALUES ($1, $2, $3, $4)")
            .bind(signed.size)
            .bind(signed.at)
            .bind(&signed.root)
            .bind(&signed.note)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(signed)
    }

    /// The newest checkpoint, once there is one.
    pub async fn latest_checkpoint(&self) -> Result<Option<SignedCheckpoint>> {
        Ok(sqlx::query_as(LATEST).fetch_optional(&self.store.read).await?)
    }

    /// The proof that the log of `size` leaves continues that of `before`. Nothing where either is more than there is.
    pub async fn log_consistency(&self, before: u64, size: u64) -> Result<Option<Vec<Hash>>> {
        let mut seen = self.store.begin_snapshot().await?;
        let (now,): (i64,) = sqlx::query_as("SELECT size FROM log_head WHERE one = 1")
            .fetch_one(&mut *seen)
            .await?;
        if before > size || size > now as u64 {
            return Ok(None);
        }
        let wanted = tlog::consistency_tiles(size, before).map_err(broken)?;
        let tiles = tiles::read(&mut seen, &wanted).await?;
        seen.rollback().await?;
        Ok(Some(tiles.consistency(size, before).map_err(broken)?))
    }
}

/// The newest.
pub(super) const LATEST: &str =
    "SELECT size, at, root, note FROM log_checkpoints ORDER BY size DESC, at DESC LIMIT 1";

/// Whether every key that signs now has signed it: after a rotation the same size is signed once more.
fn signed_by_all(signed: &SignedCheckpoint, keys: &Keys) -> bool {
    let opened = Checkpoint::open(&signed.note, keys.verifying());
    opened.is_ok_and(|opened| keys.signing_ids().all(|id| opened.signed_by.contains(&id)))
}
