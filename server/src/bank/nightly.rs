//! Fetching what is missing of the bank's statements, and reconciling.

use jiff::civil::Date;
use ledger::{Ledger, LedgerError, Reconciliation};

use super::{BankError, HttpBank};

/// Why there is no reconciliation.
#[derive(Debug, thiserror::Error)]
pub enum NightlyError {
    /// The bank.
    #[error("the statement of {day}: {error}")]
    Bank {
        /// Of which day.
        day: Date,
        /// Why it did not come.
        error: BankError,
    },
    /// The books.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// The first instant of the day after, in Korea, ms.
fn end_of(day: Date) -> i64 {
    app::door::day_end(day)
}

/// Takes in the statements that are missing through `day`, oldest first, and compares. What was fetched before an error
/// stays fetched.
pub async fn reconcile(
    ledger: &Ledger,
    bank: &HttpBank,
    municipality: i64,
    day: Date,
    at: i64,
) -> Result<Reconciliation, NightlyError> {
    for missing in ledger.statement_days_missing(municipality, end_of(day)).await? {
        let lines = bank
            .statement(municipality, missing)
            .await
            .map_err(|error| NightlyError::Bank { day: missing, error })?;
        let new = ledger.import_statement(municipality, missing, &lines, at).await?;
        tracing::info!(municipality, day = %missing, new, "a statement of the bank");
    }
    Ok(ledger.reconcile(municipality, day, at).await?)
}
