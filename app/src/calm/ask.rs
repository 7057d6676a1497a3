//! Waiting with an end.

use std::future::Future;

use store::Condition;

use super::{ASK_MAX, GRACE};
use crate::door::{Answer, Ctx, PageError};

/// Does what a page asks of the database, if it answers soon. `None`: it does not, and what was last known is to be
/// shown. An error that is not about being away is the page's.
pub async fn ask<T>(
    ctx: &Ctx,
    work: impl Future<Output = Result<T, PageError>>,
) -> Result<Option<T>, PageError> {
    if ctx.store_away || ctx.house.condition() == Condition::Away {
        return Ok(None);
    }
    match tokio::time::timeout(ASK_MAX, work).await {
        Ok(Ok(done)) => Ok(Some(done)),
        Ok(Err(PageError::Away)) | Err(_) => {
            ctx.house.doubt();
            Ok(None)
        }
        Ok(Err(other)) => Err(other),
    }
}

/// Runs a page's handler. Once the database is known to be away it has [`GRACE`] left; a page that needs no database
/// never notices.
pub async fn within(ctx: &Ctx, page: impl Future<Output = Answer>) -> Answer {
    let pulse = ctx.house.ledger.store().pulse();
    let gone = async {
        pulse.gone().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        biased;
        answer = page => answer,
        () = gone => Err(PageError::Away),
    }
}
