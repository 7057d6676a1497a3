//! `/desk/incidents/{id}`: the next word on an incident or a maintenance.

use std::collections::BTreeMap;

use axum::{
    body::Bytes,
    extract::Path,
    http::{StatusCode, Uri},
    response::Response,
};
use leptos::prelude::*;

use super::{
    Desk,
    board::{impact_field, not_saved, store_notice, word_fields},
    fields::{Field, Shown, hidden, notice},
    form::{Check, Errors, Typed},
    onward, page, refused, store_away,
};
use crate::{
    components::ComponentStatus,
    db::new_id,
    http::query_value,
    incidents::{self, Impact, Incident, Kind, Said, Saying, Status, timeline},
    pages::{Icon, not_found, render},
    words::{Lang, word},
};

const MINUTE: i64 = 60_000;

fn fresh(desk: &Desk, incident: &Incident) -> Typed {
    let mut values = vec![
        ("status".to_owned(), incident.status.as_str().to_owned()),
        ("impact".to_owned(), incident.impact.as_str().to_owned()),
        ("form".to_owned(), new_id()),
    ];
    if incident.is_open() && incident.kind == Kind::Incident {
        values.push((
            "next".to_owned(),
            desk.reader().times().field(desk.at + 30 * MINUTE),
        ));
    }
    for (component, status) in incident.components_at(i64::MAX) {
        values.push((format!("component-{component}"), status.as_str().to_owned()));
    }
    Typed::with(values)
}

/// A postmortem to be written, with questions that blame nobody.
fn template(incident: &Incident) -> Typed {
    Typed::with([
        ("status".to_owned(), Status::Postmortem.as_str().to_owned()),
        ("impact".to_owned(), incident.impact.as_str().to_owned()),
        ("form".to_owned(), new_id()),
        ("body_ko".to_owned(), word!(Lang::ko, desk.postmortem_template)),
        ("body_en".to_owned(), word!(Lang::en, desk.postmortem_template)),
    ])
}

fn incident_desk(
    desk: &Desk,
    incident: &Incident,
    typed: &Typed,
    errors: &Errors,
    over: Option<AnyView>,
) -> String {
    let (lang, reader) = (desk.lang, desk.reader());
    let snapshot = desk.site.snapshot();
    let components = &snapshot.world.components;
    let shown = Shown { lang, typed, errors };
    let path = format!("/desk/incidents/{}", incident.id);
    render(
        reader,
        desk.head(errors.title(lang, incident.title(lang).to_owned())),
        || {
            let trouble = (incident.kind == Kind::Incident).then(|| {
                view! {
                    {shown.claims()}
                    {impact_field(&shown, lang)}
                    {shown.components(components)}
                    <p class="hint">{word!(lang, desk.resolved_hint)}</p>
                }
            });
            let more = (incident.kind == Kind::Incident).then(|| {
                let learn = (!incident.is_open()).then(|| view! {
                    <a class="button" href=reader.href(&format!("{path}?postmortem=yes"))>{word!(lang, desk.write_postmortem)}</a>
                });
                view! {
                    <div class="button-row">
                        {learn}
                        <a class="button" href=reader.href(&format!("{path}/report"))>{word!(lang, desk.report)}</a>
                    </div>
                }
            });
            view! {
                {store_notice(desk)}
                {over}
                <nav class="breadcrumb" aria-label=word!(lang, shell.where_am_i)><ol><li><a href=reader.href("/desk")>{word!(lang, desk.title)}</a></li></ol></nav>
                <div class="page-head" data-state=incident.status.as_str()>
                    <div class="page-head-text">
                        <h1>{incident.title(lang).to_owned()}</h1>
                        <p class="lead"><strong class="incident-state">{incident.status.label(lang)}</strong> " · " <a href=reader.href(&format!("/incidents/{}", incident.id))>{word!(lang, desk.public_page)}</a></p>
                    </div>
                    {more}
                </div>
                <section aria-labelledby="next-word">
                    <div class="section-head"><h2 id="next-word">{word!(lang, desk.update)}</h2></div>
                    {shown.summary()}
                    <form class="form" method="post" action=reader.href(&path) novalidate=true>
                        {hidden(desk.token(), typed.get("form").to_owned())}
                        {word_fields(&shown, lang, incident.kind.states())}
                        {trouble}
                        {shown.line(&Field::new("next", word!(lang, desk.next)).hint(word!(lang, desk.next_hint)), "datetime-local", "off")}
                        <div class="form-actions"><button class="button button-primary" type="submit">{word!(lang, desk.publish)}</button></div>
                    </form>
                </section>
                <section class="section" aria-labelledby="said">
                    <div class="section-head"><h2 id="said">{word!(lang, incidents.said)}</h2></div>
                    {timeline(reader, incident, components)}
                </section>
            }
        },
    )
}

