//! Announced work: it begins by the clock, and ends by the clock unless the operator wants to end it by hand.

use std::collections::BTreeMap;

use crate::{
    components::ComponentStatus,
    db::Db,
    incidents::{self, Impact, Incident, Kind, Said, Saying, Status},
    operators::Deed,
    words::{Lang, word},
};

/// What the clock owes this maintenance at `at` (ms): the state to go to, and since when.
fn due(incident: &Incident, at: i64) -> Option<(Status, i64)> {
    let (from, until) = incident.scheduled?;
    match incident.status {
        Status::Scheduled if at >= from => Some((Status::InProgress, from)),
        Status::InProgress | Status::Verifying if incident.ends_itself && at >= until => {
            Some((Status::Completed, until))
        }
        _ => None,
    }
}

/// Moves every maintenance on to where the clock says it is; how many steps were taken. A site that was off
/// meanwhile catches up with the true times.
pub(crate) async fn advance(db: &Db, at: i64) -> sqlx::Result<usize> {
    let mut steps = 0;
    for incident in incidents::load(db, at)
        .await?
        .into_iter()
        .filter(|incident| incident.kind == Kind::Maintenance)
    {
        let mut incident = incident;
        // Begun and ended while nobody was there: two steps.
        while let Some((status, since)) = due(&incident, at) {
            step(db, &incident, status, since).await?;
            steps += 1;
            match incidents::get(db, &incident.id).await? {
                Some(moved) => incident = moved,
                None => break,
            }
        }
    }
    Ok(steps)
}

async fn step(db: &Db, incident: &Incident, status: Status, since: i64) -> sqlx::Result<()> {
    let body = |lang: Lang| match status {
        Status::InProgress => word!(lang, maintenance.has_begun),
        _ => word!(lang, maintenance.has_ended),
    };
    let components: BTreeMap<String, ComponentStatus> = incident
        .touched()
        .into_iter()
        .map(|name| (name.to_owned(), ComponentStatus::UnderMaintenance))
        .collect();
    let saying = Saying {
        status,
        body: [body(Lang::ko), body(Lang::en)],
        impact: Impact::Maintenance,
        components,
        since,
        each_since: BTreeMap::new(),
        next_update_at: None,
        form: format!("clock:{}:{}", incident.id, status.as_str()),
    };
    let deed = Deed {
        operator: "clock",
        action: "maintenance.clock",
        origin: "-",
    };
    incidents::say(db, Said::Old(incident), saying, deed, since).await?;
    Ok(())
}

/// When the clock next has something to do with these (ms).
pub(crate) fn next_due(incidents: &[Incident]) -> Option<i64> {
    incidents
        .iter()
        .filter(|incident| incident.kind == Kind::Maintenance)
        .filter_map(|incident| {
            let (from, until) = incident.scheduled?;
            match incident.status {
                Status::Scheduled => Some(from),
                Status::InProgress | Status::Verifying if incident.ends_itself => Some(until),
                _ => None,
            }
        })
        .min()
}
