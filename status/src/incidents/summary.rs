//! An incident in short, and its timeline.

use leptos::prelude::*;

use super::{Incident, Kind, Status};
use crate::{
    components::Component,
    pages::{Reader, icon, moment, next_word, paragraphs, state_icon},
    words::{Times, word},
};

/// The names of the components that it ever touched, in the list's order.
pub(super) fn names(reader: Reader<'_>, incident: &Incident, components: &[Component]) -> String {
    let touched = incident.touched();
    let names: Vec<&str> = components
        .iter()
        .filter(|component| touched.contains(&component.id.as_str()))
        .map(|component| component.name(reader.lang))
        .collect();
    names.join(reader.lang.pick(" · ", ", "))
}

/// When: since when, or from when until when and how long.
pub(super) fn when(reader: Reader<'_>, incident: &Incident) -> AnyView {
    let lang = reader.lang;
    match (incident.scheduled, incident.resolved_at) {
        (Some((from, until)), None) => {
            let over = until < reader.at && incident.is_open();
            view! {
                <span>
                    {moment(reader, from)} " – " {moment(reader, until)}
                    {over.then(|| view! { " " <strong>{word!(lang, incidents.longer_than_planned)}</strong> })}
                </span>
            }
            .into_any()
        }
        (_, Some(end)) => view! {
            <span>
                {moment(reader, incident.started_at)} " – " {moment(reader, end)}
                " (" {Times::length(lang, end - incident.started_at)} ")"
            </span>
        }
        .into_any(),
        (None, None) => view! {
            <span>{word!(lang, incidents.since)} " " {moment(reader, incident.started_at)}</span>
        }
        .into_any(),
    }
}

/// The card; with the newest word where `full`.
pub(crate) fn incident_card(
    reader: Reader<'_>,
    incident: &Incident,
    components: &[Component],
    full: bool,
) -> impl IntoView + use<> {
    let lang = reader.lang;
    let href = reader.href(&format!("/incidents/{}", incident.id));
    let names = names(reader, incident, components);
    let impact =
        (incident.kind == Kind::Incident).then(|| view! { <span>{incident.impact.label(lang)}</span> });
    let newest = incident.updates.first().map(|update| {
        view! {
            <div class="incident-word">
                {paragraphs(update.body(lang))}
                {full.then(|| view! { <p class="soft small">{word!(lang, incidents.said_at)} " " {moment(reader, update.display_at)}</p> })}
            </div>
        }
    });
    let next = incident
        .next_word_at()
        .filter(|_| full)
        .map(|due| next_word(reader, due));
    view! {
        <article class="incident" data-state=incident.status.as_str()>
            <h3 class="incident-title"><a href=href>{incident.title(lang).to_owned()}</a></h3>
            <p class="incident-meta">
                <strong class="incident-state">{incident.status.label(lang)}</strong>
                {impact}
                {(!names.is_empty()).then(|| view! { <span>{names}</span> })}
                {when(reader, incident)}
            </p>
            {newest}
            {next}
        </article>
    }
}

/// All that was said, newest first.
pub(crate) fn timeline(
    reader: Reader<'_>,
    incident: &Incident,
    components: &[Component],
) -> impl IntoView + use<> {
    let lang = reader.lang;
    // The newest one, where there are several: an id stands on a page once.
    let learnt = incident
        .updates
        .iter()
        .find(|update| update.status == Status::Postmortem);
    let learnt = learnt.map(|update| update.id.as_str());
    let items = incident
        .updates
        .iter()
        .map(|update| {
            let states = components
                .iter()
                .filter_map(|component| {
                    let change = incident
                        .states
                        .iter()
                        .rfind(|change| change.update == update.id && change.component == component.id)?;
                    Some(view! {
                        <li data-state=change.status.as_str()>
                            <span>{component.name(lang).to_owned()}</span>
                            " "
                            <span class="component-state">{icon(state_icon(change.status), "icon icon-s")}{change.status.label(lang)}</span>
                        </li>
                    })
                })
                .collect_view();
            let states = (!states.is_empty()).then(|| view! {
                <ul class="state-list" aria-label=word!(lang, incidents.components)>{states}</ul>
            });
            view! {
                <li data-state=update.status.as_str() id=(learnt == Some(update.id.as_str())).then_some("postmortem")>
                    <p class="timeline-head">
                        <strong class="timeline-state">{update.status.label(lang)}</strong>
                        {moment(reader, update.display_at)}
                        {update.is_automatic().then(|| view! { <span class="soft small">{word!(lang, incidents.automatic)}</span> })}
                    </p>
                    {paragraphs(update.body(lang))}
                    {states}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline">{items}</ol> }
}
