//! `/desk`: what is open, and the form that opens an incident.

use std::collections::BTreeMap;

use axum::{
    body::Bytes,
    http::{StatusCode, Uri},
    response::Response,
};
use leptos::prelude::*;
use sqlx::Row as _;

use super::{
    Desk, away,
    fields::{Field, Shown, hidden, notice},
    form::{Check, Errors, Typed},
    onward, page, refused,
    sight::sight,
    store_away,
};
use crate::{
    db::new_id,
    incidents::{self, Impact, Incident, Kind, Said, Saying, Status},
    pages::{Icon, headline, moment, render},
    words::{Lang, word},
};

const MINUTE: i64 = 60_000;

/// The states in which an incident may be opened.
const FIRST: [Status; 3] = [Status::Investigating, Status::Identified, Status::Monitoring];

struct LogLine {
    at: i64,
    operator: String,
    action: String,
    subject: String,
}

async fn last_deeds(desk: &Desk) -> sqlx::Result<Vec<LogLine>> {
    sqlx::query("SELECT at, operator, action, subject FROM desk_log ORDER BY id DESC LIMIT 10")
        .fetch_all(&desk.site.db.read)
        .await?
        .into_iter()
        .map(|row| {
            Ok(LogLine {
                at: row.try_get(0)?,
                operator: row.try_get(1)?,
                action: row.try_get(2)?,
                subject: row.try_get(3)?,
            })
        })
        .collect()
}

/// What stands over every page of the desk when the store is away.
pub(super) fn store_notice(desk: &Desk) -> Option<AnyView> {
    let since = desk.site.keeper.failing_since()?;
    let time = desk.reader().times().full(desk.lang, since);
    Some(notice(
        "danger",
        Icon::Error,
        word!(desk.lang, desk.store_failing, time = time),
    ))
}

/// Links to incidents with their state.
pub(super) fn tasks<'a>(desk: &Desk, list: impl Iterator<Item = &'a Incident>) -> Option<AnyView> {
    let (lang, reader) = (desk.lang, desk.reader());
    let items: Vec<_> = list
        .map(|incident| {
            let href = reader.href(&format!("/desk/incidents/{}", incident.id));
            view! {
                <li data-state=incident.status.as_str()>
                    <a href=href>
                        <span class="task-title">{incident.title(lang).to_owned()}</span>
                        <span class="task-meta">{incident.status.label(lang)} " · " {moment(reader, incident.started_at)}</span>
                    </a>
                </li>
            }
        })
        .collect();
    (!items.is_empty()).then(|| view! { <ul class="tasks">{items}</ul> }.into_any())
}

/// The first form: now, the next word in half an hour.
fn fresh(desk: &Desk) -> Typed {
    let times = desk.reader().times();
    Typed::with([
        ("started".to_owned(), times.field(desk.at)),
        ("next".to_owned(), times.field(desk.at + 30 * MINUTE)),
        ("status".to_owned(), Status::Investigating.as_str().to_owned()),
        ("impact".to_owned(), Impact::Major.as_str().to_owned()),
        ("form".to_owned(), new_id()),
    ])
}

/// The fields that opening and updating share.
pub(super) fn word_fields(shown: &Shown<'_>, lang: Lang, states: &[Status]) -> AnyView {
    let states = states
        .iter()
        .map(|status| (status.as_str(), status.label(lang)))
        .collect();
    view! {
        {shown.text(&Field::new("body_ko", word!(lang, desk.body_ko)).hint(word!(lang, desk.body_hint)).of_lang(Lang::ko))}
        {shown.text(&Field::new("body_en", word!(lang, desk.body_en)).of_lang(Lang::en))}
        {shown.choice(&Field::new("status", word!(lang, desk.status)), states)}
    }
    .into_any()
}

/// The choice of impact.
pub(super) fn impact_field(shown: &Shown<'_>, lang: Lang) -> AnyView {
    let options = Impact::CHOICES
        .map(|impact| (impact.as_str(), impact.label(lang)))
        .to_vec();
    shown.choice(&Field::new("impact", word!(lang, desk.impact)), options)
}

