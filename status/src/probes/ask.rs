//! One look at the portal: its front page, its sign-in page, and its own signals, all at once. Every question is
//! a connection of its own, bounded in time and in bytes, and follows nobody elsewhere.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, redirect};
use serde::{Deserialize, de::DeserializeOwned};

use super::Probing;

/// No answer is read further than this (bytes).
const MOST: usize = 512 * 1024;
/// A sign-in page has a field of this kind; a page that says "busy" or "sorry" has none.
const SIGN_IN_MARK: &str = "type=\"password\"";

/// What a question came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// As it should be.
    Well,
    /// Nobody answered in time.
    Silent,
    /// An answer with this status.
    Status(u16),
    /// An answer that is not what was asked for.
    Strange,
}

/// What the portal says of itself at `/probe`. Fields that it does not send are not judged.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Signals {
    /// Whether its database answers.
    pub(crate) database: Option<Reachable>,
    /// Approved payouts that have not begun.
    pub(crate) payouts: Option<Waiting>,
    /// The queue of payments to be posted.
    pub(crate) poster: Option<Queue>,
    /// What it did lately, by kind.
    #[serde(default)]
    pub(crate) work: Vec<Work>,
    /// How old the newest signed checkpoint of the log is (s), where there is one.
    pub(crate) checkpoint_age_s: Option<i64>,
}

/// See [`Signals`].
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Reachable {
    /// Whether it answers.
    pub(crate) reachable: bool,
}

/// See [`Signals`].
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Waiting {
    /// The longest wait (s).
    pub(crate) oldest_s: i64,
}

/// See [`Signals`].
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Queue {
    /// How many wait.
    pub(crate) queued: i64,
    /// How many may.
    pub(crate) most: i64,
}

/// Requests of one kind within the last minute.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Work {
    /// `page`, `payment`, `cancellation`, `charging`, `sign-in`.
    pub(crate) kind: String,
    /// How many.
    pub(crate) requests: i64,
    /// How many of them failed by the portal's fault.
    pub(crate) failed: i64,
    /// 99 of 100 took at most this (ms).
    pub(crate) p99_ms: i64,
}

/// What became of the canary's payment of one won and its cancellation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Canary {
    /// How long the payment took (ms); none where it was not made.
    pub(crate) pay_ms: Option<i64>,
    /// How long its cancellation took (ms); none where it was not made, or there was nothing to take back.
    pub(crate) cancel_ms: Option<i64>,
    /// Whether its wallet holds what it did before.
    pub(crate) whole: Option<bool>,
}

/// One look.
#[derive(Clone, Debug)]
pub(crate) struct Round {
    /// When it began (ms).
    pub(crate) at: i64,
    /// `/`.
    pub(crate) front: Finding,
    /// `/login`.
    pub(crate) sign_in: Finding,
    /// `/probe`, where there is a key for it.
    pub(crate) health: Option<Finding>,
    /// What it said there.
    pub(crate) signals: Option<Signals>,
    /// The canary's answer, and what it said; none where it was not asked in this look.
    pub(crate) canary: Option<(Finding, Canary)>,
}

impl Round {
    /// Whether nobody answered anything.
    pub(crate) fn is_dead(&self) -> bool {
        let silent = |finding: Finding| finding == Finding::Silent;
        silent(self.front) && silent(self.sign_in) && self.health.is_none_or(silent)
    }
}

/// Asks.
#[derive(Debug)]
pub(crate) struct Asker {
    client: Client,
    base: String,
    key: Option<String>,
    canary_key: Option<String>,
    patience: Duration,
}

impl Asker {
    /// One that asks the portal at `base`.
    pub(crate) fn new(probing: &Probing, base: &str) -> reqwest::Result<Self> {
        let client = Client::builder()
            .user_agent("neul-status-probe")
            .timeout(probing.patience)
            .redirect(redirect::Policy::none())
            // A look goes the way a new visitor goes: no connection kept, no proxy of this machine's.
            .pool_max_idle_per_host(0)
            .no_proxy()
            .build()?;
        Ok(Self {
            client,
            base: base.trim_end_matches('/').to_owned(),
            key: probing.key.clone().filter(|key| !key.is_empty()),
            canary_key: probing.canary_key.clone().filter(|key| !key.is_empty()),
            patience: probing.patience,
        })
    }

    /// Looks once; at the canary only `with_canary`.
    pub(crate) async fn look(&self, at: i64, with_canary: bool) -> Round {
        let canary = async {
            match &self.canary_key {
                Some(key) if with_canary => Some(self.canary(key).await),
                _ => None,
            }
        };
        let health = async {
            match &self.key {
                Some(key) => Some(self.health(key).await),
                None => None,
            }
        };
        let (front, sign_in, health, canary) = tokio::join!(
            self.page("/", "<main"),
            self.page("/login", SIGN_IN_MARK),
            health,
            canary
        );
        let (health, signals) = health.unzip();
        Round {
            at,
            front,
            sign_in,
            health,
            signals: signals.flatten(),
            canary,
        }
    }

    async fn page(&self, path: &str, mark: &str) -> Finding {
        let request = self.client.get(format!("{}{path}", self.base));
        let work = async {
            let Ok(response) = request.send().await else {
                return Finding::Silent;
            };
            if response.status().as_u16() != 200 {
                return Finding::Status(response.status().as_u16());
            }
            match body(response).await {
                Some(bytes) if contains(&bytes, mark.as_bytes()) => Finding::Well,
                Some(_) => Finding::Strange,
                None => Finding::Silent,
            }
        };
        tokio::time::timeout(self.patience, work)
            .await
            .unwrap_or(Finding::Silent)
    }

    async fn health(&self, key: &str) -> (Finding, Option<Signals>) {
        let request = self.client.get(format!("{}/probe", self.base));
        self.json(request.bearer_auth(key)).await
    }

    async fn canary(&self, key: &str) -> (Finding, Canary) {
        let request = self.client.post(format!("{}/probe/canary", self.base));
        let (finding, said) = self.json(request.bearer_auth(key)).await;
        (finding, said.unwrap_or_default())
    }

    async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> (Finding, Option<T>) {
        let work = async {
            let Ok(response) = request.send().await else {
                return (Finding::Silent, None);
            };
            if response.status().as_u16() != 200 {
                return (Finding::Status(response.status().as_u16()), None);
            }
            match body(response).await {
                None => (Finding::Silent, None),
                Some(bytes) => match serde_json::from_slice::<T>(&bytes) {
                    Ok(said) => (Finding::Well, Some(said)),
                    Err(_) => (Finding::Strange, None),
                },
            }
        };
        tokio::time::timeout(self.patience, work)
            .await
            .unwrap_or((Finding::Silent, None))
    }
}

/// The body, as far as it may be read; `None` when the line broke.
async fn body(mut response: Response) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        let room = MOST - bytes.len();
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if bytes.len() >= MOST {
            break;
        }
    }
    Some(bytes)
}

fn contains(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}
