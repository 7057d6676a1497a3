//! What people can be told, and what went wrong below.

use serde::{Deserialize, Serialize};

/// Why a request was not done. Named and with figures, so that a page or an API can say it in its own
/// words. Nothing was written when one of these comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    /// The municipality has not opened here, or is none of the official list.
    #[error("no such municipality")]
    UnknownMunicipality,
    /// The municipality has opened already.
    #[error("the municipality has opened already")]
    AlreadyOpened,
    /// No programme of this municipality has that id.
    #[error("no such programme")]
    UnknownProgramme,
    /// No merchant of this municipality has that id.
    #[error("no such merchant")]
    UnknownMerchant,
    /// No transfer of this municipality has that id.
    #[error("no such transfer")]
    UnknownTransfer,
    /// No deposit of this municipality has that id.
    #[error("no such deposit")]
    UnknownDeposit,
    /// A field of a new programme, merchant or municipality makes no sense.
    #[error("{field} is not acceptable")]
    Invalid {
        /// Name of the field.
        field: String,
    },
    /// Another merchant of the municipality has that code.
    #[error("the merchant code is taken")]
    MerchantCodeTaken,
    /// The idempotency key is empty, longer than 64 characters, or one of the ledger's own (`deposit:`, `payout:`, …).
    #[error("the idempotency key is not acceptable")]
    BadKey,
    /// Zero or less.
    #[error("the amount must be positive")]
    AmountNotPositive,
    /// More than one transfer may carry.
    #[error("the amount is over {limit_won} won")]
    AmountTooLarge {
        /// The most that one transfer may carry, won.
        limit_won: i64,
    },
    /// The programme is a draft or has been stopped.
    #[error("the programme is not open")]
    ProgrammeNotOpen,
    /// Everything of the programme ended at this instant; new value would be born dead.
    #[error("the programme ended at {ended_at}")]
    ProgrammeEnded {
        /// Instant after its last moment, ms.
        ended_at: i64,
    },
    /// The programme is given, not sold.
    #[error("the programme is not for sale")]
    NotForSale,
    /// Outside the dates of sale.
    #[error("not on sale now")]
    NotOnSaleNow {
        /// Sale begins, ms.
        sale_from_at: Option<i64>,
        /// Instant after the last moment of sale, ms.
        sale_until_at: Option<i64>,
    },
    /// Over what one person may buy in a calendar month (Asia/Seoul).
    #[error("over the monthly limit of {limit_won} won, {left_won} won left")]
    MonthlyLimit {
        /// The limit, won of value.
        limit_won: i64,
        /// What may still be bought this month, won of value.
        left_won: i64,
    },
    /// Over what one person may hold of the programme.
    #[error("over the holding limit of {limit_won} won, {left_won} won left")]
    HoldingLimit {
        /// The limit, won.
        limit_won: i64,
        /// What may still be added, won.
        left_won: i64,
    },
    /// The programme's budget does not carry this.
    #[error("the budget has {left_won} won left")]
    BudgetExhausted {
        /// What the budget still has, won.
        left_won: i64,
    },
    /// The wallet holds too little that this merchant may take.
    #[error("only {usable_won} won of {total_won} won can be spent here")]
    NotEnough {
        /// What this merchant could take, won.
        usable_won: i64,
        /// What the wallet holds in all, expired lots left out, won.
        total_won: i64,
    },
    /// The merchant is suspended or closed.
    #[error("the merchant takes no payments")]
    MerchantNotAccepting,
    /// The wallet holds money, but none that this merchant may take.
    #[error("the merchant may take none of the {total_won} won held")]
    MerchantBarred {
        /// What the wallet holds in all, won.
        total_won: i64,
    },
    /// Only payments are cancelled.
    #[error("only a payment can be cancelled")]
    NotAPayment,
    /// More than what is left of the payment; `left_won` 0: all was cancelled before.
    #[error("already cancelled, {left_won} won left")]
    AlreadyCancelled {
        /// What may still be cancelled, won.
        left_won: i64,
    },
    /// Too late to cancel.
    #[error("a payment can be cancelled within {days} days")]
    CancelTooLate {
        /// How many days there are.
        days: i64,
    },
    /// The merchant's account has too little to give back.
    #[error("the merchant's account has {left_won} won left")]
    MerchantShort {
        /// What it has, won.
        left_won: i64,
    },
    /// No payment code has those digits; or it ended long ago.
    #[error("no such payment code")]
    UnknownCode,
    /// The payment code has ended: its three minutes are over, or a newer one was made.
    #[error("the payment code has ended")]
    CodeEnded,
    /// The payment code has paid already.
    #[error("the payment code was used already")]
    CodeUsed,
    /// The merchant's order has been paid already, whatever was cancelled since.
    #[error("the order was paid already")]
    OrderPaid,
    /// The idempotency key was used for something else (HTTP 409).
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The deposit is not waiting any more.
    #[error("the deposit is settled already")]
    DepositSettled,
    /// No payout of this municipality has that id.
    #[error("no such payout")]
    UnknownPayout,
    /// The same file was handed in before.
    #[error("the same file is payout {payout} already")]
    SameFile {
        /// The earlier payout.
        payout: i64,
    },
    /// The payout is not in a state for this; somebody else was faster, or it is too late.
    #[error("the payout is {state:?} now")]
    PayoutState {
        /// Its state now.
        state: crate::payouts::PayoutState,
    },
    /// Whoever made or handed in a payout can never approve it (DESIGN 11).
    #[error("another official must approve this payout")]
    SecondOfficial,
    /// The rows are not those that were checked.
    #[error("the payout's content has changed since it was checked")]
    ContentChanged,
    /// The approval was taken back before this row was paid.
    #[error("the approval was withdrawn")]
    ApprovalWithdrawn,
    /// The programme had paid this person before, and it was decided to leave them out.
    #[error("paid before by this programme")]
    PaidBefore,
    /// People of the roster were paid by its programme before, and nobody has decided what to do with them.
    #[error("people who were paid before must be decided of first")]
    RepeatsUndecided,
    /// Not one row can be paid.
    #[error("the payout has nothing to pay")]
    NothingToPay,
    /// Too much at once: nothing was done, the same request may come again.
    #[error("busy, come again in {retry_after_ms} ms")]
    Busy {
        /// How long to wait, ms.
        retry_after_ms: i64,
    },
    /// No lot of this holder has that id.
    #[error("no such lot")]
    UnknownLot,
    /// Only what was bought is refunded, and only to its buyer.
    #[error("only what was bought is refunded")]
    NotRefundable,
    /// Too little of that purchase was spent.
    #[error("{spent_won} won of that purchase were spent, {needed_won} won are needed")]
    RefundTooEarly {
        /// What was spent of it, won.
        spent_won: i64,
        /// What must have been spent, won.
        needed_won: i64,
    },
    /// The lot ended at this instant.
    #[error("the lot ended at {ended_at}")]
    LotEnded {
        /// Instant after its last moment, ms.
        ended_at: i64,
    },
    /// The lot ends only at this instant.
    #[error("the lot ends at {ends_at}")]
    LotNotEnded {
        /// Instant after its last moment, ms.
        ends_at: i64,
    },
    /// There is nothing left of it.
    #[error("nothing is left")]
    NothingLeft,
    /// No remittance of this municipality has that id.
    #[error("no such remittance")]
    UnknownRemittance,
    /// The remittance has been confirmed or has failed already.
    #[error("the remittance is settled already")]
    RemittanceSettled,
    /// No gift of this sender, or for this recipient, has that id.
    #[error("no such gift")]
    UnknownGift,
    /// The holder has too little that can be given: only what was bought or received as a gift, and not what ends
    /// before the gift could come back.
    #[error("only {giveable_won} won of {total_won} won can be given")]
    NotGiveable {
        /// What could be given, won.
        giveable_won: i64,
        /// What the wallet holds in all, expired lots left out, won.
        total_won: i64,
    },
    /// The gift waits no more.
    #[error("the gift is {state:?} now")]
    GiftEnded {
        /// Its state now.
        state: crate::GiftState,
    },
    /// The gift still waits for its recipient until this instant.
    #[error("the gift waits until {lapse_at}")]
    GiftWaiting {
        /// Instant after the last moment of its wait, ms.
        lapse_at: i64,
    },
    /// The sender cannot claim their own gift; they can take it back.
    #[error("a gift cannot be claimed by its sender")]
    GiftToOneself,
    /// Only what was granted can be taken back.
    #[error("only what was granted can be taken back")]
    NotGranted,
    /// The row of the payout is not there or has not been paid.
    #[error("the row was not paid")]
    RowNotPaid,
    /// No hold of this municipality has that id.
    #[error("no such hold")]
    UnknownHold,
    /// The hold is open no more.
    #[error("the hold is {state:?} now")]
    HoldEnded {
        /// Its state now.
        state: crate::HoldState,
    },
    /// The hold does not time out before this instant.
    #[error("the hold is open until {until_at}")]
    HoldOpen {
        /// Instant after its last moment, ms.
        until_at: i64,
    },
    /// This municipality's money goes by no bank yet.
    #[error("no bank carries this municipality's money")]
    NoBank,
    /// The bank's statement of a day has not come.
    #[error("the bank's statement of {day} is missing")]
    StatementMissing {
        /// The day, `2026-11-24`.
        day: String,
    },
    /// The bank's statement of a day is not the one that came before.
    #[error("the bank's statement of {day} is not the one that came before")]
    StatementChanged {
        /// The day, `2026-11-24`.
        day: String,
    },
    /// A statement is final only when its day is over.
    #[error("the day is not over yet")]
    DayNotOver,
    /// More than was set aside.
    #[error("only {held_won} won were set aside")]
    CaptureTooLarge {
        /// What was set aside, won.
        held_won: i64,
    },
}

/// Why the ledger could not answer.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// To be told to whoever asked.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed; details are for the log only.
    #[error("the ledger's database: {0}")]
    Store(#[from] sqlx::Error),
}

/// Short for this crate's answers.
pub(crate) type Result<T, E = LedgerError> = std::result::Result<T, E>;

/// Whether the same transaction may succeed when tried again: serialization failure, deadlock, lock timeout
/// (`PostgreSQL` 40001, 40P01, 55P03), or another process holding `SQLite` (5, 261, 517).
pub(crate) fn is_transient(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| matches!(code.as_ref(), "40001" | "40P01" | "55P03" | "5" | "261" | "517"))
}

/// A value in the database that no version of this program wrote.
pub(crate) fn corrupt(what: &str, value: &str) -> LedgerError {
    LedgerError::Store(sqlx::Error::Decode(
        format!("{what}: {value:?} is unknown").into(),
    ))
}
