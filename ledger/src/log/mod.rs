//! The public log: every transfer is a leaf of one append-only Merkle tree (RFC 6962), so that whoever kept a
//! checkpoint can see later that nothing was changed, dropped or slipped in before it.
//!
//! # How no transfer is missed
//!
//! A trigger writes each transfer's id into `log_pending` *in the transaction that writes the transfer*. Both are
//! committed or neither is, whichever poster, payout or hand wrote it, and however long its transaction stayed
//! open. The sequencer takes out what is committed and makes leaves of it, in one transaction again: an id is in
//! `log_pending` or in `log_leaves`, never in both and never in neither, at every instant that any other
//! transaction can see. No window, clock or order of ids takes part in the argument; a transfer that commits an
//! hour after those around it is simply the next leaf. [`Ledger::verify`] proves it: a transfer in neither is
//! named as a difference.
//!
//! A mark on ids or on time was the alternative and costs posting nothing. But ids are taken in blocks that a
//! process may use up hours later, times are what callers say they are, and `PostgreSQL`'s transaction numbers
//! begin anew where a database is restored: each needs a window, and each window can be outwaited. What the queue
//! costs instead is measured (`bench/src/log.rs`).
//!
//! # Who sequences
//!
//! Any process may call [`Ledger::sequence`]; one at a time appends. On `PostgreSQL` an advisory lock of the
//! transaction elects it, and is given up by itself when its holder dies; on `SQLite` the leaves are computed
//! outside the write lock and dropped where the head has moved since. On both, `log_head` is changed only from the
//! size that was read: two sequencers can waste work, and cannot fork the log.
//!
//! # What is durable when
//!
//! A step's commit does not wait for the disk on `PostgreSQL`: what a crash takes of it is in `log_pending` again.
//! A checkpoint's commit does wait, and with it everything before it: what was published is never lost.

mod checkpoint;
mod proof;
mod record;
mod sequence;
mod tiles;
mod verify;

pub use checkpoint::SignedCheckpoint;
pub use proof::LogPlace;
pub use sequence::Step;
pub(crate) use verify::check as verify_log;
pub use verify::{LogFigures, Published};

use crate::error::LedgerError;

/// A fault of the log as the ledger's own.
pub(crate) fn broken(error: tlog::LogError) -> LedgerError {
    LedgerError::Store(sqlx::Error::Decode(format!("the log: {error}").into()))
}
