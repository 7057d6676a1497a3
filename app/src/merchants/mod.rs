//! `/merchants`: where the money is taken, for anyone: by place, by which money, by line of business, by name.

use ledger::{Category, Merchant, MerchantSearch, Programme, ProgrammeState};
use leptos::prelude::*;
use people::Who;

use crate::{
    door::{Answer, Ctx, Field, Form},
    shell::{self, Column, Page, Row, table},
    wallet::municipality_name,
    word,
    words::{self, Lang},
};

/// Merchants on one page.
const PER_PAGE: i64 = 30;
/// Nobody turns further; keeps the offset small.
const PAGES_MAX: i64 = 1_000;

/// The place that was asked for, the reader's own, or the first; `None` where none has opened.
fn place(ctx: &Ctx, asked: &Form) -> Option<i64> {
    let open: Vec<i64> = ctx
        .house
        .municipalities
        .borrow()
        .iter()
        .map(|known| known.code)
        .collect();
    let own = ctx.session.as_ref().and_then(|session| match &session.who {
        Who::Resident { holders, .. } => holders.first().map(|(code, _)| *code),
        Who::Staff { municipality, .. } => Some(*municipality),
    });
    [asked.get("m").parse().ok(), own]
        .into_iter()
        .flatten()
        .find(|code| open.contains(code))
        .or(open.first().copied())
}

/// GET `/merchants`.
pub async fn get(ctx: Ctx) -> Answer {
    let lang = ctx.lang;
    let mut asked = ctx.asked();
    let Some(municipality) = place(&ctx, &asked) else {
        return Ok(shell::page(
            &ctx,
            Page::new(word!(lang, merchants.title)),
            move || {
                let head = shell::page_head(word!(lang, merchants.title), None, ());
                view! { {head}{shell::notice("info", None, word!(lang, merchants.no_place))} }
            },
        ));
    };
    asked.set("m", municipality.to_string());
    let ledger = &ctx.house.ledger;
    let mut programmes = ledger.programmes(municipality).await?;
    programmes.retain(|programme| programme.state != ProgrammeState::Draft);
    let number = asked.get("page").parse().unwrap_or(1).clamp(1, PAGES_MAX);
    let chosen = asked.get("programme").parse().ok();
    let search = MerchantSearch {
        text: asked.get("q").chars().take(60).collect(),
        // A programme of another place is no programme here.
        programme: chosen.filter(|id| programmes.iter().any(|programme| programme.id == *id)),
        category: Category::from_code(asked.get("category")),
        limit: PER_PAGE + 1,
        offset: (number - 1) * PER_PAGE,
    };
    let mut found = ledger.open_merchants(municipality, &search).await?;
    let more = found.len() as i64 > PER_PAGE;
    found.truncate(PER_PAGE as usize);
    let payer = ctx
        .citizen()
        .is_ok_and(|citizen| citizen.holder(municipality).is_ok());
    let here = ctx.clone();
    Ok(shell::page(
        &ctx,
        Page::new(word!(lang, merchants.title)),
        move || {
            view! {
                {shell::page_head(word!(lang, merchants.title), Some(word!(lang, merchants.lead)), ())}
                <div class="stack stack-l">
                    {filters(&here, &asked, &programmes)}
                    <div>{list(lang, found, payer)}{shell::pages(&here, number, more)}</div>
                </div>
            }
        },
    ))
}

fn filters(ctx: &Ctx, asked: &Form, programmes: &[Programme]) -> AnyView {
    let lang = ctx.lang;
    let all = || std::iter::once((String::new(), word!(lang, merchants.all)));
    let of_programmes: Vec<_> = all()
        .chain(programmes.iter().map(|programme| {
            (
                programme.id.to_string(),
                words::named(lang, &programme.name, &programme.name_en).to_owned(),
            )
        }))
        .collect();
    let of_categories: Vec<_> = all()
        .chain(
            Category::ALL
                .iter()
                .map(|of| (of.code().to_owned(), words::category(lang, *of))),
        )
        .collect();
    let places: Vec<_> = ctx
        .house
        .municipalities
        .borrow()
        .iter()
        .map(|known| (known.code.to_string(), municipality_name(ctx, known.code)))
        .collect();
    let field = |name, label, choices| {
        asked.field(
            ctx,
            Field {
                name,
                label,
                choices,
                plain: true,
                ..Field::default()
            },
        )
    };
    let place = (places.len() > 1).then(|| field("m", word!(lang, merchants.municipality), places));
    view! {
        <form class="filters" method="get" action="/merchants" role="search"
            aria-label=word!(lang, merchants.filters)>
            {place}
            {field("q", word!(lang, merchants.text), Vec::new())}
            {field("programme", word!(lang, merchants.programme), of_programmes)}
            {field("category", word!(lang, merchants.category), of_categories)}
            <button class="button" type="submit">{word!(lang, merchants.show)}</button>
        </form>
    }
    .into_any()
}

fn list(lang: Lang, found: Vec<Merchant>, payer: bool) -> AnyView {
    if found.is_empty() {
        return shell::empty(
            "shop",
            word!(lang, merchants.empty_title),
            word!(lang, merchants.empty),
            None,
        );
    }
    let mut columns = vec![
        Column::text(word!(lang, merchants.name)),
        Column::text(word!(lang, merchants.category)),
        Column::text(word!(lang, merchants.address)),
        Column::text(word!(lang, merchants.code)),
    ];
    if payer {
        columns.push(Column::text(word!(lang, merchants.pay)));
    }
    let rows = found
        .into_iter()
        .map(|merchant| {
            let address = if merchant.address.is_empty() { merchant.district } else { merchant.address };
            let pay = serde_urlencoded::to_string([
                ("m", merchant.municipality.to_string()),
                ("q", merchant.code.clone()),
            ]);
            let label = word!(lang, merchants.pay_at, name = merchant.name.clone());
            let row = Row::of(merchant.name)
                .and(words::category(lang, merchant.category))
                .and(address)
                .and(view! { <span class="num">{merchant.code}</span> });
            if !payer {
                return row;
            }
            let href = format!("/wallet/pay?{}", pay.unwrap_or_default());
            row.and(view! { <a class="button button-s" href=href aria-label=label>{word!(lang, merchants.pay)}</a> })
        })
        .collect();
    table("merchants", word!(lang, merchants.caption), columns, rows)
}
