//! `neul log check FILE` and `neul log key`.

use std::{path::Path, process::ExitCode};

use tlog::{ProofFile, Verifying};

use crate::{
    cli::Settings,
    config::{StartError, say},
    log_keys,
};

/// Checks a receipt's proof without asking anybody; 0 where it holds, 1 where it does not.
pub fn check(file: &Path, keys: Option<&str>) -> Result<ExitCode, StartError> {
    let proof = match ProofFile::read(&std::fs::read_to_string(file)?) {
        Ok(proof) => proof,
        Err(error) => return say(format!("{}: {error}", file.display())),
    };
    let known = match keys {
        Some(text) => Verifying::parse(text),
        None => Verifying::parse(&proof.keys.join("\n")),
    };
    let known = match known {
        Ok(known) => known,
        Err(error) => return say(format!("keys: {error}")),
    };
    match proof.check(&known) {
        Ok((number, checkpoint)) => {
            println!("{}", proof.record.trim_end());
            println!("in the log {} under number {number}", checkpoint.origin);
            println!("checkpoint: {} leaves, root {}", checkpoint.size, checkpoint.root);
            println!("signed by: {}", checkpoint.signed_by.join(", "));
            if keys.is_none() {
                println!("the keys are the file's own: compare them with those that the status site shows");
                for key in known.list() {
                    println!("  {key}");
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            println!("does not hold: {error}");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Prints the log's public keys; `new` prints a new private key of the same name, to be put first in the list.
pub fn key(settings: &Settings, new: bool) -> Result<(), StartError> {
    let keys = log_keys::find_or_make(settings)?;
    if new {
        println!("{}", tlog::Keys::generate(keys.name()));
    } else {
        println!("{}", keys.verifying());
    }
    Ok(())
}
