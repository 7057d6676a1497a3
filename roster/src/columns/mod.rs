//! Which column is which: the header row under the titles, and the words officials put in it.

mod label;
mod unit;
mod words;

use unicode_normalization::UnicodeNormalization;

use self::{
    label::{Label, is_resident, label, meaning},
    words::{ADDRESS_CITY, ADDRESS_PARTS, ISSUERS},
};
use crate::{
    Field, FileProblem,
    cell::{Cell, RawRow, column_name},
    problem::shown,
};

/// The header is one of the first rows, or none is.
pub(crate) const HEADER_ROWS: usize = 50;

/// Where everything stands.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    /// In the rows that were looked through.
    pub first: usize,
    /// Rows that the header takes: one or two.
    pub height: usize,
    /// Columns of name, birth, phone and amount.
    pub columns: [usize; 4],
    /// The headers of these columns, as in the file.
    pub labels: [String; 4],
    /// Columns that say whose the row is.
    pub issuers: Vec<usize>,
    /// Columns where thirteen digits are an account, not a person.
    pub numbered: Vec<usize>,
    /// What 1 means in the amount column, in won.
    pub unit_won: i64,
    /// Cells that the header rows take; a row that takes more was split where nobody meant it.
    pub width: usize,
    /// What stands over the four columns, row by row, to know the header when it is printed again.
    pub rows: Vec<[String; 4]>,
}

/// What a look through the first rows found.
pub(crate) enum Found {
    Header(Header),
    /// The nearest thing to a header.
    None {
        missing: Vec<Field>,
        seen: Vec<String>,
    },
}

/// Whether a cell is a header of this field.
fn names(cell: &Cell, field: Field) -> bool {
    label(cell)
        .and_then(|label| meaning(&label))
        .is_some_and(|(found, _)| found == field)
}

/// Looks for the header in the first rows of a sheet.
pub(crate) fn find(rows: &[RawRow]) -> Result<Found, FileProblem> {
    let mut best: Option<(usize, Vec<Field>, Vec<String>)> = None;
    // A single row first, so that a title is never taken for the upper half of a header.
    for height in [1, 2] {
        for at in 0..rows.len().min(HEADER_ROWS) {
            let below = rows
                .get(at + 1)
                .filter(|next| next.number == rows[at].number + 1 && no_digits(next));
            if height == 2 && below.is_none() {
                continue;
            }
            let labels = labels_of(&rows[at], below.filter(|_| height == 2));
            let fields = fields_of(&labels);
            let known: Vec<Field> = Field::ALL
                .into_iter()
                .filter(|field| fields.iter().any(|(_, f, _)| f == field))
                .collect();
            refuse_resident_column(&rows[at], height, &labels, &known)?;
            if known.len() == 4 {
                if let Some(below) = below {
                    refuse_resident_column(below, 1, &labels_of(below, None), &known)?;
                }
                return header(rows, at, height, &labels, &fields).map(Found::Header);
            }
            if best.as_ref().is_none_or(|(count, ..)| *count < known.len()) {
                let missing = Field::ALL
                    .into_iter()
                    .filter(|field| !known.contains(field))
                    .collect();
                let seen = rows[at]
                    .cells
                    .iter()
                    .filter(|cell| !cell.is_blank())
                    .map(|cell| shown(&cell.display()));
                best = Some((
                    known.len(),
                    missing,
                    seen.filter(|word| !word.is_empty()).take(20).collect(),
                ));
            }
        }
    }
    let (_, missing, seen) = best.unwrap_or((0, Field::ALL.to_vec(), Vec::new()));
    Ok(Found::None { missing, seen })
}

/// Each column's label and header text; of two header rows the lower says more.
fn labels_of(top: &RawRow, below: Option<&RawRow>) -> Vec<(usize, Label, String)> {
    let width = top.cells.len().max(below.map_or(0, |row| row.cells.len()));
    let mut labels = Vec::new();
    for column in 0..width {
        let upper = label(top.cell(column)).map(|label| (label, top.cell(column).display()));
        let lower =
            below.and_then(|row| label(row.cell(column)).map(|label| (label, row.cell(column).display())));
        let chosen = match (upper, lower) {
            (Some(upper), Some(lower)) => {
                let keep =
                    meaning(&lower.0).is_none() && meaning(&upper.0).is_some() && !is_resident(&lower.0);
                Some(if keep { upper } else { lower })
            }
            (upper, lower) => lower.or(upper),
        };
        if let Some((label, text)) = chosen {
            labels.push((column, label, text));
        }
    }
    labels
}

fn fields_of(labels: &[(usize, Label, String)]) -> Vec<(usize, Field, usize)> {
    labels
        .iter()
        .filter_map(|(column, label, _)| meaning(label).map(|(field, rank)| (*column, field, rank)))
        .collect()
}

fn refuse_resident_column(
    row: &RawRow,
    height: usize,
    labels: &[(usize, Label, String)],
    known: &[Field],
) -> Result<(), FileProblem> {
    if known.is_empty() {
        return Ok(());
    }
    match labels.iter().find(|(_, label, _)| is_resident(label)) {
        Some((column, ..)) => Err(FileProblem::ResidentNumber {
            row: row.number + u32::from(height == 2 && label(row.cell(*column)).is_none()),
            column: column_name(*column),
        }),
        None => Ok(()),
    }
}

