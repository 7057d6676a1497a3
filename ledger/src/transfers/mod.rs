//! Transfers: every movement of money, through one door.

mod cancel;
mod expire;
mod fund;
mod gift;
mod grant;
mod hold;
mod lots;
mod pay;
mod post;
mod posting;
mod read;
mod refund;
mod remit;
mod sell;
mod settle;
mod take_back;

pub use cancel::cancel_until_at;
pub use gift::gift_lapse_at;
pub(crate) use lots::discount_in;
pub(crate) use pay::{Open, Taker, decide};
pub(crate) use post::{Prepared, body_hash, check_amount, post_in};
pub(crate) use posting::{Plan, receipt_of};
pub(crate) use read::receipt;
pub(crate) use sell::{bought_since, held};

use serde::{Deserialize, Serialize};

/// The most that one transfer may carry, won: above any programme of the country (FACTS section 2), and
/// far enough from the end of an `i64` that no sum gets there.
pub(crate) const MAX_AMOUNT_WON: i64 = 10_000_000_000_000;

/// A change of money that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// In which municipality.
    pub municipality: i64,
    /// Idempotency key, 1–64 characters, chosen by whoever asks; keys beginning with one of
    /// the ledger's own words (`deposit:`, `payout:`, …) are refused.
    pub key: String,
    /// Who asks (opaque).
    pub actor: String,
    /// Now, ms.
    pub at: i64,
    /// What is asked.
    pub operation: Operation,
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// The treasury puts money into a programme's budget.
    Fund {
        /// Which programme.
        programme: i64,
        /// How much, won.
        amount_won: i64,
    },
    /// Policy money: the budget gives a holder a lot of kind granted, price 0.
    Grant {
        /// Which programme.
        programme: i64,
        /// To whom.
        holder: i64,
        /// How much, won.
        amount_won: i64,
        /// The payout it belongs to.
        payout: Option<i64>,
    },
    /// A holder buys: clearing brings the price, the budget the discount, and a lot of kind bought appears.
    Sell {
        /// Which programme.
        programme: i64,
        /// Who buys.
        holder: i64,
        /// The value bought, won (not the price).
        value_won: i64,
        /// The deposit that paid for it.
        deposit: Option<i64>,
    },
    /// A holder pays a merchant: soonest expiry first, then oldest; only lots that the merchant may take;
    /// expired lots never.
    Pay {
        /// Who pays.
        holder: i64,
        /// Who takes.
        merchant: i64,
        /// How much, won.
        amount_won: i64,
    },
    /// A holder pays a merchant by a code that they showed. The rule of codes stands in `codes/register.rs`, that of the
    /// payment is the same as ever.
    PayByCode {
        /// Its digits, as they were read or typed: what tells one request from another under the same key.
        code: String,
        /// What the code may be found by: keyed hashes of its digits, one for each key in use. No part of the body,
        /// because keys change.
        #[serde(skip)]
        names: Vec<String>,
        /// Who takes.
        merchant: i64,
        /// How much, won.
        amount_won: i64,
        /// The merchant's own word for what is paid, 1–64 characters; each is paid once.
        order: Option<String>,
    },
    /// A payment is taken back, within 7 days: each lot gets back exactly what came from it. A partial
    /// cancellation gives back in the reverse order of taking, so that what ends soonest stays spent. A lot
    /// that has ended since gets its value back all the same; expiry then deals with it.
    Cancel {
        /// The payment.
        transfer: i64,
        /// How much, won; all that is left if `None`.
        amount_won: Option<i64>,
    },
    /// What is left of a purchase goes back to its buyer: the price part to their refundable account, the discount
    /// part to the budget. The rule stands in `refund.rs`.
    Refund {
        /// Whose purchase.
        holder: i64,
        /// The lot.
        lot: i64,
    },
    /// All that a holder's refundable account has goes to the bank, to be sent to them.
    Remit {
        /// To whom.
        holder: i64,
    },
    /// The bank could not send it: back where it came from. Only the ledger asks for this.
    RemitReturn {
        /// The remittance.
        remittance: i64,
    },
    /// What is left of a lot that has ended: the price part to its owner's refundable account, the rest to the budget.
    /// The rule stands in `expire.rs`. Only the ledger asks for this ([`crate::Ledger::sweep`]).
    Expire {
        /// The lot.
        lot: i64,
        /// How many times it was swept before: a cancellation can put value back into a lot that has ended.
        before: i64,
    },
    /// A holder gives value to whoever proves to be the recipient; it waits until claimed. The rule stands in
    /// `gift.rs`.
    Gift {
        /// Who gives.
        holder: i64,
        /// To whom: a keyed hash of a phone number, which the ledger cannot read. 1–100 characters.
        recipient: String,
        /// How much, won.
        amount_won: i64,
    },
    /// The recipient takes a gift: it becomes lots of theirs.
    ClaimGift {
        /// The gift.
        gift: i64,
        /// Who claims it.
        holder: i64,
        /// What they proved to be; must be the gift's recipient.
        recipient: String,
    },
    /// The sender takes back a gift that nobody has claimed yet.
    CancelGift {
        /// The gift.
        gift: i64,
        /// Its sender.
        holder: i64,
    },
    /// A gift that nobody claimed in time goes back to its sender. Only the ledger asks for this
    /// ([`crate::Ledger::sweep`]).
    LapseGift {
        /// The gift.
        gift: i64,
    },
    /// The municipality takes back what is left of what it granted; it goes back to the budget. The rule stands in
    /// `take_back.rs`.
    TakeBack {
        /// The lot.
        lot: i64,
        /// The official.
        by: i64,
        /// Why, 1–200 characters.
        reason: String,
    },
    /// What a merchant took until then goes to the bank, to be sent to it. The rule stands in `settle.rs`. Only the
    /// ledger asks for this ([`crate::Ledger::settle_due`]).
    Settle {
        /// The merchant.
        merchant: i64,
        /// Takings before this instant, ms.
        until_at: i64,
    },
    /// A card payment is authorised: the value is set aside for the merchant. The rule stands in `hold.rs`.
    Hold {
        /// Whose money.
        holder: i64,
        /// For whom.
        merchant: i64,
        /// How much, won.
        amount_won: i64,
    },
    /// The merchant takes what was set aside, in whole or part; the rest is released. The receipt is of a payment.
    Capture {
        /// The hold.
        hold: i64,
        /// How much, won; all of it if `None`.
        amount_won: Option<i64>,
    },
    /// What was set aside is given back.
    Release {
        /// The hold.
        hold: i64,
    },
    /// A hold that nobody captured in time is given back. Only the ledger asks for this ([`crate::Ledger::sweep`]).
    TimeOut {
        /// The hold.
        hold: i64,
    },
}

