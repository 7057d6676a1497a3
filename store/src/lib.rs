//! How the house speaks to its two engines: `SQLite` (embedded) and `PostgreSQL`.
//!
//! Below `ledger` and `people`, which must not know each other but share one database. This crate knows
//! no table of theirs: it opens connections with the settings that durability asks for (DESIGN 4), runs
//! migrations, hands out ids that carry the municipality (DESIGN 10), and names the three places where the
//! engines differ.

mod away;
mod engine;
mod ids;
mod pulse;
#[cfg(feature = "testing")]
pub mod testing;
mod writer;

pub use away::is_away;
pub use engine::{Engine, Migrations, Step, Store, StoreError, is_unique_violation};
pub use ids::{IdRange, Ids, municipality_of};
pub use pulse::{Condition, Pulse, Seen};
pub use sqlx::Error as SqlError;
pub use writer::{Held, Writer};
