//! The time and the programme that the desk is asked for, in its address.

use jiff::{ToSpan, civil::Date};
use ledger::{DeskFilter, Programme};
use leptos::prelude::*;

use crate::{
    door::{Ctx, Field, Form},
    word, words,
};

/// Days that are shown where nothing is asked for, today included.
const DAYS: i64 = 30;
/// The longest time that can be asked for: ten years.
const DAYS_MAX: i64 = 3_660;

/// What was asked for, made sensible: `form` says it again, with what was wrong beside it.
pub(super) fn read(ctx: &Ctx, form: &mut Form) -> DeskFilter {
    let today = words::day_of(ctx.at);
    let until = form.date_if_any(ctx, "until").unwrap_or(today);
    let from = form
        .date_if_any(ctx, "from")
        .unwrap_or(until.saturating_sub((DAYS - 1).days()));
    if from > until {
        form.fail("until", word!(ctx.lang, figures.order));
    }
    let from = from.clamp(until.saturating_sub(DAYS_MAX.days()), until);
    for (name, day) in [("from", from), ("until", until)] {
        // What was typed stays, sensible or not.
        if form.get(name).trim().is_empty() {
            form.set(name, day.to_string());
        }
    }
    DeskFilter {
        from,
        until,
        programme: form.get("programme").parse().ok().filter(|id| *id > 0),
    }
}

/// The usual times as links, and a form for any other.
pub(super) fn view(ctx: &Ctx, form: &Form, filter: &DeskFilter, programmes: &[Programme]) -> AnyView {
    let lang = ctx.lang;
    let today = words::day_of(ctx.at);
    let chip = |from: Date, label: String| {
        let current = (filter.from == from && filter.until == today).then_some("true");
        let programme = filter
            .programme
            .map_or(String::new(), |id| format!("&programme={id}"));
        let href = format!("/admin?from={from}&until={today}{programme}#period");
        view! { <a class="chip" href=href aria-current=current>{label}</a> }
    };
    let back = |days: i64| today.saturating_sub((days - 1).days());
    let of_programmes = std::iter::once((String::new(), word!(lang, common.all)))
        .chain(programmes.iter().map(|programme| {
            let name = words::named(lang, &programme.name, &programme.name_en).to_owned();
            (programme.id.to_string(), name)
        }))
        .collect();
    let field = |name, label, kind, choices| {
        form.field(
            ctx,
            Field {
                name,
                label,
                kind,
                choices,
                plain: true,
                ..Field::default()
            },
        )
    };
    view! {
        <div class="stack">
            <nav class="chips" aria-label=word!(lang, figures.usual)>
                {chip(today, word!(lang, figures.day_1))}
                {chip(back(7), word!(lang, figures.day_7))}
                {chip(back(30), word!(lang, figures.day_30))}
                {chip(today.first_of_month(), word!(lang, figures.month))}
                {chip(today.first_of_year(), word!(lang, figures.year))}
            </nav>
            <form class="filters" method="get" action="/admin" aria-label=word!(lang, figures.choose)>
                {field("from", word!(lang, figures.from), "date", Vec::new())}
                {field("until", word!(lang, figures.until), "date", Vec::new())}
                {field("programme", word!(lang, desk.programme), "", of_programmes)}
                <button class="button" type="submit">{word!(lang, figures.show)}</button>
            </form>
        </div>
    }
    .into_any()
}
