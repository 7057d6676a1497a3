//! Paying what was approved, a batch of rows at a time.
//!
//! A batch is one transaction under the payout's lock: the rows' grants, their states and the counters. So a batch
//! that dies leaves nothing, and two runners take turns. A row's key `payout:<payout>:<row>` would refuse a second
//! payment even if all that failed. While one batch is written, the people of the next are looked up. Memory: two
//! batches. Costs of a batch: see `pay.rs`, and four statements for the payout itself.

use sqlx::{Any, Transaction};
use tokio::sync::mpsc;

use super::{
    Payout, PayoutKind, PayoutState, check,
    pay::{self, Shared},
    read,
    recipients::{Batch, BatchError, Recipients},
};
use crate::{
    Ledger, Operation, ProgrammeState, Refusal, Request,
    error::{LedgerError, Result, is_transient},
    programmes,
    transfers::post_in,
};

/// Tries of one batch against deadlocks.
const TRIES: u32 = 6;
/// The most rows of one transaction.
const BATCH_MAX: usize = 10_000;

/// What a step came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Nothing more will change.
    pub done: bool,
    /// Rows paid in this step.
    pub paid_rows: i64,
    /// Rows that could not be paid in this step, or never will be because the payout stopped.
    pub failed_rows: i64,
    /// Another runner was faster with these rows: nothing was done, and the next look finds what is left.
    pub overtaken: bool,
}

/// How far a run came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// Nothing more will change.
    Done,
    /// It was told to stop, or another runner was faster: it may be taken up again.
    Stopped,
}

impl Ledger {
    /// Pays the next rows of an approved payout; call it until it is done. Safe after a crash at any point and
    /// with two callers at once: nobody is paid twice. What makes paying impossible for all (the budget is used
    /// up, the programme was stopped) ends the payout at the last whole row and says so.
    pub async fn run_payout_step(
        &self,
        municipality: i64,
        payout: i64,
        recipients: &impl Recipients,
        size: usize,
        at: i64,
    ) -> Result<Step, BatchError> {
        let Some(found) = self.payable(municipality, payout, at).await? else {
            return Ok(Step {
                done: true,
                ..Step::default()
            });
        };
        let batch = if found.kind == PayoutKind::Budget {
            Batch::default()
        } else {
            let size = size.clamp(1, BATCH_MAX);
            self.next_batch(&found, i64::MIN, recipients, size, at).await?
        };
        Ok(self.pay_batch(&found, &batch, at).await?)
    }

    /// Pays an approved payout to its end, or until it is told to stop; between two batches it looks whether it is.
    /// The same rules as [`Ledger::run_payout_step`].
    pub async fn run_payout(
        &self,
        municipality: i64,
        payout: i64,
        recipients: &impl Recipients,
        size: usize,
        clock: impl Fn() -> i64 + Send + Sync,
        stopped: impl Fn() -> bool + Send + Sync,
    ) -> Result<Ran, BatchError> {
        let Some(found) = self.payable(municipality, payout, clock()).await? else {
            return Ok(Ran::Done);
        };
        if found.kind == PayoutKind::Budget {
            self.pay_batch(&found, &Batch::default(), clock()).await?;
            return Ok(Ran::Done);
        }
        let size = size.clamp(1, BATCH_MAX);
        let (sender, mut receiver) = mpsc::channel(1);
        let (clock, payout) = (&clock, &found);
        let finding = async move {
            let mut after = i64::MIN;
            loop {
                let batch = self.next_batch(payout, after, recipients, size, clock()).await?;
                let last = batch.last;
                // Nobody waits for it any more: the payer has ended.
                if sender.send(batch).await.is_err() {
                    return Ok::<_, BatchError>(());
                }
                match last {
                    Some(last) => after = last,
                    None => return Ok(()),
                }
            }
        };
        let paying = async move {
            while let Some(batch) = receiver.recv().await {
                if stopped() {
                    return Ok::<_, BatchError>(Ran::Stopped);
                }
                let step = self.pay_batch(payout, &batch, clock()).await?;
                if step.done {
                    return Ok(Ran::Done);
                }
                if step.overtaken {
                    return Ok(Ran::Stopped);
                }
            }
            Ok(Ran::Stopped)
        };
        let (found, paid) = tokio::join!(finding, paying);
        let paid = paid?;
        if paid != Ran::Done {
            found?;
        }
        Ok(paid)
    }

    /// The payout, if rows of it may be paid now; `None` if it is done.
    /// Refused: [`Refusal::PayoutState`], also before its time.
    async fn payable(&self, municipality: i64, payout: i64, at: i64) -> Result<Option<Payout>> {
        let found = self.payout(municipality, payout).await?;
        match found.state {
            PayoutState::Done => Ok(None),
            state if !found.may_run(at) => Err(Refusal::PayoutState { state }.into()),
            _ => Ok(Some(found)),
        }
    }

    async fn pay_batch(&self, payout: &Payout, batch: &Batch, at: i64) -> Result<Step> {
        for attempt in 0..TRIES {
            match self.pay_once(payout, batch, at).await {
                Err(LedgerError::Store(error)) if is_transient(&error) => {
                    tracing::debug!(%error, attempt, "a batch of a payout is tried again");
                    tokio::time::sleep(std::time::Duration::from_millis(5 << attempt)).await;
                }
                answer => return answer,
            }
        }
        Err(Refusal::Busy { retry_after_ms: 1000 }.into())
    }

