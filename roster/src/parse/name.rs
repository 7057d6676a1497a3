//! 성명.

use unicode_normalization::UnicodeNormalization;

use crate::{Why, cell::is_invisible};

/// The name trimmed, in NFC, with single spaces inside; 2 to 50 characters. Of 홍길동(洪吉童) it is 홍길동, as the
/// person will write it when signing up.
pub fn parse_name(text: &str) -> Result<String, Why> {
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let name = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    let name: String = name.nfc().take(60).collect();
    if name.is_empty() {
        return Err(Why::NameMissing);
    }
    if name.chars().any(|c| c.is_control() || is_mask(c))
        || !name.chars().any(char::is_alphabetic)
        || is_error_value(&name)
        || is_several(&name)
    {
        return Err(Why::NameUnreadable);
    }
    let name = without_hanja(&name);
    if !(2..=50).contains(&name.chars().count()) {
        return Err(Why::NameLength);
    }
    Ok(name.to_owned())
}

/// Signs that stand for letters which somebody hid or a program lost: 홍*동, 홍○동.
fn is_mask(c: char) -> bool {
    matches!(
        c,
        '*' | '＊' | '○' | '◯' | '●' | '〇' | '□' | '?' | '？' | '\u{fffd}'
    )
}

/// #N/A and the like, which a CSV carries as text.
fn is_error_value(name: &str) -> bool {
    ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"].contains(&name)
}

/// 홍길동 외 3명 is four people, 홍길동/김하나 two.
fn is_several(name: &str) -> bool {
    name.contains('/')
        || name.split_once(" 외 ").is_some_and(|(_, rest)| {
            let count = rest.trim_end_matches(['명', '인']);
            count.len() < rest.len() && count.trim().bytes().all(|b| b.is_ascii_digit())
        })
}

/// The name before its Chinese characters in brackets.
fn without_hanja(name: &str) -> &str {
    let Some((before, rest)) = name.split_once(['(', '（', '[']) else {
        return name;
    };
    let inside = rest.trim_end_matches([')', '）', ']']);
    let is_hanja = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | ' ');
    if !inside.trim().is_empty() && inside.len() < rest.len() && inside.chars().all(is_hanja) {
        before.trim_end()
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::{Why, parse_name};

    #[test]
    fn a_name_is_read_as_the_person_would_write_it() {
        for (text, name) in [
            ("  홍길동 ", "홍길동"),
            ("홍\u{200b}길동", "홍길동"),
            ("\u{202d}홍길동\u{202c}", "홍길동"),
            ("홍길동(洪吉童)", "홍길동"),
            ("홍길동 （洪 吉童）", "홍길동"),
            ("\u{1112}\u{1169}\u{11bc}길동", "홍길동"),
            ("NGUYEN THI  HOA", "NGUYEN THI HOA"),
            ("洪吉童", "洪吉童"),
            ("똠방 펲시", "똠방 펲시"),
            ("남궁 외선", "남궁 외선"),
        ] {
            assert_eq!(parse_name(text).as_deref(), Ok(name), "{text}");
        }
    }

    #[test]
    fn what_is_no_ones_name_is_refused_with_its_reason() {
        for (text, why) in [
            ("", Why::NameMissing),
            ("\u{3164}", Why::NameMissing),
            ("김", Why::NameLength),
            ("123", Why::NameUnreadable),
            ("#N/A", Why::NameUnreadable),
            ("홍*동", Why::NameUnreadable),
            ("홍○동", Why::NameUnreadable),
            ("홍길동 외 3명", Why::NameUnreadable),
            ("홍길동/김하나", Why::NameUnreadable),
        ] {
            assert_eq!(parse_name(text), Err(why), "{text}");
        }
    }
}
