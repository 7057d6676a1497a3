//! `/admin/payouts/{id}/result.csv`: every row with what came of it, as a file for Excel.
//!
//! Written page by page while it is sent: memory stays at one page, whatever the roster's length.

use axum::body::{Body, Bytes};
use futures::stream;
use ledger::payouts::{PayoutRow, RowOutcome};

use super::{document, rows, said};
use crate::{
    access::ANY_OFFICIAL,
    door::{Answer, Ctx, Official},
    reveals,
    shell::{
        self,
        csv::{BYTE_ORDER_MARK, guarded, written},
    },
    word,
    words::{self, Lang},
};

/// Rows asked for at once.
const PAGE: i64 = 1_000;

fn head(lang: Lang) -> Vec<String> {
    vec![
        word!(lang, payouts.row),
        word!(lang, payouts.person),
        word!(lang, payouts.amount),
        word!(lang, payouts.outcome),
        word!(lang, payouts.why),
    ]
}

fn record(ctx: &Ctx, official: &Official, row: &PayoutRow, bare: bool) -> Vec<String> {
    let lang = ctx.lang;
    let amount = if row.checked.outcome == RowOutcome::Ok {
        row.checked.amount_won.to_string()
    } else {
        String::new()
    };
    vec![
        row.checked.row.to_string(),
        guarded(&rows::open(&ctx.house.people, official, row, bare).name),
        amount,
        said::outcome(lang, row).1,
        guarded(&said::why(lang, row)),
    ]
}

/// GET `/admin/payouts/{id}/result.csv`.
pub async fn get(ctx: Ctx, id: String) -> Answer {
    let official = ctx.official(ANY_OFFICIAL)?;
    let payout = document::find(&ctx, &official, &id).await?;
    ctx.audit(&official, "payout.download", &format!("payout/{}", payout.id), "")
        .await?;
    let title: String = payout
        .title
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .take(60)
        .collect();
    let name = word!(
        ctx.lang,
        payouts.csv_name,
        title = title,
        date = words::day_of(ctx.at).to_string()
    );
    // Masked like the page, unless it was asked for.
    let bare = reveals::is_bare(&ctx, &official, &format!("payout/{}", payout.id)).await?;
    let start = ctx.clone();
    // The row after which the next page begins; `None` when all is written.
    let lines = stream::try_unfold(Some(-1_i64), move |after| {
        let (ctx, official) = (start.clone(), official.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let page = ctx
                .house
                .ledger
                .payout_rows(official.municipality, payout.id, None, after, PAGE)
                .await
                // The transfer is broken off, so that nobody takes half a file for the whole.
                .map_err(std::io::Error::other)?;
            let mut bytes = Vec::new();
            if after < 0 {
                bytes.extend_from_slice(BYTE_ORDER_MARK);
                bytes.extend(written([head(ctx.lang)]).map_err(std::io::Error::other)?);
            }
            let rows = page.iter().map(|row| record(&ctx, &official, row, bare));
            bytes.extend(written(rows).map_err(std::io::Error::other)?);
            let next = page
                .last()
                .filter(|_| page.len() as i64 == PAGE)
                .map(|row| row.checked.row);
            Ok::<_, std::io::Error>(Some((Bytes::from(bytes), next)))
        }
    });
    Ok(shell::attachment(
        &name,
        "text/csv; charset=utf-8",
        Body::from_stream(lines),
    ))
}
