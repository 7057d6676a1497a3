//! `/wallet/history`: everything that came and went, newest first, by cursor, so that the hundred-thousandth
//! line costs what the first does. `/wallet/history.csv`: the same as a file.

mod csv;
mod filters;
mod line;
mod row;

pub use csv::get as get_csv;
pub use row::row;

use ledger::{Fallback, HistoryPage, Movement, Programme};
use leptos::prelude::*;

use crate::{
    calm::{self, View},
    cards,
    door::{Answer, Ctx, PageError},
    shell::{self, Page, icon},
    wallet::municipality_name,
    word,
    words::{self, Lang},
};

use filters::Filters;

/// Lines of a page.
const LINES: i64 = 30;

/// GET `/wallet/history`.
pub async fn get(ctx: Ctx) -> Answer {
    let citizen = ctx.citizen()?;
    let session = ctx.signed_in()?.id;
    if ctx.store_away {
        return from_memory(&ctx, session);
    }
    let mut form = ctx.asked();
    let filters = Filters::read(&ctx, &citizen, &mut form)?;
    // The first page, unfiltered, is what is remembered; anything else needs the ledger.
    let plain = !filters.is_any() && !form.is_bad();
    let (programmes, history, fallbacks) = match calm::ask(&ctx, read(&ctx, &filters)).await? {
        Some(found) => {
            if plain {
                let seen = (filters.municipality, &found.1, &found.2);
                ctx.house.calm.keep(session, View::History, &seen, ctx.at);
            }
            found
        }
        None => return from_memory(&ctx, session),
    };
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
                <a class="button" href="/wallet/statement">{icon("document", "icon icon-s")}{word!(lang, reports.statement_link)}</a>
            </div>
        };
        view! {
            {shell::page_head(word!(lang, history.title), Some(word!(lang, history.lead)), actions)}
            {filters.view(&here, &form, programmes, &citizen)}
            <div class="section">{list(lang, &filters, history, &fallbacks, here.at)}</div>
        }
    }))
}

/// What this session saw last, without the filters, which would ask again.
fn from_memory(ctx: &Ctx, session: i64) -> Answer {
    type Seen = (i64, HistoryPage, Vec<Fallback>);
    let found = ctx.house.calm.last::<Seen>(session, View::History, ctx.at);
    let Some((at, (municipality, history, fallbacks))) = found else {
        return Err(PageError::Away);
    };
    let lang = ctx.lang;
    let here = ctx.clone();
    let page = Page::new(word!(lang, history.title)).narrow();
    Ok(shell::page(ctx, page, move || {
        let more = history.next.is_some();
        let lines = if history.lines.is_empty() && fallbacks.is_empty() {
            let (title, text) = (word!(lang, history.empty_title), word!(lang, history.empty_all));
            shell::empty("history", title, text, None)
        } else {
            days(lang, &history.lines, &fallbacks, here.at)
        };
        let later = more.then(|| view! { <p class="soft">{word!(lang, calm.older_later)}</p> });
        let place = municipality_name(&here, municipality);
        view! {
            {shell::page_head(word!(lang, history.title), Some(place), ())}
            <div class="stack">
                {calm::stale(&here, at)}
                {lines}
                {later}
            </div>
        }
    }))
}

type Read = (Vec<Programme>, HistoryPage, Vec<Fallback>);

async fn read(ctx: &Ctx, filters: &Filters) -> Result<Read, PageError> {
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
    // What was charged elsewhere while the lines of this page happened. It belongs to no programme and is of no kind.
    let whole = filters.filter.programme.is_none() && filters.filter.kind.is_none();
    let fallbacks = if whole {
        let newest = history.lines.first().map(|line| line.at + 1);
        let until = newest
            .filter(|_| filters.cursor.is_some())
            .or(filters.filter.until);
        let oldest = history.lines.last().map(|line| line.at);
        let from = oldest.filter(|_| history.next.is_some()).or(filters.filter.from);
        ledger
            .card_fallbacks(
                filters.municipality,
                filters.holder,
                from.unwrap_or(i64::MIN),
                until.unwrap_or(i64::MAX),
            )
            .await?
    } else {
        Vec::new()
    };
    Ok((programmes, history, fallbacks))
}

fn list(lang: Lang, filters: &Filters, history: HistoryPage, fallbacks: &[Fallback], now: i64) -> AnyView {
    if history.lines.is_empty() && fallbacks.is_empty() {
        let title = word!(lang, history.empty_title);
        return if filters.is_any() {
            shell::empty("search", title, word!(lang, history.empty), None)
        } else {
            let action = Some(("/wallet/charge", word!(lang, history.charge)));
            shell::empty("history", title, word!(lang, history.empty_all), action)
        };
    }
    let days = days(lang, &history.lines, fallbacks, now);
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
    view! { {days}{pages} }.into_any()
}

/// The lines under their days, newest first.
fn days(lang: Lang, lines: &[Movement], fallbacks: &[Fallback], now: i64) -> AnyView {
    let mut lines: Vec<(i64, AnyView)> = lines
        .iter()
        .map(|line| (line.at, line::view(lang, line)))
        .collect();
    lines.extend(
        fallbacks
            .iter()
            .map(|one| (one.at, cards::fallback_line(lang, one))),
    );
    lines.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let mut days: Vec<(String, Vec<AnyView>)> = Vec::new();
    for (at, line) in lines {
        let day = words::weekday(lang, at, now);
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
            view! {
                <section aria-labelledby=id.clone()>
                    <h2 class="history-day" id=id.clone()>{day}</h2>
                    <ul class="history-list">{lines}</ul>
                </section>
            }
        })
        .collect();
    view! { <div class="history">{days}</div> }.into_any()
}
