//! The page for an address that is not there, and the one for a failure of ours.

use leptos::prelude::*;

use super::{Head, Icon, Reader, icon, render};
use crate::words::word;

/// 404: says where to go on.
pub(crate) fn not_found(reader: Reader<'_>) -> String {
    let lang = reader.lang;
    let head = Head {
        title: word!(lang, errors.not_found),
        about: word!(lang, errors.not_found_why),
        path: "/".to_owned(),
        public: false,
        operator: None,
    };
    render(reader, head, || {
        view! {
            <h1>{word!(lang, errors.not_found)}</h1>
            <p class="lead">{word!(lang, errors.not_found_why)}</p>
            <ul class="where-to">
                <li><a href=reader.href("/")>{word!(lang, errors.go_front)}</a></li>
                <li><a href=reader.href("/history")>{word!(lang, errors.go_history)}</a></li>
                <li><a href=reader.house.portal_url.clone()>{word!(lang, errors.go_portal)}</a></li>
            </ul>
        }
    })
}

/// A failure: what it means for the reader, and the id that stands in the log; never a detail.
pub(crate) fn error_page(reader: Reader<'_>, title: String, why: String, id: Option<String>) -> String {
    let lang = reader.lang;
    let head = Head {
        title: title.clone(),
        about: why.clone(),
        path: "/".to_owned(),
        public: false,
        operator: None,
    };
    render(reader, head, || {
        view! {
            <h1>{title}</h1>
            <div class="notice" data-tone="danger">
                {icon(Icon::Error, "icon")}
                <p>{why}</p>
                {id.map(|id| view! { <p>{word!(lang, errors.id)} " " <code>{id}</code></p> })}
            </div>
            <ul class="where-to">
                <li><a href=reader.href("/")>{word!(lang, errors.go_front)}</a></li>
                <li><a href=reader.href("/desk")>{word!(lang, errors.go_desk)}</a></li>
            </ul>
        }
    })
}
