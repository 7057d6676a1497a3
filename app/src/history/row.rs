//! One movement as a line of a list.

use ledger::{Movement, TransferKind};
use leptos::prelude::*;

use crate::{
    shell::icon,
    word,
    words::{self, Lang},
};

/// The icon and tone of a kind.
fn look(kind: TransferKind) -> (&'static str, &'static str) {
    match kind {
        TransferKind::Pay | TransferKind::Hold => ("shop", "neutral"),
        TransferKind::Sell => ("plus", "primary"),
        TransferKind::Grant | TransferKind::Fund | TransferKind::GiftClaim => ("gift", "success"),
        TransferKind::Gift | TransferKind::TakeBack | TransferKind::Expire => ("gift", "neutral"),
        TransferKind::Cancel
        | TransferKind::Refund
        | TransferKind::Remit
        | TransferKind::RemitReturn
        | TransferKind::GiftReturn
        | TransferKind::Settle
        | TransferKind::Release => ("undo", "info"),
    }
}

/// With whom, in the reader's language.
pub(super) fn who(lang: Lang, line: &Movement) -> String {
    let korean = line.counterparty.as_deref().unwrap_or_default();
    let name = words::named(lang, korean, line.counterparty_en.as_deref().unwrap_or_default());
    if name.is_empty() {
        words::transfer_kind(lang, line.kind)
    } else {
        name.to_owned()
    }
}

/// The programmes whose money moved, each once.
pub(super) fn programmes(lang: Lang, line: &Movement) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for lot in &line.lots {
        let name = words::named(lang, &lot.programme_name, &lot.programme_name_en);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What was cancelled of it, in words.
pub(super) fn cancelled(lang: Lang, line: &Movement) -> Option<String> {
    match line.cancelled_won {
        0 => None,
        all if all == -line.amount_won => Some(word!(lang, history.cancelled_all)),
        part => Some(word!(lang, history.cancelled, amount = words::won(lang, part))),
    }
}

/// Icon, text and amount: the face of a line.
pub(super) fn face(lang: Lang, line: &Movement, when: String) -> AnyView {
    let (mark, tone) = look(line.kind);
    // Where money came from a programme its name is the title already.
    let source = line
        .merchant
        .is_some()
        .then(|| programmes(lang, line).join(", "))
        .filter(|names| !names.is_empty());
    let meta = [Some(when), source, cancelled(lang, line)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ");
    let class = if line.amount_won > 0 {
        "money money-in"
    } else {
        "money"
    };
    view! {
        <span class="entry-icon" data-tone=tone>{icon(mark, "icon")}</span>
        <span class="entry-text">
            <span class="entry-title">{who(lang, line)}</span>
            <span class="entry-meta">{meta}</span>
        </span>
        <span class="entry-amount">
            <span class=class>{words::won_signed(lang, line.amount_won)}</span>
            <span class="entry-meta">{words::transfer_kind(lang, line.kind)}</span>
        </span>
    }
    .into_any()
}

/// A line that leads to its receipt.
pub fn row(lang: Lang, line: &Movement, now: i64) -> AnyView {
    let day = if words::date(lang, line.at) == words::date(lang, now) {
        words::time(line.at)
    } else {
        format!("{} {}", words::month_day(lang, line.at), words::time(line.at))
    };
    let href = format!("/wallet/transfers/{}", line.transfer);
    view! { <li><a class="entry-row" href=href>{face(lang, line, day)}</a></li> }.into_any()
}
