//! `/admin/reports`: the month's issue and exchange, as it is due by the 10th; `/admin/reports/exchange`: half a year's
//! exchange by merchant. Each as a page to print and as a workbook, from one list of columns. A resident's own year stands
//! at `/wallet/statement`.

mod exchange;
mod statement;

pub use exchange::{get as get_exchange, get_xlsx as get_exchange_xlsx};
pub use statement::{get as get_statement, get_xlsx as get_statement_xlsx};

use jiff::{ToSpan, civil::Date};
use ledger::{MonthLine, MonthReport};
use leptos::prelude::*;

use crate::{
    access::ANY_OFFICIAL,
    door::{Answer, Ctx, Field, Form, PageError, day_start},
    shell::{
        self, Column, Page, Row, money,
        sheet::{Cell, XLSX, workbook},
        table,
    },
    word,
    words::{self, Lang},
};

/// The month asked for, the last whole one where nothing sensible is; `form` says it again.
fn month(ctx: &Ctx, form: &mut Form) -> Date {
    let last = words::day_of(ctx.at).first_of_month().saturating_sub(1.month());
    let asked = form.get("month").trim().to_owned();
    let month = format!("{asked}-01").parse().ok();
    if month.is_none() && !asked.is_empty() {
        form.fail("month", word!(ctx.lang, reports.month_wrong));
    }
    let month: Date = month.unwrap_or(last);
    form.set("month", month.strftime("%Y-%m").to_string());
    month
}

/// A column: its heading, and what stands under it (won).
type Figure = (String, fn(&MonthLine) -> i64);

/// The report's columns: heading, and what stands under it. The first is the programme.
fn columns(lang: Lang) -> Vec<Figure> {
    vec![
        (word!(lang, reports.held_before), |line| line.held_before_won),
        (word!(lang, reports.sold), |line| line.sold_won),
        (word!(lang, reports.price), |line| line.price_won),
        (word!(lang, reports.given), |line| line.given_won),
        (word!(lang, reports.spent), |line| line.spent_won),
        (word!(lang, reports.expired), |line| line.expired_won),
        (word!(lang, reports.refunded), |line| line.refunded_won),
        (word!(lang, reports.taken_back), |line| line.taken_back_won),
        (word!(lang, reports.moving), |line| line.moving_won),
        (word!(lang, reports.held_after), |line| line.held_after_won),
        (word!(lang, reports.budget_before), |line| line.budget_before_won),
        (word!(lang, reports.funded), |line| line.funded_won),
        (word!(lang, reports.budget_after), |line| line.budget_after_won),
    ]
}

fn notes(ctx: &Ctx, month: Date, report: &MonthReport) -> Vec<String> {
    let lang = ctx.lang;
    let mut notes = vec![
        format!(
            "{} · {}",
            ctx.house.help_line(ctx).municipality,
            words::month(lang, day_start(month))
        ),
        word!(
            lang,
            reports.exchanged_says,
            won = words::won(lang, report.exchanged_won),
            count = words::number(report.settlements),
            merchants = words::number(report.merchants)
        ),
        word!(lang, reports.as_of, when = words::when(lang, ctx.at)),
    ];
    if report.waiting > 0 {
        notes.push(word!(lang, figures.behind, count = words::number(report.waiting)));
    }
    notes
}

