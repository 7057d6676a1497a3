//! Calendar rules of money, in Korean time.
//!
//! Korea has been at UTC+9 without daylight saving since 1988, so the offset is fixed here and no time
//! zone file has to be installed.

use jiff::{
    Timestamp, ToSpan, Zoned,
    civil::Date,
    tz::{Offset, TimeZone},
};

fn seoul(at: i64) -> Zoned {
    let instant = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    instant.to_zoned(TimeZone::fixed(Offset::constant(9)))
}

fn midnight(date: Date) -> i64 {
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
