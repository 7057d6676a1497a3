//! What a header says: one of the words that offices use, or something like it.

use unicode_normalization::UnicodeNormalization;

use super::words::{
    AMOUNTS, BIRTHS, LOOSE_AMOUNTS, LOOSE_BIRTHS, LOOSE_NAMES, LOOSE_PHONES, NAMES, NOT_MOBILE, NOT_PAID,
    NOT_THEIRS, PHONES,
};
use crate::{
    Field,
    cell::{Cell, is_invisible},
    resident,
};

/// A header cell brought down to what counts.
pub(super) struct Label {
    /// Letters and digits, what stands in brackets left out.
    pub key: String,
    /// The same with what stands in brackets.
    pub full: String,
}

pub(super) fn label(cell: &Cell) -> Option<Label> {
    let Cell::Text(text) = cell else { return None };
    if text.len() > 300 {
        return None;
    }
    let (mut key, mut full, mut depth) = (String::new(), String::new(), 0_i32);
    for c in text
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_invisible(*c))
    {
        match c {
            '(' | '[' | '<' | '〔' | '【' => depth += 1,
            ')' | ']' | '>' | '〕' | '】' => depth = (depth - 1).max(0),
            c if c.is_alphanumeric() => {
                full.push(c);
                if depth == 0 {
                    key.push(c);
                }
            }
            _ => {}
        }
    }
    (!full.is_empty()).then_some(Label { key, full })
}

/// The field a header may mean and how plainly it says so: smaller is plainer.
pub(super) fn meaning(label: &Label) -> Option<(Field, usize)> {
    let has = |words: &[&str]| words.iter().any(|word| label.full.contains(word));
    let lists = [NAMES, BIRTHS, PHONES, AMOUNTS];
    for (word, in_brackets) in [(&label.full, 0), (&label.key, 1)] {
        for (field, list) in Field::ALL.into_iter().zip(lists) {
            if let Some(rank) = list.iter().position(|words| words.contains(&word.as_str())) {
                if field == Field::Phone && rank > 0 {
                    if has(&NOT_MOBILE) {
                        return None;
                    }
                    if has(&LOOSE_PHONES[..4]) {
                        // 전화번호(휴대폰) beside 전화번호.
                        return Some((field, 2));
                    }
                }
                // An amount's unit and a date's pattern in brackets make no other column of it.
                return Some((field, rank * 4 + in_brackets));
            }
        }
    }
    loosely(label).map(|field| (field, 12))
}

/// The field of a header that no list holds, by how it ends or what is in it.
fn loosely(label: &Label) -> Option<Field> {
    let has = |words: &[&str]| words.iter().any(|word| label.full.contains(word));
    if label.full.chars().count() > 25 || has(&NOT_THEIRS) {
        return None;
    }
    if has(&LOOSE_BIRTHS) {
        return Some(Field::Birth);
    }
    if has(&LOOSE_PHONES) {
        return (!has(&NOT_MOBILE)).then_some(Field::Phone);
    }
    let word = label.key.trim_end_matches(|c: char| c.is_ascii_digit());
    if LOOSE_NAMES.iter().any(|end| word.ends_with(end)) {
        return Some(Field::Name);
    }
    let word = word.strip_suffix('원').unwrap_or(word);
    (!has(&NOT_PAID) && LOOSE_AMOUNTS.iter().any(|end| word.ends_with(end))).then_some(Field::Amount)
}

/// Whether a header announces resident registration numbers. 생년월일(주민등록번호 앞 6자리) does not: it asks
/// for the birth date that such a number begins with.
pub(super) fn is_resident(label: &Label) -> bool {
    const ONLY_BIRTH: [&str; 8] = ["앞", "금지", "제외", "아님", "불가", "말것", "않", "미기재"];
    const MORE: [&str; 4] = ["뒤", "뒷", "7", "13"];
    let birth = !resident::is_header(&label.key)
        && LOOSE_BIRTHS.iter().any(|word| label.key.contains(word))
        && ONLY_BIRTH.iter().any(|word| label.full.contains(word))
        && !MORE.iter().any(|word| label.full.contains(word));
    resident::is_header(&label.full) && !birth
}
