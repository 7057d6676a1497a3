//! The portal from outside, over its router: real databases, real cookies, no browser.

mod access;
mod api;
mod backup;
mod bank;
mod calm;
mod canary;
mod cards;
mod crash;
mod desk;
mod forms;
mod house;
mod lanes;
mod log;
mod network;
mod order;
mod probe;
mod telemetry;
mod theirs;
mod till;
#[allow(dead_code, reason = "each program of tests uses a part")]
#[path = "../tools/mod.rs"]
mod tools;
mod uploads;
mod wallet_money;
