//! What stands before every page: security headers, where a request came from, one log line.

mod headers;
mod lanes;
mod origin;
mod reload;

pub use headers::{security, trace};
pub use lanes::{Lanes, lanes};
pub use origin::same_origin;
pub use reload::reload;
