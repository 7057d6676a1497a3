//! CSV as Excel writes it: comma, tab or semicolon, quoted fields with newlines, CRLF, LF or CR.
//!
//! A quotation mark that stands where none may is refused rather than guessed at: what follows it could be
//! another person's amount.

use std::io::{Read, Seek, SeekFrom};

use super::{
    Rows,
    text::{TextEncoding, TextReader},
};
use crate::{
    FileProblem, Limits,
    cell::{Cell, MAX_COLUMNS, RawRow, column_name},
    columns::{self, Found, HEADER_ROWS},
    resident,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    FieldStart,
    Plain,
    /// After `=` at the start of a field: `="010…"` keeps a number text.
    Equals,
    Quoted,
    AfterQuote,
}

/// The records of a CSV file.
pub(crate) struct CsvRows<R> {
    text: TextReader<R>,
    piece: String,
    at: usize,
    delimiter: u8,
    limits: Limits,
    row: u32,
    after_cr: bool,
    ended: bool,
}

impl<R: Read> CsvRows<R> {
    /// `skip_first` leaves out a `sep=;` line, which Excel counts as no row.
    pub(crate) fn new(
        source: R,
        encoding: TextEncoding,
        delimiter: u8,
        skip_first: bool,
        limits: &Limits,
    ) -> Self {
        let mut rows = Self {
            text: TextReader::new(source, encoding),
            piece: String::new(),
            at: 0,
            delimiter,
            limits: limits.clone(),
            row: 0,
            after_cr: false,
            ended: false,
        };
        if skip_first {
            let _ = rows.next_row();
            rows.row = 0;
        }
        rows
    }

    fn fill(&mut self) -> Result<bool, FileProblem> {
        self.at = 0;
        match self.text.next_piece(&mut self.piece)? {
            Ok(more) => Ok(more),
            Err(_) => Err(FileProblem::Encoding { row: self.row }),
        }
    }

    fn push(
        cells: &mut Vec<Cell>,
        column: &mut usize,
        field: &mut String,
        row: u32,
    ) -> Result<(), FileProblem> {
        if *column < MAX_COLUMNS {
            cells.push(if field.is_empty() {
                Cell::Empty
            } else {
                Cell::Text(std::mem::take(field))
            });
        } else if resident::is_in(field) {
            return Err(FileProblem::ResidentNumber {
                row,
                column: column_name(*column),
            });
        }
        field.clear();
        *column += 1;
        Ok(())
    }
}

