//! The tree's tiles in the database.

use std::fmt::Write as _;

use sqlx::{AnyConnection, AssertSqlSafe};
use tlog::{Tail, TileId, Tiles};

use super::broken;
use crate::error::Result;

/// Tiles to a statement: few texts to prepare.
const AT_ONCE: usize = 32;

/// Reads the tiles that are named; one that is missing is noticed by whoever wants its hashes.
pub(super) async fn read(connection: &mut AnyConnection, ids: &[TileId]) -> Result<Tiles> {
    let mut tiles = Tiles::default();
    for id in ids {
        let row: Option<(Vec<u8>,)> =
            sqlx::query_as("SELECT hashes FROM log_tiles WHERE level = $1 AND number = $2")
                .bind(i64::from(id.0))
                .bind(id.1 as i64)
                .fetch_optional(&mut *connection)
                .await?;
        if let Some((hashes,)) = row {
            tiles.insert(*id, hashes);
        }
    }
    Ok(tiles)
}

/// The right edge of the tree of this size.
pub(super) async fn tail(connection: &mut AnyConnection, size: u64) -> Result<Tail> {
    let tiles = read(connection, &Tail::tiles(size)).await?;
    Tail::new(size, &tiles).map_err(broken)
}

/// Writes tiles, new ones and longer ones.
pub(super) async fn write(connection: &mut AnyConnection, tiles: &[(TileId, Vec<u8>)]) -> Result<()> {
    let (many, few) = tiles.split_at(tiles.len() - tiles.len() % AT_ONCE);
    let chunks = many.chunks(AT_ONCE).chain(few.chunks(1));
    for chunk in chunks {
        let mut sql = String::from("INSERT INTO log_tiles (level, number, hashes) VALUES ");
        for row in 0..chunk.len() {
            let comma = if row == 0 { "" } else { ", " };
            let _ = write!(
                sql,
                "{comma}(${}, ${}, ${})",
                row * 3 + 1,
                row * 3 + 2,
                row * 3 + 3
            );
        }
        sql.push_str(" ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes");
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for ((level, number), hashes) in chunk {
            query = query
                .bind(i64::from(*level))
                .bind(*number as i64)
                .bind(hashes.clone());
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}
