//! Work that goes on without a request.

pub mod cards;
pub mod municipalities;
pub mod payouts;
pub mod sweep;
pub mod tidy;
