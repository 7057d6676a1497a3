//! One pot: a programme's money, what of it ends soon, where it may be spent, and its lots.

use ledger::{Lot, LotKind, Pot, ProgrammeKind};
use leptos::prelude::*;

use crate::{
    shell::{icon, money},
    word,
    words::{self, Lang},
};

/// What ends within a month is said aloud.
const SOON_MS: i64 = 31 * 24 * 3600 * 1000;
/// More days than these are not said aloud: the lots stand below.
const NOTICES_MAX: usize = 3;

/// What ends soon: (the instant after the last moment, won), soonest first, what ends together added up.
fn ending_soon(lots: &[Lot], at: i64) -> Vec<(i64, i64)> {
    let mut soon: Vec<(i64, i64)> = Vec::new();
    for lot in lots.iter().filter(|lot| lot.expires_at - at <= SOON_MS) {
        match soon.last_mut() {
            Some((ends_at, won)) if *ends_at == lot.expires_at => *won += lot.left_won,
            _ => soon.push((lot.expires_at, lot.left_won)),
        }
    }
    soon.truncate(NOTICES_MAX);
    soon
}

fn lot_view(lang: Lang, lot: &Lot) -> AnyView {
    let title = match lot.kind {
        LotKind::Bought => word!(lang, wallet.lot_bought),
        LotKind::Granted => word!(lang, wallet.lot_granted),
        LotKind::Gifted => word!(lang, wallet.lot_gifted),
    };
    let meta = word!(
        lang,
        wallet.lot_meta,
        came = words::date(lang, lot.created_at),
        ends = words::day(lang, lot.expires_at),
        value = words::won(lang, lot.value_won)
    );
    view! {
        <li>
            <a class="lot-title" href=format!("/wallet/transfers/{}", lot.transfer)>{title}</a>
            {money(lang, lot.left_won, "money")}
            <span class="lot-meta">{meta}</span>
        </li>
    }
    .into_any()
}

/// The card of a pot.
pub(super) fn view(lang: Lang, pot: Pot, at: i64) -> AnyView {
    let name = words::named(lang, &pot.name, &pot.name_en).to_owned();
    let tone = if pot.kind == ProgrammeKind::Given {
        "success"
    } else {
        "primary"
    };
    let notices: Vec<_> = ending_soon(&pot.lots, at)
        .into_iter()
        .map(|(ends_at, won)| {
            let date = words::day(lang, ends_at);
            let text = word!(lang, wallet.notice, amount = words::won(lang, won), date = date);
            view! { <p class="pot-notice">{icon("clock", "icon icon-s")}<span>{text}</span></p> }
        })
        .collect();
    let ends = pot.next_expiry.map(|ends_at| words::day(lang, ends_at));
    let count = word!(lang, wallet.lots, count = pot.lots.len().to_string());
    let lots: Vec<_> = pot.lots.iter().map(|lot| lot_view(lang, lot)).collect();
    let merchants = format!(
        "/merchants?m={}&programme={}",
        store::municipality_of(pot.programme),
        pot.programme
    );
    view! {
        <article class="pot">
            <div class="pot-head">
                <h3 class="pot-name">{name}</h3>
                <span class="badge badge-plain" data-tone=tone>{words::programme_kind(lang, pot.kind)}</span>
            </div>
            <p>{money(lang, pot.left_won, "money money-l")}</p>
            {notices}
            <dl class="pot-facts">
                {ends.map(|ends| view! { <div><dt>{word!(lang, wallet.ends_first)}</dt><dd>{ends}</dd></div> })}
                <div>
                    <dt>{word!(lang, wallet.place)}</dt>
                    <dd>{words::restriction(lang, &pot.restriction)}" "<a href=merchants>{word!(lang, wallet.find)}</a></dd>
                </div>
            </dl>
            <details class="details">
                <summary>{count}</summary>
                <div class="details-body"><ul class="lots">{lots}</ul></div>
            </details>
        </article>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lot(left_won: i64, expires_at: i64) -> Lot {
        Lot {
            id: 1,
            kind: LotKind::Granted,
            price_won: 0,
            value_won: 50_000,
            left_won,
            created_at: 0,
            expires_at,
            transfer: 1,
        }
    }

    #[test]
    fn what_ends_together_within_a_month_is_said_once() {
        let day = 24 * 3600 * 1000;
        let lots = [
            lot(1_000, 5 * day),
            lot(2_000, 5 * day),
            lot(4_000, 9 * day),
            lot(8_000, 60 * day),
        ];
        assert_eq!(ending_soon(&lots, 0), vec![(5 * day, 3_000), (9 * day, 4_000)]);
    }
}
