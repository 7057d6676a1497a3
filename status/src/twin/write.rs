//! Puts the files into their folder so that whoever serves it never sees half of them.
//!
//! A new folder is filled beside the old one, brought to the disk, and the two change places in one step of the
//! file system (`renameat2` with `RENAME_EXCHANGE`). Where that cannot be (a mount point, another system), each
//! file changes its place by a rename of its own, what pages lead to first and the front pages last.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::body::Bytes;

use super::{Files, Over, WRITTEN, files};
use crate::{
    error::StatusError,
    incidents::Incident,
    snapshot::{House, Keeper, Snapshot},
};

/// A copy is never older than about this while the site runs (ms).
const FRESH_MS: i64 = 50_000;
/// So long the old folder stays after it was replaced.
const LINGER: Duration = Duration::from_millis(100);

/// How the twin is, for the desk.
#[derive(Clone, Debug, Default)]
pub(crate) struct TwinState(Arc<Mutex<Option<Written>>>);

/// When it was last written (ms), and why not since, if so.
pub(crate) type Written = (i64, Option<String>);

impl TwinState {
    /// What is known; `None`: never written yet, or there is none.
    pub(crate) fn get(&self) -> Option<Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, at: i64, done: Result<(), String>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match done {
            Ok(()) => *state = Some((at, None)),
            Err(why) => {
                let before = state.as_ref().map_or(0, |(at, _)| *at);
                *state = Some((before, Some(why)));
            }
        }
    }
}

/// Writes the twin after each new snapshot, for as long as the site runs. Slow or full disks delay it and nothing
/// else.
#[derive(Debug)]
pub(crate) struct Writer {
    house: Arc<House>,
    keeper: Arc<Keeper>,
    dir: PathBuf,
}

impl Writer {
    /// Refuses a folder that holds something else.
    pub(crate) fn new(house: Arc<House>, keeper: Arc<Keeper>, dir: &Path) -> Result<Self, StatusError> {
        check(dir)?;
        Ok(Self {
            house,
            keeper,
            dir: dir.to_owned(),
        })
    }

    /// Never returns; stop it by dropping it.
    pub(crate) async fn run(self, state: TwinState) {
        let Self { house, keeper, dir } = self;
        let mut ear = keeper.listen();
        let mut over = Over::default();
        let mut is_failing = false;
        let mut last = (Vec::new(), false, 0);
        // The keeper lives as long as the site: the channel does not close before.
        while ear.changed().await.is_ok() {
            let snapshot = keeper.get();
            // Messages being sent change the store each second, and nothing that is public.
            let (said, is_late) = seen(&snapshot);
            let at = snapshot.world.at;
            let is_same = last.0 == said && last.1 == is_late;
            if !is_failing && is_same && (0..FRESH_MS).contains(&(at - last.2)) {
                continue;
            }
            last = (said, is_late, at);
            let (house, dir) = (house.clone(), dir.clone());
            let mut pages = std::mem::take(&mut over);
            let work = tokio::task::spawn_blocking(move || {
                let done = write(&dir, &files(&house, &snapshot, &mut pages));
                (pages, done.map_err(|error| error.to_string()))
            });
            let done = match work.await {
                Ok((pages, done)) => {
                    over = pages;
                    done
                }
                Err(error) => Err(error.to_string()),
            };
            if let Err(error) = &done
                && !is_failing
            {
                tracing::error!(%error, "the static copy is not fresh any more");
            }
            is_failing = done.is_err();
            state.put(at, done);
        }
    }
}

/// By what two snapshots differ for the public: what was said, and whether a promise is broken.
fn seen(snapshot: &Snapshot) -> (Vec<Bytes>, bool) {
    let said = ["components", "incidents", "scheduled-maintenances"]
        .into_iter()
        .filter_map(|name| snapshot.get(&format!("/api/v2/{name}.json")))
        .map(|pair| pair[0].body())
        .collect();
    let world = &snapshot.world;
    let is_late = world
        .open()
        .filter_map(Incident::next_word_at)
        .any(|due| due < world.at);
    (said, is_late)
}

/// Whether the folder may be replaced: not there, empty, or an earlier twin.
fn check(dir: &Path) -> Result<(), StatusError> {
    let not_ours = || StatusError::NotOurs { dir: dir.to_owned() };
    match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(StatusError::Twin {
            dir: dir.to_owned(),
            error,
        }),
        Ok(_) if dir.join(WRITTEN).is_file() => Ok(()),
        Ok(mut entries) => entries.next().map_or(Ok(()), |_| Err(not_ours())),
    }
}

/// Writes all of it to the folder.
pub(crate) fn write(dir: &Path, files: &Files) -> Result<(), StatusError> {
    check(dir)?;
    put(dir, files).map_err(|error| StatusError::Twin {
        dir: dir.to_owned(),
        error,
    })
}

fn put(dir: &Path, files: &Files) -> io::Result<()> {
    // A link leads to the folder that is meant; the exchange would move the link.
    let dir = fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
    if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent)?;
    }
    let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let next = dir.with_file_name(format!(".{name}.next"));
    let done = fill(&next, files).and_then(|()| change_places(&next, &dir));
    // Whoever was on the way to a file of the old one still finds it.
    std::thread::sleep(LINGER);
    // What is left: the old one, or what could not be finished.
    let _ = fs::remove_dir_all(&next);
    match done {
        Ok(()) => Ok(()),
        // The disk is full or the like: one by one would fail the same way and leave a mixture.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
            ) =>
        {
            Err(error)
        }
        Err(_) => one_by_one(&dir, files),
    }
}

