//! The status site as the public, an operator, a program and an attacker meet it: a real store, real HTTP.

mod alone;
mod desk;
mod doors;
mod escaping;
mod history;
mod house;
mod mailbox;
mod pages;
mod portal;
mod probes;
mod shapes;
mod subscriptions;
mod twin;
mod work;
