//! `/incidents` and `/incidents/{id}`: what the status site said when it was last asked, never waiting for it.
//! Where it cannot be reached the page says so, gives what was known, and leads to the site itself.

use axum::response::Response;
use leptos::prelude::*;

use super::{IncidentNow, StatusNow, UpdateNow};
use crate::{
    door::{Answer, Ctx, PageError},
    shell::{self, Page, icon},
    word,
    words::{self, Lang},
};

/// An instant of the status site, as people read it.
fn when(lang: Lang, text: Option<&str>) -> Option<String> {
    let at: jiff::Timestamp = text?.parse().ok()?;
    Some(words::when(lang, at.as_millisecond()))
}

/// The API's word for the state of an incident or component, as people say it.
fn state(lang: Lang, code: &str) -> String {
    match code {
        "investigating" => word!(lang, incidents.investigating),
        "identified" => word!(lang, incidents.identified),
        "monitoring" => word!(lang, incidents.monitoring),
        "resolved" => word!(lang, incidents.resolved_state),
        "postmortem" => word!(lang, incidents.postmortem),
        "operational" => word!(lang, incidents.operational),
        "degraded_performance" => word!(lang, incidents.degraded_performance),
        "partial_outage" => word!(lang, incidents.partial_outage),
        "major_outage" => word!(lang, incidents.major_outage),
        "under_maintenance" => word!(lang, incidents.under_maintenance),
        other => other.to_owned(),
    }
}

fn impact(lang: Lang, code: &str) -> String {
    match code {
        "minor" => word!(lang, incidents.impact_minor),
        "major" => word!(lang, incidents.impact_major),
        "critical" => word!(lang, incidents.impact_critical),
        _ => word!(lang, incidents.impact_none),
    }
}

/// GET `/incidents`.
pub async fn get(ctx: Ctx) -> Answer {
    let lang = ctx.lang;
    let now = ctx.house.status.borrow().clone();
    let site = ctx.house.settings.status_url.clone();
    Ok(shell::page(
        &ctx,
        Page::new(word!(lang, incidents.title)).narrow(),
        move || {
            let StatusNow {
                asked_at,
                reached,
                indicator,
                components,
                open,
                past,
            } = now;
            let known = asked_at > 0;
            let well = open.is_empty() && indicator == "none";
            let head = if reached {
                hero(lang, asked_at, well)
            } else {
                away(lang, asked_at)
            };
            let open_part =
                (!open.is_empty()).then(|| section(lang, "now", word!(lang, incidents.now), &open));
            let past_part = known.then(|| {
                if past.is_empty() {
                    let title = word!(lang, incidents.past);
                    view! {
                        <section class="section" aria-labelledby="past">
                            <div class="section-head"><h2 id="past">{title}</h2></div>
                            <p class="soft">{word!(lang, incidents.no_past)}</p>
                        </section>
                    }
                    .into_any()
                } else {
                    section(lang, "past", word!(lang, incidents.past), &past)
                }
            });
            view! {
                {head}
                <p><a href=site>{word!(lang, incidents.site)}</a></p>
                {open_part}
                {components_view(lang, components)}
                {past_part}
            }
        },
    ))
}

fn hero(lang: Lang, asked_at: i64, well: bool) -> AnyView {
    let (tone, mark, title) = if well {
        ("success", "check", word!(lang, incidents.all_well))
    } else {
        ("danger", "warning", word!(lang, incidents.trouble))
    };
    let checked = word!(lang, incidents.checked, time = words::when(lang, asked_at));
    view! {
        <section class="status-hero" data-tone=tone>{icon(mark, "icon")}<h1>{title}</h1><p>{checked}</p></section>
    }
    .into_any()
}

/// The status site is silent: said plainly, with what was known before.
fn away(lang: Lang, asked_at: i64) -> AnyView {
    let last = match asked_at {
        0 => word!(lang, incidents.never),
        at => word!(lang, incidents.last_known, time = words::when(lang, at)),
    };
    view! {
        <section class="status-hero" data-tone="warning">
            {icon("warning", "icon")}
            <h1>{word!(lang, incidents.unknown)}</h1>
            <p>{word!(lang, incidents.unknown_text)}" "{last}</p>
        </section>
    }
    .into_any()
}

fn components_view(lang: Lang, components: Vec<(String, String)>) -> Option<AnyView> {
    if components.is_empty() {
        return None;
    }
    let rows: Vec<_> = components
        .into_iter()
        .map(|(name, code)| {
            let mark = if code == "operational" { "check" } else { "warning" };
            let said = state(lang, &code);
            view! {
                <li class="component" data-state=code>
                    <div class="component-head">
                        <h3 class="component-name">{name}</h3>
                        <span class="component-state">{icon(mark, "icon icon-s")}{said}</span>
                    </div>
                </li>
            }
        })
        .collect();
    let view = view! {
        <section class="section" aria-labelledby="components">
            <div class="section-head"><h2 id="components">{word!(lang, incidents.components)}</h2></div>
            <ul class="components">{rows}</ul>
        </section>
    };
    Some(view.into_any())
}

