//! Small parts that many pages show: amounts, heads, notices, empty states. Classes after style/README.md.

use leptos::prelude::*;

use super::icon;
use crate::words::{Lang, won_parts};

/// An amount of won: the number, and quieter its unit. `class`: `money`, `money money-l`, …
pub fn money(lang: Lang, won: i64, class: &'static str) -> impl IntoView + use<> {
    let (number, unit) = won_parts(lang, won);
    let unit = (!unit.is_empty()).then(|| view! { <span class="won">{unit}</span> });
    view! { <span class=class>{number}{unit}</span> }
}

/// The head of a page: title, a line below it, and what can be done here.
pub fn page_head(title: String, lead: Option<String>, actions: impl IntoView + 'static) -> AnyView {
    view! {
        <div class="page-head">
            <div class="page-head-text">
                <h1>{title}</h1>
                {lead.map(|lead| view! { <p class="lead">{lead}</p> })}
            </div>
            {actions}
        </div>
    }
    .into_any()
}

/// A notice. `tone`: `info`, `success`, `warning` or `danger`.
pub fn notice(tone: &'static str, title: Option<String>, text: impl IntoView + 'static) -> AnyView {
    let mark = match tone {
        "success" => "check",
        "warning" => "warning",
        "danger" => "error",
        _ => "info",
    };
    view! {
        <div class="notice" data-tone=tone>
            {icon(mark, "icon")}
            {title.map(|title| view! { <p class="notice-title">{title}</p> })}
            <p>{text}</p>
        </div>
    }
    .into_any()
}

/// Where nothing is yet: what to do next.
pub fn empty(
    mark: &'static str,
    title: String,
    text: String,
    action: Option<(&'static str, String)>,
) -> AnyView {
    view! {
        <div class="empty">
            {icon(mark, "icon")}
            <p class="empty-title">{title}</p>
            <p>{text}</p>
            {action.map(|(href, label)| view! { <a class="button button-primary" href=href>{label}</a> })}
        </div>
    }
    .into_any()
}

/// The way back up: (address, label) of each place above, then this one.
pub fn breadcrumb(label: String, above: Vec<(String, String)>, here: String) -> AnyView {
    let above: Vec<_> = above
        .into_iter()
        .map(|(href, label)| view! { <li><a href=href>{label}</a></li> })
        .collect();
    view! {
        <nav class="breadcrumb" aria-label=label><ol>{above}<li aria-current="page">{here}</li></ol></nav>
    }
    .into_any()
}
