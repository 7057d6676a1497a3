//! The rows of a payout as officials see them: names opened for those who need them, hidden for the rest.

use ledger::payouts::{Payout, PayoutRow, RowOutcome};
use leptos::prelude::*;
use people::People;

use super::said;
use crate::{
    door::{Ctx, Official},
    reveals,
    shell::{self, Column, Row, badge, table},
    word, words,
};

/// Rows on one page.
pub(super) const PER_PAGE: i64 = 100;

/// What stands in a row's seal.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Opened {
    /// The name, as written where the row is in error.
    pub(super) name: String,
    birth: String,
    phone: String,
    amount: String,
}

/// Opens a row's seal: masked, but where it was asked for with a reason (`crate::reveals`). A row that does not open
/// shows no name, and the log says so.
pub(super) fn open(people: &People, official: &Official, row: &PayoutRow, bare: bool) -> Opened {
    let text = match people.unseal(official.municipality, &row.checked.sealed) {
        Ok(text) => text,
        Err(error) => {
            tracing::error!(%error, row = row.checked.row, "a row of a payout does not open");
            return Opened::default();
        }
    };
    let mut opened: Opened = serde_json::from_str(&text).unwrap_or_default();
    if !bare {
        opened = Opened {
            name: people::masked_name(&opened.name),
            ..Opened::default()
        };
    }
    opened
}

impl Opened {
    /// What stands in the file where the mistake is.
    fn wrong(&self, field: &str) -> &str {
        match field {
            "birth" => &self.birth,
            "phone" => &self.phone,
            "amount" => &self.amount,
            _ => "",
        }
    }
}

/// Rows of one payout, with what is needed to show them.
pub(super) struct Rows {
    /// One page of them.
    pub(super) list: Vec<PayoutRow>,
    /// Of which outcome; all if `None`.
    pub(super) outcome: Option<RowOutcome>,
    /// Whether names are shown in full: asked for with a reason.
    pub(super) bare: bool,
    /// Whether more follow.
    pub(super) more: bool,
    /// The row before the page; 0 at the beginning.
    pub(super) after: i64,
}

/// The section with the rows.
pub(super) fn view(ctx: &Ctx, official: &Official, payout: &Payout, shown: &Rows) -> AnyView {
    let lang = ctx.lang;
    let columns = vec![
        Column::text(word!(lang, payouts.row)),
        Column::text(word!(lang, payouts.person)),
        Column::number(word!(lang, payouts.amount)),
        Column::text(word!(lang, payouts.outcome)),
        Column::text(word!(lang, payouts.why)),
    ];
    let rows: Vec<Row> = shown
        .list
        .iter()
        .map(|row| line(ctx, official, row, shown.bare))
        .collect();
    let next = shown
        .list
        .last()
        .filter(|_| shown.more)
        .map(|row| ctx.here_with("after", &row.checked.row.to_string()));
    let first = (shown.after > 0).then(|| ctx.here_with("after", ""));
    let body = if rows.is_empty() {
        view! { <p class="soft">{word!(lang, payouts.no_rows)}</p> }.into_any()
    } else {
        table("rows-table", word!(lang, payouts.rows_caption), columns, rows)
    };
    let pages = (next.is_some() || first.is_some()).then(|| {
        view! {
            <nav class="pagination" aria-label=word!(lang, common.pages)>
                {first.map(|href| view! { <a href=href>{word!(lang, payouts.first_rows)}</a> })}
                {next.map(|href| view! { <a href=href rel="next">{word!(lang, common.next)}</a> })}
            </nav>
        }
    });
    view! {
        <section class="section" aria-labelledby="rows">
            <div class="section-head"><h2 id="rows">{word!(lang, payouts.rows)}</h2></div>
            {reveals::note(ctx, official, &format!("payout/{}", payout.id), shown.bare)}
            {tabs(ctx, payout, shown.outcome)}
            {body}
            {pages}
        </section>
    }
    .into_any()
}

