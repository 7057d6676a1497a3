//! The portal from outside, over its router: real databases, real cookies, no browser.

mod access;
mod bank;
mod api;
mod forms;
mod house;
mod probe;
mod till;
mod uploads;
mod wallet_money;
