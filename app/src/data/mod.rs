//! `/wallet/data`: what is kept about a resident, as a file to take along (개인정보 보호법 제35조), and the end of it.
//!
//! A login is closed only when no money is left behind: who still has some is told where, and what to do.

mod left;

use axum::http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;
use people::CloseError;
use serde::Serialize;

use self::left::Left;
use crate::{
    door::{Answer, Ctx, Field, Form, Posted, set_cookie},
    shell::{self, Page},
    word, words,
};

/// Lines of history asked for at once: the ledger's most.
const PAGE: i64 = 500;

/// GET `/wallet/data`.
pub async fn get(ctx: Ctx) -> Answer {
    show(&ctx, Form::new(), StatusCode::OK).await
}

/// What of one municipality goes into the file.
#[derive(Serialize)]
struct There {
    municipality: i64,
    holder: i64,
    wallet: ledger::Wallet,
    refundable_won: i64,
    bank_account: Option<String>,
    movements: Vec<ledger::Movement>,
    deposits: Vec<ledger::Deposit>,
    gifts_sent: Vec<ledger::Gift>,
}

/// The whole file.
#[derive(Serialize)]
struct Everything {
    written_at: i64,
    login: people::OwnData,
    devices: Vec<people::Device>,
    money: Vec<There>,
}

/// GET `/wallet/data.json`. Times are ms since 1970, amounts won.
pub async fn get_json(ctx: Ctx) -> Answer {
    let citizen = ctx.citizen()?;
    let session = ctx.signed_in()?;
    let (ledger, people) = (&ctx.house.ledger, &ctx.house.people);
    let mut money = Vec::new();
    for (municipality, holder) in citizen.holders {
        let mut movements = Vec::new();
        let mut cursor = None;
        loop {
            let page = ledger
                .history(
                    municipality,
                    holder,
                    &ledger::HistoryFilter::default(),
                    cursor,
                    PAGE,
                )
                .await?;
            movements.extend(page.lines);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let account = people
            .bank_account(municipality, people::AccountOwner::Holder(holder))
            .await?;
        money.push(There {
            municipality,
            holder,
            wallet: ledger.wallet(municipality, holder, ctx.at).await?,
            refundable_won: ledger.refundable(municipality, holder).await?,
            bank_account: account.map(|account| account.masked()),
            movements,
            deposits: ledger.deposits(municipality, holder, 200).await?,
            gifts_sent: ledger.gifts_sent(municipality, holder, 200).await?,
        });
    }
    let everything = Everything {
        written_at: ctx.at,
        login: people.own_data(session).await?,
        devices: people.devices(session, ctx.at).await?,
        money,
    };
    let file = serde_json::to_vec_pretty(&everything).map_err(crate::door::PageError::inside)?;
    Ok(shell::attachment(
        &format!("{}.json", word!(ctx.lang, data.file)),
        "application/json",
        file,
    ))
}

/// POST `/wallet/data`: closes the login, against the password.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let citizen = ctx.citizen()?;
    let lang = ctx.lang;
    let password = form.get("password").to_owned();
    if password.is_empty() {
        form.fail("password", word!(lang, errors.empty));
    }
    if !form.ticked("sure") {
        form.fail("sure", word!(lang, data.sure_missing));
    }
    if !left::of(&ctx, &citizen).await?.is_empty() {
        form.fail("", word!(lang, data.left_behind));
    }
    if form.is_bad() {
        return show(&ctx, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let closed = ctx
        .house
        .people
        .close_login(ctx.signed_in()?, &password, &ctx.client, ctx.at)
        .await;
    match closed {
        Ok(()) => {
            let mut response = shell::redirect_with(&ctx, "/", &word!(lang, data.closed));
            let cookie = set_cookie(&ctx.house.settings, "neul", "", 0);
            response.headers_mut().append(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Err(CloseError::WrongPassword) => {
            form.fail("password", word!(lang, password.wrong));
            show(&ctx, form, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(CloseError::SlowDown { retry_after_ms }) => {
            let seconds = words::seconds(retry_after_ms);
            form.fail("", word!(lang, signin.slow, seconds = seconds.to_string()));
            let mut response = show(&ctx, form, StatusCode::TOO_MANY_REQUESTS).await?;
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            Ok(response)
        }
        Err(CloseError::Fault(fault)) => Err(fault.into()),
    }
}

async fn show(ctx: &Ctx, form: Form, status: StatusCode) -> Answer {
    let citizen = ctx.citizen()?;
    let left = left::of(ctx, &citizen).await?;
    let lang = ctx.lang;
    let mut page = Page::new(word!(lang, data.title)).narrow();
    page.status = status;
    Ok(shell::page(ctx, page, || {
        view! {
            {shell::page_head(word!(lang, data.title), Some(word!(lang, data.lead)), ())}
            <div class="stack stack-l">
                <section class="section" aria-labelledby="take">
                    <div class="section-head"><h2 id="take">{word!(lang, data.take)}</h2></div>
                    <p>{word!(lang, data.take_text)}</p>
                    <p class="button-row"><a class="button" href="/wallet/data.json">{word!(lang, data.download)}</a></p>
                </section>
                {close(ctx, &form, &left)}
            </div>
        }
    }))
}

fn close(ctx: &Ctx, form: &Form, left: &[Left]) -> AnyView {
    let lang = ctx.lang;
    let body = if left.is_empty() {
        view! {
            <form class="form" method="post" action="/wallet/data" novalidate=true>
                {form.summary(ctx)}
                {form.hidden(ctx)}
                {form.field(ctx, Field {
                    name: "password",
                    label: word!(lang, password.present),
                    kind: "password",
                    autocomplete: "current-password",
                    ..Field::default()
                })}
                {form.tick("sure", word!(lang, data.sure), None)}
                <div class="form-actions">
                    <button class="button button-danger" type="submit">{word!(lang, data.close)}</button>
                </div>
            </form>
        }
        .into_any()
    } else {
        let lines: Vec<_> = left
            .iter()
            .map(|one| view! { <li>{one.said(lang)}</li> })
            .collect();
        view! {
            {form.summary(ctx)}
            {shell::notice("warning", Some(word!(lang, data.left_title)), word!(lang, data.left_behind))}
            <ul class="stack stack-s">{lines}</ul>
        }
        .into_any()
    };
    view! {
        <section class="section" aria-labelledby="close">
            <div class="section-head"><h2 id="close">{word!(lang, data.close_title)}</h2></div>
            <p>{word!(lang, data.close_text)}</p>
            <p class="soft">{word!(lang, data.kept)}</p>
            {body}
        </section>
    }
    .into_any()
}
