//! Sends what is due. A few at a time, so that one slow server does not hold up the rest; a message is tried again
//! with growing pauses, for a day at most.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;

use super::{
    Outbound, Way, guard,
    mail::{Mail, Mailer},
    store::{self, Due, Outcome},
    webhook::{self, Post, Said},
};
use crate::{
    api,
    config::Clock,
    db::Db,
    error::StatusError,
    incidents,
    operators::Keys,
    pages::Reader,
    snapshot::{House, Keeper},
    words::{Lang, word},
};

/// How often the queue is looked at where nothing is heard.
const LOOK: Duration = Duration::from_secs(1);
/// So many messages at once.
const AT_ONCE: i64 = 16;
/// The first pause; doubled each time (ms).
const PAUSE_MS: i64 = 15_000;
/// The longest pause (ms).
const LONGEST_MS: i64 = 3_600_000;
/// After this a message is old news (ms).
const OLD_MS: i64 = 24 * 3_600_000;

/// The sender.
#[derive(Clone)]
pub(crate) struct Courier {
    house: Arc<House>,
    db: Db,
    keys: Keys,
    keeper: Arc<Keeper>,
    clock: Clock,
    mailer: Option<Mailer>,
    allow_private: bool,
}

impl Courier {
    /// By these ways.
    pub(crate) fn new(
        house: Arc<House>,
        db: Db,
        keys: Keys,
        keeper: Arc<Keeper>,
        clock: Clock,
        outbound: &Outbound,
    ) -> Result<Self, StatusError> {
        Ok(Self {
            house,
            db,
            keys,
            keeper,
            clock,
            mailer: outbound.mail.as_ref().map(Mailer::new).transpose()?,
            allow_private: outbound.allow_private,
        })
    }

    /// Never returns; stop it by dropping it.
    pub(crate) async fn run(self) {
        loop {
            match self.round().await {
                // There may be more.
                Ok(sent) if sent >= AT_ONCE as usize => {}
                Ok(_) => tokio::time::sleep(LOOK).await,
                Err(error) => {
                    tracing::error!(%error, "the queue of messages to subscribers cannot be used");
                    tokio::time::sleep(LOOK * 10).await;
                }
            }
        }
    }

    async fn round(&self) -> sqlx::Result<usize> {
        let at = (self.clock)();
        let due = store::due(&self.db, &self.keys, at, AT_ONCE).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let mut tasks = JoinSet::new();
        for one in due {
            let courier = self.clone();
            tasks.spawn(async move {
                let outcome = courier.send(&one).await;
                (one, outcome)
            });
        }
        let mut done = Vec::new();
        while let Some(result) = tasks.join_next().await {
            // One that panicked is due again at the next look.
            if let Ok((one, result)) = result {
                let outcome = self.outcome(&one, result);
                done.push((one, outcome));
            }
        }
        store::settle(&self.db, &done, (self.clock)()).await?;
        Ok(done.len())
    }

    fn outcome(&self, due: &Due, result: Result<Outcome, (String, bool)>) -> Outcome {
        let at = (self.clock)();
        match result {
            Ok(outcome) => outcome,
            Err((why, never)) => {
                let pause = PAUSE_MS
                    .saturating_mul(1 << due.tries.clamp(0, 20))
                    .min(LONGEST_MS);
                let lost = never || at + pause - due.created_at > OLD_MS;
                // Never the address: it is somebody's.
                tracing::warn!(subscriber = due.subscriber, why, lost, "a message was not taken");
                if lost {
                    Outcome::Lost
                } else {
                    Outcome::Later(at + pause)
                }
            }
        }
    }

    async fn send(&self, due: &Due) -> Result<Outcome, (String, bool)> {
        let Some(address) = &due.address else {
            return Err(("the address was sealed with another key".to_owned(), true));
        };
        if (self.clock)() - due.created_at > OLD_MS {
            return Err(("it is old news".to_owned(), true));
        }
        match due.way {
            Way::Email => self.mail(due, address).await,
            Way::Webhook => self.post(due, address).await,
        }
    }

    fn link(&self, lang: Lang, path: &str) -> String {
        let reader = Reader::live(lang, &self.house, 0);
        format!("{}{}", self.house.public_url, reader.href(path))
    }

