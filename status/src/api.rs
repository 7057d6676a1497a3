//! `/api/v2/*.json` in Statuspage's shapes (FACTS section 4), so that every client that reads Statuspage reads
//! this. Field names, order of lists and null-ness are theirs; the indicator is never `operational`.

use serde::Serialize;

use crate::{
    components::Component,
    incidents::{Incident, Kind, Status},
    pages::{Reader, headline},
    snapshot::{Kind as Form, Made, World},
};

/// Which document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Document {
    /// Everything that matters now.
    Summary,
    /// One line.
    Status,
    /// The components.
    Components,
    /// The newest incidents.
    Incidents,
    /// Those that are not over.
    Unresolved,
    /// The newest maintenances.
    Scheduled,
    /// Those that have not begun.
    Upcoming,
    /// Those under way.
    Active,
}

/// The documents and their addresses.
pub(crate) const DOCUMENTS: [(&str, Document); 8] = [
    ("/api/v2/summary.json", Document::Summary),
    ("/api/v2/status.json", Document::Status),
    ("/api/v2/components.json", Document::Components),
    ("/api/v2/incidents.json", Document::Incidents),
    ("/api/v2/incidents/unresolved.json", Document::Unresolved),
    ("/api/v2/scheduled-maintenances.json", Document::Scheduled),
    ("/api/v2/scheduled-maintenances/upcoming.json", Document::Upcoming),
    ("/api/v2/scheduled-maintenances/active.json", Document::Active),
];

/// Statuspage gives the newest fifty.
const NEWEST: usize = 50;

#[derive(Serialize)]
struct PageShape<'a> {
    id: &'a str,
    name: String,
    url: &'a str,
    time_zone: &'a str,
    updated_at: String,
}

#[derive(Serialize)]
struct StatusShape {
    indicator: &'static str,
    description: String,
}

#[derive(Serialize)]
struct ComponentShape<'a> {
    id: &'a str,
    name: &'a str,
    status: &'static str,
    created_at: String,
    updated_at: String,
    position: i64,
    description: &'a str,
    showcase: bool,
    start_date: String,
    group_id: Option<&'a str>,
    page_id: &'a str,
    group: bool,
    only_show_if_degraded: bool,
}

#[derive(Serialize)]
struct AffectedShape<'a> {
    code: &'a str,
    name: &'a str,
    old_status: &'static str,
    new_status: &'static str,
}

#[derive(Serialize)]
struct UpdateShape<'a> {
    id: &'a str,
    status: &'static str,
    body: &'a str,
    incident_id: &'a str,
    created_at: String,
    updated_at: String,
    display_at: String,
    affected_components: Option<Vec<AffectedShape<'a>>>,
}

#[derive(Serialize)]
struct IncidentShape<'a> {
    id: &'a str,
    name: &'a str,
    status: &'static str,
    created_at: String,
    updated_at: String,
    monitoring_at: Option<String>,
    resolved_at: Option<String>,
    impact: &'static str,
    shortlink: String,
    started_at: String,
    page_id: &'a str,
    incident_updates: Vec<UpdateShape<'a>>,
    components: Vec<ComponentShape<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_for: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_until: Option<String>,
}

#[derive(Serialize)]
struct DocumentShape<'a> {
    page: PageShape<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<Vec<ComponentShape<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incidents: Option<Vec<IncidentShape<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_maintenances: Option<Vec<IncidentShape<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<StatusShape>,
}

fn component<'a>(reader: Reader<'a>, world: &'a World, of: &'a Component) -> ComponentShape<'a> {
    let times = reader.times();
    ComponentShape {
        id: &of.id,
        name: of.name(reader.lang),
        status: world.state(&of.id).as_str(),
        created_at: times.iso(of.created_at),
        updated_at: times.iso(world.state_since(&of.id)),
        position: of.position,
        description: of.description(reader.lang),
        showcase: true,
        start_date: times.date(of.start_at).to_string(),
        group_id: None,
        page_id: &reader.house.page_id,
        group: false,
        only_show_if_degraded: false,
    }
}

fn affected<'a>(
    reader: Reader<'a>,
    world: &'a World,
    of: &'a Incident,
    update: &str,
) -> Vec<AffectedShape<'a>> {
    let mut said = std::collections::BTreeMap::new();
    let mut out = Vec::new();
    for change in &of.states {
        let old = said
            .insert(change.component.as_str(), change.status)
            .unwrap_or_default();
        if change.update == update
            && let Some(named) = world.component(&change.component)
        {
            out.push(AffectedShape {
                code: &named.id,
                name: named.name(reader.lang),
                old_status: old.as_str(),
                new_status: change.status.as_str(),
            });
        }
    }
    out
}

