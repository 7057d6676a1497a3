//! `/shop/transfers/{id}`: one payment, and its cancellation in whole or in part. Who paid is not the shop's
//! to know.

use std::collections::BTreeMap;

use axum::response::Response;
use ledger::{LedgerError, Operation, Refusal, Request, Transfer, TransferKind};
use leptos::prelude::*;
use people::Role;

use super::own_shop;
use crate::{
    codes::till_key,
    door::{Answer, Choice, Ctx, Field, Form, Official, PageError, Posted},
    shell::{self, Page, icon, money},
    word, words,
};

/// Why a payment is taken back; the code stands in the audit log.
const REASONS: [&str; 4] = ["wrong_amount", "returned_goods", "paid_twice", "other"];

/// GET `/shop/transfers/{id}`.
pub async fn get(ctx: Ctx, id: String) -> Answer {
    let official = ctx.official(&[Role::Merchant])?;
    let transfer = find(&ctx, &official, &id).await?;
    let mut form = Form::new();
    form.set("how", "all");
    Ok(show(&ctx, &transfer, form, None))
}

/// A payment to this shop, or a cancellation of one; anything else is unknown here.
async fn find(ctx: &Ctx, official: &Official, id: &str) -> Result<Transfer, PageError> {
    let id = id.parse().map_err(|_| PageError::NotFound)?;
    let shop = own_shop(ctx, official).await?;
    let found = ctx.house.ledger.transfer(official.municipality, id).await?;
    found
        .filter(|found| found.receipt.merchant == Some(shop.id))
        .ok_or(PageError::NotFound)
}

/// POST `/shop/transfers/{id}`: first asks once more; with `sure` it is done.
pub async fn post(posted: Posted, id: String) -> Answer {
    let Posted { ctx, mut form } = posted;
    let official = ctx.official(&[Role::Merchant])?;
    let transfer = find(&ctx, &official, &id).await?;
    let lang = ctx.lang;
    let payment = transfer.receipt.transfer;
    let shop = transfer.receipt.merchant.unwrap_or_default();
    let amount_won = match form.get("how") {
        "all" => Some(transfer.cancellable_won),
        "part" => form.won(&ctx, "amount"),
        _ => {
            form.fail("how", word!(lang, errors.choose));
            None
        }
    };
    let reason = REASONS.into_iter().find(|reason| *reason == form.get("reason"));
    if reason.is_none() {
        form.fail("reason", word!(lang, errors.choose));
    }
    let (Some(mut amount_won), Some(reason), false) = (amount_won, reason, form.is_bad()) else {
        return Ok(show(&ctx, &transfer, form, None));
    };
    if form.ticked("sure") {
        // What was confirmed, not what is left by now: a second press must be the same request.
        amount_won = form.won(&ctx, "sure_won").unwrap_or(amount_won);
    } else {
        if transfer.receipt.kind != TransferKind::Pay
            || amount_won == 0
            || amount_won > transfer.cancellable_won
        {
            let refusal = match transfer.receipt.kind {
                TransferKind::Pay => Refusal::AlreadyCancelled {
                    left_won: transfer.cancellable_won,
                },
                _ => Refusal::NotAPayment,
            };
            form.fail(
                if form.get("how") == "part" { "amount" } else { "" },
                words::refusal(lang, &refusal),
            );
            return Ok(show(&ctx, &transfer, form, None));
        }
        return Ok(show(&ctx, &transfer, form, Some(amount_won)));
    }
    let request = Request {
        municipality: official.municipality,
        key: till_key(shop, &form.key()),
        actor: format!("staff/{}", official.id),
        at: ctx.at,
        operation: Operation::Cancel {
            transfer: payment,
            amount_won: Some(amount_won),
        },
    };
    match ctx.house.ledger.post(request).await {
        Ok(receipt) => {
            if !receipt.replayed {
                ctx.audit(
                    &official,
                    "payment.cancel",
                    &format!("transfer/{payment}"),
                    reason,
                )
                .await?;
            }
            let said = word!(
                lang,
                shop.was_cancelled,
                amount = words::won(lang, receipt.amount_won)
            );
            Ok(shell::redirect_with(
                &ctx,
                &format!("/shop/transfers/{}", receipt.transfer),
                &said,
            ))
        }
        Err(LedgerError::Refused(refusal)) => {
            form.fail("", words::refusal_at_till(lang, &refusal));
            Ok(show(&ctx, &transfer, form, None))
        }
        Err(other) => Err(other.into()),
    }
}