/// A new folder with all files, on the disk.
fn fill(next: &Path, files: &Files) -> io::Result<()> {
    match fs::remove_dir_all(next) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    open_folder(next)?;
    for (path, bytes) in files {
        let path = next.join(path);
        if let Some(folder) = path.parent() {
            open_folder(folder)?;
        }
        fs::write(&path, bytes)?;
        readable(&path, 0o644)?;
    }
    // One sync for all of them, not one each.
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(File::open(next)?)?;
    Ok(())
}

/// Makes a folder, and its parents, that a web server of another user may read, whatever our mask is.
fn open_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        open_folder(parent)?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    readable(folder, 0o755)
}

#[cfg_attr(not(unix), expect(unused_variables))]
fn readable(path: &Path, mode: u32) -> io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))?;
    Ok(())
}

/// The two folders change places in one step; where there is no old one, the new one takes its place.
fn change_places(next: &Path, dir: &Path) -> io::Result<()> {
    if !dir.exists() {
        return fs::rename(next, dir);
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        renameat_with(CWD, next, CWD, dir, RenameFlags::EXCHANGE)?;
        Ok(())
    }
    #[cfg(not(target_os = "linux"))]
    Err(io::ErrorKind::Unsupported.into())
}

fn is_page(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "html")
}

/// Each file whole by itself: what pages lead to first, then pages, the front pages last. Then what is no more.
fn one_by_one(dir: &Path, files: &Files) -> io::Result<()> {
    open_folder(dir)?;
    let rank = |path: &str| match path {
        "index.html" | "en/index.html" => 3,
        path if path.ends_with("history/index.html") => 2,
        path if is_page(path) => 1,
        _ => 0,
    };
    let mut paths: Vec<&String> = files.keys().collect();
    paths.sort_by_key(|path| rank(path));
    for path in paths {
        let whole = dir.join(path);
        let folder = whole.parent().unwrap_or(dir);
        open_folder(folder)?;
        let draft = folder.join(".next");
        fs::write(&draft, &files[path])?;
        readable(&draft, 0o644)?;
        File::open(&draft)?.sync_all()?;
        fs::rename(&draft, &whole)?;
    }
    sweep(dir, dir, files)
}

/// Removes files that are not of this copy. The folder holds nothing else: [`check`] saw to that.
fn sweep(root: &Path, folder: &Path, files: &Files) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sweep(root, &path, files)?;
            // Succeeds only where nothing is left in it.
            let _ = fs::remove_dir(&path);
        } else if let Ok(relative) = path.strip_prefix(root)
            && !files.contains_key(relative.to_string_lossy().as_ref())
        {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(pages: &[(&str, &str)]) -> Files {
        let mut files: Files = pages
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned().into()))
            .collect();
        files.insert(WRITTEN.to_owned(), "{}".into());
        files
    }

    fn read(path: &Path) -> String {
        fs::read_to_string(path).expect("a file")
    }

    #[test]
    fn a_copy_replaces_the_one_before_whole_and_by_either_way() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("twin");
        write(
            &dir,
            &some(&[("index.html", "1"), ("incidents/a/index.html", "a")]),
        )
        .expect("written");
        write(
            &dir,
            &some(&[("index.html", "2"), ("incidents/b/index.html", "b")]),
        )
        .expect("written");
        assert_eq!(read(&dir.join("index.html")), "2");
        assert!(!dir.join("incidents/a").exists());
        one_by_one(&dir, &some(&[("index.html", "3"), ("en/index.html", "e")])).expect("written");
        assert_eq!(read(&dir.join("index.html")), "3");
        assert!(!dir.join("incidents").exists(), "what is no more is gone");
        assert_eq!(
            fs::read_dir(folder.path()).expect("a folder").count(),
            1,
            "nothing is left beside it"
        );
    }

    #[test]
    fn somebody_elses_folder_is_not_touched() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("thesis.txt"), "years").expect("written");
        let error = write(folder.path(), &some(&[("index.html", "1")])).expect_err("not ours");
        assert!(matches!(error, StatusError::NotOurs { .. }));
        assert_eq!(read(&folder.path().join("thesis.txt")), "years");
        assert!(!folder.path().join("index.html").exists());
    }

    #[test]
    fn a_reader_never_meets_half_a_copy() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("twin");
        let copy = |n: usize| {
            let text = format!("{n}{}end", "x".repeat(20_000));
            some(&[("en/index.html", &text), ("index.html", &text)])
        };
        write(&dir, &copy(0)).expect("written");
        let done = std::sync::atomic::AtomicBool::new(false);
        let reads = std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut reads = 0_u64;
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    assert!(read(&dir.join("index.html")).ends_with("end"));
                    assert!(read(&dir.join("en/index.html")).ends_with("end"));
                    reads += 1;
                }
                reads
            });
            for n in 0..20 {
                write(&dir, &copy(n)).expect("written");
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
            reader.join().expect("it read whole files only")
        });
        assert!(reads > 100, "{reads}");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_a_web_server_of_another_user_may_read() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::create_dir(&real).expect("a folder");
        std::os::unix::fs::symlink(&real, &link).expect("a link");
        write(&link, &some(&[("en/index.html", "1")])).expect("written");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(read(&real.join("en/index.html")), "1");
        for path in [real.clone(), real.join("en")] {
            assert_eq!(
                fs::metadata(&path).expect("there").permissions().mode() & 0o777,
                0o755
            );
        }
        let page = fs::metadata(real.join("en/index.html")).expect("there");
        assert_eq!(page.permissions().mode() & 0o777, 0o644);
    }
}
