//! `/shop/settlements`: what was sent to the shop's bank account, when, and what becomes of it.

use ledger::{Remittance, RemittanceState, Settlement};
use leptos::prelude::*;
use people::Role;

use super::own_shop;
use crate::{
    door::{Answer, Ctx},
    shell::{self, Column, Page, Row, badge, table},
    word, words,
};

/// Settlements shown.
const SHOWN: i64 = 60;

/// GET `/shop/settlements`.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(&[Role::Merchant])?;
    let shop = own_shop(&ctx, &official).await?;
    let lang = ctx.lang;
    let ledger = &ctx.house.ledger;
    let settlements = ledger.settlements(official.municipality, shop.id, SHOWN).await?;
    let payee = ledger::Payee::Merchant(shop.id);
    let remittances = ledger.remittances(official.municipality, payee, SHOWN).await?;
    let next = words::date(lang, ledger::settlement_day(ctx.at));
    Ok(shell::page(
        &ctx,
        Page::new(word!(lang, shop.settlements)),
        || {
            let list = if settlements.is_empty() {
                shell::empty(
                    "receipt",
                    word!(lang, shop.no_settlements),
                    word!(lang, shop.no_settlements_yet),
                    None,
                )
            } else {
                list(&ctx, &settlements, &remittances)
            };
            view! {
                {shell::page_head(word!(lang, shop.settlements), Some(word!(lang, shop.settlements_lead, date = next)), ())}
                <p><a class="button" href="/shop/account">{word!(lang, shop.account)}</a></p>
                {list}
            }
        },
    ))
}

fn list(ctx: &Ctx, settlements: &[Settlement], remittances: &[Remittance]) -> AnyView {
    let lang = ctx.lang;
    let columns = vec![
        Column::text(word!(lang, shop.settled_on)),
        Column::text(word!(lang, shop.settled_for)),
        Column::number(word!(lang, shop.settled_taken)),
        Column::number(word!(lang, shop.settled_brought)),
        Column::number(word!(lang, shop.settled_sent)),
        Column::number(word!(lang, shop.settled_carried)),
        Column::text(word!(lang, shop.state)),
    ];
    let rows = settlements
        .iter()
        .map(|settlement| {
            let until = words::day(lang, settlement.until_at);
            let time = if settlement.from_at == 0 {
                word!(lang, shop.settled_until, date = until)
            } else {
                format!("{} – {until}", words::date(lang, settlement.from_at))
            };
            let number = settlement.id;
            let remittance = remittances.iter().find(|remittance| remittance.id == number);
            Row::of(view! { <span class="nowrap">{words::date(lang, settlement.created_at)}</span> })
                .and(time)
                .and(words::won(lang, settlement.taken_won))
                .and(words::won(lang, settlement.brought_won))
                .and(words::won(lang, settlement.sent_won))
                .and(words::won(lang, settlement.carried_won))
                .and(state(ctx, remittance.map(|remittance| remittance.state)))
        })
        .collect();
    table(
        "settlements",
        word!(lang, shop.settlements_caption),
        columns,
        rows,
    )
}

/// What the bank said.
fn state(ctx: &Ctx, state: Option<RemittanceState>) -> AnyView {
    let lang = ctx.lang;
    match state {
        Some(RemittanceState::Confirmed) => badge("success", word!(lang, shop.bank_confirmed)),
        Some(RemittanceState::Failed) => badge("danger", word!(lang, shop.bank_failed)),
        Some(RemittanceState::Unknown) => badge("warning", word!(lang, shop.bank_unknown)),
        Some(RemittanceState::Pending) | None => badge("info", word!(lang, shop.bank_pending)),
    }
}
