//! Paying what was approved, some rows at a time.
//!
//! Each step is one transaction under the payout's lock: the rows' grants, their states and the counters.
//! So a step that dies leaves nothing, and two runners take turns. A row's key `payout:<payout>:<row>` would
//! refuse a second payment even if all that failed. Cost: one transaction per step, about 13 statements a
//! row (the money engine of a later issue makes them sets).

use std::future::Future;

use sqlx::{Any, Transaction};

use super::{Payout, PayoutKind, PayoutState, RowOutcome, check, read};
use crate::{
    Ledger, Operation, Refusal, Request,
    error::{LedgerError, Result, is_transient},
    transfers::{Prepared, post_in},
};

/// Tries of one step against deadlocks.
const TRIES: u32 = 6;

/// Why a row's person could not be found or made. For the log; no personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the recipient cannot be resolved: {0}")]
pub struct ResolveError(pub String);

/// Who knows whose money a row is.
pub trait Recipients: Sync {
    /// The holder of this sealed person, found or made; the same person gives the same holder.
    fn holder(
        &self,
        municipality: i64,
        sealed: &str,
        person_key: &str,
        at: i64,
    ) -> impl Future<Output = std::result::Result<i64, ResolveError>> + Send;
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Nothing more will change.
    pub done: bool,
    /// Rows paid in this step.
    pub paid_rows: i64,
    /// Rows that could not be paid in this step.
    pub failed_rows: i64,
}

/// A row ready to be paid, or already known to fail.
struct Ready {
    row: i64,
    holder: i64,
    request: Request,
    prepared: Prepared,
}

impl Ledger {
    /// Pays the next rows of an approved payout; call it until it is done. Safe after a crash at any point and
    /// with two callers at once: nobody is paid twice. What makes paying impossible for all (the budget is used
    /// up, the programme was stopped) fails the rest of the rows with that reason: it stops at the last whole
    /// row and says so.
    pub async fn run_payout_step(
        &self,
        municipality: i64,
        payout: i64,
        recipients: &impl Recipients,
        batch: usize,
        at: i64,
    ) -> Result<Step> {
        let found = self.payout(municipality, payout).await?;
        match found.state {
            PayoutState::Approved | PayoutState::Running => {}
            PayoutState::Done => {
                return Ok(Step {
                    done: true,
                    paid_rows: 0,
                    failed_rows: 0,
                });
            }
            state => return Err(Refusal::PayoutState { state }.into()),
        }
        let mut ready = Vec::new();
        let mut lost = Vec::new();
        if found.kind == PayoutKind::Budget {
            let operation = Operation::Fund {
                programme: found.programme,
                amount_won: found.total_won,
            };
            ready.push(self.ready(&found, 0, 0, operation, at).await?);
        } else {
            for row in self.waiting_rows(&found, batch).await? {
                match recipients
                    .holder(municipality, &row.sealed, &row.person_key, at)
                    .await
                {
                    Ok(holder) => {
                        let operation = Operation::Grant {
                            programme: found.programme,
                            holder,
                            amount_won: row.amount_won,
                            payout: Some(payout),
                        };
                        ready.push(self.ready(&found, row.row, holder, operation, at).await?);
                    }
                    Err(error) => {
                        tracing::error!(%error, payout, row = row.row, "a row of a payout has no recipient");
                        lost.push(row.row);
                    }
                }
            }
        }
        let events = self.store.ids(municipality, 2).await?;
        for attempt in 0..TRIES {
            match self.step_once(&found, &ready, &lost, events.clone(), at).await {
                Err(LedgerError::Store(error)) if is_transient(&error) => {
                    tokio::time::sleep(std::time::Duration::from_millis(5 << attempt)).await;
                }
                answer => return answer,
            }
        }
        Err(Refusal::Busy { retry_after_ms: 1000 }.into())
    }

