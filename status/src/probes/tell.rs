//! From what is believed to what is said: one incident of the sentry's own at a time, opened with a true first
//! text, moved to "monitoring" when everything works again, and closed after a quiet time unless an operator has
//! taken it over.
//!
//! Why it closes by itself: an incident that nobody closes makes the page say "we keep watching" for days, which
//! is not true. Why not once an operator has spoken in it: from then on the words are theirs, and so is the end.
//! It never renews its own promise of the next word: that promise means a person, and the page says when it is
//! broken.

use std::collections::BTreeMap;

use super::Sentry;
use crate::{
    components::{Component, ComponentStatus},
    incidents::{self, Impact, Incident, Kind, Said, Saying, Status},
    operators::Deed,
    snapshot::World,
    words::{Lang, Times, word},
};

/// The author of what no person said. No login can have this name.
pub(crate) const SENTRY: &str = "@sentry";

type Believed = BTreeMap<&'static str, (ComponentStatus, i64)>;

/// Says what has changed.
pub(super) async fn tell(sentry: &mut Sentry, believed: &Believed, at: i64) -> sqlx::Result<()> {
    let snapshot = sentry.keeper.get();
    let world = &snapshot.world;
    let own = world.open().find(|incident| incident.is_automatic());
    let said_by_own = own.map(|own| own.components_at(i64::MAX)).unwrap_or_default();
    let mut news: Believed = BTreeMap::new();
    let mut quiet: Believed = BTreeMap::new();
    for (component, what) in believed {
        if sentry.told(component) == *what {
            continue;
        }
        let (status, _) = *what;
        let of_own = said_by_own.get(component).copied().unwrap_or_default();
        if status == ComponentStatus::Operational || status < of_own {
            // Only what this incident said is taken back by it.
            if of_own > status {
                news.insert(component, *what);
            } else {
                quiet.insert(component, *what);
            }
        } else if world.is_worked_on(component) {
            // Announced work: to be said if it is still so when the work is over.
        } else if status == of_own || world.said_by_others(component) >= status {
            quiet.insert(component, *what);
        } else {
            news.insert(component, *what);
        }
    }
    if !news.is_empty() {
        match own {
            Some(own) => update(sentry, world, own, &news, at).await?,
            None => open(sentry, world, &news, at).await?,
        }
    }
    let changed = !news.is_empty();
    for (component, what) in news.into_iter().chain(quiet) {
        sentry.has_told(component, what);
    }
    if changed {
        sentry.keeper.refresh().await;
        return Ok(());
    }
    if let Some(own) = own
        && is_quiet(own, believed, at)
    {
        close(sentry, own, at).await?;
        sentry.keeper.refresh().await;
    }
    Ok(())
}

/// Whether the sentry may close its incident.
fn is_quiet(own: &Incident, believed: &Believed, at: i64) -> bool {
    own.status == Status::Monitoring
        && own.is_untouched()
        && own.next_word_at().is_some_and(|until| at >= until)
        && believed
            .values()
            .all(|(status, _)| *status == ComponentStatus::Operational)
}

fn names(
    lang: Lang,
    components: &[Component],
    news: &Believed,
    fits: impl Fn(ComponentStatus) -> bool,
) -> String {
    let names: Vec<&str> = components
        .iter()
        .filter(|component| {
            news.get(component.id.as_str())
                .is_some_and(|(status, _)| fits(*status))
        })
        .map(|component| component.name(lang))
        .collect();
    names.join(", ")
}

fn is_all(components: &[Component], news: &Believed) -> bool {
    components.iter().all(|component| {
        news.get(component.id.as_str())
            .is_some_and(|(status, _)| *status == ComponentStatus::MajorOutage)
    })
}

/// What failed, one sentence for each state, with since when.
fn sentences(lang: Lang, times: &Times, components: &[Component], news: &Believed) -> Vec<String> {
    let since = |fits: &dyn Fn(ComponentStatus) -> bool| {
        let first = news
            .values()
            .filter(|(status, _)| fits(*status))
            .map(|(_, since)| *since)
            .min();
        first.map(|first| times.full(lang, first))
    };
    if is_all(components, news) {
        let time = since(&|_| true).unwrap_or_default();
        return vec![word!(lang, probes.all, time = time)];
    }
    let states = [
        ComponentStatus::MajorOutage,
        ComponentStatus::PartialOutage,
        ComponentStatus::DegradedPerformance,
        ComponentStatus::Operational,
    ];
    states
        .into_iter()
        .filter_map(|state| {
            let time = since(&|status| status == state)?;
            let names = names(lang, components, news, |status| status == state);
            Some(match state {
                ComponentStatus::MajorOutage => word!(lang, probes.down, time = time, names = names),
                ComponentStatus::PartialOutage => word!(lang, probes.part, time = time, names = names),
                ComponentStatus::Operational => word!(lang, probes.works, time = time, names = names),
                _ => word!(lang, probes.slow, time = time, names = names),
            })
        })
        .collect()
}

