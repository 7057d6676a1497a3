//! How much a resident may still buy, told before they ask.

use serde::{Deserialize, Serialize};

use super::register::waiting;
use crate::{Ledger, Programme, calendar, error::Result, transfers};

/// What one person may still buy of a programme, by each of its limits; `None` where there is no such limit.
/// What waits for money is counted as bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// By the limit of the calendar month (Asia/Seoul), won of value.
    pub monthly_left_won: Option<i64>,
    /// By the limit of what may be held, won of value.
    pub holding_left_won: Option<i64>,
    /// By the budget that pays the discount, won of value; `None` where there is no discount.
    pub budget_left_won: Option<i64>,
}

impl Room {
    /// What may be bought now by all of them together, won; `None`: as much as one likes.
    pub fn most_won(&self) -> Option<i64> {
        [self.monthly_left_won, self.holding_left_won, self.budget_left_won]
            .into_iter()
            .flatten()
            .min()
    }
}

impl Ledger {
    /// What `holder` may still buy of a programme at `at`. Costs three queries; promises nothing: others buy too.
    pub async fn room(&self, programme: &Programme, holder: i64, at: i64) -> Result<Room> {
        let (municipality, id) = (programme.municipality, programme.id);
        let since = calendar::month_start(at);
        let read = &self.store.read;
        let bought_won = transfers::bought_since(read, municipality, holder, id, since).await?;
        let held_won = transfers::held(read, municipality, holder, id, at).await?;
        let waiting = waiting(read, municipality, id, holder).await?;
        let left = |limit: Option<i64>, used: i64| {
            limit.map(|limit| limit.saturating_sub(used + waiting.of_holder_won).max(0))
        };
        let mut budget_won = programme.budget_left_won;
        if let Some(limit_won) = programme.monthly_budget_won {
            let spent_won = self.programme_month_won(municipality, id, at).await?;
            budget_won = budget_won.min(limit_won - spent_won);
        }
        let budget = i128::from((budget_won - waiting.discounts_won).max(0));
        let value = match programme.discount_bp {
            0 => None,
            discount_bp => Some(i64::try_from(budget * 10_000 / i128::from(discount_bp)).unwrap_or(i64::MAX)),
        };
        Ok(Room {
            monthly_left_won: left(programme.monthly_limit_won, bought_won),
            holding_left_won: left(programme.holding_limit_won, held_won),
            budget_left_won: value,
        })
    }
}
