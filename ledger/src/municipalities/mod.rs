//! Who issues: the official list, and the municipalities that have opened here.

mod issuers;
mod register;
mod titles;

pub use issuers::{Issuer, issuer, issuers};
pub use register::{Municipality, NewMunicipality};
pub use titles::find_names_in;
