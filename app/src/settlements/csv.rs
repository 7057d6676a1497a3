//! Settlements as a file that Excel opens right; page by page while it is sent, so memory stays at one page.

use axum::body::{Body, Bytes};
use futures::stream;
use ledger::PaidSettlement;

use super::{days, filter, state};
use crate::{
    access::ANY_OFFICIAL,
    door::{Answer, Ctx},
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
        word!(lang, settlements.day),
        word!(lang, settlements.merchant),
        word!(lang, shops.code),
        word!(lang, settlements.period),
        word!(lang, settlements.brought),
        word!(lang, settlements.taken),
        word!(lang, settlements.sent),
        word!(lang, settlements.carried),
        word!(lang, settlements.state),
    ]
}

fn record(lang: Lang, one: &PaidSettlement) -> Vec<String> {
    let made = &one.settlement;
    vec![
        words::day_of(made.created_at).to_string(),
        guarded(&one.merchant_name),
        guarded(&one.merchant_code),
        super::period(lang, made.from_at, made.until_at),
        made.brought_won.to_string(),
        made.taken_won.to_string(),
        made.sent_won.to_string(),
        made.carried_won.to_string(),
        state(lang, one.state).1,
    ]
}

/// GET `/admin/settlements.csv`: the same days as the page.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(ANY_OFFICIAL)?;
    let (from, until) = days(&ctx, &mut ctx.asked());
    let lang = ctx.lang;
    let name = word!(
        lang,
        settlements.csv_name,
        from = from.to_string(),
        until = until.to_string()
    );
    let ledger = ctx.house.ledger.clone();
    let lines = stream::try_unfold(Some(0_i64), move |place| {
        let ledger = ledger.clone();
        async move {
            let Some(offset) = place else { return Ok(None) };
            let mut bytes = Vec::new();
            if offset == 0 {
                bytes.extend_from_slice(BYTE_ORDER_MARK);
                bytes.extend(written([head(lang)]).map_err(std::io::Error::other)?);
            }
            let page = ledger
                .settlements_of_all(official.municipality, &filter(from, until, PAGE, offset))
                .await
                // The transfer is broken off, so that nobody takes half a file for the whole.
                .map_err(std::io::Error::other)?;
            bytes.extend(written(page.iter().map(|one| record(lang, one))).map_err(std::io::Error::other)?);
            let next = ((page.len() as i64) == PAGE).then_some(offset + PAGE);
            Ok::<_, std::io::Error>(Some((Bytes::from(bytes), next)))
        }
    });
    Ok(shell::attachment(&name, "text/csv; charset=utf-8", Body::from_stream(lines)))
}
