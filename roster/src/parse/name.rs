//! 성명.

use unicode_normalization::UnicodeNormalization;

use crate::{Why, cell::is_space};

/// The name trimmed, in NFC, with single spaces inside; 2 to 50 characters.
pub fn parse_name(text: &str) -> Result<String, Why> {
    let name = text
        .split(is_space)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let name: String = name.nfc().take(60).collect();
    if name.is_empty() {
        return Err(Why::NameMissing);
    }
    if name.chars().any(char::is_control) || !name.chars().any(char::is_alphabetic) {
        return Err(Why::NameUnreadable);
    }
    if !(2..=50).contains(&name.chars().count()) {
        return Err(Why::NameLength);
    }
    Ok(name)
}
