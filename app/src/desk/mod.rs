//! `/admin`: what today came to, and what waits for whoever looks.

mod waiting;

use ledger::Figures;
use leptos::prelude::*;

use crate::{
    access::ANY_OFFICIAL,
    door::{Answer, Ctx, day_start},
    shell::{self, Column, Page, Row, table},
    word, words,
};

/// GET `/admin`.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(ANY_OFFICIAL)?;
    let lang = ctx.lang;
    let figures = ctx
        .house
        .ledger
        .figures(official.municipality, day_start(words::day_of(ctx.at)), ctx.at)
        .await?;
    let tasks = waiting::tasks(&ctx, &official).await?;
    let place = ctx.house.help_line(&ctx).municipality;
    Ok(shell::page(
        &ctx,
        Page::new(word!(lang, desk.title)).wide(),
        || {
            let now = word!(lang, desk.lead, place = place, when = words::when(lang, ctx.at));
            view! {
                {shell::page_head(word!(lang, desk.title), Some(now), ())}
                <div class="stack stack-l">
                    {waiting::view(&ctx, tasks)}
                    {totals(&ctx, &figures)}
                    {by_programme(&ctx, &figures)}
                </div>
            }
        },
    ))
}

fn totals(ctx: &Ctx, figures: &Figures) -> AnyView {
    let lang = ctx.lang;
    let sums = figures.totals;
    let stat = |label: String, won: i64| {
        view! { <div class="stat"><dt>{label}</dt><dd class="stat-value">{shell::money(lang, won, "money")}</dd></div> }
    };
    view! {
        <section class="section" aria-labelledby="today">
            <div class="section-head"><h2 id="today">{word!(lang, desk.today)}</h2></div>
            <dl class="stats">
                {stat(word!(lang, desk.issued), sums.issued_won_today)}
                {stat(word!(lang, desk.spent), sums.spent_won_today)}
                {stat(word!(lang, desk.budget_left), sums.budget_left_won)}
                {stat(word!(lang, desk.outstanding), sums.outstanding_won)}
            </dl>
        </section>
    }
    .into_any()
}

fn by_programme(ctx: &Ctx, figures: &Figures) -> AnyView {
    let lang = ctx.lang;
    let columns = vec![
        Column::text(word!(lang, desk.programme)),
        Column::number(word!(lang, desk.issued)),
        Column::number(word!(lang, desk.spent)),
        Column::number(word!(lang, desk.budget_left)),
        Column::number(word!(lang, desk.outstanding)),
    ];
    let rows: Vec<Row> = figures
        .by_programme
        .iter()
        .map(|one| {
            let name = words::named(lang, &one.name, &one.name_en).to_owned();
            Row::of(view! { <a href=format!("/admin/programmes/{}", one.programme)>{name}</a> })
                .and(words::won(lang, one.issued_won_today))
                .and(words::won(lang, one.spent_won_today))
                .and(words::won(lang, one.budget_left_won))
                .and(words::won(lang, one.outstanding_won))
        })
        .collect();
    let body = if rows.is_empty() {
        let action = ("/admin/programmes", word!(lang, desk.to_programmes));
        shell::empty(
            "card",
            word!(lang, desk.none),
            word!(lang, desk.none_yet),
            Some(action),
        )
    } else {
        table("by-programme", word!(lang, desk.caption), columns, rows)
    };
    view! {
        <section class="section" aria-labelledby="programmes">
            <div class="section-head"><h2 id="programmes">{word!(lang, desk.by_programme)}</h2></div>
            {body}
        </section>
    }
    .into_any()
}
