//! `/wallet/statement`: what a resident spent in a year, as it counts for the income deduction; to print and as a workbook.

use ledger::YearLine;
use leptos::prelude::*;

use super::{file, stat};
use crate::{
    door::{Answer, Citizen, Ctx, Field, Form, PageError},
    shell::{self, Column, Page, Row, icon, sheet::Cell, table},
    word, words,
};

/// The year asked for; last year until April, when declarations are made, else this one.
fn asked(ctx: &Ctx, form: &mut Form) -> i16 {
    let today = words::day_of(ctx.at);
    let usual = if today.month() < 4 {
        today.year() - 1
    } else {
        today.year()
    };
    let year = form
        .get("year")
        .parse()
        .ok()
        .filter(|year| (2000..=today.year()).contains(year));
    let year = year.unwrap_or(usual);
    form.set("year", year.to_string());
    year
}

/// One municipality's part of the year.
struct Part {
    municipality: String,
    lines: Vec<YearLine>,
}

async fn parts(ctx: &Ctx, citizen: &Citizen, year: i16) -> Result<Vec<Part>, PageError> {
    let mut parts = Vec::new();
    for (municipality, holder) in &citizen.holders {
        let lines = ctx
            .house
            .ledger
            .year_statement(*municipality, *holder, year)
            .await?;
        let open = ctx.house.municipalities.borrow().clone();
        let name = open
            .iter()
            .find(|one| one.code == *municipality)
            .map(|one| words::named(ctx.lang, &one.name, &one.name_en).to_owned());
        parts.push(Part {
            municipality: name.unwrap_or_default(),
            lines,
        });
    }
    Ok(parts)
}

/// Spent at a share of the deduction (per cent): of one's own, and given.
fn sums(parts: &[Part], market: bool) -> (i64, i64) {
    parts
        .iter()
        .flat_map(|part| &part.lines)
        .filter(|line| (line.category.deduction_pct() == 40) == market)
        .fold((0, 0), |sum, line| (sum.0 + line.own_won, sum.1 + line.given_won))
}

/// GET `/wallet/statement`.
pub async fn get(ctx: Ctx) -> Answer {
    let citizen = ctx.citizen()?;
    let mut form = ctx.asked();
    let year = asked(&ctx, &mut form);
    let parts = parts(&ctx, &citizen, year).await?;
    let lang = ctx.lang;
    let here = ctx.clone();
    let title = word!(lang, reports.statement_title, year = year);
    let name = citizen.name.clone();
    Ok(shell::page(&ctx, Page::new(title.clone()).narrow(), move || {
        let today = words::day_of(here.at).year();
        let years = (0..5)
            .map(|back| {
                let year = today - back;
                (year.to_string(), word!(lang, reports.year_is, year = year))
            })
            .collect();
        let field = Field {
            name: "year",
            label: word!(lang, reports.year),
            choices: years,
            plain: true,
            ..Field::default()
        };
        let (general, market) = (sums(&parts, false), sums(&parts, true));
        let lists: Vec<_> = parts
            .iter()
            .map(|part| {
                let rows: Vec<_> = part
                    .lines
                    .iter()
                    .map(|line| {
                        view! {
                            <div><dt>{format!("{} · {}%", words::category(lang, line.category), line.category.deduction_pct())}</dt>
                                <dd class="num">{words::won(lang, line.own_won + line.given_won)}</dd></div>
                        }
                    })
                    .collect();
                let body = if rows.is_empty() {
                    view! { <p class="soft">{word!(lang, reports.statement_none)}</p> }.into_any()
                } else {
                    view! { <dl class="facts facts-even">{rows}</dl> }.into_any()
                };
                view! { <section class="card"><h2 class="card-title">{part.municipality.clone()}</h2>{body}</section> }
            })
            .collect();
        let columns = vec![
            Column::text(word!(lang, reports.deduction)),
            Column::number(word!(lang, reports.own)),
            Column::number(word!(lang, reports.given)),
            Column::number(word!(lang, reports.sum)),
        ];
        let row = |label: String, (own, given): (i64, i64)| {
            Row::of(label)
                .and(words::won(lang, own))
                .and(words::won(lang, given))
                .and(words::won(lang, own + given))
        };
        let rows = vec![
            row(word!(lang, reports.at_30), general),
            row(word!(lang, reports.at_40), market),
        ];
        let all_won = general.0 + general.1 + market.0 + market.1;
        let xlsx = format!("/wallet/statement.xlsx?year={year}");
        let file = view! {
            <a class="button" href=xlsx download="">{icon("download", "icon icon-s")}{word!(lang, reports.xlsx)}</a>
        };
        view! {
            {shell::page_head(title, Some(word!(lang, reports.statement_of, name = name, when = words::when(lang, here.at))), file)}
            <div class="stack">
                <form class="filters no-print" method="get" action="/wallet/statement" aria-label=word!(lang, reports.choose)>
                    {form.field(&here, field)}
                    <button class="button" type="submit">{word!(lang, figures.show)}</button>
                </form>
                <dl class="stats">{stat(lang, word!(lang, reports.spent_year), all_won)}</dl>
                {table("deduction", word!(lang, reports.statement_caption), columns, rows)}
                {lists}
                <p class="soft">{word!(lang, reports.statement_how)}</p>
            </div>
        }
    }))
}

/// GET `/wallet/statement.xlsx`.
pub async fn get_xlsx(ctx: Ctx) -> Answer {
    let citizen = ctx.citizen()?;
    let year = asked(&ctx, &mut ctx.asked());
    let parts = parts(&ctx, &citizen, year).await?;
    let lang = ctx.lang;
    let head = [
        word!(lang, reports.municipality),
        word!(lang, figures.category),
        word!(lang, reports.deduction),
        word!(lang, reports.own),
        word!(lang, reports.given),
    ];
    let mut rows = Vec::new();
    for part in &parts {
        for line in &part.lines {
            rows.push(vec![
                Cell::from(part.municipality.clone()),
                Cell::from(words::category(lang, line.category)),
                Cell::from(format!("{}%", line.category.deduction_pct())),
                Cell::from(line.own_won),
                Cell::from(line.given_won),
            ]);
        }
    }
    let title = word!(lang, reports.statement_title, year = year);
    let notes = [
        word!(lang, reports.as_of, when = words::when(lang, ctx.at)),
        word!(lang, reports.statement_how),
    ];
    file(&ctx, &title, &year.to_string(), &notes, &head, &rows)
}
