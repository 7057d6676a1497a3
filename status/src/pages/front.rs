//! `/`: is it working, and if not: what, since when, and when comes the next word.

use jiff::ToSpan;
use leptos::prelude::*;

use super::{Head, Icon, Reader, icon, moment, render};
use crate::{
    components::{ComponentStatus, component_row},
    history::legend,
    incidents::{Impact, Incident, Status, incident_card},
    log,
    snapshot::World,
    words::{Times, word},
};

/// So many past days stand on the front page; the rest is at `/history`.
const PAST_DAYS: i64 = 7;

/// The headline: what a person needs to know in one line.
pub(crate) fn headline(reader: Reader<'_>, world: &World) -> String {
    let lang = reader.lang;
    let worst = world
        .components
        .iter()
        .map(|component| world.state(&component.id))
        .max()
        .unwrap_or_default();
    let names = || {
        let names: Vec<&str> = world
            .components
            .iter()
            .filter(|component| world.state(&component.id) == worst)
            .map(|component| component.name(lang))
            .collect();
        names.join(lang.pick("·", ", "))
    };
    let everything = world
        .components
        .iter()
        .all(|component| world.state(&component.id) == worst);
    match worst {
        ComponentStatus::MajorOutage if everything => word!(lang, front.all_down),
        ComponentStatus::MajorOutage => word!(lang, front.down, names = names()),
        ComponentStatus::PartialOutage => word!(lang, front.partly_down, names = names()),
        ComponentStatus::DegradedPerformance => word!(lang, front.slow, names = names()),
        _ if world.open().next().is_some() => word!(lang, front.trouble),
        ComponentStatus::UnderMaintenance => word!(lang, front.work, names = names()),
        ComponentStatus::Operational => word!(lang, front.all_well),
    }
}

fn hero(reader: Reader<'_>, world: &World) -> impl IntoView + use<> {
    let lang = reader.lang;
    let (tone, sign) = match world.impact() {
        Impact::Critical => ("danger", Icon::Error),
        Impact::Major => ("danger", Icon::Warning),
        Impact::Minor => ("warning", Icon::Slow),
        Impact::Maintenance => ("info", Icon::Work),
        Impact::None if world.open().next().is_some() => ("info", Icon::Info),
        Impact::None => ("success", Icon::Check),
    };
    let since = world.open().map(|incident| incident.started_at).min();
    let next = world.open().filter_map(Incident::next_word_at).min();
    view! {
        <section class="status-hero" data-tone=tone aria-labelledby="headline">
            {icon(sign, "icon")}
            <h1 id="headline">{headline(reader, world)}</h1>
            <div class="hero-facts">
                {since.map(|at| view! {
                    <p>{word!(lang, front.since)} " " <strong>{moment(reader, at)}</strong></p>
                })}
                {next.map(|at| next_word(reader, at))}
                <p class="as-of">{word!(lang, front.as_of)} " " {moment(reader, world.at)}</p>
            </div>
        </section>
    }
}

/// The promise of the next word, and when it was not kept, that.
pub(crate) fn next_word(reader: Reader<'_>, due: i64) -> impl IntoView + use<> {
    let lang = reader.lang;
    let late = due < reader.at;
    view! {
        <p class="next-word" data-late=late.then_some("yes")>
            {icon(Icon::Clock, "icon icon-s")}
            <span>
                {word!(lang, front.next_word)} " " <strong>{moment(reader, due)}</strong>
                {late.then(|| view! { " " <strong class="late">{word!(lang, front.next_word_late)}</strong> })}
            </span>
        </p>
    }
}

fn cards(
    reader: Reader<'_>,
    world: &World,
    title: String,
    id: &'static str,
    list: Vec<&Incident>,
) -> Option<AnyView> {
    if list.is_empty() {
        return None;
    }
    let cards = list
        .into_iter()
        .map(|incident| incident_card(reader, incident, &world.components, true))
        .collect_view();
    Some(
        view! {
            <section class="section" aria-labelledby=id>
                <div class="section-head"><h2 id=id>{title}</h2></div>
                <div class="stack">{cards}</div>
            </section>
        }
        .into_any(),
    )
}

/// What a day saw: a card where something began that is over, a line where something else touched the day.
fn day_of(reader: Reader<'_>, world: &World, date: jiff::civil::Date) -> AnyView {
    let lang = reader.lang;
    let mut seen = Vec::new();
    for incident in world
        .incidents
        .iter()
        .filter(|incident| incident.status != Status::Scheduled)
    {
        let first = reader.times().date(incident.started_at);
        let last = reader.times().date(incident.resolved_at.unwrap_or(world.at));
        if date == first && !incident.is_open() {
            seen.push(incident_card(reader, incident, &world.components, false).into_any());
        } else if first <= date && date <= last {
            let href = reader.href(&format!("/incidents/{}", incident.id));
            let also = (date != first).then(|| format!("{} ", word!(lang, front.also_this_day)));
            seen.push(
                view! {
                    <p>
                        {also}<a href=href>{incident.title(lang).to_owned()}</a>
                        " · " {incident.status.label(lang)}
                    </p>
                }
                .into_any(),
            );
        }
    }
    if seen.is_empty() {
        return view! { <p class="day-quiet">{word!(lang, front.quiet_day)}</p> }.into_any();
    }
    seen.into_any()
}

fn past(reader: Reader<'_>, world: &World) -> impl IntoView + use<> {
    let lang = reader.lang;
    let today = reader.times().date(world.at);
    let days = (0..PAST_DAYS)
        .map(|back| {
            let date = today.saturating_sub(back.days());
            let iso = date.to_string();
            view! {
                <li>
                    <p class="day-date"><time datetime=iso>{Times::day(lang, date)}</time></p>
                    {day_of(reader, world, date)}
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="section" aria-labelledby="past">
            <div class="section-head">
                <h2 id="past">{word!(lang, front.past)}</h2>
                <a href=reader.href("/history")>{word!(lang, front.all_history)}</a>
            </div>
            <ol class="days">{days}</ol>
        </section>
    }
}

/// The page.
pub(crate) fn front_page(reader: Reader<'_>, world: &World) -> String {
    let lang = reader.lang;
    let head = Head {
        title: String::new(),
        about: word!(lang, front.about, service = reader.house.page.name(lang)),
        path: "/".to_owned(),
        public: true,
        operator: None,
    };
    render(reader, head, || {
        let rows = world
            .components
            .iter()
            .map(|component| component_row(reader, world, component))
            .collect_view();
        view! {
            {hero(reader, world)}
            {log::notice(reader, &world.log)}
            {cards(reader, world, word!(lang, front.open), "open", world.open().collect())}
            {cards(reader, world, word!(lang, front.work_now), "work-now", world.work_now().collect())}
            {cards(reader, world, word!(lang, front.work_ahead), "work-ahead", world.work_ahead())}
            <section class="section" aria-labelledby="services">
                <div class="section-head">
                    <h2 id="services">{word!(lang, front.services)}</h2>
                    <p class="soft small">{word!(lang, front.ninety_days)}</p>
                </div>
                <ul class="components">{rows}</ul>
                {legend(lang)}
                <details class="details how">
                    <summary>{word!(lang, front.how_counted)}</summary>
                    <div class="details-body"><p>{word!(lang, front.how_counted_text)}</p></div>
                </details>
            </section>
            {past(reader, world)}
        }
    })
}
