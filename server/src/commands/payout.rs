//! `neul payout check|import`: the same check as on the desk, from the command line.

use std::{convert::Infallible, fs::File, io::BufReader, path::Path, process::ExitCode};

use roster::{CheckedRow, Failure, JsonProblem, JsonReport, Lang};

use crate::{
    cli::Settings,
    config::{Rooms, StartError, say},
};

/// Says what would come of each row. Exit code 0 where the file could be read, whatever its rows; 1 where it
/// is no roster at all.
pub fn check(
    settings: &Settings,
    file: &Path,
    json: bool,
    municipality: Option<i64>,
) -> Result<ExitCode, StartError> {
    let source = match File::open(file) {
        Ok(source) => BufReader::new(source),
        Err(error) => return say(format!("{}: {error}", file.display())),
    };
    let options = app::payouts::check_options(settings.roster_max_bytes, municipality);
    let mut rows = Vec::new();
    let mut keep = |row: CheckedRow| {
        rows.push(row);
        Ok::<(), Infallible>(())
    };
    match roster::check(source, &options, &mut keep) {
        Ok(report) => {
            let report = roster::to_json(&report, &rows, Lang::Ko);
            if json {
                print_json(&report);
            } else {
                print_table(&report);
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(Failure::Problem(problem)) => {
            if json {
                print_json(&JsonProblem::new(&problem, Lang::Ko));
            } else {
                eprintln!("{}\n{}", problem.message(Lang::Ko), problem.message(Lang::En));
            }
            Ok(ExitCode::FAILURE)
        }
        Err(Failure::Sink(never)) => match never {},
    }
}

fn print_json(value: &impl serde::Serialize) {
    println!("{}", serde_json::to_string_pretty(value).unwrap_or_default());
}

fn print_table(report: &JsonReport) {
    for row in report.rows.iter().filter(|row| row.outcome != "ok") {
        println!("{:>8}  {:<9}  {}", row.row, row.outcome, row.why);
    }
    println!(
        "{} ok ({} won), {} in error, {} duplicate",
        report.ok, report.total_won, report.error, report.duplicate
    );
}

/// Hands a roster in; nothing is paid until a second official approves it on the desk.
pub async fn import(
    settings: &Settings,
    file: &Path,
    by: &str,
    programme: i64,
    title: Option<String>,
) -> Result<ExitCode, StartError> {
    let rooms = Rooms::open(settings).await?;
    let Some(official) = rooms.people.staff_by_login(by).await? else {
        return say(format!("there is no official {by:?}"));
    };
    if !official.roles.has(people::Role::Clerk) {
        return say(format!("{by} is no clerk: only clerks hand rosters in"));
    }
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("roster")
        .to_owned();
    let intake = app::payouts::Intake {
        ledger: &rooms.ledger,
        people: &rooms.people,
        municipality: official.municipality,
        clerk: official.id,
        programme,
        title: title.unwrap_or_else(|| name.clone()),
        file_name: name,
        again_why: None,
        max_bytes: settings.roster_max_bytes,
        at: jiff::Timestamp::now().as_millisecond(),
    };
    match intake.take(file).await {
        Ok(payout) => {
            println!(
                "payout {}: {} ok, {} in error, {} duplicate; submit it on the desk, another official approves it",
                payout.id, payout.ok_rows, payout.error_rows, payout.duplicate_rows
            );
            Ok(ExitCode::SUCCESS)
        }
        Err(refused) => {
            eprintln!(
                "{}\n{}",
                refused.message(app::words::Lang::ko),
                refused.message(app::words::Lang::en)
            );
            Ok(ExitCode::FAILURE)
        }
    }
}
