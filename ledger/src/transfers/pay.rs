//! Wallet → merchant, split over the lots that the merchant may take.

use std::collections::BTreeMap;

use sqlx::Row;

use super::{
    Receipt, TransferKind,
    posting::{Line, Plan, Posting},
};
use crate::{MerchantStatus, Refusal, Restriction, error::Result, merchants, programmes};

struct Open {
    lot: i64,
    programme: i64,
    left_won: i64,
    created_at: i64,
    expires_at: i64,
    restriction: Restriction,
}

pub(super) async fn pay(
    posting: &mut Posting<'_, '_>,
    holder: i64,
    merchant: i64,
    amount_won: i64,
) -> Result<Receipt> {
    let wallet = posting.lock("wallet", holder).await?;
    let lots = open_lots(posting, holder).await?;
    if let Some(receipt) = posting.earlier().await? {
        return Ok(receipt);
    }
    let municipality = posting.request.municipality;
    let taker = merchants::find(&mut **posting.tx, municipality, merchant).await?;
    let taker = taker.ok_or(Refusal::UnknownMerchant)?;
    if taker.status != MerchantStatus::Open {
        return Err(Refusal::MerchantNotAccepting.into());
    }
    let total_won: i64 = lots.iter().map(|lot| lot.left_won).sum();
    let usable: Vec<Open> = lots
        .into_iter()
        .filter(|lot| lot.restriction.allows(taker.category, taker.revenue_won_year))
        .collect();
    let usable_won: i64 = usable.iter().map(|lot| lot.left_won).sum();
    let Some(wallet) = wallet.filter(|_| usable_won >= amount_won) else {
        let barred = usable_won == 0 && total_won >= amount_won;
        return Err(if barred {
            Refusal::MerchantBarred { total_won }.into()
        } else {
            Refusal::NotEnough {
                usable_won,
                total_won,
            }
            .into()
        });
    };
    let account = posting
        .account("merchant", merchant)
        .await?
        .ok_or(Refusal::UnknownMerchant)?;

    let mut plan = Plan::new(TransferKind::Pay, amount_won);
    plan.holder = Some(holder);
    plan.merchant = Some(merchant);
    let mut by_programme = BTreeMap::new();
    let mut rest_won = amount_won;
    for lot in usable {
        let taken_won = lot.left_won.min(rest_won);
        if taken_won == 0 {
            break;
        }
        rest_won -= taken_won;
        *by_programme.entry(lot.programme).or_insert(0_i64) += taken_won;
        plan.lines.push(Line {
            account: wallet.id,
            amount_won: -taken_won,
            lot: Some(lot.lot),
            programme: Some(lot.programme),
        });
    }
    assert_eq!(rest_won, 0, "usable lots were counted before");
    for (programme, amount_won) in by_programme {
        plan.lines.push(Line {
            account,
            amount_won,
            lot: None,
            programme: Some(programme),
        });
    }
    posting.write(plan).await
}

/// The holder's lots that are not spent and not expired, locked by id, then in the order of spending: soonest
/// expiry first, then oldest.
async fn open_lots(posting: &mut Posting<'_, '_>, holder: i64) -> Result<Vec<Open>> {
    let of_lots = if posting.store.for_update().is_empty() {
        ""
    } else {
        " FOR UPDATE OF l"
    };
    let sql = format!(
        "SELECT l.id, l.programme, l.left_won, l.created_at, l.expires_at, p.revenue_limit_won, \
         p.barred_categories FROM lots l JOIN programmes p ON p.municipality = l.municipality \
         AND p.id = l.programme WHERE l.municipality = $1 AND l.holder = $2 AND l.left_won > 0 \
         AND l.expires_at > $3 ORDER BY l.id{of_lots}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(posting.request.municipality)
        .bind(holder)
        .bind(posting.request.at)
        .fetch_all(&mut **posting.tx)
        .await?;
    let mut lots = rows
        .iter()
        .map(|row| {
            Ok(Open {
                lot: row.try_get("id")?,
                programme: row.try_get("programme")?,
                left_won: row.try_get("left_won")?,
                created_at: row.try_get("created_at")?,
                expires_at: row.try_get("expires_at")?,
                restriction: programmes::restriction_of(row)?,
            })
        })
        .collect::<Result<Vec<Open>>>()?;
    lots.sort_by_key(|lot| (lot.expires_at, lot.created_at, lot.lot));
    Ok(lots)
}
