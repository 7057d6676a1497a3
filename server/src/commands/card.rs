//! `neul card`

use std::{path::Path, process::ExitCode};

use ledger::{DailyLine, NewCard};

use super::password_from_stdin;
use crate::{
    cli::Settings,
    config::{Rooms, StartError, say},
};

/// Makes a resident's card known at their home; the token comes from standard input.
pub async fn add(settings: &Settings, login: &str, network: &str) -> Result<(), StartError> {
    let rooms = Rooms::open(settings).await?;
    rooms.migrate().await?;
    let Some((municipality, holder)) = rooms.people.home_of_login(login).await? else {
        return say(format!("no resident has the login {login:?}"));
    };
    let new = NewCard {
        municipality,
        holder,
        network: network.to_owned(),
        token: password_from_stdin()?,
    };
    let at = jiff::Timestamp::now().as_millisecond();
    let card = rooms.ledger.register_card(new, at).await?;
    println!("card …{} of {} is known", card.hint, card.network);
    Ok(())
}

/// 0 where all agrees, 2 where there are new cases that somebody has to look at.
pub async fn reconcile(settings: &Settings, file: &Path, network: &str) -> Result<ExitCode, StartError> {
    let lines = match DailyLine::read(&std::fs::read(file)?) {
        Ok(lines) => lines,
        Err(wrong) => return say(format!("{}: {wrong}", file.display())),
    };
    let rooms = Rooms::open(settings).await?;
    rooms.migrate().await?;
    let at = jiff::Timestamp::now().as_millisecond();
    let done = rooms.ledger.reconcile_cards(network, &lines, at).await?;
    println!(
        "{}",
        serde_json::to_string(&done).map_err(|error| StartError::Say(error.to_string()))?
    );
    let new: i64 = done.cases.values().sum();
    Ok(if new > done.settled {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    })
}
