//! Lots under lock, and how a lot is divided into what was paid for it and what was added.

use sqlx::{Row, any::AnyRow};

use super::posting::Posting;
use crate::{
    LotKind,
    error::{Result, corrupt},
};

/// A lot whose row this transaction holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct LockedLot {
    pub(super) id: i64,
    pub(super) account: i64,
    pub(super) holder: i64,
    pub(super) programme: i64,
    pub(super) kind: LotKind,
    pub(super) price_won: i64,
    pub(super) value_won: i64,
    pub(super) left_won: i64,
    pub(super) created_at: i64,
    pub(super) expires_at: i64,
}

/// The columns of [`LockedLot`], of a table named `l`.
pub(super) const COLUMNS: &str = "l.id, l.account, l.holder, l.programme, l.kind, l.price_won, l.value_won, l.left_won, \
    l.created_at, l.expires_at";

pub(super) fn from_row(row: &AnyRow) -> Result<LockedLot> {
    let kind: &str = row.try_get("kind")?;
    Ok(LockedLot {
        id: row.try_get("id")?,
        account: row.try_get("account")?,
        holder: row.try_get("holder")?,
        programme: row.try_get("programme")?,
        kind: LotKind::from_code(kind).ok_or_else(|| corrupt("lot kind", kind))?,
        price_won: row.try_get("price_won")?,
        value_won: row.try_get("value_won")?,
        left_won: row.try_get("left_won")?,
        created_at: row.try_get("created_at")?,
        expires_at: row.try_get("expires_at")?,
    })
}

/// How much of `left_won` of a lot is discount, won: in proportion, the fraction of a won dropped, as it was when
/// the lot was sold. Of a whole lot it is the whole discount; of a granted lot, whose price is 0, it is all.
pub(crate) fn discount_in(price_won: i64, value_won: i64, left_won: i64) -> i64 {
    let discount = i128::from(left_won) * i128::from(value_won - price_won) / i128::from(value_won);
    i64::try_from(discount).unwrap_or(0)
}

impl LockedLot {
    /// What `amount_won` taken from what is left carries: (price part, discount part), won. The parts of all that
    /// is ever taken from a lot add up to its price and its discount, however it was cut.
    pub(super) fn parts(&self, amount_won: i64) -> (i64, i64) {
        let of = |left_won| discount_in(self.price_won, self.value_won, left_won);
        let discount_won = of(self.left_won) - of(self.left_won - amount_won);
        (amount_won - discount_won, discount_won)
    }
}

impl Posting<'_, '_> {
    /// Locks one lot. After its wallet, before the key.
    pub(super) async fn lock_lot(&mut self, lot: i64) -> Result<Option<LockedLot>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM lots l WHERE l.municipality = $1 AND l.id = $2{}",
            self.store.for_update()
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(self.municipality())
            .bind(lot)
            .fetch_optional(&mut **self.tx)
            .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Locks a holder's lots that are neither spent nor ended, by id; gives them in the order of spending: soonest
    /// expiry first, then oldest.
    pub(super) async fn lock_open_lots(&mut self, holder: i64) -> Result<Vec<LockedLot>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM lots l WHERE l.municipality = $1 AND l.holder = $2 AND l.is_open = 1 \
             AND l.expires_at > $3 ORDER BY l.id{}",
            self.store.for_update()
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(self.municipality())
            .bind(holder)
            .bind(self.request.at)
            .fetch_all(&mut **self.tx)
            .await?;
        let mut lots = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        lots.sort_by_key(|lot| (lot.expires_at, lot.created_at, lot.id));
        Ok(lots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lot(price_won: i64, value_won: i64, left_won: i64) -> LockedLot {
        LockedLot {
            id: 1,
            account: 1,
            holder: 1,
            programme: 1,
            kind: LotKind::Bought,
            price_won,
            value_won,
            left_won,
            created_at: 0,
            expires_at: 1,
        }
    }

    #[test]
    fn however_a_lot_is_cut_its_parts_add_up_to_its_price_and_its_discount() {
        for (price, value) in [(90_000, 100_000), (968, 1_001), (0, 77), (50, 50), (1, 9_999)] {
            for step in [1, 3, 7, 1_000] {
                let (mut left, mut paid, mut added) = (value, 0, 0);
                while left > 0 {
                    let (price_part, discount_part) = lot(price, value, left).parts(left.min(step));
                    assert!(price_part >= 0 && discount_part >= 0);
                    paid += price_part;
                    added += discount_part;
                    left -= left.min(step);
                }
                assert_eq!(
                    (paid, added),
                    (price, value - price),
                    "{price} of {value} by {step}"
                );
            }
        }
    }
}
