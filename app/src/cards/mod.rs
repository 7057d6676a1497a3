//! Cards: what a resident chooses for the case that we are silent, and what was decided.

mod lists;

pub use lists::CardLists;
