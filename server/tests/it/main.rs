//! The portal from outside, over its router: real databases, real cookies, no browser.

mod access;
mod api;
mod backup;
mod bank;
mod calm;
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
mod theirs;
mod till;
mod uploads;
mod wallet_money;
