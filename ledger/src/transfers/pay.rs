//! Wallet → merchant, split over the lots that the merchant may take.

use std::{collections::BTreeMap, sync::Arc};

use sqlx::Row;

use super::{
    Receipt, TransferKind,
    posting::{Line, Plan, Posting},
};
use crate::{Category, MerchantStatus, Refusal, Restriction, error::Result, merchants, programmes};

/// A lot with something left in it, and who may take it.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub(crate) lot: i64,
    /// The wallet's account.
    pub(crate) account: i64,
    pub(crate) programme: i64,
    pub(crate) left_won: i64,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) restriction: Arc<Restriction>,
}

impl Open {
    /// The order of spending: soonest expiry first, then oldest.
    pub(crate) fn spending_order(&self) -> (i64, i64, i64) {
        (self.expires_at, self.created_at, self.lot)
    }
}

/// A merchant, as far as the rule of payments looks at it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taker {
    /// Its account.
    pub(crate) account: i64,
    pub(crate) status: MerchantStatus,
    pub(crate) category: Category,
    pub(crate) revenue_won_year: i64,
}

/// The rule of payments, the one that the plain posting, the poster and what is set aside for cards obey: whether `holder` may pay, and
/// from which of the lots (in the order of spending, none of them ended or empty).
pub(crate) fn decide<'a>(
    holder: i64,
    merchant: i64,
    amount_won: i64,
    taker: Option<&Taker>,
    lots: impl Iterator<Item = &'a Open> + Clone,
) -> std::result::Result<Plan, Refusal> {
    let taker = taker.ok_or(Refusal::UnknownMerchant)?;
    if taker.status != MerchantStatus::Open {
        return Err(Refusal::MerchantNotAccepting);
    }
    let usable = lots
        .clone()
        .filter(|lot| lot.restriction.allows(taker.category, taker.revenue_won_year));
    let usable_won: i64 = usable.clone().map(|lot| lot.left_won).sum();
    if usable_won < amount_won {
        let total_won: i64 = lots.map(|lot| lot.left_won).sum();
        let barred = usable_won == 0 && total_won >= amount_won;
        return Err(if barred {
            Refusal::MerchantBarred { total_won }
        } else {
            Refusal::NotEnough {
                usable_won,
                total_won,
            }
        });
    }
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
            account: lot.account,
            amount_won: -taken_won,
            lot: Some(lot.lot),
            programme: Some(lot.programme),
        });
    }
    assert_eq!(rest_won, 0, "usable lots were counted before");
    for (programme, amount_won) in by_programme {
        plan.lines.push(Line {
            account: taker.account,
            amount_won,
            lot: None,
            programme: Some(programme),
        });
    }
    Ok(plan)
}

pub(super) async fn pay(
    posting: &mut Posting<'_, '_>,
    holder: i64,
    merchant: i64,
    amount_won: i64,
) -> Result<Receipt> {
    posting.lock("wallet", holder).await?;
    let lots = open_lots(posting, holder).await?;
    if let Some(receipt) = posting.earlier().await? {
        return Ok(receipt);
    }
    let taker = taker(posting, merchant).await?;
    let plan = decide(holder, merchant, amount_won, taker.as_ref(), lots.iter())?;
    posting.write(plan).await
}

/// The merchant, as [`decide`] looks at it.
pub(super) async fn taker(posting: &mut Posting<'_, '_>, merchant: i64) -> Result<Option<Taker>> {
    let municipality = posting.request.municipality;
    let Some(found) = merchants::find(&mut **posting.tx, municipality, merchant).await? else {
        return Ok(None);
    };
    let account = posting.account("merchant", merchant).await?;
    Ok(account.map(|account| Taker {
        account,
        status: found.status,
        category: found.category,
        revenue_won_year: found.revenue_won_year,
    }))
}

/// The holder's lots that are not spent and not expired, locked by id, then in the order of spending: soonest
/// expiry first, then oldest.
pub(super) async fn open_lots(posting: &mut Posting<'_, '_>, holder: i64) -> Result<Vec<Open>> {
    let of_lots = if posting.store.for_update().is_empty() {
        ""
    } else {
        " FOR UPDATE OF l"
    };
    let sql = format!(
        "SELECT l.id, l.account, l.programme, l.left_won, l.created_at, l.expires_at, p.revenue_limit_won, \
         p.barred_categories FROM lots l JOIN programmes p ON p.municipality = l.municipality \
         AND p.id = l.programme WHERE l.municipality = $1 AND l.holder = $2 AND l.is_open = 1 \
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
                account: row.try_get("account")?,
                programme: row.try_get("programme")?,
                left_won: row.try_get("left_won")?,
                created_at: row.try_get("created_at")?,
                expires_at: row.try_get("expires_at")?,
                restriction: Arc::new(programmes::restriction_of(row)?),
            })
        })
        .collect::<Result<Vec<Open>>>()?;
    lots.sort_by_key(Open::spending_order);
    Ok(lots)
}