fn title(lang: Lang, components: &[Component], news: &Believed) -> String {
    if is_all(components, news) {
        return word!(lang, probes.title_all);
    }
    let worst = news.values().map(|(status, _)| *status).max().unwrap_or_default();
    let names = names(lang, components, news, |status| status == worst);
    match worst {
        ComponentStatus::MajorOutage => word!(lang, probes.title_down, names = names),
        ComponentStatus::PartialOutage => word!(lang, probes.title_part, names = names),
        _ => word!(lang, probes.title_slow, names = names),
    }
}

const OPENED: Deed<'static> = Deed {
    operator: SENTRY,
    action: "incident.open",
    origin: "-",
};
const UPDATED: Deed<'static> = Deed {
    action: "incident.update",
    ..OPENED
};

fn by_component(news: &Believed) -> BTreeMap<String, ComponentStatus> {
    news.iter()
        .map(|(component, (status, _))| ((*component).to_owned(), *status))
        .collect()
}

fn each_since(news: &Believed) -> BTreeMap<String, i64> {
    news.iter()
        .map(|(component, (_, since))| ((*component).to_owned(), *since))
        .collect()
}

/// Opens the incident, from the first finding that failed.
async fn open(sentry: &Sentry, world: &World, news: &Believed, at: i64) -> sqlx::Result<()> {
    let times = &sentry.house.times;
    let components = &world.components;
    let since = news.values().map(|(_, since)| *since).min().unwrap_or(at).min(at);
    let next = at + sentry.probing.rules.next_word_ms;
    let worst = news.values().map(|(status, _)| *status).max().unwrap_or_default();
    let body = Lang::BOTH.map(|lang| {
        let mut said = sentences(lang, times, components, news);
        said.push(word!(lang, probes.found_by));
        said.push(word!(lang, probes.next, time = times.full(lang, next)));
        said.join(" ")
    });
    let new = Said::New {
        kind: Kind::Incident,
        title: Lang::BOTH.map(|lang| title(lang, components, news)),
        scheduled: None,
    };
    let saying = Saying {
        status: Status::Investigating,
        body,
        impact: Impact::of_component(worst),
        components: by_component(news),
        since,
        each_since: each_since(news),
        next_update_at: Some(next),
        // One opening for one first failure, whatever happens to this process in between.
        form: format!("{SENTRY}:open:{since}:{at}"),
    };
    incidents::say(&sentry.db, new, saying, OPENED, at).await?;
    Ok(())
}

/// Says what changed in the incident that is open.
async fn update(
    sentry: &Sentry,
    world: &World,
    own: &Incident,
    news: &Believed,
    at: i64,
) -> sqlx::Result<()> {
    let times = &sentry.house.times;
    let mut after: BTreeMap<&str, ComponentStatus> = own.components_at(i64::MAX);
    after.extend(news.iter().map(|(component, (status, _))| (*component, *status)));
    let worst = after.values().copied().max().unwrap_or_default();
    let next = at + sentry.probing.rules.next_word_ms;
    let (status, next) = if worst == ComponentStatus::Operational {
        let until = at + sentry.probing.rules.stable_ms;
        (Status::Monitoring, until)
    } else if own.status == Status::Monitoring {
        (Status::Investigating, next)
    } else {
        // The promise that stands is the operator's or our first: news from a machine does not put it off.
        (own.status, own.next_word_at().unwrap_or(next))
    };
    let body = Lang::BOTH.map(|lang| {
        let time = times.full(lang, next);
        let mut said = Vec::new();
        if status == Status::Monitoring {
            let since = news.values().map(|(_, since)| *since).max().unwrap_or(at);
            said.push(word!(lang, probes.back, time = times.full(lang, since)));
            said.push(if own.is_untouched() {
                word!(lang, probes.closes, time = time)
            } else {
                word!(lang, probes.next, time = time)
            });
        } else {
            said.extend(sentences(lang, times, &world.components, news));
            said.push(word!(lang, probes.next, time = time));
        }
        said.join(" ")
    });
    let saying = Saying {
        status,
        body,
        impact: if status == Status::Monitoring {
            own.impact
        } else {
            own.impact.max(Impact::of_component(worst))
        },
        components: by_component(news),
        since: at,
        each_since: each_since(news),
        next_update_at: Some(next),
        form: format!("{SENTRY}:{}:{}:{at}", own.id, own.updates.len()),
    };
    incidents::say(&sentry.db, Said::Old(own), saying, UPDATED, at).await?;
    Ok(())
}

/// Closes what was quiet for long enough.
async fn close(sentry: &Sentry, own: &Incident, at: i64) -> sqlx::Result<()> {
    let quiet = own.monitoring_at.map_or(0, |since| at - since);
    let saying = Saying {
        status: Status::Resolved,
        body: Lang::BOTH.map(|lang| word!(lang, probes.over, length = Times::length(lang, quiet))),
        impact: own.impact,
        components: BTreeMap::new(),
        since: at,
        each_since: BTreeMap::new(),
        next_update_at: None,
        form: format!("{SENTRY}:{}:over:{}", own.id, own.updates.len()),
    };
    incidents::say(&sentry.db, Said::Old(own), saying, UPDATED, at).await?;
    Ok(())
}
