//! The form as a page of the desk, made to be printed.

use leptos::prelude::*;

use super::{Entry, Stage, rows};
use crate::{
    components::Component,
    incidents::Incident,
    pages::{Head, Reader, paragraphs, render},
    words::word,
};

/// The page.
pub(crate) fn report_page(
    reader: Reader<'_>,
    head: Head,
    incident: &Incident,
    components: &[Component],
    stage: Stage,
) -> String {
    let lang = reader.lang;
    let path = format!("/desk/incidents/{}", incident.id);
    render(reader, head, || {
        let stages = Stage::ALL
            .into_iter()
            .map(|other| {
                let href = reader.href(&format!("{path}/report?stage={}", other.as_str()));
                let current = (other == stage).then_some("page");
                view! { <li><a href=href aria-current=current>{other.label(lang)}</a></li> }
            })
            .collect_view();
        let fields = rows(reader, incident, components, stage)
            .into_iter()
            .map(|row| match row.entry {
                Entry::Known(text) => view! {
                    <tr><th scope="row">{row.label}</th><td>{paragraphs(&text)}</td></tr>
                }
                .into_any(),
                Entry::Open(hint) => view! {
                    <tr data-tone="warning" class="report-open">
                        <th scope="row">{row.label}</th>
                        <td><strong>{word!(lang, report.open)}</strong> " " <span class="soft">{hint}</span></td>
                    </tr>
                }
                .into_any(),
            })
            .collect_view();
        let sheet = reader.href(&format!("{path}/report.xlsx?stage={}", stage.as_str()));
        view! {
            <nav class="breadcrumb" aria-label=word!(lang, shell.where_am_i)><ol>
                <li><a href=reader.href("/desk")>{word!(lang, desk.title)}</a></li>
                <li><a href=reader.href(&path)>{incident.title(lang).to_owned()}</a></li>
            </ol></nav>
            <div class="page-head">
                <div class="page-head-text">
                    <h1>{word!(lang, report.title)}</h1>
                    <p class="lead">{word!(lang, report.lead)}</p>
                </div>
                <a class="button" href=sheet>{word!(lang, report.sheet)}</a>
            </div>
            <nav class="no-print" aria-label=word!(lang, report.stage)><ul class="where-to report-stages">{stages}</ul></nav>
            <div class="table-wrap" role="region" tabindex="0" aria-label=word!(lang, report.title)>
                <table class="table report">
                    <caption class="visually-hidden">{word!(lang, report.title)}</caption>
                    <tbody>{fields}</tbody>
                </table>
            </div>
        }
    })
}
