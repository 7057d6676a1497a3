//! Times, days and shares as Koreans write them, and as an English reader expects.

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};

use super::{Lang, word};

/// Writes times of one zone.
#[derive(Clone, Debug)]
pub struct Times {
    /// The zone of days and hours.
    pub zone: TimeZone,
}

impl Times {
    /// The instant `at` (ms) in this zone.
    pub fn zoned(&self, at: i64) -> Zoned {
        Timestamp::from_millisecond(at)
            .unwrap_or_default()
            .to_zoned(self.zone.clone())
    }

    /// The day on which `at` (ms) falls.
    pub fn date(&self, at: i64) -> Date {
        self.zoned(at).date()
    }

    /// `2026년 11월 30일 (월) 15:05`, `Mon 30 Nov 2026, 15:05`.
    pub fn full(&self, lang: Lang, at: i64) -> String {
        let zoned = self.zoned(at);
        format!(
            "{}{} {}",
            Self::day(lang, zoned.date()),
            lang.pick("", ","),
            zoned.strftime("%H:%M")
        )
    }

    /// `2026년 11월 30일 (월)`, `Mon 30 Nov 2026`.
    pub fn day(lang: Lang, date: Date) -> String {
        match lang {
            Lang::ko => {
                let weekday = match date.weekday() {
                    jiff::civil::Weekday::Monday => word!(lang, times.monday),
                    jiff::civil::Weekday::Tuesday => word!(lang, times.tuesday),
                    jiff::civil::Weekday::Wednesday => word!(lang, times.wednesday),
                    jiff::civil::Weekday::Thursday => word!(lang, times.thursday),
                    jiff::civil::Weekday::Friday => word!(lang, times.friday),
                    jiff::civil::Weekday::Saturday => word!(lang, times.saturday),
                    jiff::civil::Weekday::Sunday => word!(lang, times.sunday),
                };
                word!(
                    lang,
                    times.day,
                    year = date.year(),
                    month = date.month(),
                    day = date.day(),
                    weekday = weekday
                )
            }
            Lang::en => date.strftime("%a %-d %b %Y").to_string(),
        }
    }

    /// `2026년 11월`, `November 2026`.
    pub fn month(lang: Lang, date: Date) -> String {
        match lang {
            Lang::ko => word!(lang, times.month, year = date.year(), month = date.month()),
            Lang::en => date.strftime("%B %Y").to_string(),
        }
    }

    /// For `<time datetime>` and Statuspage: `2026-11-30T15:05:00.000+09:00`.
    pub fn iso(&self, at: i64) -> String {
        self.zoned(at).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
    }

    /// For `<input type="datetime-local">`: `2026-11-30T15:05`.
    pub fn field(&self, at: i64) -> String {
        self.zoned(at).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// What [`Times::field`] wrote, read back: ms since the epoch.
    pub fn read_field(&self, text: &str) -> Option<i64> {
        let civil: jiff::civil::DateTime = text.trim().parse().ok()?;
        let at = civil
            .to_zoned(self.zone.clone())
            .ok()?
            .timestamp()
            .as_millisecond();
        // Years that a date picker cannot mean, and sums that could overflow.
        (0..=32_503_680_000_000).contains(&at).then_some(at)
    }

    /// `2일 3시간`, `50분`, `20초`: the two largest units, nothing rounded up.
    pub fn length(lang: Lang, span_ms: i64) -> String {
        let seconds = (span_ms / 1000).max(0);
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
        let parts = [
            (days, word!(lang, times.days, count = days)),
            (hours, word!(lang, times.hours, count = hours)),
            (minutes, word!(lang, times.minutes, count = minutes)),
            (seconds % 60, word!(lang, times.seconds, count = seconds % 60)),
        ];
        let Some(first) = parts.iter().position(|(count, _)| *count > 0) else {
            return word!(lang, times.seconds, count = 0);
        };
        let mut out = parts[first].1.clone();
        // Seconds beside minutes say nothing that helps.
        if let Some((count, text)) = parts.get(first + 1).filter(|_| first < 2)
            && *count > 0
        {
            out.push(' ');
            out.push_str(text);
        }
        out
    }

    /// A share in ten-thousandths as `99.98%`: what is left is cut, so one bad second is never 100 %.
    pub fn share(ten_thousandths: i64) -> String {
        if ten_thousandths == 10_000 {
            return "100%".to_owned();
        }
        format!("{}.{:02}%", ten_thousandths / 100, ten_thousandths % 100)
    }
}
