//! Ways to send a code.

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{masked_phone, problem::Hidden};

/// A message on its way.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>>;

/// Why a message did not leave. Holds neither phone nor text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The gateway was not reached within its time.
    #[error("the SMS gateway was not reached: {0}")]
    Unreachable(String),
    /// The gateway refused; its HTTP status.
    #[error("the SMS gateway answered {0}")]
    Refused(u16),
}

/// Something that brings a text to a phone.
pub trait CodeSender: Send + Sync {
    /// Sends `text` to `phone` (digits with the leading 0).
    fn send<'a>(&'a self, phone: &'a str, text: &'a str) -> Sending<'a>;
}

/// An SMS gateway that takes `POST url` with `Authorization: Bearer token` and `{"to":"010…","text":"…"}`.
pub struct HttpGateway {
    url: String,
    token: Zeroizing<String>,
    http: Result<reqwest::Client, SendError>,
}

impl HttpGateway {
    /// A gateway; each message has five seconds. Where the TLS of this machine cannot be set up, sending says so.
    pub fn new(url: impl Into<String>, token: impl Into<String>) -> Self {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(5))
            .connect_timeout(Duration::from_secs(2))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(unreachable);
        Self {
            url: url.into(),
            token: Zeroizing::new(token.into()),
            http,
        }
    }
}

impl CodeSender for HttpGateway {
    fn send<'a>(&'a self, phone: &'a str, text: &'a str) -> Sending<'a> {
        Box::pin(async move {
            let http = self.http.as_ref().map_err(Clone::clone)?;
            let answer = http
                .post(&self.url)
                .bearer_auth(self.token.as_str())
                .json(&serde_json::json!({ "to": phone, "text": text }))
                .send()
                .await
                .map_err(unreachable)?;
            let status = answer.status();
            if status.is_success() {
                Ok(())
            } else {
                Err(SendError::Refused(status.as_u16()))
            }
        })
    }
}

impl fmt::Debug for HttpGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpGateway")
            .field("token", &Hidden)
            .finish_non_exhaustive()
    }
}

/// Without the address, which may carry a key.
fn unreachable(error: reqwest::Error) -> SendError {
    SendError::Unreachable(error.without_url().to_string())
}

/// One message of the demo.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxMessage {
    /// To which phone.
    pub phone: String,
    /// What it says.
    pub text: String,
}

impl fmt::Debug for OutboxMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboxMessage")
            .field("phone", &Hidden)
            .field("text", &Hidden)
            .finish()
    }
}

/// Sends nothing: keeps the last hundred messages, for the demo's page and for tests. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Outbox(Arc<Mutex<VecDeque<OutboxMessage>>>);

const OUTBOX_MESSAGES_MAX: usize = 100;

impl Outbox {
    /// An empty outbox.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was sent, the newest last.
    pub fn messages(&self) -> Vec<OutboxMessage> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect()
    }

    /// The code in the newest message to a phone (digits).
    pub fn last_code(&self, phone: &str) -> Option<String> {
        self.messages()
            .iter()
            .rev()
            .find(|message| message.phone == phone)
            .map(OutboxMessage::code)
    }
}

impl OutboxMessage {
    /// The code in it: its first run of six digits; empty where there is none.
    pub fn code(&self) -> String {
        let mut runs = self.text.split(|c: char| !c.is_ascii_digit());
        runs.find(|run| run.len() == 6).unwrap_or_default().to_owned()
    }
}

impl CodeSender for Outbox {
    fn send<'a>(&'a self, phone: &'a str, text: &'a str) -> Sending<'a> {
        // Neither phone nor code: logs outlive a demo, and a house without a gateway comes here too.
        tracing::info!(phone = masked_phone(phone), "a code stands in the outbox");
        let mut messages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        messages.push_back(OutboxMessage {
            phone: phone.to_owned(),
            text: text.to_owned(),
        });
        if messages.len() > OUTBOX_MESSAGES_MAX {
            messages.pop_front();
        }
        Box::pin(async { Ok(()) })
    }
}
