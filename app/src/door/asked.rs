//! What stands in an address behind the question mark, and dates as browsers and people write them.

use jiff::civil::Date;

use super::{Ctx, Form};
use crate::{word, words};

impl Ctx {
    /// The fields of the address's query, as a form: filters are shown again as they were asked for.
    pub fn asked(&self) -> Form {
        let query = self.path.split_once('?').map_or("", |(_, query)| query);
        Form::of(serde_urlencoded::from_str(query).unwrap_or_default())
    }

    /// The address of this page with one field of its query set anew (or left out, if `value` is empty).
    pub fn here_with(&self, name: &str, value: &str) -> String {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let mut fields: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        fields.retain(|(key, _)| key != name);
        if !value.is_empty() {
            fields.push((name.to_owned(), value.to_owned()));
        }
        match serde_urlencoded::to_string(fields).unwrap_or_default() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }
}

impl Form {
    /// A date; `None` with a reason at the field if there is none.
    pub fn date(&mut self, ctx: &Ctx, name: &str) -> Option<Date> {
        let date = read_date(self.get(name));
        if date.is_none() {
            let lang = ctx.lang;
            let empty = self.get(name).trim().is_empty();
            self.fail(
                name,
                if empty {
                    word!(lang, errors.date_empty)
                } else {
                    word!(lang, errors.date_wrong)
                },
            );
        }
        date
    }

    /// A date that may be left out; a reason at the field if something else stands there.
    pub fn date_if_any(&mut self, ctx: &Ctx, name: &str) -> Option<Date> {
        if self.get(name).trim().is_empty() {
            None
        } else {
            self.date(ctx, name)
        }
    }
}

/// `2026-11-30`, as browsers send it; `2026.11.30`, `2026/11/30` or `20261130`, as people type it.
fn read_date(typed: &str) -> Option<Date> {
    let digits: String = typed.trim().chars().filter(char::is_ascii_digit).collect();
    let parts: Vec<&str> = typed
        .split(['-', '.', '/', ' '])
        .filter(|part| !part.is_empty())
        .collect();
    let number = |text: &str| text.parse::<i16>().ok();
    let (year, month, day) = match parts[..] {
        [year, month, day] if year.len() == 4 => (number(year)?, number(month)?, number(day)?),
        [whole] if whole.len() == 8 && digits.len() == 8 => (
            number(&digits[..4])?,
            number(&digits[4..6])?,
            number(&digits[6..])?,
        ),
        _ => return None,
    };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The first instant of a day in Korea, in ms.
pub fn day_start(date: Date) -> i64 {
    let zone = words::korean(0).time_zone().clone();
    date.to_zoned(zone)
        .map_or(0, |midnight| midnight.timestamp().as_millisecond())
}

/// The first instant of the day after, in ms: where something that holds to the end of `date` ends.
pub fn day_end(date: Date) -> i64 {
    day_start(date.tomorrow().unwrap_or(date))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_as_browsers_and_people_write_it() {
        let day = jiff::civil::date(2026, 11, 3);
        for typed in [
            "2026-11-03",
            "2026.11.3",
            "2026. 11. 3.",
            "20261103",
            "2026/11/03",
        ] {
            assert_eq!(read_date(typed), Some(day), "{typed}");
        }
        for typed in [
            "",
            "2026-02-30",
            "26-11-03",
            "내일",
            "2026-11",
            "2026-1-1-1",
            "９",
        ] {
            assert_eq!(read_date(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_day_ends_where_the_next_begins() {
        let day = jiff::civil::date(2025, 11, 30);
        let midnight = "2025-12-01T00:00+09:00"
            .parse::<jiff::Timestamp>()
            .unwrap()
            .as_millisecond();
        assert_eq!(day_end(day), midnight);
        assert_eq!(day_start(day.tomorrow().unwrap()), midnight);
    }
}
