//! Small helps for statements of a varying length, and the lock on persons.

use sqlx::{Any, Transaction};
use store::{Engine, Store};

/// `$from, $from+1, …`: `count` placeholders.
pub(crate) fn places(from: usize, count: usize) -> String {
    (from..from + count)
        .map(|n| format!("${n}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// `($1, $2), ($3, $4), …`: `rows` of `columns` placeholders.
pub(crate) fn rows(rows: usize, columns: usize) -> String {
    (0..rows)
        .map(|row| format!("({})", places(row * columns + 1, columns)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Makes everything that decides about the same person wait for each other until the transaction ends, so
/// that signing up and being put on a roster in the same moment cannot miss each other. `SQLite` has one
/// writer and needs nothing. `keys` are person keys; each locks its first 63 bits, in order, so that
/// nobody waits in a circle.
pub(crate) async fn lock_persons(
    store: &Store,
    transaction: &mut Transaction<'static, Any>,
    keys: &[String],
) -> sqlx::Result<()> {
    if store.engine == Engine::Sqlite {
        return Ok(());
    }
    let mut numbers: Vec<i64> = keys
        .iter()
        .map(|key| i64::from_str_radix(key.get(..15).unwrap_or_default(), 16).unwrap_or_default())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    // One statement for all of them; the array keeps the order.
    let array: Vec<String> = numbers.iter().map(i64::to_string).collect();
    sqlx::query(
        "SELECT COUNT(*) FROM (SELECT pg_advisory_xact_lock(key) FROM \
         unnest(CAST(CAST($1 AS TEXT) AS BIGINT[])) AS wanted (key)) AS locked",
    )
    .bind(format!("{{{}}}", array.join(",")))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
