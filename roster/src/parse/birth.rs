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
pub(crate) fn birth_of(cell: &Cell, epoch_1904: bool, today: Date) -> Result<Date, Why> {
    match cell {
        Cell::Empty => Err(Why::BirthMissing),
        Cell::Uncounted => Err(Why::BirthUncounted),
        Cell::Text(text) => parse_birth(text, today),
        Cell::Number(value) | Cell::Scaled { value, .. } if value.fract() == 0.0 && *value >= 0.0 => {
            from_digits(&number_text(*value), epoch_1904, today)
        }
        Cell::Number(_) | Cell::Scaled { .. } | Cell::Error(_) => Err(Why::BirthUnreadable),
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
    let text = text.strip_prefix(['\'', '’', '‘', '`']).unwrap_or(&text);
    let text = without_time(text).ok_or(Why::BirthUnreadable)?;
    let text = without_remark(text);
    let digits = text.strip_suffix(".0").unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return from_digits(digits, false, today);
    }
    let text = text
        .replace(['년', '월', '年', '月'], "-")
        .replace(['일', '日'], "");
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

/// The day without the time that an export adds to it. `None` where the time stands in a zone in which it may
/// be another day (15:00 UTC is midnight in Korea).
fn without_time(text: &str) -> Option<&str> {
    if !text.contains(':') {
        return Some(text);
    }
    let is_word = |word: &str| ["오전", "오후", "AM", "PM", "am", "pm"].contains(&word);
    let is_time = |word: &str| {
        word.contains(':')
            && word
                .bytes()
                .all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'))
    };
    if let Some((day, time)) = text.split_once('T') {
        let (clock, utc) = match time.strip_suffix("+09:00") {
            Some(clock) => (clock, false),
            None => (time.trim_end_matches('Z'), time.ends_with('Z')),
        };
        let midnight = clock.bytes().all(|b| matches!(b, b'0' | b':' | b'.'));
        return (is_time(clock) && (midnight || !utc)).then_some(day);
    }
    let mut rest = text;
    while let Some((before, last)) = rest.rsplit_once(' ')
        && (is_time(last) || is_word(last))
    {
        rest = before.trim_end();
    }
    Some(rest)
}

/// The day without what says nothing about it: 생, (양력), (만 36세), (월). A lunar day (음력) is another day.
fn without_remark(text: &str) -> &str {
    let text = text.strip_suffix('생').unwrap_or(text).trim_end();
    let (day, remark) = if let Some((day, rest)) = text.split_once('(') {
        let Some(remark) = rest.strip_suffix(')') else {
            return text;
        };
        (day, remark)
    } else if let Some((day, last)) = text.rsplit_once(' ')
        && last.ends_with("요일")
    {
        (day, last)
    } else {
        return text;
    };
    let remark: String = remark.chars().filter(|c| c.is_alphabetic()).collect();
    let word = remark.strip_suffix("요일").unwrap_or(&remark);
    let nothing = [
        "양", "양력", "만세", "만", "세", "월", "화", "수", "목", "금", "토", "일",
    ]
    .contains(&word);
    if nothing { day.trim_end() } else { text }
}

fn from_digits(text: &str, epoch_1904: bool, today: Date) -> Result<Date, Why> {
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
                .and_then(|value| serial_date(value, epoch_1904));
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
            "1973-04-16 15:30",
            "1973-04-16 오전 12:00:00",
            "1973-04-16 12:00:00 AM",
            "1973-04-16T09:00:00+09:00",
            "1973. 4. 16. 0:00",
            "1973-04-16(양)",
            "1973.4.16.(만 53세)",
            "1973.04.16 월요일",
            "1973. 4. 16.생",
            "1973年4月16日",
            "’73.4.16",
            "19730416.0",
            "\u{202d}1973-04-16\u{202c}",
        ] {
            assert_eq!(parse_birth(text, today), Ok(date(1973, 4, 16)), "{text}");
        }
        assert_eq!(
            birth_of(
                &Cell::Serial {
                    value: 26770.0,
                    epoch_1904: false
                },
                false,
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
                false,
                today
            ),
            Ok(date(1973, 4, 16))
        );
        assert_eq!(
            birth_of(&Cell::Number(19_730_416.0), false, today),
            Ok(date(1973, 4, 16))
        );
        assert_eq!(
            birth_of(&Cell::Number(25_308.0), true, today),
            Ok(date(1973, 4, 16)),
            "a serial number without its format counts from the workbook's own first day"
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
            ("1973-04-16T15:00:00Z", Why::BirthUnreadable),
            ("1973-04-16(음)", Why::BirthUnreadable),
            ("1973-04-16 (음력)", Why::BirthUnreadable),
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
                false,
                today
            ),
            Err(Why::BirthImpossible)
        );
    }
}
