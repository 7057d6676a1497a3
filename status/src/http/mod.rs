//! How the site is carried: the listener with its limits, headers, files, and the public's door.

pub(crate) mod assets;
pub(crate) mod headers;
pub mod listen;
mod problem;
mod public;

pub(crate) use listen::{Bounded, Guarded, Peer};
pub(crate) use problem::problem;
pub(crate) use public::{chosen_lang, cookie, failure, public, query_value, remember};
