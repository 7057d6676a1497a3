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
    twin,
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
    /// For a page of the static twin: how many folders deep it lies there.
    twin: Option<usize>,
}

impl<'a> Reader<'a> {
    /// Of a page that this site serves.
    pub(crate) fn live(lang: Lang, house: &'a House, at: i64) -> Self {
        Self {
            lang,
            house,
            at,
            twin: None,
        }
    }

    /// Of the page at `path` in the static twin.
    pub(crate) fn in_twin(lang: Lang, house: &'a House, at: i64, path: &str) -> Self {
        let deep = twin::file_of(lang, path).matches('/').count();
        Self {
            twin: Some(deep),
            ..Self::live(lang, house, at)
        }
    }

    /// Whether the page is of the static twin: what needs a program behind it has no place there.
    pub(crate) fn is_twin(&self) -> bool {
        self.twin.is_some()
    }

    /// A file of this site: stylesheet, icon, script.
    pub(crate) fn asset(&self, path: &str) -> String {
        match self.twin {
            None => path.to_owned(),
            Some(deep) => format!("{}{}", "../".repeat(deep), path.trim_start_matches('/')),
        }
    }

    /// This page in another language.
    pub(crate) fn switch(&self, path: &str, lang: Lang) -> String {
        match self.twin {
            None => format!(
                "{path}{}lang={}",
                if path.contains('?') { '&' } else { '?' },
                lang.code()
            ),
            Some(deep) => format!("{}{}", "../".repeat(deep), twin::file_of(lang, path)),
        }
    }

    /// Writes times.
    pub(crate) fn times(&self) -> &'a Times {
        &self.house.times
    }

    /// A page of this site, in the reader's language: English says so in the address, because a reader may
    /// refuse cookies; Korean is what the address means without. In the twin it is a file, named from the page
    /// on, so that the folder may lie anywhere.
    pub(crate) fn href(&self, path: &str) -> String {
        if let Some(deep) = self.twin {
            return format!("{}{}", "../".repeat(deep), twin::file_of(self.lang, path));
        }
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
