//! Tables of the desk: real tables for who sees or hears them, cards on a phone (style/README.md).

use leptos::prelude::*;

use crate::{door::Ctx, word};

/// A column's heading.
#[derive(Clone, Debug)]
pub struct Column {
    label: String,
    number: bool,
}

impl Column {
    /// Words.
    pub fn text(label: String) -> Self {
        Self { label, number: false }
    }

    /// Figures, aligned at their end.
    pub fn number(label: String) -> Self {
        Self { label, number: true }
    }
}

/// One row; its first cell names it.
#[derive(Default)]
pub struct Row {
    tone: Option<&'static str>,
    cells: Vec<AnyView>,
}

impl Row {
    /// A row that begins with this cell.
    pub fn of(first: impl IntoView + 'static) -> Self {
        Self {
            tone: None,
            cells: vec![first.into_any()],
        }
    }

    /// With one more cell.
    #[must_use]
    pub fn and(mut self, cell: impl IntoView + 'static) -> Self {
        self.cells.push(cell.into_any());
        self
    }

    /// Set apart: `danger`, `warning`, ….
    #[must_use]
    pub fn tone(mut self, tone: Option<&'static str>) -> Self {
        self.tone = tone;
        self
    }
}

/// The table. `id` is unique on the page; the caption is read out as its name.
pub fn table(id: &'static str, caption: String, columns: Vec<Column>, rows: Vec<Row>) -> AnyView {
    let head: Vec<_> = columns
        .iter()
        .map(|column| {
            let class = column.number.then_some("num");
            view! { <th role="columnheader" scope="col" class=class>{column.label.clone()}</th> }
        })
        .collect();
    let body: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let cells: Vec<_> = row
                .cells
                .into_iter()
                .zip(&columns)
                .enumerate()
                .map(|(index, (cell, column))| {
                    let class = column.number.then_some("num");
                    let label = column.label.clone();
                    if index == 0 {
                        view! { <th role="rowheader" scope="row" class=class data-label=label>{cell}</th> }
                            .into_any()
                    } else {
                        view! { <td role="cell" class=class data-label=label>{cell}</td> }.into_any()
                    }
                })
                .collect();
            view! { <tr role="row" data-tone=row.tone>{cells}</tr> }
        })
        .collect();
    view! {
        <div class="table-wrap" role="region" aria-labelledby=id tabindex="0">
            <table class="table table-cards" role="table">
                <caption id=id>{caption}</caption>
                <thead role="rowgroup"><tr role="row">{head}</tr></thead>
                <tbody role="rowgroup">{body}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A badge: a state in words, its tone beside it.
pub fn badge(tone: &'static str, label: String) -> AnyView {
    view! { <span class="badge" data-tone=tone>{label}</span> }.into_any()
}

/// Earlier and later pages of a numbered list; nothing where all of it is on one.
pub fn pages(ctx: &Ctx, page: i64, more: bool) -> Option<AnyView> {
    let lang = ctx.lang;
    if page <= 1 && !more {
        return None;
    }
    let to = |page: i64| ctx.here_with("page", &page.to_string());
    let previous =
        (page > 1).then(|| view! { <a href=to(page - 1) rel="prev">{word!(lang, common.previous)}</a> });
    let next = more.then(|| view! { <a href=to(page + 1) rel="next">{word!(lang, common.next)}</a> });
    let view = view! {
        <nav class="pagination" aria-label=word!(lang, common.pages)>
            {previous}<span aria-current="page">{page.to_string()}</span>{next}
        </nav>
    };
    Some(view.into_any())
}
