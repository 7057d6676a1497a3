//! `/wallet/history`: everything that came and went, newest first, by cursor, so that the hundred-thousandth
//! line costs what the first does. `/wallet/history.csv`: the same as a file.

mod csv;
mod filters;
mod line;
mod row;

pub use csv::get as get_csv;
pub use row::row;

use ledger::{HistoryPage, Movement};
use leptos::prelude::*;

use crate::{
    door::{Answer, Ctx},
    shell::{self, Page, icon},
    word,
    words::{self, Lang},
};

use filters::Filters;

/// Lines of a page.
const LINES: i64 = 30;

/// GET `/wallet/history`.
pub async fn get(ctx: Ctx) -> Answer {
    let citizen = ctx.citizen()?;
    let mut form = ctx.asked();
    let filters = Filters::read(&ctx, &citizen, &mut form)?;
    let ledger = &ctx.house.ledger;
    let (programmes, history) = tokio::try_join!(
        ledger.programmes(filters.municipality),
        ledger.history(
            filters.municipality,
            filters.holder,
            &filters.filter,
            filters.cursor,
            LINES
        ),
    )?;
    let lang = ctx.lang;
    let page = Page::new(word!(lang, history.title))
        .narrow()
        .refused_if(form.is_bad());
    let here = ctx.clone();
    Ok(shell::page(&ctx, page, move || {
        let csv = format!("/wallet/history.csv?{}", filters.query(None));
        let actions = view! {
            <div class="button-row">
                <a class="button" href=csv download="">{icon("download", "icon icon-s")}{word!(lang, history.csv)}</a>
            </div>
        };
        view! {
            {shell::page_head(word!(lang, history.title), Some(word!(lang, history.lead)), actions)}
            {filters.view(&here, &form, programmes, &citizen)}
            <div class="section">{list(lang, &filters, history, here.at)}</div>
        }
    }))
}

fn list(lang: Lang, filters: &Filters, history: HistoryPage, now: i64) -> AnyView {
    if history.lines.is_empty() {
        let title = word!(lang, history.empty_title);
        return if filters.is_any() {
            shell::empty("search", title, word!(lang, history.empty), None)
        } else {
            let action = Some(("/wallet/charge", word!(lang, history.charge)));
            shell::empty("history", title, word!(lang, history.empty_all), action)
        };
    }
    let mut days: Vec<(String, Vec<Movement>)> = Vec::new();
    for line in history.lines {
        let day = words::weekday(lang, line.at, now);
        match days.last_mut() {
            Some((last, lines)) if *last == day => lines.push(line),
            _ => days.push((day, vec![line])),
        }
    }
    let days: Vec<_> = days
        .into_iter()
        .enumerate()
        .map(|(index, (day, lines))| {
            let id = format!("day-{index}");
            let lines: Vec<_> = lines.iter().map(|line| line::view(lang, line)).collect();
            view! {
                <section aria-labelledby=id.clone()>
                    <h2 class="history-day" id=id.clone()>{day}</h2>
                    <ul class="history-list">{lines}</ul>
                </section>
            }
        })
        .collect();
    let first = filters.cursor.is_some().then(|| {
        view! { <a href=format!("/wallet/history?{}", filters.query(None))>{word!(lang, history.first)}</a> }
    });
    let next = history.next.map(|next| {
        let href = format!("/wallet/history?{}", filters.query(Some(next)));
        view! { <a href=href rel="next">{word!(lang, history.next)}</a> }
    });
    let pages = (first.is_some() || next.is_some()).then(|| {
        view! { <nav class="pagination" aria-label=word!(lang, history.pages)>{first}{next}</nav> }
    });
    view! { <div class="history">{days}</div>{pages} }.into_any()
}
