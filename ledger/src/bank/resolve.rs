//! What a complete statement settles, by rule:
//!
//! - A deposit or remittance that waits or is unknown, and whose line is there with its amount: confirmed. Where the sale
//!   is refused now (a limit, the budget), the deposit stays unknown, and its line differs until an official has looked.
//! - With a line of another amount only: unknown.
//! - Without a line when its term is over, which is at the end of the day after the bank had the order (docs/BANK.md):
//!   failed. A remittance's money goes back to where it came from.
//! - Of what the bank may not even have heard, nothing follows from silence: it waits, and is asked again.

use jiff::civil::Date;

use crate::{
    DepositState, Ledger, LedgerError, RemittanceState, calendar,
    error::Result,
};

/// Items per page.
const PAGE: i64 = 500;

/// What the statements say of an open item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Exact,
    Other,
    /// Nothing, and the term is over.
    Never,
    Nothing,
}

/// Open items after an id: id, whether the order was known before the term's last day, lines, lines of the amount.
const DEPOSITS: &str = "SELECT i.id, i.state, CASE WHEN a.known_at < $3 THEN 1 ELSE 0 END, \
    (SELECT COUNT(*) FROM bank_lines b WHERE b.municipality = i.municipality AND b.item = i.id AND b.day <= $2), \
    (SELECT COUNT(*) FROM bank_lines b WHERE b.municipality = i.municipality AND b.item = i.id AND b.day <= $2 \
     AND b.way = 'in' AND b.amount_won = i.price_won) \
    FROM deposits i LEFT JOIN bank_asks a ON a.municipality = i.municipality AND a.id = i.id \
    WHERE i.municipality = $1 AND i.state IN ('pending', 'unknown') AND i.id > $4 ORDER BY i.id LIMIT $5";
const REMITTANCES: &str = "SELECT i.id, i.state, CASE WHEN a.known_at < $3 THEN 1 ELSE 0 END, \
    (SELECT COUNT(*) FROM bank_lines b WHERE b.municipality = i.municipality AND b.item = -i.id AND b.day <= $2), \
    (SELECT COUNT(*) FROM bank_lines b WHERE b.municipality = i.municipality AND b.item = -i.id AND b.day <= $2 \
     AND b.way = 'out' AND b.amount_won = i.amount_won) \
    FROM remittances i LEFT JOIN bank_asks a ON a.municipality = i.municipality AND a.id = i.id \
    WHERE i.municipality = $1 AND i.state IN ('pending', 'unknown') AND i.id > $4 ORDER BY i.id LIMIT $5";

fn said(over: i64, lines: i64, exact: i64) -> Said {
    match (exact, lines, over) {
        (1.., ..) => Said::Exact,
        (_, 1.., _) => Said::Other,
        (_, _, 1..) => Said::Never,
        _ => Said::Nothing,
    }
}

impl Ledger {
    /// Settles what the statements through `day` settle: how many items.
    pub(super) async fn resolve(&self, municipality: i64, day: Date, at: i64) -> Result<i64> {
        Ok(self.resolve_deposits(municipality, day, at).await?
            + self.resolve_remittances(municipality, day, at).await?)
    }

    async fn open_items(
        &self,
        sql: &'static str,
        municipality: i64,
        day: Date,
        after: i64,
    ) -> Result<Vec<(i64, bool, Said)>> {
        let rows: Vec<(i64, String, i64, i64, i64)> = sqlx::query_as(sql)
            .bind(municipality)
            .bind(day.to_string())
            .bind(calendar::midnight(day))
            .bind(after)
            .bind(PAGE)
            .fetch_all(&self.store.read)
            .await?;
        Ok(rows
            .into_iter()
            .map(|(id, state, over, lines, exact)| (id, state == "unknown", said(over, lines, exact)))
            .collect())
    }

    async fn resolve_deposits(&self, municipality: i64, day: Date, at: i64) -> Result<i64> {
        let (mut after, mut settled) = (0, 0);
        loop {
            let page = self.open_items(DEPOSITS, municipality, day, after).await?;
            for (id, is_unknown, said) in &page {
                let done = match said {
                    Said::Exact => match self.confirm_deposit(municipality, *id, at).await {
                        Err(LedgerError::Refused(refusal)) => {
                            tracing::warn!(municipality, deposit = id, %refusal, "money came and nothing was sold for it");
                            Ok(0)
                        }
                        answer => answer.map(|_| 1),
                    },
                    Said::Other if !is_unknown => {
                        self.doubt_deposit(municipality, *id, "another amount came", at)
                            .await
                            .map(|_| 0)
                    }
                    Said::Never => {
                        let state = self.fail_deposit(municipality, *id, "no money came in time", at).await;
                        state.map(|deposit| i64::from(deposit.state == DepositState::Failed))
                    }
                    Said::Other | Said::Nothing => Ok(0),
                };
                settled += unless_settled(done)?;
                after = *id;
            }
            if (page.len() as i64) < PAGE {
                return Ok(settled);
            }
        }
    }

    async fn resolve_remittances(&self, municipality: i64, day: Date, at: i64) -> Result<i64> {
        let (mut after, mut settled) = (0, 0);
        loop {
            let page = self.open_items(REMITTANCES, municipality, day, after).await?;
            for (id, is_unknown, said) in &page {
                let (state, reason) = match said {
                    Said::Exact => (RemittanceState::Confirmed, ""),
                    Said::Other if !is_unknown => (RemittanceState::Unknown, "another amount went"),
                    Said::Never => (RemittanceState::Failed, "the bank did not send it in time"),
                    Said::Other | Said::Nothing => {
                        after = *id;
                        continue;
                    }
                };
                let done = self.settle_remittance(municipality, *id, state, reason, at).await;
                settled += unless_settled(done.map(|found| i64::from(found.state != RemittanceState::Unknown)))?;
                after = *id;
            }
            if (page.len() as i64) < PAGE {
                return Ok(settled);
            }
        }
    }
}

/// Somebody else may have settled it in the same moment: then theirs stands, and the sums tell.
fn unless_settled(done: Result<i64>) -> Result<i64> {
    match done {
        Err(LedgerError::Refused(refusal)) => {
            tracing::warn!(%refusal, "settled by somebody else meanwhile");
            Ok(0)
        }
        done => done,
    }
}
