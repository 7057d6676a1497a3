//! A witness of the portal's public log: pulls its checkpoint every minute, checks that a known key signed it and
//! that it continues the last one, keeps it, and raises an alarm where it does not. So what was once published is
//! held by somebody who cannot rewrite the ledger, and after an outage anyone can see whether anything is lost.
//!
//! A portal that does not answer is no alarm: the page shows how old the last checkpoint is. An alarm stays until an
//! operator has looked and says so (`neul status log-accept`); meanwhile the last good checkpoint stands, and what
//! does not continue it is not taken. The mathematics are `tlog`'s, the only crate of this workspace that this room
//! shares with the ledger: neither knows the other by it, and two copies would one day judge differently.

mod page;
mod store;
mod watch;

pub(crate) use page::{document, log_page, notice};
pub use store::accept;
pub(crate) use store::{Log, load};
pub(crate) use watch::Watcher;
