//! The check of a file: every row's outcome, and what it comes to.

use std::io::{Read, Seek};

use jiff::civil::Date;

use crate::{
    Field, FileProblem, Options, Why,
    cell::{Cell, RawRow, is_space},
    columns::{self, Found, HEADER_ROWS},
    judge::{Judge, refuse_resident},
    place,
    problem::shown,
    read::{Content, CsvRows, Rows, Workbook, delimiter_and_start, sniff},
};

/// A person to be paid, as the ledger and the register of people need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Trimmed, NFC, single spaces inside.
    pub name: String,
    /// The day of birth.
    pub birth: Date,
    /// Digits with the leading zero: `01012345678`.
    pub phone: String,
    /// What the row pays, in won.
    pub amount_won: i64,
}

/// What comes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It can be paid.
    Ok(Entry),
    /// It cannot be paid.
    Error {
        /// The first field that is wrong.
        field: Field,
        /// Why.
        why: Why,
    },
    /// The same person stands in an earlier row that can be paid.
    Duplicate {
        /// That row, as Excel numbers it.
        of_row: u32,
    },
}

/// One row of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedRow {
    /// As Excel numbers it.
    pub row: u32,
    /// As in the file.
    pub name: String,
    /// What comes of it.
    pub outcome: Outcome,
    /// The texts of name, birth date, phone and amount as in the file, for a page that shows what is wrong.
    pub cells: [String; 4],
    /// All cells of the row as in the file, where they were asked for ([`Options::own`]); empty otherwise.
    pub own: Vec<String>,
}

/// What a file comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows that can be paid.
    pub ok: u64,
    /// Rows that cannot.
    pub error: u64,
    /// Rows whose person stands in an earlier one.
    pub duplicate: u64,
    /// The sum of the rows that can be paid, in won.
    pub total_won: i64,
    /// The sheet that was read, of a workbook.
    pub sheet: Option<String>,
    /// The row of the header, as Excel numbers it.
    pub header_row: u32,
    /// Name, birth, phone, amount: the header of each column as in the file, digits masked.
    pub columns: [String; 4],
    /// What stands over every column, those of the four included, as in the file.
    pub header: Vec<String>,
    /// What 1 means in the amount column, in won: 1, or 1,000 where the header says (천원).
    pub unit_won: i64,
    /// The lines above the header, digits kept, at most 20 of 200 characters.
    pub titles: Vec<String>,
    /// `xlsx`, `utf-8`, `utf-16` or `cp949`.
    pub encoding: &'static str,
    /// SHA-256 of the file as it was uploaded, in hex.
    pub sha256: String,
    /// Length of the file in bytes.
    pub bytes: u64,
}

/// Why a check ended early.
#[derive(Debug)]
pub enum Failure<E> {
    /// The file is refused; rows already handed out must be thrown away.
    Problem(FileProblem),
    /// The receiver of the rows gave up.
    Sink(E),
}

impl<E> From<FileProblem> for Failure<E> {
    fn from(problem: FileProblem) -> Self {
        Self::Problem(problem)
    }
}

impl<E> From<std::io::Error> for Failure<E> {
    fn from(error: std::io::Error) -> Self {
        Self::Problem(error.into())
    }
}