fn incident<'a>(reader: Reader<'a>, world: &'a World, of: &'a Incident) -> IncidentShape<'a> {
    let (times, lang) = (reader.times(), reader.lang);
    let touched = of.touched();
    let updates = of.updates.iter().map(|update| UpdateShape {
        id: &update.id,
        status: update.status.as_str(),
        body: update.body(lang),
        incident_id: &of.id,
        created_at: times.iso(update.created_at),
        updated_at: times.iso(update.updated_at),
        display_at: times.iso(update.display_at),
        affected_components: Some(affected(reader, world, of, &update.id)).filter(|list| !list.is_empty()),
    });
    IncidentShape {
        id: &of.id,
        name: of.title(lang),
        status: of.status.as_str(),
        created_at: times.iso(of.created_at),
        updated_at: times.iso(of.updated_at),
        monitoring_at: of.monitoring_at.map(|at| times.iso(at)),
        resolved_at: of.resolved_at.map(|at| times.iso(at)),
        impact: of.impact.as_str(),
        shortlink: format!("{}/incidents/{}", reader.house.public_url, of.id),
        started_at: times.iso(of.started_at),
        page_id: &reader.house.page_id,
        incident_updates: updates.collect(),
        components: world
            .components
            .iter()
            .filter(|named| touched.contains(&named.id.as_str()))
            .map(|named| component(reader, world, named))
            .collect(),
        scheduled_for: of.scheduled.map(|(from, _)| times.iso(from)),
        scheduled_until: of.scheduled.map(|(_, until)| times.iso(until)),
    }
}

/// One incident or maintenance in Statuspage's shape.
pub(crate) fn incident_json(reader: Reader<'_>, world: &World, of: &Incident) -> serde_json::Value {
    serde_json::to_value(incident(reader, world, of)).unwrap_or_default()
}

/// The document as bytes.
pub(crate) fn render(document: Document, reader: Reader<'_>, world: &World) -> Made {
    let pick = |fits: &dyn Fn(&Incident) -> bool, most: usize| {
        Some(
            world
                .incidents
                .iter()
                .filter(|of| fits(of))
                .take(most)
                .map(|of| incident(reader, world, of))
                .collect(),
        )
    };
    let trouble = |of: &Incident| of.kind == Kind::Incident;
    let work = |of: &Incident| of.kind == Kind::Maintenance;
    let mut shape = DocumentShape {
        page: PageShape {
            id: &reader.house.page_id,
            name: reader.house.page.name(reader.lang),
            url: &reader.house.public_url,
            time_zone: &reader.house.zone_name,
            updated_at: reader.times().iso(world.changed_at),
        },
        components: None,
        incidents: None,
        scheduled_maintenances: None,
        status: None,
    };
    let components = || {
        Some(
            world
                .components
                .iter()
                .map(|of| component(reader, world, of))
                .collect(),
        )
    };
    let status = || {
        Some(StatusShape {
            indicator: world.impact().indicator(),
            description: headline(reader, world),
        })
    };
    match document {
        Document::Summary => {
            shape.components = components();
            shape.incidents = pick(&|of| trouble(of) && of.is_open(), usize::MAX);
            shape.scheduled_maintenances = pick(&|of| work(of) && of.is_open(), usize::MAX);
            shape.status = status();
        }
        Document::Status => shape.status = status(),
        Document::Components => shape.components = components(),
        Document::Incidents => shape.incidents = pick(&trouble, NEWEST),
        Document::Unresolved => shape.incidents = pick(&|of| trouble(of) && of.is_open(), usize::MAX),
        Document::Scheduled => shape.scheduled_maintenances = pick(&work, NEWEST),
        Document::Upcoming => {
            shape.scheduled_maintenances = pick(&|of| of.status == Status::Scheduled, usize::MAX);
        }
        Document::Active => shape.scheduled_maintenances = pick(&|of| of.status.is_active(), usize::MAX),
    }
    // These shapes have string keys and plain values: serialising them cannot fail.
    let body = serde_json::to_vec(&shape).unwrap_or_default();
    Made::new(Form::Json, Some(reader.lang), body.into())
}
