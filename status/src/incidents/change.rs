//! The one way in which something is said to the public: a new incident or maintenance, or an update of one.

use std::collections::BTreeMap;

use super::{Impact, Incident, Kind, Status};
use crate::{
    components::ComponentStatus,
    db::{Db, new_id},
    operators::{Deed, log},
    subscriptions,
};

/// What is to be said.
#[derive(Clone, Debug)]
pub(crate) struct Saying {
    /// The incident's state from here on.
    pub(crate) status: Status,
    /// Korean and English.
    pub(crate) body: [String; 2],
    /// How much it hurts.
    pub(crate) impact: Impact,
    /// Of which components what: those left out stay as this incident last said.
    pub(crate) components: BTreeMap<String, ComponentStatus>,
    /// From when the components are so (ms): now, or the beginning of a new incident.
    pub(crate) since: i64,
    /// The same for single components, where it differs (ms).
    pub(crate) each_since: BTreeMap<String, i64>,
    /// When the next word is promised (ms).
    pub(crate) next_update_at: Option<i64>,
    /// The form's own number: sent twice it is said once.
    pub(crate) form: String,
}

/// Of what.
#[derive(Clone, Debug)]
pub(crate) enum Said<'a> {
    /// A new one, with its titles in Korean and English.
    New {
        /// Trouble or announced work.
        kind: Kind,
        /// Korean and English.
        title: [String; 2],
        /// When the work begins and ends (ms), and whether it ends by the clock.
        scheduled: Option<(i64, i64, bool)>,
    },
    /// One that is there.
    Old(&'a Incident),
}

/// Says it, in one transaction with its line in the desk's log, and gives back the incident's id. The same form
/// said twice changes nothing and gives back the same id.
pub(crate) async fn say(
    db: &Db,
    what: Said<'_>,
    saying: Saying,
    deed: Deed<'_>,
    at: i64,
) -> sqlx::Result<String> {
    let mut change = db.begin().await?;
    let before: Option<String> =
        sqlx::query_scalar("SELECT incident_id FROM incident_update WHERE form = $1")
            .bind(&saying.form)
            .fetch_optional(&mut *change)
            .await?;
    if let Some(id) = before {
        return Ok(id);
    }
    let over = saying.status.is_over();
    let monitoring = saying.status == Status::Monitoring;
    let id = match &what {
        Said::Old(incident) => {
            // A state that is left again (reopened) leaves its time too; one that lasts keeps its first.
            sqlx::query(
                "UPDATE incident SET status = $2, impact = $3, updated_at = $4, \
                 monitoring_at = CASE WHEN $5 THEN coalesce(monitoring_at, $4) ELSE CASE WHEN $6 THEN monitoring_at END END, \
                 resolved_at = CASE WHEN $6 THEN coalesce(resolved_at, max($4, started_at)) END WHERE id = $1",
            )
            .bind(&incident.id)
            .bind(saying.status.as_str())
            .bind(saying.impact.as_str())
            .bind(at)
            .bind(monitoring)
            .bind(over)
            .execute(&mut *change)
            .await?;
            incident.id.clone()
        }
        Said::New {
            kind,
            title,
            scheduled,
        } => {
            let id = new_id();
            sqlx::query(
                "INSERT INTO incident (id, kind, title_ko, title_en, impact, status, started_at, monitoring_at, \
                 resolved_at, scheduled_for, scheduled_until, ends_itself, created_at, updated_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)",
            )
            .bind(&id)
            .bind(kind.as_str())
            .bind(&title[0])
            .bind(&title[1])
            .bind(saying.impact.as_str())
            .bind(saying.status.as_str())
            .bind(scheduled.map_or(saying.since, |(from, _, _)| from))
            .bind(monitoring.then_some(at))
            .bind(over.then_some(at))
            .bind(scheduled.map(|(from, _, _)| from))
            .bind(scheduled.map(|(_, until, _)| until))
            .bind(i64::from(scheduled.is_some_and(|(_, _, by_itself)| by_itself)))
            .bind(at)
            .execute(&mut *change)
            .await?;
            id
        }
    };
    let update = new_id();
    sqlx::query(
        "INSERT INTO incident_update (id, incident_id, status, body_ko, body_en, display_at, next_update_at, author, \
         form, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $6, $6)",
    )
    .bind(&update)
    .bind(&id)
    .bind(saying.status.as_str())
    .bind(&saying.body[0])
    .bind(&saying.body[1])
    .bind(at)
    .bind(saying.next_update_at.filter(|_| !over))
    .bind(deed.operator)
    .bind(&saying.form)
    .execute(&mut *change)
    .await?;
    let mut components = saying.components;
    // What was said of a component later than this is not written over with an earlier time.
    let mut said_at: BTreeMap<&str, i64> = BTreeMap::new();
    if let Said::Old(incident) = &what {
        for state in &incident.states {
            let last = said_at.entry(&state.component).or_insert(state.at);
            *last = state.at.max(*last);
        }
    }
    if let Said::Old(incident) = &what {
        let now = incident.components_at(i64::MAX);
        if over {
            // What is over says nothing bad of any component any more.
            components = now
                .keys()
                .map(|name| ((*name).to_owned(), ComponentStatus::Operational))
                .collect();
        }
        components.retain(|name, status| now.get(name.as_str()) != Some(status));
    }
    for (component, status) in &components {
        let since = saying.each_since.get(component).copied().unwrap_or(saying.since);
        let since = since.max(said_at.get(component.as_str()).copied().unwrap_or(since));
        sqlx::query(
            "INSERT INTO component_state (component_id, incident_id, update_id, at, status) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(component)
        .bind(&id)
        .bind(&update)
        .bind(since)
        .bind(status.as_str())
        .execute(&mut *change)
        .await?;
    }
    subscriptions::enqueue(&mut change, &id, &update, at).await?;
    let detail = serde_json::json!({
        "update": update,
        "status": saying.status.as_str(),
        "impact": saying.impact.as_str(),
        "components": components.iter().map(|(name, status)| (name.clone(), status.as_str())).collect::<BTreeMap<_, _>>(),
        "next_update_at": saying.next_update_at,
    });
    log(&mut change, &deed, &id, &detail.to_string(), at).await?;
    change.commit().await?;
    Ok(id)
}
