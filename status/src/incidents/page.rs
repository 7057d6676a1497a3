//! `/incidents/{id}`: what happened, to what, since when, and everything that was said.

use leptos::prelude::*;

use super::{
    Incident, Kind, Status,
    summary::{names, timeline, when},
};
use crate::{
    components::Component,
    pages::{Head, Reader, next_word, render},
    words::word,
};

/// The page.
pub(crate) fn incident_page(reader: Reader<'_>, incident: &Incident, components: &[Component]) -> String {
    let lang = reader.lang;
    let title = incident.title(lang).to_owned();
    let about = incident.updates.first().map_or_else(
        || title.clone(),
        |update| {
            format!(
                "{}: {}",
                update.status.label(lang),
                update.body(lang).chars().take(150).collect::<String>()
            )
        },
    );
    let head = Head {
        title: title.clone(),
        about,
        path: format!("/incidents/{}", incident.id),
        public: true,
        operator: None,
    };
    render(reader, head, || {
        let kind = match incident.kind {
            Kind::Incident => word!(lang, incidents.incident),
            Kind::Maintenance => word!(lang, incidents.maintenance),
        };
        let names = names(reader, incident, components);
        let names = if names.is_empty() {
            word!(lang, incidents.no_component)
        } else {
            names
        };
        view! {
            <nav class="breadcrumb" aria-label=word!(lang, shell.where_am_i)><ol><li><a href=reader.href("/")>{word!(lang, shell.status)}</a></li></ol></nav>
            <article class="incident-page">
                <div class="page-head">
                    <div class="page-head-text">
                        <p class="soft small">{kind}</p>
                        <h1>{title}</h1>
                    </div>
                </div>
                <dl class="facts incident-facts" data-state=incident.status.as_str()>
                    <div><dt>{word!(lang, incidents.state)}</dt><dd><strong class="incident-state">{incident.status.label(lang)}</strong></dd></div>
                    <div><dt>{word!(lang, incidents.impact)}</dt><dd>{incident.impact.label(lang)}</dd></div>
                    <div><dt>{word!(lang, incidents.when)}</dt><dd>{when(reader, incident)}</dd></div>
                    <div><dt>{word!(lang, incidents.components)}</dt><dd>{names}</dd></div>
                </dl>
                {(incident.status == Status::Postmortem).then(|| view! {
                    <p class="section"><a href="#postmortem">{word!(lang, incidents.postmortem)}</a></p>
                })}
                {incident.next_word_at().map(|due| next_word(reader, due))}
                <section class="section" aria-labelledby="said">
                    <h2 id="said">{word!(lang, incidents.said)}</h2>
                    {timeline(reader, incident, components)}
                </section>
            </article>
            <p class="section"><a href=reader.href("/history")>{word!(lang, incidents.all)}</a></p>
        }
    })
}
