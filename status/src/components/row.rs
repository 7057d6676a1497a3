//! One line of the component list: name, state in a word, ninety days as bars with their numbers.

use leptos::prelude::*;

use super::Component;
use crate::{
    history::{bars, day_table, uptime},
    pages::{Reader, icon, state_icon},
    snapshot::World,
    words::{Times, word},
};

/// The line.
pub(crate) fn component_row(
    reader: Reader<'_>,
    world: &World,
    component: &Component,
) -> impl IntoView + use<> {
    let lang = reader.lang;
    let state = world.state(&component.id);
    let days = world.days.get(&component.id).map_or(&[][..], Vec::as_slice);
    let share = uptime(days).map_or_else(|| word!(lang, history.unknown), Times::share);
    view! {
        <li class="component" data-state=state.as_str()>
            <div class="component-head">
                <h3 class="component-name">{component.name(lang).to_owned()}</h3>
                <span class="component-state">{icon(state_icon(state), "icon icon-s")}{state.label(lang)}</span>
            </div>
            <p class="component-note">{component.description(lang).to_owned()}</p>
            {bars(reader, component.name(lang), days)}
            <p class="bars-legend">
                <span>{word!(lang, history.days_ago)}</span>
                <span>{word!(lang, history.uptime, share = share)}</span>
                <span>{word!(lang, history.today)}</span>
            </p>
            {day_table(reader, component.name(lang), days)}
        </li>
    }
}
