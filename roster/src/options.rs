//! What the caller decides: limits, the municipality, the day.

use jiff::civil::Date;

/// How much of a file is read before it is refused. Every limit is there so that memory stays bounded.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The file as it was uploaded, in bytes. Default 1 GiB.
    pub max_bytes: u64,
    /// One row (a line of CSV, a `row` of a sheet, a text in a workbook), in bytes. Default 1 MiB.
    pub max_row_bytes: u64,
    /// All parts of a workbook unpacked, in bytes. Default 8 GiB.
    pub max_unpacked_bytes: u64,
    /// Unpacked bytes per packed byte, above the first 64 MiB. Default 250: a real roster packs 5 to 50 times.
    pub max_ratio: u64,
    /// All texts that a workbook shares between its cells, in bytes of memory. Default 256 MiB.
    pub max_shared_bytes: u64,
    /// Rows read, empty ones included. Default 5 million.
    pub max_rows: u32,
    /// The most that one row may pay, in won. Default one billion.
    pub max_amount_won: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 1 << 30,
            max_row_bytes: 1 << 20,
            max_unpacked_bytes: 8 << 30,
            max_ratio: 250,
            max_shared_bytes: 256 << 20,
            max_rows: 5_000_000,
            max_amount_won: 1_000_000_000,
        }
    }
}

/// A 시·도 or 시·군·자치구 as the official list of region codes names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Five digits; a 시·도 ends in 000.
    pub code: i64,
    /// Its own name: 성남시, 경기도.
    pub name: String,
    /// The 시·도 it belongs to (경기도); empty for a 시·도 itself.
    pub province: String,
}

/// Whose roster it should be.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// The municipality that pays.
    pub own: Place,
    /// All other municipalities, to know one when a title names it.
    pub others: Vec<Place>,
}

/// Everything the check needs besides the file.
#[derive(Clone, Debug)]
pub struct Options {
    /// How much is read.
    pub limits: Limits,
    /// Whose roster it should be; `None` compares nothing.
    pub municipality: Option<Issuer>,
    /// The day the check is made (Asia/Seoul): nobody is born after it.
    pub today: Date,
    /// Whether rows bring all their cells along, for a result in the official's own columns.
    pub own: bool,
}

impl Options {
    /// Default limits, no municipality to compare with.
    pub fn new(today: Date) -> Self {
        Self {
            limits: Limits::default(),
            municipality: None,
            today,
            own: false,
        }
    }
}
