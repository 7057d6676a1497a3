//! Whether bank and books agree, day by day, and which lines differ where they do not.

use jiff::civil::Date;
use ledger::{Differing, Reconciliation, Why};
use leptos::prelude::*;

use crate::{
    door::Ctx,
    shell::{self, Column, Row, badge, table},
    word,
    words::{self, Lang},
};

/// Days shown.
pub(super) const DAYS: i64 = 14;

/// The latest day, where it differs.
pub(super) fn first_to_show(days: &[Reconciliation]) -> Option<Date> {
    days.first().filter(|day| !day.balances()).map(|day| day.day)
}

pub(super) fn view(ctx: &Ctx, days: &[Reconciliation], differing: Option<(Date, Vec<Differing>)>) -> AnyView {
    let lang = ctx.lang;
    let body = if days.is_empty() {
        shell::empty(
            "building",
            word!(lang, settlements.bank_none_title),
            word!(lang, settlements.bank_none),
            None,
        )
    } else {
        by_day(ctx, days)
    };
    let differing = differing
        .filter(|(_, lines)| !lines.is_empty())
        .map(|(day, lines)| {
            let title = word!(lang, settlements.diff_title, day = day.to_string());
            view! { <h3>{title}</h3>{lines_view(lang, &lines)} }
        });
    view! {
        <section class="section stack" aria-labelledby="bank">
            <h2 id="bank">{word!(lang, settlements.bank_title)}</h2>
            {body}
            {differing}
        </section>
    }
    .into_any()
}

fn by_day(ctx: &Ctx, days: &[Reconciliation]) -> AnyView {
    let lang = ctx.lang;
    let columns = vec![
        Column::text(word!(lang, settlements.bank_day)),
        Column::number(word!(lang, settlements.bank_bank)),
        Column::number(word!(lang, settlements.bank_book)),
        Column::number(word!(lang, settlements.bank_open)),
        Column::text(word!(lang, settlements.bank_result)),
    ];
    let rows = days
        .iter()
        .map(|day| {
            let open = word!(
                lang,
                settlements.open_is,
                won = words::won_signed(lang, day.open_won),
                count = words::number(day.open_items)
            );
            Row::of(day.day.to_string())
                .and(words::won(lang, day.bank_won))
                .and(words::won(lang, day.book_won))
                .and(open)
                .and(result(ctx, day))
                .tone((!day.balances()).then_some("danger"))
        })
        .collect();
    table("reconciliations", word!(lang, settlements.bank_caption), columns, rows)
}

fn result(ctx: &Ctx, day: &Reconciliation) -> AnyView {
    let lang = ctx.lang;
    if day.balances() {
        return badge("success", word!(lang, settlements.balances));
    }
    let count = word!(lang, settlements.lines_differ, count = words::number(day.differing));
    let rest = (day.rest_won != 0).then(|| {
        let rest = word!(lang, settlements.rest, won = words::won_signed(lang, day.rest_won));
        badge("danger", rest)
    });
    view! { <a href=ctx.here_with("day", &day.day.to_string())>{count}</a>" "{rest} }.into_any()
}

fn why(lang: Lang, why: Why) -> String {
    match why {
        Why::MissingHere => word!(lang, settlements.missing_here),
        Why::MissingThere => word!(lang, settlements.missing_there),
        Why::OtherAmount => word!(lang, settlements.other_amount),
        Why::Double => word!(lang, settlements.double),
        Why::WithoutDeposit => word!(lang, settlements.without_deposit),
    }
}

/// A deposit's or remittance's state, by its code.
fn state(lang: Lang, code: &str) -> String {
    match code {
        "pending" => word!(lang, settlements.d_pending),
        "confirmed" => word!(lang, settlements.d_confirmed),
        "failed" => word!(lang, settlements.d_failed),
        "unknown" => word!(lang, settlements.d_unknown),
        _ => String::new(),
    }
}

fn lines_view(lang: Lang, lines: &[Differing]) -> AnyView {
    let columns = vec![
        Column::text(word!(lang, settlements.diff_why)),
        Column::text(word!(lang, settlements.diff_ref)),
        Column::text(word!(lang, settlements.diff_line)),
        Column::text(word!(lang, settlements.diff_state)),
        Column::number(word!(lang, settlements.diff_book)),
        Column::number(word!(lang, settlements.diff_bank)),
    ];
    let rows = lines
        .iter()
        .map(|line| {
            Row::of(why(lang, line.why))
                .and(view! { <code>{line.reference.clone()}</code> })
                .and(view! { <code>{line.line.clone()}</code> })
                .and(state(lang, &line.state))
                .and(words::won_signed(lang, line.book_won))
                .and(words::won_signed(lang, line.bank_won))
        })
        .collect();
    table("differing", word!(lang, settlements.diff_caption), columns, rows)
}