fn reason_said(ctx: &Ctx, reason: &str) -> String {
    let lang = ctx.lang;
    match reason {
        "wrong_amount" => word!(lang, shop.reason_wrong_amount),
        "returned_goods" => word!(lang, shop.reason_returned_goods),
        "paid_twice" => word!(lang, shop.reason_paid_twice),
        _ => word!(lang, shop.reason_other),
    }
}

fn show(ctx: &Ctx, transfer: &Transfer, form: Form, confirm_won: Option<i64>) -> Response {
    let lang = ctx.lang;
    let title = match transfer.receipt.kind {
        TransferKind::Cancel => word!(lang, shop.cancel_receipt),
        _ => word!(lang, shop.receipt),
    };
    let page = Page::new(title.clone()).form().refused_if(form.is_bad());
    shell::page(ctx, page, || {
        let may_cancel =
            transfer.cancellable_won > 0 && transfer.cancel_until_at.is_some_and(|until| ctx.at < until);
        let cancel = match confirm_won {
            Some(won) => Some(confirm(ctx, &form, won)),
            None if may_cancel => Some(cancel_form(ctx, transfer, &form)),
            None => why_not(ctx, transfer),
        };
        view! {
            <div class="stack stack-l">
                {receipt(ctx, transfer, title)}
                {form.summary(ctx)}
                {cancel}
                <p><a href="/shop">{word!(lang, shop.back)}</a></p>
            </div>
        }
    })
}

fn receipt(ctx: &Ctx, transfer: &Transfer, title: String) -> AnyView {
    let lang = ctx.lang;
    let receipt = &transfer.receipt;
    let fact = |term: String, said: AnyView| view! { <div><dt>{term}</dt><dd>{said}</dd></div> };
    let mut programmes: BTreeMap<&str, i64> = BTreeMap::new();
    for lot in &transfer.lots {
        let name = words::named(lang, &lot.programme_name, &lot.programme_name_en);
        *programmes.entry(name).or_default() += lot.amount_won.abs();
    }
    let programmes: Vec<_> = programmes
        .into_iter()
        .map(|(name, won)| fact(name.to_owned(), money(lang, won, "money").into_any()))
        .collect();
    let cancelled = (transfer.cancelled_won > 0).then(|| {
        view! {
            {fact(word!(lang, shop.cancelled_sum), money(lang, transfer.cancelled_won, "money").into_any())}
            {fact(word!(lang, shop.left), money(lang, transfer.cancellable_won, "money").into_any())}
        }
    });
    let original = receipt.cancels.map(|payment| {
        let link = view! { <a href=format!("/shop/transfers/{payment}")>{word!(lang, shop.original)}</a> };
        fact(word!(lang, shop.cancels), link.into_any())
    });
    let tone = if receipt.kind == TransferKind::Cancel {
        "warning"
    } else {
        "success"
    };
    view! {
        <article class="receipt">
            <header class="receipt-head">
                <span class="receipt-mark" data-tone=tone>{icon(if tone == "warning" { "undo" } else { "check" }, "icon icon-l")}</span>
                <h1>{title}</h1>
                <p>{money(lang, receipt.amount_won, "money money-xl")}</p>
            </header>
            <dl class="facts facts-even receipt-lines">
                {fact(word!(lang, shop.when), words::when(lang, receipt.at).into_any())}
                {programmes}{cancelled}{original}
            </dl>
            <p class="receipt-number">{word!(lang, shop.receipt_number, number = receipt.number.clone())}</p>
        </article>
    }
    .into_any()
}

