//! What the municipality reports: the month's issue and exchange, half a year's exchange by merchant, and a resident's
//! year for the income deduction.
//!
//! The month is read from the kept figures (`figures`), so it costs the same for ten transfers and for ten million; the
//! others are read from settlements and from one wallet's entries.

use std::collections::HashMap;

use jiff::{ToSpan, civil::Date};

use crate::{
    Category, Ledger, ProgrammeKind, TransferKind, calendar,
    error::{Result, corrupt},
    figures::{self, day_number},
};

/// One programme's month, won. `held_before` and all that follows up to `moving_won` add up to `held_after`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthLine {
    /// The programme.
    pub programme: i64,
    /// Its name.
    pub name: String,
    /// The same in English.
    pub name_en: String,
    /// Sold or given.
    pub kind: ProgrammeKind,
    /// In wallets when the month began.
    pub held_before_won: i64,
    /// Sold, in value.
    pub sold_won: i64,
    /// Of it, what buyers paid.
    pub price_won: i64,
    /// Given.
    pub given_won: i64,
    /// Paid to merchants, less what was cancelled.
    pub spent_won: i64,
    /// Ended unspent.
    pub expired_won: i64,
    /// Refunded, in value.
    pub refunded_won: i64,
    /// Taken back.
    pub taken_back_won: i64,
    /// Come out of gifts and card holds, less what went into them.
    pub moving_won: i64,
    /// In wallets when the month ended.
    pub held_after_won: i64,
    /// The budget when the month began.
    pub budget_before_won: i64,
    /// Put into the budget.
    pub funded_won: i64,
    /// The budget when the month ended.
    pub budget_after_won: i64,
}

/// A month of a municipality.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthReport {
    /// By programme, the oldest first; those without anything left out.
    pub lines: Vec<MonthLine>,
    /// How many settlements were made.
    pub settlements: i64,
    /// To how many merchants.
    pub merchants: i64,
    /// What they came to, won.
    pub exchanged_won: i64,
    /// How many transfers of the log are not counted yet.
    pub waiting: i64,
}

/// What one merchant exchanged in half a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeLine {
    /// The merchant.
    pub merchant: i64,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its line of business.
    pub category: Category,
    /// Its registered revenue of a year, won; 0 where none is known.
    pub revenue_won_year: i64,
    /// What it took in the time that was settled, won.
    pub taken_won: i64,
    /// What it exchanged, won.
    pub exchanged_won: i64,
    /// The most that is plausible: so many per cent of half a year's revenue, won.
    pub plausible_won: i64,
}

/// Half a year's check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExchangeCheck {
    /// How many merchants exchanged anything.
    pub merchants: i64,
    /// What all of them exchanged, won.
    pub exchanged_won: i64,
    /// Those above what is plausible, most first.
    pub over: Vec<ExchangeLine>,
    /// How many exchanged and have no registered revenue to be held against.
    pub unknown: i64,
}

/// What a resident spent in a year at merchants of one kind, won.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearLine {
    /// The line of business.
    pub category: Category,
    /// Of what was bought, or came as a gift.
    pub own_won: i64,
    /// Of what the municipality gave.
    pub given_won: i64,
}

/// The months that a half of a year begins with: January, July.
pub fn half_of(year: i16, second: bool) -> Option<(Date, Date)> {
    let from = Date::new(year, if second { 7 } else { 1 }, 1).ok()?;
    Some((from, from.saturating_add(6.months()).saturating_sub(1.day())))
}

type Sums = HashMap<(i64, TransferKind), (i64, i64)>;

