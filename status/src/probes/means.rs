//! What a look means for each component. The one place that says so.

use super::ask::{Canary, Finding, Round, Signals, Work};
use crate::components::ComponentStatus;

/// Payouts that wait longer than this to begin are late (s): the job looks every few seconds.
const PAYOUTS_LATE_S: i64 = 600;
/// Fewer requests than this within a minute tell nothing.
const ENOUGH: i64 = 20;
/// 99 of 100 requests slower than this: people wait (ms).
const SLOW_MS: i64 = 5_000;

/// Which questions were ever answered well: one that never was judges nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// `/`.
    pub(crate) front: bool,
    /// `/login`.
    pub(crate) sign_in: bool,
    /// `/probe`.
    pub(crate) health: bool,
    /// `/probe/canary`: it paid and took back.
    pub(crate) canary: bool,
}

impl Known {
    /// With what this look answered well.
    pub(crate) fn with(self, round: &Round) -> Self {
        Self {
            front: self.front || round.front == Finding::Well,
            sign_in: self.sign_in || round.sign_in == Finding::Well,
            health: self.health || round.health == Some(Finding::Well),
            canary: self.canary || canary(round).is_some_and(|canary| canary.cancel_ms.is_some()),
        }
    }
}

/// What is judged.
pub(crate) const WATCHED: [&str; 6] = [
    "portal",
    "payment",
    "cancellation",
    "charging",
    "payouts",
    "sign-in",
];

/// What this look says of a component; `None`: nothing.
pub(crate) fn means(round: &Round, known: Known, component: &str) -> Option<ComponentStatus> {
    if round.is_dead() {
        // Everything goes through the same door.
        return known.front.then_some(ComponentStatus::MajorOutage);
    }
    match component {
        "portal" => known.front.then(|| page(round.front)),
        "sign-in" => {
            let seen = known.sign_in.then(|| page(round.sign_in));
            seen.max(signals(round, known).map(|signals| hint(signals, "sign-in")))
        }
        "payouts" => signals(round, known).map(payouts),
        "payment" => {
            let seen = known.canary.then(|| canary_pays(round)).flatten();
            seen.max(signals(round, known).map(|signals| money(signals, component).max(queue(signals))))
        }
        "cancellation" => {
            let seen = known.canary.then(|| canary_takes_back(round)).flatten();
            seen.max(signals(round, known).map(|signals| money(signals, component)))
        }
        _ => signals(round, known).map(|signals| money(signals, component)),
    }
}

/// What the canary did, where it was asked and answered.
fn canary(round: &Round) -> Option<Canary> {
    let (finding, canary) = round.canary?;
    (finding == Finding::Well).then_some(canary)
}

/// Whether something about the canary is not as it should be, so that it is to be asked at the next look too.
pub(crate) fn is_canary_ill(round: &Round) -> bool {
    round.canary.is_some()
        && canary(round).is_none_or(|canary| canary.cancel_ms.is_none() || canary.whole == Some(false))
}

/// A payment was made as a till makes it, or was not. A refusal of the key says nothing, silence says what it is.
fn canary_pays(round: &Round) -> Option<ComponentStatus> {
    match round.canary? {
        (Finding::Well, Canary { pay_ms: Some(ms), .. }) if ms > SLOW_MS => {
            Some(ComponentStatus::DegradedPerformance)
        }
        (Finding::Well, Canary { pay_ms: Some(_), .. }) => Some(ComponentStatus::Operational),
        (Finding::Well | Finding::Silent | Finding::Status(500..), _) => Some(ComponentStatus::MajorOutage),
        (Finding::Status(_) | Finding::Strange, _) => None,
    }
}

/// The same of its cancellation; where nothing was paid nothing can be taken back, and nobody knows.
fn canary_takes_back(round: &Round) -> Option<ComponentStatus> {
    match canary(round)? {
        Canary { pay_ms: None, .. } => None,
        Canary { cancel_ms: None, .. } => Some(ComponentStatus::MajorOutage),
        _ => Some(ComponentStatus::Operational),
    }
}

/// A page that is asked as a visitor asks.
fn page(finding: Finding) -> ComponentStatus {
    match finding {
        Finding::Well => ComponentStatus::Operational,
        // Busy: some get in.
        Finding::Status(429 | 503) | Finding::Strange => ComponentStatus::PartialOutage,
        Finding::Silent | Finding::Status(_) => ComponentStatus::MajorOutage,
    }
}

fn signals(round: &Round, known: Known) -> Option<&Signals> {
    round.signals.as_ref().filter(|_| known.health)
}

fn is_database_away(signals: &Signals) -> bool {
    signals.database.is_some_and(|database| !database.reachable)
}

fn money(signals: &Signals, kind: &str) -> ComponentStatus {
    if is_database_away(signals) {
        return ComponentStatus::MajorOutage;
    }
    hint(signals, kind)
}

fn payouts(signals: &Signals) -> ComponentStatus {
    let late = signals
        .payouts
        .is_some_and(|payouts| payouts.oldest_s > PAYOUTS_LATE_S);
    if is_database_away(signals) {
        ComponentStatus::MajorOutage
    } else if late {
        ComponentStatus::DegradedPerformance
    } else {
        ComponentStatus::Operational
    }
}

