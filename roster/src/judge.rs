//! One row under the header: a person who can be paid, or why not.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    ops::RangeInclusive,
};

use unicode_normalization::UnicodeNormalization;

use crate::{
    CheckedRow, Entry, Failure, FileProblem, Options, Outcome, Report, Why,
    cell::{Cell, RawRow, column_name, is_space},
    columns::Header,
    parse::{amount_of, birth_of, parse_name, parse_phone},
    place, resident,
    skip::is_nobody,
};

/// Refuses the file for a resident registration number in any cell of a row.
pub(crate) fn refuse_resident(row: &RawRow, header: Option<&Header>) -> Result<(), FileProblem> {
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

/// What the rows under one header are judged by.
pub(crate) struct Judge<'o> {
    header: Header,
    options: &'o Options,
    epoch_1904: bool,
    /// The hash of a person to the row that stands for them.
    seen: HashMap<(u64, u64), u32>,
    /// Two keys drawn for this run: 128 bits that nobody can aim at.
    keys: (RandomState, RandomState),
}

impl<'o> Judge<'o> {
    pub(crate) fn new(header: Header, options: &'o Options, epoch_1904: bool) -> Self {
        Self {
            header,
            options,
            epoch_1904,
            seen: HashMap::new(),
            keys: (RandomState::new(), RandomState::new()),
        }
    }

    /// Judges one row under the header, unless it is nobody's.
    pub(crate) fn row<E>(
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
        if is_nobody(&row, &self.header, &report.titles) {
            return Ok(());
        }
        let [name, birth, phone, amount] = self.header.columns.map(|column| row.cell(column));
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
        let entry = self.entry(name, birth, phone, amount).and_then(|entry| {
            if self.is_split(&row) {
                Err(Why::AmountSplit)
            } else {
                Ok(entry)
            }
        });
        let outcome = match entry {
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
        let mut own: Vec<String> = Vec::new();
        if self.options.own {
            own.extend(row.cells.iter().map(Cell::display));
            let filled = own
                .iter()
                .rposition(|cell| !cell.is_empty())
                .map_or(0, |last| last + 1);
            own.truncate(filled);
        }
        sink(CheckedRow {
            row: row.number,
            name: cells[0].clone(),
            outcome,
            cells,
            own,
        })
        .map_err(Failure::Sink)
    }

    fn entry(&self, name: &Cell, birth: &Cell, phone: &Cell, amount: &Cell) -> Result<Entry, Why> {
        let text = |cell: &Cell, unreadable: (Why, Why)| match cell {
            Cell::Error(_) => Err(unreadable.0),
            Cell::Uncounted => Err(unreadable.1),
            cell => Ok(cell.display()),
        };
        let name = parse_name(&text(name, (Why::NameUnreadable, Why::NameUncounted))?)?;
        let birth = birth_of(birth, self.epoch_1904, self.options.today)?;
        let phone = parse_phone(&text(phone, (Why::PhoneUnreadable, Why::PhoneUncounted))?)?;
        let amount_won = amount_of(amount, self.header.unit_won, self.options.limits.max_amount_won)?;
        Ok(Entry {
            name,
            birth,
            phone,
            amount_won,
        })
    }

    /// Whether the amount is only what stands before its comma: 100,000 without quotation marks is two fields of a
    /// CSV, and the row has one more than the header.
    fn is_split(&self, row: &RawRow) -> bool {
        let column = self.header.columns[3];
        let digits = |cell: &Cell, lengths: RangeInclusive<usize>| {
            let Cell::Text(text) = cell else { return false };
            let text = text.trim_matches(is_space).trim_start_matches(['₩', '\\', '￦']);
            let text = text.strip_suffix('원').unwrap_or(text);
            lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
        };
        row.cells.len() > self.header.width
            && digits(row.cell(column), 1..=3)
            && digits(row.cell(column + 1), 3..=3)
    }

    /// Spaces and case of a name do not tell people apart, as they do not where money is claimed.
    fn once(&mut self, entry: Entry, row: u32) -> Outcome {
        let name: String = entry
            .name
            .nfkc()
            .filter(|c| !is_space(*c))
            .flat_map(char::to_uppercase)
            .collect();
        let person = (name, entry.birth, &entry.phone);
        let key = (self.keys.0.hash_one(&person), self.keys.1.hash_one(&person));
        match self.seen.entry(key) {
            std::collections::hash_map::Entry::Occupied(first) => Outcome::Duplicate { of_row: *first.get() },
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(row);
                Outcome::Ok(entry)
            }
        }
    }
}
