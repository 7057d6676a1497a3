//! The ledger against both engines. Run by `scripts/with-postgres cargo test -p ledger`.

mod alerts;
mod bank;
mod canary;
mod cards;
mod cards_model;
mod codes;
mod concurrency;
mod deposits;
mod faults;
mod figures;
mod gifts;
mod guards;
mod history;
mod holds;
mod log;
mod model;
mod operations;
mod payouts;
mod poster;
mod refunds;
mod settlements;
mod sweep;
mod take_backs;
mod terms;
mod world;
