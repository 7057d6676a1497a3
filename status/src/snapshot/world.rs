//! Everything that is public at one moment, read from the store; pages, JSON and feeds are functions of it.

use std::collections::HashMap;

use jiff::{ToSpan, civil::Date};

use crate::{
    components::{self, Component, ComponentStatus},
    config::PageInfo,
    db::Db,
    error::StatusError,
    history::{self, Change, DAYS, Day},
    incidents::{self, Impact, Incident, Kind, Status},
    probes,
    words::Times,
};

/// What does not change while the site runs.
#[derive(Clone, Debug)]
pub(crate) struct House {
    /// Whose status this is.
    pub(crate) page: PageInfo,
    /// The page's id in Statuspage's JSON.
    pub(crate) page_id: String,
    /// How the public reaches this site; no slash at the end.
    pub(crate) public_url: String,
    /// Where the portal is.
    pub(crate) portal_url: String,
    /// The zone's name, for Statuspage's JSON.
    pub(crate) zone_name: String,
    /// Writes times of that zone.
    pub(crate) times: Times,
    /// Whether one can subscribe here.
    pub(crate) has_subscriptions: bool,
}

impl House {
    /// Whether the public reaches this site by TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// Everything public at `at`.
#[derive(Debug)]
pub(crate) struct World {
    /// When this was read (ms).
    pub(crate) at: i64,
    /// In their order.
    pub(crate) components: Vec<Component>,
    /// Newest first: the open ones and those of the last ninety days.
    pub(crate) incidents: Vec<Incident>,
    /// Each component's days, oldest first, by the component's id.
    pub(crate) days: HashMap<String, Vec<Day>>,
    /// Each component's state now and when that last changed (ms).
    now: HashMap<String, (ComponentStatus, i64)>,
    /// When anything last changed (ms).
    pub(crate) changed_at: i64,
}

impl World {
    /// Reads it.
    pub(crate) async fn read(db: &Db, times: &Times, at: i64) -> Result<Self, StatusError> {
        let components = components::load(db).await?;
        let first = first_day(times, at);
        let since = first
            .to_zoned(times.zone.clone())
            .map_or(0, |zoned| zoned.timestamp().as_millisecond());
        let incidents = incidents::load(db, since).await?;
        let unseen = probes::gaps(db, since).await?;
        let mut days = HashMap::new();
        let mut now = HashMap::new();
        let mut changed_at = components
            .iter()
            .map(|component| component.updated_at)
            .max()
            .unwrap_or(0);
        changed_at = incidents
            .iter()
            .map(|incident| incident.updated_at)
            .fold(changed_at, i64::max);
        for component in &components {
            let changes = changes_of(&incidents, &component.id);
            let last = changes
                .iter()
                .map(|change| change.at)
                .filter(|changed| *changed <= at)
                .max();
            let state = history::stretches(&changes, at, at + 1)
                .last()
                .map_or(ComponentStatus::Operational, |s| s.status);
            now.insert(
                component.id.clone(),
                (
                    state,
                    last.unwrap_or(component.updated_at).max(component.updated_at),
                ),
            );
            days.insert(
                component.id.clone(),
                history::days(&changes, &unseen, component.start_at, at, &times.zone, DAYS),
            );
        }
        Ok(Self {
            at,
            components,
            incidents,
            days,
            now,
            changed_at,
        })
    }

    /// A component's state now.
    pub(crate) fn state(&self, component: &str) -> ComponentStatus {
        self.now
            .get(component)
            .map_or(ComponentStatus::Operational, |(status, _)| *status)
    }

    /// When a component's state last changed (ms).
    pub(crate) fn state_since(&self, component: &str) -> i64 {
        self.now.get(component).map_or(0, |(_, at)| *at)
    }

    /// A component by its id.
    pub(crate) fn component(&self, id: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.id == id)
    }

    /// Trouble that is not over, newest first.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Incident> {
        self.incidents
            .iter()
            .filter(|incident| incident.kind == Kind::Incident && incident.is_open())
    }

    /// Whether announced work is under way on a component.
    pub(crate) fn is_worked_on(&self, component: &str) -> bool {
        self.work_now()
            .any(|work| work.kind == Kind::Maintenance && work.touched().contains(&component))
    }

    /// The worst that open trouble of a person's own says of a component.
    pub(crate) fn said_by_others(&self, component: &str) -> ComponentStatus {
        self.open()
            .filter(|incident| !incident.is_automatic())
            .filter_map(|incident| incident.components_at(i64::MAX).get(component).copied())
            .max()
            .unwrap_or_default()
    }

    /// Work under way.
    pub(crate) fn work_now(&self) -> impl Iterator<Item = &Incident> {
        self.incidents
            .iter()
            .filter(|incident| incident.status.is_active())
    }

    /// Work announced, the nearest first.
    pub(crate) fn work_ahead(&self) -> Vec<&Incident> {
        let mut all: Vec<&Incident> = self
            .incidents
            .iter()
            .filter(|incident| incident.status == Status::Scheduled)
            .collect();
        all.sort_by_key(|incident| incident.started_at);
        all
    }

    /// How bad it is as a whole: the worst of the components' states and the open incidents' impact.
    pub(crate) fn impact(&self) -> Impact {
        let components = self
            .components
            .iter()
            .map(|component| Impact::of_component(self.state(&component.id)));
        components
            .chain(self.open().map(|incident| incident.impact))
            .max()
            .unwrap_or(Impact::None)
    }
}

/// The first of the ninety days that end with the one of `at` (ms).
pub(crate) fn first_day(times: &Times, at: i64) -> Date {
    times.date(at).saturating_sub((DAYS as i64 - 1).days())
}

fn changes_of(incidents: &[Incident], component: &str) -> Vec<Change> {
    let mut changes: Vec<Change> = incidents
        .iter()
        .flat_map(|incident| incident.states.iter().map(move |state| (incident, state)))
        .filter(|(_, state)| state.component == component)
        .map(|(incident, state)| Change {
            source: incident.id.clone(),
            at: state.at,
            status: state.status,
        })
        .collect();
    // Stable: an incident's own changes of one time stay in the order in which they were recorded.
    changes.sort_by_key(|change| change.at);
    changes
}
