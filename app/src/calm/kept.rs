//! What is kept in memory: who was signed in, and what each session last saw of its own money.

use std::sync::Arc;

use people::Session;
use quick_cache::{Weighter, sync::Cache};
use serde::{Serialize, de::DeserializeOwned};

use super::KEEP_MS;

/// Sessions kept at most; each is a name and a few numbers.
const SESSIONS_MAX: usize = 20_000;
/// What pages may take in all, in bytes: about 8,000 wallets with their histories.
const VIEWS_BYTES_MAX: u64 = 64 << 20;
/// A view counts as this many bytes at least, so that their number has an end too.
const VIEW_BYTES_MIN: usize = 512;
/// A view larger than this is not kept: one wallet must not push out a thousand.
const VIEW_BYTES_MAX: usize = 256 << 10;

/// The pages that are shown from memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum View {
    /// `/wallet`.
    Wallet,
    /// `/wallet/history`, first page, unfiltered.
    History,
}

/// One kept page.
#[derive(Clone, Debug)]
struct Shown {
    at: i64,
    json: Arc<[u8]>,
}

#[derive(Clone, Copy, Debug)]
struct Bytes;

impl Weighter<(i64, View), Shown> for Bytes {
    fn weight(&self, _: &(i64, View), shown: &Shown) -> u64 {
        shown.json.len().max(VIEW_BYTES_MIN) as u64
    }
}

/// The memory of one process. Cheap to clone.
#[derive(Clone)]
pub struct Calm(Arc<Inner>);

struct Inner {
    sessions: Cache<i64, (i64, Session)>,
    views: Cache<(i64, View), Shown, Bytes>,
}

impl Default for Calm {
    fn default() -> Self {
        Self::bounded(SESSIONS_MAX, VIEWS_BYTES_MAX)
    }
}

impl Calm {
    /// One with other bounds, for tests.
    pub fn bounded(sessions: usize, views_bytes: u64) -> Self {
        let views = (views_bytes / 4_096).max(16) as usize;
        Self(Arc::new(Inner {
            sessions: Cache::new(sessions),
            views: Cache::with_weighter(views, views_bytes, Bytes),
        }))
    }

    /// Remembers a session that the store has just vouched for.
    pub(super) fn remember(&self, session: &Session, at: i64) {
        self.0.sessions.insert(session.id, (at, session.clone()));
    }

    /// A session that the store vouched for, while that is not too long ago.
    pub(super) fn remembered(&self, session: i64, now: i64) -> Option<Session> {
        let (at, found) = self.0.sessions.get(&session)?;
        (now - at < KEEP_MS).then_some(found)
    }

    /// Forgets a session and all that it saw: it has ended.
    pub fn forget(&self, session: i64) {
        self.0.sessions.remove(&session);
        for view in [View::Wallet, View::History] {
            self.0.views.remove(&(session, view));
        }
    }

    /// Keeps what a session was shown.
    pub(crate) fn keep<T: Serialize>(&self, session: i64, view: View, what: &T, at: i64) {
        let Ok(json) = serde_json::to_vec(what) else {
            return;
        };
        if json.len() <= VIEW_BYTES_MAX {
            let json = json.into();
            self.0.views.insert((session, view), Shown { at, json });
        }
    }

    /// What a session was last shown, and when.
    pub(crate) fn last<T: DeserializeOwned>(&self, session: i64, view: View, now: i64) -> Option<(i64, T)> {
        let shown = self.0.views.get(&(session, view))?;
        if now - shown.at >= KEEP_MS {
            return None;
        }
        Some((shown.at, serde_json::from_slice(&shown.json).ok()?))
    }

    /// How much is kept: sessions, pages, bytes of pages.
    pub fn held(&self) -> (usize, usize, u64) {
        let views = &self.0.views;
        (self.0.sessions.len(), views.len(), views.weight())
    }
}

impl std::fmt::Debug for Calm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Calm({:?})", self.held())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_each_session_sees_its_own() {
        let calm = Calm::bounded(10, 100 << 10);
        for session in 0..1_000 {
            calm.keep(session, View::Wallet, &vec![session; 400], 1);
        }
        let (_, pages, bytes) = calm.held();
        assert!(bytes <= 100 << 10, "{bytes} bytes");
        assert!(pages > 0 && pages < 200, "{pages} pages");
        for session in 0..1_000 {
            if let Some((at, seen)) = calm.last::<Vec<i64>>(session, View::Wallet, 2) {
                assert_eq!((at, seen), (1, vec![session; 400]));
            }
            assert!(calm.last::<Vec<i64>>(session, View::History, 2).is_none());
        }
    }

    #[test]
    fn what_is_old_or_ended_or_huge_is_not_shown() {
        let calm = Calm::default();
        calm.keep(1, View::Wallet, &"a", 0);
        assert!(calm.last::<String>(1, View::Wallet, KEEP_MS - 1).is_some());
        assert!(calm.last::<String>(1, View::Wallet, KEEP_MS).is_none());
        calm.forget(1);
        assert!(calm.last::<String>(1, View::Wallet, 1).is_none());
        calm.keep(2, View::Wallet, &"x".repeat(VIEW_BYTES_MAX), 0);
        assert!(calm.last::<String>(2, View::Wallet, 1).is_none());
    }
}
