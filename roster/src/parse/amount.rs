//! 지급액.

use super::{plain, unquoted};
use crate::{Why, cell::Cell};

/// The amount in a cell, in won. `unit_won` is what 1 means where no unit stands beside the number: 1, or
/// 1,000 under a header that says (단위: 천원).
pub(crate) fn amount_of(cell: &Cell, unit_won: i64, max_won: i64) -> Result<i64, Why> {
    match cell {
        Cell::Empty => Err(Why::AmountMissing),
        Cell::Text(text) => parse_amount(text, unit_won, max_won),
        Cell::Uncounted => Err(Why::AmountUncounted),
        // What is shown is a day: nobody who looks at it sees the amount.
        Cell::Error(_) | Cell::Serial { .. } => Err(Why::AmountUnreadable),
        // Shown in thousands under a header that says thousands, the cell holds won.
        Cell::Scaled { value, by } if *by == unit_won => amount_of(&Cell::Number(*value), 1, max_won),
        Cell::Scaled { .. } => Err(Why::AmountScaled),
        Cell::Number(value) => {
            if !value.is_finite() {
                return Err(Why::AmountUnreadable);
            }
            if *value < 0.0 {
                return Err(Why::AmountNegative);
            }
            if value.abs() >= 9.0e15 {
                return Err(Why::AmountTooLarge);
            }
            // 1.5 under (천원) is 1,500 won; what a formula is off by in the last of its digits is no money.
            let won = *value * unit_won as f64;
            if (won - won.round()).abs() > 1e-6 {
                return Err(Why::AmountFraction);
            }
            if won >= 9.0e15 {
                return Err(Why::AmountTooLarge);
            }
            within(Some(won.round() as i64), max_won)
        }
    }
}

/// Reads an amount: 100000, 100,000, 300000원, ₩100,000, 금100,000원, 10만원, 1만 5천원. A number written in
/// words (십만원) is refused: whoever approves must see the figure that is paid.
pub fn parse_amount(text: &str, unit_won: i64, max_won: i64) -> Result<i64, Why> {
    let text = plain(unquoted(text.trim()));
    if text.is_empty() {
        return Err(Why::AmountMissing);
    }
    if text.len() > 128 {
        return Err(Why::AmountUnreadable);
    }
    let lower = text.to_lowercase();
    let mut rest = lower.as_str();
    let mut negative = false;
    let mut in_won = false;
    loop {
        rest = rest.trim_start();
        if let Some(next) = ["-", "△", "▲", "▽", "▼"]
            .iter()
            .find_map(|sign| rest.strip_prefix(sign))
        {
            if negative {
                return Err(Why::AmountUnreadable);
            }
            negative = true;
            rest = next;
        } else if let Some(next) = ["₩", "\\", "krw", "won", "w", "금", "일금", "+", "'"]
            .iter()
            .find_map(|sign| rest.strip_prefix(sign))
        {
            in_won |= !rest.starts_with(['+', '\'']);
            rest = next;
        } else {
            break;
        }
    }
    if let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        negative = true;
        rest = inner;
    }
    rest = rest.strip_suffix('정').unwrap_or(rest);
    for sign in ["원", "won", "krw", "₩"] {
        if let Some(next) = rest.trim_end().strip_suffix(sign) {
            in_won = true;
            rest = next;
            break;
        }
    }
    let value = written(rest.trim(), if in_won { 1 } else { unit_won });
    match value {
        Ok(_) | Err(Why::AmountTooLarge | Why::AmountFraction) if negative => Err(Why::AmountNegative),
        Ok(value) => within(value, max_won),
        Err(why) => Err(why),
    }
}

/// `None` inside stands for an amount beyond 64 bits.
fn within(value: Option<i64>, max_won: i64) -> Result<i64, Why> {
    match value {
        Some(0) => Err(Why::AmountZero),
        Some(value) if value <= max_won => Ok(value),
        _ => Err(Why::AmountTooLarge),
    }
}

const UNITS: [(&str, i64); 7] = [
    ("억", 100_000_000),
    ("천만", 10_000_000),
    ("백만", 1_000_000),
    ("십만", 100_000),
    ("만", 10_000),
    ("천", 1_000),
    ("백", 100),
];

