//! `/admin/settlements`: what was sent to which merchant, day by day, with totals that are held against the entries; and
//! whether the bank and the books agree. No person stands on it. `/admin/settlements.csv`: the same as a file.

mod bank;
mod csv;

pub use csv::get as get_csv;

use jiff::{ToSpan, civil::Date};
use ledger::{PaidSettlement, RemittanceState, SettlementFilter, SettlementTotals};
use leptos::prelude::*;

use crate::{
    access::ANY_OFFICIAL,
    door::{Answer, Ctx, Field, Form, day_end, day_start},
    shell::{self, Column, Page, Row, badge, icon, money, table},
    word,
    words::{self, Lang},
};

/// Settlements on one page.
const PER_PAGE: i64 = 50;
/// Days back that are shown where nothing is asked for.
const DAYS: i64 = 31;
/// The longest time that can be asked for, days.
const DAYS_MAX: i64 = 400;

/// The days asked for; the last month where nothing sensible was.
fn days(ctx: &Ctx, form: &mut Form) -> (Date, Date) {
    let today = words::day_of(ctx.at);
    let until = form.date_if_any(ctx, "until").unwrap_or(today);
    let from = form
        .date_if_any(ctx, "from")
        .unwrap_or(until.saturating_sub(DAYS.days()));
    let earliest = until.saturating_sub(DAYS_MAX.days());
    (from.clamp(earliest, until), until)
}

fn filter(from: Date, until: Date, limit: i64, offset: i64) -> SettlementFilter {
    SettlementFilter {
        from_at: day_start(from),
        until_at: day_end(until),
        limit,
        offset,
    }
}

/// GET `/admin/settlements`.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(ANY_OFFICIAL)?;
    let mut form = ctx.asked();
    let (from, until) = days(&ctx, &mut form);
    form.set("from", from.to_string());
    form.set("until", until.to_string());
    let page = form.get("page").parse::<i64>().unwrap_or(1).clamp(1, 10_000);
    let ledger = &ctx.house.ledger;
    let filter = filter(from, until, PER_PAGE + 1, (page - 1) * PER_PAGE);
    let (mut found, totals, reconciliations) = tokio::try_join!(
        ledger.settlements_of_all(official.municipality, &filter),
        ledger.settlement_totals(official.municipality, &filter),
        ledger.reconciliations(official.municipality, bank::DAYS),
    )?;
    let day: Option<Date> = form.get("day").parse().ok();
    let differing = match day.or_else(|| bank::first_to_show(&reconciliations)) {
        Some(day) => Some((day, ledger.differing(official.municipality, day).await?)),
        None => None,
    };
    let more = found.len() as i64 > PER_PAGE;
    found.truncate(PER_PAGE as usize);
    let lang = ctx.lang;
    let here = ctx.clone();
    let title = word!(lang, settlements.title);
    let shown = Page::new(title.clone()).wide().refused_if(form.is_bad());
    Ok(shell::page(&ctx, shown, move || {
        let csv = format!("/admin/settlements.csv?from={from}&until={until}");
        let actions = view! {
            <div class="button-row">
                <a class="button" href=csv download="">{icon("download", "icon icon-s")}{word!(lang, settlements.csv)}</a>
            </div>
        };
        let list = if found.is_empty() {
            shell::empty(
                "receipt",
                word!(lang, settlements.none_title),
                word!(lang, settlements.none),
                None,
            )
        } else {
            view! { {sums(lang, totals)}{list(lang, &found)} }.into_any()
        };
        view! {
            {shell::page_head(title, Some(word!(lang, settlements.lead)), actions)}
            <div class="stack stack-l">
                {bank::view(&here, &reconciliations, differing)}
                <section class="section stack" aria-label=word!(lang, settlements.caption)>
                    {days_form(&here, &form)}
                    {list}
                    {shell::pages(&here, page, more)}
                </section>
            </div>
        }
    }))
}

fn days_form(ctx: &Ctx, form: &Form) -> AnyView {
    let lang = ctx.lang;
    let day = |name, label| {
        form.field(
            ctx,
            Field {
                name,
                label,
                kind: "date",
                plain: true,
                class: "input-short",
                ..Field::default()
            },
        )
    };
    view! {
        <form class="cluster" method="get" action="/admin/settlements">
            {day("from", word!(lang, settlements.from))}
            {day("until", word!(lang, settlements.until))}
            <button class="button" type="submit">{word!(lang, settlements.show)}</button>
        </form>
    }
    .into_any()
}

/// The totals, held against what the entries of the same time say.
fn sums(lang: Lang, totals: SettlementTotals) -> AnyView {
    let agrees = totals.sent_won == totals.entries_won;
    let note = if agrees {
        word!(lang, settlements.agrees)
    } else {
        word!(lang, settlements.differs, won = words::won(lang, totals.entries_won))
    };
    let count = word!(lang, settlements.count, count = words::number(totals.count));
    view! {
        <dl class="stats">
            <div class="stat">
                <dt>{word!(lang, settlements.sent)}</dt>
                <dd class="stat-value">{money(lang, totals.sent_won, "money")}</dd>
                <dd class="stat-note">{count}</dd>
                <dd class="stat-note">{badge(if agrees { "success" } else { "danger" }, note)}</dd>
            </div>
        </dl>
    }
    .into_any()
}

/// What the bank said of one.
fn state(lang: Lang, state: RemittanceState) -> (&'static str, String) {
    match state {
        RemittanceState::Pending => ("info", word!(lang, settlements.state_pending)),
        RemittanceState::Confirmed => ("success", word!(lang, settlements.state_confirmed)),
        RemittanceState::Failed => ("danger", word!(lang, settlements.state_failed)),
        RemittanceState::Unknown => ("warning", word!(lang, settlements.state_unknown)),
    }
}

/// The time of the takings.
fn period(lang: Lang, from_at: i64, until_at: i64) -> String {
    let until = words::day(lang, until_at);
    if from_at == 0 {
        word!(lang, settlements.period_first, until = until)
    } else {
        word!(lang, settlements.period_is, from = words::date(lang, from_at), until = until)
    }
}

fn list(lang: Lang, found: &[PaidSettlement]) -> AnyView {
    let columns = vec![
        Column::text(word!(lang, settlements.day)),
        Column::text(word!(lang, settlements.merchant)),
        Column::text(word!(lang, settlements.period)),
        Column::number(word!(lang, settlements.brought)),
        Column::number(word!(lang, settlements.taken)),
        Column::number(word!(lang, settlements.sent)),
        Column::number(word!(lang, settlements.carried)),
        Column::text(word!(lang, settlements.state)),
    ];
    let rows = found
        .iter()
        .map(|one| {
            let made = &one.settlement;
            let (tone, said) = state(lang, one.state);
            Row::of(words::date(lang, made.created_at))
                .and(view! { {one.merchant_name.clone()}" "<code>{one.merchant_code.clone()}</code> })
                .and(period(lang, made.from_at, made.until_at))
                .and(words::won(lang, made.brought_won))
                .and(words::won(lang, made.taken_won))
                .and(words::won(lang, made.sent_won))
                .and(words::won(lang, made.carried_won))
                .and(badge(tone, said))
        })
        .collect();
    table("settlements", word!(lang, settlements.caption), columns, rows)
}
