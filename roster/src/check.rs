//! The check of a file: every row's outcome, and what it comes to.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    io::{Read, Seek},
};

use jiff::civil::Date;

use crate::{
    Field, FileProblem, Options, Why,
    cell::{Cell, RawRow, column_name, is_space},
    columns::{self, Found, HEADER_ROWS, Header},
    parse::{amount_of, birth_of, parse_name, parse_phone},
    place,
    problem::shown,
    read::{Content, CsvRows, Rows, Workbook, delimiter_and_start, sniff},
    resident,
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
            for candidate in workbook.sheets.clone() {
                let mut rows = workbook.rows(&candidate)?;
                match sheet(&mut rows, options, &mut report, sink)? {
                    None => {
                        report.sheet = Some(candidate.name);
                        return Ok(report);
                    }
                    Some(found) => {
                        if nearest
                            .as_ref()
                            .is_none_or(|(missing, _)| found.0.len() < missing.len())
                        {
                            nearest = Some(found);
                        }
                    }
                }
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
    report.unit_won = header.unit_won;
    for row in &first[..header.first] {
        title(row, options, report)?;
    }
    let mut judge = Judge {
        header,
        options,
        seen: HashMap::new(),
        keys: (RandomState::new(), RandomState::new()),
    };
    let start = judge.header.first + judge.header.height;
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

/// Refuses the file for a resident registration number in any cell of a row.
fn refuse_resident(row: &RawRow, header: Option<&Header>) -> Result<(), FileProblem> {
    for (column, cell) in row.cells.iter().enumerate() {
        let refused = match cell {
            Cell::Text(text) => {
                resident::is_in(text)
                    || header
                        .is_some_and(|header| !header.numbered.contains(&column) && resident::is_bare(text))
            }
            Cell::Number(value) if *value >= 1e11 => header.is_some_and(|header| {
                !header.numbered.contains(&column) && resident::is_bare(&format!("{value:013.0}"))
            }),
            _ => false,
        };
        if refused {
            return Err(FileProblem::ResidentNumber {
                row: row.number,
                column: column_name(column),
            });
        }
    }
    Ok(())
}

struct Judge<'o> {
    header: Header,
    options: &'o Options,
    /// The hash of a person to the row that stands for them.
    seen: HashMap<(u64, u64), u32>,
    /// Two keys drawn for this run: 128 bits that nobody can aim at.
    keys: (RandomState, RandomState),
}

impl Judge<'_> {
    fn row<E>(
        &mut self,
        row: RawRow,
        report: &mut Report,
        sink: &mut dyn FnMut(CheckedRow) -> Result<(), E>,
    ) -> Result<(), Failure<E>> {
        if row.number > self.options.limits.max_rows {
            return Err(FileProblem::TooManyRows {
                limit_rows: self.options.limits.max_rows,
            }
            .into());
        }
        refuse_resident(&row, Some(&self.header))?;
        let [name, birth, phone, amount] = self.header.columns.map(|column| row.cell(column));
        if [name, birth, phone, amount].into_iter().all(Cell::is_blank)
            || is_total(&row, &self.header, birth, phone)
            || is_note(&row, name, birth, phone, amount)
            || is_header_again(name, phone, amount)
        {
            return Ok(());
        }
        if let Some(issuer) = &self.options.municipality {
            for column in &self.header.issuers {
                if let Some(found) = place::stranger_in_code(&row.cell(*column).display(), issuer) {
                    let own = issuer.own.name.clone();
                    return Err(FileProblem::OtherMunicipality {
                        found,
                        own,
                        row: row.number,
                    }
                    .into());
                }
            }
        }
        let outcome = match self.entry(name, birth, phone, amount) {
            Ok(entry) => self.once(entry, row.number),
            Err(why) => Outcome::Error {
                field: why.field(),
                why,
            },
        };
        match &outcome {
            Outcome::Ok(entry) => {
                report.ok += 1;
                report.total_won = report
                    .total_won
                    .checked_add(entry.amount_won)
                    .ok_or(FileProblem::TotalTooLarge)?;
            }
            Outcome::Error { .. } => report.error += 1,
            Outcome::Duplicate { .. } => report.duplicate += 1,
        }
        let cells = [name, birth, phone, amount].map(Cell::display);
        sink(CheckedRow {
            row: row.number,
            name: cells[0].clone(),
            outcome,
            cells,
        })
        .map_err(Failure::Sink)
    }

    fn entry(&self, name: &Cell, birth: &Cell, phone: &Cell, amount: &Cell) -> Result<Entry, Why> {
        let text = |cell: &Cell, unreadable: Why| match cell {
            Cell::Error(_) => Err(unreadable),
            cell => Ok(cell.display()),
        };
        let name = parse_name(&text(name, Why::NameUnreadable)?)?;
        let birth = if birth.is_blank() {
            Err(Why::BirthMissing)
        } else {
            birth_of(birth, self.options.today)
        }?;
        let phone = parse_phone(&text(phone, Why::PhoneUnreadable)?)?;
        let amount_won = if amount.is_blank() {
            Err(Why::AmountMissing)
        } else {
            amount_of(amount, self.header.unit_won, self.options.limits.max_amount_won)
        }?;
        Ok(Entry {
            name,
            birth,
            phone,
            amount_won,
        })
    }

    fn once(&mut self, entry: Entry, row: u32) -> Outcome {
        let person = (&entry.name, entry.birth, &entry.phone);
        let key = (self.keys.0.hash_one(person), self.keys.1.hash_one(person));
        match self.seen.entry(key) {
            std::collections::hash_map::Entry::Occupied(first) => Outcome::Duplicate { of_row: *first.get() },
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(row);
                Outcome::Ok(entry)
            }
        }
    }
}

