//! `/wallet`: what I have, in which pots and lots, until when, where I may spend it, and what happened last.
//!
//! The most visited page. Cost: one query for the session, and per municipality (nearly always one) three that
//! run side by side: the open lots, the last five movements, what waits to be paid out; and two for gifts that wait. One
//! for new devices, beside these.
//! No other I/O; a page of 20 lots is about 20 kB. While the database is away it shows what this session saw last.

mod pot;

use ledger::{HistoryFilter, Movement, Wallet};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    calm::{self, View},
    devices,
    door::{Answer, Citizen, Ctx, PageError},
    gifts, history,
    shell::{self, Page, icon, money},
    word,
    words::{self, Lang},
};

/// How many movements the wallet shows.
const LAST: i64 = 5;

/// What somebody holds in one municipality.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Held {
    /// The municipality.
    municipality: i64,
    wallet: Wallet,
    /// What waits to be paid out, won.
    refundable_won: i64,
    /// How many gifts wait.
    gifts: usize,
}

/// The name of a municipality in the reader's language.
pub(crate) fn municipality_name(ctx: &Ctx, code: i64) -> String {
    let list = ctx.house.municipalities.borrow();
    list.iter()
        .find(|municipality| municipality.code == code)
        .map(|municipality| words::named(ctx.lang, &municipality.name, &municipality.name_en).to_owned())
        .unwrap_or_default()
}

async fn read(ctx: &Ctx, citizen: &Citizen) -> Result<(Vec<Held>, Vec<Movement>), PageError> {
    let ledger = &ctx.house.ledger;
    let filter = HistoryFilter::default();
    let mut held = Vec::with_capacity(citizen.holders.len());
    let mut last = Vec::new();
    for (municipality, holder) in &citizen.holders {
        let (wallet, history, refundable_won) = tokio::try_join!(
            ledger.wallet(*municipality, *holder, ctx.at),
            ledger.history(*municipality, *holder, &filter, None, LAST),
            ledger.refundable(*municipality, *holder),
        )?;
        let gifts = gifts::waiting(ctx, *municipality, *holder).await?.len();
        held.push(Held {
            municipality: *municipality,
            wallet,
            refundable_won,
            gifts,
        });
        last.extend(history.lines);
    }
    if citizen.holders.len() > 1 {
        last.sort_by_key(|line| std::cmp::Reverse((line.at, line.transfer)));
        last.truncate(LAST as usize);
    }
    Ok((held, last))
}

/// GET `/wallet`.
pub async fn get(ctx: Ctx) -> Answer {
    let citizen = ctx.citizen()?;
    let session = ctx.signed_in()?.id;
    let memory = &ctx.house.calm;
    // What was seen last, and when; `None` while it is the present.
    let work = async { tokio::try_join!(read(&ctx, &citizen), devices::asked(&ctx)) };
    let mut new_devices = Vec::new();
    let ((held, last), seen_at) = match calm::ask(&ctx, work).await? {
        Some((seen, asked)) => {
            new_devices = asked;
            memory.keep(session, View::Wallet, &seen, ctx.at);
            (seen, None)
        }
        None => match memory.last::<(Vec<Held>, Vec<Movement>)>(session, View::Wallet, ctx.at) {
            Some((at, seen)) => (seen, Some(at)),
            None => return Err(PageError::Away),
        },
    };
    let lang = ctx.lang;
    let at = seen_at.unwrap_or(ctx.at);
    let page = Page::new(word!(lang, wallet.title));
    let here = ctx.clone();
    Ok(shell::page(&ctx, page, move || {
        let stale = seen_at.map(|at| calm::stale(&here, at));
        let total_won = held.iter().map(|held| held.wallet.total_won).sum();
        let pots = held.iter().map(|held| held.wallet.pots.len()).sum::<usize>();
        view! {
            {stale}
            {devices::notices(&here, &new_devices)}
            {balance(lang, total_won, pots, at)}
            {waiting_view(lang, &held)}
            {pots_view(&here, held, at)}
            {last_view(lang, &last, at)}
        }
    }))
}

