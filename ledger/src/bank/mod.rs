//! The bank beside the books: what is asked of it and when, what its statements say, and the daily reconciliation.
//!
//! The clearing account is the book of the bank account, negative where the bank account is positive. The bank may be
//! late, silent, say a thing twice or contradict itself; so its *answers* move single deposits and remittances, and its
//! daily *statement*, which is complete and final, is what everything is measured by ([`Ledger::reconcile`]).
//!
//! The terms that a bank keeps (docs/BANK.md): a reference moves its money once, however often it is ordered; an order is
//! carried out by the end of the day after the day it was received (Korean time), or never. Both are checked, not
//! believed: what a bank does against them is a line that differs.

mod asks;
mod judge;
mod opening;
mod read;
mod reconcile;
mod resolve;
mod statement;

pub use asks::{Ask, DueAsk};
pub use read::{Differing, Reconciliation, Why};

use serde::{Deserialize, Serialize};

#[allow(unused_imports, reason = "named in the documentation above")]
use crate::Ledger;

/// Which way money went on the bank account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// It came.
    In,
    /// It went.
    Out,
}

impl Way {
    /// As the database writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }

    /// An amount of this way as the bank account feels it, won.
    pub fn signed(self, amount_won: i64) -> i64 {
        match self {
            Self::In => amount_won,
            Self::Out => -amount_won,
        }
    }
}

/// One line of the bank's statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankLine {
    /// The bank's own name of it, unique on the account, 1–64 characters.
    pub line: String,
    /// When it was booked, ms.
    pub at: i64,
    /// Which way.
    pub way: Way,
    /// Whose order it says it carries out, at most 64 characters: see [`deposit_reference`].
    pub reference: String,
    /// How much, won.
    pub amount_won: i64,
}

/// What a deposit is called at the bank.
pub fn deposit_reference(deposit: i64) -> String {
    format!("d{deposit}")
}

/// What a remittance is called at the bank.
pub fn remittance_reference(remittance: i64) -> String {
    format!("r{remittance}")
}

/// Which item of a municipality a reference names: a deposit (its id), a remittance (its id, negative), or none (0).
fn item_of(municipality: i64, reference: &str) -> i64 {
    let id = |digits: &str| {
        let id = digits.parse::<i64>().ok().filter(|id| *id > 0)?;
        (store::municipality_of(id) == municipality && id.to_string() == digits).then_some(id)
    };
    match (reference.strip_prefix('d'), reference.strip_prefix('r')) {
        (Some(digits), _) => id(digits).unwrap_or(0),
        (_, Some(digits)) => id(digits).map_or(0, |id| -id),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_one_item_of_its_municipality_in_one_spelling() {
        let id = (41110 << 46) + 7;
        assert_eq!(item_of(41110, &deposit_reference(id)), id);
        assert_eq!(item_of(41110, &remittance_reference(id)), -id);
        for other in [
            format!("d+{id}"),
            format!("d0{id}"),
            format!("{id}"),
            "d".to_owned(),
            "x1".to_owned(),
            String::new(),
        ] {
            assert_eq!(item_of(41110, &other), 0, "{other}");
        }
        assert_eq!(item_of(41130, &deposit_reference(id)), 0, "another municipality's");
    }
}
