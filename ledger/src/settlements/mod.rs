//! Settlements: what merchants took, sent to them. The rule stands in `transfers/settle.rs`, the bank's half in
//! `remittances`.

mod list;
mod register;

pub use list::{PaidSettlement, SettlementFilter, SettlementTotals};
pub(crate) use register::{last, taken, write};

use serde::{Deserialize, Serialize};

use crate::{
    Ledger, Operation, Refusal, Request, calendar,
    error::{LedgerError, Result},
};

/// On the how manieth business day after the day of the taking it is sent (FACTS section 2).
const BUSINESS_DAYS: u32 = 2;

/// What was sent to a merchant at once, and where the sum comes from:
/// `brought_won + taken_won = sent_won + carried_won`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Its id: that of its transfer, and of its remittance.
    pub id: i64,
    /// In which municipality.
    pub municipality: i64,
    /// Whose takings.
    pub merchant: i64,
    /// Takings from this instant on, ms; 0 for the first settlement.
    pub from_at: i64,
    /// Takings before this instant, ms.
    pub until_at: i64,
    /// Carried over from the settlement before, won.
    pub brought_won: i64,
    /// Payments of the time, less cancellations, and what the bank gave back, won.
    pub taken_won: i64,
    /// What was handed to the bank, won.
    pub sent_won: i64,
    /// What the account did not have any more, because it was cancelled since; carried over, won.
    pub carried_won: i64,
    /// When it was made, ms.
    pub created_at: i64,
}

/// When what is taken at `at` will be sent: the first instant of that business day, ms.
pub fn settlement_day(at: i64) -> i64 {
    calendar::business_day_start(at, BUSINESS_DAYS)
}

impl Ledger {
    /// Settles what is due at `at` with every merchant of a municipality: makes the settlements and their remittances,
    /// in state pending, and says how many. Safe to run twice and by two nodes at once: one settlement a merchant and
    /// period, by its account's lock and by its key.
    pub async fn settle_due(&self, municipality: i64, at: i64) -> Result<i64> {
        if calendar::date(at) > *calendar::HOLIDAYS_UNTIL {
            tracing::warn!("the table of holidays has ended: only weekends are left out of settlement days");
        }
        let until_at = calendar::closed_before(at, BUSINESS_DAYS);
        let merchants: Vec<(i64,)> = sqlx::query_as(
            "SELECT owner FROM accounts WHERE municipality = $1 AND kind = 'merchant' AND balance_won > 0 \
             ORDER BY owner",
        )
        .bind(municipality)
        .fetch_all(&self.store.read)
        .await?;
        let mut made = 0;
        for (merchant,) in merchants {
            let request = Request {
                municipality,
                key: format!("settlement:{merchant}:{until_at}"),
                actor: "settlements".to_owned(),
                at,
                operation: Operation::Settle { merchant, until_at },
            };
            match self.post_own(&request).await {
                Ok(receipt) => made += i64::from(!receipt.replayed),
                Err(LedgerError::Refused(Refusal::NothingLeft)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(made)
    }
}
