//! `/wallet/notices`: what a resident should know: money that ends soon, gifts, refunds. Made anew from the books each time
//! it is read, so that nothing can be missed or said that is no longer true; nothing is sent from here.
//!
//! Money is told of one month, 14, 10, 5 and 1 days before it ends (FACTS section 2); the notice stands as of the last of
//! these days that has come.

use jiff::ToSpan;
use ledger::{Gift, GiftState, Lot, Payee, Remittance, RemittanceState};
use leptos::prelude::*;

use crate::{
    door::{Answer, Citizen, Ctx, PageError, day_start},
    gifts,
    shell::{self, Page, icon},
    word,
    words::{self, Lang},
};

/// How many gifts and refunds back are looked at.
const LAST: i64 = 50;
/// What is older is no news, ms.
const NEWS_MS: i64 = 60 * 24 * 3600 * 1000;

/// What there is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Ends { won: i64, ends_at: i64 },
    GiftCame { won: i64, lapse_at: i64 },
    GiftTaken { won: i64 },
    GiftLapsed { won: i64 },
    RefundPaid { won: i64 },
    RefundFailed { won: i64 },
}

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Notice {
    at: i64,
    what: What,
}

/// Since when the end of something that ends at `ends_at` is told: the first instant of the last notice day that has come.
fn told_since(ends_at: i64, at: i64) -> Option<i64> {
    let last_day = words::day_of(ends_at - 1);
    let before = [1.month(), 14.days(), 10.days(), 5.days(), 1.day()];
    before
        .into_iter()
        .map(|span| day_start(last_day.saturating_sub(span)))
        .filter(|since| *since <= at)
        .max()
}

/// Money that ends soon; what ends together is said once.
fn ending(lots: &[Lot], at: i64) -> Vec<Notice> {
    let mut by_end: std::collections::BTreeMap<i64, i64> = std::collections::BTreeMap::new();
    for lot in lots.iter().filter(|lot| lot.left_won > 0 && lot.expires_at > at) {
        *by_end.entry(lot.expires_at).or_insert(0) += lot.left_won;
    }
    by_end
        .into_iter()
        .filter_map(|(ends_at, won)| {
            Some(Notice {
                at: told_since(ends_at, at)?,
                what: What::Ends { won, ends_at },
            })
        })
        .collect()
}

fn of_sent(gift: &Gift) -> Option<Notice> {
    let won = gift.amount_won;
    let what = match gift.state {
        GiftState::Claimed => What::GiftTaken { won },
        GiftState::Lapsed => What::GiftLapsed { won },
        GiftState::Waiting | GiftState::Cancelled => return None,
    };
    Some(Notice {
        at: gift.updated_at,
        what,
    })
}

fn of_refund(sent: &Remittance) -> Option<Notice> {
    let won = sent.amount_won;
    let what = match sent.state {
        RemittanceState::Confirmed => What::RefundPaid { won },
        RemittanceState::Failed => What::RefundFailed { won },
        RemittanceState::Pending | RemittanceState::Unknown => return None,
    };
    Some(Notice {
        at: sent.updated_at,
        what,
    })
}

async fn read(ctx: &Ctx, citizen: &Citizen) -> Result<Vec<Notice>, PageError> {
    let ledger = &ctx.house.ledger;
    let mut notices = Vec::new();
    for (municipality, holder) in &citizen.holders {
        let (wallet, sent, refunds) = tokio::try_join!(
            ledger.wallet(*municipality, *holder, ctx.at),
            ledger.gifts_sent(*municipality, *holder, LAST),
            ledger.remittances(*municipality, Payee::Holder(*holder), LAST),
        )?;
        for pot in &wallet.pots {
            notices.extend(ending(&pot.lots, ctx.at));
        }
        let waiting = gifts::waiting(ctx, *municipality, *holder).await?;
        notices.extend(waiting.into_iter().map(|gift| Notice {
            at: gift.created_at,
            what: What::GiftCame {
                won: gift.amount_won,
                lapse_at: gift.lapse_at,
            },
        }));
        notices.extend(sent.iter().filter_map(of_sent));
        notices.extend(refunds.iter().filter_map(of_refund));
    }
    notices.retain(|notice| ctx.at - notice.at < NEWS_MS);
    notices.sort_by_key(|notice| std::cmp::Reverse(notice.at));
    Ok(notices)
}

