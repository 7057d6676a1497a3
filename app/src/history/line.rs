//! One movement of the history: its face, and opened, what happened to which lots.

use ledger::{Movement, TransferKind};
use leptos::prelude::*;

use super::row;
use crate::{
    word,
    words::{self, Lang},
};

fn fact(label: String, value: impl IntoView + 'static) -> AnyView {
    view! { <div><dt>{label}</dt><dd>{value}</dd></div> }.into_any()
}

/// The line.
pub(super) fn view(lang: Lang, line: &Movement) -> AnyView {
    let paid = matches!(line.kind, TransferKind::Pay | TransferKind::Cancel);
    let who = if paid {
        word!(lang, history.merchant)
    } else {
        word!(lang, history.source)
    };
    let lots_title = if line.amount_won < 0 {
        word!(lang, history.lots)
    } else {
        word!(lang, history.lots_in)
    };
    let lots: Vec<_> = line
        .lots
        .iter()
        .map(|lot| {
            let name = words::named(lang, &lot.programme_name, &lot.programme_name_en).to_owned();
            let ends = word!(lang, history.lot, ends = words::day(lang, lot.expires_at));
            view! {
                <li>
                    <span class="lot-title">{name}</span>
                    <span class="money">{words::won_signed(lang, lot.amount_won)}</span>
                    <span class="lot-meta">{ends}</span>
                </li>
            }
        })
        .collect();
    let receipt = format!("/wallet/transfers/{}", line.transfer);
    let cancelled = row::cancelled(lang, line).map(|text| view! { <p class="soft">{text}</p> });
    view! {
        <li>
            <details class="entry">
                <summary>{row::face(lang, line, words::time(line.at))}</summary>
                <div class="entry-body stack">
                    <dl class="facts">
                        {fact(who, row::who(lang, line))}
                        {fact(word!(lang, history.when), words::when(lang, line.at))}
                        {fact(word!(lang, history.number), view! { <span class="num">{line.number.clone()}</span> })}
                    </dl>
                    {cancelled}
                    <div>
                        <p class="strong small">{lots_title}</p>
                        <ul class="lots">{lots}</ul>
                    </div>
                    <p><a href=receipt>{word!(lang, history.receipt)}</a></p>
                </div>
            </details>
        </li>
    }
    .into_any()
}
