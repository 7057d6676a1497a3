//! Figures by programme, district and line of business: tables, with each share drawn beside its number.

use ledger::{Desk, PlaceFlow};
use leptos::prelude::*;

use super::chart;
use crate::{
    door::Ctx,
    shell::{self, Column, Row, table},
    word, words,
};

/// What happened by programme.
pub(super) fn by_programme(ctx: &Ctx, desk: &Desk) -> AnyView {
    let lang = ctx.lang;
    let columns = vec![
        Column::text(word!(lang, desk.programme)),
        Column::number(word!(lang, figures.issued)),
        Column::number(word!(lang, figures.spent)),
        Column::number(word!(lang, figures.payments)),
        Column::number(word!(lang, figures.expired)),
        Column::number(word!(lang, figures.refunded)),
        Column::number(word!(lang, figures.taken_back)),
        Column::number(word!(lang, desk.outstanding)),
        Column::number(word!(lang, desk.budget_left)),
    ];
    let rows: Vec<Row> = desk
        .programmes
        .iter()
        .map(|one| {
            let name = words::named(lang, &one.name, &one.name_en).to_owned();
            Row::of(view! { <a href=format!("/admin/programmes/{}", one.programme)>{name}</a> })
                .and(words::won(lang, one.flow.issued_won))
                .and(words::won(lang, one.flow.spent_won))
                .and(words::number(one.flow.payments))
                .and(words::won(lang, one.flow.expired_won))
                .and(words::won(lang, one.flow.refunded_won))
                .and(words::won(lang, one.flow.taken_back_won))
                .and(words::won(lang, one.held_won))
                .and(words::won(lang, one.budget.left_won))
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
        table(
            "by-programme",
            word!(lang, figures.programmes_caption),
            columns,
            rows,
        )
    };
    view! {
        <section class="section" aria-labelledby="programmes">
            <div class="section-head"><h2 id="programmes">{word!(lang, desk.by_programme)}</h2></div>
            {body}
        </section>
    }
    .into_any()
}

/// Spending by district, and by line of business.
pub(super) fn by_place(ctx: &Ctx, desk: &Desk) -> AnyView {
    let lang = ctx.lang;
    if desk.districts.is_empty() {
        return ().into_any();
    }
    let district = |name: &String| {
        if name.trim().is_empty() {
            word!(lang, figures.no_district)
        } else {
            name.clone()
        }
    };
    let districts = list(
        ctx,
        "districts",
        word!(lang, figures.by_district),
        word!(lang, figures.district),
        &desk.districts,
        district,
    );
    let categories = list(
        ctx,
        "categories",
        word!(lang, figures.by_category),
        word!(lang, figures.category),
        &desk.categories,
        |category| words::category(lang, *category),
    );
    view! {
        <section class="section stack" aria-labelledby="places">
            <h2 id="places">{word!(lang, figures.where_spent)}</h2>
            <div class="chart-pair">{districts}{categories}</div>
        </section>
    }
    .into_any()
}

fn list<T>(
    ctx: &Ctx,
    id: &'static str,
    caption: String,
    first: String,
    places: &[PlaceFlow<T>],
    name: impl Fn(&T) -> String,
) -> AnyView {
    let lang = ctx.lang;
    let most_won = places.first().map_or(0, |place| place.spent_won);
    let columns = vec![
        Column::text(first),
        Column::number(word!(lang, figures.spent)),
        Column::number(word!(lang, figures.payments)),
    ];
    let rows = places
        .iter()
        .map(|place| {
            let won = words::won(lang, place.spent_won);
            let share = chart::share(place.spent_won, most_won);
            Row::of(name(&place.place))
                .and(view! { <span class="chart-cell">{won}{share}</span> })
                .and(words::number(place.payments))
        })
        .collect();
    table(id, caption, columns, rows)
}