pub(super) async fn find(desk: &Desk, id: &str) -> Result<Incident, Response> {
    match incidents::get(&desk.site.db, id).await {
        Ok(Some(incident)) => Ok(incident),
        Ok(None) => Err(page(
            &desk.site,
            desk.lang,
            StatusCode::NOT_FOUND,
            not_found(desk.reader()),
        )),
        Err(error) => Err(store_away(&desk.site, desk.lang, &error)),
    }
}

/// The page.
pub(super) async fn show(desk: Desk, Path(id): Path<String>, uri: Uri) -> Response {
    let incident = match find(&desk, &id).await {
        Ok(incident) => incident,
        Err(response) => return response,
    };
    let said = uri
        .query()
        .is_some_and(|query| query.split('&').any(|pair| pair == "said=yes"));
    let over = said.then(|| notice("success", Icon::Check, word!(desk.lang, desk.said)));
    let wants_template = query_value(&uri, "postmortem").is_some();
    let typed = if wants_template && !incident.is_open() && incident.kind == Kind::Incident {
        template(&incident)
    } else {
        fresh(&desk, &incident)
    };
    let html = incident_desk(&desk, &incident, &typed, &Errors::default(), over);
    page(&desk.site, desk.lang, StatusCode::OK, html)
}

/// What a maintenance's state means for what it works on.
fn by_status(incident: &Incident, status: Status) -> BTreeMap<String, ComponentStatus> {
    let now = if status.is_active() {
        ComponentStatus::UnderMaintenance
    } else {
        ComponentStatus::Operational
    };
    incident
        .touched()
        .into_iter()
        .map(|name| (name.to_owned(), now))
        .collect()
}

/// Says the next word.
pub(super) async fn update(desk: Desk, Path(id): Path<String>, body: Bytes) -> Response {
    let (lang, typed) = (desk.lang, Typed::read(&body));
    if !desk.session.owns(&desk.site.keys, typed.get("token")) || typed.get("form").is_empty() {
        return refused(
            &desk.site,
            lang,
            StatusCode::FORBIDDEN,
            word!(lang, desk.old_form),
        );
    }
    let incident = match find(&desk, &id).await {
        Ok(incident) => incident,
        Err(response) => return response,
    };
    let snapshot = desk.site.snapshot();
    let mut check = Check {
        lang,
        typed: &typed,
        errors: Errors::default(),
        times: &desk.site.house.times,
        at: desk.at,
    };
    let body = match incident.kind {
        Kind::Incident => check.bodies_with_claims(),
        Kind::Maintenance => check.bodies(),
    };
    let status = check.status(incident.kind.states());
    let next = check.next();
    let (impact, components) = match incident.kind {
        Kind::Incident => (
            check.impact(),
            check.components(snapshot.world.components.iter().map(|of| of.id.as_str())),
        ),
        Kind::Maintenance => (
            Some(Impact::Maintenance),
            status
                .map(|status| by_status(&incident, status))
                .unwrap_or_default(),
        ),
    };
    let errors = check.errors;
    let again = |errors: &Errors, failed, status| {
        page(
            &desk.site,
            lang,
            status,
            incident_desk(&desk, &incident, &typed, errors, failed),
        )
    };
    let (Some(status), Some(impact), true) = (status, impact, errors.is_empty()) else {
        return again(&errors, None, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let form = format!("{}:{}", desk.session.login, typed.get("form"));
    let saying = Saying {
        status,
        body,
        impact,
        components,
        since: desk.at,
        each_since: BTreeMap::new(),
        next_update_at: next,
        form,
    };
    match incidents::say(
        &desk.site.db,
        Said::Old(&incident),
        saying,
        desk.deed("incident.update"),
        desk.at,
    )
    .await
    {
        Ok(id) => {
            desk.site.keeper.refresh().await;
            onward(&desk.reader().href(&format!("/desk/incidents/{id}?said=yes")))
        }
        Err(error) => {
            let failed = not_saved(&desk, &error);
            again(&errors, Some(failed), StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}