fn line(ctx: &Ctx, official: &Official, row: &PayoutRow, bare: bool) -> Row {
    let lang = ctx.lang;
    let opened = open(&ctx.house.people, official, row, bare);
    let (tone, said) = said::outcome(lang, row);
    let amount = if row.checked.outcome == RowOutcome::Ok {
        words::won(lang, row.checked.amount_won)
    } else {
        "–".to_owned()
    };
    let wrong = opened.wrong(&row.checked.field).to_owned();
    let wrong = (!wrong.is_empty()).then(|| view! { " "<code>{wrong}</code> });
    let why = said::why(lang, row);
    let why = (!why.is_empty()).then(|| view! { <span class="table-why">{why}{wrong}</span> });
    let set_apart = matches!(tone, "danger" | "warning").then_some(tone);
    Row::of(row.checked.row.to_string())
        .and(opened.name)
        .and(amount)
        .and(badge(tone, said))
        .and(why)
        .tone(set_apart)
}

fn tabs(ctx: &Ctx, payout: &Payout, outcome: Option<RowOutcome>) -> AnyView {
    let lang = ctx.lang;
    let all = payout.ok_rows + payout.error_rows + payout.duplicate_rows;
    let choices = [
        (None, word!(lang, common.all), all),
        (Some(RowOutcome::Ok), word!(lang, payouts.row_ok), payout.ok_rows),
        (
            Some(RowOutcome::Error),
            word!(lang, payouts.row_error),
            payout.error_rows,
        ),
        (
            Some(RowOutcome::Duplicate),
            word!(lang, payouts.row_duplicate),
            payout.duplicate_rows,
        ),
    ];
    let links: Vec<_> = choices
        .into_iter()
        .map(|(one, label, count)| {
            let here = (one == outcome).then_some("page");
            let href = match one {
                None => format!("/admin/payouts/{}#rows", payout.id),
                Some(one) => format!("/admin/payouts/{}?rows={}#rows", payout.id, one.code()),
            };
            view! { <a href=href aria-current=here>{label}" "<span class="count">{words::number(count)}</span></a> }
        })
        .collect();
    view! { <nav class="tabs" aria-label=word!(lang, payouts.outcome)>{links}</nav> }.into_any()
}

/// What the check came to, and what it would leave of the budget.
pub(super) fn figures(ctx: &Ctx, payout: &Payout, before_won: i64, after_won: i64) -> AnyView {
    let lang = ctx.lang;
    let stat = |label: String, value: String, note: Option<String>| {
        view! {
            <div class="stat"><dt>{label}</dt><dd class="stat-value">{value}</dd>
                {note.map(|note| view! { <dd class="stat-note">{note}</dd> })}</div>
        }
    };
    let budget = payout.kind == ledger::payouts::PayoutKind::Budget;
    let counts = (!budget).then(|| {
        view! {
            {stat(word!(lang, payouts.row_ok), words::number(payout.ok_rows), Some(word!(lang, payouts.ok_note)))}
            {stat(word!(lang, payouts.row_error), words::number(payout.error_rows), Some(word!(lang, payouts.left_out_note)))}
            {stat(word!(lang, payouts.row_duplicate), words::number(payout.duplicate_rows), Some(word!(lang, payouts.left_out_note)))}
        }
    });
    let total = if budget {
        word!(lang, payouts.budget_total)
    } else {
        word!(lang, payouts.total)
    };
    let short = (after_won < 0).then(|| {
        let text = word!(lang, payouts.budget_short, missing = words::won(lang, -after_won));
        shell::notice("danger", Some(word!(lang, payouts.budget_short_title)), text)
    });
    let ended = payout.done_at.is_some();
    let sum = (!ended).then(|| {
        view! {
            <dl class="sum">
                <div><dt>{word!(lang, payouts.budget_now)}</dt><dd class="money">{words::won(lang, before_won)}</dd></div>
                <div><dt>{word!(lang, payouts.budget_after)}</dt><dd class="money">{words::won(lang, after_won)}</dd></div>
            </dl>
        }
    });
    view! {
        <section class="section stack" aria-labelledby="figures">
            <div class="section-head"><h2 id="figures">{word!(lang, payouts.figures)}</h2></div>
            <dl class="stats">{counts}{stat(total, words::won(lang, payout.total_won), None)}</dl>
            {sum}
            {(!ended).then_some(short)}
        </section>
    }
    .into_any()
}
