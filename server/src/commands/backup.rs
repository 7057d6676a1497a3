//! `neul backup` and `neul restore`: a copy of the database in one file, taken while the portal works, and back.
//!
//! `SQLite` copies itself (`VACUUM INTO`: one consistent moment); `PostgreSQL` by its own `pg_dump` and
//! `pg_restore`, whose formats its administrators know. The public log is in the database and so in the copy: a
//! restored ledger is verified, against its own checkpoints and against the last public one, which says what was
//! lost. Keys are not part of a copy: keep `data/keys` apart from it, since together they open everyone's personal
//! data. Nor is the status site's store: it stands on its own, in `NEUL_STATUS_DIR`.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use store::Engine;

use super::ledger_verify;
use crate::{
    cli::Settings,
    config::{Rooms, StartError, say},
};

/// Writes a copy.
pub async fn backup(settings: &Settings, file: &Path) -> Result<(), StartError> {
    let begun = Instant::now();
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
                &["--format=custom", "--no-owner", "--file"],
                file,
            )
            .await
        }
    };
    // Acknowledged means durable: the copy too.
    let written = written.and_then(|()| Ok(std::fs::File::open(file)?.sync_all()?));
    if written.is_err() {
        // Nobody takes an empty file for a backup.
        let _ = std::fs::remove_file(file);
    }
    written?;
    let size = std::fs::metadata(file)?.len();
    println!(
        "{} holds the database ({size} bytes, {:.1} s)",
        file.display(),
        begun.elapsed().as_secs_f64()
    );
    println!(
        "not in it: the keys ({}), to be kept elsewhere, and the status site's store ({})",
        settings.data_dir.join("keys").display(),
        settings.status_dir.display()
    );
    Ok(())
}

/// Brings a copy back into an empty database, and says what was lost since: by `checkpoint`, a file or an address
/// with the last public one.
pub async fn restore(settings: &Settings, file: &Path, checkpoint: Option<&str>) -> Result<(), StartError> {
    let begun = Instant::now();
    if !file.is_file() {
        return say(format!("{} is not there", file.display()));
    }
    // Before anything is written: a checkpoint that cannot be read is found out now, not after an hour.
    let published = match checkpoint {
        Some(place) => Some(ledger_verify::published(settings, place).await?),
        None => None,
    };
    if let Some(path) = settings.database_url.strip_prefix("sqlite://") {
        let path = Path::new(path.split('?').next().unwrap_or_default());
        if path.exists() {
            return say(format!(
                "{} exists already; a restore fills only an empty place",
                path.display()
            ));
        }
        copy_private(file, path)?;
    } else {
        refuse_full(&settings.database_url).await?;
        run(
            "pg_restore",
            &settings.database_url,
            &["--exit-on-error", "--single-transaction", "--no-owner"],
            file,
        )
        .await?;
    }
    println!("copied back in {:.1} s", begun.elapsed().as_secs_f64());
    let rooms = Rooms::open(settings).await?;
    rooms.migrate().await?;
    let ours = rooms.ledger.latest_checkpoint().await?;
    let size = rooms.ledger.verify().await?.log.size;
    if let Some(ours) = ours {
        println!(
            "the copy's last checkpoint: {} leaves, {}",
            ours.size,
            jiff::Timestamp::from_millisecond(ours.at).map_or_else(|_| String::new(), |at| at.to_string())
        );
    }
    // What was published and is not there was lost; what is there must be what was published.
    let mut held_against = Vec::new();
    match &published {
        Some(published) if published.size > size as u64 => {
            let lost = published.size - size as u64;
            println!(
                "LOST: {lost} transfers, numbers {size} to {} of the public log, were made after the copy",
                published.size - 1
            );
            println!("who has a receipt of one of them can prove it (neul log check)");
        }
        Some(published) => {
            println!("nothing that was published is lost");
            held_against.push(published.clone());
        }
        None => println!("what was lost is not known: give the last public checkpoint by --checkpoint"),
    }
    if !ledger_verify::report(&rooms.ledger, &held_against).await? {
        return say("restored, but the ledger differs");
    }
    println!("restored and verified in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}

/// Copies a file to a new one that its owner alone may read, under its own name only once it is whole.
fn copy_private(from: &Path, to: &Path) -> std::io::Result<()> {
    if let Some(folder) = to.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let draft = to.with_extension("restoring");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    std::io::copy(&mut std::fs::File::open(from)?, &mut file)?;
    file.sync_all()?;
    std::fs::rename(&draft, to)
}

/// A restore fills only an empty database.
async fn refuse_full(url: &str) -> Result<(), StartError> {
    let store = store::Store::open(url).await?;
    let tables = store.table_count().await?;
    store.write.close().await;
    if tables > 0 {
        return say(format!(
            "the database has {tables} tables already; a restore fills only an empty one"
        ));
    }
    Ok(())
}

/// Runs one of `PostgreSQL`'s own programs; the password goes by the environment, so that no list of processes shows
/// it.
async fn run(program: &str, url: &str, arguments: &[&str], file: &Path) -> Result<(), StartError> {
    let mut command = tokio::process::Command::new(found(program));
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

/// A program on PATH, else the newest where Debian puts those that belong to a server.
fn found(program: &str) -> PathBuf {
    let on_path = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()));
    if on_path {
        return program.into();
    }
    let version = |path: &Path| -> u32 {
        let folder = path.file_name().and_then(std::ffi::OsStr::to_str);
        folder.and_then(|name| name.parse().ok()).unwrap_or(0)
    };
    let folders = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let newest = folders.map(|entry| entry.path()).max_by_key(|path| version(path));
    newest
        .map(|folder| folder.join("bin").join(program))
        .filter(|path| path.is_file())
        .unwrap_or_else(|| program.into())
}

/// The password in an address, as it is: what is written `%40` there is `@`.
fn password_of(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let (user, _) = rest.split_once('@')?;
    let (_, password) = user.split_once(':')?;
    let password = percent_encoding::percent_decode_str(password);
    Some(password.decode_utf8_lossy().into_owned())
}

fn url_without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.split_once('@') {
        Some((user, host)) => format!("{scheme}://{}@{host}", user.split(':').next().unwrap_or_default()),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_taken_out_of_the_address() {
        assert_eq!(
            url_without_password("postgres://neul:geh%40im@db:5432/neul"),
            "postgres://neul@db:5432/neul"
        );
        assert_eq!(
            url_without_password("postgres://neul@db/neul"),
            "postgres://neul@db/neul"
        );
        assert_eq!(url_without_password("postgres://db/neul"), "postgres://db/neul");
        assert_eq!(
            password_of("postgres://neul:geh%40im@db/neul").as_deref(),
            Some("geh@im")
        );
    }
}
