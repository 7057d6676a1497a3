//! Passwords: which are allowed, and how they are kept.

mod change;
mod hash;
mod rules;

pub use change::ChangePasswordError;
pub(crate) use hash::Hasher;
pub(crate) use rules::normal;
pub use rules::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, check_password, is_breached};