    async fn pay_once(&self, payout: &Payout, batch: &Batch, at: i64) -> Result<Step> {
        let (municipality, id) = (payout.municipality, payout.id);
        let mut events = self.store.ids(municipality, 2).await?;
        let mut event = || events.next().unwrap_or_default();
        let fund = match payout.kind {
            PayoutKind::Budget => Some(self.budget_request(payout, at).await?),
            _ => None,
        };
        let mut tx = self.store.begin().await?;
        let now = read::locked(&mut tx, self.store.for_update(), municipality, id).await?;
        match now.state {
            PayoutState::Done => {
                return Ok(Step {
                    done: true,
                    ..Step::default()
                });
            }
            // Withdrawn, given back: what has not been paid stays unpaid.
            state if !now.may_run(at) => return Err(Refusal::PayoutState { state }.into()),
            PayoutState::Approved => {
                let begun = (at, 0, PayoutState::Running, "");
                check::write_event(&mut tx, municipality, id, event(), begun).await?;
            }
            _ => {}
        }
        let mut step = Step::default();
        let mut paid_won = 0;
        let mut stop = None;
        if let Some((request, prepared)) = &fund {
            match post_in(&mut tx, &self.store, request, prepared).await {
                Ok(receipt) => {
                    step.paid_rows = 1;
                    paid_won = receipt.amount_won;
                }
                Err(LedgerError::Refused(refusal)) => stop = Some(refusal),
                Err(error) => return Err(error),
            }
        } else {
            for row in &batch.lost {
                step.failed_rows += fail_row(&mut tx, &now, *row, "\"no_recipient\"").await?;
            }
            let Some((paid, refusal)) = self.pay_due(&mut tx, &now, batch, at).await? else {
                tx.rollback().await?;
                step = Step::default();
                step.overtaken = true;
                return Ok(step);
            };
            step.paid_rows = paid as i64;
            paid_won = batch.due[..paid].iter().map(|due| due.amount_won).sum();
            stop = refusal;
        }
        if let Some(refusal) = &stop {
            step.failed_rows += stop_rest(&mut tx, &now, refusal, &step).await?;
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
            let done = (at, 0, PayoutState::Done, "");
            check::write_event(&mut tx, municipality, id, event(), done).await?;
        }
        tx.commit().await?;
        Ok(step)
    }

    /// Pays the rows of a batch that the budget carries, from the first on: how many, and why not the rest.
    /// `None`: another runner has paid some of them.
    async fn pay_due(
        &self,
        tx: &mut Transaction<'_, Any>,
        payout: &Payout,
        batch: &Batch,
        at: i64,
    ) -> Result<Option<(usize, Option<Refusal>)>> {
        pay::lock_wallets(tx, &self.store, payout.municipality, &batch.due).await?;
        let Some((budget, left_won)) = pay::lock_budget(tx, &self.store, payout).await? else {
            return Ok(Some((0, Some(Refusal::UnknownProgramme))));
        };
        // The same questions as for a grant by itself: what may be paid is decided when it is paid.
        let Some(programme) = programmes::find_at(tx, payout.municipality, payout.programme, at).await?
        else {
            return Ok(Some((0, Some(Refusal::UnknownProgramme))));
        };
        if programme.state != ProgrammeState::Open {
            return Ok(Some((0, Some(Refusal::ProgrammeNotOpen))));
        }
        let ends_at = programme.expiry.expires_at(at);
        if ends_at <= at {
            return Ok(Some((0, Some(Refusal::ProgrammeEnded { ended_at: ends_at }))));
        }
        let carried = pay::carried(&batch.due, left_won);
        let due = &batch.due[..carried];
        let shared = Shared {
            budget,
            at,
            ends_at,
            first_id: batch.first_id,
        };
        if !pay::write(tx, &self.store, payout, &shared, due).await? {
            return Ok(None);
        }
        let paid_won: i64 = due.iter().map(|due| due.amount_won).sum();
        let short = (carried < batch.due.len()).then_some(Refusal::BudgetExhausted {
            left_won: left_won - paid_won,
        });
        Ok(Some((carried, short)))
    }

    async fn budget_request(
        &self,
        payout: &Payout,
        at: i64,
    ) -> Result<(Request, crate::transfers::Prepared)> {
        let request = Request {
            municipality: payout.municipality,
            key: format!("payout:{}:0", payout.id),
            actor: format!("payout:{}", payout.id),
            at,
            operation: Operation::Fund {
                programme: payout.programme,
                amount_won: payout.total_won,
            },
        };
        let prepared = self.prepare(&request).await?;
        Ok((request, prepared))
    }
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

/// Ends a payout before its last row: how many rows go unpaid by it. Their own rows stay as they are; the payout says
/// why, and from which row on.
pub(super) async fn stop_rest(
    tx: &mut Transaction<'_, Any>,
    payout: &Payout,
    why: &Refusal,
    step: &Step,
) -> Result<i64> {
    sqlx::query(
        "UPDATE payouts SET rest_failure = $3, stopped_at_row = (SELECT MIN(r.row_number) FROM payout_rows r \
         WHERE r.municipality = $1 AND r.payout = $2 AND r.state = 'waiting') WHERE municipality = $1 AND id = $2",
    )
    .bind(payout.municipality)
    .bind(payout.id)
    .bind(serde_json::to_string(why).unwrap_or_default())
    .execute(&mut **tx)
    .await?;
    if payout.kind == PayoutKind::Budget {
        tracing::warn!(payout = payout.id, %why, "a budget was not funded");
    }
    Ok(payout.ok_rows - payout.paid_rows - payout.failed_rows - step.paid_rows - step.failed_rows)
}