fn balance(lang: Lang, total_won: i64, pots: usize, at: i64) -> AnyView {
    let time = format!("{} {}", words::month_day(lang, at), words::time(at));
    view! {
        <section class="balance" aria-labelledby="total">
            <div>
                <h1 class="balance-label" id="total">{word!(lang, wallet.total)}</h1>
                <p>{money(lang, total_won, "money money-xl")}</p>
                <p class="balance-note">{word!(lang, wallet.note, pots = pots.to_string(), time = time)}</p>
            </div>
            <nav class="quick" aria-label=word!(lang, wallet.quick)>
                <a class="quick-main" href="/wallet/pay">{icon("pay", "icon")}{word!(lang, wallet.pay)}</a>
                <a href="/wallet/code">{icon("qr", "icon")}{word!(lang, wallet.code)}</a>
                <a href="/wallet/charge">{icon("plus", "icon")}{word!(lang, wallet.charge)}</a>
                <a href="/wallet/history">{icon("history", "icon")}{word!(lang, wallet.history)}</a>
                <a href="/wallet/gift">{icon("gift", "icon")}{word!(lang, wallet.gift)}</a>
                <a href="/wallet/refund">{icon("undo", "icon")}{word!(lang, wallet.refund)}</a>
            </nav>
        </section>
    }
    .into_any()
}

/// What waits for this person: gifts, and money to be paid out.
fn waiting_view(lang: Lang, held: &[Held]) -> AnyView {
    let gifts: usize = held.iter().map(|held| held.gifts).sum();
    let refundable_won: i64 = held.iter().map(|held| held.refundable_won).sum();
    let gifts = (gifts > 0).then(|| {
        let text = word!(lang, wallet.gift_waits, count = gifts.to_string());
        let link = view! { {text}" "<a href="/wallet/gift">{word!(lang, wallet.gift_see)}</a> };
        shell::notice("info", None, link)
    });
    let refundable = (refundable_won > 0).then(|| {
        let text = word!(lang, wallet.refundable, amount = words::won(lang, refundable_won));
        let link = view! { {text}" "<a href="/wallet/refund">{word!(lang, wallet.refundable_go)}</a> };
        shell::notice("info", None, link)
    });
    view! {
        <div class="stack">
            {gifts}
            {refundable}
            <p><a href="/wallet/notices">{word!(lang, wallet.notices)}</a></p>
        </div>
    }
    .into_any()
}

fn pots_view(ctx: &Ctx, held: Vec<Held>, at: i64) -> AnyView {
    let lang = ctx.lang;
    if held.iter().all(|held| held.wallet.pots.is_empty()) {
        let action = Some(("/wallet/charge", word!(lang, wallet.charge)));
        let (title, text) = (word!(lang, wallet.empty_title), word!(lang, wallet.empty));
        return view! { <div class="section">{shell::empty("wallet", title, text, action)}</div> }.into_any();
    }
    let several = held.len() > 1;
    held.into_iter()
        .enumerate()
        .filter(|(_, held)| !held.wallet.pots.is_empty())
        .map(|(index, held)| {
            let id = format!("pots-{index}");
            let sum = several.then(|| money(lang, held.wallet.total_won, "money"));
            let title = if several {
                municipality_name(ctx, held.municipality)
            } else {
                word!(lang, wallet.pots)
            };
            let pots: Vec<_> = held
                .wallet
                .pots
                .into_iter()
                .map(|pot| pot::view(lang, pot, at))
                .collect();
            view! {
                <section class="section" aria-labelledby=id.clone()>
                    <div class="section-head"><h2 id=id.clone()>{title}</h2>{sum}</div>
                    <div class="pots">{pots}</div>
                </section>
            }
            .into_any()
        })
        .collect::<Vec<_>>()
        .into_any()
}

fn last_view(lang: Lang, last: &[Movement], at: i64) -> AnyView {
    let list = if last.is_empty() {
        view! { <p class="soft">{word!(lang, wallet.nothing_moved)}</p> }.into_any()
    } else {
        let lines: Vec<_> = last.iter().map(|line| history::row(lang, line, at)).collect();
        view! { <ul class="history-list">{lines}</ul> }.into_any()
    };
    view! {
        <section class="section" aria-labelledby="last">
            <div class="section-head">
                <h2 id="last">{word!(lang, wallet.last)}</h2>
                <a href="/wallet/history">{word!(lang, wallet.all)}</a>
            </div>
            {list}
            <p><a href="/wallet/card">{word!(lang, card.link)}</a></p>
        </section>
    }
    .into_any()
}
