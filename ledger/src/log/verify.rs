//! The log recomputed from the rows: every leaf, every checkpoint, nothing missing.

use std::sync::LazyLock;

use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use sqlx::{Any, AssertSqlSafe, FromRow, Row, Transaction, any::AnyRow};
use tlog::{Hash, TILE_WIDTH, Tail};

use super::record::{COLUMNS, Record, Salt};
use crate::{error::Result, verify::Difference};

/// What was looked at of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFigures {
    /// Leaves.
    pub size: i64,
    /// The root over them, base64.
    pub root: String,
    /// Committed transfers that are not in it yet.
    pub waiting: i64,
    /// Checkpoints that were compared.
    pub checkpoints: i64,
}

/// A checkpoint that somebody outside has kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// How many leaves.
    pub size: u64,
    /// The root, base64.
    pub root: String,
}

#[expect(clippy::unnecessary_wraps, reason = "every check ends in it or in nothing")]
fn difference(what: &str, where_: String, expected: i64, found: i64) -> Option<Difference> {
    Some(Difference {
        what: what.to_owned(),
        where_,
        expected,
        found,
    })
}

/// Recomputes the log on a snapshot. One pass over all leaves in their order; memory does not grow with them.
pub(crate) async fn check(
    tx: &mut Transaction<'_, Any>,
    published: &[Published],
) -> Result<(LogFigures, Option<Difference>)> {
    let (size, root): (i64, String) = sqlx::query_as("SELECT size, root FROM log_head WHERE one = 1")
        .fetch_one(&mut **tx)
        .await?;
    let (waiting,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM log_pending")
        .fetch_one(&mut **tx)
        .await?;
    let mut known: Vec<Published> = published.to_vec();
    let checkpoints: Vec<(i64, String)> =
        sqlx::query_as("SELECT size, root FROM log_checkpoints ORDER BY size, at")
            .fetch_all(&mut **tx)
            .await?;
    known.extend(checkpoints.into_iter().map(|(size, root)| Published {
        size: size as u64,
        root,
    }));
    known.sort_by_key(|one| one.size);
    let mut figures = LogFigures {
        size,
        root: root.clone(),
        waiting,
        checkpoints: known.len() as i64,
    };
    // What was lost altogether first: all else follows from it.
    if let Some(more) = known.last().filter(|last| last.size > size as u64) {
        let found = difference(
            "the log has as many leaves as were published",
            "the log".to_owned(),
            more.size as i64,
            size,
        );
        return Ok((figures, found));
    }
    let mut walk = Walk::new(&known);
    if let Some(found) = walk.all(tx).await? {
        return Ok((figures, Some(found)));
    }
    if walk.tail.size() != size as u64 {
        let found = difference(
            "the head counts the leaves",
            "the log".to_owned(),
            walk.tail.size() as i64,
            size,
        );
        return Ok((figures, found));
    }
    if walk.tail.root().to_string() != root {
        return Ok((
            figures,
            difference(
                "the head's root is that of the leaves",
                "the log".to_owned(),
                1,
                0,
            ),
        ));
    }
    figures.root = root;
    let (missing, place): (i64, Option<String>) = {
        let row: Option<(i64, i64)> = sqlx::query_as(
            "SELECT t.municipality, t.id FROM transfers t \
             LEFT JOIN log_leaves v ON v.municipality = t.municipality AND v.transfer = t.id \
             LEFT JOIN log_pending p ON p.municipality = t.municipality AND p.transfer = t.id \
             WHERE v.number IS NULL AND p.transfer IS NULL ORDER BY 1, 2 LIMIT 1",
        )
        .fetch_optional(&mut **tx)
        .await?;
        (
            i64::from(row.is_some()),
            row.map(|(municipality, id)| at(municipality, id)),
        )
    };
    if let Some(place) = place {
        return Ok((
            figures,
            difference("a transfer is in the log, or waits for it", place, 0, missing),
        ));
    }
    Ok((figures, None))
}

fn at(municipality: i64, id: i64) -> String {
    format!("municipality {municipality:05}, id {id}")
}

/// One leaf with what it says of its transfer; no record where the transfer is gone.
struct Leaf {
    municipality: i64,
    transfer: i64,
    number: i64,
    salt: Salt,
    record: Option<Record>,
}

impl Leaf {
    fn read(row: &AnyRow) -> sqlx::Result<Self> {
        let there: Option<i64> = row.try_get("id")?;
        Ok(Self {
            municipality: row.try_get("leaf_municipality")?,
            transfer: row.try_get("leaf_transfer")?,
            number: row.try_get("number")?,
            salt: Salt::from_halves(row.try_get("salt_high")?, row.try_get("salt_low")?),
            record: there.map(|_| Record::from_row(row)).transpose()?,
        })
    }
}

/// The pass over the leaves.
struct Walk<'k> {
    tail: Tail,
    /// Checkpoints not compared yet, by size.
    known: &'k [Published],
    /// The stored tile that the next leaf is in.
    tile: (u64, Vec<u8>),
}