/// GET `/admin/reports`.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(ANY_OFFICIAL)?;
    let mut form = ctx.asked();
    let month = month(&ctx, &mut form);
    let report = ctx
        .house
        .ledger
        .month_report(official.municipality, month)
        .await?;
    let lang = ctx.lang;
    let title = word!(lang, reports.month_title);
    let here = ctx.clone();
    let shown = Page::new(title.clone()).wide().refused_if(form.is_bad());
    Ok(shell::page(&ctx, shown, move || {
        let xlsx = format!("/admin/reports/month.xlsx?month={}", month.strftime("%Y-%m"));
        let field = form.field(
            &here,
            Field {
                name: "month",
                label: word!(lang, reports.month),
                kind: "month",
                plain: true,
                ..Field::default()
            },
        );
        let notes: Vec<_> = notes(&here, month, &report)
            .into_iter()
            .map(|note| view! { <p>{note}</p> })
            .collect();
        let body = if report.lines.is_empty() {
            shell::empty(
                "receipt",
                word!(lang, reports.none_title),
                word!(lang, reports.none),
                None,
            )
        } else {
            let mut heads = vec![Column::text(word!(lang, reports.programme))];
            let columns = columns(lang);
            heads.extend(columns.iter().map(|(label, _)| Column::number(label.clone())));
            let mut rows: Vec<Row> = report
                .lines
                .iter()
                .map(|line| {
                    let name = words::named(lang, &line.name, &line.name_en).to_owned();
                    columns.iter().fold(Row::of(name), |row, (_, won)| {
                        row.and(words::won(lang, won(line)))
                    })
                })
                .collect();
            rows.push(columns.iter().fold(
                Row::of(view! { <strong>{word!(lang, reports.sum)}</strong> }),
                |row, (_, won)| {
                    let sum = report.lines.iter().map(won).sum();
                    row.and(view! { <strong>{words::won(lang, sum)}</strong> })
                },
            ));
            table("month", word!(lang, reports.month_caption), heads, rows)
        };
        view! {
            {shell::page_head(title, Some(word!(lang, reports.month_lead)), links(&here, "month", xlsx))}
            <div class="stack">
                <form class="filters" method="get" action="/admin/reports" aria-label=word!(lang, reports.choose)>
                    {field}<button class="button" type="submit">{word!(lang, figures.show)}</button>
                </form>
                {notes}
                {body}
                <p class="soft">{word!(lang, reports.month_how)}</p>
            </div>
        }
    }))
}

/// Which report, and the file.
fn links(ctx: &Ctx, here: &'static str, xlsx: String) -> AnyView {
    let lang = ctx.lang;
    let tab = |name: &str, href: &'static str, label: String| {
        let current = (name == here).then_some("page");
        view! { <a class="chip" href=href aria-current=current>{label}</a> }
    };
    view! {
        <div class="cluster">
            <nav class="chips no-print" aria-label=word!(lang, reports.which)>
                {tab("month", "/admin/reports", word!(lang, reports.month_title))}
                {tab("exchange", "/admin/reports/exchange", word!(lang, reports.exchange_title))}
            </nav>
            <a class="button" href=xlsx download="">{shell::icon("download", "icon icon-s")}{word!(lang, reports.xlsx)}</a>
        </div>
    }
    .into_any()
}

/// GET `/admin/reports/month.xlsx`.
pub async fn get_month_xlsx(ctx: Ctx) -> Answer {
    let official = ctx.official(ANY_OFFICIAL)?;
    let month = month(&ctx, &mut ctx.asked());
    let report = ctx
        .house
        .ledger
        .month_report(official.municipality, month)
        .await?;
    let lang = ctx.lang;
    let columns = columns(lang);
    let mut head = vec![word!(lang, reports.programme)];
    head.extend(columns.iter().map(|(label, _)| label.clone()));
    let rows: Vec<Vec<Cell>> = report
        .lines
        .iter()
        .map(|line| {
            let mut row = vec![Cell::from(
                words::named(lang, &line.name, &line.name_en).to_owned(),
            )];
            row.extend(columns.iter().map(|(_, won)| Cell::from(won(line))));
            row
        })
        .collect();
    let title = word!(lang, reports.month_title);
    file(
        &ctx,
        &title,
        &month.strftime("%Y-%m").to_string(),
        &notes(&ctx, month, &report),
        &head,
        &rows,
    )
}

/// The workbook as an answer.
fn file(ctx: &Ctx, title: &str, time: &str, notes: &[String], head: &[String], rows: &[Vec<Cell>]) -> Answer {
    let name = word!(ctx.lang, reports.file_name, title = title, time = time);
    let bytes =
        workbook(&word!(ctx.lang, reports.sheet), title, notes, head, rows).map_err(PageError::inside)?;
    Ok(shell::attachment(&name, XLSX, bytes))
}

/// A large sum with its name.
fn stat(lang: Lang, label: String, won: i64) -> AnyView {
    view! { <div class="stat"><dt>{label}</dt><dd class="stat-value">{money(lang, won, "money")}</dd></div> }
        .into_any()
}
