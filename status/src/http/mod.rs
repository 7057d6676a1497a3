//! How the site is carried: the listener with its limits, headers, files, and the public's door.

pub(crate) mod assets;
pub(crate) mod headers;
mod listen;
mod problem;
mod public;

pub(crate) use listen::{Bounded, Peer};
pub(crate) use problem::problem;
pub(crate) use public::{chosen_lang, cookie, public, query_value, remember};
