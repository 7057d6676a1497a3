//! Work that goes on without a request.

pub mod log;
pub mod municipalities;
pub mod payouts;
pub mod sweep;
pub mod tidy;