/// Reads a roster and hands each row of people to `sink`, in the order of the file.
///
/// The file is read twice: once for its SHA-256 and its encoding, once row by row. Memory: one row, the
/// shared texts of a workbook, and about 24 bytes for each row that can be paid. Blocks; run it where
/// blocking is allowed.
pub fn check<R: Read + Seek, E>(
    mut source: R,
    options: &Options,
    sink: &mut dyn FnMut(CheckedRow) -> Result<(), E>,
) -> Result<Report, Failure<E>> {
    let sniffed = sniff(&mut source, &options.limits)?;
    let mut report = Report {
        sha256: sniffed.sha256,
        bytes: sniffed.bytes,
        unit_won: 1,
        ..Report::default()
    };
    match sniffed.content {
        Content::Text(encoding) => {
            report.encoding = encoding.name();
            let (delimiter, skip_first) = delimiter_and_start(&mut source, encoding, &options.limits)?;
            let mut rows = CsvRows::new(source, encoding, delimiter, skip_first, &options.limits);
            match sheet(&mut rows, options, &mut report, sink)? {
                None => Ok(report),
                Some((missing, seen)) => Err(FileProblem::Header { missing, seen }.into()),
            }
        }
        Content::Zip => {
            report.encoding = "xlsx";
            let mut workbook = Workbook::open(source, sniffed.bytes, &options.limits)?;
            let mut nearest: Option<(Vec<Field>, Vec<String>)> = None;
            let mut empty = false;
            for candidate in workbook.candidates() {
                let mut rows = workbook.rows(&candidate)?;
                match sheet(&mut rows, options, &mut report, sink) {
                    Ok(None) => {
                        report.sheet = Some(candidate.name);
                        return Ok(report);
                    }
                    Ok(Some(found)) => {
                        if nearest
                            .as_ref()
                            .is_none_or(|(missing, _)| found.0.len() < missing.len())
                        {
                            nearest = Some(found);
                        }
                    }
                    // The form that nobody filled in, beside the sheet that somebody did.
                    Err(Failure::Problem(FileProblem::NoRows)) => {
                        empty = true;
                        report.titles.clear();
                    }
                    Err(failure) => return Err(failure),
                }
            }
            if empty {
                return Err(FileProblem::NoRows.into());
            }
            let (missing, seen) = nearest.unwrap_or((Field::ALL.to_vec(), Vec::new()));
            Err(FileProblem::Header { missing, seen }.into())
        }
    }
}

/// One sheet. What is missing of a header, if it has none.
#[allow(clippy::type_complexity)]
fn sheet<E>(
    rows: &mut dyn Rows,
    options: &Options,
    report: &mut Report,
    sink: &mut dyn FnMut(CheckedRow) -> Result<(), E>,
) -> Result<Option<(Vec<Field>, Vec<String>)>, Failure<E>> {
    let mut first = Vec::new();
    let mut broken = None;
    while first.len() <= HEADER_ROWS {
        match rows.next_row() {
            Ok(Some(row)) => first.push(row),
            Ok(None) => break,
            Err(problem) => {
                broken = Some(problem);
                break;
            }
        }
    }
    let found = columns::find(&first)?;
    for row in &first {
        refuse_resident(row, None)?;
    }
    let header = match (found, broken.take()) {
        (Found::Header(header), problem) => {
            broken = problem;
            header
        }
        (Found::None { .. }, Some(problem)) => return Err(problem.into()),
        (Found::None { missing, seen }, None) => return Ok(Some((missing, seen))),
    };
    report.header_row = first[header.first].number;
    report.columns = header.labels.clone().map(|label| shown(&label));
    report.header = whole_header(&first[header.first..header.first + header.height]);
    report.unit_won = header.unit_won;
    for row in &first[..header.first] {
        title(row, options, report)?;
    }
    let start = header.first + header.height;
    let mut judge = Judge::new(header, options, rows.epoch_1904());
    for row in first.drain(..).skip(start) {
        judge.row(row, report, sink)?;
    }
    if let Some(problem) = broken {
        return Err(problem.into());
    }
    while let Some(row) = rows.next_row()? {
        judge.row(row, report, sink)?;
    }
    if report.ok + report.error + report.duplicate == 0 {
        return Err(FileProblem::NoRows.into());
    }
    Ok(None)
}

/// Each column's header: of two rows, both where they differ.
fn whole_header(rows: &[RawRow]) -> Vec<String> {
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
    let text = |column: usize| {
        let mut parts: Vec<String> = Vec::new();
        for row in rows {
            let part = row.cell(column).display().trim_matches(is_space).to_owned();
            if !part.is_empty() && !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts.join(" ")
    };
    (0..width).map(text).collect()
}

fn title(row: &RawRow, options: &Options, report: &mut Report) -> Result<(), FileProblem> {
    let line: Vec<String> = row
        .cells
        .iter()
        .filter(|cell| !cell.is_blank())
        .map(Cell::display)
        .collect();
    let line = line
        .join(" ")
        .split(is_space)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if line.is_empty() {
        return Ok(());
    }
    if let Some(issuer) = &options.municipality
        && let Some(found) = place::stranger_in_text(&line, issuer)
    {
        return Err(FileProblem::OtherMunicipality {
            found,
            own: issuer.own.name.clone(),
            row: row.number,
        });
    }
    if report.titles.len() < 20 {
        report.titles.push(line.chars().take(200).collect());
    }
    Ok(())
}