    async fn waiting_rows(&self, payout: &Payout, batch: usize) -> Result<Vec<super::NewRow>> {
        let rows: Vec<(i64, String, String, i64)> = sqlx::query_as(
            "SELECT row_number, sealed, person_key, amount_won FROM payout_rows \
             WHERE municipality = $1 AND payout = $2 AND state = 'waiting' ORDER BY row_number LIMIT $3",
        )
        .bind(payout.municipality)
        .bind(payout.id)
        .bind(batch.clamp(1, 1_000) as i64)
        .fetch_all(&self.store.read)
        .await?;
        let row = |(row, sealed, person_key, amount_won)| super::NewRow {
            row,
            sealed,
            person_key,
            amount_won,
            outcome: RowOutcome::Ok,
            field: String::new(),
            why: String::new(),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    async fn ready(
        &self,
        payout: &Payout,
        row: i64,
        holder: i64,
        operation: Operation,
        at: i64,
    ) -> Result<Ready> {
        let request = Request {
            municipality: payout.municipality,
            key: format!("payout:{}:{row}", payout.id),
            actor: format!("payout:{}", payout.id),
            at,
            operation,
        };
        let prepared = self.prepare(&request).await?;
        Ok(Ready {
            row,
            holder,
            request,
            prepared,
        })
    }

    async fn step_once(
        &self,
        payout: &Payout,
        ready: &[Ready],
        lost: &[i64],
        mut events: store::IdRange,
        at: i64,
    ) -> Result<Step> {
        let (municipality, id) = (payout.municipality, payout.id);
        let mut tx = self.store.begin().await?;
        let now = read::locked(&mut tx, self.store.for_update(), municipality, id)
            .await?
            .ok_or(Refusal::UnknownPayout)?;
        match now.state {
            PayoutState::Done => {
                return Ok(Step {
                    done: true,
                    paid_rows: 0,
                    failed_rows: 0,
                });
            }
            PayoutState::Approved => {
                let event = events.next().unwrap_or_default();
                check::write_event(
                    &mut tx,
                    municipality,
                    id,
                    event,
                    (at, 0, PayoutState::Running, ""),
                )
                .await?;
            }
            PayoutState::Running => {}
            state => return Err(Refusal::PayoutState { state }.into()),
        }
        let mut step = Step {
            done: false,
            paid_rows: 0,
            failed_rows: 0,
        };
        let mut paid_won = 0;
        for row in lost {
            step.failed_rows += fail_row(&mut tx, &now, *row, "\"no_recipient\"").await?;
        }
        for next in ready {
            match self.pay_row(&mut tx, &now, next).await? {
                Paid::Now(won) => {
                    step.paid_rows += 1;
                    paid_won += won;
                }
                Paid::Before => {}
                Paid::Not(refusal, for_all) => {
                    let reason = serde_json::to_string(&refusal).unwrap_or_default();
                    if for_all {
                        step.failed_rows += fail_rest(&mut tx, &now, &reason).await?;
                        break;
                    }
                    step.failed_rows += fail_row(&mut tx, &now, next.row, &reason).await?;
                }
            }
        }
        step.done = now.paid_rows + now.failed_rows + step.paid_rows + step.failed_rows >= now.ok_rows;
        let state = if step.done {
            PayoutState::Done
        } else {
            PayoutState::Running
        };
        sqlx::query(
            "UPDATE payouts SET state = $3, paid_rows = paid_rows + $4, failed_rows = failed_rows + $5, \
             paid_won = paid_won + $6, done_at = CASE WHEN $3 = 'done' THEN $7 ELSE done_at END \
             WHERE municipality = $1 AND id = $2",
        )
        .bind(municipality)
        .bind(id)
        .bind(state.code())
        .bind(step.paid_rows)
        .bind(step.failed_rows)
        .bind(paid_won)
        .bind(at)
        .execute(&mut *tx)
        .await?;
        if step.done {
            let event = events.next().unwrap_or_default();
            check::write_event(&mut tx, municipality, id, event, (at, 0, PayoutState::Done, "")).await?;
        }
        tx.commit().await?;
        Ok(step)
    }

    async fn pay_row(&self, tx: &mut Transaction<'_, Any>, payout: &Payout, next: &Ready) -> Result<Paid> {
        let budget = payout.kind == PayoutKind::Budget;
        if !budget {
            let waiting: Option<(i64,)> = sqlx::query_as(
                "SELECT 1 FROM payout_rows WHERE municipality = $1 AND payout = $2 AND row_number = $3 \
                 AND state = 'waiting'",
            )
            .bind(payout.municipality)
            .bind(payout.id)
            .bind(next.row)
            .fetch_optional(&mut **tx)
            .await?;
            if waiting.is_none() {
                return Ok(Paid::Before);
            }
        }
        let receipt = match post_in(tx, &self.store, &next.request, &next.prepared).await {
            Ok(receipt) => receipt,
            Err(LedgerError::Refused(refusal)) => {
                let for_all = matches!(
                    refusal,
                    Refusal::BudgetExhausted { .. }
                        | Refusal::ProgrammeNotOpen
                        | Refusal::ProgrammeEnded { .. }
                        | Refusal::UnknownProgramme
                );
                return Ok(Paid::Not(refusal, for_all || budget));
            }
            Err(error) => return Err(error),
        };
        if !budget {
            sqlx::query(
                "UPDATE payout_rows SET state = 'paid', holder = $4, transfer = $5 \
                 WHERE municipality = $1 AND payout = $2 AND row_number = $3",
            )
            .bind(payout.municipality)
            .bind(payout.id)
            .bind(next.row)
            .bind(next.holder)
            .bind(receipt.transfer)
            .execute(&mut **tx)
            .await?;
        }
        Ok(Paid::Now(receipt.amount_won))
    }
}

enum Paid {
    /// Now, won.
    Now(i64),
    /// By another runner.
    Before,
    /// Refused; and whether that holds for every row after it.
    Not(Refusal, bool),
}

async fn fail_row(tx: &mut Transaction<'_, Any>, payout: &Payout, row: i64, reason: &str) -> Result<i64> {
    let done = sqlx::query(
        "UPDATE payout_rows SET state = 'failed', failure = $4 \
         WHERE municipality = $1 AND payout = $2 AND row_number = $3 AND state = 'waiting'",
    )
    .bind(payout.municipality)
    .bind(payout.id)
    .bind(row)
    .bind(reason)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() as i64)
}

/// All rows that still wait (kind budget: its one).
async fn fail_rest(tx: &mut Transaction<'_, Any>, payout: &Payout, reason: &str) -> Result<i64> {
    if payout.kind == PayoutKind::Budget {
        tracing::warn!(payout = payout.id, reason, "a budget was not funded");
        return Ok(1);
    }
    let done = sqlx::query(
        "UPDATE payout_rows SET state = 'failed', failure = $3 \
         WHERE municipality = $1 AND payout = $2 AND state = 'waiting'",
    )
    .bind(payout.municipality)
    .bind(payout.id)
    .bind(reason)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() as i64)
}
