//! What the public gets: every page, feed and JSON document, rendered once per change and kept as bytes, plain
//! and in brotli. A request costs a look into a map; when the store fails, the last snapshot goes on being
//! served. Costs: rendering all of it is some tens of milliseconds and happens on a change, once a minute (the
//! time on the page) and when the clock has something to do; pages of incidents that are over are kept.

mod answer;
mod keep;
mod world;

pub(crate) use answer::{Answer, Kind, Made};
pub(crate) use keep::Keeper;
pub(crate) use world::{House, World, first_day};

use std::{collections::HashMap, sync::Arc};

use crate::{
    api, badge, feeds,
    history::history_page,
    incidents::incident_page,
    log::{self, log_page},
    pages::{Reader, front_page, not_found},
    words::Lang,
};

/// Two answers: Korean and English.
pub(crate) type Pair = [Arc<Answer>; 2];

/// Everything public at one moment, as bytes.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// What it was made of.
    pub(crate) world: World,
    pages: HashMap<String, Pair>,
    /// Incidents that are over, by id, with their version.
    over: HashMap<String, (i64, usize)>,
    /// The answer to an address that is not there.
    pub(crate) not_found: Pair,
}

impl Snapshot {
    /// Renders it; takes over from the one before what cannot have changed.
    pub(crate) fn render(house: &House, world: World, before: Option<&Self>) -> Self {
        let https = house.is_https();
        let reader = |lang| Reader::live(lang, house, world.at);
        let pair =
            |made: &dyn Fn(Lang) -> Made| Lang::BOTH.map(|lang| Arc::new(Answer::new(made(lang), https)));
        let html = |made: &dyn Fn(Lang) -> String| pair(&|lang| Made::page(lang, made(lang)));

        let mut pages: HashMap<String, Pair> = HashMap::new();
        pages.insert("/".to_owned(), html(&|lang| front_page(reader(lang), &world)));
        pages.insert(
            "/history".to_owned(),
            html(&|lang| history_page(reader(lang), &world)),
        );
        pages.insert(
            "/history.rss".to_owned(),
            pair(&|lang| feeds::rss(reader(lang), &world)),
        );
        pages.insert(
            "/history.atom".to_owned(),
            pair(&|lang| feeds::atom(reader(lang), &world)),
        );
        pages.insert("/log".to_owned(), html(&|lang| log_page(reader(lang), &world)));
        pages.insert(
            "/api/log.json".to_owned(),
            pair(&|lang| log::document(reader(lang), &world)),
        );
        for (path, document) in api::DOCUMENTS {
            pages.insert(
                path.to_owned(),
                pair(&|lang| api::render(document, reader(lang), &world)),
            );
        }
        for (path, which) in badge::all(&world) {
            pages.insert(
                path,
                pair(&|lang| badge::render(which.as_deref(), reader(lang), &world)),
            );
        }
        let mut over = HashMap::new();
        for incident in &world.incidents {
            let path = format!("/incidents/{}", incident.id);
            let kept = before
                .filter(|before| before.over.get(&incident.id) == Some(&incident.version()))
                .and_then(|before| before.pages.get(&path).cloned());
            let answers = kept
                .unwrap_or_else(|| html(&|lang| incident_page(reader(lang), incident, &world.components)));
            pages.insert(path, answers);
            if !incident.is_open() {
                over.insert(incident.id.clone(), incident.version());
            }
        }
        let not_found = before.map_or_else(
            || {
                pair(&|lang| {
                    Made::page(lang, not_found(reader(lang))).status(axum::http::StatusCode::NOT_FOUND)
                })
            },
            |before| before.not_found.clone(),
        );
        Self {
            world,
            pages,
            over,
            not_found,
        }
    }

    /// What is no page: documents, feeds, badges; by path.
    pub(crate) fn documents(&self) -> impl Iterator<Item = (&str, &Pair)> {
        self.pages
            .iter()
            .map(|(path, pair)| (path.as_str(), pair))
            .filter(|(path, _)| path.contains('.'))
    }

    /// The answers at a path.
    pub(crate) fn get(&self, path: &str) -> Option<&Pair> {
        self.pages.get(path)
    }
}
