//! 휴대전화.

use super::{plain, unquoted};
use crate::Why;

/// The digits of a mobile number, with its leading zero: `01012345678`.
pub type ParsedPhone = String;

/// Reads a mobile number in its usual spellings, with +82 before it, or without the zero that a workbook
/// loses when it takes the number for a figure.
///
/// 010 numbers have eleven digits since 2004; 011, 016 to 019 ten or eleven. A shorter 010 number is a
/// slip of the pen, and a payment reserved under it could never be claimed.
pub fn parse_phone(text: &str) -> Result<ParsedPhone, Why> {
    let text = plain(unquoted(text.trim()));
    if text.is_empty() {
        return Err(Why::PhoneMissing);
    }
    let text = text.strip_suffix(".0").unwrap_or(&text);
    let text = text.strip_suffix("(본인)").unwrap_or(text).trim_end();
    if text.chars().all(|c| matches!(c, '-' | '.' | ' ')) {
        return Err(Why::PhoneMissing);
    }
    let mut digits = String::new();
    for (at, c) in text.char_indices() {
        match c {
            '0'..='9' => digits.push(c),
            '+' | '\'' | '`' if at == 0 => {}
            '-' | ' ' | '.' | '(' | ')' | '~' | '·' => {}
            _ => return Err(Why::PhoneUnreadable),
        }
        if digits.len() > 20 {
            return Err(Why::PhoneLength);
        }
    }
    let abroad = if text.starts_with('+') {
        Some(digits.as_str())
    } else {
        digits.strip_prefix("00")
    };
    let national = match abroad {
        Some(rest) => match rest.strip_prefix("82") {
            Some(rest) => rest.to_owned(),
            None => return Err(Why::PhoneNotMobile),
        },
        None if digits.starts_with("8210") && digits.len() == 12 => digits[2..].to_owned(),
        None => digits,
    };
    let national = if national.starts_with('1') && (9..=10).contains(&national.len()) {
        format!("0{national}")
    } else {
        national
    };
    let length = national.len();
    match national.get(..3) {
        Some("010") if length == 11 => Ok(national),
        Some("011" | "016" | "017" | "018" | "019") if (10..=11).contains(&length) => Ok(national),
        Some("010" | "011" | "016" | "017" | "018" | "019") => Err(Why::PhoneLength),
        _ if length < 9 => Err(Why::PhoneLength),
        _ => Err(Why::PhoneNotMobile),
    }
}