impl<R: Read> Rows for CsvRows<R> {
    fn next_row(&mut self) -> Result<Option<RawRow>, FileProblem> {
        if self.ended {
            return Ok(None);
        }
        self.row = self.row.saturating_add(1);
        let (mut cells, mut column, mut field) = (Vec::new(), 0, String::new());
        let (mut state, mut bytes, mut newlines) = (State::FieldStart, 0_u64, false);
        loop {
            if self.at >= self.piece.len() && !self.fill()? {
                self.ended = true;
                if matches!(state, State::Quoted) {
                    return Err(FileProblem::BrokenQuote { row: self.row });
                }
                if bytes == 0 {
                    return Ok(None);
                }
                Self::push(&mut cells, &mut column, &mut field, self.row)?;
                return Ok(Some(RawRow {
                    number: self.row,
                    cells,
                }));
            }
            if std::mem::take(&mut self.after_cr) && self.piece.as_bytes()[self.at] == b'\n' {
                self.at += 1;
                continue;
            }
            // The longest run that means nothing by itself, then the byte that does.
            let rest = &self.piece.as_bytes()[self.at..];
            let run = rest
                .iter()
                .take_while(|b| !matches!(**b, b'"' | b'\n' | b'\r' | b'=') && **b != self.delimiter)
                .count();
            bytes += run as u64 + 1;
            if bytes > self.limits.max_row_bytes {
                return Err(if matches!(state, State::Quoted) && newlines {
                    FileProblem::BrokenQuote { row: self.row }
                } else {
                    FileProblem::RowTooLong {
                        row: self.row,
                        limit_bytes: self.limits.max_row_bytes,
                    }
                });
            }
            if run > 0 {
                match state {
                    State::AfterQuote => {
                        if !rest[..run].iter().all(|b| *b == b' ') {
                            return Err(FileProblem::BrokenQuote { row: self.row });
                        }
                    }
                    State::Quoted => {}
                    _ => state = State::Plain,
                }
                if state != State::AfterQuote {
                    field.push_str(&self.piece[self.at..self.at + run]);
                }
                self.at += run;
                if self.at >= self.piece.len() {
                    continue;
                }
            }
            let byte = self.piece.as_bytes()[self.at];
            self.at += 1;
            match (state, byte) {
                (State::Quoted, b'"') => state = State::AfterQuote,
                (State::Quoted, byte) => {
                    newlines |= byte != self.delimiter && byte != b'=';
                    field.push(byte as char);
                }
                (State::FieldStart, b'"') => state = State::Quoted,
                (State::Equals, b'"') => {
                    field.clear();
                    state = State::Quoted;
                }
                (State::AfterQuote, b'"') => {
                    field.push('"');
                    state = State::Quoted;
                }
                (State::Plain, b'"') if field.chars().all(|c| c == ' ') => {
                    field.clear();
                    state = State::Quoted;
                }
                (State::Plain, b'"') => return Err(FileProblem::BrokenQuote { row: self.row }),
                (_, byte) if byte == self.delimiter => {
                    Self::push(&mut cells, &mut column, &mut field, self.row)?;
                    state = State::FieldStart;
                }
                (_, b'\n' | b'\r') => {
                    self.after_cr = byte == b'\r';
                    Self::push(&mut cells, &mut column, &mut field, self.row)?;
                    return Ok(Some(RawRow {
                        number: self.row,
                        cells,
                    }));
                }
                (State::AfterQuote, _) => return Err(FileProblem::BrokenQuote { row: self.row }),
                (was, byte) => {
                    state = if was == State::FieldStart && byte == b'=' {
                        State::Equals
                    } else {
                        State::Plain
                    };
                    field.push(byte as char);
                }
            }
        }
    }
}

/// Which sign separates the fields, and whether the first line only says so (`sep=;`). Decided by the
/// header: the sign under which the most fields are named.
pub(crate) fn delimiter_and_start<R: Read + Seek>(
    source: &mut R,
    encoding: TextEncoding,
    limits: &Limits,
) -> Result<(u8, bool), FileProblem> {
    source.seek(SeekFrom::Start(0))?;
    let mut start = String::new();
    if let Ok(true) = TextReader::new(&mut *source, encoding).next_piece(&mut start)?
        && let Some(line) = start.split(['\r', '\n']).next()
        && let Some(sign) = line.trim_matches('"').strip_prefix("sep=")
        && let [sign @ (b',' | b';' | b'\t' | b'|')] = *sign.as_bytes()
    {
        source.seek(SeekFrom::Start(0))?;
        return Ok((sign, true));
    }
    let mut best = (0, b',');
    for sign in *b",\t;|" {
        source.seek(SeekFrom::Start(0))?;
        let mut rows = CsvRows::new(&mut *source, encoding, sign, false, limits);
        let mut first = Vec::new();
        while first.len() <= HEADER_ROWS
            && let Ok(Some(row)) = rows.next_row()
        {
            first.push(row);
        }
        let width = first
            .iter()
            .map(|row| row.cells.len())
            .max()
            .unwrap_or_default()
            .min(100);
        let score = match columns::find(&first) {
            Ok(Found::Header(_)) => 1_000,
            Err(_) => 900,
            Ok(Found::None { missing, .. }) => (4 - missing.len()) * 200 + width,
        };
        if score > best.0 {
            best = (score, sign);
        }
    }
    source.seek(SeekFrom::Start(0))?;
    Ok((best.1, false))
}
