//! On which day a budget runs out, if it goes on as it did.

use jiff::{ToSpan, civil::Date};

/// Further ahead nothing is foretold, days.
const DAYS_MAX: i64 = 3_650;
/// With fewer days to look at nothing is foretold.
const DAYS_MIN: usize = 3;

/// What a budget does, going by a number of full days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// How many full days were looked at.
    pub days: i64,
    /// What left the budget on each of them on average, less what came back to it, rounded up, won.
    pub per_day_won: i64,
    /// The day on which the last won of it goes; `None`: not within ten years, or nothing leaves it.
    pub runs_out: Option<Date>,
}

/// Forecast of a budget that has `left_won`, by what left it (won; less what came back, funding apart) on each full day
/// before `today`, the oldest first.
///
/// The mean over those days, from the first on which anything left: a new programme is not made slow by the days before
/// it. Weekends and pay days are in the mean; a month of days evens them out, a week shows a change of pace. `None` with
/// fewer than three such days.
pub fn forecast(left_won: i64, spent_won: &[i64], today: Date) -> Option<Forecast> {
    let first = spent_won.iter().position(|won| *won > 0)?;
    let days = &spent_won[first..];
    if days.len() < DAYS_MIN {
        return None;
    }
    let count = days.len() as i64;
    let sum = days.iter().map(|won| i128::from(*won)).sum::<i128>();
    if sum <= 0 {
        return Some(Forecast {
            days: count,
            per_day_won: 0,
            runs_out: None,
        });
    }
    // The last won goes on the day after which left · count ≤ sum · days; today is the first of them.
    let needed = (i128::from(left_won.max(0)) * i128::from(count) + sum - 1) / sum;
    let runs_out = i64::try_from(needed)
        .ok()
        .filter(|needed| *needed <= DAYS_MAX)
        .map(|needed| today.saturating_add((needed - 1).max(0).days()));
    let per_day_won = i64::try_from((sum + i128::from(count) - 1) / i128::from(count)).unwrap_or(i64::MAX);
    Some(Forecast {
        days: count,
        per_day_won,
        runs_out,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn today() -> Date {
        jiff::civil::date(2026, 11, 25)
    }

    #[test]
    fn an_even_budget_ends_when_it_is_used_up() {
        // 100 a day, 250 left: today and tomorrow, and the rest on the day after.
        let found = forecast(250, &[100; 7], today()).unwrap();
        assert_eq!((found.days, found.per_day_won), (7, 100));
        assert_eq!(found.runs_out, Some(jiff::civil::date(2026, 11, 27)));
        assert_eq!(forecast(0, &[100; 7], today()).unwrap().runs_out, Some(today()));
    }

    #[test]
    fn days_before_the_beginning_do_not_count_and_too_few_say_nothing() {
        let found = forecast(1_000, &[0, 0, 0, 90, 0, 90], today()).unwrap();
        assert_eq!((found.days, found.per_day_won), (3, 60));
        assert_eq!(forecast(1_000, &[0, 0, 0, 0, 90, 90], today()), None);
        assert_eq!(forecast(1_000, &[0; 28], today()), None);
        // More came back than left: it does not run out.
        assert_eq!(forecast(1_000, &[10, -50, 0], today()).unwrap().runs_out, None);
        // A won a day of a great deal: beyond what can be foretold.
        assert_eq!(forecast(i64::MAX, &[1; 28], today()).unwrap().runs_out, None);
    }

    proptest! {
        /// The simple model: take the mean away day by day, in exact fractions, and look when nothing is left.
        #[test]
        fn it_is_the_day_on_which_a_day_by_day_count_ends(left in 0_i64..5_000, days in prop::collection::vec(0_i64..300, 3..28)) {
            if let Some(found) = forecast(left, &days, today()) {
                let count = i64::try_from(days.len() - days.iter().position(|won| *won > 0).unwrap()).unwrap();
                let sum: i64 = days.iter().sum();
                let (mut rest, mut day) = (left * count - sum, today());
                let mut steps = 0;
                while rest > 0 && steps < DAYS_MAX {
                    rest -= sum;
                    day = day.tomorrow().unwrap();
                    steps += 1;
                }
                if steps < DAYS_MAX {
                    prop_assert_eq!(found.runs_out, Some(day));
                }
            }
        }
    }
}
