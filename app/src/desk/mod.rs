//! `/admin`: what waits for whoever looks, and what the municipality's money did: today, and in any time asked for.

mod chart;
mod period;
mod places;
mod times;
mod waiting;

use ledger::{Desk, DeskFilter};
use leptos::prelude::*;

use crate::{
    access::ANY_OFFICIAL,
    door::{Answer, Ctx, day_end, day_start},
    shell::{self, Page},
    word, words,
};

/// GET `/admin`. Costs: the kept figures of the time, whatever the number of transfers behind them.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(ANY_OFFICIAL)?;
    let lang = ctx.lang;
    let mut form = ctx.asked();
    let filter = period::read(&ctx, &mut form);
    let ledger = &ctx.house.ledger;
    let (desk, programmes) = tokio::try_join!(
        ledger.desk(official.municipality, &filter, ctx.at),
        ledger.programmes(official.municipality),
    )?;
    let tasks = waiting::tasks(&ctx, &official).await?;
    let place = ctx.house.help_line(&ctx).municipality;
    let here = ctx.clone();
    let shown = Page::new(word!(lang, desk.title))
        .wide()
        .refused_if(form.is_bad());
    Ok(shell::page(&ctx, shown, move || {
        let now = word!(lang, desk.lead, place = place, when = words::when(lang, here.at));
        view! {
            {shell::page_head(word!(lang, desk.title), Some(now), ())}
            <div class="stack stack-l">
                {waiting::view(&here, tasks)}
                {today(&here, &desk)}
                <section class="section stack" aria-labelledby="period">
                    <h2 id="period">{word!(lang, figures.period)}</h2>
                    {form.summary(&here)}
                    {period::view(&here, &form, &filter, &programmes)}
                    {sums(&here, &desk, &filter)}
                </section>
                {places::by_programme(&here, &desk)}
                {times::budgets(&here, &desk, &filter)}
                {times::by_day(&here, &desk, &filter)}
                {places::by_place(&here, &desk)}
                {times::by_hour(&here, &desk)}
                <p class="soft">{word!(lang, figures.how_counted)}</p>
            </div>
        }
    }))
}

fn stat(ctx: &Ctx, label: String, won: i64, note: Option<String>) -> AnyView {
    view! {
        <div class="stat"><dt>{label}</dt>
            <dd class="stat-value">{shell::money(ctx.lang, won, "money")}</dd>
            {note.map(|note| view! { <dd class="stat-note">{note}</dd> })}</div>
    }
    .into_any()
}

fn payments(ctx: &Ctx, count: i64) -> String {
    word!(ctx.lang, figures.payments_made, count = words::number(count))
}

fn today(ctx: &Ctx, desk: &Desk) -> AnyView {
    let lang = ctx.lang;
    let held_won = desk.programmes.iter().map(|one| one.held_won).sum();
    let left_won = desk.programmes.iter().map(|one| one.budget.left_won).sum();
    let late = (desk.waiting > 0).then(|| {
        let text = word!(lang, figures.behind, count = words::number(desk.waiting));
        view! { <p class="soft" role="status">{text}</p> }
    });
    view! {
        <section class="section" aria-labelledby="today">
            <div class="section-head"><h2 id="today">{word!(lang, desk.today)}</h2></div>
            <dl class="stats">
                {stat(ctx, word!(lang, desk.issued), desk.today.issued_won, None)}
                {stat(ctx, word!(lang, desk.spent), desk.today.spent_won, Some(payments(ctx, desk.today.payments)))}
                {stat(ctx, word!(lang, desk.budget_left), left_won, None)}
                {stat(ctx, word!(lang, desk.outstanding), held_won, None)}
            </dl>
            {late}
        </section>
    }
    .into_any()
}

fn sums(ctx: &Ctx, desk: &Desk, filter: &DeskFilter) -> AnyView {
    let lang = ctx.lang;
    let days = format!(
        "{} – {}",
        words::date(lang, day_start(filter.from)),
        words::day(lang, day_end(filter.until))
    );
    let flow = desk.flow;
    view! {
        <p class="strong">{days}</p>
        <dl class="stats">
            {stat(ctx, word!(lang, figures.issued), flow.issued_won, None)}
            {stat(ctx, word!(lang, figures.spent), flow.spent_won, Some(payments(ctx, flow.payments)))}
            {stat(ctx, word!(lang, figures.expired), flow.expired_won, None)}
            {stat(ctx, word!(lang, figures.refunded), flow.refunded_won, None)}
        </dl>
    }
    .into_any()
}
