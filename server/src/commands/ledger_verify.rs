//! `neul ledger verify`

use std::process::ExitCode;

use crate::{
    cli::Settings,
    config::{Rooms, StartError},
};

/// Recomputes everything; 0 where all agrees, 1 with the first difference named.
pub async fn run(settings: &Settings) -> Result<ExitCode, StartError> {
    let found = Rooms::open(settings).await?.ledger.verify().await?;
    println!(
        "{} municipalities, {} accounts, {} transfers, {} entries, {} lots",
        found.municipalities, found.accounts, found.transfers, found.entries, found.lots
    );
    match found.difference {
        None => {
            println!("all agrees");
            Ok(ExitCode::SUCCESS)
        }
        Some(difference) => {
            println!(
                "first difference: {} ({}): {} expected, {} found",
                difference.what, difference.where_, difference.expected, difference.found
            );
            Ok(ExitCode::FAILURE)
        }
    }
}
