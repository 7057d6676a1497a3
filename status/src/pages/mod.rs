//! What every page shares: the shell, icons, times, and turning a view into bytes.

mod error_page;
mod front;
mod icon;
mod shell;

pub(crate) use error_page::{error_page, not_found};
pub(crate) use front::{front_page, headline, next_word};
pub(crate) use icon::{Icon, icon, state_icon};
pub(crate) use shell::{Head, render};

use leptos::prelude::*;

use crate::{
    snapshot::House,
    words::{Lang, Times},
};

/// The reader's language and what pages are made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    /// The language.
    pub(crate) lang: Lang,
    /// Whose site this is.
    pub(crate) house: &'a House,
    /// Now (ms).
    pub(crate) at: i64,
}

impl<'a> Reader<'a> {
    /// Writes times.
    pub(crate) fn times(&self) -> &'a Times {
        &self.house.times
    }

    /// A page of this site, in the reader's language: English says so in the address, because a reader may
    /// refuse cookies; Korean is what the address means without.
    pub(crate) fn href(&self, path: &str) -> String {
        match self.lang {
            Lang::ko => path.to_owned(),
            Lang::en => format!("{path}{}lang=en", if path.contains('?') { '&' } else { '?' }),
        }
    }
}

/// A moment as `<time>`: day and hour.
pub(crate) fn moment(reader: Reader<'_>, at: i64) -> impl IntoView + use<> {
    let times = reader.times();
    view! { <time datetime=times.iso(at)>{times.full(reader.lang, at)}</time> }
}

/// What an operator typed: paragraphs at empty lines, line breaks kept, everything else as text.
pub(crate) fn paragraphs(text: &str) -> impl IntoView + use<> {
    let text = text.replace("\r\n", "\n");
    text.split("\n\n")
        .map(str::trim)
        .filter(|paragraph| !paragraph.is_empty())
        .map(|paragraph| {
            let lines: Vec<String> = paragraph.lines().map(str::to_owned).collect();
            let lines = lines
                .into_iter()
                .enumerate()
                .map(|(index, line)| view! { {(index > 0).then(|| view! { <br/> })}{line} })
                .collect_view();
            view! { <p>{lines}</p> }
        })
        .collect_view()
}
