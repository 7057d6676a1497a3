//! `/shop`: a merchant's own page: taking a payment by a customer's code, the shop's own code
//! for customers to type, what came in today, the latest payments.

mod keys;
mod payment;
mod settlements;
mod take;

pub use keys::{get as get_keys, post as post_keys};
pub use payment::{get as get_payment, post as post_payment};
pub use settlements::get as get_settlements;
pub use take::post;

use ledger::{Cursor, Merchant, Taking, TransferKind};
use leptos::prelude::*;
use people::Role;

use crate::{
    door::{Answer, Ctx, Form, Official, PageError, day_start},
    shell::{self, Column, Page, Row, badge, money, table},
    word, words,
};

/// Payments on one page.
const PER_PAGE: i64 = 30;

/// The shop of a merchant's account.
async fn own_shop(ctx: &Ctx, official: &Official) -> Result<Merchant, PageError> {
    let id = official.merchant.ok_or(PageError::Forbidden)?;
    ctx.house
        .ledger
        .merchant(official.municipality, id)
        .await?
        .ok_or(PageError::NotFound)
}

/// GET `/shop`.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(&[Role::Merchant])?;
    let shop = own_shop(&ctx, &official).await?;
    show(&ctx, &official, &shop, Form::new()).await
}

/// The page, with the form to take a payment as it was typed.
async fn show(ctx: &Ctx, official: &Official, shop: &Merchant, form: Form) -> Answer {
    let lang = ctx.lang;
    let cursor: Option<Cursor> = ctx.asked().get("after").parse().ok();
    let ledger = &ctx.house.ledger;
    let since = day_start(words::day_of(ctx.at));
    let (taken_won, payments) = ledger
        .merchant_taken(official.municipality, shop.id, since)
        .await?;
    let found = ledger
        .merchant_takings(official.municipality, shop.id, cursor, PER_PAGE)
        .await?;
    let page = Page::new(shop.name.clone()).refused_if(form.is_bad());
    Ok(shell::page(ctx, page, || {
        let next = found.next.map(|next| ctx.here_with("after", &next.to_string()));
        let list = if found.lines.is_empty() {
            shell::empty(
                "receipt",
                word!(lang, shop.none),
                word!(lang, shop.none_yet),
                None,
            )
        } else {
            takings(ctx, &found.lines)
        };
        view! {
            {shell::page_head(shop.name.clone(), Some(words::category(lang, shop.category)), ())}
            <div class="stack stack-l">
                {(shop.status == ledger::MerchantStatus::Open).then(|| take::form_view(ctx, &form))}
                {code_card(ctx, shop)}
                <section class="section" aria-labelledby="today">
                    <div class="section-head"><h2 id="today">{word!(lang, shop.today)}</h2></div>
                    <dl class="stats">
                        <div class="stat"><dt>{word!(lang, shop.taken)}</dt>
                            <dd class="stat-value">{money(lang, taken_won, "money")}</dd>
                            <dd class="stat-note">{word!(lang, shop.payments_today, count = words::number(payments))}</dd></div>
                    </dl>
                </section>
                <section class="section" aria-labelledby="latest">
                    <div class="section-head"><h2 id="latest">{word!(lang, shop.latest)}</h2></div>
                    {list}
                    {next.map(|next| view! {
                        <nav class="pagination" aria-label=word!(lang, common.pages)><a href=next rel="next">{word!(lang, shop.older)}</a></nav>
                    })}
                </section>
            </div>
        }
    }))
}

/// The code, large enough to be read across a counter.
fn code_card(ctx: &Ctx, shop: &Merchant) -> AnyView {
    let lang = ctx.lang;
    let closed = (shop.status != ledger::MerchantStatus::Open).then(|| {
        let status = words::merchant_status(lang, shop.status);
        shell::notice(
            "danger",
            Some(word!(lang, shop.not_open, status = status)),
            word!(lang, shop.not_open_text),
        )
    });
    view! {
        <section class="card" aria-labelledby="code">
            <div class="card-head"><h2 class="card-title" id="code">{word!(lang, shop.code)}</h2></div>
            <p class="money money-xl">{shop.code.clone()}</p>
            <p class="soft">{word!(lang, shop.code_text)}</p>
            {closed}
        </section>
    }
    .into_any()
}

fn takings(ctx: &Ctx, lines: &[Taking]) -> AnyView {
    let lang = ctx.lang;
    let columns = vec![
        Column::text(word!(lang, shop.when)),
        Column::number(word!(lang, shop.amount)),
        Column::text(word!(lang, shop.state)),
        Column::text(word!(lang, shop.number)),
    ];
    let rows = lines
        .iter()
        .map(|line| {
            let (tone, state) = match line.kind {
                TransferKind::Cancel => ("neutral", word!(lang, shop.cancellation)),
                _ if line.cancelled_won == 0 => ("success", word!(lang, shop.payment)),
                _ if line.cancelled_won >= line.amount_won => ("danger", word!(lang, shop.cancelled)),
                _ => (
                    "warning",
                    word!(
                        lang,
                        shop.cancelled_part,
                        amount = words::won(lang, line.cancelled_won)
                    ),
                ),
            };
            let when = words::when(lang, line.at);
            Row::of(view! { <a class="nowrap" href=format!("/shop/transfers/{}", line.transfer)>{when}</a> })
                .and(words::won(lang, line.amount_won))
                .and(badge(tone, state))
                .and(view! { <span class="num">{line.number.clone()}</span> })
        })
        .collect();
    table("takings", word!(lang, shop.caption), columns, rows)
}
