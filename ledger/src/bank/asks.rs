//! What is to be asked of the bank, and when again: an outbox. The order itself is the pending deposit or remittance,
//! written in the transaction that made it; beside it stands how often the bank was asked and when it is next.
//!
//! Safe with any number of nodes: who asks claims the question first, and a claim that dies with its node is taken up
//! again after the same wait. Two that ask all the same ask with one reference, which moves money once.

use crate::{
    Bank, BankAnswer, Deposit, Ledger, Remittance,
    error::Result,
};

/// The wait after the first question, ms; it doubles with each.
const FIRST_WAIT_MS: i64 = 2_000;
/// No longer wait than this, ms.
const LONGEST_WAIT_MS: i64 = 600_000;
/// The bank may have received an order so much later than we began to ask, ms: above any deadline of a call.
const ON_THE_WAY_MS: i64 = 60_000;

/// A question to the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Collect the price of a deposit, or say what became of it.
    Collect(Deposit),
    /// Send a remittance, or say what became of it.
    Send(Remittance),
}

/// A question whose time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueAsk {
    /// The question.
    pub ask: Ask,
    /// How often it was asked before.
    pub tries: i64,
}

impl Ask {
    fn place(&self) -> (i64, i64) {
        match self {
            Self::Collect(deposit) => (deposit.municipality, deposit.id),
            Self::Send(remittance) => (remittance.municipality, remittance.id),
        }
    }
}

/// How long to wait after the question that was asked `tries` times before, ms.
fn wait_ms(tries: i64) -> i64 {
    let doublings = u32::try_from(tries.clamp(0, 20)).unwrap_or(20);
    (FIRST_WAIT_MS << doublings).min(LONGEST_WAIT_MS)
}

impl Ledger {
    /// What of a municipality is to be asked at `at`, longest due first. What is unknown is not asked again: the
    /// statement tells ([`Ledger::reconcile`]).
    pub async fn bank_asks_due(&self, municipality: i64, at: i64, limit: i64) -> Result<Vec<DueAsk>> {
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT o.what, o.id, COALESCE(a.tries, 0) FROM (SELECT 'deposit' AS what, id FROM deposits \
               WHERE municipality = $1 AND state = 'pending' UNION ALL SELECT 'remittance', id FROM remittances \
               WHERE municipality = $1 AND state = 'pending' AND state IN ('pending', 'unknown')) o \
             LEFT JOIN bank_asks a ON a.municipality = $1 AND a.id = o.id \
             WHERE COALESCE(a.next_at, 0) <= $2 ORDER BY COALESCE(a.next_at, 0), o.id LIMIT $3",
        )
        .bind(municipality)
        .bind(at)
        .bind(limit.clamp(1, 1_000))
        .fetch_all(&self.store.read)
        .await?;
        let mut due = Vec::with_capacity(rows.len());
        for (what, id, tries) in rows {
            let ask = if what == "deposit" {
                self.deposit(municipality, id).await?.map(Ask::Collect)
            } else {
                self.remittance(municipality, id).await?.map(Ask::Send)
            };
            due.extend(ask.map(|ask| DueAsk { ask, tries }));
        }
        Ok(due)
    }

    /// Asks the bank and writes down what it says, unless somebody else has claimed the question since: whether it was
    /// asked.
    pub async fn ask_bank(&self, bank: &impl Bank, due: &DueAsk, at: i64) -> Result<bool> {
        let (municipality, id) = due.ask.place();
        let claimed = sqlx::query(
            "INSERT INTO bank_asks (municipality, id, tries, next_at, account) VALUES ($1, $2, 1, $3, '') \
             ON CONFLICT (municipality, id) DO UPDATE SET tries = bank_asks.tries + 1, next_at = excluded.next_at \
             WHERE bank_asks.next_at <= $4",
        )
        .bind(municipality)
        .bind(id)
        .bind(at + wait_ms(due.tries))
        .bind(at)
        .execute(&self.store.write)
        .await?;
        if claimed.rows_affected() == 0 {
            return Ok(false);
        }
        match &due.ask {
            Ask::Collect(deposit) => {
                self.collect(bank, deposit, at).await?;
            }
            Ask::Send(remittance) => {
                self.send(bank, remittance, at).await?;
            }
        }
        Ok(true)
    }

    /// The bank says that there is news: what waits is asked at once.
    pub async fn ask_bank_soon(&self, municipality: i64, id: i64) -> Result<()> {
        sqlx::query("UPDATE bank_asks SET next_at = 0 WHERE municipality = $1 AND id = $2")
            .bind(municipality)
            .bind(id)
            .execute(&self.store.write)
            .await?;
        Ok(())
    }

    /// Where a deposit is to be paid in, once the bank has told.
    pub async fn pay_in_account(&self, municipality: i64, deposit: i64) -> Result<Option<String>> {
        let row: Option<(String,)> =
            sqlx::query_as("SELECT account FROM bank_asks WHERE municipality = $1 AND id = $2")
                .bind(municipality)
                .bind(deposit)
                .fetch_optional(&self.store.read)
                .await?;
        Ok(row.map(|(account,)| account).filter(|account| !account.is_empty()))
    }

    /// Writes down that the bank has the order, or may have it: from then on its term runs.
    pub(crate) async fn heard(&self, municipality: i64, id: i64, answer: &BankAnswer, at: i64) -> Result<()> {
        let account = match answer {
            BankAnswer::Accepted { account } => account.chars().take(100).collect(),
            BankAnswer::Unknown { .. } => String::new(),
            BankAnswer::Pending | BankAnswer::Confirmed | BankAnswer::Failed { .. } => return Ok(()),
        };
        sqlx::query(
            "INSERT INTO bank_asks (municipality, id, tries, next_at, known_at, account) VALUES ($1, $2, 1, $3, $4, $5) \
             ON CONFLICT (municipality, id) DO UPDATE SET known_at = COALESCE(bank_asks.known_at, excluded.known_at), \
             account = CASE WHEN excluded.account = '' THEN bank_asks.account ELSE excluded.account END",
        )
        .bind(municipality)
        .bind(id)
        .bind(at + wait_ms(0))
        .bind(at + ON_THE_WAY_MS)
        .bind(account)
        .execute(&self.store.write)
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_and_ends_at_ten_minutes() {
        assert_eq!((wait_ms(0), wait_ms(1), wait_ms(4)), (2_000, 4_000, 32_000));
        assert_eq!((wait_ms(9), wait_ms(1_000)), (LONGEST_WAIT_MS, LONGEST_WAIT_MS));
    }
}
