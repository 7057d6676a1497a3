//! `neul bank reconcile`

use std::process::ExitCode;

use jiff::civil::Date;

use crate::{
    bank::{HouseBank, nightly},
    cli::Settings,
    config::{self, Rooms, StartError, say},
};

/// Compares bank and books through a day; 0 where they agree, 1 with the lines that differ.
pub async fn reconcile(
    settings: &Settings,
    date: Option<Date>,
    municipality: Option<i64>,
) -> Result<ExitCode, StartError> {
    let rooms = Rooms::open(settings).await?;
    let Some(HouseBank::Http(bank)) = config::bank(settings, &rooms).await? else {
        return say("there is no bank to compare with: set NEUL_BANK_URL and NEUL_BANK_KEY");
    };
    let at = jiff::Timestamp::now().as_millisecond();
    let today = app::words::day_of(at);
    let day = match date {
        Some(day) if day >= today => return say("that day is not over yet"),
        Some(day) => day,
        None => today.yesterday().unwrap_or(today),
    };
    let all = rooms.ledger.municipalities().await?.into_iter().map(|one| one.code);
    let codes: Vec<i64> = municipality.map_or_else(|| all.collect(), |code| vec![code]);
    let mut agree = true;
    for code in codes {
        let found = match nightly::reconcile(&rooms.ledger, &bank, code, day, at).await {
            Ok(found) => found,
            Err(error) => {
                println!("{code:05}: {error}");
                agree = false;
                continue;
            }
        };
        println!(
            "{code:05} {day}: bank {} won, books {} won, on the way {} won in {} items, settled {}",
            found.bank_won, found.book_won, found.open_won, found.open_items, found.resolved
        );
        for line in rooms.ledger.differing(code, day).await? {
            println!(
                "  {}: {} {} {}: books {} won, bank {} won",
                line.why.code(),
                line.reference,
                line.line,
                line.state,
                line.book_won,
                line.bank_won
            );
        }
        if found.rest_won != 0 {
            println!("  {} won that no line explains", found.rest_won);
        }
        agree &= found.balances();
    }
    println!("{}", if agree { "all agrees" } else { "bank and books differ" });
    Ok(if agree { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
