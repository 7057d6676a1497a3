//! 생년월일.

use jiff::{ToSpan, civil::Date};

use super::{plain, unquoted};
use crate::{
    Why,
    cell::{Cell, number_text, serial_date},
};

/// Nobody alive is older: the oldest person known reached 122.
const MAX_AGE_YEARS: i64 = 130;
/// Within it, two digits of a year are taken for a living person's.
const MAX_AGE_SHORT_YEARS: i64 = 120;

/// The birth date in a cell.
pub(crate) fn birth_of(cell: &Cell, today: Date) -> Result<Date, Why> {
    match cell {
        Cell::Empty => Err(Why::BirthMissing),
        Cell::Text(text) => parse_birth(text, today),
        Cell::Number(value) if value.fract() == 0.0 => parse_birth(&number_text(*value), today),
        Cell::Number(_) | Cell::Error(_) => Err(Why::BirthUnreadable),
        // 19730416 typed into a cell that is formatted as a date lies far beyond Excel's calendar.
        Cell::Serial { value, .. } if *value >= 10_000_000.0 => parse_birth(&number_text(*value), today),
        Cell::Serial { value, epoch_1904 } => living(
            serial_date(*value, *epoch_1904).ok_or(Why::BirthImpossible)?,
            today,
        ),
    }
}

/// Reads a birth date: 1973-04-16, 1973.4.16., 1973/4/16, 19730416, 1973년 4월 16일, 730416, or the serial
/// number that a workbook leaves when the format of a date is lost.
///
/// Two digits of a year do not say the century. They are taken only when just one century makes a person
/// of 0 to 120 years of them at `today`; otherwise the money could be reserved for somebody else.
pub fn parse_birth(text: &str, today: Date) -> Result<Date, Why> {
    let text = plain(unquoted(text.trim()));
    if text.is_empty() {
        return Err(Why::BirthMissing);
    }
    if text.len() > 64 {
        return Err(Why::BirthUnreadable);
    }
    let text = text.strip_prefix('\'').unwrap_or(&text);
    let text = without_time(text);
    let text = text.strip_suffix('생').unwrap_or(text).trim_end();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return from_digits(text, today);
    }
    let text = text.replace(['년', '월'], "-").replace('일', "");
    let groups: Vec<&str> = text
        .split(['-', '.', '/', ',', ' '])
        .map(str::trim)
        .filter(|group| !group.is_empty())
        .collect();
    let [year, month, day] = groups[..] else {
        return Err(Why::BirthUnreadable);
    };
    let number = |group: &str, most: usize| -> Option<i16> {
        (group.len() <= most && group.bytes().all(|b| b.is_ascii_digit()))
            .then(|| group.parse().ok())
            .flatten()
    };
    let (Some(y), Some(m), Some(d)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return Err(Why::BirthUnreadable);
    };
    match year.len() {
        4 => exact(y, m, d, today),
        2 => short(y, m, d, today),
        _ => Err(Why::BirthUnreadable),
    }
}

/// Midnight written after a date is what an export adds, not what an official meant.
fn without_time(text: &str) -> &str {
    let Some(at) = text.find(['T', ' ']).filter(|_| text.contains(':')) else {
        return text;
    };
    let at = text.rfind([' ', 'T']).unwrap_or(at);
    let time = &text[at + 1..];
    if time.bytes().all(|b| matches!(b, b'0' | b':' | b'.' | b'Z')) {
        text[..at].trim_end()
    } else {
        text
    }
}

