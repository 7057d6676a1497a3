//! Payment codes: what a resident shows, and a till reads or types. Single use, three minutes, bound to one wallet.
//!
//! The ledger never sees a code's digits but in a request to pay with them: it keeps a name, a keyed hash made by the
//! room that has the keys. A payment by code ([`crate::Operation::PayByCode`]) is a payment like any other, posted by
//! the poster under the key of whoever asks, and writes which code it used in its own transaction. So a code that was
//! used and a payment that was made are one fact, whoever dies in between; a retry with the same key is answered from
//! the payment, without a look at the code.

mod register;

pub(crate) use register::{Shown, read};

use serde::{Deserialize, Serialize};

/// For how long a code may be used, ms (FACTS section 2).
pub const CODE_LIFE_MS: i64 = 3 * 60_000;

/// A code, without its digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// Its id.
    pub id: i64,
    /// In which municipality.
    pub municipality: i64,
    /// Whose wallet it opens.
    pub holder: i64,
    /// What it is found by: a keyed hash of its digits.
    pub name: String,
    /// When it was made, ms.
    pub made_at: i64,
    /// Until when it may be used: the instant after the last moment, ms.
    pub until_at: i64,
    /// The payment it was used for.
    pub payment: Option<i64>,
}

impl Code {
    /// Whether it can pay at this instant.
    pub fn is_live(&self, at: i64) -> bool {
        self.payment.is_none() && at < self.until_at
    }
}
