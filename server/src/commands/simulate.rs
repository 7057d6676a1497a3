//! `neul simulate bank`: it opens neither the portal's database nor its keys.

use std::{
    sync::{Arc, atomic::AtomicI64},
    time::Duration,
};

use crate::{
    cli::{Settings, SimulateCommand},
    config::{StartError, bank_key, portal_url, say},
    serve, simulate,
};

/// Stands in until a signal comes.
pub async fn run(settings: &Settings, command: SimulateCommand) -> Result<(), StartError> {
    let SimulateCommand::Bank {
        listen,
        mode,
        seed,
        delay_ms,
        file,
        ahead_ms,
        tell,
    } = command;
    let Some(key) = bank_key(settings)? else {
        return say("the bank needs NEUL_BANK_KEY, the key that the portal has too");
    };
    let listener = serve::listen(listen, "--listen").await?;
    tracing::info!(addr = %listen, ?mode, seed, "the simulated bank is open");
    let simulated = simulate::Settings {
        addr: listen,
        key,
        mode,
        seed,
        delay: Duration::from_millis(delay_ms),
        file,
        ahead_ms: Arc::new(AtomicI64::new(ahead_ms)),
        portal_url: tell.then(|| portal_url(settings)),
    };
    Ok(simulate::serve(simulated, listener, serve::signal()).await?)
}
