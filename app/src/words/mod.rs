//! Every word that a person reads, in Korean and English (`app/locales/<language>/<resource>.json`), and
//! how won, dates and phone numbers are written.

mod banks;
mod format;
mod problem;
mod refusal;
mod rules;

pub use banks::bank;
pub use format::{
    bytes, date, day, day_of, korean, month, month_day, number, percent, phone, time, time_s, weekday, when,
    won, won_parts, won_round, won_signed,
};
pub use problem::{password_hint, problem};
pub use refusal::{refusal, refusal_at_till, seconds};
pub use rules::{category, merchant_status, named, programme_kind, restriction, transfer_kind};

include!(concat!(env!("OUT_DIR"), "/i18n/mod.rs"));

pub use i18n::Locale as Lang;

/// One text in the reader's language: `word!(lang, wallet.title)`, `word!(lang, wallet.ends, date = …)`.
/// Always a `String`.
#[macro_export]
macro_rules! word {
    ($lang:expr, $($key:tt)*) => { leptos_i18n::td_string!($lang, $($key)*).to_string() };
}
