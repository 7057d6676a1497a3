//! Figures along time: by day or month, by hour of the day, and how budgets go down.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use ledger::{Budget, Desk, DeskFilter, Flow, Forecast, ProgrammeFlow};
use leptos::prelude::*;

use super::chart::{self, Frame, Series};
use crate::{
    door::{Ctx, day_start},
    shell::{Column, Row, table},
    word,
    words::{self, Lang},
};

/// More days than these are shown by month.
const DAYS_SHOWN: i64 = 62;

/// A day of the time asked for, or the first of a month.
fn name_of(lang: Lang, day: Date, by_month: bool) -> String {
    if by_month {
        words::month(lang, day_start(day))
    } else {
        words::month_day(lang, day_start(day))
    }
}

/// Every place of the axis: each day, or the first of each month, up to today.
fn places(filter: &DeskFilter, today: Date) -> (Vec<Date>, bool) {
    let last = filter.until.min(today).max(filter.from);
    let days = i64::from(filter.from.until(last).map_or(0, |span| span.get_days())) + 1;
    let by_month = days > DAYS_SHOWN;
    let mut place = if by_month {
        filter.from.first_of_month()
    } else {
        filter.from
    };
    let mut places = Vec::new();
    while place <= last {
        places.push(place);
        place = if by_month {
            place.saturating_add(1.month())
        } else {
            place.saturating_add(1.day())
        };
    }
    (places, by_month)
}

fn ends(lang: Lang, places: &[Date], by_month: bool) -> Vec<String> {
    let (Some(first), Some(last)) = (places.first(), places.last()) else {
        return Vec::new();
    };
    if first == last {
        vec![name_of(lang, *first, by_month)]
    } else {
        vec![name_of(lang, *first, by_month), name_of(lang, *last, by_month)]
    }
}

fn opened(ctx: &Ctx, inside: AnyView) -> AnyView {
    view! {
        <details class="details"><summary>{word!(ctx.lang, figures.as_table)}</summary>
            <div class="details-body">{inside}</div></details>
    }
    .into_any()
}

/// Issued and spent by day or month.
pub(super) fn by_day(ctx: &Ctx, desk: &Desk, filter: &DeskFilter) -> AnyView {
    let lang = ctx.lang;
    let (places, by_month) = places(filter, words::day_of(ctx.at));
    let mut sums: BTreeMap<Date, Flow> = BTreeMap::new();
    for day in &desk.days {
        let place = if by_month {
            day.day.first_of_month()
        } else {
            day.day
        };
        let sum = sums.entry(place).or_default();
        sum.issued_won += day.flow.issued_won;
        sum.spent_won += day.flow.spent_won;
        sum.expired_won += day.flow.expired_won;
        sum.payments += day.flow.payments;
    }
    let of = |place: &Date| sums.get(place).copied().unwrap_or_default();
    let issued: Vec<i64> = places.iter().map(|place| of(place).issued_won).collect();
    let spent: Vec<i64> = places.iter().map(|place| of(place).spent_won).collect();
    let top = issued.iter().chain(&spent).copied().max().unwrap_or(0).max(0);
    let title = if by_month {
        word!(lang, figures.by_month)
    } else {
        word!(lang, figures.by_day)
    };
    let busiest = places.iter().max_by_key(|place| of(place).spent_won);
    let says = busiest.map_or(String::new(), |place| {
        word!(
            lang,
            figures.days_say,
            issued = words::won(lang, desk.flow.issued_won),
            spent = words::won(lang, desk.flow.spent_won),
            day = name_of(lang, *place, by_month),
            most = words::won(lang, of(place).spent_won)
        )
    });
    let frame = Frame {
        id: "days".to_owned(),
        title: title.clone(),
        says,
        top: words::won(lang, top),
        axis: ends(lang, &places, by_month),
    };
    let series = [
        Series {
            name: word!(lang, figures.issued),
            values: issued,
        },
        Series {
            name: word!(lang, figures.spent),
            values: spent,
        },
    ];
    let columns = vec![
        Column::text(word!(lang, figures.time)),
        Column::number(word!(lang, figures.issued)),
        Column::number(word!(lang, figures.spent)),
        Column::number(word!(lang, figures.payments)),
        Column::number(word!(lang, figures.expired)),
    ];
    let rows = places
        .iter()
        .rev()
        .map(|place| {
            let flow = of(place);
            Row::of(name_of(lang, *place, by_month))
                .and(words::won(lang, flow.issued_won))
                .and(words::won(lang, flow.spent_won))
                .and(words::number(flow.payments))
                .and(words::won(lang, flow.expired_won))
        })
        .collect();
    view! {
        <section class="section stack" aria-labelledby="time">
            <h2 id="time">{word!(lang, figures.along_time)}</h2>
            {chart::bars(frame, &series)}
            {opened(ctx, table("days-table", title, columns, rows))}
        </section>
    }
    .into_any()
}

