//! What the status site says, as the portal shows it: a banner on every page while something is wrong, and
//! the page `/incidents`.

mod now;
mod page;

pub use now::{IncidentNow, StatusNow, UpdateNow};
pub use page::{get, get_one};
