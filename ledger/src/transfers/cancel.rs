//! A payment taken back, in whole or in part.

use std::collections::{BTreeMap, HashMap};

use super::{
    Receipt, TransferKind,
    posting::{Line, Plan, Posting},
    read,
};
use crate::{Refusal, calendar, error::Result};

/// Within how many days a payment can be cancelled (FACTS section 2); the last day counts to its end.
pub(super) const CANCEL_DAYS: i64 = 7;

/// Until when a payment can be cancelled: the instant after the last moment, ms.
pub fn cancel_until_at(paid_at: i64) -> i64 {
    calendar::days_after(paid_at, CANCEL_DAYS)
}

pub(super) async fn cancel(
    posting: &mut Posting<'_, '_>,
    payment: i64,
    amount_won: Option<i64>,
) -> Result<Receipt> {
    let municipality = posting.request.municipality;
    let paid = read::receipt(posting.tx, municipality, payment)
        .await?
        .ok_or(Refusal::UnknownTransfer)?;
    let (TransferKind::Pay, Some(holder), Some(merchant)) = (paid.kind, paid.holder, paid.merchant) else {
        return Err(Refusal::NotAPayment.into());
    };
    let wallet = posting
        .lock("wallet", holder)
        .await?
        .ok_or(Refusal::UnknownTransfer)?;
    if let Some(receipt) = posting.earlier().await? {
        return Ok(receipt);
    }
    if posting.request.at >= cancel_until_at(paid.at) {
        return Err(Refusal::CancelTooLate { days: CANCEL_DAYS }.into());
    }
    let returned = returned_by_lot(posting, payment).await?;
    let left_won = paid.amount_won - returned.values().sum::<i64>();
    let amount_won = amount_won.unwrap_or(left_won);
    if left_won == 0 || amount_won > left_won {
        return Err(Refusal::AlreadyCancelled { left_won }.into());
    }
    let account = posting
        .lock("merchant", merchant)
        .await?
        .ok_or(Refusal::UnknownMerchant)?;
    if account.balance_won < amount_won {
        return Err(Refusal::MerchantShort {
            left_won: account.balance_won,
        }
        .into());
    }

    let mut plan = Plan::new(TransferKind::Cancel, amount_won);
    plan.holder = Some(holder);
    plan.merchant = Some(merchant);
    plan.cancels = Some(payment);
    let mut by_programme = BTreeMap::new();
    let mut rest_won = amount_won;
    for taken in paid.lots.iter().rev() {
        let back_won = (-taken.amount_won - returned.get(&taken.lot).copied().unwrap_or(0)).min(rest_won);
        if back_won == 0 {
            continue;
        }
        rest_won -= back_won;
        *by_programme.entry(taken.programme).or_insert(0_i64) += back_won;
        plan.lines.push(Line {
            account: wallet.id,
            amount_won: back_won,
            lot: Some(taken.lot),
            programme: Some(taken.programme),
        });
    }
    assert_eq!(rest_won, 0, "a payment's lots carry its amount");
    for (programme, amount_won) in by_programme {
        plan.lines.push(Line {
            account: account.id,
            amount_won: -amount_won,
            lot: None,
            programme: Some(programme),
        });
    }
    posting.write(plan).await
}

/// What earlier cancellations of the payment gave back to each lot, won.
async fn returned_by_lot(posting: &mut Posting<'_, '_>, payment: i64) -> Result<HashMap<i64, i64>> {
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT e.lot, CAST(SUM(e.amount_won) AS BIGINT) FROM transfers t JOIN entries e \
         ON e.municipality = t.municipality AND e.transfer = t.id \
         WHERE t.municipality = $1 AND t.cancels = $2 AND e.lot IS NOT NULL GROUP BY e.lot",
    )
    .bind(posting.request.municipality)
    .bind(payment)
    .fetch_all(&mut **posting.tx)
    .await?;
    Ok(rows.into_iter().collect())
}
