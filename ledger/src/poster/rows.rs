//! Rows on their way into a statement.
//!
//! `PostgreSQL` takes each column as one array, so that a statement has one text and one plan for any number of
//! rows. `SQLite`, which has no arrays, takes `VALUES` with a bound value for each cell, padded to a power of two
//! rows so that few texts are prepared; padding has the municipality -1 and belongs to nobody.

use std::fmt::Write as _;

use sqlx::{Any, AssertSqlSafe, any::AnyArguments, query::Query};
use store::Engine;

/// What a bound value of one column is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cells<'a> {
    /// Numbers, one a row.
    Numbers(&'a [i64]),
    /// Texts, one a row.
    Texts(&'a [&'a str]),
}

/// A table that only one statement sees. Its first column is the municipality.
#[derive(Clone, Debug)]
pub(crate) struct Rows<'a> {
    pub(crate) name: &'static str,
    pub(crate) columns: Vec<(&'static str, Cells<'a>)>,
}

/// The most rows in one of `SQLite`'s statements: a power of two, far below its limit of 32,766 bound values.
pub(crate) const SQLITE_ROWS_MAX: usize = 1_024;

impl Rows<'_> {
    /// How many rows.
    pub(crate) fn len(&self) -> usize {
        match self.columns.first() {
            Some((_, Cells::Numbers(cells))) => cells.len(),
            Some((_, Cells::Texts(cells))) => cells.len(),
            None => 0,
        }
    }

    /// Some of the rows.
    pub(crate) fn part(&self, from: usize, until: usize) -> Self {
        let columns = self.columns.iter().map(|(name, cells)| {
            let cells = match *cells {
                Cells::Numbers(cells) => Cells::Numbers(&cells[from..until]),
                Cells::Texts(cells) => Cells::Texts(&cells[from..until]),
            };
            (*name, cells)
        });
        Self {
            name: self.name,
            columns: columns.collect(),
        }
    }

    /// The rows as one of `SQLite`'s named tables.
    fn sqlite_table(&self) -> String {
        let rows = self.len().next_power_of_two();
        let row = format!("(?{})", ", ?".repeat(self.columns.len() - 1));
        let mut sql = format!("{} (", self.name);
        for (index, (name, _)) in self.columns.iter().enumerate() {
            let _ = write!(sql, "{}{name}", if index == 0 { "" } else { ", " });
        }
        sql.push_str(") AS (VALUES ");
        sql.push_str(&row);
        for _ in 1..rows {
            sql.push_str(", ");
            sql.push_str(&row);
        }
        sql.push(')');
        sql
    }
}

/// The named tables that stand before a statement of `PostgreSQL`, by name, column and type.
pub(crate) fn postgres_tables(tables: &[Rows<'_>]) -> String {
    let mut sql = String::from("WITH ");
    let mut parameter = 0;
    for (index, rows) in tables.iter().enumerate() {
        let names: Vec<&str> = rows.columns.iter().map(|(name, _)| *name).collect();
        let comma = if index == 0 { "" } else { ", " };
        let _ = write!(
            sql,
            "{comma}{} ({}) AS (SELECT * FROM unnest(",
            rows.name,
            names.join(", ")
        );
        for (index, (_, cells)) in rows.columns.iter().enumerate() {
            parameter += 1;
            let comma = if index == 0 { "" } else { ", " };
            let array = match cells {
                Cells::Numbers(_) => "BIGINT[]",
                Cells::Texts(_) => "TEXT[]",
            };
            let _ = write!(sql, "{comma}CAST(CAST(${parameter} AS TEXT) AS {array})");
        }
        sql.push_str("))");
    }
    sql
}

/// A statement of `SQLite` over some rows.
pub(crate) fn sqlite_query<'q>(rows: &Rows<'_>, statement: &str) -> Query<'q, Any, AnyArguments> {
    debug_assert!(rows.len() <= SQLITE_ROWS_MAX, "chunks are cut before");
    let mut query = sqlx::query(AssertSqlSafe(format!("WITH {} {statement}", rows.sqlite_table())));
    for row in 0..rows.len().next_power_of_two() {
        for (_, cells) in &rows.columns {
            query = match cells {
                Cells::Numbers(cells) => query.bind(cells.get(row).copied().unwrap_or(-1)),
                Cells::Texts(cells) => query.bind(cells.get(row).copied().unwrap_or_default().to_owned()),
            };
        }
    }
    query
}

/// Binds the columns of some tables as arrays of `PostgreSQL`, in order.
pub(crate) fn bind_arrays<'q>(
    mut query: Query<'q, Any, AnyArguments>,
    tables: &[Rows<'_>],
) -> Query<'q, Any, AnyArguments> {
    for (_, cells) in tables.iter().flat_map(|rows| &rows.columns) {
        query = query.bind(array(*cells));
    }
    query
}

/// A column as `PostgreSQL` writes an array.
pub(crate) fn array(cells: Cells<'_>) -> String {
    let mut text = String::from("{");
    match cells {
        Cells::Numbers(numbers) => {
            text.reserve(numbers.len() * 20);
            for (index, number) in numbers.iter().enumerate() {
                let _ = write!(text, "{}{number}", if index == 0 { "" } else { "," });
            }
        }
        Cells::Texts(texts) => {
            text.reserve(texts.iter().map(|text| text.len() + 3).sum());
            for (index, cell) in texts.iter().enumerate() {
                text.push_str(if index == 0 { "\"" } else { ",\"" });
                for letter in cell.chars() {
                    if matches!(letter, '"' | '\\') {
                        text.push('\\');
                    }
                    text.push(letter);
                }
                text.push('"');
            }
        }
    }
    text.push('}');
    text
}

/// What a statement of this engine takes at once.
pub(crate) fn rows_max(engine: Engine) -> usize {
    match engine {
        Engine::Sqlite => SQLITE_ROWS_MAX,
        Engine::Postgres => usize::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_quotes_what_would_end_it() {
        assert_eq!(
            array(Cells::Texts(&["a", "", "b\"c\\,{}"])),
            r#"{"a","","b\"c\\,{}"}"#
        );
        assert_eq!(array(Cells::Numbers(&[1, -2])), "{1,-2}");
        assert_eq!(array(Cells::Numbers(&[])), "{}");
    }
}
