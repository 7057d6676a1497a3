//! The listener and its limits: so many connections, so long for a request to arrive, so long for an answer to
//! be taken. Slow clients lose their place; they never hold it.

use std::{
    io,
    marker::PhantomData,
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
/// Who is at the other end.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

impl<C: Timed> Connected<IncomingStream<'_, Bounded<C>>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Bounded<C>>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// A connection that knows how long what may take, and holds a place while it lives.
pub trait Timed: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    /// Never more connections than this at once.
    const CONNECTIONS: usize;
    /// File descriptors kept free for the store and the rest.
    const SPARE: usize;

    /// Around a connection that has come.
    fn new(stream: TcpStream, place: OwnedSemaphorePermit) -> Self;
}

/// A listener with limits: the portal's and the status site's, who differ in what they allow a connection.
#[derive(Debug)]
pub struct Bounded<C> {
    listener: TcpListener,
    places: Arc<Semaphore>,
    connection: PhantomData<fn() -> C>,
}

impl<C: Timed> Bounded<C> {
    /// Around a listener; as many connections as this process has file descriptors for, and not more than
    /// [`Timed::CONNECTIONS`].
    pub fn new(listener: TcpListener) -> Self {
        Self::with_places(listener, places::<C>())
    }

    /// Around a listener, with so many connections at once.
    pub fn with_places(listener: TcpListener, places: usize) -> Self {
        Self {
            listener,
            places: Arc::new(Semaphore::new(places)),
            connection: PhantomData,
        }
    }
}

fn places<C: Timed>() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files = limits.lines().find_map(|line| {
        line.strip_prefix("Max open files")?
            .split_whitespace()
            .next()?
            .parse::<usize>()
            .ok()
    });
    files.map_or(C::CONNECTIONS, |files| {
        files.saturating_sub(C::SPARE).clamp(16, C::CONNECTIONS)
    })
}

impl<C: Timed> axum::serve::Listener for Bounded<C> {
    type Io = C;
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
                    return (C::new(stream, place), addr);
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

impl Timed for Guarded {
    const CONNECTIONS: usize = 4096;
    const SPARE: usize = 64;

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
}

impl Guarded {
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

/// The end of a connection that was too slow.
pub fn late<T>() -> Poll<io::Result<T>> {
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
