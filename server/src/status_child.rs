//! Starts the status site beside the portal, as a process of its own that outlives it (DESIGN 6).

use std::process::Stdio;

use crate::{cli::Settings, config::portal_url};

/// Starts `neul status` detached, unless a status site answers there already (one of an earlier run).
pub async fn start(settings: &Settings, probe_key: &str, canary_key: &str) {
    let url = format!("http://{}/api/v2/status.json", settings.status_addr);
    let client = reqwest::Client::builder()
        .timeout(std::time::Duration::from_secs(2))
        .redirect(reqwest::redirect::Policy::none())
        .build();
    if let Ok(client) = client
        && let Ok(answer) = client.get(&url).send().await
        && answer.status().is_success()
    {
        tracing::info!(addr = %settings.status_addr, "a status site is running already");
        return;
    }
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => {
            tracing::error!(%error, "the status site cannot be started");
            return;
        }
    };
    let mut command = std::process::Command::new(program);
    command
        .arg("status")
        .env("NEUL_STATUS_ADDR", settings.status_addr.to_string())
        .env("NEUL_STATUS_DIR", &settings.status_dir)
        .env("NEUL_PORTAL_URL", portal_url(settings))
        .env("NEUL_PROBE_KEY", probe_key)
        .env("NEUL_CANARY_KEY", canary_key)
        .env("NEUL_PROBE_SECONDS", settings.probe_seconds.to_string())
        .envs(settings.status_twin.as_ref().map(|dir| ("NEUL_STATUS_TWIN", dir)))
        // It must know nothing of the ledger's database and none of the portal's keys.
        .env_remove("DATABASE_URL")
        .env_remove("NEUL_SECRET_KEYS")
        .env_remove("NEUL_DATA_KEYS")
        .env_remove("NEUL_LOG_KEY")
        .env_remove("NEUL_SMS_TOKEN")
        .env_remove("NEUL_BANK_KEY")
        .env_remove("NEUL_DEMO_PASSWORD")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    // A group of its own: what ends the portal from the terminal leaves the status site standing.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    match command.spawn() {
        Ok(child) => {
            tracing::info!(pid = child.id(), addr = %settings.status_addr, "the status site was started");
        }
        Err(error) => tracing::error!(%error, "the status site cannot be started"),
    }
}