impl Ledger {
    /// The month that begins with `first`. Costs: the cells of all days before it.
    pub async fn month_report(&self, municipality: i64, first: Date) -> Result<MonthReport> {
        let first = first.first_of_month();
        let next = first.saturating_add(1.month());
        let mut tx = self.store.begin_snapshot().await?;
        let waiting = figures::waiting(&mut tx).await?;
        let programmes: Vec<(i64, String, String, String)> = sqlx::query_as(
            "SELECT id, name, name_en, kind FROM programmes WHERE municipality = $1 ORDER BY created_at, id",
        )
        .bind(municipality)
        .fetch_all(&mut *tx)
        .await?;
        let rows: Vec<(i64, String, i64, i64, i64)> = sqlx::query_as(
            "SELECT programme, kind, CASE WHEN day < $2 THEN 0 ELSE 1 END, CAST(SUM(wallet_won) AS BIGINT), \
             CAST(SUM(budget_won) AS BIGINT) FROM figure_days WHERE municipality = $1 AND day < $3 GROUP BY 1, 2, 3",
        )
        .bind(municipality)
        .bind(day_number(first))
        .bind(day_number(next))
        .fetch_all(&mut *tx)
        .await?;
        let (settlements, merchants, exchanged_won): (i64, i64, i64) = sqlx::query_as(
            "SELECT COUNT(*), COUNT(DISTINCT merchant), COALESCE(CAST(SUM(sent_won) AS BIGINT), 0) FROM settlements \
             WHERE municipality = $1 AND created_at >= $2 AND created_at < $3",
        )
        .bind(municipality)
        .bind(calendar::midnight(first))
        .bind(calendar::midnight(next))
        .fetch_one(&mut *tx)
        .await?;
        tx.rollback().await?;
        let (mut before, mut within) = (Sums::new(), Sums::new());
        for (programme, kind, is_within, wallet_won, budget_won) in rows {
            let kind = TransferKind::from_code(&kind).ok_or_else(|| corrupt("transfer kind", &kind))?;
            let sums = if is_within == 1 { &mut within } else { &mut before };
            sums.insert((programme, kind), (wallet_won, budget_won));
        }
        let mut lines = Vec::new();
        for (programme, name, name_en, kind) in programmes {
            let kind = ProgrammeKind::from_code(&kind).ok_or_else(|| corrupt("programme kind", &kind))?;
            let line = month_line(programme, (name, name_en, kind), &before, &within);
            let empty = line.held_before_won == 0
                && line.held_after_won == 0
                && line.budget_before_won == 0
                && line.budget_after_won == 0
                && TransferKind::ALL
                    .iter()
                    .all(|kind| !within.contains_key(&(programme, *kind)));
            if !empty {
                lines.push(line);
            }
        }
        Ok(MonthReport {
            lines,
            settlements,
            merchants,
            exchanged_won,
            waiting,
        })
    }

    /// Exchange by merchant from `from` to `until` (days, settlements made in them), held against `pct` per cent of half
    /// a year's registered revenue. Costs: the settlements of the time.
    pub async fn exchange_check(
        &self,
        municipality: i64,
        from: Date,
        until: Date,
        pct: i64,
    ) -> Result<ExchangeCheck> {
        let rows: Vec<(i64, String, String, String, i64, i64, i64)> = sqlx::query_as(
            "SELECT m.id, m.code, m.name, m.category, m.revenue_won_year, s.taken, s.sent FROM \
             (SELECT merchant, CAST(SUM(taken_won) AS BIGINT) AS taken, CAST(SUM(sent_won) AS BIGINT) AS sent \
              FROM settlements WHERE municipality = $1 AND created_at >= $2 AND created_at < $3 GROUP BY merchant) s \
             JOIN merchants m ON m.municipality = $1 AND m.id = s.merchant ORDER BY s.sent DESC, m.id",
        )
        .bind(municipality)
        .bind(calendar::midnight(from))
        .bind(calendar::midnight(until.saturating_add(1.day())))
        .fetch_all(&self.store.read)
        .await?;
        let mut check = ExchangeCheck::default();
        for (merchant, code, name, category, revenue_won_year, taken_won, exchanged_won) in rows {
            check.merchants += 1;
            check.exchanged_won += exchanged_won;
            let plausible = i128::from(revenue_won_year) * i128::from(pct) / 200;
            let plausible_won = i64::try_from(plausible).unwrap_or(i64::MAX);
            if revenue_won_year == 0 {
                check.unknown += 1;
            } else if exchanged_won > plausible_won {
                check.over.push(ExchangeLine {
                    merchant,
                    code,
                    name,
                    category: Category::from_code(&category).ok_or_else(|| corrupt("category", &category))?,
                    revenue_won_year,
                    taken_won,
                    exchanged_won,
                    plausible_won,
                });
            }
        }
        Ok(check)
    }

