//! What money is: accounts, lots, transfers, programmes, merchants. The only code that writes money.
//!
//! What must stay true here (DESIGN, "What must stay true" 1–4): money is integers of won and double-entry;
//! a lot is never forgotten; a request is done once; acknowledged means durable. The schema carries it
//! (constraints, triggers), the code obeys it, [`Ledger::verify`] recomputes it.
//!
//! No clock and no HTTP in here: the caller passes `at`. Every query of people or money begins with the
//! municipality, so that none can see another's rows. All money goes through one door, [`Ledger::post`].

mod alerts;
mod bank;
mod calendar;
mod canary;
mod cards;
mod codes;
mod deposits;
mod error;
mod figures;
mod gifts;
mod holds;
mod log;
mod merchants;
mod migrations;
pub mod municipalities;
mod number;
pub mod payouts;
mod poster;
mod programmes;
mod refunds;
mod remittances;
mod reports;
mod settlements;
mod sweep;
mod transfers;
mod verify;
mod wallet;

pub use alerts::{Alert, AlertDecision, AlertPage, AlertRule, AlertState, Evidence, Looked, Thresholds};
pub use bank::{
    Ask, BankLine, Differing, DueAsk, Reconciliation, Way, Why, deposit_reference, remittance_reference,
};
pub use canary::{CANARY_WON, Canary};
pub use cards::{
    Advice, Advised, Ask as CardAsk, Authorisation, Card, CardCase, CardStanding, CardState, CaseKind,
    CaseState, Choice, Clock, DailyLine, DecidedBy, Decision, Fallback, LIST_GRACE_MS, LIST_VALID_MS,
    LineKind, ListError, ListKey, MERCHANT_CLASSES, NewCard, Reconciled, Said, SignedList, StandIn,
    StandInEntry, Verdict, Why as CardWhy, class_of_mcc, decide, key_of_text, token_digest,
};
pub use codes::{CODE_LIFE_MS, Code};
pub use deposits::{Bank, BankAnswer, BankSimulator, Deposit, DepositState, Room};
pub use error::{LedgerError, Refusal};
pub use figures::{
    Budget, Counting, DayFlow, Desk, DeskFilter, Figures, Flow, Forecast, HourFlow, PlaceFlow,
    ProgrammeFigures, ProgrammeFlow, Totals, forecast,
};
pub use gifts::{Gift, GiftState};
pub use holds::{Hold, HoldState};
pub use log::{LogFigures, LogPlace, Published, SignedCheckpoint, Step};
pub use merchants::{Category, Merchant, MerchantSearch, MerchantStatus, NewMerchant, Taking, TakingsPage};
pub use migrations::MIGRATIONS;
pub use municipalities::{Municipality, NewMunicipality};
pub use number::{Cursor, CursorError, receipt_number, transfer_of_number};
pub use poster::PosterOptions;
pub use programmes::{
    Change, ExpiryRule, NewChange, NewProgramme, Programme, ProgrammeKind, ProgrammeState, Restriction, Terms,
};
pub use refunds::RefundQuote;
pub use remittances::{Payee, Remittance, RemittanceState};
pub use reports::{ExchangeCheck, ExchangeLine, MonthLine, MonthReport, YearLine, half_of};
pub use settlements::{PaidSettlement, Settlement, SettlementFilter, SettlementTotals, settlement_day};
pub use sweep::Swept;
pub use transfers::{
    LotMove, NamedLotMove, Operation, Receipt, Request, Transfer, TransferKind, cancel_until_at,
    gift_lapse_at,
};
pub use verify::{Difference, Verification};
pub use wallet::{HistoryFilter, HistoryPage, Lot, LotKind, Movement, Pot, Wallet, history_sql};

use poster::Poster;
use store::Store;

/// The ledger of one database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Ledger {
    store: Store,
    poster: Poster,
}

impl Ledger {
    /// The ledger in `store`, whose migrations ([`MIGRATIONS`]) have run.
    pub fn new(store: Store) -> Self {
        Self::with_poster(store, PosterOptions::default())
    }

    /// The same, with a queue and batches of the poster's of another size.
    pub fn with_poster(store: Store, options: PosterOptions) -> Self {
        let poster = Poster::new(store.clone(), options);
        Self { store, poster }
    }

    /// Posts what is queued, and nothing after it: payments that come later are told that it is busy. To be
    /// waited for before the program ends.
    pub async fn finish(&self) {
        self.poster.finish().await;
    }

    /// How many payments wait to be posted, and how many may.
    pub fn posting(&self) -> (usize, usize) {
        self.poster.waiting()
    }

    /// The database it stands on.
    pub fn store(&self) -> &Store {
        &self.store
    }
}
