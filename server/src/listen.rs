//! The portal's listener and its limits: so many connections, so long for a request's head to arrive, so slow at least
//! its body, so long for an answer to be taken. Slow clients lose their place; they never hold it.
//!
//! The places are the status site's (`status::listen`); the times are for uploads of a gigabyte: only the head has a
//! fixed one, a body must come at a pace. It reads HTTP/1 alone, which is all that the portal speaks.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    middleware::{Next, from_fn},
};
use status::listen::{Peer, Timed, late};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::{Instant, Sleep, sleep_until},
};

/// From the first byte of a request (or the beginning of the connection) to the end of its head.
const HEAD: Duration = Duration::from_secs(10);
/// From the end of the head to the first byte of the answer, for a small request; pages are given up after 20 s.
const WORK: Duration = Duration::from_mins(2);
/// A body may take so long beyond `WORK`: one second for so many bytes.
const PACE_BYTES_S: u64 = 4_096;
/// From the first byte of an answer to its last, and to the next request; a long one has the pace's time beyond it.
const ANSWER: Duration = Duration::from_mins(1);
/// Tells the handlers who is at the other end, as `axum::serve` does with a listener of its own.
pub fn with_peer(app: Router) -> Router {
    app.layer(from_fn(|mut request: Request, next: Next| async move {
        if let Some(ConnectInfo(Peer(addr))) = request.extensions().get::<ConnectInfo<Peer>>().copied() {
            request.extensions_mut().insert(ConnectInfo(addr));
        }
        next.run(request).await
    }))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The head of a request comes; so many bytes of the blank line that ends it have been seen.
    Head(usize),
    /// Its body comes, and is worked on; so many bytes have come.
    Work(u64),
    /// The answer goes, or went; so many bytes of it.
    Answer(u64),
}

/// A connection with a deadline. Costs a look at the clock per change of phase; the timer itself is only moved when
/// it fires.
#[derive(Debug)]
pub struct Guarded {
    stream: TcpStream,
    phase: Phase,
    begun: Instant,
    alarm: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

impl Timed for Guarded {
    const CONNECTIONS: usize = 16_384;
    const SPARE: usize = 128;

    fn new(stream: TcpStream, place: OwnedSemaphorePermit) -> Self {
        let begun = Instant::now();
        Self {
            stream,
            phase: Phase::Head(0),
            begun,
            alarm: Box::pin(sleep_until(begun + HEAD)),
            _place: place,
        }
    }
}

impl Guarded {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.begun = Instant::now();
        let deadline = self.deadline();
        // Only a nearer end moves the timer; a later one is found when it fires.
        if deadline < self.alarm.deadline() {
            self.alarm.as_mut().reset(deadline);
        }
    }

    fn deadline(&self) -> Instant {
        self.begun
            + match self.phase {
                Phase::Head(_) => HEAD,
                Phase::Work(bytes) => WORK + Duration::from_secs(bytes / PACE_BYTES_S),
                Phase::Answer(bytes) => ANSWER + Duration::from_secs(bytes / PACE_BYTES_S),
            }
    }

    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        while self.alarm.as_mut().poll(context).is_ready() {
            let deadline = self.deadline();
            if deadline <= Instant::now() {
                return true;
            }
            self.alarm.as_mut().reset(deadline);
        }
        false
    }

    /// These bytes of a request have come.
    fn came(&mut self, bytes: &[u8]) {
        if matches!(self.phase, Phase::Answer(_)) && !bytes.is_empty() {
            self.enter(Phase::Head(0));
        }
        match self.phase {
            Phase::Head(seen) => match head_ends(seen, bytes) {
                Ok(rest) => self.enter(Phase::Work(rest as u64)),
                Err(seen) => self.phase = Phase::Head(seen),
            },
            Phase::Work(before) => self.phase = Phase::Work(before + bytes.len() as u64),
            Phase::Answer(_) => {}
        }
    }
}

impl Guarded {
    /// So much of an answer went, or none can go.
    fn went(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if !matches!(self.phase, Phase::Answer(_)) {
            self.enter(Phase::Answer(0));
        }
        match (&written, self.phase) {
            (Poll::Ready(Ok(bytes)), Phase::Answer(before)) => {
                self.phase = Phase::Answer(before + *bytes as u64);
                written
            }
            (Poll::Pending, _) if self.is_late(cx) => late(),
            _ => written,
        }
    }
}

/// How many bytes follow the blank line that ends a head; or how many of its bytes have been seen.
fn head_ends(mut seen: usize, bytes: &[u8]) -> Result<usize, usize> {
    const END: &[u8; 4] = b"\r\n\r\n";
    for (at, byte) in bytes.iter().enumerate() {
        seen = if *byte == END[seen] {
            seen + 1
        } else {
            usize::from(*byte == END[0])
        };
        if seen == END.len() {
            return Ok(bytes.len() - at - 1);
        }
    }
    Err(seen)
}

impl AsyncRead for Guarded {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        match Pin::new(&mut this.stream).poll_read(cx, buf) {
            Poll::Ready(done) => {
                this.came(&buf.filled()[before..]);
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
        let written = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.went(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.went(cx, written)
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

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use axum::serve::Listener as _;
    use status::listen::Bounded;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    #[test]
    fn the_end_of_a_head_is_found_wherever_it_is_cut() {
        let text = b"GET / HTTP/1.1\r\nA: \r\r\n\r\nbody";
        for cut in 0..text.len() {
            let (first, second) = text.split_at(cut);
            let found = match head_ends(0, first) {
                Ok(rest) => rest + second.len(),
                Err(seen) => head_ends(seen, second).expect("it ends"),
            };
            assert_eq!(found, 4, "cut at {cut}");
        }
    }

    /// As if so much time had gone by.
    fn wait(guarded: &mut Guarded, time: Duration) {
        guarded.begun -= time;
        guarded.alarm.as_mut().reset(Instant::now());
    }

    #[tokio::test]
    async fn drops_of_a_head_do_not_hold_a_place_and_a_body_that_comes_does() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let mut bounded = Bounded::<Guarded>::with_places(listener, 1);
        let mut client = TcpStream::connect(addr).await.unwrap();
        let (mut slow, _) = bounded.accept().await;
        let mut space = [0; 64];
        client.write_all(b"GET / HT").await.unwrap();
        slow.read_exact(&mut space[..8]).await.unwrap();
        wait(&mut slow, HEAD / 2);
        client.write_all(b"TP").await.unwrap();
        slow.read_exact(&mut space[..2]).await.unwrap();
        wait(&mut slow, HEAD / 2);
        let ended = slow.read(&mut space).await;
        assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::TimedOut);
        drop(slow);

        let mut client = TcpStream::connect(addr).await.unwrap();
        let (mut good, _) = bounded.accept().await;
        client.write_all(b"POST / HTTP/1.1\r\n\r\n").await.unwrap();
        good.read_exact(&mut space[..19]).await.unwrap();
        assert_eq!(good.phase, Phase::Work(0));
        wait(&mut good, HEAD * 3);
        let waits = poll_fn(|cx| {
            let mut space = [0; 8];
            let mut buf = ReadBuf::new(&mut space);
            Poll::Ready(Pin::new(&mut good).poll_read(cx, &mut buf).is_pending())
        });
        assert!(waits.await, "the work goes on");
        wait(&mut good, WORK);
        assert!(good.read(&mut space).await.is_err(), "and not for ever");
    }
}