    /// What a holder spent in a calendar year (Asia/Seoul), less what was cancelled in it, by line of business. Costs: the
    /// wallet's entries of the year.
    pub async fn year_statement(&self, municipality: i64, holder: i64, year: i16) -> Result<Vec<YearLine>> {
        let (Ok(first), Ok(next)) = (Date::new(year, 1, 1), Date::new(year.saturating_add(1), 1, 1)) else {
            return Ok(Vec::new());
        };
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT m.category, CAST(-SUM(CASE WHEN l.kind = 'granted' THEN 0 ELSE e.amount_won END) AS BIGINT), \
             CAST(-SUM(CASE WHEN l.kind = 'granted' THEN e.amount_won ELSE 0 END) AS BIGINT) \
             FROM accounts a JOIN entries e ON e.municipality = a.municipality AND e.account = a.id \
             JOIN transfers t ON t.municipality = e.municipality AND t.id = e.transfer \
             JOIN merchants m ON m.municipality = t.municipality AND m.id = t.merchant \
             JOIN lots l ON l.municipality = e.municipality AND l.id = e.lot \
             WHERE a.municipality = $1 AND a.kind = 'wallet' AND a.owner = $2 AND e.created_at >= $3 \
             AND e.created_at < $4 AND e.kind IN ('pay', 'cancel') GROUP BY m.category",
        )
        .bind(municipality)
        .bind(holder)
        .bind(calendar::midnight(first))
        .bind(calendar::midnight(next))
        .fetch_all(&self.store.read)
        .await?;
        let mut lines = rows
            .into_iter()
            .map(|(category, own_won, given_won)| {
                Ok(YearLine {
                    category: Category::from_code(&category).ok_or_else(|| corrupt("category", &category))?,
                    own_won,
                    given_won,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        lines.sort_by_key(|line| std::cmp::Reverse(line.own_won + line.given_won));
        Ok(lines)
    }
}

fn month_line(
    programme: i64,
    (name, name_en, kind): (String, String, ProgrammeKind),
    before: &Sums,
    within: &Sums,
) -> MonthLine {
    use TransferKind as T;
    let all = |sums: &Sums| {
        T::ALL
            .into_iter()
            .filter_map(|kind| sums.get(&(programme, kind)))
            .fold((0, 0), |sum, won| (sum.0 + won.0, sum.1 + won.1))
    };
    let of = |kind: T| within.get(&(programme, kind)).copied().unwrap_or_default();
    let (held_before_won, budget_before_won) = all(before);
    let (held_moved_won, budget_moved_won) = all(within);
    let sold = of(T::Sell);
    let moving = [T::Gift, T::GiftClaim, T::GiftReturn, T::Hold, T::Release];
    MonthLine {
        programme,
        name,
        name_en,
        kind,
        held_before_won,
        sold_won: sold.0,
        price_won: sold.0 + sold.1,
        given_won: of(T::Grant).0,
        spent_won: -(of(T::Pay).0 + of(T::Cancel).0),
        expired_won: -of(T::Expire).0,
        refunded_won: -of(T::Refund).0,
        taken_back_won: -of(T::TakeBack).0,
        moving_won: moving.into_iter().map(|kind| of(kind).0).sum(),
        held_after_won: held_before_won + held_moved_won,
        budget_before_won,
        funded_won: of(T::Fund).1,
        budget_after_won: budget_before_won + budget_moved_won,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn halves_of_a_year_meet_and_leave_no_day_out() {
        assert_eq!(half_of(2026, false), Some((date(2026, 1, 1), date(2026, 6, 30))));
        assert_eq!(half_of(2026, true), Some((date(2026, 7, 1), date(2026, 12, 31))));
    }
}