fn board(
    desk: &Desk,
    typed: &Typed,
    errors: &Errors,
    failed: Option<AnyView>,
    deeds: Vec<LogLine>,
) -> String {
    let (lang, reader) = (desk.lang, desk.reader());
    let snapshot = desk.site.snapshot();
    let world = &snapshot.world;
    let shown = Shown { lang, typed, errors };
    render(
        reader,
        desk.head(errors.title(lang, word!(lang, desk.title))),
        || {
            let open = tasks(desk, world.open())
                .unwrap_or_else(|| view! { <p class="soft">{word!(lang, desk.nothing_open)}</p> }.into_any());
            let recent = tasks(desk, world.incidents.iter().filter(|of| of.kind == Kind::Incident && !of.is_open()).take(5))
            .map(|list| view! {
                <section class="section" aria-labelledby="recent"><div class="section-head"><h2 id="recent">{word!(lang, desk.recent)}</h2></div>{list}</section>
            });
            let deeds = deeds
            .into_iter()
            .map(|deed| view! {
                <tr><td>{moment(reader, deed.at)}</td><td>{deed.operator}</td><td><code>{deed.action}</code></td><td><code>{deed.subject}</code></td></tr>
            })
            .collect_view();
            let states: Vec<_> = FIRST.to_vec();
            view! {
                {store_notice(desk)}
                {failed}
                <div class="page-head">
                    <div class="page-head-text">
                        <h1>{word!(lang, desk.title)}</h1>
                        <p class="lead">{word!(lang, desk.public_sees)} " " <a href=reader.href("/")>{headline(reader, world)}</a></p>
                    </div>
                    <a class="button" href=reader.href("/desk/maintenance")>{word!(lang, desk.maintenance)}</a>
                </div>
                <section aria-labelledby="open"><div class="section-head"><h2 id="open">{word!(lang, desk.open_now)}</h2></div>{open}</section>
                {sight(desk)}
                <section class="section" aria-labelledby="new">
                    <div class="section-head"><h2 id="new">{word!(lang, desk.new)}</h2></div>
                    {shown.summary()}
                    <form class="form" method="post" action=reader.href("/desk/incidents") novalidate=true>
                        {hidden(desk.token(), typed.get("form").to_owned())}
                        {shown.line(&Field::new("title_ko", word!(lang, desk.title_ko)).hint(word!(lang, desk.title_hint)).of_lang(Lang::ko), "text", "off")}
                        {shown.line(&Field::new("title_en", word!(lang, desk.title_en)).of_lang(Lang::en), "text", "off")}
                        {word_fields(&shown, lang, &states)}
                        {shown.claims()}
                        {impact_field(&shown, lang)}
                        {shown.components(&world.components)}
                        <div class="field-row">
                            {shown.line(&Field::new("started", word!(lang, desk.started)).hint(word!(lang, desk.started_hint)), "datetime-local", "off")}
                            {shown.line(&Field::new("next", word!(lang, desk.next)).hint(word!(lang, desk.next_hint)), "datetime-local", "off")}
                        </div>
                        <div class="form-actions"><button class="button button-primary" type="submit">{word!(lang, desk.publish)}</button></div>
                    </form>
                </section>
                {recent}
                <section class="section" aria-labelledby="deeds">
                    <div class="section-head"><h2 id="deeds">{word!(lang, desk.log)}</h2></div>
                    <div class="table-wrap" tabindex="0">
                        <table class="table table-dense">
                            <thead><tr>
                                <th scope="col">{word!(lang, desk.log_when)}</th><th scope="col">{word!(lang, desk.log_who)}</th>
                                <th scope="col">{word!(lang, desk.log_what)}</th><th scope="col">{word!(lang, desk.log_subject)}</th>
                            </tr></thead>
                            <tbody>{deeds}</tbody>
                        </table>
                    </div>
                </section>
            }
        },
    )
}

async fn answer(
    desk: &Desk,
    typed: &Typed,
    errors: &Errors,
    failed: Option<AnyView>,
    status: StatusCode,
) -> Response {
    match last_deeds(desk).await {
        Ok(deeds) => page(
            &desk.site,
            desk.lang,
            status,
            board(desk, typed, errors, failed, deeds),
        ),
        Err(error) => store_away(&desk.site, desk.lang, &error),
    }
}

/// The page.
pub(super) async fn show(desk: Desk, uri: Uri) -> Response {
    let done = uri.query().is_some_and(|query| query.contains("signed-in"));
    let done = done.then(|| notice("success", Icon::Check, word!(desk.lang, desk.said)));
    answer(&desk, &fresh(&desk), &Errors::default(), done, StatusCode::OK).await
}

/// A notice that saving failed; everything typed is still there.
pub(super) fn not_saved(desk: &Desk, error: &sqlx::Error) -> AnyView {
    let (id, why) = away(&desk.site, desk.lang, error);
    notice(
        "danger",
        Icon::Error,
        format!("{} {why} ({id})", word!(desk.lang, desk.not_saved)),
    )
}

/// Opens an incident.
pub(super) async fn open(desk: Desk, body: Bytes) -> Response {
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
    let body = check.bodies_with_claims();
    let status = check.status(&FIRST);
    let impact = check.impact();
    let components = check.components(snapshot.world.components.iter().map(|of| of.id.as_str()));
    let began = check.began();
    let next = check.next();
    let errors = check.errors;
    let (Some(status), Some(impact), Some(since), true) = (status, impact, began, errors.is_empty()) else {
        return answer(&desk, &typed, &errors, None, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let form = format!("{}:{}", desk.session.login, typed.get("form"));
    let saying = Saying {
        status,
        body,
        impact,
        components,
        since,
        each_since: BTreeMap::new(),
        next_update_at: next,
        form,
    };
    let new = Said::New {
        kind: Kind::Incident,
        title,
        scheduled: None,
    };
    match incidents::say(&desk.site.db, new, saying, desk.deed("incident.open"), desk.at).await {
        Ok(id) => {
            desk.site.keeper.refresh().await;
            onward(&desk.reader().href(&format!("/desk/incidents/{id}?said=yes")))
        }
        Err(error) => {
            let failed = not_saved(&desk, &error);
            answer(
                &desk,
                &typed,
                &errors,
                Some(failed),
                StatusCode::SERVICE_UNAVAILABLE,
            )
            .await
        }
    }
}
