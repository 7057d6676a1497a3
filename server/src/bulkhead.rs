//! What watches cannot stop what works (DESIGN, "What must stay true" 5): the one way by which logs, traces and the like
//! leave. A queue with an end, which drops and counts and never waits; behind it a thread with a runtime of its own,
//! a deadline on each delivery (the look-up of a name included), and a panic that ends with that thread's work and
//! starts it again after a while.
//!
//! Costs whoever offers something: one `try_send`. What is lost is counted by name ([`counts`]).

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::mpsc;
use tracing::subscriber::NoSubscriber;

/// How much is kept, how often it leaves, and how long that may take.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Items that wait at most; more are dropped.
    pub room: usize,
    /// Items of one delivery at most.
    pub batch: usize,
    /// From one delivery to the next: with `batch` the most that leaves in a second, whatever comes in.
    pub pause: Duration,
    /// A delivery that takes longer is given up, and what it held is lost.
    pub deadline: Duration,
    /// After a failure or a panic; doubled each time up to `backoff_most`.
    pub backoff: Duration,
    /// See `backoff`.
    pub backoff_most: Duration,
}

/// What became of the items of one queue.
#[derive(Debug)]
pub struct Counts {
    /// Which queue.
    pub name: &'static str,
    offered: AtomicU64,
    sent: AtomicU64,
    dropped: AtomicU64,
    restarts: AtomicU64,
}

impl Counts {
    /// Delivered.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Lost: no room, not delivered in time, refused, or in the hands of what panicked.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// How often the work panicked and was started again.
    pub fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::Relaxed)
    }

    fn is_done(&self) -> bool {
        self.sent() + self.dropped() >= self.offered.load(Ordering::Relaxed)
    }
}

static ALL: Mutex<Vec<Arc<Counts>>> = Mutex::new(Vec::new());

/// Of every queue of this process.
pub fn counts() -> Vec<Arc<Counts>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Why a delivery failed. Nobody is told but the counter: telling would go through the same queue.
#[derive(Debug)]
pub struct Lost;

/// The near end of a queue. Cheap to clone.
#[derive(Debug)]
pub struct Bulkhead<T> {
    sender: mpsc::Sender<T>,
    counts: Arc<Counts>,
}

impl<T> Clone for Bulkhead<T> {
    fn clone(&self) -> Self {
        Self {
            sender: self.sender.clone(),
            counts: self.counts.clone(),
        }
    }
}

