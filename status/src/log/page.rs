//! `/log` for people, `/api/log.json` for programs, and the notice where something does not fit.

use leptos::prelude::*;
use serde_json::json;

use super::store::{Alarm, Log};
use crate::{
    pages::{Head, Icon, Reader, icon, moment, render},
    snapshot::{Kind, Made, World},
    words::{Lang, word},
};

fn said(lang: Lang, alarm: &Alarm) -> String {
    match alarm.kind.as_str() {
        "shrunk" => word!(lang, log.shrunk, before = alarm.before, now = alarm.now),
        "forked" => word!(lang, log.forked, before = alarm.before, now = alarm.now),
        "withheld" => word!(lang, log.withheld, before = alarm.before, now = alarm.now),
        _ => word!(lang, log.signature),
    }
}

/// The notice on the public pages and the desk, while nobody has looked at an alarm.
pub(crate) fn notice(reader: Reader<'_>, log: &Log) -> Option<AnyView> {
    let lang = reader.lang;
    let alarm = log.alarm()?;
    Some(
        view! {
            <section class="notice" data-tone="danger" aria-labelledby="log-alarm">
                {icon(Icon::Error, "icon")}
                <div>
                    <h2 id="log-alarm">{word!(lang, log.alarm)}</h2>
                    <p>{said(lang, alarm)} " " {moment(reader, alarm.at)}</p>
                    <p><a href=reader.href("/log")>{word!(lang, log.title)}</a></p>
                </div>
            </section>
        }
        .into_any(),
    )
}

/// The page.
pub(crate) fn log_page(reader: Reader<'_>, world: &World) -> String {
    let lang = reader.lang;
    let head = Head {
        title: word!(lang, log.title),
        about: word!(lang, log.lead),
        path: "/log".to_owned(),
        public: true,
        operator: None,
    };
    let log = &world.log;
    render(reader, head, || {
        let newest = log.last().map(|last| {
            view! {
                <dl class="facts">
                    <div><dt>{word!(lang, log.size)}</dt><dd>{last.size.to_string()}</dd></div>
                    <div><dt>{word!(lang, log.seen)}</dt><dd>{moment(reader, last.seen_at)}</dd></div>
                    <div><dt>{word!(lang, log.asked)}</dt><dd>{moment(reader, last.last_at)}</dd></div>
                </dl>
                <h2>{word!(lang, log.newest)}</h2>
                <pre class="log-note"><code>{last.note.clone()}</code></pre>
            }
        });
        let none = log
            .last()
            .is_none()
            .then(|| view! { <p>{word!(lang, log.none)}</p> });
        let keys = log
            .keys
            .iter()
            .map(|key| view! { <li><code>{key.clone()}</code></li> })
            .collect_view();
        let before = log
            .seen
            .iter()
            .map(|seen| {
                let anew = seen.began.then(|| format!(" · {}", word!(lang, log.began)));
                view! { <li>{moment(reader, seen.seen_at)} " · " {word!(lang, log.leaves, size = seen.size)} {anew} <br/><code>{seen.root.clone()}</code></li> }
            })
            .collect_view();
        let alarms = log
            .alarms
            .iter()
            .map(|alarm| {
                let ended = alarm.ended_at.map(|at| view! { " · " {word!(lang, log.looked)} " " {moment(reader, at)} });
                view! { <li>{moment(reader, alarm.at)} " · " {said(lang, alarm)} {ended} <details><summary>{word!(lang, log.came)}</summary><pre class="log-note"><code>{alarm.note.clone()}</code></pre></details></li> }
            })
            .collect_view();
        let alarms = (!log.alarms.is_empty()).then(|| {
            view! {
                <section class="section" aria-labelledby="alarms">
                    <h2 id="alarms">{word!(lang, log.alarms)}</h2>
                    <ul class="log-list">{alarms}</ul>
                </section>
            }
        });
        view! {
            <div class="page-head">
                <div class="page-head-text">
                    <h1>{word!(lang, log.title)}</h1>
                    <p class="lead">{word!(lang, log.lead)}</p>
                </div>
            </div>
            {notice(reader, log)}
            <section class="section stack">{none}{newest}</section>
            <section class="section" aria-labelledby="keys">
                <h2 id="keys">{word!(lang, log.keys)}</h2>
                <p>{word!(lang, log.keys_why)}</p>
                <ul class="log-list">{keys}</ul>
            </section>
            {alarms}
            <section class="section" aria-labelledby="before">
                <h2 id="before">{word!(lang, log.before)}</h2>
                <ol class="log-list">{before}</ol>
            </section>
            <section class="section" aria-labelledby="how">
                <h2 id="how">{word!(lang, log.how)}</h2>
                <p>{word!(lang, log.how_text)}</p>
                <p><a href=reader.href("/api/log.json")>{word!(lang, log.json)}</a></p>
            </section>
        }
    })
}

/// The same for programs.
pub(crate) fn document(reader: Reader<'_>, world: &World) -> Made {
    let log = &world.log;
    let iso = |at: i64| reader.times().iso(at);
    let seen = |seen: &super::store::Seen| {
        json!({
            "size": seen.size, "root": seen.root, "checkpoint": seen.note, "seen_at": iso(seen.seen_at),
            "confirmed_at": iso(seen.last_at), "began_anew": seen.began,
        })
    };
    let alarms = log.alarms.iter().map(|alarm| {
        json!({
            "kind": alarm.kind, "at": iso(alarm.at), "before": alarm.before, "now": alarm.now,
            "checkpoint": alarm.note, "ended_at": alarm.ended_at.map(iso),
        })
    });
    let body = json!({
        "keys": log.keys,
        "latest": log.last().map(seen),
        "alarm": log.alarm().map(|alarm| alarm.kind.clone()),
        "alarms": alarms.collect::<Vec<_>>(),
        "history": log.seen.iter().map(seen).collect::<Vec<_>>(),
    });
    Made::new(Kind::Json, None, body.to_string().into())
}