fn header(
    rows: &[RawRow],
    at: usize,
    height: usize,
    labels: &[(usize, Label, String)],
    fields: &[(usize, Field, usize)],
) -> Result<Header, FileProblem> {
    let text_of = |column: usize| {
        labels
            .iter()
            .find(|(c, ..)| *c == column)
            .map(|(_, _, text)| text.clone())
            .unwrap_or_default()
    };
    let mut columns = [0; 4];
    for (slot, field) in Field::ALL.into_iter().enumerate() {
        let best = fields
            .iter()
            .filter(|(_, f, _)| *f == field)
            .map(|(.., rank)| *rank)
            .min()
            .unwrap_or_default();
        let candidates: Vec<usize> = fields
            .iter()
            .filter(|(_, f, rank)| *f == field && *rank == best)
            .map(|(column, ..)| *column)
            .collect();
        let [column] = candidates[..] else {
            let columns = candidates.iter().map(|column| shown(&text_of(*column))).collect();
            return Err(FileProblem::Columns { field, columns });
        };
        columns[slot] = column;
    }
    // A second row that only says more about the columns (자택, 휴대전화, 원) is header, not a person.
    if height == 1
        && let Some(next) = rows.get(at + 1)
        && no_digits(next)
        && next
            .cells
            .iter()
            .any(|cell| label(cell).is_some_and(|label| meaning(&label).is_some() || is_remark(&label)))
        && Field::ALL.into_iter().zip(columns).all(|(_, column)| {
            let cell = next.cell(column);
            cell.is_blank() || label(cell).is_some_and(|label| meaning(&label).is_some() || is_remark(&label))
        })
    {
        let both = labels_of(&rows[at], Some(next));
        let fields = fields_of(&both);
        if Field::ALL
            .into_iter()
            .all(|field| fields.iter().any(|(_, f, _)| *f == field))
        {
            return header(rows, at, 2, &both, &fields);
        }
    }
    let labels_text = columns.map(text_of);
    let header_rows = &rows[at..(at + height).min(rows.len())];
    let unit_won = header_rows
        .iter()
        .map(|row| unit::of_header(row.cell(columns[3])))
        .chain(
            rows[..at]
                .iter()
                .flat_map(|row| row.cells.iter().map(unit::of_title)),
        )
        .flatten()
        .next()
        .unwrap_or(1);
    let in_parts = labels
        .iter()
        .any(|(_, label, _)| ADDRESS_PARTS.contains(&label.key.as_str()));
    let having = |words: &dyn Fn(&Label) -> bool| -> Vec<usize> {
        labels
            .iter()
            .filter(|(_, label, _)| words(label))
            .map(|(column, ..)| *column)
            .collect()
    };
    Ok(Header {
        first: at,
        height,
        columns,
        labels: labels_text,
        issuers: having(&|label| {
            let is =
                |words: &[&str]| words.contains(&label.full.as_str()) || words.contains(&label.key.as_str());
            is(&ISSUERS) && !(in_parts && is(&ADDRESS_CITY))
        }),
        numbered: having(&|label| {
            [
                "계좌",
                "카드",
                "바코드",
                "관리번호",
                "접수번호",
                "신청번호",
                "문서번호",
                "발급번호",
                "지급번호",
                "회원번호",
                "증서번호",
                "일련번호",
                "코드",
                "account",
                "card",
            ]
            .iter()
            .any(|word| label.full.contains(word))
        }),
        unit_won,
        width: header_rows
            .iter()
            .map(|row| row.cells.len())
            .max()
            .unwrap_or_default(),
        rows: header_rows.iter().map(|row| over(row, columns)).collect(),
    })
}

/// The texts over four columns, spaces left out.
fn over(row: &RawRow, columns: [usize; 4]) -> [String; 4] {
    columns.map(|column| label(row.cell(column)).map_or_else(String::new, |label| label.full))
}

impl Header {
    /// The header printed again at the top of a page, in the same words or others.
    pub(crate) fn is_again(&self, row: &RawRow) -> bool {
        let birth = row.cell(self.columns[1]);
        if !matches!(birth, Cell::Empty | Cell::Text(_))
            || birth.display().starts_with(|c: char| c.is_ascii_digit())
        {
            return false;
        }
        let texts = over(row, self.columns);
        let same = self.rows.contains(&texts);
        let [name, _, phone, amount] = self.columns.map(|column| row.cell(column));
        (same && texts.iter().any(|text| !text.is_empty()))
            || (names(name, Field::Name) && names(amount, Field::Amount) && names(phone, Field::Phone))
    }
}

/// Words of a second header row that are no field.
fn is_remark(label: &Label) -> bool {
    const WORDS: [&str; 14] = [
        "원",
        "자택",
        "집",
        "집전화",
        "자택전화",
        "유선",
        "직장",
        "단위원",
        "한글",
        "필수",
        "선택",
        "양력",
        "년월일",
        "숫자만",
    ];
    WORDS.contains(&label.full.as_str())
}

fn no_digits(row: &RawRow) -> bool {
    !row.is_blank()
        && row.cells.iter().all(|cell| match cell {
            Cell::Empty => true,
            // 생년월일(8자리) is a header all the same.
            Cell::Text(text) => label(cell).map_or_else(
                || !text.nfkc().any(char::is_numeric),
                |label| !label.key.contains(char::is_numeric),
            ),
            _ => false,
        })
}
