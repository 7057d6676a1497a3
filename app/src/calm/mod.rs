//! While the database is away the resident is not harmed: who is signed in stays signed in and sees what was last
//! known, with its time; what would change something is put off, and nothing that was typed is lost (DESIGN 7).
//!
//! `store::Pulse` knows how the database is; nothing here waits for it longer than [`ASK_MAX`]. What is kept stands in
//! this process's memory only, bounded in entries and bytes, each session's own, and dies with it.

mod ask;
mod kept;
mod sessions;
mod views;

pub use ask::{ask, within};
pub use kept::Calm;
pub(crate) use kept::View;
pub(crate) use sessions::session;
pub use views::{Done, banner, not_now, stale, till};

use std::time::Duration;

use store::Condition;

use crate::House;

/// How long a page waits for what it could also show from memory. Ten times the slowest good answer, and short enough
/// that nobody reloads.
pub const ASK_MAX: Duration = Duration::from_millis(1_500);
/// How long any other page waits for its session: in overload the store is slow, not away.
const SESSION_MAX: Duration = Duration::from_secs(6);
/// Pages of somebody signed in that show what was last known while the database is away.
pub(crate) const FROM_MEMORY: [&str; 2] = ["/wallet", "/wallet/history"];
/// How long an answer may still take once the database is known to be away.
pub const GRACE: Duration = Duration::from_secs(1);
/// When whoever was put off is asked to come again, s.
pub const AGAIN_S: i64 = 30;
/// What is older is not shown any more, ms. Three days: longer than the longest outage we know of (23 hours).
pub const KEEP_MS: i64 = 72 * 3_600_000;

impl House {
    /// How the database is, as far as is known. Never waits.
    pub fn condition(&self) -> Condition {
        self.ledger.store().pulse().condition()
    }

    /// Somebody waited for the database in vain.
    pub(crate) fn doubt(&self) {
        self.ledger.store().pulse().doubt();
    }
}
