//! The figures of one day straight from the entries: what the counted ones are held against in tests, and the price of
//! not counting (it reads every transfer of the day).

use serde::{Deserialize, Serialize};

use crate::{Ledger, error::Result};

/// One programme's figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgrammeFigures {
    /// The programme.
    pub programme: i64,
    /// Its name.
    pub name: String,
    /// The same in English.
    pub name_en: String,
    /// Sold and given since the day began, won of value.
    pub issued_won_today: i64,
    /// Spent since the day began, less what was cancelled, won.
    pub spent_won_today: i64,
    /// What the budget still has, won.
    pub budget_left_won: i64,
    /// What people hold and can still spend, won.
    pub outstanding_won: i64,
}

/// Sums over all programmes, won.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Sold and given since the day began.
    pub issued_won_today: i64,
    /// Spent since the day began, less what was cancelled.
    pub spent_won_today: i64,
    /// What the budgets still have.
    pub budget_left_won: i64,
    /// What people hold and can still spend.
    pub outstanding_won: i64,
}

/// The desk's figures of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// By programme, oldest first.
    pub by_programme: Vec<ProgrammeFigures>,
    /// Over all of them.
    pub totals: Totals,
}

impl Ledger {
    /// The figures of a municipality from `day_start_at` up to `at` (ms). Costs: the day's transfers, and the
    /// index of open lots.
    pub async fn figures(&self, municipality: i64, day_start_at: i64, at: i64) -> Result<Figures> {
        let rows: Vec<(i64, String, String, i64, i64, i64, i64)> = sqlx::query_as(
            "WITH today AS (SELECT e.programme, \
               CAST(SUM(CASE WHEN t.kind IN ('grant', 'sell') THEN e.amount_won ELSE 0 END) AS BIGINT) AS issued, \
               CAST(SUM(CASE WHEN t.kind IN ('pay', 'cancel') THEN -e.amount_won ELSE 0 END) AS BIGINT) AS spent \
               FROM transfers t JOIN entries e ON e.municipality = t.municipality AND e.transfer = t.id \
               WHERE t.municipality = $1 AND t.created_at >= $2 AND t.created_at <= $3 AND e.lot IS NOT NULL \
               GROUP BY e.programme), \
             open_lots AS (SELECT programme, CAST(SUM(left_won) AS BIGINT) AS outstanding FROM lots \
               WHERE municipality = $1 AND is_open = 1 AND expires_at > $3 GROUP BY programme) \
             SELECT p.id, p.name, p.name_en, COALESCE(today.issued, 0), COALESCE(today.spent, 0), a.balance_won, \
             COALESCE(open_lots.outstanding, 0) FROM programmes p \
             JOIN accounts a ON a.municipality = p.municipality AND a.kind = 'budget' AND a.owner = p.id \
             LEFT JOIN today ON today.programme = p.id LEFT JOIN open_lots ON open_lots.programme = p.id \
             WHERE p.municipality = $1 ORDER BY p.created_at, p.id",
        )
        .bind(municipality)
        .bind(day_start_at)
        .bind(at)
        .fetch_all(&self.store.read)
        .await?;
        let mut totals = Totals::default();
        let mut by_programme = Vec::with_capacity(rows.len());
        for (programme, name, name_en, issued_won_today, spent_won_today, budget_left_won, outstanding_won) in
            rows
        {
            totals.issued_won_today += issued_won_today;
            totals.spent_won_today += spent_won_today;
            totals.budget_left_won += budget_left_won;
            totals.outstanding_won += outstanding_won;
            by_programme.push(ProgrammeFigures {
                programme,
                name,
                name_en,
                issued_won_today,
                spent_won_today,
                budget_left_won,
                outstanding_won,
            });
        }
        Ok(Figures { by_programme, totals })
    }
}
