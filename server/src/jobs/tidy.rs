//! Once an hour: forgets what no rule needs any more (dead proofs, ended sessions, payment codes of yesterday), and uploads that a killed
//! process left behind. And says in the log where each audit chain ends.

use std::{path::Path, time::Duration};

use app::House;
use tokio::sync::watch;

const EVERY: Duration = Duration::from_hours(1);
/// No upload takes longer; what is older belongs to nobody.
const UPLOAD_LIFE: Duration = Duration::from_hours(24);

/// How long a payment code that has ended is still told from one that never was.
const CODE_REST_MS: i64 = 24 * 3_600_000;

/// Until told to stop.
pub async fn run(house: House, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        if let Err(error) = house.people.tidy(house.now()).await {
            tracing::warn!(%error, "old sessions and proofs are still there");
        }
        if let Err(error) = house.ledger.forget_codes(house.now() - CODE_REST_MS).await {
            tracing::warn!(%error, "old payment codes are still there");
        }
        match super::forget::run(&house).await {
            Ok(0) => {}
            Ok(wiped) => tracing::info!(wiped, "residents who had left are forgotten"),
            Err(error) => tracing::warn!(error, "residents who had left are still known"),
        }
        // A head that somebody else keeps (the log leaves this machine) shows a chain that was written anew.
        match house.people.audit_heads().await {
            Ok(heads) => {
                for head in heads {
                    tracing::info!(municipality = head.municipality, lines = head.seq, hash = %head.hash, "audit head");
                }
            }
            Err(error) => tracing::warn!(%error, "the heads of the audit log cannot be read"),
        }
        let folder = house.settings.upload_dir.clone();
        let cleared = tokio::task::spawn_blocking(move || clear(&folder, UPLOAD_LIFE)).await;
        if let Ok(Err(error)) = cleared {
            tracing::warn!(%error, "old uploads are still there");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stopped.changed() => {}
        }
    }
}

/// Deletes the files of a folder that nobody has written to for `life`.
fn clear(folder: &Path, life: Duration) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let data = entry.metadata()?;
        let old = data.modified()?.elapsed().is_ok_and(|age| age >= life);
        if data.is_file() && old {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_that_was_left_behind_goes_and_one_in_flight_stays() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("roster"), "x").unwrap();
        clear(folder.path(), UPLOAD_LIFE).unwrap();
        assert!(folder.path().join("roster").exists());
        clear(folder.path(), Duration::ZERO).unwrap();
        assert!(!folder.path().join("roster").exists());
    }
}
