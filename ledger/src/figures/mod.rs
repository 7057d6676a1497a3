//! The desk's figures: what was issued, spent and lapsed, by programme, day, hour, district and line of business.
//!
//! # How they are kept
//!
//! Committed transfers stand in the public log in one dense order (`log/mod.rs` says why none is missed), so a single
//! number is how far the figures are. [`Ledger::count_figures`] reads the next leaves' entries, adds them up by cell,
//! and writes cells and number in one transaction, the number from what it was read as: whoever comes second, on this
//! node or another, changes nothing. Posting knows nothing of it. [`Ledger::verify`] counts the entries again.
//!
//! A payment by two programmes counts for each of them, so the transfers of programmes do not add up to those of the
//! municipality; their won do.
//!
//! # What is not in them
//!
//! Age bands. A holder is an id to the ledger, and a birth date, however coarse, would make of it a file about people
//! (DESIGN, "What must stay true" 13; ARCHITECTURE, "Rooms"). Money by age is a question that `people` and `ledger`
//! answer together once, for a report, and not a column here.

mod count;
mod forecast;
mod read;
mod today;

pub use count::Counting;
pub use forecast::{Forecast, forecast};
pub use read::{Budget, DayFlow, Desk, DeskFilter, Flow, HourFlow, PlaceFlow, ProgrammeFlow};
pub use today::{Figures, ProgrammeFigures, Totals};

use jiff::{ToSpan, civil::Date};
use sqlx::{Any, Transaction};

use crate::error::Result;

/// Korea's offset from UTC, ms (no daylight saving since 1988).
const OFFSET_MS: i64 = 9 * 3_600_000;
/// An hour, ms.
const HOUR_MS: i64 = 3_600_000;
/// Day 0.
const EPOCH: Date = Date::constant(1970, 1, 1);

/// How many transfers of the log are not counted yet.
pub(crate) async fn waiting(tx: &mut Transaction<'_, Any>) -> Result<i64> {
    let (counted, size) = count::head(tx).await?;
    Ok(size - counted)
}

/// The number of a day in Seoul, as the tables write it.
pub(crate) fn day_number(day: Date) -> i64 {
    EPOCH.until(day).map_or(0, |span| i64::from(span.get_days()))
}

/// The day of a number.
pub(crate) fn day_of_number(number: i64) -> Date {
    EPOCH.saturating_add(number.clamp(0, 2_000_000).days())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_number_and_back() {
        let day = jiff::civil::date(2026, 11, 25);
        assert_eq!(day_of_number(day_number(day)), day);
        // 1 January 2026, noon in Seoul.
        let at = 1_767_236_400_000_i64;
        assert_eq!(
            day_of_number((at + OFFSET_MS) / (24 * HOUR_MS)),
            jiff::civil::date(2026, 1, 1)
        );
    }
}
