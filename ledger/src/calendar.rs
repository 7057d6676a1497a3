//! Calendar rules of money, in Korean time.
//!
//! Korea has been at UTC+9 without daylight saving since 1988, so the offset is fixed here and no time
//! zone file has to be installed.

use std::{collections::HashSet, sync::LazyLock};

use jiff::{
    Timestamp, ToSpan, Zoned,
    civil::{Date, Weekday},
    tz::{Offset, TimeZone},
};

fn seoul(at: i64) -> Zoned {
    let instant = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    instant.to_zoned(TimeZone::fixed(Offset::constant(9)))
}

/// The first instant of a date in Seoul, ms.
pub(crate) fn midnight(date: Date) -> i64 {
    date.to_zoned(TimeZone::fixed(Offset::constant(9)))
        .map_or(i64::MAX, |zoned| zoned.timestamp().as_millisecond())
}

/// The date in Seoul.
pub(crate) fn date(at: i64) -> Date {
    seoul(at).date()
}

/// When something valid for `months` from `at` ends: the first day does not count (민법 제157조), the period
/// ends with the last day of the month where the day is missing (제160조), and that day counts to its end.
/// Returns the instant *after* the last moment, ms.
pub(crate) fn months_after(at: i64, months: i64) -> i64 {
    let last = date(at).saturating_add(months.clamp(0, 12_000).months());
    midnight(last.saturating_add(1.day()))
}

/// The instant after the last moment of the day that is `days` after `at`'s, ms.
pub(crate) fn days_after(at: i64, days: i64) -> i64 {
    midnight(date(at).saturating_add((days.clamp(0, 36_500) + 1).days()))
}

/// First instant of the calendar month of `at`, ms.
pub(crate) fn month_start(at: i64) -> i64 {
    midnight(date(at).first_of_month())
}

/// Public and substitute holidays (`data/holidays.csv`, see `data/README.md`).
static HOLIDAYS: LazyLock<HashSet<Date>> = LazyLock::new(|| {
    include_str!("../data/holidays.csv")
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next()?.parse().ok())
        .collect()
});

/// The last day that the table of holidays speaks of.
pub(crate) static HOLIDAYS_UNTIL: LazyLock<Date> = LazyLock::new(|| {
    let last = HOLIDAYS.iter().max().copied().unwrap_or(Date::ZERO);
    last.last_of_year()
});

/// Whether banks settle on this day: neither a weekend nor a holiday.
fn is_business_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !HOLIDAYS.contains(&day)
}

/// The n-th business day after a day, which does not count itself.
fn business_days_after(day: Date, n: u32) -> Date {
    let mut day = day;
    let mut left = n;
    while left > 0 && day < Date::MAX {
        day = day.saturating_add(1.day());
        left -= u32::from(is_business_day(day));
    }
    day
}

/// First instant of the n-th business day after the day of `at`, ms.
pub(crate) fn business_day_start(at: i64, n: u32) -> i64 {
    midnight(business_days_after(date(at), n))
}

/// The instant after the last moment of the latest day whose n-th business day has come at `at`, ms.
pub(crate) fn closed_before(at: i64, n: u32) -> i64 {
    let today = date(at);
    let mut day = today;
    while business_days_after(day, n) > today {
        day = day.saturating_sub(1.day());
    }
    midnight(day.saturating_add(1.day()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("a timestamp").as_millisecond()
    }

    #[test]
    fn months_are_counted_in_seoul_and_end_at_midnight() {
        assert_eq!(
            months_after(at("2025-09-30T14:59:59Z"), 60),
            at("2030-09-30T15:00:00Z")
        );
        assert_eq!(
            months_after(at("2025-09-30T15:00:00Z"), 60),
            at("2030-10-01T15:00:00Z")
        );
        assert_eq!(
            months_after(at("2026-01-31T03:00:00Z"), 1),
            at("2026-02-28T15:00:00Z")
        );
    }

    #[test]
    fn two_business_days_leave_out_weekends_holidays_and_their_substitutes() {
        let after = |day: &str| business_days_after(day.parse().expect("a day"), 2).to_string();
        // Monday; Friday, Saturday and Sunday; 설날 of 2026, Monday to Wednesday; the substitute of 3 March 2025.
        for (day, due) in [
            ("2026-01-05", "2026-01-07"),
            ("2026-01-09", "2026-01-13"),
            ("2026-01-10", "2026-01-13"),
            ("2026-01-11", "2026-01-13"),
            ("2026-02-12", "2026-02-19"),
            ("2026-02-13", "2026-02-20"),
            ("2025-02-28", "2025-03-05"),
            ("2025-10-02", "2025-10-13"),
        ] {
            assert_eq!(after(day), due, "{day}");
        }
        let closed = |now| closed_before(at(now), 2);
        assert_eq!(
            closed("2026-01-13T00:00:00+09:00"),
            at("2026-01-12T00:00:00+09:00")
        );
        assert_eq!(
            closed("2026-01-12T23:59:59+09:00"),
            at("2026-01-09T00:00:00+09:00")
        );
        assert_eq!(
            closed("2026-02-18T12:00:00+09:00"),
            at("2026-02-12T00:00:00+09:00")
        );
        assert_eq!(HOLIDAYS_UNTIL.to_string(), "2031-12-31");
    }

    #[test]
    fn seven_days_end_with_the_seventh_day() {
        assert_eq!(
            days_after(at("2026-01-01T03:00:00+09:00"), 7),
            at("2026-01-09T00:00:00+09:00")
        );
        assert_eq!(
            month_start(at("2026-01-31T15:30:00Z")),
            at("2026-02-01T00:00:00+09:00")
        );
    }
}
