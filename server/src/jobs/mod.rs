//! Work that goes on without a request.

pub mod bank;
pub mod cards;
pub mod figures;
pub mod forget;
pub mod log;
pub mod municipalities;
pub mod payouts;
pub mod settlements;
pub mod sweep;
pub mod tidy;
