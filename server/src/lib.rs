//! What keeps the house running: configuration, layers, jobs, the status site's process, the command line.

pub mod api;
pub mod bank;
pub mod bulkhead;
pub mod cli;
pub mod commands;
pub mod config;
pub mod jobs;
pub mod layers;
pub mod listen;
pub mod log_keys;
pub mod logs;
pub mod metrics;
pub mod probe;
pub mod routes;
pub mod serve;
pub mod simulate;
pub mod status_child;
pub mod status_watch;
pub mod telemetry;
