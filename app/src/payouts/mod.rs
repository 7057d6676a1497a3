//! Payouts: a roster becomes money in wallets, on the word of two officials.

mod progress;

pub use progress::{PayoutProgress, ProgressNow, ProgressWords};
