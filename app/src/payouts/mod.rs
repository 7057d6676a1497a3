//! Payouts: a roster becomes money in wallets, on the word of two officials.

mod progress;

#[cfg(feature = "ssr")]
mod actions;
#[cfg(feature = "ssr")]
mod document;
#[cfg(feature = "ssr")]
mod document_parts;
#[cfg(feature = "ssr")]
mod intake;
#[cfg(feature = "ssr")]
mod lines;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod new;
#[cfg(feature = "ssr")]
mod repeats;
#[cfg(feature = "ssr")]
mod result;
#[cfg(feature = "ssr")]
mod rows;
#[cfg(feature = "ssr")]
mod rules;
#[cfg(feature = "ssr")]
mod said;
#[cfg(feature = "ssr")]
mod schedule;
#[cfg(feature = "ssr")]
mod upload;
#[cfg(feature = "ssr")]
mod withdraw;

pub use progress::{PayoutProgress, ProgressNow};

#[cfg(feature = "ssr")]
pub use actions::{hand_in, post_approve, post_cancel, post_return, post_submit};
#[cfg(feature = "ssr")]
pub use document::{get as get_one, get_progress};
#[cfg(feature = "ssr")]
pub use intake::{Intake, IntakeRefused, check_options, kept_row};
#[cfg(feature = "ssr")]
pub use list::{get, staff_names};
#[cfg(feature = "ssr")]
pub use new::{get as get_new, open_programmes, post as post_new, programme_choices};
#[cfg(feature = "ssr")]
pub use repeats::{post as post_repeats, post_rest};
#[cfg(feature = "ssr")]
pub use result::{get_csv as get_result_csv, get_xlsx as get_result_xlsx};
#[cfg(feature = "ssr")]
pub use rules::{get as get_rules, post as post_rules};
#[cfg(feature = "ssr")]
pub use said::{error_field, kind, roster_lang, state, tone};
#[cfg(feature = "ssr")]
pub use withdraw::{get as get_withdraw, post as post_withdraw};