/// Spending by hour of the day.
pub(super) fn by_hour(ctx: &Ctx, desk: &Desk) -> AnyView {
    let lang = ctx.lang;
    let values: Vec<i64> = desk.hours.iter().map(|hour| hour.spent_won).collect();
    let busiest = (0..24).max_by_key(|hour| values[*hour]).unwrap_or(0);
    let title = word!(lang, figures.by_hour);
    let frame = Frame {
        id: "hours".to_owned(),
        title: title.clone(),
        says: word!(
            lang,
            figures.hours_say,
            hour = busiest,
            won = words::won(lang, values[busiest])
        ),
        top: words::won(lang, values[busiest].max(0)),
        axis: [0, 6, 12, 18, 23]
            .into_iter()
            .map(|hour| word!(lang, figures.hour, hour = hour))
            .collect(),
    };
    let series = [Series {
        name: word!(lang, figures.spent),
        values,
    }];
    let columns = vec![
        Column::text(word!(lang, figures.time)),
        Column::number(word!(lang, figures.spent)),
        Column::number(word!(lang, figures.payments)),
    ];
    let rows = desk
        .hours
        .iter()
        .enumerate()
        .map(|(hour, flow)| {
            Row::of(word!(lang, figures.hour, hour = hour))
                .and(words::won(lang, flow.spent_won))
                .and(words::number(flow.payments))
        })
        .collect();
    view! {
        <section class="section stack" aria-labelledby="hour">
            <h2 id="hour">{word!(lang, figures.in_the_day)}</h2>
            {chart::bars(frame, &series)}
            {opened(ctx, table("hours-table", title, columns, rows))}
        </section>
    }
    .into_any()
}

/// The day on which a budget runs out, in words; with the pace that says so.
fn runs_out(lang: Lang, budget: &Budget, forecast: Option<Forecast>) -> String {
    match forecast {
        _ if budget.left_won == 0 => word!(lang, figures.used_up),
        None => word!(lang, figures.too_early),
        Some(Forecast { per_day_won: 0, .. }) => word!(lang, figures.not_falling),
        Some(Forecast { runs_out: None, .. }) => word!(lang, figures.far_off),
        Some(Forecast {
            runs_out: Some(day),
            per_day_won,
            ..
        }) => word!(
            lang,
            figures.runs_out_on,
            day = words::date(lang, day_start(day)),
            won = words::won(lang, per_day_won)
        ),
    }
}

/// How each budget goes down, and when it will be gone.
pub(super) fn budgets(ctx: &Ctx, desk: &Desk, filter: &DeskFilter) -> AnyView {
    let lang = ctx.lang;
    let (places, by_month) = places(filter, words::day_of(ctx.at));
    let with_budget: Vec<&ProgrammeFlow> = desk
        .programmes
        .iter()
        .filter(|one| one.budget.left_won != 0 || one.budget.by_day.iter().any(|(_, won)| *won != 0))
        .collect();
    if with_budget.is_empty() {
        return ().into_any();
    }
    let charts: Vec<_> = with_budget
        .iter()
        .map(|one| {
            let name = words::named(lang, &one.name, &one.name_en).to_owned();
            let values: Vec<i64> = if by_month {
                places
                    .iter()
                    .map(|month| {
                        let last = month.last_of_month();
                        let until = one.budget.by_day.iter().rev().find(|(day, _)| *day <= last);
                        until.map_or(0, |(_, won)| *won)
                    })
                    .collect()
            } else {
                one.budget.by_day.iter().map(|(_, won)| *won).collect()
            };
            let frame = Frame {
                id: format!("budget-{}", one.programme),
                title: name.clone(),
                says: word!(
                    lang,
                    figures.budget_says,
                    first = words::won(lang, values.first().copied().unwrap_or(0)),
                    last = words::won(lang, values.last().copied().unwrap_or(0)),
                    forecast = runs_out(lang, &one.budget, one.budget.month)
                ),
                top: words::won(lang, values.iter().copied().max().unwrap_or(0)),
                axis: ends(lang, &places, by_month),
            };
            chart::line(frame, Series { name, values })
        })
        .collect();
    let columns = vec![
        Column::text(word!(lang, desk.programme)),
        Column::number(word!(lang, desk.budget_left)),
        Column::text(word!(lang, figures.by_28_days)),
        Column::text(word!(lang, figures.by_7_days)),
    ];
    let rows = with_budget
        .iter()
        .map(|one| {
            let name = words::named(lang, &one.name, &one.name_en).to_owned();
            Row::of(view! { <a href=format!("/admin/programmes/{}", one.programme)>{name}</a> })
                .and(words::won(lang, one.budget.left_won))
                .and(runs_out(lang, &one.budget, one.budget.month))
                .and(runs_out(lang, &one.budget, one.budget.week))
        })
        .collect();
    view! {
        <section class="section stack" aria-labelledby="budgets">
            <h2 id="budgets">{word!(lang, figures.budgets)}</h2>
            <p class="soft">{word!(lang, figures.how_foretold)}</p>
            {table("budgets-table", word!(lang, figures.budgets_caption), columns, rows)}
            <div class="grid">{charts}</div>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_long_time_is_shown_by_month_and_never_beyond_today() {
        let filter = |from, until| DeskFilter {
            from,
            until,
            programme: None,
        };
        let today = date(2026, 11, 25);
        let (days, by_month) = places(&filter(date(2026, 11, 20), date(2026, 12, 31)), today);
        assert_eq!((days.len(), by_month), (6, false));
        let (months, by_month) = places(&filter(date(2025, 12, 15), date(2026, 11, 25)), today);
        assert_eq!((months.len(), by_month), (12, true));
        assert_eq!(months[0], date(2025, 12, 1));
        // A time that is yet to come has one empty place.
        let (days, _) = places(&filter(date(2027, 1, 1), date(2027, 1, 5)), today);
        assert_eq!(days.len(), 1);
    }
}