fn from_digits(text: &str, today: Date) -> Result<Date, Why> {
    let part = |from: usize, to: usize| text[from..to].parse::<i16>().map_err(|_| Why::BirthUnreadable);
    match text.len() {
        8 => exact(part(0, 4)?, part(4, 6)?, part(6, 8)?, today),
        6 => short(part(0, 2)?, part(2, 4)?, part(4, 6)?, today),
        // Either a date whose format was lost (a serial number), or two digits of a year that lost their
        // zeros. Only when the second reading is no date is it the first.
        3..=5 => {
            let padded = format!("{text:0>6}");
            let number = |from: usize| padded[from..from + 2].parse::<i8>().unwrap_or_default();
            if Date::new(2000, number(2), number(4)).is_ok() {
                return Err(Why::BirthAmbiguous);
            }
            let serial = text
                .parse::<f64>()
                .ok()
                .and_then(|value| serial_date(value, false));
            living(serial.ok_or(Why::BirthUnreadable)?, today)
        }
        _ => Err(Why::BirthUnreadable),
    }
}

fn exact(year: i16, month: i16, day: i16, today: Date) -> Result<Date, Why> {
    living(civil(year, month, day).ok_or(Why::BirthImpossible)?, today)
}

fn short(year: i16, month: i16, day: i16, today: Date) -> Result<Date, Why> {
    let oldest = today.saturating_sub(MAX_AGE_SHORT_YEARS.years());
    let fits: Vec<Date> = [1800, 1900, 2000, 2100]
        .into_iter()
        .filter_map(|century| civil(century + year, month, day))
        .filter(|date| *date <= today && *date >= oldest)
        .collect();
    match fits[..] {
        [date] => Ok(date),
        [] if civil(2000, month, day).is_none() => Err(Why::BirthImpossible),
        [] => Err(Why::BirthFuture),
        _ => Err(Why::BirthAmbiguous),
    }
}

fn civil(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn living(date: Date, today: Date) -> Result<Date, Why> {
    if date > today {
        return Err(Why::BirthFuture);
    }
    if date < today.saturating_sub(MAX_AGE_YEARS.years()) {
        return Err(Why::BirthTooEarly);
    }
    Ok(date)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{Cell, Why, birth_of, parse_birth};

    #[test]
    fn a_birth_date_is_read_as_officials_write_it() {
        let today = date(2026, 11, 24);
        for text in [
            "1973-04-16",
            "1973.04.16",
            "1973. 4. 16.",
            "1973/4/16",
            "19730416",
            "1973년 4월 16일",
            "１９７３－０４－１６",
            "730416",
            "73.4.16",
            " 1973-04-16 ",
            "1973-04-16 00:00:00",
            "1973-04-16T00:00:00",
            "26770",
            "1973 04 16",
        ] {
            assert_eq!(parse_birth(text, today), Ok(date(1973, 4, 16)), "{text}");
        }
        assert_eq!(
            birth_of(
                &Cell::Serial {
                    value: 26770.0,
                    epoch_1904: false
                },
                today
            ),
            Ok(date(1973, 4, 16))
        );
        assert_eq!(
            birth_of(
                &Cell::Serial {
                    value: 25308.0,
                    epoch_1904: true
                },
                today
            ),
            Ok(date(1973, 4, 16))
        );
        assert_eq!(
            birth_of(&Cell::Number(19_730_416.0), today),
            Ok(date(1973, 4, 16))
        );
    }

    #[test]
    fn what_is_no_birth_date_is_refused_with_its_reason() {
        let today = date(2026, 11, 24);
        for (text, why) in [
            ("1985-02-30", Why::BirthImpossible),
            ("19851301", Why::BirthImpossible),
            ("2026-11-25", Why::BirthFuture),
            ("1880-01-01", Why::BirthTooEarly),
            ("250101", Why::BirthAmbiguous),
            ("40316", Why::BirthAmbiguous),
            ("04/16/1973", Why::BirthUnreadable),
            ("모름", Why::BirthUnreadable),
            ("", Why::BirthMissing),
            ("1973-04", Why::BirthUnreadable),
            ("60", Why::BirthUnreadable),
            ("251332", Why::BirthImpossible),
        ] {
            assert_eq!(parse_birth(text, today), Err(why), "{text}");
        }
        assert_eq!(
            birth_of(
                &Cell::Serial {
                    value: 60.0,
                    epoch_1904: false
                },
                today
            ),
            Err(Why::BirthImpossible)
        );
    }
}
