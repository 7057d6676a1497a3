//! The loop: look, judge, say. Looks go on whatever happens to the store; what could not be said is said at the
//! next look.

use std::{collections::BTreeMap, sync::Arc};

use tokio::time::MissedTickBehavior;

use super::{
    Look, Probing, Sight,
    ask::{Asker, Round},
    judge::Judge,
    means::{Known, WATCHED, is_canary_ill, means},
    store::{self, Kept},
    tell,
};
use crate::{
    components::ComponentStatus, config::Clock, db::Db, error::StatusError, snapshot::House, snapshot::Keeper,
};

/// While all is well the canary is asked at one look of so many: each time it leaves two transfers behind. Once it fails
/// it is asked each time, so that its state comes as fast as any other.
const CANARY_EVERY: u32 = 3;
/// That somebody looks is written down at most this often (ms).
const MARK_MS: i64 = 60_000;

/// Watches the portal.
#[derive(Debug)]
pub(crate) struct Sentry {
    pub(super) house: Arc<House>,
    pub(super) db: Db,
    pub(super) keeper: Arc<Keeper>,
    pub(super) probing: Probing,
    sight: Sight,
    asker: Asker,
    judges: BTreeMap<&'static str, Judge>,
    told: BTreeMap<&'static str, (ComponentStatus, i64)>,
    kept: BTreeMap<&'static str, Kept>,
    known: Known,
    kept_known: Known,
    marked_at: i64,
}

impl Sentry {
    /// Takes up what was believed before.
    pub(crate) async fn new(
        house: Arc<House>,
        db: Db,
        keeper: Arc<Keeper>,
        probing: Probing,
        sight: Sight,
        at: i64,
    ) -> Result<Self, StatusError> {
        let asker =
            Asker::new(&probing, &house.portal_url).map_err(|error| StatusError::Probe(error.to_string()))?;
        let mut before = store::load(&db).await?;
        let known = store::known(&db).await?;
        let fresh = Kept {
            believed: (ComponentStatus::Operational, at),
            told: (ComponentStatus::Operational, at),
        };
        let kept: BTreeMap<&'static str, Kept> = WATCHED
            .into_iter()
            .map(|component| (component, before.remove(component).unwrap_or(fresh)))
            .collect();
        let judges = kept
            .iter()
            .map(|(component, kept)| (*component, Judge::new(kept.believed.0, kept.believed.1)))
            .collect();
        let told = kept
            .iter()
            .map(|(component, kept)| (*component, kept.told))
            .collect();
        Ok(Self {
            house,
            db,
            keeper,
            probing,
            sight,
            asker,
            judges,
            told,
            kept,
            known,
            kept_known: known,
            marked_at: 0,
        })
    }

    /// Looks for as long as the site runs. Never returns; stop it by dropping it.
    pub(crate) async fn run(mut self, clock: Clock) {
        let mut tick = tokio::time::interval(self.probing.every);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut looks_without = CANARY_EVERY;
        let mut last_canary = None;
        loop {
            tick.tick().await;
            looks_without += 1;
            let with_canary = looks_without >= CANARY_EVERY;
            let mut round = self.asker.look(clock(), with_canary).await;
            if with_canary {
                looks_without = if is_canary_ill(&round) { CANARY_EVERY } else { 0 };
                last_canary = round.canary;
            } else {
                // What was well a moment ago.
                round.canary = last_canary;
            }
            self.judge(&round);
            let said = self.say(clock()).await;
            if let Err(error) = &said {
                tracing::error!(%error, "what the probes found could not be written down; tried again at the next look");
            }
            self.sight.put(Look {
                round,
                believed: self
                    .judges
                    .iter()
                    .map(|(component, judge)| ((*component).to_owned(), (judge.status(), judge.since())))
                    .collect(),
                failed: said.err().map(|error| error.to_string()),
            });
        }
    }

    fn judge(&mut self, round: &Round) {
        // One that answers for the first time is judged from the next look on.
        for (component, judge) in &mut self.judges {
            let Some(found) = means(round, self.known, component) else {
                continue;
            };
            if judge.see(&self.probing.rules, round.at, found) {
                tracing::warn!(
                    component,
                    status = judge.status().as_str(),
                    "the probes changed their judgement"
                );
            }
        }
        self.known = self.known.with(round);
    }

    async fn say(&mut self, at: i64) -> sqlx::Result<()> {
        if self.known != self.kept_known {
            store::keep_known(&self.db, self.known).await?;
            self.kept_known = self.known;
        }
        if at - self.marked_at >= MARK_MS || at < self.marked_at {
            store::watched(&self.db, at).await?;
            self.marked_at = at;
        }
        let believed: BTreeMap<&'static str, (ComponentStatus, i64)> = self
            .judges
            .iter()
            .map(|(component, judge)| (*component, (judge.status(), judge.since())))
            .collect();
        tell::tell(self, &believed, at).await?;
        for (component, believed) in believed {
            let now = Kept {
                believed,
                told: self.told[component],
            };
            if self.kept[component] != now {
                store::keep(&self.db, component, now, at).await?;
                self.kept.insert(component, now);
            }
        }
        Ok(())
    }

    /// What the public was told of a component, and since when (ms).
    pub(super) fn told(&self, component: &str) -> (ComponentStatus, i64) {
        self.told
            .get(component)
            .copied()
            .unwrap_or((ComponentStatus::Operational, 0))
    }

    /// Remembers what the public was told.
    pub(super) fn has_told(&mut self, component: &'static str, what: (ComponentStatus, i64)) {
        self.told.insert(component, what);
    }
}
