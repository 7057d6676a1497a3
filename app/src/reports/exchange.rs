//! Half a year's exchange by merchant, held against registered revenue.

use jiff::civil::Date;
use ledger::{ExchangeCheck, half_of};
use leptos::prelude::*;

use super::{file, links, stat};
use crate::{
    access::ANY_OFFICIAL,
    door::{Answer, Ctx, Field, Form},
    shell::{self, Column, Page, Row, sheet::Cell, table},
    word, words,
};

/// Above so many per cent of half a year's revenue, where nothing is asked for.
const PCT: i64 = 100;

/// The half asked for (`2026-1`), the last whole one where nothing sensible is; and the share.
fn asked(ctx: &Ctx, form: &mut Form) -> (Date, Date, i64) {
    let today = words::day_of(ctx.at);
    let second = today.month() > 6;
    let last = if second {
        (today.year(), false)
    } else {
        (today.year() - 1, true)
    };
    let typed = form.get("half").to_owned();
    let half = typed
        .split_once('-')
        .and_then(|(year, half)| Some((year.parse().ok()?, half)))
        .and_then(|(year, half)| half_of(year, half == "2").filter(|_| matches!(half, "1" | "2")));
    let (from, until) = half.or_else(|| half_of(last.0, last.1)).unwrap_or((today, today));
    form.set("half", name(from));
    let pct = form.get("pct").trim().trim_end_matches('%').to_owned();
    let read = if pct.is_empty() {
        Some(PCT)
    } else {
        pct.parse().ok()
    };
    let read = read.filter(|pct| (1..=1_000).contains(pct));
    if read.is_none() {
        form.fail("pct", word!(ctx.lang, reports.pct_wrong));
    } else {
        form.set("pct", read.unwrap_or(PCT).to_string());
    }
    (from, until, read.unwrap_or(PCT))
}

fn name(from: Date) -> String {
    format!("{}-{}", from.year(), if from.month() == 1 { 1 } else { 2 })
}

fn notes(ctx: &Ctx, (from, until): (Date, Date), pct: i64, check: &ExchangeCheck) -> Vec<String> {
    let lang = ctx.lang;
    vec![
        format!("{} · {from} – {until}", ctx.house.help_line(ctx).municipality),
        word!(
            lang,
            reports.exchange_says,
            pct = pct,
            over = words::number(check.over.len() as i64),
            merchants = words::number(check.merchants),
            unknown = words::number(check.unknown)
        ),
        word!(lang, reports.as_of, when = words::when(lang, ctx.at)),
    ]
}

/// GET `/admin/reports/exchange`.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(ANY_OFFICIAL)?;
    let mut form = ctx.asked();
    let (from, until, pct) = asked(&ctx, &mut form);
    let ledger = &ctx.house.ledger;
    let check = ledger
        .exchange_check(official.municipality, from, until, pct)
        .await?;
    let lang = ctx.lang;
    let title = word!(lang, reports.exchange_title);
    let here = ctx.clone();
    let shown = Page::new(title.clone()).wide().refused_if(form.is_bad());
    Ok(shell::page(&ctx, shown, move || {
        let xlsx = format!("/admin/reports/exchange.xlsx?half={}&pct={pct}", name(from));
        let year = words::day_of(here.at).year();
        let halves = (0..4)
            .flat_map(|back| [(year - back, "2"), (year - back, "1")])
            .map(|(year, half)| {
                let label = if half == "1" {
                    word!(lang, reports.first_half, year = year)
                } else {
                    word!(lang, reports.second_half, year = year)
                };
                (format!("{year}-{half}"), label)
            })
            .collect();
        let half = Field {
            name: "half",
            label: word!(lang, reports.half),
            choices: halves,
            plain: true,
            ..Field::default()
        };
        let share = Field {
            name: "pct",
            label: word!(lang, reports.pct),
            inputmode: "numeric",
            plain: true,
            class: "input-short",
            ..Field::default()
        };
        let notes: Vec<_> = notes(&here, (from, until), pct, &check)
            .into_iter()
            .map(|note| view! { <p>{note}</p> })
            .collect();
        let body = if check.over.is_empty() {
            shell::empty(
                "check",
                word!(lang, reports.none_over_title),
                word!(lang, reports.none_over),
                None,
            )
        } else {
            let columns = vec![
                Column::text(word!(lang, reports.merchant)),
                Column::text(word!(lang, figures.category)),
                Column::number(word!(lang, reports.revenue)),
                Column::number(word!(lang, reports.plausible)),
                Column::number(word!(lang, reports.taken)),
                Column::number(word!(lang, reports.exchanged)),
            ];
            let rows = check
                .over
                .iter()
                .map(|line| {
                    Row::of(view! { {line.name.clone()}" "<code>{line.code.clone()}</code> })
                        .and(words::category(lang, line.category))
                        .and(words::won(lang, line.revenue_won_year))
                        .and(words::won(lang, line.plausible_won))
                        .and(words::won(lang, line.taken_won))
                        .and(words::won(lang, line.exchanged_won))
                        .tone(Some("warning"))
                })
                .collect();
            table("over", word!(lang, reports.over_caption), columns, rows)
        };
        view! {
            {shell::page_head(title, Some(word!(lang, reports.exchange_lead)), links(&here, "exchange", xlsx))}
            <div class="stack">
                <form class="filters" method="get" action="/admin/reports/exchange" aria-label=word!(lang, reports.choose)>
                    {form.field(&here, half)}{form.field(&here, share)}
                    <button class="button" type="submit">{word!(lang, figures.show)}</button>
                </form>
                {notes}
                <dl class="stats">{stat(lang, word!(lang, reports.exchanged), check.exchanged_won)}</dl>
                {body}
            </div>
        }
    }))
}

/// GET `/admin/reports/exchange.xlsx`.
pub async fn get_xlsx(ctx: Ctx) -> Answer {
    let official = ctx.official(ANY_OFFICIAL)?;
    let (from, until, pct) = asked(&ctx, &mut ctx.asked());
    let ledger = &ctx.house.ledger;
    let check = ledger
        .exchange_check(official.municipality, from, until, pct)
        .await?;
    let lang = ctx.lang;
    let head = [
        word!(lang, reports.merchant),
        word!(lang, shops.code),
        word!(lang, figures.category),
        word!(lang, reports.revenue),
        word!(lang, reports.plausible),
        word!(lang, reports.taken),
        word!(lang, reports.exchanged),
    ];
    let rows: Vec<Vec<Cell>> = check
        .over
        .iter()
        .map(|line| {
            vec![
                Cell::from(line.name.clone()),
                Cell::from(line.code.clone()),
                Cell::from(words::category(lang, line.category)),
                Cell::from(line.revenue_won_year),
                Cell::from(line.plausible_won),
                Cell::from(line.taken_won),
                Cell::from(line.exchanged_won),
            ]
        })
        .collect();
    let title = word!(lang, reports.exchange_title);
    let notes = notes(&ctx, (from, until), pct, &check);
    file(&ctx, &title, &name(from), &notes, &head, &rows)
}
