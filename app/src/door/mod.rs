//! The door of every page and form: who is asking, in which language, with which form; what may be
//! answered, and how it is said when it may not.

mod cookies;
mod ctx;
mod error;
mod form;

pub use cookies::{cookie_name, set_cookie};
pub use ctx::{Citizen, Ctx, Official};
pub use error::PageError;
pub use form::{Field, Form, Posted};

/// What a page handler gives back.
pub type Answer = Result<axum::response::Response, PageError>;