impl<'k> Walk<'k> {
    fn new(known: &'k [Published]) -> Self {
        Self {
            tail: Tail::default(),
            known,
            tile: (u64::MAX, Vec::new()),
        }
    }

    async fn all(&mut self, tx: &mut Transaction<'_, Any>) -> Result<Option<Difference>> {
        // The order is asked for once inside, so that each leaf meets its tile by the index, and once outside: a hash
        // join that does not fit in memory hands its rows out batch by batch.
        static LEAVES: LazyLock<String> = LazyLock::new(|| {
            format!(
                "SELECT v.municipality AS leaf_municipality, v.transfer AS leaf_transfer, v.number, v.salt_high, \
                 v.salt_low, v.hashes, {COLUMNS} FROM (SELECT v.municipality, v.transfer, v.number, v.salt_high, \
                 v.salt_low, CASE WHEN v.number % {TILE_WIDTH} = 0 THEN s.hashes END AS hashes FROM log_leaves v \
                 LEFT JOIN log_tiles s ON s.level = 0 AND s.number = v.number / {TILE_WIDTH} \
                 ORDER BY v.number, v.transfer LIMIT 9223372036854775807) v \
                 LEFT JOIN transfers t ON t.municipality = v.municipality AND t.id = v.transfer \
                 ORDER BY v.number, v.transfer"
            )
        });
        if let Some(found) = self.checkpoints() {
            return Ok(Some(found));
        }
        let mut rows = sqlx::query(AssertSqlSafe(LEAVES.as_str())).fetch(&mut **tx);
        while let Some(row) = rows.try_next().await? {
            let leaf = Leaf::read(&row)?;
            let hashes: Option<Vec<u8>> = row.try_get("hashes")?;
            if let Some(found) = self.step(leaf, hashes) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn step(&mut self, leaf: Leaf, hashes: Option<Vec<u8>>) -> Option<Difference> {
        let number = self.tail.size();
        let place = || format!("{}, leaf {}", at(leaf.municipality, leaf.transfer), leaf.number);
        if leaf.number as u64 != number {
            return difference(
                "the leaves are numbered without a gap",
                place(),
                number as i64,
                leaf.number,
            );
        }
        if let Some(hashes) = hashes {
            self.tile = (number / TILE_WIDTH as u64, hashes);
        }
        let Some(record) = &leaf.record else {
            return difference("a leaf has its transfer", place(), 1, 0);
        };
        let hash = record.leaf(leaf.salt);
        let within = (number % TILE_WIDTH as u64) as usize * 32;
        let stored = (self.tile.0 == number / TILE_WIDTH as u64)
            .then(|| self.tile.1.get(within..within + 32))
            .flatten();
        if stored != Some(&hash.0[..]) {
            return difference(
                "a transfer, its entries and its lots are what the log says",
                place(),
                1,
                0,
            );
        }
        self.push(hash);
        self.checkpoints()
    }

    fn push(&mut self, hash: Hash) {
        let _ = self.tail.append(&[hash]);
    }

    /// Compares the checkpoints of the size that is reached.
    fn checkpoints(&mut self) -> Option<Difference> {
        while let Some((next, rest)) = self.known.split_first() {
            if next.size > self.tail.size() {
                break;
            }
            self.known = rest;
            if self.tail.root().to_string() != next.root {
                return difference(
                    "the log has the root that was published",
                    format!("the log at {} leaves", next.size),
                    1,
                    0,
                );
            }
        }
        None
    }
}
