//! One cell and one row, whatever the file was.

use jiff::civil::Date;

/// Cells beyond this column are looked through for resident numbers and dropped.
pub(crate) const MAX_COLUMNS: usize = 256;

/// What stands in a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Cell {
    #[default]
    Empty,
    Text(String),
    /// A number of a workbook that is shown as a number.
    Number(f64),
    /// A number of a workbook that is shown as a date: days since the workbook's epoch.
    Serial {
        value: f64,
        epoch_1904: bool,
    },
    /// A number whose format shows it in thousands (`#,##0,`), and how many of it are shown as 1.
    Scaled {
        value: f64,
        by: i64,
    },
    /// An error value (#N/A), as the workbook writes it.
    Error(String),
    /// A formula whose result the program that wrote the workbook left out.
    Uncounted,
}

impl Cell {
    /// Whether nothing but space stands here.
    pub(crate) fn is_blank(&self) -> bool {
        match self {
            Self::Empty | Self::Uncounted => true,
            Self::Text(text) => text.chars().all(is_space),
            _ => false,
        }
    }

    /// As a person reading the sheet would copy it.
    pub(crate) fn display(&self) -> String {
        match self {
            Self::Empty | Self::Uncounted => String::new(),
            Self::Text(text) | Self::Error(text) => text.clone(),
            Self::Number(value) => number_text(*value),
            Self::Scaled { value, by } => number_text(*value / *by as f64),
            Self::Serial { value, epoch_1904 } => {
                serial_date(*value, *epoch_1904).map_or_else(|| number_text(*value), |date| date.to_string())
            }
        }
    }
}

/// A row as the file has it.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawRow {
    /// As Excel numbers it, from 1.
    pub number: u32,
    pub cells: Vec<Cell>,
}

impl RawRow {
    pub(crate) fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&Cell::Empty)
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_blank)
    }
}

/// Space and what looks like it.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || is_invisible(c)
}

/// Marks without a width that copying from a page or a phone leaves behind, directions of writing included,
/// and the Hangul fillers.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
    )
}

/// A number as Excel shows it in the format General.
pub(crate) fn number_text(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return (value as i64).to_string();
    }
    value.to_string()
}

/// The day that a serial number of a workbook means. In the 1900 system Excel counts a 29 February 1900
/// that never was (serial 60).
pub(crate) fn serial_date(value: f64, epoch_1904: bool) -> Option<Date> {
    if !(0.0..2_958_466.0).contains(&value) {
        return None;
    }
    let days = value.floor() as i64;
    let (epoch, days) = match (epoch_1904, days) {
        (true, days) => (jiff::civil::date(1904, 1, 1), days),
        (false, 0 | 60) => return None,
        (false, days) if days < 60 => (jiff::civil::date(1899, 12, 31), days),
        (false, days) => (jiff::civil::date(1899, 12, 30), days),
    };
    epoch.checked_add(jiff::Span::new().days(days)).ok()
}

/// A, B, … Z, AA, … for a column counted from 0.
pub(crate) fn column_name(column: usize) -> String {
    let mut name = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        name.push(b'A' + (rest % 26) as u8);
        rest /= 26;
    }
    name.reverse();
    String::from_utf8(name).unwrap_or_default()
}
