//! Won, dates and phone numbers as Koreans write them, and as an English reader expects.

use jiff::{Timestamp, Zoned, tz::TimeZone};

use super::Lang;

/// Korean time, the only zone this house speaks.
pub fn korean(at: i64) -> Zoned {
    let zone = TimeZone::get("Asia/Seoul").unwrap_or(TimeZone::fixed(jiff::tz::offset(9)));
    Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(zone)
}

/// The day in Korea at an instant.
pub fn day_of(at: i64) -> jiff::civil::Date {
    korean(at).date()
}

fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `12,345`: how many there are.
pub fn number(value: i64) -> String {
    let sign = if value < 0 { "−" } else { "" };
    format!("{sign}{}", grouped(value.unsigned_abs()))
}

/// The size of a file, rounded down: `1 GiB`, `20 MiB`.
pub fn bytes(value: u64) -> String {
    match value {
        b if b >= 1 << 30 => format!("{} GiB", b >> 30),
        b if b >= 1 << 20 => format!("{} MiB", b >> 20),
        b if b >= 1 << 10 => format!("{} KiB", b >> 10),
        b => format!("{b} B"),
    }
}

/// `12,345원` or `₩12,345`.
pub fn won(lang: Lang, value: i64) -> String {
    let sign = if value < 0 { "−" } else { "" };
    let digits = grouped(value.unsigned_abs());
    match lang {
        Lang::ko => format!("{sign}{digits}원"),
        Lang::en => format!("{sign}₩{digits}"),
    }
}

/// A limit as people say it: `30억원`, `₩3 billion`; in full where it is not round.
pub fn won_round(lang: Lang, value: i64) -> String {
    let (unit_won, name) = match lang {
        Lang::ko => (100_000_000, "억원"),
        Lang::en => (1_000_000_000, " billion"),
    };
    if value <= 0 || value % unit_won != 0 {
        return won(lang, value);
    }
    match lang {
        Lang::ko => format!("{}{name}", grouped((value / unit_won).unsigned_abs())),
        Lang::en => format!("₩{}{name}", grouped((value / unit_won).unsigned_abs())),
    }
}

/// The number alone and its unit, for amounts that are set large: `12,345` with `원`, or `₩12,345` with nothing.
pub fn won_parts(lang: Lang, value: i64) -> (String, &'static str) {
    match lang {
        Lang::ko => {
            let sign = if value < 0 { "−" } else { "" };
            (format!("{sign}{}", grouped(value.unsigned_abs())), "원")
        }
        Lang::en => (won(lang, value), ""),
    }
}

/// As [`won`], with a plus before what came in.
pub fn won_signed(lang: Lang, value: i64) -> String {
    let text = won(lang, value);
    if value > 0 { format!("+{text}") } else { text }
}

/// `2026년 11월 30일` or `30 Nov 2026`.
pub fn date(lang: Lang, at: i64) -> String {
    match lang {
        Lang::ko => korean(at).strftime("%Y년 %-m월 %-d일").to_string(),
        Lang::en => korean(at).strftime("%-d %b %Y").to_string(),
    }
}

/// The last day on which something that ends at the instant `at` still holds: what ends at midnight
/// ends on the day before (24:00).
pub fn day(lang: Lang, at: i64) -> String {
    date(lang, at - 1)
}

/// `11월 30일` or `30 Nov`.
pub fn month_day(lang: Lang, at: i64) -> String {
    match lang {
        Lang::ko => korean(at).strftime("%-m월 %-d일").to_string(),
        Lang::en => korean(at).strftime("%-d %b").to_string(),
    }
}

/// `2026년 11월` or `Nov 2026`.
pub fn month(lang: Lang, at: i64) -> String {
    match lang {
        Lang::ko => korean(at).strftime("%Y년 %-m월").to_string(),
        Lang::en => korean(at).strftime("%b %Y").to_string(),
    }
}

/// `11월 30일 월요일` or `Mon 30 Nov`; with the year where it is not the year of `now`.
pub fn weekday(lang: Lang, at: i64, now: i64) -> String {
    let day = korean(at);
    let year = if day.year() == korean(now).year() {
        String::new()
    } else {
        format!("{}", day.year())
    };
    match lang {
        Lang::ko => {
            const DAYS: [&str; 7] = ["월", "화", "수", "목", "금", "토", "일"];
            let name = DAYS[usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0)];
            let year = if year.is_empty() {
                year
            } else {
                format!("{year}년 ")
            };
            format!("{year}{} {name}요일", day.strftime("%-m월 %-d일"))
        }
        Lang::en => format!("{} {year}", day.strftime("%a %-d %b"))
            .trim_end()
            .to_owned(),
    }
}

/// `14:05`.
pub fn time(at: i64) -> String {
    korean(at).strftime("%H:%M").to_string()
}

/// `14:05:09`.
pub fn time_s(at: i64) -> String {
    korean(at).strftime("%H:%M:%S").to_string()
}

/// Date and time.
pub fn when(lang: Lang, at: i64) -> String {
    format!("{} {}", date(lang, at), time(at))
}

/// Basis points as per cent: 1000 → `10%`, 750 → `7.5%`.
pub fn percent(basis_points: i64) -> String {
    let whole = basis_points / 100;
    match basis_points % 100 {
        0 => format!("{whole}%"),
        part if part % 10 == 0 => format!("{whole}.{}%", part / 10),
        part => format!("{whole}.{part:02}%"),
    }
}

/// `01012345678` → `010-1234-5678`.
pub fn phone(digits: &str) -> String {
    match digits.len() {
        11 => format!("{}-{}-{}", &digits[..3], &digits[3..7], &digits[7..]),
        10 => format!("{}-{}-{}", &digits[..3], &digits[3..6], &digits[6..]),
        _ => digits.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn won_is_grouped_in_threes() {
        assert_eq!(won(Lang::ko, 0), "0원");
        assert_eq!(won(Lang::ko, 1_234_567), "1,234,567원");
        assert_eq!(won(Lang::en, -1_000), "−₩1,000");
        assert_eq!(won_signed(Lang::ko, 999), "+999원");
        assert_eq!(won_round(Lang::ko, 3_000_000_000), "30억원");
        assert_eq!(won_round(Lang::en, 3_000_000_000), "₩3 billion");
        assert_eq!(won_round(Lang::ko, 150_000_001), "150,000,001원");
    }

    #[test]
    fn what_ends_at_midnight_ends_on_the_day_before() {
        let midnight = "2025-12-01T00:00+09:00"
            .parse::<Timestamp>()
            .unwrap()
            .as_millisecond();
        assert_eq!(day(Lang::ko, midnight), "2025년 11월 30일");
        assert_eq!(date(Lang::en, midnight), "1 Dec 2025");
    }
}