/// A row of sums: 합계, 소계, total, in a cell before the amount, with nobody's birth date or phone.
fn is_total(row: &RawRow, header: &Header, birth: &Cell, phone: &Cell) -> bool {
    const WORDS: [&str; 10] = [
        "합계",
        "총계",
        "소계",
        "누계",
        "계",
        "총합계",
        "total",
        "subtotal",
        "grandtotal",
        "sum",
    ];
    let digits = |cell: &Cell| cell.display().chars().filter(|c| c.is_numeric()).count();
    if digits(birth) >= 6 || digits(phone) >= 9 || matches!(birth, Cell::Serial { .. }) {
        return false;
    }
    let before = header.columns[3].max(header.columns[0] + 1);
    row.cells.iter().take(before).any(|cell| {
        let Cell::Text(text) = cell else { return false };
        if text.len() > 200 {
            return false;
        }
        let word: String = text
            .split(['(', '（', '['])
            .next()
            .unwrap_or_default()
            .to_lowercase();
        let word: String = word.chars().filter(|c| c.is_alphabetic()).collect();
        WORDS.contains(&word.as_str())
    })
}

/// A line under the table, in the column of the names.
fn is_note(row: &RawRow, name: &Cell, birth: &Cell, phone: &Cell, amount: &Cell) -> bool {
    let Cell::Text(text) = name else { return false };
    if ![birth, phone, amount].into_iter().all(Cell::is_blank) {
        return false;
    }
    let text = text.trim_start_matches(is_space);
    let alone = row.cells.iter().filter(|cell| !cell.is_blank()).count() == 1;
    text.starts_with(['※', '*', '☞', '○', '◦', '•', '-', '□', '■', '▶', '#', '주'].as_slice())
        && (!text.starts_with('주')
            || text.starts_with("주)")
            || text.starts_with("주:")
            || text.starts_with("주 "))
        || [
            "이하여백",
            "이하 여백",
            "끝.",
            "작성자",
            "작성일",
            "담당자",
            "확인자",
            "결재",
            "붙임",
        ]
        .iter()
        .any(|word| text.contains(word))
        || (alone && text.chars().count() > 20)
}

/// The header printed again at the top of a page.
fn is_header_again(name: &Cell, phone: &Cell, amount: &Cell) -> bool {
    columns::names(name, Field::Name)
        && columns::names(amount, Field::Amount)
        && columns::names(phone, Field::Phone)
}
