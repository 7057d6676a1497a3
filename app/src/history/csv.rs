//! The history as a file that Excel opens right: UTF-8 with a byte-order mark, CRLF, and no text that a
//! spreadsheet could take for a formula.
//!
//! What came and what went stand in columns of their own, so every amount is a plain number without a sign,
//! and stays a number; only texts are guarded. Written page by page while it is sent: memory stays at one
//! page (500 lines) whatever the length, and a reader who is slow or gone slows or ends the reading.

use axum::body::{Body, Bytes};
use futures::stream;
use ledger::{Cursor, Movement};

use super::{filters::Filters, row};
use crate::{
    door::{Answer, Ctx, PageError},
    shell::{
        self,
        csv::{BYTE_ORDER_MARK, guarded, written},
    },
    word,
    words::{self, Lang},
};

/// Lines asked for at once: the ledger's most.
const PAGE: i64 = 500;

fn head(lang: Lang) -> Vec<String> {
    vec![
        word!(lang, history.csv_date),
        word!(lang, history.csv_time),
        word!(lang, history.csv_kind),
        word!(lang, history.csv_who),
        word!(lang, history.csv_in),
        word!(lang, history.csv_out),
        word!(lang, history.csv_cancelled),
        word!(lang, history.csv_programmes),
        word!(lang, history.csv_number),
    ]
}

fn record(lang: Lang, line: &Movement) -> Vec<String> {
    let amount = |won: i64| if won > 0 { won.to_string() } else { String::new() };
    vec![
        words::day_of(line.at).to_string(),
        words::time(line.at),
        words::transfer_kind(lang, line.kind),
        guarded(&row::who(lang, line)),
        amount(line.amount_won),
        amount(-line.amount_won),
        amount(line.cancelled_won),
        guarded(&row::programmes(lang, line).join(", ")),
        guarded(&line.number),
    ]
}

/// Where the writing stands.
enum Place {
    Beginning,
    After(Cursor),
    End,
}

/// GET `/wallet/history.csv`: the same selection as the page, from its newest line on.
pub async fn get(ctx: Ctx) -> Answer {
    let citizen = ctx.citizen()?;
    let filters = Filters::read(&ctx, &citizen, &mut ctx.asked())?;
    let lang = ctx.lang;
    let name = word!(lang, history.csv_name, date = words::day_of(ctx.at).to_string());
    let ledger = ctx.house.ledger.clone();
    let lines = stream::try_unfold(Place::Beginning, move |place| {
        let ledger = ledger.clone();
        let (municipality, holder, filter) = (filters.municipality, filters.holder, filters.filter.clone());
        async move {
            let (mut bytes, cursor) = match place {
                Place::Beginning => {
                    let mut bytes = BYTE_ORDER_MARK.to_vec();
                    bytes.extend(written([head(lang)]).map_err(std::io::Error::other)?);
                    (bytes, None)
                }
                Place::After(cursor) => (Vec::new(), Some(cursor)),
                Place::End => return Ok(None),
            };
            let page = ledger
                .history(municipality, holder, &filter, cursor, PAGE)
                .await
                // The transfer is broken off, so that nobody takes half a file for the whole.
                .map_err(std::io::Error::other)?;
            bytes.extend(
                written(page.lines.iter().map(|line| record(lang, line))).map_err(std::io::Error::other)?,
            );
            let next = page.next.map_or(Place::End, Place::After);
            Ok::<_, std::io::Error>(Some((Bytes::from(bytes), next)))
        }
    });
    let response = shell::attachment(&name, "text/csv; charset=utf-8", Body::from_stream(lines));
    Ok::<_, PageError>(response)
}
