//! From findings to a state: several in a row, and slower to believe a recovery the more often it was wrong.
//!
//! Knows no clock and no network: a function of what it was shown. With the defaults (a look every 5 s, an answer
//! within 3 s) a failure is a state after the third look: at most 5 + 5 + 5 + 3 = 18 s after it began.

use std::collections::VecDeque;

use crate::components::ComponentStatus;

/// When findings become a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// So many bad findings in a row are a bad state.
    pub down_after: usize,
    /// So many good findings in a row end it; doubled each time it comes back within `flap_ms`.
    pub up_after: usize,
    /// `up_after` never grows beyond this.
    pub up_most: usize,
    /// `often` bad findings among the last `window` are a state too: it works only now and then.
    pub window: usize,
    /// See `window`.
    pub often: usize,
    /// A relapse within this time after a recovery is flapping (ms).
    pub flap_ms: i64,
    /// The next word is promised within this time (ms).
    pub next_word_ms: i64,
    /// After so long without a bad finding an incident that no operator has touched is closed (ms).
    pub stable_ms: i64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            down_after: 3,
            up_after: 6,
            up_most: 60,
            window: 10,
            often: 5,
            flap_ms: 15 * 60_000,
            next_word_ms: 30 * 60_000,
            stable_ms: 30 * 60_000,
        }
    }
}

/// What is believed of one component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judge {
    status: ComponentStatus,
    since: i64,
    /// The newest last.
    seen: VecDeque<(i64, ComponentStatus)>,
    recovered_at: Option<i64>,
    relapses: u32,
}

impl Judge {
    /// One that believes `status` since `since` (ms).
    pub fn new(status: ComponentStatus, since: i64) -> Self {
        Self {
            status,
            since,
            seen: VecDeque::new(),
            recovered_at: None,
            relapses: 0,
        }
    }

    /// What it believes.
    pub fn status(&self) -> ComponentStatus {
        self.status
    }

    /// Since when (ms): the first finding that showed it, not when it was believed.
    pub fn since(&self) -> i64 {
        self.since
    }

    /// So many good findings in a row end what is bad now.
    pub fn up_after(&self, rules: &Rules) -> usize {
        let grown = rules.up_after.saturating_mul(1_usize << self.relapses.min(16));
        grown.min(rules.up_most.max(rules.up_after)).max(1)
    }

    /// Takes in a finding of the time `at` (ms); whether it changed what is believed.
    pub fn see(&mut self, rules: &Rules, at: i64, found: ComponentStatus) -> bool {
        self.seen.push_back((at, found));
        let keep = rules
            .window
            .max(rules.up_most)
            .max(rules.up_after)
            .max(rules.down_after);
        while self.seen.len() > keep.max(1) {
            self.seen.pop_front();
        }
        let next = self.worse(rules).or_else(|| self.better(rules));
        let Some((status, since)) = next else {
            return false;
        };
        if status == ComponentStatus::Operational {
            self.recovered_at = Some(at);
            // What was bad before is dealt with: it must not count again as "now and then".
            self.seen.clear();
        } else if self.status == ComponentStatus::Operational {
            let relapse = self.recovered_at.is_some_and(|up| at - up < rules.flap_ms);
            self.relapses = if relapse { self.relapses + 1 } else { 0 };
        }
        self.status = status;
        self.since = since;
        true
    }

    /// The findings at the end for which `fits` holds: how many, and the time of the first.
    fn run(&self, fits: impl Fn(ComponentStatus) -> bool) -> (usize, i64) {
        let run = self.seen.iter().rev().take_while(|(_, found)| fits(*found));
        run.fold((0, self.since), |(count, _), (at, _)| (count + 1, *at))
    }

    fn worse(&self, rules: &Rules) -> Option<(ComponentStatus, i64)> {
        let (count, first) = self.run(|found| found > self.status);
        if count >= rules.down_after.max(1) {
            // What all of the last ones agree on: the mildest of them.
            let last = self.seen.iter().rev().take(rules.down_after.max(1));
            return Some((last.map(|(_, found)| *found).min()?, first));
        }
        if self.status != ComponentStatus::Operational {
            return None;
        }
        let lately = || self.seen.iter().rev().take(rules.window);
        let bad = |least: ComponentStatus| lately().filter(|(_, found)| *found >= least).count();
        let first = lately()
            .filter(|(_, found)| *found > ComponentStatus::UnderMaintenance)
            .map(|(at, _)| *at)
            .next_back()?;
        if bad(ComponentStatus::PartialOutage) >= rules.often {
            Some((ComponentStatus::PartialOutage, first))
        } else if bad(ComponentStatus::DegradedPerformance) >= rules.often {
            Some((ComponentStatus::DegradedPerformance, first))
        } else {
            None
        }
    }

    fn better(&self, rules: &Rules) -> Option<(ComponentStatus, i64)> {
        let need = self.up_after(rules);
        let (count, first) = self.run(|found| found < self.status);
        if count < need {
            return None;
        }
        let worst = self.seen.iter().rev().take(need).map(|(_, found)| *found).max()?;
        Some((worst, first))
    }
}
