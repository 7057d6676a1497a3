//! `neul status` and `neul status operator add`: they open neither the portal's database nor its keys.

use std::{path::Path, time::Duration};

use crate::{
    cli::Settings,
    commands::password_from_stdin,
    config::{StartError, portal_url, say},
    probe, serve,
};

/// The status site's configuration.
pub fn config(settings: &Settings) -> Result<status::Config, StartError> {
    let mut config = status::Config::new(settings.status_addr, settings.status_dir.clone());
    config.public_url.clone_from(&settings.status_url);
    config.portal_url = portal_url(settings);
    let twin = settings
        .status_twin
        .clone()
        .unwrap_or_else(|| settings.status_dir.join("twin"));
    config.twin = Some(twin).filter(|dir| !matches!(dir.to_str(), Some("none" | "")));
    config.probing = (settings.probe_seconds > 0).then(|| status::Probing {
        every: Duration::from_secs(settings.probe_seconds),
        key: probe::find(settings),
        canary_key: probe::find_canary(settings),
        ..status::Probing::default()
    });
    let mail = match (&settings.status_smtp, &settings.status_mail_from) {
        (Some(url), Some(from)) => Some(status::MailServer {
            url: url.clone(),
            from: from.clone(),
        }),
        (None, None) => None,
        _ => {
            return say(
                "set both NEUL_STATUS_SMTP and NEUL_STATUS_MAIL_FROM, or neither (then nobody subscribes by e-mail)",
            );
        }
    };
    config.outbound = Some(status::Outbound {
        mail,
        allow_private: settings.status_hooks_private,
    });
    config.log_every = Some(Duration::from_mins(1));
    Ok(config)
}

/// Serves the status site alone.
pub async fn serve(settings: &Settings) -> Result<(), StartError> {
    tracing::info!(addr = %settings.status_addr, "the status site is open");
    Ok(status::serve(config(settings)?, serve::signal()).await?)
}

/// Writes the site as plain files.
pub async fn export(settings: &Settings, to: &Path) -> Result<(), StartError> {
    status::export(config(settings)?, to).await?;
    println!("the status site was written to {}", to.display());
    Ok(())
}

/// An operator has looked at an alarm of the public log: it ends, and the log may begin anew with what comes next.
pub async fn log_accept(settings: &Settings, by: &str) -> Result<(), StartError> {
    let at = jiff::Timestamp::now().as_millisecond();
    if status::log_accept(&settings.status_dir, by, at).await? {
        println!("the alarm has ended; it stays on record with your name");
        Ok(())
    } else {
        say("there is no alarm")
    }
}

/// Adds an operator; the rule for the password is the status site's own.
pub async fn operator_add(settings: &Settings, login: &str) -> Result<(), StartError> {
    let password = password_from_stdin()?;
    status::operator_add(&settings.status_dir, login, &password).await?;
    println!("{login} may open and resolve incidents");
    Ok(())
}
