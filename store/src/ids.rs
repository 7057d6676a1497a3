//! Ids: made by the program, unique over all processes, and carrying the municipality.
//!
//! An id is `municipality code × 2⁴⁶ + number`. Numbers are taken from the database in blocks, so that
//! one statement serves many rows; a block that dies with its process leaves a gap, which means nothing.
//! Cost: one UPDATE per [`BLOCK`] ids and municipality, always *outside* the caller's transaction (take
//! ids before you begin one: on `SQLite` the only writing connection is yours then).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::Store;

const NUMBER_BITS: u32 = 46;
const BLOCK: i64 = 256;

/// Blocks of ids not yet handed out, by municipality.
#[derive(Clone, Debug, Default)]
pub struct Ids(Arc<Mutex<HashMap<i64, (i64, i64)>>>);

/// A run of consecutive ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdRange {
    next: i64,
    end: i64,
}

impl IdRange {
    /// The first id not yet taken out of this range.
    pub fn first(&self) -> i64 {
        self.next
    }
}

impl Iterator for IdRange {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        (self.next < self.end).then(|| {
            self.next += 1;
            self.next - 1
        })
    }
}

/// The municipality that an id carries (0: the platform itself).
pub fn municipality_of(id: i64) -> i64 {
    id >> NUMBER_BITS
}

impl Ids {
    pub(crate) async fn take(&self, store: &Store, municipality: i64, count: i64) -> sqlx::Result<IdRange> {
        let count = count.max(1);
        if let Some(range) = self.left_of_block(municipality, count) {
            return Ok(range);
        }
        let size = count.max(BLOCK);
        let (end,): (i64,) = sqlx::query_as(
            "INSERT INTO id_blocks (municipality, used) VALUES ($1, $2) \
             ON CONFLICT (municipality) DO UPDATE SET used = id_blocks.used + excluded.used RETURNING used",
        )
        .bind(municipality)
        .bind(size)
        .fetch_one(&store.write)
        .await?;
        let base = municipality << NUMBER_BITS;
        let start = base + end - size + 1;
        if size > count {
            self.lock().insert(municipality, (start + count, start + size));
        }
        Ok(IdRange {
            next: start,
            end: start + count,
        })
    }

    fn left_of_block(&self, municipality: i64, count: i64) -> Option<IdRange> {
        let mut blocks = self.lock();
        let (next, end) = blocks.get_mut(&municipality)?;
        (*end - *next >= count).then(|| {
            let range = IdRange {
                next: *next,
                end: *next + count,
            };
            *next += count;
            range
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<i64, (i64, i64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
