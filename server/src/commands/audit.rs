//! `neul audit verify`: whether the audit log is what was written.

use std::process::ExitCode;

use crate::{
    cli::Settings,
    config::{Rooms, StartError},
};

/// Reads every chain; a difference is told on standard error, with exit code 1.
pub async fn verify(settings: &Settings) -> Result<ExitCode, StartError> {
    let rooms = Rooms::open(settings).await?;
    match rooms.people.verify_audit().await? {
        Ok(heads) => {
            for head in heads {
                println!("{}\t{} lines\t{}", head.municipality, head.seq, head.hash);
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(difference) => {
            eprintln!("{difference}");
            Ok(ExitCode::FAILURE)
        }
    }
}