/// What kind of movement a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferKind {
    /// Treasury to budget.
    Fund,
    /// Budget to wallet.
    Grant,
    /// Clearing and budget to wallet.
    Sell,
    /// Wallet to merchant.
    Pay,
    /// Merchant back to wallet.
    Cancel,
    /// Wallet to refundable account (price part) and budget (discount part).
    Refund,
    /// Refundable account to clearing: the bank sends it.
    Remit,
    /// Clearing back to where a remittance came from: the bank could not send it.
    RemitReturn,
    /// Wallet to refundable account (price part) and budget (discount part, policy money): the lot ended.
    Expire,
    /// Wallet to gifts.
    Gift,
    /// Gifts to the recipient's wallet.
    GiftClaim,
    /// Gifts back to the sender's wallet: taken back, or nobody claimed it.
    GiftReturn,
    /// Wallet back to budget: the municipality took back what it had granted.
    TakeBack,
    /// Merchant to clearing: the bank sends it.
    Settle,
    /// Wallet to holds: set aside for a card payment.
    Hold,
    /// Holds back to wallet.
    Release,
}

impl TransferKind {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::Fund,
        Self::Grant,
        Self::Sell,
        Self::Pay,
        Self::Cancel,
        Self::Refund,
        Self::Remit,
        Self::RemitReturn,
        Self::Expire,
        Self::Gift,
        Self::GiftClaim,
        Self::GiftReturn,
        Self::TakeBack,
        Self::Settle,
        Self::Hold,
        Self::Release,
    ];

    /// As the database and addresses write it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Fund => "fund",
            Self::Grant => "grant",
            Self::Sell => "sell",
            Self::Pay => "pay",
            Self::Cancel => "cancel",
            Self::Refund => "refund",
            Self::Remit => "remit",
            Self::RemitReturn => "remit_return",
            Self::Expire => "expire",
            Self::Gift => "gift",
            Self::GiftClaim => "gift_claim",
            Self::GiftReturn => "gift_return",
            Self::TakeBack => "take_back",
            Self::Settle => "settle",
            Self::Hold => "hold",
            Self::Release => "release",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What a transfer did to one lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LotMove {
    /// The lot.
    pub lot: i64,
    /// Its programme.
    pub programme: i64,
    /// Won, as the holder sees it: negative when spent.
    pub amount_won: i64,
}

/// What a transfer did to one lot, for people to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedLotMove {
    /// The lot.
    pub lot: i64,
    /// Its programme.
    pub programme: i64,
    /// Its programme's name.
    pub programme_name: String,
    /// The same in English.
    pub programme_name_en: String,
    /// Won, as the holder sees it: negative when spent.
    pub amount_won: i64,
    /// When the lot ends: the instant after its last moment, ms.
    pub expires_at: i64,
}

/// That a transfer was done, and durably so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The transfer.
    pub transfer: i64,
    /// Its number as printed: see [`crate::receipt_number`].
    pub number: String,
    /// In which municipality.
    pub municipality: i64,
    /// What kind.
    pub kind: TransferKind,
    /// How much, won (positive; of a sale the value).
    pub amount_won: i64,
    /// When it was done, ms. Of a replay, when the original was.
    pub at: i64,
    /// The programme of a funding, grant or sale.
    pub programme: Option<i64>,
    /// Whose wallet.
    pub holder: Option<i64>,
    /// The merchant of a payment or cancellation.
    pub merchant: Option<i64>,
    /// The payment that this cancels.
    pub cancels: Option<i64>,
    /// The payout it belongs to.
    pub payout: Option<i64>,
    /// The deposit that paid for it.
    pub deposit: Option<i64>,
    /// What it did to which lots, in the order it was done.
    pub lots: Vec<LotMove>,
    /// Whether this answers a request that was done before.
    pub replayed: bool,
}

/// A transfer for people to read: a receipt with names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// The receipt.
    pub receipt: Receipt,
    /// Who asked for it (opaque).
    pub actor: String,
    /// The merchant's name.
    pub merchant_name: Option<String>,
    /// The programme's name, of a funding, grant or sale.
    pub programme_name: Option<String>,
    /// What was cancelled of it so far, won.
    pub cancelled_won: i64,
    /// What may still be cancelled (0 for all but payments), won, the time limit left aside.
    pub cancellable_won: i64,
    /// Until when it may be cancelled: the instant after the last moment, ms. Payments only.
    pub cancel_until_at: Option<i64>,
    /// What it did to which lots, in the order it was done.
    pub lots: Vec<NamedLotMove>,
}
