//! Keeps a snapshot of the status site for the portal's pages: asked in the background, never waited for
//! in a request (DESIGN 6). A status site that is silent changes nothing but what the snapshot says of it.

use std::time::Duration;

use app::incidents::{IncidentNow, StatusNow};
use serde::Deserialize;
use tokio::sync::watch;

/// Between two questions.
const EVERY: Duration = Duration::from_secs(5);
/// A status site that takes longer counts as silent.
const DEADLINE: Duration = Duration::from_secs(3);

#[derive(Deserialize)]
struct Summary {
    status: Indicator,
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Indicator {
    indicator: String,
}

#[derive(Deserialize)]
struct Component {
    name: String,
    status: String,
}

#[derive(Deserialize)]
struct Incidents {
    incidents: Vec<IncidentNow>,
}

/// Starts asking; the receiver always holds the last answer.
pub fn start(status_url: &str) -> watch::Receiver<StatusNow> {
    let (sender, receiver) = watch::channel(StatusNow::default());
    let base = status_url.trim_end_matches('/').to_owned();
    tokio::spawn(async move {
        // Whoever answers in the status site's place must not send the portal elsewhere.
        let client = reqwest::Client::builder()
            .timeout(DEADLINE)
            .redirect(reqwest::redirect::Policy::none())
            .build();
        let Ok(client) = client else {
            return;
        };
        let mut pause = Duration::from_millis(300);
        loop {
            let asked_at = jiff::Timestamp::now().as_millisecond();
            match ask(&client, &base, asked_at).await {
                Ok(now) => {
                    sender.send_replace(now);
                    pause = EVERY;
                }
                Err(error) => {
                    tracing::debug!(%error, "the status site does not answer");
                    sender.send_modify(|now| now.reached = false);
                    pause = (pause * 2).min(EVERY);
                }
            }
            if sender.is_closed() {
                return;
            }
            tokio::time::sleep(pause).await;
        }
    });
    receiver
}

async fn ask(client: &reqwest::Client, base: &str, asked_at: i64) -> reqwest::Result<StatusNow> {
    let get = |path: &str| client.get(format!("{base}{path}")).send();
    let summary: Summary = get("/api/v2/summary.json")
        .await?
        .error_for_status()?
        .json()
        .await?;
    let list: Incidents = get("/api/v2/incidents.json")
        .await?
        .error_for_status()?
        .json()
        .await?;
    let over = |incident: &IncidentNow| matches!(incident.status.as_str(), "resolved" | "postmortem");
    let (past, open) = list.incidents.into_iter().partition(over);
    Ok(StatusNow {
        asked_at,
        reached: true,
        indicator: summary.status.indicator,
        components: summary
            .components
            .into_iter()
            .map(|component| (component.name, component.status))
            .collect(),
        open,
        past,
    })
}
