//! What 1 means in the column of amounts.

use super::label::label;
use crate::cell::Cell;

const UNITS: [(&str, i64); 4] = [
    ("백만원", 1_000_000),
    ("천원", 1_000),
    ("만원", 10_000),
    ("원", 1),
];

/// The unit in the header of the amounts: 지급액(천원).
pub(super) fn of_header(cell: &Cell) -> Option<i64> {
    let label = label(cell)?;
    let unit = label
        .full
        .strip_prefix(label.key.as_str())
        .filter(|rest| !rest.is_empty())
        .unwrap_or(&label.full);
    let unit = unit.strip_prefix("단위").unwrap_or(unit);
    UNITS.iter().find(|(word, _)| *word == unit).map(|(_, won)| *won)
}

/// The unit in a title: (단위: 천원), (단위: 명, 천원). What is rounded off (단위: 천원 미만 절사) is no unit.
pub(super) fn of_title(cell: &Cell) -> Option<i64> {
    const ROUNDED: [&str; 6] = ["미만", "이하", "이상", "절사", "절상", "올림"];
    let full = label(cell)?.full;
    let (_, rest) = full.split_once("단위")?;
    let rest = rest.strip_prefix('는').unwrap_or(rest);
    let rest = rest
        .strip_prefix("명")
        .or_else(|| rest.strip_prefix("건"))
        .or_else(|| rest.strip_prefix("인"))
        .unwrap_or(rest);
    let (word, won) = UNITS.iter().find(|(word, _)| rest.starts_with(word))?;
    let rounded = ROUNDED.iter().any(|after| rest[word.len()..].starts_with(after));
    (!rounded).then_some(*won)
}
