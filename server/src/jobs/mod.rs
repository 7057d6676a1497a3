//! Work that goes on without a request.

pub mod payouts;
pub mod tidy;
