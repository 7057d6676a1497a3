//! What was typed, what is wrong with it, and reading it as what it should be.

use std::collections::{BTreeMap, HashMap};

use axum::body::Bytes;

use crate::{
    components::ComponentStatus,
    incidents::{Impact, Status},
    words::{Lang, Times, word},
};

/// A title's length (characters).
const TITLE_CHARS: usize = 120;
/// A text's length (characters).
const BODY_CHARS: usize = 4000;
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// The fields of a form as they were typed; control characters left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed(HashMap<String, String>);

impl Typed {
    /// Reads a posted form. What is no form has no fields, and each missing field is then said to be missing.
    pub(crate) fn read(body: &Bytes) -> Self {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).unwrap_or_default();
        let clean = |text: String| text.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name, clean(value)))
                .collect(),
        )
    }

    /// A form with these values in it.
    pub(crate) fn with(values: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(values.into_iter().collect())
    }

    /// A field, without space around it; empty when it is not there.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.trim())
    }
}

/// What is wrong, by field, in the form's order; the first error of a field counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Errors(Vec<(String, String)>);

impl Errors {
    /// Names a field's error.
    pub(crate) fn put(&mut self, field: &str, error: String) {
        if self.get(field).is_none() {
            self.0.push((field.to_owned(), error));
        }
    }

    /// A field's error.
    pub(crate) fn get(&self, field: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| name == field)
            .map(|(_, error)| error.as_str())
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A page's title, which says first that something is wrong with its form.
    pub(crate) fn title(&self, lang: Lang, title: String) -> String {
        if self.is_empty() {
            title
        } else {
            word!(lang, desk.error_title, title = title)
        }
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(String, String)> {
        self.0.iter()
    }
}

/// Reads fields one by one, and writes down what is wrong.
pub(crate) struct Check<'a> {
    /// The reader's language.
    pub(crate) lang: Lang,
    /// What was typed.
    pub(crate) typed: &'a Typed,
    /// What is wrong.
    pub(crate) errors: Errors,
    /// Reads times.
    pub(crate) times: &'a Times,
    /// Now (ms).
    pub(crate) at: i64,
}

impl Check<'_> {
    fn text(&mut self, name: &str, most: usize) -> String {
        let text = self.typed.get(name).to_owned();
        if text.is_empty() {
            self.errors.put(name, word!(self.lang, desk.missing));
        } else if text.chars().count() > most {
            self.errors
                .put(name, word!(self.lang, desk.too_long, most = most));
        }
        text
    }

    /// Titles in both languages.
    pub(crate) fn titles(&mut self) -> [String; 2] {
        ["title_ko", "title_en"].map(|name| self.text(name, TITLE_CHARS))
    }

    /// Texts in both languages.
    pub(crate) fn bodies(&mut self) -> [String; 2] {
        ["body_ko", "body_en"].map(|name| self.text(name, BODY_CHARS))
    }

    /// Texts in both languages, with the sentences that were ticked at their end.
    pub(crate) fn bodies_with_claims(&mut self) -> [String; 2] {
        let mut bodies = self.bodies();
        for (body, lang) in bodies.iter_mut().zip(Lang::BOTH) {
            let claims = [
                ("claim_money", word!(lang, desk.claim_money)),
                ("claim_intrusion", word!(lang, desk.claim_intrusion)),
            ];
            let ticked: Vec<String> = claims
                .into_iter()
                .filter(|(name, _)| !self.typed.get(name).is_empty())
                .map(|(_, sentence)| sentence)
                .collect();
            if !ticked.is_empty() {
                body.push_str("\n\n");
                body.push_str(&ticked.join(" "));
            }
        }
        bodies
    }

    /// One of the states that are offered.
    pub(crate) fn status(&mut self, offered: &[Status]) -> Option<Status> {
        let status = Status::parse(self.typed.get("status")).filter(|status| offered.contains(status));
        if status.is_none() {
            self.errors.put("status", word!(self.lang, desk.choose));
        }
        status
    }

    /// An impact.
    pub(crate) fn impact(&mut self) -> Option<Impact> {
        let impact =
            Impact::parse(self.typed.get("impact")).filter(|impact| Impact::CHOICES.contains(impact));
        if impact.is_none() {
            self.errors.put("impact", word!(self.lang, desk.choose));
        }
        impact
    }

    /// A time; missing is an error.
    pub(crate) fn time(&mut self, name: &str) -> Option<i64> {
        let read = self.times.read_field(self.typed.get(name));
        if read.is_none() {
            self.errors.put(name, word!(self.lang, desk.no_time));
        }
        read
    }

    /// When it began: not in the future, not longer than thirty days ago.
    pub(crate) fn began(&mut self) -> Option<i64> {
        let began = self.time("started")?;
        if began > self.at + MINUTE {
            self.errors.put("started", word!(self.lang, desk.in_future));
        } else if began < self.at - 30 * DAY {
            self.errors.put("started", word!(self.lang, desk.too_old));
        }
        Some(began.min(self.at))
    }

    /// The promise of the next word: none, or within a week.
    pub(crate) fn next(&mut self) -> Option<i64> {
        if self.typed.get("next").is_empty() {
            return None;
        }
        let next = self.time("next")?;
        if next <= self.at {
            self.errors.put("next", word!(self.lang, desk.in_past));
        } else if next > self.at + 7 * DAY {
            self.errors.put("next", word!(self.lang, desk.too_far));
        }
        Some(next)
    }

    /// What is said of each component; those left out are not touched.
    pub(crate) fn components<'b>(
        &mut self,
        ids: impl Iterator<Item = &'b str>,
    ) -> BTreeMap<String, ComponentStatus> {
        let mut said = BTreeMap::new();
        for id in ids {
            let name = format!("component-{id}");
            match self.typed.get(&name) {
                "" => {}
                word => match ComponentStatus::parse(word) {
                    Some(status) => {
                        said.insert(id.to_owned(), status);
                    }
                    None => self.errors.put(&name, word!(self.lang, desk.choose)),
                },
            }
        }
        said
    }
}
