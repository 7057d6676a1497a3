//! `neul payout check|import`: the same check as on the desk, from the command line.

use std::{fs::File, path::Path, process::ExitCode};

use crate::{
    cli::Settings,
    config::{Rooms, StartError, say},
};

/// Says what would come of each row. 0: every row is ok; 1: some are not; 2: the file cannot be read as a
/// roster at all.
pub fn check(settings: &Settings, file: &Path, json: bool, municipality: Option<i64>) -> Result<ExitCode, StartError> {
    let source = match File::open(file) {
        Ok(source) => source,
        Err(error) => return say(format!("{}: {error}", file.display())),
    };
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or("roster");
    let options = app::payouts::check_options(settings.roster_max_bytes, municipality);
    let mut rows = Vec::new();
    let mut keep = |row: roster::CheckedRow| {
        rows.push(row);
        Ok(())
    };
    match roster::check(source, name, &options, &mut keep) {
        Ok(report) => {
            if json {
                println!("{}", roster::to_json(&report, &rows));
            } else {
                print!("{}", roster::to_text(&report, &rows));
            }
            Ok(ExitCode::from(u8::from(report.error + report.duplicate > 0)))
        }
        Err(problem) => {
            if json {
                println!("{}", problem.to_json());
            } else {
                eprintln!("{}\n{}", problem.message(roster::Lang::Ko), problem.message(roster::Lang::En));
            }
            Ok(ExitCode::from(2))
        }
    }
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
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or("roster").to_owned();
    let intake = app::payouts::Intake {
        ledger: &rooms.ledger,
        people: &rooms.people,
        municipality: official.municipality,
        clerk: official.id,
        programme,
        title: title.unwrap_or_else(|| name.clone()),
        file_name: name,
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
            eprintln!("{}\n{}", refused.message(app::words::Lang::ko), refused.message(app::words::Lang::en));
            Ok(ExitCode::from(2))
        }
    }
}
