//! Counts requests of the last minute by kind of work: how many, how many failed by our fault, how slow the
//! slowest hundredth was. Costs a lock for some nanoseconds; a request that finds it taken is not counted rather
//! than waiting (what watches never stops what works).

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use serde::Serialize;

const SECONDS: usize = 60;
/// Upper ends of the classes of duration (ms): doubling; the last takes the rest.
const CLASSES: usize = 16;

/// What a request was about, in the status site's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Seeing something.
    Page,
    /// Paying.
    Payment,
    /// Cancelling a payment.
    Cancellation,
    /// Buying and giving back.
    Charging,
    /// Signing up and in.
    SignIn,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Page,
        Self::Payment,
        Self::Cancellation,
        Self::Charging,
        Self::SignIn,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Payment => "payment",
            Self::Cancellation => "cancellation",
            Self::Charging => "charging",
            Self::SignIn => "sign-in",
        }
    }

    /// The kind of a request; `None`: files, and what no component stands for.
    pub fn of(method: &Method, path: &str) -> Option<Self> {
        let under = |prefix: &str| {
            path == prefix
                || path
                    .strip_prefix(prefix)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        if ["/pkg", "/fonts", "/icons", "/probe"].into_iter().any(under) {
            return None;
        }
        if method != Method::POST {
            return Some(Self::Page);
        }
        if under("/wallet/pay") || path.ends_with("/payments") || path.ends_with("/authorisations") {
            Some(Self::Payment)
        } else if under("/shop/transfers") || path.ends_with("/cancellations") {
            Some(Self::Cancellation)
        } else if under("/wallet/charge") || under("/wallet/refund") {
            Some(Self::Charging)
        } else if under("/login") || under("/signup") {
            Some(Self::SignIn)
        } else {
            None
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// Which second since the meter began, plus one; 0: none.
    second: u64,
    requests: u32,
    failed: u32,
    classes: [u32; CLASSES],
}

/// One kind within the last minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Work {
    /// Which.
    pub kind: &'static str,
    /// How many.
    pub requests: u64,
    /// How many of them failed by our fault (5xx).
    pub failed: u64,
    /// 99 of 100 took at most this (ms): the upper end of a class, so up to twice too much.
    pub p99_ms: u64,
}

/// Counts. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Meter {
    began: Instant,
    slots: Arc<Mutex<Vec<[Slot; SECONDS]>>>,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            slots: Arc::new(Mutex::new(vec![[Slot::default(); SECONDS]; Kind::ALL.len()])),
        }
    }
}

impl Meter {
    /// Takes in a request that took so long.
    pub fn put(&self, kind: Kind, failed: bool, took: Duration) {
        let second = self.began.elapsed().as_secs() + 1;
        let Ok(mut slots) = self.slots.try_lock() else {
            return;
        };
        let slot = &mut slots[kind as usize][(second % SECONDS as u64) as usize];
        if slot.second != second {
            *slot = Slot {
                second,
                ..Slot::default()
            };
        }
        slot.requests += 1;
        slot.failed += u32::from(failed);
        let ms = took.as_millis().max(1);
        let class = (u128::BITS - (ms - 1).leading_zeros()) as usize;
        slot.classes[class.min(CLASSES - 1)] += 1;
    }

    /// The last minute, by kind.
    pub fn last_minute(&self) -> Vec<Work> {
        let now = self.began.elapsed().as_secs() + 1;
        let slots = self
            .slots
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        Kind::ALL
            .into_iter()
            .map(|kind| {
                let mut classes = [0_u64; CLASSES];
                let (mut requests, mut failed) = (0, 0);
                for slot in slots[kind as usize]
                    .iter()
                    .filter(|slot| slot.second != 0 && now - slot.second < SECONDS as u64)
                {
                    requests += u64::from(slot.requests);
                    failed += u64::from(slot.failed);
                    for (sum, count) in classes.iter_mut().zip(slot.classes) {
                        *sum += u64::from(count);
                    }
                }
                let mut above = requests / 100;
                let p99 = (0..CLASSES).rev().find(|class| {
                    let here = classes[*class];
                    let ends = here > above;
                    above = above.saturating_sub(here);
                    ends
                });
                Work {
                    kind: kind.as_str(),
                    requests,
                    failed,
                    p99_ms: p99.map_or(0, |class| 1 << class),
                }
            })
            .collect()
    }
}

/// The layer that counts.
pub async fn count(State(meter): State<Meter>, request: Request, next: Next) -> Response {
    let kind = Kind::of(request.method(), request.uri().path());
    let begun = Instant::now();
    let response = next.run(request).await;
    if let Some(kind) = kind {
        meter.put(kind, response.status().is_server_error(), begun.elapsed());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told() {
        let meter = Meter::default();
        for ms in 1..=200 {
            meter.put(Kind::Payment, ms > 190, Duration::from_millis(ms));
        }
        let work = meter.last_minute();
        assert_eq!(
            work[1],
            Work {
                kind: "payment",
                requests: 200,
                failed: 10,
                p99_ms: 256
            }
        );
        assert_eq!(
            work[0],
            Work {
                kind: "page",
                requests: 0,
                failed: 0,
                p99_ms: 0
            }
        );
    }

    #[test]
    fn one_slow_request_in_two_hundred_does_not_make_the_slowest_hundredth() {
        let meter = Meter::default();
        for _ in 0..199 {
            meter.put(Kind::Page, false, Duration::from_millis(3));
        }
        meter.put(Kind::Page, false, Duration::from_secs(9));
        assert_eq!(meter.last_minute()[0].p99_ms, 4);
    }

    #[test]
    fn kinds_are_the_components_words() {
        let of = |method: &Method, path| Kind::of(method, path).map(Kind::as_str);
        assert_eq!(of(&Method::POST, "/wallet/pay"), Some("payment"));
        assert_eq!(of(&Method::POST, "/api/v1/payments"), Some("payment"));
        assert_eq!(
            of(&Method::POST, "/api/v1/payments/7/cancellations"),
            Some("cancellation")
        );
        assert_eq!(of(&Method::POST, "/shop/transfers/9"), Some("cancellation"));
        assert_eq!(of(&Method::POST, "/wallet/charge/9"), Some("charging"));
        assert_eq!(of(&Method::POST, "/login"), Some("sign-in"));
        assert_eq!(of(&Method::GET, "/wallet"), Some("page"));
        assert_eq!(of(&Method::GET, "/pkg/neul.css"), None);
        assert_eq!(of(&Method::POST, "/admin/payouts/new"), None);
    }
}
