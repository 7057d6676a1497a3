//! The poster's task: takes batches from the queue, posts them, answers.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{AnyConnection, Connection, Error};
use store::{Engine, IdRange, Store, Writer};
use tokio::sync::mpsc;

use super::{
    CONNECT_MAX, Job, TRY_MAX,
    book::Outcome,
    faults::{Fault, copy_of, judge},
    read,
};
use crate::{
    Receipt, Refusal,
    error::{LedgerError, Result},
    transfers,
};

/// Tries of one batch against collisions.
const TRIES: u32 = 8;
/// Tries of one batch on new connections: after about a second the callers are told.
const LOST_MAX: u32 = 4;
/// Failed parts of one batch after which the rest is told the same error.
const FAILED_PARTS_MAX: u32 = 64;
/// After so many payments the engine plans anew, and again each time there are twice as many.
const PLAN_ANEW: usize = 512;
/// Ids taken at a time: each time is a commit of its own.
const IDS: i64 = 4_096;

/// The task's own.
pub(super) struct Runner {
    store: Store,
    writer: Writer,
    batch_max: usize,
    batch_ms: Arc<AtomicI64>,
    ids: HashMap<i64, IdRange>,
    /// Payments that came here, and with how many of them the plans are made anew.
    seen: usize,
    plan_at: usize,
}

impl Runner {
    /// One that is not connected yet.
    pub(super) fn new(store: &Store, batch_max: usize, batch_ms: Arc<AtomicI64>) -> Self {
        Self {
            store: store.clone(),
            writer: store.writer(),
            batch_max: batch_max.max(1),
            batch_ms,
            ids: HashMap::new(),
            seen: 0,
            plan_at: PLAN_ANEW,
        }
    }