    async fn incident(&self, id: &str) -> Result<incidents::Incident, (String, bool)> {
        match incidents::get(&self.db, id).await {
            Ok(Some(incident)) => Ok(incident),
            Ok(None) => Err(("there is no such incident".to_owned(), true)),
            Err(error) => Err((error.to_string(), false)),
        }
    }

    async fn mail(&self, due: &Due, address: &str) -> Result<Outcome, (String, bool)> {
        let Some(mailer) = &self.mailer else {
            return Err(("there is no mail server".to_owned(), false));
        };
        let lang = due.lang;
        let site = word!(lang, shell.site_name, service = self.house.page.name(lang));
        let end_url = format!(
            "{}/unsubscribe?id={}&token={}&lang={}",
            self.house.public_url,
            due.subscriber,
            self.keys.sign("unsubscribe", &due.subscriber),
            lang.code()
        );
        let (subject, text) = match &due.word {
            None => {
                let url = format!(
                    "{}/subscribe/confirm?id={}&token={}&lang={}",
                    self.house.public_url,
                    due.subscriber,
                    self.keys.sign("confirm", &due.subscriber),
                    lang.code()
                );
                (
                    word!(lang, subscriptions.confirm_subject, site = &site),
                    word!(lang, subscriptions.confirm_text, site = &site, url = url),
                )
            }
            Some((update, incident)) => {
                let incident = self.incident(incident).await?;
                let Some(update) = incident.updates.iter().find(|one| one.id == *update) else {
                    return Err(("there is no such word".to_owned(), true));
                };
                let state = update.status.label(lang);
                (
                    format!("[{state}] {} · {site}", incident.title(lang)),
                    word!(
                        lang,
                        subscriptions.text,
                        state = state,
                        time = self.house.times.full(lang, update.display_at),
                        body = update.body(lang),
                        url = self.link(lang, &format!("/incidents/{}", incident.id)),
                        end_url = &end_url
                    ),
                )
            }
        };
        let mail = Mail {
            to: address.to_owned(),
            subject,
            text,
            end_url,
            id: format!("{}.{}", due.id, due.subscriber),
        };
        mailer.send(mail).await.map(|()| Outcome::Sent)
    }

    async fn post(&self, due: &Due, address: &str) -> Result<Outcome, (String, bool)> {
        let Some(url) = guard::url(address, self.allow_private) else {
            return Err(("no webhook may lead there".to_owned(), true));
        };
        let secret = due.secret.as_deref().unwrap_or_default();
        let at = (self.clock)();
        let timestamp = self.house.times.iso(at);
        // What the server must send back: nobody else's server does so by chance.
        let challenge = self.keys.sign("challenge", &due.subscriber);
        let (id, body) = match &due.word {
            None => (
                format!("msg_{}", due.subscriber),
                serde_json::json!({
                    "type": "subscription.verify",
                    "timestamp": timestamp,
                    "data": {"challenge": challenge},
                }),
            ),
            Some((update, incident)) => {
                let snapshot = self.keeper.get();
                let reader = Reader::live(due.lang, &self.house, at);
                let incident = self.incident(incident).await?;
                (
                    format!("msg_{update}_{}", due.subscriber),
                    serde_json::json!({
                        "type": format!("{}.updated", incident.kind.as_str()),
                        "timestamp": timestamp,
                        "data": {
                            "page": {"id": self.house.page_id, "url": self.house.public_url},
                            "update_id": update,
                            "incident": api::incident_json(reader, &snapshot.world, &incident),
                        },
                    }),
                )
            }
        };
        let post = Post {
            url: &url,
            secret,
            id: &id,
            seconds: at / 1000,
            body: body.to_string(),
        };
        match webhook::send(post, self.allow_private).await {
            Ok(Said::Gone) => Ok(Outcome::Gone),
            Ok(Said::Taken(_)) if due.word.is_some() => Ok(Outcome::Sent),
            Ok(Said::Taken(answer)) if answer.contains(&challenge) => Ok(Outcome::Confirmed),
            Ok(Said::Taken(_)) => Err(("the challenge was not sent back".to_owned(), false)),
            Err(why) => Err((why, false)),
        }
    }
}
