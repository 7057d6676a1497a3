//! `/wallet/transfers/{id}`: the receipt: what, with whom, when, and from which lots.

use ledger::{LogPlace, NamedLotMove, Transfer, TransferKind};
use leptos::prelude::*;

use crate::{
    door::{Answer, Ctx, PageError},
    shell::{self, Page, icon, money},
    word,
    words::{self, Lang},
};

/// GET `/wallet/transfers/{id}`. Somebody else's transfer is no page at all.
pub async fn get(ctx: Ctx, id: String) -> Answer {
    let transfer = own(&ctx, &id).await?;
    let receipt_of = &transfer.receipt;
    let place = ctx
        .house
        .ledger
        .log_place(receipt_of.municipality, receipt_of.transfer)
        .await?;
    let lang = ctx.lang;
    let page = Page::new(word!(lang, transfers.title)).form();
    Ok(shell::page(&ctx, page, move || receipt(lang, &transfer, place)))
}

/// GET `/wallet/transfers/{id}/proof.json`: the proof that the transfer is in the public log, for its owner alone (it
/// says what the leaf says). 404 until it is.
pub async fn get_proof(ctx: Ctx, id: String) -> Answer {
    let transfer = own(&ctx, &id).await?.receipt;
    let keys = &ctx.house.log_keys;
    let found = ctx
        .house
        .ledger
        .log_proof(transfer.municipality, transfer.transfer, keys)
        .await?;
    let proof = found.ok_or(PageError::NotFound)?;
    let text = serde_json::to_string_pretty(&proof).map_err(PageError::inside)?;
    let name = format!("neul-{}.json", transfer.number);
    Ok(shell::attachment(&name, "application/json", text))
}

/// The transfer, if it is of this person's wallet.
async fn own(ctx: &Ctx, id: &str) -> Result<Transfer, PageError> {
    let citizen = ctx.citizen()?;
    let id: i64 = id.parse().map_err(|_| PageError::NotFound)?;
    let municipality = store::municipality_of(id);
    let holder = citizen.holder(municipality)?;
    let found = ctx.house.ledger.transfer(municipality, id).await?;
    found
        .filter(|found| found.receipt.holder == Some(holder))
        .ok_or(PageError::NotFound)
}

/// Whether it is in the public log, and how anyone can check it.
fn log_part(lang: Lang, id: i64, place: LogPlace) -> AnyView {
    let said = match place {
        LogPlace::Waiting => view! { <p>{word!(lang, transfers.log_waiting)}</p> }.into_any(),
        LogPlace::In { number, since } => {
            let number = number.to_string();
            let since = words::when(lang, since);
            view! {
                <p>{word!(lang, transfers.log_in, number = number, since = since)}</p>
                <p><a href=format!("/wallet/transfers/{id}/proof.json") download>{word!(lang, transfers.log_proof)}</a></p>
                <p class="soft small">{word!(lang, transfers.log_check)}</p>
            }
            .into_any()
        }
    };
    view! {
        <section aria-labelledby="log">
            <h2 class="small" id="log">{word!(lang, transfers.log)}</h2>
            {said}
        </section>
    }
    .into_any()
}

fn fact(label: String, value: impl IntoView + 'static) -> AnyView {
    view! { <div><dt>{label}</dt><dd>{value}</dd></div> }.into_any()
}

fn lot_view(lang: Lang, lot: &NamedLotMove) -> AnyView {
    let name = words::named(lang, &lot.programme_name, &lot.programme_name_en).to_owned();
    let until = word!(lang, transfers.until, date = words::day(lang, lot.expires_at));
    view! {
        <li>
            <span class="lot-title">{name}</span>
            <span class="money">{words::won_signed(lang, lot.amount_won)}</span>
            <span class="lot-meta">{until}</span>
        </li>
    }
    .into_any()
}

fn title(lang: Lang, kind: TransferKind) -> String {
    match kind {
        TransferKind::Pay => word!(lang, transfers.paid),
        TransferKind::Sell => word!(lang, transfers.charged),
        TransferKind::Grant => word!(lang, transfers.granted),
        TransferKind::Cancel => word!(lang, transfers.cancelled_head),
        TransferKind::Fund => word!(lang, transfers.other),
        other => words::transfer_kind(lang, other),
    }
}

fn cancelled_part(lang: Lang, transfer: &Transfer) -> Vec<AnyView> {
    let mut facts = Vec::new();
    if transfer.cancelled_won > 0 {
        facts.push(fact(
            word!(lang, transfers.cancelled),
            money(lang, transfer.cancelled_won, "money"),
        ));
        facts.push(fact(
            word!(lang, transfers.rest),
            money(lang, transfer.cancellable_won, "money"),
        ));
    }
    if let Some(until) = transfer.cancel_until_at.filter(|_| transfer.cancellable_won > 0) {
        let by = word!(lang, transfers.cancel_by, date = words::day(lang, until));
        facts.push(fact(word!(lang, transfers.cancel_until), by));
    }
    facts
}

fn receipt(lang: Lang, transfer: &Transfer, place: LogPlace) -> AnyView {
    let receipt = &transfer.receipt;
    let paid = receipt.kind == TransferKind::Pay;
    let mark = if receipt.kind == TransferKind::Cancel {
        "undo"
    } else {
        "check"
    };
    let merchant = transfer
        .merchant_name
        .clone()
        .map(|name| fact(word!(lang, transfers.merchant), name));
    let programme = transfer.programme_name.clone().map(|name| {
        // The lots carry the name in both languages.
        let english = transfer
            .lots
            .first()
            .map(|lot| lot.programme_name_en.clone())
            .unwrap_or_default();
        fact(
            word!(lang, transfers.programme),
            words::named(lang, &name, &english).to_owned(),
        )
    });
    let original = receipt.cancels.map(|id| {
        let link =
            view! { <a href=format!("/wallet/transfers/{id}")>{word!(lang, transfers.see_original)}</a> };
        fact(word!(lang, transfers.original), link)
    });
    let lots_title = if paid {
        word!(lang, transfers.paid_from)
    } else {
        word!(lang, transfers.came_to)
    };
    let lots: Vec<_> = transfer.lots.iter().map(|lot| lot_view(lang, lot)).collect();
    let again =
        paid.then(|| view! { <a class="button" href="/wallet/pay">{word!(lang, transfers.pay_again)}</a> });
    view! {
        <article class="receipt">
            <header class="receipt-head">
                <span class="receipt-mark" data-tone="success">{icon(mark, "icon icon-l")}</span>
                <h1>{title(lang, receipt.kind)}</h1>
                <p>{money(lang, receipt.amount_won, "money money-xl")}</p>
            </header>
            <dl class="facts facts-even receipt-lines">
                {merchant}
                {programme}
                {fact(word!(lang, transfers.when), words::when(lang, receipt.at))}
                {original}
                {cancelled_part(lang, transfer)}
            </dl>
            <section aria-labelledby="lots">
                <h2 class="small" id="lots">{lots_title}</h2>
                <ul class="lots">{lots}</ul>
            </section>
            {log_part(lang, receipt.transfer, place)}
            <p class="receipt-number">{word!(lang, transfers.number, number = receipt.number.clone())}</p>
            <div class="button-row">
                <a class="button button-primary" href="/wallet">{word!(lang, transfers.wallet)}</a>
                <a class="button" href="/wallet/history">{word!(lang, transfers.history)}</a>
                {again}
            </div>
        </article>
    }
    .into_any()
}
