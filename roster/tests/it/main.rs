//! Rosters as offices write them, and files that are none.

mod bad;
mod books;
mod files;
mod layout;
mod offices;
mod random;

use std::io::Cursor;

use roster::{CheckedRow, Failure, FileProblem, Options, Outcome, Report};

/// The day on which every test looks at a file.
fn options() -> Options {
    Options::new(jiff::civil::date(2026, 11, 24))
}

fn check_with(bytes: &[u8], options: &Options) -> Result<(Report, Vec<CheckedRow>), FileProblem> {
    let mut rows = Vec::new();
    let result = roster::check(Cursor::new(bytes), options, &mut |row| {
        rows.push(row);
        Ok::<(), ()>(())
    });
    match result {
        Ok(report) => Ok((report, rows)),
        Err(Failure::Problem(problem)) => Err(problem),
        Err(Failure::Sink(())) => unreachable!("the sink takes every row"),
    }
}

fn check(bytes: &[u8]) -> Result<(Report, Vec<CheckedRow>), FileProblem> {
    check_with(bytes, &options())
}

fn data(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a file of tests/data")
}

/// Each row's number, name and outcome in one word.
fn outcomes(rows: &[CheckedRow]) -> Vec<(u32, &str, &'static str)> {
    rows.iter()
        .map(|row| {
            let outcome = match &row.outcome {
                Outcome::Ok(_) => "ok",
                Outcome::Error { why, .. } => why.code(),
                Outcome::Duplicate { .. } => "duplicate",
            };
            (row.row, row.name.as_str(), outcome)
        })
        .collect()
}
