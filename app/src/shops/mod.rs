//! `/admin/merchants`: the register of merchants, kept by the municipality's desk.

mod new;

pub use new::{get as get_new, post as post_new};

use ledger::{Merchant, MerchantStatus};
use leptos::prelude::*;
use people::Role;

use crate::{
    access::ANY_OFFICIAL,
    door::{Answer, Ctx, Form, PageError, Posted},
    shell::{self, Column, Page, Row, badge, table},
    word, words,
};

/// Merchants on one page.
const PER_PAGE: i64 = 50;

/// GET `/admin/merchants`: found by name, code, address or district.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(ANY_OFFICIAL)?;
    let asked = ctx.asked();
    let text: String = asked.get("q").trim().chars().take(100).collect();
    let page = asked.get("page").parse::<i64>().unwrap_or(1).clamp(1, 10_000);
    let mut found = ctx
        .house
        .ledger
        .search_merchants(
            official.municipality,
            &text,
            None,
            PER_PAGE + 1,
            (page - 1) * PER_PAGE,
        )
        .await?;
    let more = found.len() as i64 > PER_PAGE;
    found.truncate(PER_PAGE as usize);
    let lang = ctx.lang;
    let may_change = official.roles.has(Role::Clerk);
    Ok(shell::page(
        &ctx,
        Page::new(word!(lang, shops.title)).wide(),
        || {
            let add = may_change.then(|| {
            view! {
                <div class="button-row">
                    <a class="button button-primary" href="/admin/merchants/new">{word!(lang, shops.add)}</a>
                </div>
            }
        });
            let list = if found.is_empty() {
                let (title, text) = if text.is_empty() {
                    (word!(lang, shops.none), word!(lang, shops.none_yet))
                } else {
                    (word!(lang, shops.not_found), word!(lang, shops.search_again))
                };
                shell::empty("shop", title, text, None)
            } else {
                register(&ctx, &found, may_change)
            };
            view! {
                {shell::page_head(word!(lang, shops.title), Some(word!(lang, shops.lead)), add)}
                <div class="toolbar">
                    <form class="search" role="search" method="get" action="/admin/merchants">
                        <label class="visually-hidden" for="q">{word!(lang, shops.search)}</label>
                        <input class="input" id="q" name="q" type="search" value=text placeholder=word!(lang, shops.search) />
                        <button class="button" type="submit">{word!(lang, common.search)}</button>
                    </form>
                </div>
                {list}
                {shell::pages(&ctx, page, more)}
            }
        },
    ))
}

fn register(ctx: &Ctx, found: &[Merchant], may_change: bool) -> AnyView {
    let lang = ctx.lang;
    let mut columns = vec![
        Column::text(word!(lang, shops.name)),
        Column::text(word!(lang, shops.code)),
        Column::text(word!(lang, shops.category)),
        Column::text(word!(lang, shops.band)),
        Column::text(word!(lang, shops.address)),
        Column::text(word!(lang, shops.status)),
    ];
    if may_change {
        columns.push(Column::text(word!(lang, shops.change)));
    }
    let rows = found
        .iter()
        .map(|merchant| {
            let place =
                view! { {merchant.address.clone()}" "<span class="soft">{merchant.district.clone()}</span> };
            let row = Row::of(merchant.name.clone())
                .and(view! { <code>{merchant.code.clone()}</code> })
                .and(words::category(lang, merchant.category))
                .and(band(ctx, merchant.revenue_won_year))
                .and(place)
                .and(badge(
                    tone(merchant.status),
                    words::merchant_status(lang, merchant.status),
                ));
            if may_change {
                row.and(status_form(ctx, merchant))
            } else {
                row
            }
        })
        .collect();
    table("merchants", word!(lang, shops.caption), columns, rows)
}

/// The revenue as the programmes' rule asks for it, not the figure itself.
fn band(ctx: &Ctx, revenue_won_year: i64) -> String {
    let lang = ctx.lang;
    match revenue_won_year {
        0 => word!(lang, shops.band_unknown),
        1..=500_000_000 => word!(lang, shops.band_5),
        500_000_001..=3_000_000_000 => word!(lang, shops.band_30),
        _ => word!(lang, shops.band_over),
    }
}

fn tone(status: MerchantStatus) -> &'static str {
    match status {
        MerchantStatus::Open => "success",
        MerchantStatus::Suspended => "warning",
        MerchantStatus::Closed => "neutral",
    }
}

fn status_form(ctx: &Ctx, merchant: &Merchant) -> AnyView {
    let lang = ctx.lang;
    let choices = match merchant.status {
        MerchantStatus::Open => vec![MerchantStatus::Suspended, MerchantStatus::Closed],
        MerchantStatus::Suspended => vec![MerchantStatus::Open, MerchantStatus::Closed],
        MerchantStatus::Closed => vec![MerchantStatus::Open],
    };
    let buttons: Vec<_> = choices
        .into_iter()
        .map(|status| {
            let label = match status {
                MerchantStatus::Open => word!(lang, shops.open),
                MerchantStatus::Suspended => word!(lang, shops.suspend),
                MerchantStatus::Closed => word!(lang, shops.close),
            };
            let told = format!("{} {label}", merchant.name);
            view! {
                <button class="button button-s" type="submit" name="status" value=status.code() aria-label=told>{label}</button>
            }
        })
        .collect();
    view! {
        <form class="cluster" method="post" action="/admin/merchants">
            {Form::new().hidden(ctx)}
            <input type="hidden" name="merchant" value=merchant.id.to_string() />
            {buttons}
        </form>
    }
    .into_any()
}

/// POST `/admin/merchants`: suspends, closes or opens one again.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let official = ctx.official(&[Role::Clerk])?;
    let id = form.id(&ctx, "merchant");
    let (Some(id), Some(status), false) = (id, MerchantStatus::from_code(form.get("status")), form.is_bad())
    else {
        return Ok(shell::redirect(&ctx, "/admin/merchants"));
    };
    let merchant = ctx
        .house
        .ledger
        .merchant(official.municipality, id)
        .await?
        .ok_or(PageError::NotFound)?;
    ctx.audit(
        &official,
        "merchant.status",
        &format!("merchant/{id}"),
        status.code(),
    )
    .await?;
    ctx.house
        .ledger
        .set_merchant_status(official.municipality, id, status)
        .await?;
    let lang = ctx.lang;
    let status = words::merchant_status(lang, status);
    let said = word!(lang, shops.changed, name = merchant.name, status = status);
    Ok(shell::redirect_with(&ctx, "/admin/merchants", &said))
}
