//! Building and serving again on each change, for machines without `cargo-leptos`. It polls: the tree is small, and
//! polling works on every file system.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use crate::place::Place;
use crate::wasm::Profile;
use crate::{Outcome, files, site};

const POLL: Duration = Duration::from_millis(500);
const WATCHED: [&str; 11] = [
    "app", "frontend", "ledger", "people", "public", "roster", "server", "status", "store", "style", "tlog",
];

/// Builds, serves, waits for a change, and begins again; until interrupted.
pub(crate) fn run(place: &Place) -> Outcome {
    loop {
        let seen = times(place)?;
        let mut server = match build_and_start(place) {
            Ok(server) => Some(server),
            Err(error) => {
                eprintln!("xtask: {error}\nxtask: waiting for a change");
                None
            }
        };
        while times(place)? == seen {
            if let Some(child) = &mut server
                && let Some(status) = child.try_wait()?
            {
                eprintln!("xtask: neul ended ({status}); waiting for a change");
                server = None;
            }
            sleep(POLL);
        }
        println!("xtask: changed");
        if let Some(mut child) = server {
            stop(&mut child)?;
        }
    }
}

fn build_and_start(place: &Place) -> Outcome<Child> {
    site::build(place, Profile::Dev)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .current_dir(&place.root)
        .args(["build", "--package", "server", "--bin", "neul", "--target-dir"])
        .arg(&place.target)
        .status()?;
    if !built.success() {
        return Err("the server did not compile".into());
    }
    let neul = place.target.join("debug/neul");
    for words in [&["migrate"][..], &["demo", "--once"]] {
        let done = Command::new(&neul)
            .current_dir(&place.root)
            .args(words)
            .status()?;
        if !done.success() {
            return Err(format!("`neul {}` failed", words.join(" ")).into());
        }
    }
    let site = std::env::var_os("NEUL_SITE_DIR").unwrap_or_else(|| place.target.join("site").into());
    Ok(Command::new(&neul)
        .current_dir(&place.root)
        .arg("serve")
        .env("NEUL_SITE_DIR", site)
        // As cargo-leptos says it: pages load themselves anew when a newer server answers.
        .env("LEPTOS_WATCH", "ON")
        .spawn()?)
}

/// Asks the server to end, as a supervisor would, and waits until it has.
fn stop(server: &mut Child) -> Outcome {
    let asked = Command::new("kill").arg(server.id().to_string()).status()?;
    if !asked.success() {
        server.kill()?;
    }
    server.wait()?;
    Ok(())
}

fn times(place: &Place) -> Outcome<BTreeMap<PathBuf, SystemTime>> {
    let mut times = BTreeMap::new();
    for folder in WATCHED {
        for path in files::below(&place.root.join(folder))? {
            // A file may vanish between being listed and being asked: an editor's temporary file.
            if let Ok(time) = path.metadata().and_then(|data| data.modified()) {
                times.insert(path, time);
            }
        }
    }
    Ok(times)
}
