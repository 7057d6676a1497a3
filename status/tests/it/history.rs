//! Ninety days, checked second by second.

use std::collections::HashMap;

use jiff::{civil::date, tz::TimeZone};
use proptest::prelude::*;
use status::{
    ComponentStatus,
    history::{Change, days, uptime},
};

const DAY_S: i64 = 86_400;

fn seoul() -> TimeZone {
    TimeZone::get("Asia/Seoul").expect("Korea")
}

/// Midnight in Korea, in seconds.
fn midnight() -> i64 {
    date(2026, 11, 20)
        .to_zoned(seoul())
        .expect("a day")
        .timestamp()
        .as_second()
}

proptest! {
    // A failure prints its seed and keeps it in proptest-regressions.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_days_are_what_a_count_of_every_second_gives(
        raw in prop::collection::vec((0_i64..4 * DAY_S, 0_usize..3, 0_usize..5), 0..12),
        start_s in 0_i64..2 * DAY_S,
        now_s in 2 * DAY_S..4 * DAY_S,
        away in prop::collection::vec((0_i64..4 * DAY_S, 1_i64..DAY_S), 0..4),
    ) {
        let zero = midnight();
        let mut changes: Vec<Change> = raw
            .iter()
            .map(|(at_s, source, status)| Change {
                source: format!("incident {source}"),
                at: (zero + at_s) * 1000,
                status: ComponentStatus::ALL[*status],
            })
            .collect();
        changes.sort_by_key(|change| change.at);
        // Pauses in which nobody looked, some of them one upon another.
        let mut unseen: Vec<(i64, i64)> = away
            .iter()
            .map(|(from, length)| ((zero + from) * 1000, (zero + from + length) * 1000))
            .collect();
        unseen.sort_unstable();
        let counted = days(&changes, &unseen, (zero + start_s) * 1000, (zero + now_s) * 1000, &seoul(), 4);
        let is_seen = |second: i64| !away.iter().any(|(from, length)| (*from..from + length).contains(&second));
        let last = usize::try_from(now_s / DAY_S).expect("a day");

        let mut said: HashMap<&str, ComponentStatus> = HashMap::new();
        let mut model = [(None::<ComponentStatus>, [0_i64; 5]); 4];
        let mut next = changes.iter().peekable();
        for second in 0..now_s {
            while let Some(change) = next.next_if(|change| change.at <= (zero + second) * 1000) {
                said.insert(&change.source, change.status);
            }
            if second >= start_s {
                let worst = said.values().copied().max().unwrap_or_default();
                if worst == ComponentStatus::Operational && !is_seen(second) {
                    continue;
                }
                let day = &mut model[usize::try_from(second / DAY_S).expect("a day")];
                day.0 = day.0.max(Some(worst));
                day.1[worst as usize] += 1;
            }
        }
        prop_assert_eq!(counted.len(), 4);
        // The last day counted is today; the model's days before the window are the first ones.
        for (index, day) in counted.iter().enumerate() {
            let of_model = (index + last).checked_sub(3);
            let (worst, seconds) = of_model.map_or((None, [0; 5]), |of_model| model[of_model]);
            prop_assert_eq!(day.worst, worst);
            prop_assert_eq!(day.recorded_ms, seconds.iter().sum::<i64>() * 1000);
            prop_assert_eq!(day.maintenance_ms, seconds[1] * 1000);
            prop_assert_eq!(day.degraded_ms, seconds[2] * 1000);
            prop_assert_eq!(day.down_seconds(), seconds[3] + seconds[4]);
        }
        let down: i64 = model.iter().map(|day| day.1[3] + day.1[4]).sum();
        let measured: i64 = model.iter().map(|day| day.1.iter().sum::<i64>() - day.1[1]).sum();
        prop_assert_eq!(uptime(&counted), (measured > 0).then(|| (measured - down) * 10_000 / measured));
    }
}

#[test]
fn one_second_of_outage_in_ninety_days_is_not_a_hundred_percent() {
    let now = (midnight() + 3 * DAY_S) * 1000;
    let change = |at: i64, status| Change {
        source: "one".to_owned(),
        at,
        status,
    };
    let changes = [
        change(now - 5_000, ComponentStatus::MajorOutage),
        change(now - 4_000, ComponentStatus::Operational),
    ];
    let ninety = days(&changes, &[], 0, now, &seoul(), 90);
    assert_eq!(ninety.len(), 90);
    assert_eq!(uptime(&ninety), Some(9_999));
    assert_eq!(
        ninety.iter().map(status::history::Day::down_seconds).sum::<i64>(),
        1
    );
}

#[test]
fn before_recording_began_nothing_is_claimed() {
    let now = (midnight() + DAY_S / 2) * 1000;
    let young = days(&[], &[], now, now, &seoul(), 90);
    assert!(young.iter().all(|day| day.worst.is_none()));
    assert_eq!(uptime(&young), None);
}
