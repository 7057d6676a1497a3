//! The door of every page and form: who is asking, in which language, with which form; what may be
//! answered, and how it is said when it may not.

mod amount;
mod asked;
mod cookies;
mod ctx;
mod error;
mod fields;
mod form;

pub use asked::{day_end, day_start};
pub use cookies::{cookie_name, read as read_cookie, set_cookie};
pub use ctx::{Citizen, Ctx, Official, client_ip};
pub use error::PageError;
pub use fields::{Choice, Field};
pub use form::{Form, Posted};

/// What a page handler gives back.
pub type Answer = Result<axum::response::Response, PageError>;
