//! The public status site of Neul: what the public sees, above all when everything else is down.
//!
//! It stands alone (DESIGN 6): its own process, listener, runtime, `SQLite` file and static files. It imports
//! no other room, asks no other service while it answers, and takes no font or image from another host.
//! What is public is rendered once per change and answered from memory (`snapshot`); so it goes on telling
//! its last truth when its own store fails. It must never compute a page in a public request, never claim
//! more than was recorded, and never hide one incident behind the end of another.
//!
//! One folder per thing that a person sees: components, incidents, maintenance, history, desk; beside them
//! the machine's views (`api`, `feeds`) and what carries them (`db`, `snapshot`, `http`, `words`).

mod api;
mod badge;
mod components;
mod config;
mod db;
mod demo;
mod desk;
mod error;
mod feeds;
pub mod history;
mod http;
mod incidents;
mod log;
mod maintenance;
mod operators;
mod pages;
mod probes;
mod report;
mod site;
mod snapshot;
mod subscriptions;
mod twin;
mod words;

pub use components::ComponentStatus;
pub use config::{Clock, Config, PageInfo};
pub use demo::fill_demo;
pub use error::StatusError;
pub use http::listen;
pub use log::accept as log_accept;
pub use operators::operator_add;
pub use probes::{Judge, Probing, Rules};
pub use site::{Bound, bind, export, serve};
pub use subscriptions::{MailServer, Outbound, is_public};
