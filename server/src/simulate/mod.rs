//! Somebody outside, played by a process of its own.

mod journal;
mod network;

pub use network::{NetworkOptions, network};
