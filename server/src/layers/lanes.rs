//! In overload, giving back comes first: cancelling and refunding have a lane of their own, in which nobody who only
//! looks stands before them. What they share with all else is the pool of connections, and the bounds here keep the
//! queue at that pool short.
//!
//! Three lanes, each with a bound on what is in it and on who waits for it. Whoever finds both full, or waits too long,
//! is told at once when to come again, without a question to the database. Payments of tills go by the API and the
//! poster, which has its own bounded queue.

use std::{sync::Arc, time::Duration};

use app::{
    House,
    door::{Ctx, PageError},
};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{Method, header},
    middleware::Next,
    response::Response,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long somebody waits for a place in a lane.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// What a request is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// To see something.
    Look,
    /// To change something.
    Change,
    /// To give money back, or to get to the button that does.
    GiveBack,
}

/// Pages and forms by which money goes back. Their addresses begin so.
const GIVING_BACK: [&str; 3] = ["/shop/transfers/", "/wallet/refund", "/wallet/gift/"];
/// Has bounds of its own, and takes as long as a file takes.
const UPLOAD: &str = "/admin/payouts/new";

impl Purpose {
    fn of(method: &Method, path: &str) -> Option<Self> {
        let safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        if path == UPLOAD && !safe {
            None
        } else if GIVING_BACK.iter().any(|begin| path.starts_with(begin)) {
            Some(Self::GiveBack)
        } else if safe {
            Some(Self::Look)
        } else {
            Some(Self::Change)
        }
    }
}

/// One lane.
#[derive(Clone, Debug)]
struct Lane {
    places: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    wait_max: Duration,
}

impl Lane {
    fn new(places: usize, waiting: usize, wait_max: Duration) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places)),
            waiting: Arc::new(Semaphore::new(waiting)),
            wait_max,
        }
    }

    async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return Some(place);
        }
        let _waits = self.waiting.clone().try_acquire_owned().ok()?;
        let place = tokio::time::timeout(self.wait_max, self.places.clone().acquire_owned()).await;
        place.ok()?.ok()
    }
}

/// The three lanes of one portal. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Lanes {
    look: Lane,
    change: Lane,
    give_back: Lane,
}

impl Default for Lanes {
    /// Four times the pool's connections may look at a time: enough to keep it busy, and a wait of a few statements
    /// for whoever comes by another lane.
    fn default() -> Self {
        Self::new([64, 128, 64], WAIT_MAX)
    }
}

impl Lanes {
    /// So many places to look, to change and to give back; eight times as many may wait.
    pub fn new([look, change, give_back]: [usize; 3], wait_max: Duration) -> Self {
        let lane = |places| Lane::new(places, places * 8, wait_max);
        Self {
            look: lane(look),
            change: lane(change),
            give_back: lane(give_back),
        }
    }

    fn lane(&self, purpose: Purpose) -> &Lane {
        match purpose {
            Purpose::Look => &self.look,
            Purpose::Change => &self.change,
            Purpose::GiveBack => &self.give_back,
        }
    }
}

/// Lets a request into its lane, or says when to come again.
pub async fn lanes(State((lanes, house)): State<(Lanes, House)>, request: Request, next: Next) -> Response {
    let Some(purpose) = Purpose::of(request.method(), request.uri().path()) else {
        return next.run(request).await;
    };
    match lanes.lane(purpose).enter().await {
        Some(_place) => next.run(request).await,
        None => crowded(request, &house).await,
    }
}

/// The page that says so. Without the session, for which the database would have to be asked.
async fn crowded(request: Request, house: &House) -> Response {
    let (mut parts, _) = request.into_parts();
    tracing::warn!(path = parts.uri.path(), "too many at once");
    parts.headers.remove(header::COOKIE);
    let Ok(ctx) = Ctx::from_request_parts(&mut parts, house).await;
    PageError::Crowded.page(&ctx).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_lane() {
        for (method, path, lane) in [
            (Method::GET, "/wallet", Some(Purpose::Look)),
            (Method::HEAD, "/shop", Some(Purpose::Look)),
            (Method::POST, "/wallet/pay", Some(Purpose::Change)),
            (Method::POST, "/wallet/gift", Some(Purpose::Change)),
            (Method::POST, "/wallet/gift/7", Some(Purpose::GiveBack)),
            (Method::GET, "/shop/transfers/7", Some(Purpose::GiveBack)),
            (Method::POST, "/shop/transfers/7", Some(Purpose::GiveBack)),
            (Method::POST, "/wallet/refund", Some(Purpose::GiveBack)),
            (Method::POST, UPLOAD, None),
        ] {
            assert_eq!(Purpose::of(&method, path), lane, "{method} {path}");
        }
    }

    #[tokio::test]
    async fn a_full_lane_turns_away_and_the_others_go_on() {
        let lanes = Lanes::new([1, 1, 1], Duration::from_millis(200));
        let look = lanes.lane(Purpose::Look);
        let held = look.enter().await.expect("there is room");
        assert!(look.enter().await.is_none(), "after the wait");
        assert!(lanes.lane(Purpose::GiveBack).enter().await.is_some());
        // Whoever waits gets the place that is left.
        let (got, ()) = tokio::join!(look.enter(), async { drop(held) });
        drop(got.expect("the place is free"));
        // More than may wait are turned away at once.
        let _held = look.enter().await.expect("there is room");
        let waiters: Vec<_> = (0..8)
            .map(|_| {
                let look = look.clone();
                tokio::spawn(async move { look.enter().await.is_some() })
            })
            .collect();
        tokio::task::yield_now().await;
        let begun = std::time::Instant::now();
        assert!(look.enter().await.is_none());
        assert!(begun.elapsed() < Duration::from_millis(100));
        for waiter in waiters {
            assert!(!waiter.await.unwrap());
        }
    }
}
