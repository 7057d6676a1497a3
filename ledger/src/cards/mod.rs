//! Cards: a network asks whether a resident's card may pay, and must never be left to guess (DESIGN, "What must stay
//! true" 8: no silent second charge).
//!
//! The rule, in the order in which things happen:
//! - A network asks with an id of its own, which is the idempotency key. The hold and the row that says "approved" are
//!   one commit. Before the answer leaves, a second commit puts on record *that it is going to be answered*.
//! - Killed before the first commit: nothing happened. Killed between the two: nobody was told, and the job
//!   ([`crate::Ledger::reverse_unanswered`]) gives the money back. Killed after the second: the answer may be lost; the
//!   network decides by the stand-in list and says so by an *advice*, which it repeats until it is acknowledged, and
//!   that gives the money back. An advice that comes before its question leaves a row, by which the late question is
//!   answered with what was decided.
//! - A commit that ends after the answer was due is undone by whoever made it, at once.
//! - The bank account of a holder may be charged instead only by the holder's own choice, made beforehand by class of
//!   merchant and amount; the default is no. A "no" of the ledger's is a "no": the choice is for silence alone.
//!
//! A card belongs to a municipality, a network to none: so these are the queries that begin with the network and end
//! with the card's municipality. They are for networks only, whose key says which one they are.

mod advice;
mod authorise;
mod cases;
mod choices;
mod classes;
mod decide;
mod list;
mod read;
mod reconcile;
mod register;
mod take;

pub use advice::{Advice, Advised};
pub(crate) use authorise::ask_body;
pub use authorise::{Ask, Clock};
pub use cases::{CardCase, CaseKind, CaseState};
pub use choices::{Choice, LIST_GRACE_MS};
pub use classes::{MERCHANT_CLASSES, class_of_mcc};
pub use decide::{CardStanding, DecidedBy, Decision, Said, Verdict, Why, decide};
pub use list::{LIST_VALID_MS, ListError, ListKey, SignedList, StandIn, StandInEntry, key_of_text};
pub use read::{Authorisation, Fallback};
pub use reconcile::{DailyLine, LineKind, Reconciled};
pub use register::{Card, CardState, NewCard, token_digest};
