//! Mails: plain text in the subscriber's language, with one click to end it (RFC 8058).

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

use super::MailServer;
use crate::error::StatusError;

/// A server that takes longer is tried again later.
const PATIENCE: Duration = Duration::from_secs(15);

/// Sends mails.
#[derive(Clone)]
pub(super) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// One mail.
pub(super) struct Mail {
    /// To whom.
    pub(super) to: String,
    /// What of.
    pub(super) subject: String,
    /// Plain text.
    pub(super) text: String,
    /// The address that ends it.
    pub(super) end_url: String,
    /// The same however often it is sent.
    pub(super) id: String,
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

impl Mailer {
    /// By this server.
    pub(super) fn new(server: &MailServer) -> Result<Self, StatusError> {
        let wrong = |what: &str| StatusError::Mail(what.to_owned());
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&server.url)
            .map_err(|_| wrong("NEUL_STATUS_SMTP is not an address such as smtps://user:password@host"))?
            .timeout(Some(PATIENCE))
            .build();
        let from = server
            .from
            .parse()
            .map_err(|_| wrong("NEUL_STATUS_MAIL_FROM is not an address such as Neul <status@example.kr>"))?;
        Ok(Self { transport, from })
    }

    /// Sends it; why it was not taken, and whether it never will be.
    pub(super) async fn send(&self, mail: Mail) -> Result<(), (String, bool)> {
        let never = |error: &dyn std::fmt::Display| (error.to_string(), true);
        let to: Mailbox = mail.to.parse().map_err(|error| never(&error))?;
        let domain = self.from.email.domain();
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject)
            .date_now()
            .message_id(Some(format!("<{}@{domain}>", mail.id)))
            .raw_header(header("List-Unsubscribe", format!("<{}>", mail.end_url)))
            .raw_header(header(
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click".to_owned(),
            ))
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text)
            .map_err(|error| never(&error))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => Err((error.to_string(), error.is_permanent())),
        }
    }
}

/// Whether a text is one mail address.
pub(super) fn is_address(text: &str) -> bool {
    text.len() <= 254 && text.parse::<lettre::Address>().is_ok()
}
