//! `neul keys …`: turning the keys of personal data (docs/OPERATIONS.md).

use crate::{
    cli::Settings,
    config::{Rooms, StartError},
};

/// Seals anew what an older key sealed, beside a running portal.
pub async fn reseal(settings: &Settings) -> Result<(), StartError> {
    let rooms = Rooms::open(settings).await?;
    let done = rooms.people.reseal().await?;
    println!(
        "{done} rows were sealed anew with key {}",
        rooms.people.sealing_key()
    );
    status(settings).await
}

/// What each key still opens.
pub async fn status(settings: &Settings) -> Result<(), StartError> {
    let rooms = Rooms::open(settings).await?;
    let first = rooms.people.sealing_key();
    let mut all = rooms.people.keys_in_use().await?;
    let payouts = rooms.ledger.payout_seals().await?;
    for key in payouts.keys() {
        all.entry(key.clone()).or_insert(0);
    }
    println!("key\ttexts\trows of payouts");
    for (key, texts) in &all {
        let rows = payouts.get(key).copied().unwrap_or_default();
        let note = if *key == first { "\tseals" } else { "" };
        println!("{key}\t{texts}\t{rows}{note}");
    }
    Ok(())
}
