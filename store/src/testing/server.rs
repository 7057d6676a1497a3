//! A `PostgreSQL` server of a test's own, to be killed, stopped, filled up and started again. The server behind
//! `NEUL_TEST_POSTGRES` belongs to all tests and must not be harmed.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// How long a start may take: it recovers from whatever was done to it.
const START_MAX: Duration = Duration::from_mins(1);

/// A server of one test's own, gone when this is dropped.
pub struct PostgresServer {
    folder: PathBuf,
    /// Kept until the end where nobody else keeps it.
    own_folder: Option<tempfile::TempDir>,
    bin: PathBuf,
    port: u16,
    as_root: bool,
}

impl PostgresServer {
    /// A new one in a temporary folder, on the disk, with the settings a real server has (fsync included).
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut server = Self::start_in(folder.path());
        server.own_folder = Some(folder);
        server
    }

    /// A new one in an empty folder that exists.
    pub fn start_in(folder: &Path) -> Self {
        let as_root = output(Command::new("id").arg("-u")).trim() == "0";
        let server = Self {
            folder: folder.to_owned(),
            own_folder: None,
            bin: bin(),
            port: TcpListener::bind("127.0.0.1:0")
                .and_then(|listener| listener.local_addr())
                .expect("a free port")
                .port(),
            as_root,
        };
        if as_root {
            // It refuses to run as root, and its owner must reach its folder.
            output(Command::new("chown").arg("postgres").arg(folder));
            output(Command::new("chmod").arg("755").arg(folder));
        }
        output(server.command("initdb").args([
            "-D",
            &server.data(),
            "-U",
            "neul",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]));
        server.start_again();
        server
    }

    /// Starts it after [`Self::kill`]; waits until it answers.
    pub fn start_again(&self) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=60",
            self.port
        );
        let log = self.folder.join("log").display().to_string();
        let begun = Instant::now();
        loop {
            let started = self
                .command("pg_ctl")
                .args([
                    "-D",
                    &self.data(),
                    "-l",
                    &log,
                    "-w",
                    "-t",
                    "20",
                    "-o",
                    &options,
                    "start",
                ])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .expect("pg_ctl runs");
            if started.success() {
                return;
            }
            // What was killed may still hold the shared memory for a moment.
            assert!(
                begun.elapsed() < START_MAX,
                "PostgreSQL does not start: {}",
                std::fs::read_to_string(&log).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// SIGKILL to the server and all its backends, as when its machine loses power.
    pub fn kill(&self) {
        self.signal("-KILL");
        let begun = Instant::now();
        while !self.processes().is_empty() && begun.elapsed() < START_MAX {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// SIGSTOP to all of it: it accepts connections and answers nothing.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// SIGCONT: it goes on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// Whether the server runs.
    pub fn is_running(&self) -> bool {
        !self.processes().is_empty()
    }

    /// `postgres://…` of one of its databases; `postgres` is there from the start.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://neul@127.0.0.1:{}/{database}", self.port)
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn command(&self, program: &str) -> Command {
        let path = self.bin.join(program);
        // From /, because its owner may not be allowed into the caller's folder.
        let mut command = if self.as_root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir("/");
        command
    }

    fn signal(&self, signal: &str) {
        let processes = self.processes();
        if !processes.is_empty() {
            // Some of them may have ended by themselves meanwhile.
            let _ = Command::new("kill").arg(signal).args(&processes).output();
        }
    }

    /// The postmaster and its children.
    fn processes(&self) -> Vec<String> {
        let file = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap_or_default();
        let Some(postmaster) = file.lines().next().filter(|pid| pid.parse::<u32>().is_ok()) else {
            return Vec::new();
        };
        let mut processes = Vec::new();
        for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let pid = entry.file_name().to_string_lossy().into_owned();
            let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            // pid (name) state parent …
            let Some((name, rest)) = stat.rsplit_once(") ") else {
                continue;
            };
            let mut fields = rest.split(' ');
            let (state, parent) = (fields.next(), fields.next());
            let ours = parent == Some(postmaster) || (pid == postmaster && name.contains("(postgres"));
            if ours && state != Some("Z") {
                processes.push(pid);
            }
        }
        processes
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.signal("-CONT");
        self.kill();
    }
}

/// Runs a command to its end, which must be a good one.
fn output(command: &mut Command) -> String {
    let done = command.output().expect("the command runs");
    assert!(
        done.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8_lossy(&done.stdout).into_owned()
}

/// Where the server's programs are: as `pg_config` says, or Debian's newest.
fn bin() -> PathBuf {
    let told = Command::new("pg_config").arg("--bindir").output();
    let told = told.map(|done| String::from_utf8_lossy(&done.stdout).trim().to_owned());
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    folders.sort();
    folders.reverse();
    told.ok()
        .map(PathBuf::from)
        .into_iter()
        .chain(folders)
        .find(|folder| folder.join("initdb").exists())
        .expect("no PostgreSQL server found; run scripts/setup test")
}