fn meta(lang: Lang, incident: &IncidentNow) -> AnyView {
    let started =
        when(lang, incident.started_at.as_deref()).map(|time| word!(lang, incidents.started, time = time));
    let resolved =
        when(lang, incident.resolved_at.as_deref()).map(|time| word!(lang, incidents.resolved, time = time));
    view! {
        <p class="incident-meta">
            <span class="strong">{state(lang, &incident.status)}</span>
            <span>{impact(lang, &incident.impact)}</span>
            {started.map(|text| view! { <span>{text}</span> })}
            {resolved.map(|text| view! { <span>{text}</span> })}
        </p>
    }
    .into_any()
}

fn section(lang: Lang, id: &'static str, title: String, list: &[IncidentNow]) -> AnyView {
    let list: Vec<_> = list
        .iter()
        .map(|incident| {
            let last = incident
                .updates
                .first()
                .map(|update| view! { <p>{update.body.clone()}</p> });
            view! {
                <li><article class="incident" data-state=incident.status.clone()>
                    <h3 class="incident-title">
                        <a href=format!("/incidents/{}", incident.id)>{incident.name.clone()}</a>
                    </h3>
                    {meta(lang, incident)}
                    {last}
                </article></li>
            }
        })
        .collect();
    view! {
        <section class="section" aria-labelledby=id>
            <div class="section-head"><h2 id=id>{title}</h2></div>
            <ul class="stack">{list}</ul>
        </section>
    }
    .into_any()
}

/// GET `/incidents/{id}`.
pub async fn get_one(ctx: Ctx, id: String) -> Answer {
    let now = ctx.house.status.borrow().clone();
    let reached = now.reached;
    let found = now
        .open
        .into_iter()
        .chain(now.past)
        .find(|incident| incident.id == id);
    // While the status site is silent nobody can say that there is no such incident.
    match found {
        Some(incident) => Ok(one(&ctx, incident, now.asked_at, reached)),
        None if !reached => Ok(shell::redirect(&ctx, "/incidents")),
        None => Err(PageError::NotFound),
    }
}

fn update_view(lang: Lang, update: UpdateNow) -> AnyView {
    let said = state(lang, &update.status);
    let at = when(lang, update.display_at.as_deref());
    let machine = update.display_at.unwrap_or_default();
    view! {
        <li data-state=update.status>
            <p class="timeline-head">
                <strong class="timeline-state">{said}</strong>
                {at.map(|at| view! { <time datetime=machine>{at}</time> })}
            </p>
            <p>{update.body}</p>
        </li>
    }
    .into_any()
}

fn one(ctx: &Ctx, incident: IncidentNow, asked_at: i64, reached: bool) -> Response {
    let lang = ctx.lang;
    let site = format!(
        "{}/incidents/{}",
        ctx.house.settings.status_url.trim_end_matches('/'),
        incident.id
    );
    shell::page(ctx, Page::new(incident.name.clone()).narrow(), move || {
        let above = vec![("/incidents".to_owned(), word!(lang, incidents.title))];
        let crumbs = shell::breadcrumb(word!(lang, incidents.breadcrumb), above, incident.name.clone());
        let old = (!reached).then(|| {
            let last = word!(lang, incidents.last_known, time = words::when(lang, asked_at));
            shell::notice("warning", Some(word!(lang, incidents.unknown)), last)
        });
        let about = meta(lang, &incident);
        let updates: Vec<_> = incident
            .updates
            .into_iter()
            .map(|update| update_view(lang, update))
            .collect();
        let updates = if updates.is_empty() {
            view! { <p class="soft">{word!(lang, incidents.no_updates)}</p> }.into_any()
        } else {
            view! { <ol class="timeline">{updates}</ol> }.into_any()
        };
        let checked = word!(lang, incidents.checked, time = words::when(lang, asked_at));
        view! {
            {crumbs}
            <div class="stack">
                {old}
                <article class="incident" data-state=incident.status>
                    <h1>{incident.name}</h1>
                    {about}
                    <h2 class="visually-hidden">{word!(lang, incidents.updates)}</h2>
                    {updates}
                </article>
                <p class="soft small">{checked}</p>
                <p class="button-row">
                    <a class="button" href="/incidents">{word!(lang, incidents.back)}</a>
                    <a class="button" href=site>{word!(lang, incidents.site)}</a>
                </p>
            </div>
        }
    })
}
