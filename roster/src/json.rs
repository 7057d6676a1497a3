//! What `neul payout check FILE --json` prints.

use serde::Serialize;

use crate::{CheckedRow, FileProblem, Lang, Outcome, Report};

/// A checked file.
#[derive(Clone, Debug, Serialize)]
pub struct JsonReport {
    /// Rows that can be paid.
    pub ok: u64,
    /// Rows that cannot.
    pub error: u64,
    /// Rows whose person stands in an earlier one.
    pub duplicate: u64,
    /// The sum of the rows that can be paid, in won.
    pub total_won: i64,
    /// Each row of people, in the order of the file.
    pub rows: Vec<JsonRow>,
}

/// A checked row.
#[derive(Clone, Debug, Serialize)]
pub struct JsonRow {
    /// As Excel numbers it.
    pub row: u32,
    /// As in the file.
    pub name: String,
    /// `ok`, `error` or `duplicate`.
    pub outcome: &'static str,
    /// `name`, `birth`, `phone` or `amount` of an error, else empty.
    pub field: &'static str,
    /// Why not, else empty.
    pub why: String,
}

impl JsonRow {
    /// A row with its reason in one language.
    pub fn new(row: &CheckedRow, lang: Lang) -> Self {
        let (outcome, field, why) = match &row.outcome {
            Outcome::Ok(_) => ("ok", "", String::new()),
            Outcome::Error { field, why } => ("error", field.as_str(), why.message(lang).to_owned()),
            Outcome::Duplicate { of_row } => ("duplicate", "", Outcome::duplicate_message(*of_row, lang)),
        };
        Self {
            row: row.row,
            name: row.name.clone(),
            outcome,
            field,
            why,
        }
    }
}

impl Outcome {
    fn duplicate_message(of_row: u32, lang: Lang) -> String {
        match lang {
            Lang::Ko => {
                format!("{of_row}행과 같은 사람입니다(성명, 생년월일, 휴대전화). 한 번만 적어 주세요.")
            }
            Lang::En => {
                format!("The same person as row {of_row} (name, birth date, phone). Write each person once.")
            }
        }
    }

    /// Why the row is not paid, in one sentence; empty for one that is.
    pub fn why(&self, lang: Lang) -> String {
        match self {
            Self::Ok(_) => String::new(),
            Self::Error { why, .. } => why.message(lang).to_owned(),
            Self::Duplicate { of_row } => Self::duplicate_message(*of_row, lang),
        }
    }
}

/// The whole answer.
pub fn to_json(report: &Report, rows: &[CheckedRow], lang: Lang) -> JsonReport {
    JsonReport {
        ok: report.ok,
        error: report.error,
        duplicate: report.duplicate,
        total_won: report.total_won,
        rows: rows.iter().map(|row| JsonRow::new(row, lang)).collect(),
    }
}

/// A refused file in the shape of RFC 9457; the problem's own members beside.
#[derive(Clone, Debug, Serialize)]
pub struct JsonProblem {
    /// `urn:neul:roster:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What every such problem is called.
    pub title: &'static str,
    /// 413 or 422.
    pub status: u16,
    /// What is wrong and what would be right.
    pub detail: String,
    /// `code` and its parameters.
    #[serde(flatten)]
    pub problem: FileProblem,
}

impl JsonProblem {
    /// The problem with its message in one language.
    pub fn new(problem: &FileProblem, lang: Lang) -> Self {
        Self {
            kind: format!("urn:neul:roster:{}", problem.code()),
            title: match lang {
                Lang::Ko => "받을 수 없는 명단 파일입니다",
                Lang::En => "This file cannot be taken as a roster",
            },
            status: if matches!(problem, FileProblem::TooLarge { .. }) {
                413
            } else {
                422
            },
            detail: problem.message(lang),
            problem: problem.clone(),
        }
    }
}
