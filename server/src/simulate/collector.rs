//! A collector of traces and logs that misbehaves as it is told, and may change its manner while it runs: what the
//! portal's telemetry is tested, measured and drilled against.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use reqwest::dns::{Name, Resolve, Resolving};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// How it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Takes everything.
    Good,
    /// Accepts and never answers.
    Hangs,
    /// Answers with what is no HTTP, on and on.
    Garbage,
    /// Hangs up in the middle.
    Dies,
}

/// A running collector. Cheap to clone; ends with the program.
#[derive(Clone, Debug)]
pub struct Collector {
    addr: SocketAddr,
    manner: Arc<Mutex<Manner>>,
    taken: Arc<AtomicU64>,
    last: Arc<Mutex<Vec<u8>>>,
}

impl Collector {
    /// On a free port of loopback.
    pub async fn start(manner: Manner) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let collector = Self {
            addr: listener.local_addr()?,
            manner: Arc::new(Mutex::new(manner)),
            taken: Arc::default(),
            last: Arc::default(),
        };
        let own = collector.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let own = own.clone();
                tokio::spawn(async move {
                    // Whatever goes wrong with one connection is a collector's manner.
                    let _ = own.talk(stream).await;
                });
            }
        });
        Ok(collector)
    }

    /// Where it is.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// From the next request on.
    pub fn behave(&self, manner: Manner) {
        *self.manner.lock().unwrap_or_else(PoisonError::into_inner) = manner;
    }

    /// How many deliveries it took.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// The body of the last one.
    pub fn last(&self) -> Vec<u8> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn talk(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut bytes = Vec::new();
        loop {
            let manner = *self.manner.lock().unwrap_or_else(PoisonError::into_inner);
            match manner {
                Manner::Hangs => std::future::pending::<()>().await,
                Manner::Dies => {
                    stream.read_buf(&mut bytes).await?;
                    return Ok(());
                }
                Manner::Garbage => loop {
                    stream
                        .write_all(&[0xff, 0, b'H', b'T', b'T', b'P', b'/', b'9'])
                        .await?;
                    tokio::time::sleep(Duration::from_millis(1)).await;
                },
                Manner::Good => {
                    if stream.read_buf(&mut bytes).await? == 0 {
                        return Ok(());
                    }
                    while let Some(body) = request(&mut bytes) {
                        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = body;
                        self.taken.fetch_add(1, Ordering::Relaxed);
                        let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
                        stream.write_all(answer.as_bytes()).await?;
                    }
                }
            }
        }
    }
}

/// Takes a whole request with a length out of the bytes; its body.
fn request(bytes: &mut Vec<u8>) -> Option<Vec<u8>> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let length = text
        .split("content-length:")
        .nth(1)?
        .lines()
        .next()?
        .trim()
        .parse::<usize>()
        .ok()?;
    let end = head.checked_add(length).filter(|end| *end <= bytes.len())?;
    let body = bytes[head..end].to_vec();
    bytes.drain(..end);
    Some(body)
}

/// A name server that takes longer than anybody waits, and blocks a thread for it as the system's look-up does.
#[derive(Clone, Copy, Debug)]
pub struct SlowNames;

impl Resolve for SlowNames {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(async {
            let slept = tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_mins(10))).await;
            slept
                .map_err(Into::into)
                .and_then(|()| Err("no such name".into()))
        })
    }
}
