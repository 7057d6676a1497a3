//! A past for the demo: components, an incident that was resolved, a maintenance that was completed, so that
//! the pages are real. Refuses a site that has a past.

use std::{collections::BTreeMap, path::Path};

use crate::{
    components::{self, ComponentStatus},
    config::system_clock,
    db::Db,
    error::StatusError,
    incidents::{self, Impact, Kind, Said, Saying, Status},
    maintenance, operators,
    operators::Deed,
    words::{Lang, word},
};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Fills an empty site's folder and makes the demo operator. Refused when there is an incident already.
pub async fn fill_demo(dir: &Path, login: &str, password: &str) -> Result<(), StatusError> {
    let db = Db::open(dir).await?;
    let done = fill(&db, login, password, system_clock()()).await;
    db.close().await;
    done
}

async fn fill(db: &Db, login: &str, password: &str, at: i64) -> Result<(), StatusError> {
    let there: i64 = sqlx::query_scalar("SELECT count(*) FROM incident")
        .fetch_one(&db.read)
        .await?;
    if there > 0 {
        return Err(StatusError::NotEmpty);
    }
    components::ensure(db, at - 200 * DAY).await?;
    // A site that was started before the demo began recording today: the demo's past begins earlier.
    sqlx::query("UPDATE component SET start_at = min(start_at, $1)")
        .bind(at - 200 * DAY)
        .execute(&db.write)
        .await?;
    trouble(db, at - 23 * DAY - 5 * HOUR).await?;
    work(db, at - 9 * DAY).await?;
    operators::put(db, login, password, at).await
}

fn both(text: impl Fn(Lang) -> String) -> [String; 2] {
    Lang::BOTH.map(text)
}

fn saying(
    status: Status,
    impact: Impact,
    body: [String; 2],
    components: &[(&str, ComponentStatus)],
    since: i64,
) -> Saying {
    Saying {
        status,
        body,
        impact,
        components: components
            .iter()
            .map(|(name, status)| ((*name).to_owned(), *status))
            .collect::<BTreeMap<_, _>>(),
        since,
        each_since: BTreeMap::new(),
        next_update_at: None,
        form: format!("demo:{}:{since}", status.as_str()),
    }
}

const DEMO: Deed<'static> = Deed {
    operator: "demo",
    action: "demo",
    origin: "-",
};

async fn update(db: &Db, id: &str, saying: Saying, at: i64) -> Result<(), StatusError> {
    if let Some(incident) = incidents::get(db, id).await? {
        incidents::say(db, Said::Old(&incident), saying, DEMO, at).await?;
    }
    Ok(())
}

async fn trouble(db: &Db, began: i64) -> Result<(), StatusError> {
    use ComponentStatus::{DegradedPerformance, Operational, PartialOutage};
    let title = both(|lang| word!(lang, demo.trouble_title));
    let first = saying(
        Status::Investigating,
        Impact::Major,
        both(|lang| word!(lang, demo.trouble_seen)),
        &[("payment", PartialOutage), ("cancellation", DegradedPerformance)],
        began,
    );
    let new = Said::New {
        kind: Kind::Incident,
        title,
        scheduled: None,
    };
    let id = incidents::say(db, new, first, DEMO, began + 2 * MINUTE).await?;
    let steps = [
        (
            Status::Identified,
            14,
            both(|lang| word!(lang, demo.trouble_known)),
            vec![],
        ),
        (
            Status::Monitoring,
            41,
            both(|lang| word!(lang, demo.trouble_mended)),
            vec![("payment", Operational), ("cancellation", Operational)],
        ),
        (
            Status::Resolved,
            96,
            both(|lang| word!(lang, demo.trouble_over)),
            vec![],
        ),
    ];
    for (status, minutes, body, components) in steps {
        let at = began + minutes * MINUTE;
        update(db, &id, saying(status, Impact::Major, body, &components, at), at).await?;
    }
    Ok(())
}

async fn work(db: &Db, near: i64) -> Result<(), StatusError> {
    // At 02:00 in Korea, whatever the time of day is now: days there begin at 15:00 UTC.
    let from = (near + 9 * HOUR) / DAY * DAY - 9 * HOUR + 2 * HOUR;
    let first = saying(
        Status::Scheduled,
        Impact::Maintenance,
        both(|lang| word!(lang, demo.work_ahead)),
        &[
            ("charging", ComponentStatus::Operational),
            ("payouts", ComponentStatus::Operational),
        ],
        from - 5 * DAY,
    );
    let title = both(|lang| word!(lang, demo.work_title));
    let new = Said::New {
        kind: Kind::Maintenance,
        title,
        scheduled: Some((from, from + 2 * HOUR, true)),
    };
    incidents::say(db, new, first, DEMO, from - 5 * DAY).await?;
    maintenance::advance(db, from + 3 * HOUR).await?;
    Ok(())
}
