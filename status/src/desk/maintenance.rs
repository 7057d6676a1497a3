//! `/desk/maintenance`: announces work that will stop something.

use std::collections::BTreeMap;

use axum::{body::Bytes, http::StatusCode, response::Response};
use leptos::prelude::*;

use super::{
    Desk,
    board::{not_saved, store_notice, tasks},
    fields::{Field, Shown, hidden},
    form::{Check, Errors, Typed},
    onward, page, refused,
};
use crate::{
    components::ComponentStatus,
    db::new_id,
    incidents::{self, Impact, Kind, Said, Saying, Status},
    pages::{Icon, icon, render},
    words::{Lang, word},
};

const HOUR: i64 = 3_600_000;
/// Work is never announced for longer at once (ms).
const LONGEST: i64 = 7 * 24 * HOUR;

fn fresh(desk: &Desk) -> Typed {
    let times = desk.reader().times();
    // The next full hour, for two hours.
    let from = (desk.at / HOUR + 1) * HOUR;
    Typed::with([
        ("from".to_owned(), times.field(from)),
        ("until".to_owned(), times.field(from + 2 * HOUR)),
        ("ends_itself".to_owned(), "yes".to_owned()),
        ("form".to_owned(), new_id()),
    ])
}

fn touched(shown: &Shown<'_>, desk: &Desk) -> AnyView {
    let lang = desk.lang;
    let snapshot = desk.site.snapshot();
    let error = shown.errors.get("components").map(str::to_owned);
    let invalid = error.is_some().then_some("true");
    let error = error.map(|error| {
        view! {
            <p class="error" id="components-error">{icon(Icon::Error, "icon icon-s")}<span>{error}</span></p>
        }
    });
    let boxes = snapshot
        .world
        .components
        .iter()
        .map(|component| {
            let name = format!("component-{}", component.id);
            let checked = !shown.typed.get(&name).is_empty();
            view! {
                <label class="choice">
                    <input type="checkbox" name=name value="yes" checked=checked/>
                    <span>{component.name(lang).to_owned()}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="fieldset" id="components" aria-invalid=invalid aria-describedby=invalid.map(|_| "components-error")>
            <legend>{word!(lang, desk.work_on)}</legend>
            {boxes}
            {error}
        </fieldset>
    }
    .into_any()
}

fn maintenance_desk(desk: &Desk, typed: &Typed, errors: &Errors, over: Option<AnyView>) -> String {
    let (lang, reader) = (desk.lang, desk.reader());
    let snapshot = desk.site.snapshot();
    let shown = Shown { lang, typed, errors };
    render(
        reader,
        desk.head(errors.title(lang, word!(lang, desk.maintenance))),
        || {
            let list = snapshot
                .world
                .incidents
                .iter()
                .filter(|of| of.kind == Kind::Maintenance)
                .take(20);
            let list = tasks(desk, list).unwrap_or_else(|| {
                view! { <p class="soft">{word!(lang, desk.no_maintenance)}</p> }.into_any()
            });
            let ends = !typed.get("ends_itself").is_empty();
            view! {
                {store_notice(desk)}
                {over}
                <nav class="breadcrumb" aria-label=word!(lang, shell.where_am_i)><ol><li><a href=reader.href("/desk")>{word!(lang, desk.title)}</a></li></ol></nav>
                <div class="page-head"><div class="page-head-text"><h1>{word!(lang, desk.maintenance)}</h1></div></div>
                <section aria-labelledby="list"><div class="section-head"><h2 id="list">{word!(lang, desk.maintenance_list)}</h2></div>{list}</section>
                <section class="section" aria-labelledby="new">
                    <div class="section-head"><h2 id="new">{word!(lang, desk.announce)}</h2></div>
                    {shown.summary()}
                    <form class="form" method="post" action=reader.href("/desk/maintenance") novalidate=true>
                        {hidden(desk.token(), typed.get("form").to_owned())}
                        {shown.line(&Field::new("title_ko", word!(lang, desk.title_ko)).of_lang(Lang::ko), "text", "off")}
                        {shown.line(&Field::new("title_en", word!(lang, desk.title_en)).of_lang(Lang::en), "text", "off")}
                        {shown.text(&Field::new("body_ko", word!(lang, desk.body_ko)).hint(word!(lang, desk.work_hint)).of_lang(Lang::ko))}
                        {shown.text(&Field::new("body_en", word!(lang, desk.body_en)).of_lang(Lang::en))}
                        <div class="field-row">
                            {shown.line(&Field::new("from", word!(lang, desk.from)), "datetime-local", "off")}
                            {shown.line(&Field::new("until", word!(lang, desk.until)), "datetime-local", "off")}
                        </div>
                        {touched(&shown, desk)}
                        <label class="choice">
                            <input type="checkbox" name="ends_itself" value="yes" checked=ends/>
                            <span>{word!(lang, desk.ends_itself)}</span>
                        </label>
                        <div class="form-actions"><button class="button button-primary" type="submit">{word!(lang, desk.announce)}</button></div>
                    </form>
                </section>
            }
        },
    )
}

/// The page.
pub(super) async fn show(desk: Desk) -> Response {
    let html = maintenance_desk(&desk, &fresh(&desk), &Errors::default(), None);
    page(&desk.site, desk.lang, StatusCode::OK, html)
}

/// Announces it.
pub(super) async fn announce(desk: Desk, body: Bytes) -> Response {
    let (lang, typed) = (desk.lang, Typed::read(&body));
    if !desk.session.owns(&desk.site.keys, typed.get("token")) || typed.get("form").is_empty() {
        return refused(
            &desk.site,
            lang,
            StatusCode::FORBIDDEN,
            word!(lang, desk.old_form),
        );
    }
    let snapshot = desk.site.snapshot();
    let mut check = Check {
        lang,
        typed: &typed,
        errors: Errors::default(),
        times: &desk.site.house.times,
        at: desk.at,
    };
    let title = check.titles();
    let body = check.bodies();
    let (from, until) = (check.time("from"), check.time("until"));
    if let (Some(from), Some(until)) = (from, until) {
        if from < desk.at - HOUR {
            check.errors.put("from", word!(lang, desk.in_past));
        }
        if until <= from || until <= desk.at {
            check.errors.put("until", word!(lang, desk.ends_before));
        } else if until - from > LONGEST {
            check.errors.put("until", word!(lang, desk.too_far));
        }
    }
    let components: Vec<&str> = snapshot
        .world
        .components
        .iter()
        .map(|component| component.id.as_str())
        .filter(|id| !typed.get(&format!("component-{id}")).is_empty())
        .collect();
    if components.is_empty() {
        check.errors.put("components", word!(lang, desk.choose_one));
    }
    let errors = check.errors;
    let again = |errors: &Errors, failed, status| {
        page(
            &desk.site,
            lang,
            status,
            maintenance_desk(&desk, &typed, errors, failed),
        )
    };
    let (Some(from), Some(until), true) = (from, until, errors.is_empty()) else {
        return again(&errors, None, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let saying = Saying {
        status: Status::Scheduled,
        body,
        impact: Impact::Maintenance,
        // Named now, stopped when it begins.
        components: components
            .into_iter()
            .map(|id| (id.to_owned(), ComponentStatus::Operational))
            .collect(),
        since: desk.at.min(from),
        each_since: BTreeMap::new(),
        next_update_at: None,
        form: format!("{}:{}", desk.session.login, typed.get("form")),
    };
    let ends_itself = !typed.get("ends_itself").is_empty();
    let new = Said::New {
        kind: Kind::Maintenance,
        title,
        scheduled: Some((from, until, ends_itself)),
    };
    match incidents::say(
        &desk.site.db,
        new,
        saying,
        desk.deed("maintenance.announce"),
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
