//! What every page may ask of the house: handed in once by the server, cheap to clone.

use std::sync::{Arc, atomic::AtomicI64};

use ledger::Ledger;
use people::People;
use tokio::sync::{Notify, watch};

use crate::incidents::StatusNow;

/// Settings that pages need to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the public status site is reached by browsers (`NEUL_STATUS_URL`).
    pub status_url: String,
    /// Where this portal is reached by browsers (`NEUL_PORTAL_URL`), without a slash at its end.
    pub portal_url: String,
    /// Whether cookies carry `Secure` and the `__Host-` prefix.
    pub secure_cookies: bool,
    /// Largest roster accepted, in bytes (`NEUL_ROSTER_MAX_BYTES`).
    pub roster_max_bytes: u64,
    /// Folder for uploads in flight.
    pub upload_dir: std::path::PathBuf,
    /// Set where this database was filled by `neul demo`; every page says so.
    pub demo: bool,
    /// Whether a bank confirms deposits. Without one the demo has a button for it.
    pub bank: bool,
    /// Sees the codes that the demo would have sent by SMS; `None` where a real gateway sends them.
    pub outbox: Option<Arc<people::Outbox>>,
}

/// Names of the built browser files, each with its hash.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    /// `neul.<hash>.css`.
    pub css: String,
    /// Where the files lie.
    pub site_dir: String,
}

/// The house as a page sees it.
#[derive(Clone)]
pub struct House {
    /// What money is.
    pub ledger: Ledger,
    /// Who is who.
    pub people: People,
    /// Last snapshot of the status site, kept fresh by a task of the server; never waited for.
    pub status: watch::Receiver<StatusNow>,
    /// Municipalities that have been opened here, kept fresh by a task of the server.
    pub municipalities: watch::Sender<Vec<ledger::municipalities::Municipality>>,
    /// What this process remembers for the time when the database is away.
    pub calm: crate::calm::Calm,
    /// What card networks are to do while we are silent.
    pub card_lists: crate::cards::CardLists,
    /// Rung when a payout was approved.
    pub payout_approved: Arc<Notify>,
    /// Rung when there is something to ask the bank.
    pub bank_rung: Arc<Notify>,
    /// Built browser files.
    pub assets: Arc<Assets>,
    /// Settings.
    pub settings: Arc<Settings>,
    /// The public keys of the log of transfers.
    pub log_keys: Arc<tlog::Verifying>,
    /// A frozen clock for tests, in ms; 0 means the real one.
    pub frozen_at: Arc<AtomicI64>,
}

impl House {
    /// Now, in ms since the epoch.
    pub fn now(&self) -> i64 {
        match self.frozen_at.load(std::sync::atomic::Ordering::Relaxed) {
            0 => jiff::Timestamp::now().as_millisecond(),
            at => at,
        }
    }
}

impl House {
    /// Reads anew which municipalities are open: after one was opened here, and now and then, because another
    /// process may have opened one.
    pub async fn refresh_municipalities(&self) -> Result<(), ledger::LedgerError> {
        let list = self.ledger.municipalities().await?;
        self.municipalities.send_if_modified(|known| {
            let changed = *known != list;
            *known = list;
            changed
        });
        Ok(())
    }
}

/// Whom to call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelpLine {
    /// Name of the municipality, in the reader's language.
    pub municipality: String,
    /// Digits.
    pub phone: String,
    /// When somebody answers.
    pub hours: String,
}

impl House {
    /// The help line of the reader's municipality: their home, their desk, or the first one of the house.
    pub fn help_line(&self, ctx: &crate::door::Ctx) -> HelpLine {
        let own = ctx.session.as_ref().and_then(|session| match &session.who {
            people::Who::Resident { holders, .. } => holders.first().map(|(municipality, _)| *municipality),
            people::Who::Staff { municipality, .. } => Some(*municipality),
        });
        let list = self.municipalities.borrow();
        let found = list
            .iter()
            .find(|municipality| Some(municipality.code) == own)
            .or_else(|| list.first());
        found.map_or_else(HelpLine::default, |municipality| HelpLine {
            municipality: match ctx.lang {
                crate::words::Lang::ko => municipality.name.clone(),
                crate::words::Lang::en => municipality.name_en.clone(),
            },
            phone: municipality.help_line.clone(),
            hours: municipality.help_hours.clone(),
        })
    }
}