/// GET `/wallet/notices`.
pub async fn get(ctx: Ctx) -> Answer {
    let citizen = ctx.citizen()?;
    let found = read(&ctx, &citizen).await?;
    let (lang, at) = (ctx.lang, ctx.at);
    let title = word!(lang, notices.title);
    Ok(shell::page(&ctx, Page::new(title.clone()).narrow(), move || {
        let list = if found.is_empty() {
            let action = Some(("/wallet", word!(lang, notices.wallet)));
            shell::empty(
                "bell",
                word!(lang, notices.none_title),
                word!(lang, notices.none),
                action,
            )
        } else {
            let lines: Vec<_> = found.iter().map(|notice| line(lang, notice, at)).collect();
            view! { <ul class="stack stack-s">{lines}</ul> }.into_any()
        };
        view! { {shell::page_head(title, Some(word!(lang, notices.lead)), ())}{list} }
    }))
}

fn line(lang: Lang, notice: &Notice, at: i64) -> AnyView {
    let amount = |won: i64| words::won(lang, won);
    let (mark, text, href) = match notice.what {
        What::Ends { won, ends_at } => {
            let text = word!(
                lang,
                notices.ends,
                amount = amount(won),
                date = words::day(lang, ends_at)
            );
            ("clock", text, "/wallet")
        }
        What::GiftCame { won, lapse_at } => {
            let date = words::day(lang, lapse_at);
            let text = word!(lang, notices.gift_came, amount = amount(won), date = date);
            ("gift", text, "/wallet/gift")
        }
        What::GiftTaken { won } => (
            "check",
            word!(lang, notices.gift_taken, amount = amount(won)),
            "/wallet/gift",
        ),
        What::GiftLapsed { won } => (
            "undo",
            word!(lang, notices.gift_lapsed, amount = amount(won)),
            "/wallet/gift",
        ),
        What::RefundPaid { won } => (
            "check",
            word!(lang, notices.refund_paid, amount = amount(won)),
            "/wallet/refund",
        ),
        What::RefundFailed { won } => (
            "warning",
            word!(lang, notices.refund_failed, amount = amount(won)),
            "/wallet/refund",
        ),
    };
    view! {
        <li class="card stack stack-s">
            <p class="soft small">{words::weekday(lang, notice.at, at)}</p>
            <p class="cluster">{icon(mark, "icon icon-s")}<a href=href>{text}</a></p>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>()
            .expect("a timestamp")
            .as_millisecond()
    }

    #[test]
    fn an_end_is_told_on_five_days_before_it() {
        // The last day is 30 November.
        let ends_at = at("2026-12-01T00:00:00+09:00");
        for (now, since) in [
            ("2026-10-29T23:59:59+09:00", None),
            ("2026-10-30T00:00:00+09:00", Some("2026-10-30T00:00:00+09:00")),
            ("2026-11-15T23:59:59+09:00", Some("2026-10-30T00:00:00+09:00")),
            ("2026-11-16T00:00:00+09:00", Some("2026-11-16T00:00:00+09:00")),
            ("2026-11-20T12:00:00+09:00", Some("2026-11-20T00:00:00+09:00")),
            ("2026-11-25T12:00:00+09:00", Some("2026-11-25T00:00:00+09:00")),
            ("2026-11-30T12:00:00+09:00", Some("2026-11-29T00:00:00+09:00")),
        ] {
            assert_eq!(told_since(ends_at, at(now)), since.map(at), "{now}");
        }
    }
}
