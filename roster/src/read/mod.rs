//! From bytes to rows, whatever the file is.

mod csv;
mod ole;
mod sniff;
mod text;
mod xlsx;

pub(crate) use csv::{CsvRows, delimiter_and_start};
pub(crate) use sniff::{Content, sniff};
pub(crate) use xlsx::Workbook;

use crate::{FileProblem, cell::RawRow};

/// Rows one after the other, in the order of the file, blank ones included or not.
pub(crate) trait Rows {
    /// The next row; `None` at the end.
    fn next_row(&mut self) -> Result<Option<RawRow>, FileProblem>;

    /// Whether a bare number that is a day counts from 1904.
    fn epoch_1904(&self) -> bool {
        false
    }
}
