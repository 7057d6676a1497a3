//! Subscriptions: each word to the public goes to whoever asked for it, by e-mail or webhook, of all components or
//! some. Nothing goes to an address that has not said yes (a link in a mail; a webhook sends its challenge back),
//! and one click ends it.
//!
//! Queue and sender are this site's own and touch nothing else: a message is written down with the word it carries,
//! in one transaction, and sent by a task of its own, again and again with growing pauses, for a day at most.

mod courier;
mod guard;
mod mail;
mod page;
mod seal;
mod store;
mod webhook;

pub(crate) use courier::Courier;
pub use guard::is_public;
pub(crate) use page::routes;
pub(crate) use store::enqueue;

/// How messages leave the site.
#[derive(Clone, Default)]
pub struct Outbound {
    /// The mail server (`NEUL_STATUS_SMTP`) and the sender's address (`NEUL_STATUS_MAIL_FROM`); `None`: no e-mail.
    pub mail: Option<MailServer>,
    /// Webhooks may lead to private addresses and go by plain HTTP: for tests, and for a network of one's own.
    pub allow_private: bool,
}

/// See [`Outbound`].
#[derive(Clone)]
pub struct MailServer {
    /// `smtps://user:password@host`, `smtp://host?tls=required`, `smtp://127.0.0.1:25`.
    pub url: String,
    /// `Neul <status@example.kr>`.
    pub from: String,
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The server's address may hold a password.
        f.debug_struct("Outbound")
            .field("mail", &self.mail.as_ref().map(|mail| &mail.from))
            .field("allow_private", &self.allow_private)
            .finish()
    }
}

/// By which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// A mail.
    Email,
    /// A signed POST.
    Webhook,
}

impl Way {
    /// The store's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Webhook => "webhook",
        }
    }

    /// The way of a word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Email, Self::Webhook]
            .into_iter()
            .find(|way| way.as_str() == word)
    }
}
