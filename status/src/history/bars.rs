//! Ninety bars, and the same as words: a sentence for screen readers and a table of the days that were not quiet.

use leptos::prelude::*;

use super::Day;
use crate::{
    components::ComponentStatus,
    pages::Reader,
    words::{Lang, Times, word},
};

fn bar_class(worst: Option<ComponentStatus>) -> &'static str {
    match worst {
        None => "bar-none",
        Some(ComponentStatus::Operational) => "bar-ok",
        Some(ComponentStatus::UnderMaintenance) => "bar-care",
        Some(ComponentStatus::DegradedPerformance) => "bar-minor",
        Some(ComponentStatus::PartialOutage | ComponentStatus::MajorOutage) => "bar-major",
    }
}

fn word_of(lang: Lang, worst: Option<ComponentStatus>) -> String {
    worst.map_or_else(|| word!(lang, history.no_record), |worst| worst.label(lang))
}

/// The bars as one image with its sentence.
pub(crate) fn bars(reader: Reader<'_>, name: &str, days: &[Day]) -> impl IntoView + use<> {
    let lang = reader.lang;
    let down = days.iter().filter(|day| day.down_ms > 0).count();
    let slow = days
        .iter()
        .filter(|day| day.down_ms == 0 && day.degraded_ms > 0)
        .count();
    let recorded = days.iter().filter(|day| day.worst.is_some()).count();
    let label = word!(
        lang,
        history.bars_label,
        name = name,
        recorded = recorded,
        down = down,
        slow = slow
    );
    let rects = days
        .iter()
        .enumerate()
        .map(|(index, day)| {
            // A quiet day needs no words of its own: that keeps the page small.
            let loud = day
                .worst
                .is_some_and(|worst| worst != ComponentStatus::Operational);
            let title = loud.then(|| format!("{}: {}", Times::day(lang, day.date), word_of(lang, day.worst)));
            let title = title.map(|title| view! { <title>{title}</title> });
            view! { <rect class=bar_class(day.worst) x=index * 5 width="4" height="32">{title}</rect> }
        })
        .collect_view();
    let view_box = format!("0 0 {} 32", days.len().max(1) * 5 - 1);
    view! {
        <svg class="bars" viewBox=view_box preserveAspectRatio="none" role="img" aria-label=label>{rects}</svg>
    }
}

/// What the colours and heights mean.
pub(crate) fn legend(lang: Lang) -> impl IntoView + use<> {
    let entries = [
        (
            bar_class(Some(ComponentStatus::Operational)),
            word!(lang, states.operational),
        ),
        (
            bar_class(Some(ComponentStatus::DegradedPerformance)),
            word!(lang, states.degraded_performance),
        ),
        (
            bar_class(Some(ComponentStatus::MajorOutage)),
            word!(lang, history.outage),
        ),
        (
            bar_class(Some(ComponentStatus::UnderMaintenance)),
            word!(lang, states.under_maintenance),
        ),
        (bar_class(None), word!(lang, history.no_record)),
    ]
    .into_iter()
    .map(|(class, text)| {
        view! {
            <li>
                <svg class="bars" viewBox="0 0 4 32" aria-hidden="true" focusable="false">
                    <rect class=class width="4" height="32"></rect>
                </svg>
                {text}
            </li>
        }
    })
    .collect_view();
    view! { <ul class="legend">{entries}</ul> }
}

/// The days that were not quiet, with their numbers, newest first.
pub(crate) fn day_table(reader: Reader<'_>, name: &str, days: &[Day]) -> Option<AnyView> {
    let lang = reader.lang;
    let loud = |day: &&Day| {
        day.worst
            .is_some_and(|worst| worst != ComponentStatus::Operational)
    };
    let rows: Vec<_> = days
        .iter()
        .rev()
        .filter(loud)
        .map(|day| {
            let length = |ms: i64| if ms > 0 { Times::length(lang, ms) } else { "–".to_owned() };
            view! {
                <tr>
                    <th scope="row"><time datetime=day.date.to_string()>{Times::day(lang, day.date)}</time></th>
                    <td>{word_of(lang, day.worst)}</td>
                    <td class="num">{length(day.down_ms)}</td>
                    <td class="num">{length(day.degraded_ms)}</td>
                    <td class="num">{length(day.maintenance_ms)}</td>
                </tr>
            }
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let count = rows.len();
    let caption = word!(lang, history.table_caption, name = name);
    Some(
        view! {
            <details class="details day-details">
                <summary>{word!(lang, history.loud_days, count = count)}</summary>
                <div class="details-body">
                    <div class="table-wrap" role="region" tabindex="0" aria-label=caption.clone()>
                        <table class="table table-dense">
                            <caption class="visually-hidden">{caption.clone()}</caption>
                            <thead>
                                <tr>
                                    <th scope="col">{word!(lang, history.day)}</th>
                                    <th scope="col">{word!(lang, history.worst)}</th>
                                    <th scope="col" class="num">{word!(lang, history.outage)}</th>
                                    <th scope="col" class="num">{word!(lang, states.degraded_performance)}</th>
                                    <th scope="col" class="num">{word!(lang, states.under_maintenance)}</th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                </div>
            </details>
        }
        .into_any(),
    )
}
