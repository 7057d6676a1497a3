//! The tree's stored half: tiles of 256 hashes (C2SP `tlog-tiles`, height 8).
//!
//! Level 0 holds the leaf hashes, level 1 the roots of full tiles of level 0, and so on. A proof in a log of n leaves
//! reads at most one tile a level (n < 2³²: four), and appending touches only the last tile of each level.

use std::{cell::RefCell, collections::BTreeMap};

use tlog_tiles::{
    tile::Tile,
    tlog::{Error, Hash, HashReader, check_record, prove_record, prove_tree, tree_hash},
};

use crate::LogError;

/// A tile holds 2⁸ hashes.
pub const TILE_HEIGHT: u8 = 8;
/// 256.
pub const TILE_WIDTH: usize = 1 << TILE_HEIGHT;
const HASH: usize = 32;

/// Where a tile lies: its level, and its number within the level.
pub type TileId = (u8, u64);

/// Tiles that were read, by where they lie; each its hashes one after the other.
#[derive(Clone, Debug, Default)]
pub struct Tiles(BTreeMap<TileId, Vec<u8>>);

impl Tiles {
    /// Adds one.
    pub fn insert(&mut self, id: TileId, hashes: Vec<u8>) {
        self.0.insert(id, hashes);
    }

    /// The proof that leaf `number` is in the tree of `size` leaves; wants [`inclusion_tiles`].
    pub fn inclusion(&self, size: u64, number: u64) -> Result<Vec<Hash>, LogError> {
        prove_record(size, number, self).map_err(|_| LogError::Tile)
    }

    /// The proof that the tree of `size` leaves continues that of `before`; wants [`consistency_tiles`].
    pub fn consistency(&self, size: u64, before: u64) -> Result<Vec<Hash>, LogError> {
        if before == 0 || before == size {
            return Ok(Vec::new());
        }
        prove_tree(size, before, self).map_err(|_| LogError::Tile)
    }
}

impl HashReader for Tiles {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let read = |index: &u64| {
            let tile = Tile::from_index(TILE_HEIGHT, *index);
            let hashes = self
                .0
                .get(&(tile.level(), tile.level_index()))
                .ok_or(Error::InvalidTile)?;
            let width = u32::try_from(hashes.len() / HASH).map_err(|_| Error::InvalidTile)?;
            if !(1..=TILE_WIDTH as u32).contains(&width) {
                return Err(Error::InvalidTile);
            }
            Tile::new(TILE_HEIGHT, tile.level(), tile.level_index(), width, false)
                .hash_at_index(hashes, *index)
        };
        indexes.iter().map(read).collect()
    }
}

/// Notes which tiles are asked for; which hashes they hold has no part in which are asked for.
#[derive(Default)]
struct Wanted(RefCell<Vec<TileId>>);

impl HashReader for Wanted {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let mut wanted = self.0.borrow_mut();
        for index in indexes {
            let tile = Tile::from_index(TILE_HEIGHT, *index);
            wanted.push((tile.level(), tile.level_index()));
        }
        Ok(vec![Hash::default(); indexes.len()])
    }
}

impl Wanted {
    fn tiles(self) -> Vec<TileId> {
        let mut list = self.0.into_inner();
        list.sort_unstable();
        list.dedup();
        list
    }
}

/// Which tiles [`Tiles::inclusion`] reads.
pub fn inclusion_tiles(size: u64, number: u64) -> Result<Vec<TileId>, LogError> {
    let wanted = Wanted::default();
    prove_record(size, number, &wanted).map_err(|_| LogError::NotIncluded)?;
    Ok(wanted.tiles())
}

/// Which tiles [`Tiles::consistency`] reads.
pub fn consistency_tiles(size: u64, before: u64) -> Result<Vec<TileId>, LogError> {
    let wanted = Wanted::default();
    if before > size {
        return Err(LogError::Shrunk { before, now: size });
    }
    if before > 0 && before < size {
        prove_tree(size, before, &wanted).map_err(|_| LogError::Tile)?;
    }
    Ok(wanted.tiles())
}

/// Checks that a leaf is in a tree.
pub(crate) fn included(
    proof: &[Hash],
    size: u64,
    root: Hash,
    number: u64,
    leaf: Hash,
) -> Result<(), LogError> {
    check_record(&proof.to_vec(), size, root, number, leaf).map_err(|_| LogError::NotIncluded)
}

/// The right edge of a tree: the last, unfinished tile of each level. All that appending needs.
#[derive(Clone, Debug, Default)]
pub struct Tail {
    size: u64,
    levels: Vec<Vec<u8>>,
}

impl Tail {
    /// The tiles at the right edge of a tree of this size, one a level, lowest first; to be given to [`Tail::new`].
    pub fn tiles(size: u64) -> Vec<TileId> {
        let counts = (0..8u8).map(|level| (level, size >> (TILE_HEIGHT * level)));
        let unfinished = counts.filter(|(_, count)| count % TILE_WIDTH as u64 > 0);
        unfinished
            .map(|(level, count)| (level, count >> TILE_HEIGHT))
            .collect()
    }

    /// The right edge of a tree of `size` leaves from its tiles, which may hold more than the tree had then.
    pub fn new(size: u64, tiles: &Tiles) -> Result<Self, LogError> {
        let mut levels = Vec::new();
        for id in Self::tiles(size) {
            let width = (size >> (TILE_HEIGHT * id.0)) as usize % TILE_WIDTH;
            let hashes = tiles
                .0
                .get(&id)
                .and_then(|hashes| hashes.get(..width * HASH))
                .ok_or(LogError::Tile)?;
            levels.resize(usize::from(id.0), Vec::new());
            levels.push(hashes.to_vec());
        }
        Ok(Self { size, levels })
    }

    /// How many leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends leaves; gives every tile that is new or longer than before.
    pub fn append(&mut self, leaves: &[Hash]) -> Vec<(TileId, Vec<u8>)> {
        let mut changed = Vec::new();
        let mut hashes = leaves.to_vec();
        for level in 0..8u8 {
            if hashes.is_empty() {
                break;
            }
            if self.levels.len() <= usize::from(level) {
                self.levels.push(Vec::new());
            }
            let edge = &mut self.levels[usize::from(level)];
            let mut number = (self.size >> (TILE_HEIGHT * level)) >> TILE_HEIGHT;
            let mut promoted = Vec::new();
            for hash in hashes {
                edge.extend_from_slice(&hash.0);
                if edge.len() == TILE_WIDTH * HASH {
                    promoted.push(Tile::subtree_hash(edge));
                    changed.push(((level, number), std::mem::take(edge)));
                    number += 1;
                }
            }
            if !edge.is_empty() {
                changed.push(((level, number), edge.clone()));
            }
            hashes = promoted;
        }
        self.size += leaves.len() as u64;
        changed
    }

    /// The root over all leaves.
    pub fn root(&self) -> Hash {
        let tiles = self
            .levels
            .iter()
            .enumerate()
            .filter(|(_, hashes)| !hashes.is_empty());
        let tiles = tiles.map(|(level, hashes)| {
            let level = level as u8;
            (
                (level, (self.size >> (TILE_HEIGHT * level)) >> TILE_HEIGHT),
                hashes.clone(),
            )
        });
        // The edge holds every subtree of the size's binary decomposition, so no tile is missing.
        tree_hash(self.size, &Tiles(tiles.collect())).unwrap_or_default()
    }
}
