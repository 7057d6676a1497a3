//! A real SMTP server of the test's own: the protocol by the crate `mailin`, over a socket.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use mailin::{Action, Handler, Response, SessionBuilder, response};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

#[derive(Clone, Debug, Default)]
pub struct Mail {
    pub to: String,
    pub raw: String,
}

impl Mail {
    /// A header, unfolded.
    pub fn header(&self, name: &str) -> String {
        let head = self.raw.split("\r\n\r\n").next().unwrap_or_default();
        let head = head.replace("\r\n ", " ");
        let line = head
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name} in {head}")).to_owned()
    }

    /// Its text, with quoted-printable undone.
    pub fn text(&self) -> String {
        let body = self.raw.split_once("\r\n\r\n").expect("a head and a body").1;
        let soft = body.replace("=\r\n", "");
        let mut bytes = Vec::new();
        let mut rest = soft.as_bytes();
        while let Some((first, more)) = rest.split_first() {
            let hex = more.get(..2).and_then(|two| std::str::from_utf8(two).ok());
            match hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
                Some(byte) if *first == b'=' => {
                    bytes.push(byte);
                    rest = &more[2..];
                }
                _ => {
                    bytes.push(*first);
                    rest = more;
                }
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The first address in it with this path.
    pub fn link(&self, path: &str) -> String {
        let text = self.text();
        let at = text.find(path).unwrap_or_else(|| panic!("no {path} in {text}"));
        text[at..]
            .split(|c: char| c.is_whitespace() || c == '>')
            .next()
            .expect("an address")
            .to_owned()
    }
}

#[derive(Clone, Default)]
struct Inbox {
    mails: Arc<Mutex<Vec<Mail>>>,
    is_away: Arc<AtomicBool>,
    now: Mail,
}

impl Handler for Inbox {
    fn mail(&mut self, _ip: IpAddr, _domain: &str, _from: &str) -> Response {
        if self.is_away.load(Ordering::Relaxed) {
            return response::NO_SERVICE;
        }
        self.now = Mail::default();
        response::OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        to.clone_into(&mut self.now.to);
        response::OK
    }

    fn data(&mut self, buf: &[u8]) -> io::Result<()> {
        self.now.raw.push_str(&String::from_utf8_lossy(buf));
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        self.mails.lock().expect("mails").push(self.now.clone());
        response::OK
    }
}

pub struct Mailbox {
    pub addr: SocketAddr,
    inbox: Inbox,
}

impl Mailbox {
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let inbox = Inbox::default();
        let handler = inbox.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, handler.clone()));
            }
        });
        Self { addr, inbox }
    }

    /// Refuses everything for now, as a server that is full.
    pub fn is_away(&self, away: bool) {
        self.inbox.is_away.store(away, Ordering::Relaxed);
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.inbox.mails.lock().expect("mails").clone()
    }

    /// Waits for the mail of this number.
    pub async fn wait(&self, count: usize) -> Mail {
        let begun = Instant::now();
        loop {
            if let Some(mail) = self.mails().get(count - 1) {
                return mail.clone();
            }
            assert!(
                begun.elapsed() < Duration::from_secs(15),
                "mail {count} never came"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn serve(stream: TcpStream, inbox: Inbox) {
    let remote = stream.peer_addr().expect("a peer").ip();
    let mut session = SessionBuilder::new("mail.test").build(remote, inbox);
    let mut stream = BufReader::new(stream);
    let mut answer = session.greeting();
    loop {
        let mut bytes = Vec::new();
        if answer.action != Action::NoReply {
            answer.write_to(&mut bytes).expect("a vector takes it");
            if stream.get_mut().write_all(&bytes).await.is_err() || answer.action == Action::Close {
                return;
            }
        }
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await.unwrap_or(0) == 0 {
            return;
        }
        answer = session.process(&line);
    }
}