fn written(text: &str, unit_won: i64) -> Result<Option<i64>, Why> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Why::AmountUnreadable);
    }
    let mut rest = text;
    let mut sum = Some(0_i64);
    let mut last = i64::MAX;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !matches!(c, '0'..='9' | ',' | '.'))
            .unwrap_or(rest.len());
        let digits = &rest[..end];
        rest = rest[end..].trim_start();
        let unit = UNITS.iter().find(|(word, _)| rest.starts_with(word));
        let factor = match unit {
            Some((word, factor)) => {
                rest = rest[word.len()..].trim_start();
                *factor
            }
            None if rest.is_empty() => {
                if last == i64::MAX {
                    unit_won
                } else {
                    1
                }
            }
            None => return Err(Why::AmountUnreadable),
        };
        if factor >= last {
            return Err(Why::AmountUnreadable);
        }
        last = if unit.is_some() { factor } else { 0 };
        sum = sum
            .zip(figure(digits, factor)?)
            .and_then(|(sum, figure)| sum.checked_add(figure));
    }
    Ok(sum)
}

/// Digits, commas at every third, and a decimal part that leaves no part of a won: 1.5 of a 만 does not.
fn figure(text: &str, factor: i64) -> Result<Option<i64>, Why> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    if whole.is_empty() || part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Why::AmountUnreadable);
    }
    let groups: Vec<&str> = whole.split(',').collect();
    if groups.len() > 1 {
        let well = (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3);
        if !well {
            return Err(Why::AmountGrouping);
        }
    }
    let mut won = groups
        .concat()
        .parse::<i64>()
        .ok()
        .and_then(|whole| whole.checked_mul(factor));
    let mut unit = factor;
    for digit in part.bytes().map(|b| i64::from(b - b'0')) {
        if digit != 0 && unit < 10 {
            return Err(Why::AmountFraction);
        }
        unit /= 10;
        won = won.and_then(|won| won.checked_add(digit * unit));
    }
    // 100.000 is a hundred thousand to whoever slipped from the comma to the point, and a hundred to a machine.
    if part == "000" && groups.len() == 1 && whole.len() <= 3 {
        return Err(Why::AmountGrouping);
    }
    Ok(won)
}

#[cfg(test)]
mod tests {
    use super::{Cell, Why, amount_of, parse_amount};

    const MAX: i64 = 1_000_000_000;

    #[test]
    fn an_amount_is_read_as_officials_write_it() {
        for text in [
            "100000",
            "100,000",
            "100000원",
            "100,000 원",
            "₩100,000",
            "￦100,000",
            "금100,000원정",
            "10만원",
            "10만",
            "１００，０００",
            "100000.0",
            "100천원",
            "9만 10,000",
            "+100000",
            "100,000won",
            "100,000₩",
            "=\"100000\"",
        ] {
            assert_eq!(parse_amount(text, 1, MAX), Ok(100_000), "{text}");
        }
        assert_eq!(parse_amount("1만5천원", 1, MAX), Ok(15_000));
        assert_eq!(parse_amount("1.5만원", 1, MAX), Ok(15_000));
        assert_eq!(parse_amount("5만 원 정", 1, MAX), Ok(50_000));
        assert_eq!(parse_amount("1.5", 1000, MAX), Ok(1_500));
        assert_eq!(amount_of(&Cell::Number(0.07), 1000, MAX), Ok(70));
        assert_eq!(
            amount_of(&Cell::Number(100_000.000_000_01), 1, MAX),
            Ok(100_000),
            "what a formula is off by is no part of a won"
        );
        assert_eq!(parse_amount("100", 1000, MAX), Ok(100_000));
        assert_eq!(parse_amount("100,000원", 1000, MAX), Ok(100_000));
        assert_eq!(amount_of(&Cell::Number(1.0e5), 1, MAX), Ok(100_000));
    }

    #[test]
    fn what_is_no_amount_is_refused_with_its_reason() {
        for (text, why) in [
            ("십만원", Why::AmountUnreadable),
            ("-100000", Why::AmountNegative),
            ("△100,000", Why::AmountNegative),
            ("(100,000)", Why::AmountNegative),
            ("0", Why::AmountZero),
            ("0원", Why::AmountZero),
            ("1,00,000", Why::AmountGrouping),
            ("100.000", Why::AmountGrouping),
            ("100000.5", Why::AmountFraction),
            ("100000.05", Why::AmountFraction),
            ("0.00005만원", Why::AmountFraction),
            ("", Why::AmountMissing),
            ("9,223,372,036,854,775,808", Why::AmountTooLarge),
            ("9223372036854775807", Why::AmountTooLarge),
            ("1만2만", Why::AmountUnreadable),
            ("100000 200000", Why::AmountUnreadable),
            ("1e5", Why::AmountUnreadable),
            ("만원", Why::AmountUnreadable),
            ("-", Why::AmountUnreadable),
            ("100,000원 외", Why::AmountUnreadable),
        ] {
            assert_eq!(parse_amount(text, 1, MAX), Err(why), "{text}");
        }
        assert_eq!(
            amount_of(&Cell::Number(100_000.5), 1, MAX),
            Err(Why::AmountFraction)
        );
    }
}
