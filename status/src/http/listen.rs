//! The listener and its limits: so many connections, so long for a request to arrive, so long for an answer to
//! be taken. Slow clients lose their place; they never hold it.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{extract::connect_info::Connected, serve::IncomingStream};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Sleep, sleep_until},
};

/// From the last byte of an answer to the last byte of the next request, idle time included.
const REQUEST: Duration = Duration::from_secs(20);
/// From the first byte of an answer to its last.
const ANSWER: Duration = Duration::from_mins(1);
/// Never more connections than this at once.
const CONNECTIONS: usize = 4096;
/// File descriptors kept free for the store and the rest.
const SPARE: usize = 64;

/// Who is at the other end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

impl Connected<IncomingStream<'_, Bounded>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Bounded>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// A listener with limits.
#[derive(Debug)]
pub(crate) struct Bounded {
    listener: TcpListener,
    places: Arc<Semaphore>,
}

impl Bounded {
    /// Around a listener.
    pub(crate) fn new(listener: TcpListener) -> Self {
        Self {
            listener,
            places: Arc::new(Semaphore::new(connections())),
        }
    }
}

/// As many connections as this process has file descriptors for, and not more than [`CONNECTIONS`].
fn connections() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files = limits.lines().find_map(|line| {
        line.strip_prefix("Max open files")?
            .split_whitespace()
            .next()?
            .parse::<usize>()
            .ok()
    });
    files.map_or(CONNECTIONS, |files| {
        files.saturating_sub(SPARE).clamp(16, CONNECTIONS)
    })
}

impl axum::serve::Listener for Bounded {
    type Io = Guarded;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            // The place first: who cannot be served waits in the system's queue.
            let Ok(place) = self.places.clone().acquire_owned().await else {
                std::future::pending().await
            };
            match self.listener.accept().await {
                Ok((stream, addr)) => {
                    let _ = stream.set_nodelay(true);
                    return (Guarded::new(stream, place), addr);
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Reading,
    Writing,
}

/// A connection with a deadline: one for the request to arrive, one for the answer to be taken. Costs a look
/// at the clock per change of direction; the timer itself is only moved when it fires.
#[derive(Debug)]
pub(crate) struct Guarded {
    stream: TcpStream,
    phase: Phase,
    deadline: Instant,
    alarm: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

impl Guarded {
    fn new(stream: TcpStream, place: OwnedSemaphorePermit) -> Self {
        let deadline = Instant::now() + REQUEST;
        Self {
            stream,
            phase: Phase::Reading,
            deadline,
            alarm: Box::pin(sleep_until(deadline)),
            _place: place,
        }
    }

    fn enter(&mut self, phase: Phase) {
        if self.phase != phase {
            self.phase = phase;
            self.deadline = Instant::now() + if phase == Phase::Reading { REQUEST } else { ANSWER };
        }
    }

    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        while self.alarm.as_mut().poll(context).is_ready() {
            if self.deadline <= Instant::now() {
                return true;
            }
            let deadline = self.deadline;
            self.alarm.as_mut().reset(deadline);
        }
        false
    }
}

fn late<T>() -> Poll<io::Result<T>> {
    Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
}

impl AsyncRead for Guarded {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_read(cx, buf) {
            // Bytes of a request do not move its deadline: a drop now and then is not a request.
            Poll::Ready(done) => {
                this.enter(Phase::Reading);
                Poll::Ready(done)
            }
            Poll::Pending if this.is_late(cx) => late(),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.enter(Phase::Writing);
        match Pin::new(&mut this.stream).poll_write(cx, buf) {
            Poll::Pending if this.is_late(cx) => late(),
            other => other,
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.enter(Phase::Writing);
        match Pin::new(&mut this.stream).poll_write_vectored(cx, bufs) {
            Poll::Pending if this.is_late(cx) => late(),
            other => other,
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
