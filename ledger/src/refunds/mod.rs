//! Refunds, told before they are asked for. The rule stands in `transfers/refund.rs`.

use serde::{Deserialize, Serialize};
use sqlx::Any;

use crate::{Ledger, Refusal, error::Result, transfers::discount_in};

/// What a refund of one purchase would come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundQuote {
    /// The lot.
    pub lot: i64,
    /// Its programme.
    pub programme: i64,
    /// What was bought, won.
    pub value_won: i64,
    /// What is left of it, won.
    pub left_won: i64,
    /// What merchants took from it, won.
    pub spent_won: i64,
    /// What must have been spent before the rest is refunded, won. Not asked of a purchase that is unused.
    pub needed_won: i64,
    /// What its buyer gets back, won.
    pub back_won: i64,
    /// The discount that goes back to the budget, won.
    pub discount_won: i64,
    /// Why not now.
    pub refusal: Option<Refusal>,
}

/// What must be spent of a purchase before the rest is refunded, won: the share of its value, a fraction of a won
/// rounded up.
fn needed(value_won: i64, threshold_pct: i64) -> i64 {
    let needed = (i128::from(value_won) * i128::from(threshold_pct) + 99) / 100;
    i64::try_from(needed).unwrap_or(i64::MAX)
}

/// Whether a purchase can be refunded now: it is unused, or enough of it was spent.
pub(crate) fn check(
    value_won: i64,
    left_won: i64,
    spent_won: i64,
    threshold_pct: i64,
) -> std::result::Result<(), Refusal> {
    let needed_won = needed(value_won, threshold_pct);
    if left_won == 0 {
        Err(Refusal::NothingLeft)
    } else if left_won == value_won || spent_won >= needed_won {
        Ok(())
    } else {
        Err(Refusal::RefundTooEarly {
            spent_won,
            needed_won,
        })
    }
}

/// What merchants took from a lot less what they gave back, won. Costs: the entries of its wallet.
pub(crate) async fn spent_of<'e, E: sqlx::Executor<'e, Database = Any>>(
    executor: E,
    municipality: i64,
    wallet: i64,
    lot: i64,
) -> Result<i64> {
    let (won,): (i64,) = sqlx::query_as(
        "SELECT COALESCE(CAST(-SUM(amount_won) AS BIGINT), 0) FROM entries WHERE municipality = $1 \
         AND account = $2 AND lot = $3 AND kind IN ('pay', 'cancel')",
    )
    .bind(municipality)
    .bind(wallet)
    .bind(lot)
    .fetch_one(executor)
    .await?;
    Ok(won)
}

type Row = (i64, i64, i64, i64, i64, i64, i64);

impl Ledger {
    /// What each purchase of a holder would come to if it were refunded at `at`, oldest first. Costs one query,
    /// along the entries of the wallet; promises nothing.
    pub async fn refund_quotes(&self, municipality: i64, holder: i64, at: i64) -> Result<Vec<RefundQuote>> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT l.id, l.programme, l.price_won, l.value_won, l.left_won, COALESCE((SELECT t.refund_threshold_pct FROM programme_terms t \
               WHERE t.municipality = l.municipality AND t.programme = l.programme AND t.withdrawn_at IS NULL \
               AND t.effective_at <= l.created_at ORDER BY t.effective_at DESC, t.id DESC LIMIT 1), \
               p.refund_threshold_pct), \
             COALESCE(s.won, 0) FROM lots l JOIN programmes p ON p.municipality = l.municipality \
             AND p.id = l.programme LEFT JOIN (SELECT lot, CAST(-SUM(amount_won) AS BIGINT) AS won FROM entries \
               WHERE municipality = $1 AND account = (SELECT id FROM accounts WHERE municipality = $1 \
                 AND kind = 'wallet' AND owner = $2) AND kind IN ('pay', 'cancel') GROUP BY lot) s ON s.lot = l.id \
             WHERE l.municipality = $1 AND l.holder = $2 AND l.is_open = 1 AND l.expires_at > $3 \
             AND l.kind = 'bought' ORDER BY l.created_at, l.id",
        )
        .bind(municipality)
        .bind(holder)
        .bind(at)
        .fetch_all(&self.store.read)
        .await?;
        let quote = |(lot, programme, price_won, value_won, left_won, threshold_pct, spent_won): Row| {
            let discount_won = discount_in(price_won, value_won, left_won);
            RefundQuote {
                lot,
                programme,
                value_won,
                left_won,
                spent_won,
                needed_won: needed(value_won, threshold_pct),
                back_won: left_won - discount_won,
                discount_won,
                refusal: check(value_won, left_won, spent_won, threshold_pct).err(),
            }
        };
        Ok(rows.into_iter().map(quote).collect())
    }

    /// What waits in a holder's refundable account to be sent to them, won.
    pub async fn refundable(&self, municipality: i64, holder: i64) -> Result<i64> {
        let row: Option<(i64,)> = sqlx::query_as(
            "SELECT balance_won FROM accounts WHERE municipality = $1 AND kind = 'refundable' AND owner = $2",
        )
        .bind(municipality)
        .bind(holder)
        .fetch_optional(&self.store.read)
        .await?;
        Ok(row.map_or(0, |(won,)| won))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_of_the_purchase_and_a_fraction_counts_for_the_municipality() {
        assert_eq!(
            (needed(100_000, 60), needed(333, 60), needed(1, 0)),
            (60_000, 200, 0)
        );
        assert_eq!(check(100_000, 100_000, 0, 60), Ok(()));
        assert_eq!(check(100_000, 40_000, 60_000, 60), Ok(()));
        let early = Refusal::RefundTooEarly {
            spent_won: 59_999,
            needed_won: 60_000,
        };
        assert_eq!(check(100_000, 40_001, 59_999, 60), Err(early));
        assert_eq!(check(100_000, 0, 100_000, 60), Err(Refusal::NothingLeft));
    }
}