fn why_not(ctx: &Ctx, transfer: &Transfer) -> Option<AnyView> {
    let lang = ctx.lang;
    let until = transfer.cancel_until_at?;
    let refusal = if transfer.cancellable_won == 0 {
        words::refusal(lang, &Refusal::AlreadyCancelled { left_won: 0 })
    } else {
        word!(lang, shop.too_late, date = words::day(lang, until))
    };
    Some(shell::notice("info", None, refusal))
}

fn cancel_form(ctx: &Ctx, transfer: &Transfer, form: &Form) -> AnyView {
    let lang = ctx.lang;
    let left = words::won(lang, transfer.cancellable_won);
    let until = transfer
        .cancel_until_at
        .map(|until| words::day(lang, until))
        .unwrap_or_default();
    let how = vec![
        Choice {
            value: "all".to_owned(),
            label: word!(lang, shop.all, amount = left),
            hint: String::new(),
        },
        Choice {
            value: "part".to_owned(),
            label: word!(lang, shop.part),
            hint: word!(lang, shop.part_hint),
        },
    ];
    let amount = Field {
        name: "amount",
        label: word!(lang, shop.cancel_amount),
        inputmode: "numeric",
        autocomplete: "off",
        optional: true,
        unit: Some(word!(lang, common.won)),
        ..Field::default()
    };
    let mut reasons = vec![(String::new(), word!(lang, shop.choose_reason))];
    reasons.extend(
        REASONS
            .iter()
            .map(|reason| ((*reason).to_owned(), reason_said(ctx, reason))),
    );
    let reason = Field {
        name: "reason",
        label: word!(lang, shop.reason),
        choices: reasons,
        ..Field::default()
    };
    view! {
        <section class="section" aria-labelledby="cancel">
            <div class="section-head"><h2 id="cancel">{word!(lang, shop.cancel)}</h2></div>
            <p class="soft">{word!(lang, shop.cancel_until, date = until)}</p>
            <form class="form" method="post" novalidate=true>
                {form.hidden(ctx)}
                {form.radios("how", word!(lang, shop.how_much), how)}
                {form.field(ctx, amount)}
                {form.field(ctx, reason)}
                <div class="form-actions"><button class="button" type="submit">{word!(lang, common.next)}</button></div>
            </form>
        </section>
    }
    .into_any()
}

/// The question before it is done; what was typed travels along.
fn confirm(ctx: &Ctx, form: &Form, amount_won: i64) -> AnyView {
    let lang = ctx.lang;
    let carried: Vec<_> = ["how", "amount", "reason"]
        .into_iter()
        .map(|name| view! { <input type="hidden" name=name value=form.get(name).to_owned() /> })
        .collect();
    let amount = words::won(lang, amount_won);
    view! {
        <section class="section" aria-labelledby="cancel">
            <div class="section-head"><h2 id="cancel">{word!(lang, shop.sure, amount = amount.clone())}</h2></div>
            <form class="form" method="post">
                {form.hidden(ctx)}
                {carried}
                <input type="hidden" name="sure_won" value=amount_won.to_string() />
                <p>{word!(lang, shop.sure_text)}</p>
                <p class="soft">{format!("{}: {}", word!(lang, shop.reason), reason_said(ctx, form.get("reason")))}</p>
                <div class="form-actions">
                    <button class="button button-danger" type="submit" name="sure" value="1">{word!(lang, shop.do_cancel, amount = amount)}</button>
                    <a class="button" href=ctx.path.clone()>{word!(lang, common.no)}</a>
                </div>
            </form>
        </section>
    }
    .into_any()
}
