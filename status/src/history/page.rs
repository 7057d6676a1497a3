//! `/history`: ninety days of each component with their numbers, and what happened, by month.

use jiff::{ToSpan, civil::Date};
use leptos::prelude::*;

use super::legend;
use crate::{
    components::{Component, component_row},
    incidents::{Incident, incident_card},
    pages::{Head, Reader, render},
    snapshot::World,
    words::{Times, word},
};

fn by_month(reader: Reader<'_>, incidents: &[Incident], components: &[Component]) -> impl IntoView + use<> {
    let lang = reader.lang;
    let mut months: Vec<(Date, Vec<AnyView>)> = Vec::new();
    for incident in incidents {
        let month = reader.times().date(incident.started_at).first_of_month();
        let card = incident_card(reader, incident, components, false).into_any();
        match months.last_mut() {
            Some((last, cards)) if *last == month => cards.push(card),
            _ => months.push((month, vec![card])),
        }
    }
    months
        .into_iter()
        .map(|(month, cards)| {
            let id = format!("month-{month}");
            view! {
                <section class="section" aria-labelledby=id.clone()>
                    <div class="section-head"><h2 id=id.clone()>{Times::month(lang, month)}</h2></div>
                    <div class="stack">{cards}</div>
                </section>
            }
        })
        .collect_view()
}

/// The address of a month's page.
fn month_path(month: Date) -> String {
    format!("/history?month={}", month.strftime("%Y-%m"))
}

/// The last ninety days.
pub(crate) fn history_page(reader: Reader<'_>, world: &World) -> String {
    let lang = reader.lang;
    let head = Head {
        title: word!(lang, history.title),
        about: word!(lang, history.about, service = reader.house.page.name(lang)),
        path: "/history".to_owned(),
        public: true,
        operator: None,
    };
    render(reader, head, || {
        let rows = world
            .components
            .iter()
            .map(|component| component_row(reader, world, component))
            .collect_view();
        let empty = world
            .incidents
            .is_empty()
            .then(|| view! { <p class="section">{word!(lang, history.nothing)}</p> });
        let before = crate::snapshot::first_day(reader.times(), world.at).first_of_month();
        let older = reader.href(&month_path(before));
        view! {
            <div class="page-head">
                <div class="page-head-text">
                    <h1>{word!(lang, history.title)}</h1>
                    <p class="lead">{word!(lang, history.lead)}</p>
                </div>
            </div>
            <section aria-labelledby="services">
                <h2 class="visually-hidden" id="services">{word!(lang, front.services)}</h2>
                <ul class="components">{rows}</ul>
                {legend(lang)}
                <p class="soft small">{word!(lang, front.how_counted_text)}</p>
            </section>
            {by_month(reader, &world.incidents, &world.components)}
            {empty}
            {(!reader.is_twin()).then(|| view! { <p class="section"><a href=older>{word!(lang, history.older)}</a></p> })}
        }
    })
}

/// One month, however long ago.
pub(crate) fn month_page(
    reader: Reader<'_>,
    month: Date,
    incidents: &[Incident],
    components: &[Component],
) -> String {
    let lang = reader.lang;
    let name = Times::month(lang, month);
    let head = Head {
        title: word!(lang, history.month_title, month = &name),
        about: word!(lang, history.about, service = reader.house.page.name(lang)),
        path: month_path(month),
        public: true,
        operator: None,
    };
    render(reader, head, || {
        let before = reader.href(&month_path(month.saturating_sub(1.month())));
        let after = reader.href(&month_path(month.saturating_add(1.month())));
        let empty = incidents
            .is_empty()
            .then(|| view! { <p class="section">{word!(lang, history.nothing_in_month)}</p> });
        view! {
            <h1>{word!(lang, history.month_title, month = &name)}</h1>
            {by_month(reader, incidents, components)}
            {empty}
            <nav class="section cluster cluster-between" aria-label=word!(lang, history.months)>
                <a href=before rel="prev">{word!(lang, history.month_before)}</a>
                <a href=reader.href("/history")>{word!(lang, history.title)}</a>
                <a href=after rel="next">{word!(lang, history.month_after)}</a>
            </nav>
        }
    })
}
