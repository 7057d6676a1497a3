//! `neul ledger verify`

use std::process::ExitCode;

use ledger::{Ledger, Published};
use tlog::Checkpoint;

use crate::{
    cli::Settings,
    config::{Rooms, StartError, say},
    log_keys,
};

/// Recomputes everything; 0 where all agrees, 1 with the first difference named. `checkpoint` is a file or an
/// address with a signed checkpoint that somebody outside has kept.
pub async fn run(settings: &Settings, checkpoint: Option<&str>) -> Result<ExitCode, StartError> {
    let ledger = Rooms::open(settings).await?.ledger;
    let published = match checkpoint {
        Some(place) => vec![published(settings, place).await?],
        None => Vec::new(),
    };
    if report(&ledger, &published).await? {
        Ok(ExitCode::SUCCESS)
    } else {
        Ok(ExitCode::FAILURE)
    }
}

/// Prints what was found; whether all agrees.
pub async fn report(ledger: &Ledger, published: &[Published]) -> Result<bool, StartError> {
    let found = ledger.verify_against(published).await?;
    println!(
        "{} municipalities, {} accounts, {} transfers, {} entries, {} lots",
        found.municipalities, found.accounts, found.transfers, found.entries, found.lots
    );
    println!(
        "public log: {} leaves, root {}, {} checkpoints compared, {} transfers wait for it",
        found.log.size, found.log.root, found.log.checkpoints, found.log.waiting
    );
    let Some(difference) = found.difference else {
        println!("all agrees");
        return Ok(true);
    };
    println!(
        "first difference: {} ({}): {} expected, {} found",
        difference.what, difference.where_, difference.expected, difference.found
    );
    if let Some(log) = found.log_difference.filter(|log| *log != difference) {
        println!(
            "and in the public log: {} ({}): {} expected, {} found",
            log.what, log.where_, log.expected, log.found
        );
    }
    Ok(false)
}

/// Reads a checkpoint from a file or an address and checks its signature by our own keys.
pub async fn published(settings: &Settings, place: &str) -> Result<Published, StartError> {
    let note = if place.starts_with("http://") || place.starts_with("https://") {
        let fetched = match reqwest::get(place)
            .await
            .and_then(reqwest::Response::error_for_status)
        {
            Ok(answer) => answer.text().await,
            Err(error) => Err(error),
        };
        match fetched {
            Ok(note) => note,
            Err(error) => return say(format!("{place}: {error}")),
        }
    } else {
        std::fs::read_to_string(place)?
    };
    match Checkpoint::open(&note, log_keys::find_or_make(settings)?.verifying()) {
        Ok(checkpoint) => Ok(Published {
            size: checkpoint.size,
            root: checkpoint.root.to_string(),
        }),
        Err(error) => say(format!("{place}: {error}")),
    }
}
