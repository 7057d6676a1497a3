//! A sale: clearing brings the price, the budget the discount, the wallet gets the value as a new lot.

use sqlx::Any;

use super::{
    Receipt, TransferKind,
    posting::{Line, NewLot, Plan, Posting},
};
use crate::{
    LotKind, Programme, ProgrammeKind, ProgrammeState, Refusal, calendar, deposits, error::Result, programmes,
};

/// Value bought of a programme by a holder since `since` (ms), won.
pub(crate) async fn bought_since<'e, E: sqlx::Executor<'e, Database = Any>>(
    executor: E,
    municipality: i64,
    holder: i64,
    programme: i64,
    since: i64,
) -> Result<i64> {
    let (won,): (i64,) = sqlx::query_as(
        "SELECT COALESCE(CAST(SUM(value_won) AS BIGINT), 0) FROM lots WHERE municipality = $1 AND holder = $2 \
         AND programme = $3 AND created_at >= $4 AND kind = 'bought'",
    )
    .bind(municipality)
    .bind(holder)
    .bind(programme)
    .bind(since)
    .fetch_one(executor)
    .await?;
    Ok(won)
}

/// What a holder holds of a programme, won, expired lots left out.
pub(crate) async fn held<'e, E: sqlx::Executor<'e, Database = Any>>(
    executor: E,
    municipality: i64,
    holder: i64,
    programme: i64,
    at: i64,
) -> Result<i64> {
    let (won,): (i64,) = sqlx::query_as(
        "SELECT COALESCE(CAST(SUM(left_won) AS BIGINT), 0) FROM lots WHERE municipality = $1 AND holder = $2 \
         AND programme = $3 AND expires_at > $4 AND is_open = 1",
    )
    .bind(municipality)
    .bind(holder)
    .bind(programme)
    .bind(at)
    .fetch_one(executor)
    .await?;
    Ok(won)
}

impl Programme {
    /// Whether it can be bought at all at `at`.
    pub(crate) fn check_on_sale(&self, at: i64) -> std::result::Result<(), Refusal> {
        if self.kind != ProgrammeKind::Sold {
            return Err(Refusal::NotForSale);
        }
        if self.state != ProgrammeState::Open {
            return Err(Refusal::ProgrammeNotOpen);
        }
        if self.sale_from.is_some_and(|from| at < from) || self.sale_until.is_some_and(|until| at >= until) {
            return Err(Refusal::NotOnSaleNow {
                sale_from_at: self.sale_from,
                sale_until_at: self.sale_until,
            });
        }
        let expires_at = self.expiry.expires_at(at);
        if expires_at <= at {
            Err(Refusal::ProgrammeEnded { ended_at: expires_at })
        } else {
            Ok(())
        }
    }

    /// Whether one person who bought and holds so much (won) may buy `value_won` more.
    pub(crate) fn check_limits(
        &self,
        value_won: i64,
        bought_won: i64,
        held_won: i64,
    ) -> std::result::Result<(), Refusal> {
        let left = |limit: i64, used: i64| limit.saturating_sub(used).max(0);
        if let Some(limit_won) = self.monthly_limit_won
            && value_won > left(limit_won, bought_won)
        {
            return Err(Refusal::MonthlyLimit {
                limit_won,
                left_won: left(limit_won, bought_won),
            });
        }
        if let Some(limit_won) = self.holding_limit_won
            && value_won > left(limit_won, held_won)
        {
            return Err(Refusal::HoldingLimit {
                limit_won,
                left_won: left(limit_won, held_won),
            });
        }
        Ok(())
    }
}

pub(super) async fn sell(
    posting: &mut Posting<'_, '_>,
    id: i64,
    holder: i64,
    value_won: i64,
    deposit: Option<i64>,
) -> Result<Receipt> {
    let (municipality, at) = (posting.request.municipality, posting.request.at);
    let wallet = posting.lock_wallet(holder).await?;
    let budget = posting
        .lock("budget", id)
        .await?
        .ok_or(Refusal::UnknownProgramme)?;
    if let Some(receipt) = posting.earlier().await? {
        return Ok(receipt);
    }
    // A deposit is sold under the terms under which it was asked for: its price was said then, and was paid.
    let terms_at = match deposit {
        Some(deposit) => deposits::asked_at(&mut **posting.tx, municipality, deposit)
            .await?
            .unwrap_or(at),
        None => at,
    };
    let programme = programmes::find_at(posting.tx, municipality, id, terms_at).await?;
    let programme = programme.ok_or(Refusal::UnknownProgramme)?;
    programme.check_on_sale(at)?;
    let bought_won = bought_since(
        &mut **posting.tx,
        municipality,
        holder,
        id,
        calendar::month_start(at),
    )
    .await?;
    let held_won = held(&mut **posting.tx, municipality, holder, id, at).await?;
    programme.check_limits(value_won, bought_won, held_won)?;
    let price_won = programme.price_won(value_won);
    let discount_won = value_won - price_won;
    if budget.balance_won < discount_won {
        return Err(Refusal::BudgetExhausted {
            left_won: budget.balance_won,
        }
        .into());
    }
    if let Some(limit_won) = programme.monthly_budget_won
        && discount_won > 0
    {
        let spent_won = programmes::discounts_of_month(&mut **posting.tx, municipality, id, at).await?;
        let left_won = (limit_won - spent_won).max(0);
        if discount_won > left_won {
            return Err(Refusal::BudgetExhausted { left_won }.into());
        }
    }
    let clearing = posting
        .account("clearing", 0)
        .await?
        .ok_or(Refusal::UnknownMunicipality)?;
    let lot = Some(posting.prepared.lot);
    let mut plan = Plan::new(TransferKind::Sell, value_won);
    plan.programme = Some(id);
    plan.holder = Some(holder);
    plan.deposit = deposit;
    plan.new_lot = Some(NewLot {
        account: wallet.id,
        holder,
        programme: id,
        kind: LotKind::Bought,
        price_won,
        value_won,
        expires_at: programme.expiry.expires_at(at),
    });
    plan.lines.push(Line {
        account: clearing,
        amount_won: -price_won,
        lot: None,
        programme: Some(id),
    });
    if discount_won > 0 {
        plan.lines.push(Line {
            account: budget.id,
            amount_won: -discount_won,
            lot: None,
            programme: Some(id),
        });
    }
    plan.lines.push(Line {
        account: wallet.id,
        amount_won: value_won,
        lot,
        programme: Some(id),
    });
    let receipt = posting.write(plan).await?;
    if !receipt.replayed && discount_won > 0 {
        programmes::count_discount(&mut **posting.tx, municipality, id, at, discount_won).await?;
    }
    Ok(receipt)
}
