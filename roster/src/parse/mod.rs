//! Names, birth dates, phones and amounts as officials write them.

mod amount;
mod birth;
mod name;
mod phone;

use unicode_normalization::UnicodeNormalization;

pub(crate) use amount::amount_of;
pub use amount::parse_amount;
pub(crate) use birth::birth_of;
pub use birth::parse_birth;
pub use name::parse_name;
pub use phone::{ParsedPhone, parse_phone};

/// Full-width digits, letters and signs as the ordinary ones, without space around and without invisible marks.
fn plain(text: &str) -> String {
    let text: String = text
        .nfkc()
        .filter(|c| !crate::cell::is_invisible(*c))
        .map(|c| match c {
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | 'ー' => '-',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect();
    text.trim().to_owned()
}

/// Systems that export CSV for Excel write `="010…"` so that a number stays text.
fn unquoted(text: &str) -> &str {
    text.strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(text)
}
