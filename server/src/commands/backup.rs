//! `neul backup` and `neul restore`: a copy of the database in one file, taken while the portal works.
//!
//! `SQLite` copies itself (`VACUUM INTO`: one consistent moment); `PostgreSQL` by its own `pg_dump` and
//! `pg_restore`, whose formats its administrators know. Keys are not part of a copy: keep `data/keys`
//! apart from it, since together they open everyone's personal data.

use std::path::Path;

use store::Engine;

use crate::{
    cli::Settings,
    config::{Rooms, StartError, say},
};

/// Writes a copy.
pub async fn backup(settings: &Settings, file: &Path) -> Result<(), StartError> {
    if file.exists() {
        return say(format!(
            "{} exists already; a backup never overwrites one",
            file.display()
        ));
    }
    let rooms = Rooms::open(settings).await?;
    // Empty and its owner's alone before a byte is written: both engines fill the file they find.
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(file)?);
    let written: Result<(), StartError> = match rooms.store.engine {
        Engine::Sqlite => rooms.store.copy_into(file).await.map_err(StartError::from),
        Engine::Postgres => {
            run(
                "pg_dump",
                &settings.database_url,
                &["--format=custom", "--file"],
                file,
            )
            .await
        }
    };
    if written.is_err() {
        // Nobody takes an empty file for a backup.
        let _ = std::fs::remove_file(file);
    }
    written?;
    println!(
        "{} holds the database; keep the keys (data/keys) elsewhere",
        file.display()
    );
    Ok(())
}

/// Brings a copy back into an empty database.
pub async fn restore(settings: &Settings, file: &Path) -> Result<(), StartError> {
    if !file.is_file() {
        return say(format!("{} is not there", file.display()));
    }
    if let Some(path) = settings.database_url.strip_prefix("sqlite://") {
        let path = Path::new(path.split('?').next().unwrap_or_default());
        if path.exists() {
            return say(format!(
                "{} exists already; a restore fills only an empty place",
                path.display()
            ));
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::copy(file, path)?;
    } else {
        run(
            "pg_restore",
            &settings.database_url,
            &["--exit-on-error", "--single-transaction", "--no-owner"],
            file,
        )
        .await?;
    }
    let rooms = Rooms::open(settings).await?;
    rooms.migrate().await?;
    let found = rooms.ledger.verify().await?;
    match found.difference {
        None => println!("restored: {} transfers, all agrees", found.transfers),
        Some(difference) => return say(format!("restored, but the ledger differs: {difference:?}")),
    }
    Ok(())
}

/// Runs one of `PostgreSQL`'s own programs; the address goes by the environment, so that no list of
/// processes shows a password.
async fn run(program: &str, url: &str, arguments: &[&str], file: &Path) -> Result<(), StartError> {
    let mut command = tokio::process::Command::new(program);
    command.args(arguments);
    if program == "pg_restore" {
        command.arg("--dbname").arg(url_without_password(url));
    }
    command.arg(file);
    if program == "pg_dump" {
        command.arg("--dbname").arg(url_without_password(url));
    }
    if let Some(password) = password_of(url) {
        command.env("PGPASSWORD", password);
    }
    match command.status().await {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => say(format!("{program} ended with {status}")),
        Err(error) => say(format!(
            "{program} cannot be run: {error}; install PostgreSQL's client programs"
        )),
    }
}

fn password_of(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let (user, _) = rest.split_once('@')?;
    user.split_once(':').map(|(_, password)| password.to_owned())
}

fn url_without_password(url: &str) -> String {
    match password_of(url) {
        Some(password) => url.replacen(&format!(":{password}@"), "@", 1),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_taken_out_of_the_address() {
        assert_eq!(
            url_without_password("postgres://neul:geheim@db:5432/neul"),
            "postgres://neul@db:5432/neul"
        );
        assert_eq!(
            url_without_password("postgres://neul@db/neul"),
            "postgres://neul@db/neul"
        );
        assert_eq!(
            password_of("postgres://neul:geheim@db/neul").as_deref(),
            Some("geheim")
        );
    }
}
