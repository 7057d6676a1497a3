//! One sheet, row by row.

use std::io::Read;

use quick_xml::events::Event;

use super::{
    shared::Shared,
    styles::{Shows, Styles},
    xml::{Xml, attribute, push_text, unescape_x},
};
use crate::{
    FileProblem, Limits,
    cell::{Cell, MAX_COLUMNS, RawRow, column_name},
    read::Rows,
    resident,
};

/// What Excel itself has room for.
const MAX_SHEET_ROWS: u32 = 1_048_576;
const MAX_SHEET_COLUMNS: usize = 16_384;

/// The rows of a sheet. Rows that are not in the file do not come; each carries its number.
pub(crate) struct SheetRows<'w, R: Read> {
    pub(super) xml: Xml<R>,
    pub(super) shared: &'w Shared,
    pub(super) styles: &'w Styles,
    pub(super) epoch_1904: bool,
    pub(super) limits: Limits,
    pub(super) last_row: u32,
    pub(super) ended: bool,
}

#[derive(Default)]
struct Open {
    column: usize,
    kind: String,
    style: usize,
    text: String,
    /// Inside `v`, or inside `t` of `is`.
    in_value: bool,
    phonetic: bool,
    formula: bool,
}

impl<R: Read> Rows for SheetRows<'_, R> {
    fn epoch_1904(&self) -> bool {
        self.epoch_1904
    }

    fn next_row(&mut self) -> Result<Option<RawRow>, FileProblem> {
        if self.ended {
            return Ok(None);
        }
        let mut row: Option<RawRow> = None;
        let mut open: Option<Open> = None;
        let (mut next_column, mut bytes) = (0_usize, 0_u64);
        loop {
            let event = self.xml.next_event()?;
            match &event {
                // A sheet whose end is missing lost rows on its way.
                Event::Eof => return Err(FileProblem::BrokenWorkbook),
                Event::Start(start) => match start.local_name().as_ref() {
                    b"row" => {
                        let number = match attribute(start, "r")? {
                            Some(r) => r.trim().parse().map_err(|_| FileProblem::BrokenWorkbook)?,
                            None => self.last_row + 1,
                        };
                        if number <= self.last_row || number > MAX_SHEET_ROWS {
                            return Err(FileProblem::BrokenWorkbook);
                        }
                        self.last_row = number;
                        row = Some(RawRow {
                            number,
                            cells: Vec::new(),
                        });
                        next_column = 0;
                        self.xml.row = number;
                    }
                    b"c" => {
                        let column = match attribute(start, "r")? {
                            Some(name) => column_of(&name).ok_or(FileProblem::BrokenWorkbook)?,
                            None => next_column,
                        };
                        if column >= MAX_SHEET_COLUMNS {
                            return Err(FileProblem::BrokenWorkbook);
                        }
                        next_column = column + 1;
                        let style = attribute(start, "s")?
                            .and_then(|s| s.parse().ok())
                            .unwrap_or_default();
                        open = Some(Open {
                            column,
                            kind: attribute(start, "t")?.unwrap_or_default(),
                            style,
                            ..Open::default()
                        });
                    }
                    b"v" | b"t" => {
                        if let Some(open) = &mut open {
                            open.in_value = !open.phonetic;
                        }
                    }
                    b"f" => {
                        if let Some(open) = &mut open {
                            open.formula = true;
                        }
                    }
                    b"rPh" => {
                        if let Some(open) = &mut open {
                            open.phonetic = true;
                        }
                    }
                    _ => {}
                },
                Event::End(end) => match end.local_name().as_ref() {
                    b"v" | b"t" => {
                        if let Some(open) = &mut open {
                            open.in_value = false;
                        }
                    }
                    b"rPh" => {
                        if let Some(open) = &mut open {
                            open.phonetic = false;
                        }
                    }
                    b"c" => {
                        if let (Some(open), Some(row)) = (open.take(), &mut row) {
                            let column = open.column;
                            let cell = value(open, self.shared, self.styles, self.epoch_1904)?;
                            bytes += 16
                                + if let Cell::Text(text) = &cell {
                                    text.len() as u64
                                } else {
                                    0
                                };
                            if bytes > self.limits.max_row_bytes {
                                return Err(FileProblem::RowTooLong {
                                    row: row.number,
                                    limit_bytes: self.limits.max_row_bytes,
                                });
                            }
                            put(row, column, cell)?;
                        }
                    }
                    b"row" => {
                        if let Some(row) = row.take() {
                            return Ok(Some(row));
                        }
                    }
                    b"sheetData" => {
                        self.ended = true;
                        return Ok(None);
                    }
                    _ => {}
                },
                other => {
                    if let Some(open) = open.as_mut().filter(|open| open.in_value) {
                        push_text(&mut open.text, other)?;
                        if open.text.len() as u64 > self.limits.max_row_bytes {
                            return Err(FileProblem::RowTooLong {
                                row: self.xml.row.max(1),
                                limit_bytes: self.limits.max_row_bytes,
                            });
                        }
                    }
                }
            }
        }
    }
}

fn put(row: &mut RawRow, column: usize, cell: Cell) -> Result<(), FileProblem> {
    if column >= MAX_COLUMNS {
        if let Cell::Text(text) = &cell
            && resident::is_in(text)
        {
            return Err(FileProblem::ResidentNumber {
                row: row.number,
                column: column_name(column),
            });
        }
        return Ok(());
    }
    if row.cells.len() <= column {
        if cell == Cell::Empty {
            return Ok(());
        }
        row.cells.resize(column + 1, Cell::Empty);
    }
    row.cells[column] = cell;
    Ok(())
}

fn value(open: Open, shared: &Shared, styles: &Styles, epoch_1904: bool) -> Result<Cell, FileProblem> {
    let text = open.text;
    if text.is_empty() {
        // A formula that gives an empty text says so by its type.
        let uncounted = open.formula && open.kind != "str";
        return Ok(if uncounted { Cell::Uncounted } else { Cell::Empty });
    }
    Ok(match open.kind.as_str() {
        "s" => {
            let index: usize = text.trim().parse().map_err(|_| FileProblem::BrokenWorkbook)?;
            let text = shared.get(index).ok_or(FileProblem::BrokenWorkbook)?;
            if text.is_empty() {
                Cell::Empty
            } else {
                Cell::Text(text.to_owned())
            }
        }
        "inlineStr" | "str" => Cell::Text(unescape_x(text)),
        "d" => Cell::Text(text),
        "b" => Cell::Text(if text.trim() == "1" { "TRUE" } else { "FALSE" }.to_owned()),
        "e" => Cell::Error(text.chars().take(20).collect()),
        _ => match text.trim().parse::<f64>() {
            Ok(value) if value.is_finite() => match styles.shows(open.style) {
                Shows::Number => Cell::Number(value),
                Shows::Thousands(by) => Cell::Scaled { value, by },
                Shows::Date => Cell::Serial { value, epoch_1904 },
            },
            // Programs other than Excel write texts without saying so.
            _ => Cell::Text(text),
        },
    })
}

/// The column of a cell's name, counted from 0: 27 for AB12.
fn column_of(name: &str) -> Option<usize> {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).take(4);
    let column = letters.fold(0_usize, |sum, b| {
        sum * 26 + usize::from(b.to_ascii_uppercase() - b'A' + 1)
    });
    column.checked_sub(1)
}
