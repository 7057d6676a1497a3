//! The bank's statement of a day, kept as it came.

use std::collections::HashSet;

use jiff::civil::Date;

use super::{BankLine, Way, item_of};
use crate::{Ledger, Refusal, calendar, error::Result, transfers};

/// Lines per statement of the database.
const CHUNK: usize = 200;

/// Whether the lines can be those of a day: each booked on it, with an amount, and a name of its own.
fn check(day: Date, lines: &[BankLine]) -> std::result::Result<(), Refusal> {
    let invalid = || Refusal::Invalid {
        field: "statement".to_owned(),
    };
    let (from, until) = (
        calendar::midnight(day),
        calendar::midnight(day.tomorrow().map_err(|_| invalid())?),
    );
    let mut names = HashSet::new();
    for line in lines {
        let named = (1..=64).contains(&line.line.chars().count()) && names.insert(&line.line);
        let referred = line.reference.chars().count() <= 64;
        if !named || !referred || !(from..until).contains(&line.at) {
            return Err(invalid());
        }
        transfers::check_amount(line.amount_won)?;
    }
    Ok(())
}

impl Ledger {
    /// Keeps the statement of a day, which is complete and over: how many lines are new. The same again: 0.
    /// Refused: [`Refusal::StatementChanged`] (another came before, or a line of another day has that name),
    /// [`Refusal::DayNotOver`], [`Refusal::Invalid`], [`Refusal::UnknownMunicipality`].
    pub async fn import_statement(
        &self,
        municipality: i64,
        day: Date,
        lines: &[BankLine],
        at: i64,
    ) -> Result<i64> {
        check(day, lines)?;
        if day >= calendar::date(at) {
            return Err(Refusal::DayNotOver.into());
        }
        if self.municipality(municipality).await?.is_none() {
            return Err(Refusal::UnknownMunicipality.into());
        }
        let mut lines: Vec<&BankLine> = lines.iter().collect();
        lines.sort_by(|one, other| one.line.cmp(&other.line));
        let sum = |way: Way| -> i64 {
            let of_way = lines.iter().filter(|line| line.way == way);
            of_way.map(|line| line.amount_won).sum()
        };
        let hash = transfers::body_hash(&lines);
        let changed = || Refusal::StatementChanged { day: day.to_string() };
        let mut tx = self.store.begin().await?;
        let done = sqlx::query(
            "INSERT INTO bank_statements (municipality, day, content_hash, lines, in_won, out_won, fetched_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (municipality, day) DO NOTHING",
        )
        .bind(municipality)
        .bind(day.to_string())
        .bind(&hash)
        .bind(lines.len() as i64)
        .bind(sum(Way::In))
        .bind(sum(Way::Out))
        .bind(at)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            let (earlier,): (String,) = sqlx::query_as(
                "SELECT content_hash FROM bank_statements WHERE municipality = $1 AND day = $2",
            )
            .bind(municipality)
            .bind(day.to_string())
            .fetch_one(&mut *tx)
            .await?;
            return if earlier == hash { Ok(0) } else { Err(changed().into()) };
        }
        for chunk in lines.chunks(CHUNK) {
            let rows: Vec<String> = (0..chunk.len())
                .map(|row| {
                    let first = row * 7 + 2;
                    let places: Vec<String> = (first..first + 7).map(|place| format!("${place}")).collect();
                    format!("($1, {})", places.join(", "))
                })
                .collect();
            let sql = format!(
                "INSERT INTO bank_lines (municipality, line, day, at, way, reference, item, amount_won) VALUES {} \
                 ON CONFLICT (municipality, line) DO NOTHING",
                rows.join(", ")
            );
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(municipality);
            for line in chunk {
                query = query
                    .bind(&line.line)
                    .bind(day.to_string())
                    .bind(line.at)
                    .bind(line.way.code())
                    .bind(&line.reference)
                    .bind(item_of(municipality, &line.reference))
                    .bind(line.amount_won);
            }
            if query.execute(&mut *tx).await?.rows_affected() < chunk.len() as u64 {
                return Err(changed().into());
            }
        }
        tx.commit().await?;
        Ok(lines.len() as i64)
    }
}