fn queue(signals: &Signals) -> ComponentStatus {
    match signals.poster {
        Some(poster) if poster.most > 0 && poster.queued * 10 >= poster.most * 9 => {
            ComponentStatus::DegradedPerformance
        }
        _ => ComponentStatus::Operational,
    }
}

/// What the portal's own counting hints at: never worse than "not for all".
fn hint(signals: &Signals, kind: &str) -> ComponentStatus {
    let Some(Work {
        requests,
        failed,
        p99_ms,
        ..
    }) = signals.work.iter().find(|work| work.kind == kind)
    else {
        return ComponentStatus::Operational;
    };
    if *requests < ENOUGH {
        ComponentStatus::Operational
    } else if failed * 2 >= *requests {
        ComponentStatus::PartialOutage
    } else if failed * 10 >= *requests || *p99_ms > SLOW_MS {
        ComponentStatus::DegradedPerformance
    } else {
        ComponentStatus::Operational
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Known = Known {
        front: true,
        sign_in: true,
        health: true,
        canary: true,
    };

    fn round(front: Finding, sign_in: Finding, json: Option<&str>) -> Round {
        Round {
            at: 0,
            front,
            sign_in,
            health: Some(json.map_or(Finding::Silent, |_| Finding::Well)),
            signals: json.map(|json| serde_json::from_str(json).expect("signals")),
            canary: None,
        }
    }

    #[test]
    fn a_dead_portal_takes_everything_along_but_only_one_that_was_ever_seen() {
        let dead = round(Finding::Silent, Finding::Silent, None);
        for component in WATCHED {
            assert_eq!(means(&dead, ALL, component), Some(ComponentStatus::MajorOutage));
            assert_eq!(means(&dead, Known::default(), component), None);
        }
    }

    #[test]
    fn signals_that_are_refused_say_nothing_of_money() {
        let refused = Round {
            health: Some(Finding::Status(401)),
            ..round(Finding::Well, Finding::Well, None)
        };
        assert_eq!(means(&refused, ALL, "payment"), None);
        assert_eq!(means(&refused, ALL, "portal"), Some(ComponentStatus::Operational));
    }

    #[test]
    fn a_database_that_is_away_stops_money_and_not_the_pages() {
        let away = round(
            Finding::Well,
            Finding::Well,
            Some(r#"{"database":{"reachable":false}}"#),
        );
        assert_eq!(means(&away, ALL, "payment"), Some(ComponentStatus::MajorOutage));
        assert_eq!(means(&away, ALL, "payouts"), Some(ComponentStatus::MajorOutage));
        assert_eq!(means(&away, ALL, "portal"), Some(ComponentStatus::Operational));
    }

    #[test]
    fn hints_make_at_most_a_part_of_it_bad_and_few_requests_tell_nothing() {
        let hints = |requests: i64, failed: i64| {
            let json = format!(
                r#"{{"database":{{"reachable":true}},"work":[{{"kind":"payment","requests":{requests},"failed":{failed},"p99_ms":40}}]}}"#
            );
            means(&round(Finding::Well, Finding::Well, Some(&json)), ALL, "payment")
        };
        assert_eq!(hints(5, 5), Some(ComponentStatus::Operational));
        assert_eq!(hints(100, 100), Some(ComponentStatus::PartialOutage));
        assert_eq!(hints(100, 12), Some(ComponentStatus::DegradedPerformance));
        assert_eq!(hints(100, 3), Some(ComponentStatus::Operational));
    }

    #[test]
    fn the_canary_says_which_of_the_two_fails_and_a_refused_key_says_nothing() {
        let of = |finding: Finding, pay_ms: Option<i64>, cancel_ms: Option<i64>| {
            let canary = Canary {
                pay_ms,
                cancel_ms,
                whole: None,
            };
            let round = Round {
                canary: Some((finding, canary)),
                ..round(Finding::Well, Finding::Well, None)
            };
            (
                means(&round, ALL, "payment"),
                means(&round, ALL, "cancellation"),
                is_canary_ill(&round),
            )
        };
        let (well, out) = (
            Some(ComponentStatus::Operational),
            Some(ComponentStatus::MajorOutage),
        );
        assert_eq!(of(Finding::Well, Some(3), Some(2)), (well, well, false));
        assert_eq!(of(Finding::Well, Some(3), None), (well, out, true));
        assert_eq!(of(Finding::Well, None, None), (out, None, true));
        assert_eq!(of(Finding::Silent, None, None), (out, None, true));
        assert_eq!(of(Finding::Status(503), None, None), (out, None, true));
        assert_eq!(of(Finding::Status(401), None, None), (None, None, true));
        let unknown = Round {
            canary: Some((Finding::Silent, Canary::default())),
            ..round(Finding::Well, Finding::Well, None)
        };
        assert_eq!(means(&unknown, Known { canary: false, ..ALL }, "payment"), None);
    }
}
