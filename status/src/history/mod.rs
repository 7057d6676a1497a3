//! Ninety days of each component, computed from the recorded changes of state and nothing else.
//!
//! How it counts, as the page says: a component's state is the worst that any incident or maintenance says of
//! it at that moment. Partial and major outage are downtime in full; slowness is shown but not counted;
//! maintenance is counted apart and taken out of the measured time. Before recording began nothing is claimed,
//! nor of the time in which this site itself was not running and nobody looked.
//! Shares are cut, never rounded up: one second of outage is never 100 %.

mod bars;
mod page;

pub(crate) use bars::{bars, day_table, legend};
pub(crate) use page::{history_page, month_page};

use jiff::{ToSpan, civil::Date, tz::TimeZone};

use crate::components::ComponentStatus;

/// How many days are shown, today included.
pub const DAYS: usize = 90;

/// One recorded change: from `at` on (ms), `source` (an incident) says this of the component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Who says it.
    pub source: String,
    /// From when (ms).
    pub at: i64,
    /// What.
    pub status: ComponentStatus,
}

/// A stretch of time (ms, the end not in it) with one state: the worst that any source says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// From when (ms).
    pub from: i64,
    /// Until when (ms), not in it.
    pub until: i64,
    /// The state.
    pub status: ComponentStatus,
}

/// One day of one component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Which day, in the site's zone.
    pub date: Date,
    /// The worst state of the recorded part; `None` when nothing was recorded that day.
    pub worst: Option<ComponentStatus>,
    /// How long a part of the day was recorded (ms).
    pub recorded_ms: i64,
    /// Partial and major outage (ms).
    pub down_ms: i64,
    /// Slow (ms).
    pub degraded_ms: i64,
    /// Announced work without an outage in it (ms).
    pub maintenance_ms: i64,
}

impl Day {
    /// Downtime in whole seconds.
    pub fn down_seconds(&self) -> i64 {
        self.down_ms / 1000
    }
}

/// The component's stretches between `from` and `until` (ms), in order and without gaps; `changes` in the order
/// of their time (those of one time in the order in which they were recorded).
pub fn stretches(changes: &[Change], from: i64, until: i64) -> Vec<Stretch> {
    let mut said: Vec<(&str, ComponentStatus)> = Vec::new();
    let mut out: Vec<Stretch> = Vec::new();
    let mut start = from;
    let mut push = |status: ComponentStatus, start: i64, end: i64| {
        let (start, end) = (start.max(from), end.min(until));
        if start >= end {
            return;
        }
        match out.last_mut() {
            Some(last) if last.status == status => last.until = end,
            _ => out.push(Stretch {
                from: start,
                until: end,
                status,
            }),
        }
    };
    let worst =
        |said: &[(&str, ComponentStatus)]| said.iter().map(|(_, status)| *status).max().unwrap_or_default();
    for change in changes {
        if change.at > start {
            push(worst(&said), start, change.at);
            start = change.at;
        }
        match said.iter_mut().find(|(source, _)| *source == change.source) {
            Some(entry) => entry.1 = change.status,
            None => said.push((&change.source, change.status)),
        }
    }
    push(worst(&said), start, until);
    out
}

/// How much of the time between `from` and `until` (ms) nobody looked; `unseen` in the order of its beginnings.
fn unseen_ms(unseen: &[(i64, i64)], from: i64, until: i64) -> i64 {
    let mut done = from;
    let mut sum = 0;
    for (begin, end) in unseen {
        // Pauses may overlap where the clock was set back: what was counted is not counted again.
        let (begin, end) = ((*begin).max(done), (*end).min(until));
        if begin < end {
            sum += end - begin;
            done = end;
        }
    }
    sum
}

/// The days up to and with the one of `now` (ms), oldest first. Recording began at `start_at` (ms) and
/// has come to `now`; in `unseen` (beginning and end, ms) nobody looked: what would count as quiet then is not
/// recorded, what was said of that time all the same is.
pub fn days(
    changes: &[Change],
    unseen: &[(i64, i64)],
    start_at: i64,
    now: i64,
    zone: &TimeZone,
    count: usize,
) -> Vec<Day> {
    let midnight = |date: Date| {
        date.to_zoned(zone.clone())
            .map_or(i64::MAX, |zoned| zoned.timestamp().as_millisecond())
    };
    let today = jiff::Timestamp::from_millisecond(now)
        .unwrap_or_default()
        .to_zoned(zone.clone())
        .date();
    let first = today.saturating_sub(i64::try_from(count.saturating_sub(1)).unwrap_or(0).days());
    let all = stretches(changes, start_at.max(midnight(first)), now);
    let mut stretch = all.iter().peekable();
    let mut out = Vec::with_capacity(count);
    let mut date = first;
    while date <= today && out.len() < count {
        let next = date.saturating_add(1.day());
        let (from, until) = (midnight(date), midnight(next));
        let mut day = Day {
            date,
            worst: None,
            recorded_ms: 0,
            down_ms: 0,
            degraded_ms: 0,
            maintenance_ms: 0,
        };
        while let Some(piece) = stretch.peek().copied() {
            let (begin, end) = (piece.from.max(from), piece.until.min(until));
            let mut length = end - begin;
            if piece.status == ComponentStatus::Operational && length > 0 {
                length -= unseen_ms(unseen, begin, end);
            }
            if length > 0 {
                day.recorded_ms += length;
                day.worst = day.worst.max(Some(piece.status));
                match piece.status {
                    ComponentStatus::Operational => {}
                    ComponentStatus::UnderMaintenance => day.maintenance_ms += length,
                    ComponentStatus::DegradedPerformance => day.degraded_ms += length,
                    ComponentStatus::PartialOutage | ComponentStatus::MajorOutage => day.down_ms += length,
                }
            }
            if piece.until > until {
                break;
            }
            stretch.next();
        }
        out.push(day);
        date = next;
    }
    out
}

/// The share of the measured time (recorded, without maintenance) in which the component was not down, in
/// ten-thousandths, cut; `None` when nothing was measured.
pub fn uptime(days: &[Day]) -> Option<i64> {
    let down: i64 = days.iter().map(|day| day.down_ms).sum();
    let measured: i64 = days.iter().map(|day| day.recorded_ms - day.maintenance_ms).sum();
    (measured > 0).then(|| (measured - down) * 10_000 / measured)
}