impl<T: Send + 'static> Bulkhead<T> {
    /// A queue, and the thread that empties it by what `make` makes, anew after each panic. Where no thread can be
    /// had, everything is dropped and counted.
    pub fn start<M, W>(name: &'static str, rules: Rules, make: M) -> Self
    where
        M: FnMut() -> W + Send + 'static,
        W: AsyncFnMut(Vec<T>) -> Result<(), Lost>,
    {
        let (sender, receiver) = mpsc::channel(rules.room.max(1));
        let counts = Arc::new(Counts {
            name,
            offered: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            restarts: AtomicU64::new(0),
        });
        ALL.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(counts.clone());
        let own = counts.clone();
        // Without a thread the receiver is gone at once, and each offer finds a closed door.
        let _ = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            // Nothing in here may speak through the queue that it empties.
            tracing::subscriber::with_default(NoSubscriber::default(), || {
                supervise(receiver, rules, make, &own);
            });
        });
        Self { sender, counts }
    }

    /// Takes it, or drops it.
    pub fn offer(&self, item: T) {
        self.counts.offered.fetch_add(1, Ordering::Relaxed);
        if self.sender.try_send(item).is_err() {
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes it while half of the room is free, so that what matters more still finds some.
    pub fn offer_if_roomy(&self, item: T) {
        if self.sender.capacity() * 2 >= self.sender.max_capacity() {
            self.offer(item);
        } else {
            self.counts.offered.fetch_add(1, Ordering::Relaxed);
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What became of it all.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Waits, blocking, until all that was offered is delivered or lost, and no longer than this. For a program's end.
    pub fn drain(&self, most: Duration) {
        let begun = Instant::now();
        while !self.counts.is_done() && begun.elapsed() < most {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Works until the near end is gone.
fn supervise<T, M, W>(mut receiver: mpsc::Receiver<T>, rules: Rules, mut make: M, counts: &Counts)
where
    M: FnMut() -> W,
    W: AsyncFnMut(Vec<T>) -> Result<(), Lost>,
{
    let mut backoff = rules.backoff;
    loop {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            // Name look-ups that hang stay in here; beyond two of them the next ones wait for the deadline.
            .max_blocking_threads(2)
            .build();
        if let Ok(runtime) = runtime {
            let ended = catch_unwind(AssertUnwindSafe(|| {
                let work = make();
                runtime.block_on(deliver(&mut receiver, rules, work, counts, &mut backoff));
            }));
            // Not dropped: that would wait for a look-up that hangs.
            runtime.shutdown_background();
            if ended.is_ok() {
                return;
            }
            counts.restarts.fetch_add(1, Ordering::Relaxed);
        }
        std::thread::sleep(backoff);
        backoff = (backoff * 2).min(rules.backoff_most);
    }
}

/// What is in the hands of a delivery: lost, unless it says that it arrived.
struct Flight<'a>(&'a Counts, u64);

impl Flight<'_> {
    fn arrived(mut self) {
        self.0.sent.fetch_add(self.1, Ordering::Relaxed);
        self.1 = 0;
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(self.1, Ordering::Relaxed);
    }
}

async fn deliver<T, W>(
    receiver: &mut mpsc::Receiver<T>,
    rules: Rules,
    mut work: W,
    counts: &Counts,
    backoff: &mut Duration,
) where
    W: AsyncFnMut(Vec<T>) -> Result<(), Lost>,
{
    loop {
        let mut batch = Vec::new();
        if receiver.recv_many(&mut batch, rules.batch).await == 0 {
            return;
        }
        let flight = Flight(counts, batch.len() as u64);
        if let Ok(Ok(())) = tokio::time::timeout(rules.deadline, work(batch)).await {
            flight.arrived();
            *backoff = rules.backoff;
            if !rules.pause.is_zero() {
                tokio::time::sleep(rules.pause).await;
            }
        } else {
            drop(flight);
            tokio::time::sleep(*backoff).await;
            *backoff = (*backoff * 2).min(rules.backoff_most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Rules = Rules {
        room: 8,
        batch: 4,
        pause: Duration::ZERO,
        deadline: Duration::from_millis(50),
        backoff: Duration::from_millis(1),
        backoff_most: Duration::from_millis(4),
    };
    const LONG: Duration = Duration::from_secs(10);

    fn offer(bulkhead: &Bulkhead<u32>, count: u32) -> Duration {
        let begun = Instant::now();
        for number in 0..count {
            bulkhead.offer(number);
        }
        begun.elapsed()
    }

    #[test]
    fn what_is_taken_is_delivered_in_order() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let bulkhead = Bulkhead::start("order", Rules { room: 1_000, ..QUICK }, {
            let seen = seen.clone();
            move || {
                let seen = seen.clone();
                async move |batch: Vec<u32>| {
                    assert!(batch.len() <= QUICK.batch);
                    seen.lock().unwrap().extend(batch);
                    Ok(())
                }
            }
        });
        offer(&bulkhead, 1_000);
        bulkhead.drain(LONG);
        assert_eq!(*seen.lock().unwrap(), (0..1_000).collect::<Vec<_>>());
        assert_eq!(
            (bulkhead.counts().sent(), bulkhead.counts().dropped()),
            (1_000, 0)
        );
    }

    #[test]
    fn a_delivery_that_never_ends_and_a_thread_that_blocks_hold_nobody_up() {
        let hung = Bulkhead::start("hung", QUICK, || async |_: Vec<u32>| std::future::pending().await);
        let blocked = Bulkhead::start("blocked", QUICK, || {
            async |_: Vec<u32>| {
                std::thread::sleep(Duration::from_hours(1));
                Ok(())
            }
        });
        for bulkhead in [&hung, &blocked] {
            assert!(
                offer(bulkhead, 100_000) < Duration::from_secs(2),
                "offering does not wait"
            );
            assert!(
                bulkhead.counts().dropped() > 99_000,
                "what found no room is counted"
            );
        }
        // The hung ones are given up by deadline and lost; nothing disappears uncounted.
        hung.drain(LONG);
        assert_eq!((hung.counts().sent(), hung.counts().dropped()), (0, 100_000));
    }

    #[test]
    fn a_panic_is_contained_counted_and_followed_by_a_new_start() {
        let mut starts = 0;
        let bulkhead = Bulkhead::start("panics", Rules { batch: 1, ..QUICK }, move || {
            starts += 1;
            let start = starts;
            async move |_: Vec<u32>| {
                assert!(start > 3, "the collector's fault");
                Ok(())
            }
        });
        for number in 0..8 {
            bulkhead.offer(number);
            bulkhead.drain(LONG);
        }
        let counts = bulkhead.counts();
        assert_eq!((counts.restarts(), counts.dropped(), counts.sent()), (3, 3, 5));
    }

    #[test]
    fn what_matters_finds_room_where_the_rest_filled_half() {
        let bulkhead = Bulkhead::start("half", QUICK, || async |_: Vec<u32>| std::future::pending().await);
        for number in 0..1_000 {
            bulkhead.offer_if_roomy(number);
        }
        let before = bulkhead.counts().dropped();
        bulkhead.offer(1_000);
        assert_eq!(bulkhead.counts().dropped(), before, "taken");
    }
}
