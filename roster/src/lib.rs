//! What a roster is: the list of people and amounts that an official brings as a workbook or as CSV.
//!
//! This room reads a file as it came out of an office, finds its header under the titles, and says of each
//! row what would be paid or why not. It imports no other room, opens no database and looks at no clock:
//! `today` and the municipality come from the caller. It pays nobody.
//!
//! What must stay true here:
//! - memory is bounded whatever the file is (FACTS section 2: rosters of 2.5 million people), and no input panics;
//! - a resident registration number (주민등록번호) refuses the whole file, and not a digit of it leaves this
//!   room: not in a row, not in a message, not in a log (DESIGN 13);
//! - a file is judged by its content, never by its name.

mod cell;
mod check;
mod columns;
mod json;
mod judge;
mod options;
mod parse;
mod place;
mod problem;
mod read;
mod resident;
mod skip;
mod why;

pub use check::{CheckedRow, Entry, Failure, Outcome, Report, check};
pub use json::{JsonProblem, JsonReport, JsonRow, to_json};
pub use options::{Issuer, Limits, Options, Place};
pub use parse::{ParsedPhone, parse_amount, parse_birth, parse_name, parse_phone};
pub use problem::{FileProblem, Lang};
pub use why::{Field, Why};