    /// Works until the queue is closed and empty.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        let mut jobs = Vec::with_capacity(self.batch_max);
        while queue.recv_many(&mut jobs, self.batch_max).await > 0 {
            let begun = Instant::now();
            self.take_ids(&mut jobs).await;
            let answers = self.settle(&jobs).await;
            self.seen += jobs.len();
            for (job, answer) in jobs.drain(..).zip(answers) {
                // A caller that is gone has left its key; whoever asks by it hears the answer.
                let _ = job.caller.send(answer);
            }
            let lately_ms = self.batch_ms.load(Ordering::Relaxed);
            let now_ms = begun.elapsed().as_millis() as i64 + 1;
            self.batch_ms
                .store((lately_ms * 7 + now_ms) / 8, Ordering::Relaxed);
            self.plan_anew().await;
        }
        self.writer.close().await;
    }

    /// Has the engine look at how large the tables are by now, where they may have doubled.
    async fn plan_anew(&mut self) {
        if self.seen < self.plan_at {
            return;
        }
        self.plan_at = self.seen.saturating_mul(2);
        if !matches!(
            tokio::time::timeout(TRY_MAX, self.writer.plan_anew()).await,
            Ok(Ok(()))
        ) {
            self.writer.forget();
        }
    }

    /// Gives each payment its id. Those that cannot have one are answered and leave the batch.
    async fn take_ids(&mut self, jobs: &mut Vec<Job>) {
        for index in (0..jobs.len()).rev() {
            let municipality = jobs[index].request.municipality;
            let left = self.ids.get_mut(&municipality).and_then(IdRange::next);
            let id = match left {
                Some(id) => Ok(id),
                None => match self.store.ids(municipality, IDS).await {
                    Ok(mut range) => {
                        let id = range.next().unwrap_or_default();
                        self.ids.insert(municipality, range);
                        Ok(id)
                    }
                    Err(error) => Err(error),
                },
            };
            match id {
                Ok(id) => jobs[index].prepared.transfer = id,
                Err(error) => {
                    let job = jobs.swap_remove(index);
                    let _ = job.caller.send(Err(error.into()));
                }
            }
        }
    }

    /// Answers every member: those that fail together are tried in halves, so that one that cannot be posted
    /// takes nobody along.
    async fn settle(&mut self, jobs: &[Job]) -> Vec<Result<Receipt>> {
        let mut answers: Vec<Option<Result<Receipt>>> =
            std::iter::repeat_with(|| None).take(jobs.len()).collect();
        let whole: Range<usize> = 0..jobs.len();
        let mut parts = vec![whole];
        let mut failed_parts = 0;
        while let Some(part) = parts.pop().filter(|part| !part.is_empty()) {
            match self.persist(&jobs[part.clone()]).await {
                Ok(done) => {
                    for (answer, done) in answers[part].iter_mut().zip(done) {
                        *answer = Some(done);
                    }
                }
                Err(LedgerError::Refused(refusal)) => {
                    for answer in &mut answers[part] {
                        *answer = Some(Err(refusal.clone().into()));
                    }
                }
                Err(LedgerError::Store(error)) => {
                    failed_parts += 1;
                    if part.len() == 1 || judge(&error) != Fault::Somebodys || failed_parts > FAILED_PARTS_MAX
                    {
                        tracing::error!(%error, payments = part.len(), "payments could not be posted");
                        for answer in &mut answers[part] {
                            *answer = Some(Err(copy_of(&error).into()));
                        }
                    } else {
                        let middle = part.start + part.len() / 2;
                        parts.push(middle..part.end);
                        parts.push(part.start..middle);
                    }
                }
            }
        }
        let unanswered = || Err(Error::WorkerCrashed.into());
        answers
            .into_iter()
            .map(|answer| answer.unwrap_or_else(unanswered))
            .collect()
    }

    /// Posts some payments as one transaction, again where somebody was in between or the connection was lost.
    async fn persist(&mut self, jobs: &[Job]) -> Result<Vec<Result<Receipt>>> {
        let (mut collisions, mut lost) = (0, 0);
        loop {
            let tried = tokio::time::timeout(TRY_MAX, self.attempt(jobs, collisions > 0)).await;
            let error = match tried {
                Ok(Ok(answers)) => return Ok(answers),
                Ok(Err(LedgerError::Store(error))) => error,
                Ok(Err(refused)) => return Err(refused),
                Err(_) => timed_out(),
            };
            if matches!(&error, Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut) {
                // What hangs is asked once more, and then whoever waits is told.
                lost = lost.max(LOST_MAX - 2);
            }
            match judge(&error) {
                Fault::Collision => {
                    collisions += 1;
                    if collisions == TRIES {
                        return Err(if crate::error::is_transient(&error) {
                            Refusal::Busy {
                                retry_after_ms: 1_000,
                            }
                            .into()
                        } else {
                            // A constraint that fails every time is nobody's haste.
                            Error::Decode(error.to_string().into()).into()
                        });
                    }
                    tracing::debug!(%error, collisions, payments = jobs.len(), "a batch is posted again, under locks");
                    if collisions > 1 {
                        tokio::time::sleep(Duration::from_millis(2 << collisions)).await;
                    }
                }
                Fault::Lost => {
                    self.writer.forget();
                    lost += 1;
                    if lost == LOST_MAX {
                        return Err(error.into());
                    }
                    tracing::warn!(%error, lost, payments = jobs.len(), "the poster's connection was lost");
                    tokio::time::sleep(Duration::from_millis(25 << (2 * (lost - 1)))).await;
                }
                Fault::Everybodys | Fault::Somebodys => return Err(error.into()),
            }
        }
    }

    /// One try. Without locks, reading and writing are a transaction each, and writing notices what has changed
    /// since; under locks, and always on `SQLite`, they are one.
    async fn attempt(&mut self, jobs: &[Job], locked: bool) -> Result<Vec<Result<Receipt>>> {
        let engine = self.store.engine;
        let mut held = tokio::time::timeout(CONNECT_MAX, self.writer.hold())
            .await
            .map_err(|_| timed_out())??;
        match engine {
            Engine::Postgres if !locked => post(&mut held, engine, jobs).await,
            Engine::Postgres => {
                let mut tx = held.begin().await?;
                read::lock(&mut tx, jobs).await?;
                let answers = post(&mut tx, engine, jobs).await?;
                tx.commit().await?;
                Ok(answers)
            }
            Engine::Sqlite => {
                let mut tx = held.begin_with("BEGIN IMMEDIATE").await?;
                let answers = post(&mut tx, engine, jobs).await?;
                tx.commit().await?;
                Ok(answers)
            }
        }
    }
}

fn timed_out() -> Error {
    Error::Io(std::io::Error::from(std::io::ErrorKind::TimedOut))
}

/// Reads, decides, writes, and makes the answers, to be told once all this is committed.
async fn post(connection: &mut AnyConnection, engine: Engine, jobs: &[Job]) -> Result<Vec<Result<Receipt>>> {
    let mut book = read::read(connection, engine, jobs).await?;
    let (outcomes, writes) = book.decide(jobs);
    if !writes.is_empty() {
        writes.write(connection, engine).await?;
    }
    let mut answers: Vec<Result<Receipt>> = Vec::with_capacity(jobs.len());
    for (job, outcome) in jobs.iter().zip(outcomes) {
        let answer = match outcome {
            Outcome::Done(receipt) => Ok(receipt),
            Outcome::Refused(refusal) => Err(refusal.into()),
            Outcome::Twin(index) => match &answers[index] {
                Ok(receipt) => Ok(Receipt {
                    replayed: true,
                    ..receipt.clone()
                }),
                Err(_) => Err(Refusal::Busy { retry_after_ms: 100 }.into()),
            },
            Outcome::Earlier(transfer) => {
                let receipt = transfers::receipt(connection, job.request.municipality, transfer).await?;
                // Its own transfer: done by an earlier try, whose answer was lost.
                let replayed = transfer != job.prepared.transfer;
                receipt
                    .map(|receipt| Receipt { replayed, ..receipt })
                    .ok_or_else(|| Refusal::Busy { retry_after_ms: 100 }.into())
            }
        };
        answers.push(answer);
    }
    Ok(answers)
}
