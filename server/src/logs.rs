//! Structured logs on standard error (for people on a terminal, JSON elsewhere), and to a collector where there is one.
//! Whoever logs never waits for whoever reads: a pipe that nobody empties loses lines, which are counted, and stops
//! nothing.

use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    os::fd::AsFd as _,
    sync::OnceLock,
    time::Duration,
};

use tracing_subscriber::{
    EnvFilter, Layer as _, fmt::MakeWriter, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::{
    bulkhead::{Bulkhead, Lost, Rules},
    telemetry::{Collector, LogLayer},
};

/// Some thousand lines wait for a slow reader; there is no deadline for writing, which blocks a thread of its own.
const RULES: Rules = Rules {
    room: 4_096,
    batch: 256,
    pause: Duration::ZERO,
    deadline: Duration::MAX,
    backoff: Duration::from_millis(100),
    backoff_most: Duration::from_secs(10),
};
/// How long the end of the program waits for the last lines.
const LAST_LINES: Duration = Duration::from_millis(500);

static LINES: OnceLock<Lines> = OnceLock::new();

/// The queue of lines to standard error.
#[derive(Clone, Debug)]
struct Lines(Bulkhead<Vec<u8>>);

impl Lines {
    fn new() -> Self {
        Self(Bulkhead::start("stderr", RULES, || {
            // Past the lock of `io::stderr()`: whoever prints there must not wait for this thread.
            let mut file = io::stderr().as_fd().try_clone_to_owned().map(File::from).ok();
            async move |batch: Vec<Vec<u8>>| {
                let file = file.as_mut().ok_or(Lost)?;
                file.write_all(&batch.concat()).map_err(|_| Lost)
            }
        }))
    }
}

impl Write for Lines {
    /// One line at a time: the formatter writes a whole one at once.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.offer(line.to_vec());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Starts logging, also to a collector where one is given; `NEUL_LOG` filters as `RUST_LOG` does.
pub fn start(collector: Option<&Collector>) {
    let filter = EnvFilter::try_from_env("NEUL_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let lines = LINES.get_or_init(Lines::new).clone();
    let stderr = tracing_subscriber::fmt::layer();
    let stderr = if io::stderr().is_terminal() {
        stderr.compact().with_writer(lines).boxed()
    } else {
        stderr.json().with_writer(lines).boxed()
    };
    tracing_subscriber::registry()
        .with(stderr)
        .with(collector.map(LogLayer::new))
        .with(filter)
        .init();
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("(no text)");
        let backtrace = std::backtrace::Backtrace::capture();
        tracing::error!(location, message, %backtrace, "a panic");
        if std::thread::current().name() == Some("main") {
            finish();
        }
    }));
}

/// Waits a moment for the last lines, before the program ends.
pub fn finish() {
    if let Some(lines) = LINES.get() {
        lines.0.drain(LAST_LINES);
    }
}
