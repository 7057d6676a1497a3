//! The static twin: the whole site as plain files, so that with every process of ours dead any web server, object
//! store or CDN on that folder still tells the last truth, with the time at which it was written on every page.
//!
//! Links are relative and name files (`incidents/x/index.html`), so the folder may lie at the root of a domain, in
//! a path of one, or on a disk. Korean lies at the root, English in `en/`. Feeds, JSON and badges are the same
//! bytes as on the live site. What needs a program behind it (the desk, months long ago) is not in it.

mod note;
mod write;

pub(crate) use note::{head, note};
pub(crate) use write::{TwinState, Writer, write};

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use axum::body::Bytes;

use crate::{
    history::history_page,
    http::assets,
    incidents::incident_page,
    log::log_page,
    pages::{Reader, front_page},
    snapshot::{House, Snapshot},
    words::Lang,
};

/// Says that a folder is a twin, and when it was written: for programs, and for whoever is about to replace it.
pub(crate) const WRITTEN: &str = "written.json";
/// A copy is written at least this often while the site runs (s).
const EVERY_S: i64 = 60;

/// The files by their paths in the folder.
pub(crate) type Files = BTreeMap<String, Bytes>;

/// An incident's version.
type Version = (i64, usize);

/// The pages of incidents that are over, with their marks for the time still in them: made once per change.
#[derive(Debug, Default)]
pub(crate) struct Over(HashMap<(String, &'static str), (Version, Arc<str>)>);

/// The file of a page or document in the twin: `/history` is `history/index.html`, in English
/// `en/history/index.html`.
pub(crate) fn file_of(lang: Lang, path: &str) -> String {
    let path = path.trim_matches('/');
    let is_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
    let file = match path {
        "" => "index.html".to_owned(),
        path if is_file => path.to_owned(),
        path => format!("{path}/index.html"),
    };
    match lang {
        Lang::ko => file,
        Lang::en => format!("en/{file}"),
    }
}

/// All of it.
pub(crate) fn files(house: &House, snapshot: &Snapshot, over: &mut Over) -> Files {
    let world = &snapshot.world;
    let mut files = Files::new();
    for (path, bytes) in assets::for_twin() {
        files.insert(path.trim_start_matches('/').to_owned(), bytes);
    }
    for (path, pair) in snapshot.documents() {
        for (lang, answer) in Lang::BOTH.into_iter().zip(pair) {
            files.insert(file_of(lang, path), answer.body());
        }
    }
    let mut kept = Over::default();
    for lang in Lang::BOTH {
        let reader = |path: &str| Reader::in_twin(lang, house, world.at, path);
        let mut put = |path: &str, html: &str| {
            let html = note::with_time(html, lang, house, world.at);
            files.insert(file_of(lang, path), html.into());
        };
        put("/", &front_page(reader("/"), world));
        put("/history", &history_page(reader("/history"), world));
        put("/log", &log_page(reader("/log"), world));
        for incident in &world.incidents {
            let path = format!("/incidents/{}", incident.id);
            let key = (incident.id.clone(), lang.code());
            let before = over
                .0
                .remove(&key)
                .filter(|(version, _)| *version == incident.version());
            let html = before.map_or_else(
                || incident_page(reader(&path), incident, &world.components).into(),
                |(_, html)| html,
            );
            put(&path, &html);
            if !incident.is_open() {
                kept.0.insert(key, (incident.version(), html));
            }
        }
    }
    *over = kept;
    let written = serde_json::json!({
        "written_at": house.times.iso(world.at),
        "written_every_s": EVERY_S,
        "live": house.public_url,
    });
    files.insert(WRITTEN.to_owned(), written.to_string().into());
    files
}
