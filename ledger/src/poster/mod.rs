//! The poster: payments of many callers as one transaction.
//!
//! Callers put their payments into a bounded queue; a task takes what is there (a lone payment at once, never waiting
//! for company), decides each in memory by the rule that the plain posting obeys, writes all of them by set and
//! answers each caller after the commit. A full queue answers "busy" at once. A caller that is dropped loses its
//! answer, not its payment.
//!
//! A queue with its task is a *lane*. On `PostgreSQL` a [`Ledger`](crate::Ledger) has two, each with a connection of
//! its own, so that one batch is decided and written while the disk takes the other; the payments of one wallet all
//! go through the same lane, in the order they came, and never meet each other. On `SQLite`, which has one writer,
//! there is one.
//!
//! Costs of a batch of n payments, 1 ≤ n ≤ 512, on `PostgreSQL`: two round trips, each a transaction of its own:
//! one statement that reads (keys, lots, merchants; no locks), one call of `ledger_post_payments`, which writes
//! n transfers, two entries or more for each, one update per lot and per account touched (a hot merchant is one
//! row), and finds out by itself whether a lot has changed since it was read: then nothing is written, and the
//! batch is done again under locks (wallets by id). On `SQLite`: one transaction that holds the file, 3 statements
//! that read, and 4 that write for each 1,024 rows. Each replay costs 2 statements more.
//!
//! Order of locks, which all that writes money keeps: wallets by id, lots by id, the idempotency key, the other
//! accounts by id.

mod book;
mod faults;
mod read;
mod rows;
mod run;
mod write;

pub(crate) use rows::{Cells, Rows, array, bind_arrays, postgres_tables, rows_max, sqlite_query};

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use sqlx::Error;
use store::{Engine, Store};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::{
    Operation, Receipt, Refusal, Request,
    error::Result,
    transfers::{Prepared, body_hash},
};

/// How much a poster takes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PosterOptions {
    /// The most payments that wait in a lane; one more is refused as busy.
    pub queue_max: usize,
    /// The most payments in one transaction.
    pub batch_max: usize,
    /// How many lanes, on `PostgreSQL`.
    pub lanes: usize,
}

impl Default for PosterOptions {
    fn default() -> Self {
        Self {
            queue_max: 4_096,
            batch_max: 512,
            lanes: 2,
        }
    }
}

/// One payment and who waits for it.
#[derive(Debug)]
struct Job {
    request: Request,
    prepared: Prepared,
    caller: oneshot::Sender<Result<Receipt>>,
}

/// The callers' end of the queue. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Poster(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    store: Store,
    options: PosterOptions,
    lanes: Vec<Lane>,
}

#[derive(Debug)]
struct Lane {
    task: Mutex<Task>,
    /// How long a batch took lately, ms.
    batch_ms: Arc<AtomicI64>,
}

#[derive(Debug)]
enum Task {
    /// Begins with the first payment.
    Waiting,
    /// Ends, once the queue is empty, when its sender is dropped.
    Running(mpsc::Sender<Job>, JoinHandle<()>),
    Finished,
}

impl Poster {
    /// A poster that begins with its first payment.
    pub(crate) fn new(store: Store, options: PosterOptions) -> Self {
        let lanes = match store.engine {
            Engine::Sqlite => 1,
            Engine::Postgres => options.lanes.max(1),
        };
        let lane = || Lane {
            task: Mutex::new(Task::Waiting),
            batch_ms: Arc::default(),
        };
        Self(Arc::new(Shared {
            store,
            options,
            lanes: std::iter::repeat_with(lane).take(lanes).collect(),
        }))
    }

    /// Posts a payment that was checked for what needs no database.
    pub(crate) async fn post(&self, request: Request) -> Result<Receipt> {
        let (caller, answer) = oneshot::channel();
        let prepared = Prepared {
            transfer: 0,
            lot: 0,
            account: 0,
            body_hash: body_hash(&request.operation),
        };
        self.enqueue(Job {
            request,
            prepared,
            caller,
        })?;
        answer.await.unwrap_or_else(|_| {
            // Only where the task panicked, or its runtime ended. The payment may be done: the key tells.
            Err(Error::Io(std::io::Error::other(
                "the poster ended without an answer; ask again with the same key",
            ))
            .into())
        })
    }

    fn enqueue(&self, job: Job) -> Result<(), Refusal> {
        let Shared { store, options, .. } = &*self.0;
        let lane = self.lane(&job.request);
        let mut task = lane.task.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(&*task, Task::Running(queue, _) if queue.is_closed()) {
            *task = Task::Waiting;
        }
        if matches!(*task, Task::Waiting) {
            let (queue, jobs) = mpsc::channel(options.queue_max.max(1));
            let runner = run::Runner::new(store, options.batch_max, lane.batch_ms.clone());
            *task = Task::Running(queue, tokio::spawn(runner.run(jobs)));
        }
        let Task::Running(queue, _) = &*task else {
            return Err(Refusal::Busy {
                retry_after_ms: 1_000,
            });
        };
        queue.try_send(job).map_err(|_| Refusal::Busy {
            retry_after_ms: self.retry_after_ms(lane),
        })
    }

    /// The lane of whoever pays.
    fn lane(&self, request: &Request) -> &Lane {
        let mut mixed = DefaultHasher::new();
        request.municipality.hash(&mut mixed);
        match &request.operation {
            Operation::Pay { holder, .. } => holder.hash(&mut mixed),
            // Whose code it is, is read with the batch. Two codes of one wallet may meet as those of two processes do.
            Operation::PayByCode { names, .. } => names.hash(&mut mixed),
            _ => {}
        }
        &self.0.lanes[mixed.finish() as usize % self.0.lanes.len()]
    }

    /// How long the lane's queue takes to empty, as things go.
    fn retry_after_ms(&self, lane: &Lane) -> i64 {
        let PosterOptions {
            queue_max, batch_max, ..
        } = self.0.options;
        let batches = (queue_max / batch_max.max(1)).max(1) as i64;
        (lane.batch_ms.load(Ordering::Relaxed) * batches).clamp(100, 10_000)
    }

    /// How many payments wait, and how many may, in all lanes together.
    pub(crate) fn waiting(&self) -> (usize, usize) {
        let of = |lane: &Lane| match &*lane.task.lock().unwrap_or_else(PoisonError::into_inner) {
            Task::Running(queue, _) => (queue.max_capacity() - queue.capacity(), queue.max_capacity()),
            Task::Waiting | Task::Finished => (0, self.0.options.queue_max.max(1)),
        };
        self.0
            .lanes
            .iter()
            .map(of)
            .fold((0, 0), |all, lane| (all.0 + lane.0, all.1 + lane.1))
    }

    /// Posts what is queued; what comes after is refused as busy.
    pub(crate) async fn finish(&self) {
        // Closed all before any is waited for.
        let ending: Vec<Task> = self
            .0
            .lanes
            .iter()
            .map(|lane| {
                let mut task = lane.task.lock().unwrap_or_else(PoisonError::into_inner);
                std::mem::replace(&mut *task, Task::Finished)
            })
            .collect();
        let running: Vec<_> = ending
            .into_iter()
            .filter_map(|task| match task {
                Task::Running(_, running) => Some(running),
                Task::Waiting | Task::Finished => None,
            })
            .collect();
        for task in running {
            let _ = task.await;
        }
    }
}

/// How long one try of a batch may take before its connection is given up.
const TRY_MAX: Duration = Duration::from_secs(10);

/// How long a new connection may take. On `SQLite` it is the wait for the one that writes, which has its own limit.
const CONNECT_MAX: Duration = Duration::from_secs(5);
