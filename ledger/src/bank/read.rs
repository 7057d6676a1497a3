//! Reconciliations in the database.

use serde::{Deserialize, Serialize};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use crate::{
    Ledger,
    error::{Result, corrupt},
};

/// Why a line differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The bank has it, the books do not.
    MissingHere,
    /// The books have it, the bank does not.
    MissingThere,
    /// Both have it, with different amounts.
    OtherAmount,
    /// The bank has it once more than it was ordered.
    Double,
    /// Value was sold and no deposit stands behind it.
    WithoutDeposit,
}

impl Why {
    /// Every reason.
    pub const ALL: [Self; 5] = [
        Self::MissingHere,
        Self::MissingThere,
        Self::OtherAmount,
        Self::Double,
        Self::WithoutDeposit,
    ];

    /// As the database writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::MissingHere => "missing_here",
            Self::MissingThere => "missing_there",
            Self::OtherAmount => "other_amount",
            Self::Double => "double",
            Self::WithoutDeposit => "without_deposit",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.code() == code)
    }
}

/// What differs between the bank and the books. It names no person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differing {
    /// Why.
    pub why: Why,
    /// The order's reference, as the bank or we wrote it.
    pub reference: String,
    /// The bank's name of its line; empty where it has none.
    pub line: String,
    /// The state of the deposit or remittance; empty where there is none.
    pub state: String,
    /// What the books have for it, as the bank account would feel it, won.
    pub book_won: i64,
    /// What the bank has for it, won.
    pub bank_won: i64,
}

/// A day's reconciliation: `bank_won = book_won + open_won + what differs + rest_won`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// Whose.
    pub municipality: i64,
    /// The last day of statements that it looked at.
    pub day: jiff::civil::Date,
    /// When it was done, ms.
    pub done_at: i64,
    /// The bank account by the bank's statements, won.
    pub bank_won: i64,
    /// The bank account by the books (the clearing account, turned), won.
    pub book_won: i64,
    /// What the bank had more than the books because of what was still on its way, won.
    pub open_won: i64,
    /// What no line explains, won. Anything but 0 is a mistake of this program or somebody's hand in its tables.
    pub rest_won: i64,
    /// How many items were still on their way.
    pub open_items: i64,
    /// How many lines differ.
    pub differing: i64,
    /// How many deposits and remittances it settled.
    pub resolved: i64,
}

impl Reconciliation {
    /// Whether the two agree to the won.
    pub fn balances(&self) -> bool {
        self.differing == 0 && self.rest_won == 0
    }
}

const SELECT: &str = "SELECT municipality, day, done_at, bank_won, book_won, open_won, rest_won, open_items, differing, \
    resolved FROM reconciliations";

fn from_row(row: &AnyRow) -> Result<Reconciliation> {
    let day: String = row.try_get("day")?;
    Ok(Reconciliation {
        municipality: row.try_get("municipality")?,
        day: day.parse().map_err(|_| corrupt("day", &day))?,
        done_at: row.try_get("done_at")?,
        bank_won: row.try_get("bank_won")?,
        book_won: row.try_get("book_won")?,
        open_won: row.try_get("open_won")?,
        rest_won: row.try_get("rest_won")?,
        open_items: row.try_get("open_items")?,
        differing: row.try_get("differing")?,
        resolved: row.try_get("resolved")?,
    })
}

/// Writes a reconciliation, in the place of an earlier one of the same day.
pub(super) async fn write(
    tx: &mut Transaction<'_, Any>,
    found: &Reconciliation,
    lines: &[Differing],
) -> Result<()> {
    let day = found.day.to_string();
    // The head first: of two at once, the second waits here and then replaces all of the first's.
    sqlx::query(
        "INSERT INTO reconciliations (municipality, day, done_at, bank_won, book_won, open_won, rest_won, open_items, \
         differing, resolved) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (municipality, day) DO UPDATE \
         SET done_at = excluded.done_at, bank_won = excluded.bank_won, book_won = excluded.book_won, \
         open_won = excluded.open_won, rest_won = excluded.rest_won, open_items = excluded.open_items, \
         differing = excluded.differing, resolved = reconciliations.resolved + excluded.resolved",
    )
    .bind(found.municipality)
    .bind(&day)
    .bind(found.done_at)
    .bind(found.bank_won)
    .bind(found.book_won)
    .bind(found.open_won)
    .bind(found.rest_won)
    .bind(found.open_items)
    .bind(found.differing)
    .bind(found.resolved)
    .execute(&mut **tx)
    .await?;
    sqlx::query("DELETE FROM reconciliation_lines WHERE municipality = $1 AND day = $2")
        .bind(found.municipality)
        .bind(&day)
        .execute(&mut **tx)
        .await?;
    for (number, line) in lines.iter().enumerate() {
        sqlx::query(
            "INSERT INTO reconciliation_lines (municipality, day, number, why, reference, line, state, book_won, \
             bank_won) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(found.municipality)
        .bind(&day)
        .bind(number as i64)
        .bind(line.why.code())
        .bind(&line.reference)
        .bind(&line.line)
        .bind(&line.state)
        .bind(line.book_won)
        .bind(line.bank_won)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

impl Ledger {
    /// A municipality's last reconciliations, newest day first, at most 400.
    pub async fn reconciliations(&self, municipality: i64, limit: i64) -> Result<Vec<Reconciliation>> {
        let sql = format!("{SELECT} WHERE municipality = $1 ORDER BY day DESC LIMIT $2");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(limit.clamp(1, 400))
            .fetch_all(&self.store.read)
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// What differed on a day, in the order it was found, at most 1,000 lines.
    pub async fn differing(&self, municipality: i64, day: jiff::civil::Date) -> Result<Vec<Differing>> {
        let rows: Vec<(String, String, String, String, i64, i64)> = sqlx::query_as(
            "SELECT why, reference, line, state, book_won, bank_won FROM reconciliation_lines \
             WHERE municipality = $1 AND day = $2 ORDER BY number LIMIT 1000",
        )
        .bind(municipality)
        .bind(day.to_string())
        .fetch_all(&self.store.read)
        .await?;
        rows.into_iter()
            .map(|(why, reference, line, state, book_won, bank_won)| {
                Ok(Differing {
                    why: Why::from_code(&why).ok_or_else(|| corrupt("why", &why))?,
                    reference,
                    line,
                    state,
                    book_won,
                    bank_won,
                })
            })
            .collect()
    }
}
