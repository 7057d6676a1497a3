//! The public half of the log: what anyone needs to check it, and what the ledger and the status site must agree on.
//!
//! Below both of them and knowing neither: the status site may not import the ledger (it must stand when the ledger
//! is gone), and the same checks written twice would one day differ. No database, no clock, no network.
//!
//! The tree is RFC 6962's, checkpoints are C2SP `tlog-checkpoint` in C2SP `signed-note`, proofs C2SP `tlog-proof`:
//! the programs of others can check ours. The mathematics are `tlog_tiles` and `signed_note`.

mod checkpoint;
mod keys;
mod leaf;
mod proof;
mod tree;

pub use checkpoint::{Checkpoint, consistency, read_unchecked};
pub use keys::{Keys, KeysError, Verifying};
pub use leaf::{leaf_hash, seal};
pub use proof::{FORMAT, ProofFile};
pub use tlog_tiles::tlog::{EMPTY_HASH, Hash};
pub use tree::{TILE_HEIGHT, TILE_WIDTH, Tail, TileId, Tiles, consistency_tiles, inclusion_tiles};

/// A hash from its base64.
pub fn parse_hash(text: &str) -> Result<Hash, LogError> {
    Hash::parse_hash(text).map_err(|_| LogError::NoProof("not a hash"))
}

/// Why something about the log does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// No signed note, or no checkpoint in it.
    #[error("this is no checkpoint")]
    Malformed,
    /// Nobody whose key we know has signed it.
    #[error("the checkpoint carries no signature of a known key")]
    UnknownKey,
    /// A known key's signature does not fit.
    #[error("the checkpoint's signature is false")]
    FalseSignature,
    /// It is of another log.
    #[error("the checkpoint is of the log {found:?}, not of {expected:?}")]
    OtherLog {
        /// Whose it should be.
        expected: String,
        /// Whose it is.
        found: String,
    },
    /// The log has fewer leaves than before.
    #[error("the log has shrunk from {before} to {now} leaves")]
    Shrunk {
        /// Leaves before.
        before: u64,
        /// Leaves now.
        now: u64,
    },
    /// Two checkpoints cannot both be of one append-only log.
    #[error("the log has forked: {now} leaves do not continue the {before} leaves of before")]
    Forked {
        /// Leaves before.
        before: u64,
        /// Leaves now.
        now: u64,
    },
    /// The proof does not lead to the checkpoint.
    #[error("the proof does not lead to the checkpoint")]
    NotIncluded,
    /// A proof file that cannot be read.
    #[error("this is no proof of ours: {0}")]
    NoProof(&'static str),
    /// A stored tile is missing or too short.
    #[error("a stored tile is missing or damaged")]
    Tile,
}
