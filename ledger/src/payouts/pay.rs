//! Rows of a payout paid by set: the rule is that of a single grant (`transfers/grant.rs`), the writing is one
//! statement for all.
//!
//! Costs of n rows: on `PostgreSQL` a statement that locks the wallets, one that reads the budget, one call of
//! `ledger_pay_rows` (migration 2011), one update of the budget; on `SQLite` six statements for each
//! [`SQLITE_ROWS_MAX`](crate::poster::rows_max) rows. Order of locks as everywhere: wallets by id, budget.

use std::sync::LazyLock;

use sqlx::{Any, AssertSqlSafe, Transaction};
use store::{Engine, Store};

use super::Payout;
use crate::{
    Operation,
    error::Result,
    poster::{Cells, Rows, bind_arrays, rows_max, sqlite_query},
    transfers::body_hash,
};

/// A row whose holder is known.
#[derive(Clone, Debug)]
pub(super) struct Due {
    pub(super) row: i64,
    pub(super) holder: i64,
    pub(super) amount_won: i64,
    /// Of the grant that this is.
    body_hash: String,
}

impl Due {
    pub(super) fn new(payout: &Payout, row: i64, holder: i64, amount_won: i64) -> Self {
        let grant = Operation::Grant {
            programme: payout.programme,
            holder,
            amount_won,
            payout: Some(payout.id),
        };
        Self {
            row,
            holder,
            amount_won,
            body_hash: body_hash(&grant),
        }
    }
}

/// What all rows of a batch share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shared {
    /// The budget's account.
    pub(super) budget: i64,
    /// Now, ms.
    pub(super) at: i64,
    /// When what is paid ends, ms.
    pub(super) ends_at: i64,
    /// Ids of three for each row, the first of them.
    pub(super) first_id: i64,
}

/// Holds the wallets that are there already, by id. `SQLite` holds the whole file.
pub(super) async fn lock_wallets(
    tx: &mut Transaction<'_, Any>,
    store: &Store,
    municipality: i64,
    due: &[Due],
) -> Result<()> {
    if store.engine == Engine::Sqlite || due.is_empty() {
        return Ok(());
    }
    let holders: Vec<i64> = due.iter().map(|due| due.holder).collect();
    let query = sqlx::query(
        "SELECT COUNT(*) FROM (SELECT id FROM accounts WHERE municipality = $1 AND kind = 'wallet' \
         AND owner = ANY(CAST(CAST($2 AS TEXT) AS BIGINT[])) ORDER BY id FOR UPDATE) AS held",
    )
    .bind(municipality);
    let rows = Rows {
        name: "holder",
        columns: vec![("holder", Cells::Numbers(&holders))],
    };
    bind_arrays(query, &[rows]).execute(&mut **tx).await?;
    Ok(())
}

/// The budget's account and what it has, won, held until the transaction ends. `None`: the programme has none.
pub(super) async fn lock_budget(
    tx: &mut Transaction<'_, Any>,
    store: &Store,
    payout: &Payout,
) -> Result<Option<(i64, i64)>> {
    let sql = format!(
        "SELECT id, balance_won FROM accounts WHERE municipality = $1 AND kind = 'budget' AND owner = $2{}",
        store.for_update()
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql))
        .bind(payout.municipality)
        .bind(payout.programme)
        .fetch_optional(&mut **tx)
        .await?)
}

/// How many of the rows, from the first on, the budget carries.
pub(super) fn carried(due: &[Due], budget_won: i64) -> usize {
    let mut left_won = budget_won;
    due.iter()
        .take_while(|due| {
            let fits = due.amount_won <= left_won;
            if fits {
                left_won -= due.amount_won;
            }
            fits
        })
        .count()
}

/// Pays all of the rows, whose budget was found to carry them. False: a row was not waiting any more, and nothing of
/// this transaction may be kept.
pub(super) async fn write(
    tx: &mut Transaction<'_, Any>,
    store: &Store,
    payout: &Payout,
    shared: &Shared,
    due: &[Due],
) -> Result<bool> {
    if due.is_empty() {
        return Ok(true);
    }
    let written = match store.engine {
        Engine::Postgres => on_postgres(tx, payout, shared, due).await?,
        Engine::Sqlite => on_sqlite(tx, payout, shared, due).await?,
    };
    if written {
        let paid_won: i64 = due.iter().map(|due| due.amount_won).sum();
        sqlx::query("UPDATE accounts SET balance_won = balance_won - $3 WHERE municipality = $1 AND id = $2")
            .bind(payout.municipality)
            .bind(shared.budget)
            .bind(paid_won)
            .execute(&mut **tx)
            .await?;
    }
    Ok(written)
}

async fn on_postgres(
    tx: &mut Transaction<'_, Any>,
    payout: &Payout,
    shared: &Shared,
    due: &[Due],
) -> Result<bool> {
    let row_numbers: Vec<i64> = due.iter().map(|due| due.row).collect();
    let holders: Vec<i64> = due.iter().map(|due| due.holder).collect();
    let amounts_won: Vec<i64> = due.iter().map(|due| due.amount_won).collect();
    let hashes: Vec<&str> = due.iter().map(|due| due.body_hash.as_str()).collect();
    let rows = Rows {
        name: "due",
        columns: vec![
            ("row_number", Cells::Numbers(&row_numbers)),
            ("holder", Cells::Numbers(&holders)),
            ("amount_won", Cells::Numbers(&amounts_won)),
            ("body_hash", Cells::Texts(&hashes)),
        ],
    };
    let query = sqlx::query_as(
        "SELECT ledger_pay_rows($1, $2, $3, $4, $5, $6, $7, CAST(CAST($8 AS TEXT) AS BIGINT[]), \
         CAST(CAST($9 AS TEXT) AS BIGINT[]), CAST(CAST($10 AS TEXT) AS BIGINT[]), CAST(CAST($11 AS TEXT) AS TEXT[]))",
    )
    .bind(payout.municipality)
    .bind(payout.id)
    .bind(payout.programme)
    .bind(shared.budget)
    .bind(shared.first_id)
    .bind(shared.at)
    .bind(shared.ends_at);
    let query = rows.columns.iter().fold(query, |query, (_, cells)| {
        query.bind(crate::poster::array(*cells))
    });
    let (paid,): (i64,) = query.fetch_one(&mut **tx).await?;
    Ok(paid == due.len() as i64)
}

/// What the rows share, after them in each statement of `SQLite`'s.
const SHARED: &str =
    ", shared (payout, programme, budget, at, ends_at, first_id, n) AS (VALUES (?, ?, ?, ?, ?, ?, ?)) ";
const STATEMENTS: [&str; 5] = [
    "UPDATE payout_rows SET state = 'paid', holder = due.holder, transfer = shared.first_id + due.number \
     FROM due, shared WHERE payout_rows.municipality = due.municipality AND payout_rows.payout = shared.payout \
     AND payout_rows.row_number = due.row_number AND payout_rows.state = 'waiting'",
    "INSERT INTO accounts (municipality, id, kind, owner, balance_won) \
     SELECT due.municipality, MIN(shared.first_id + 2 * shared.n + due.number), 'wallet', due.holder, \
     SUM(due.amount_won) FROM due CROSS JOIN shared WHERE due.municipality >= 0 \
     GROUP BY due.municipality, due.holder \
     ON CONFLICT (municipality, kind, owner) DO UPDATE SET balance_won = balance_won + excluded.balance_won",
    "INSERT INTO transfers (municipality, id, idempotency_key, body_hash, kind, amount_won, created_at, actor, \
     programme, holder, payout) SELECT due.municipality, shared.first_id + due.number, \
     'payout:' || shared.payout || ':' || due.row_number, due.body_hash, 'grant', due.amount_won, shared.at, \
     'payout:' || shared.payout, shared.programme, due.holder, shared.payout \
     FROM due CROSS JOIN shared WHERE due.municipality >= 0",
    "INSERT INTO lots (municipality, id, transfer, account, holder, programme, kind, price_won, value_won, left_won, \
     created_at, expires_at) SELECT due.municipality, shared.first_id + shared.n + due.number, \
     shared.first_id + due.number, a.id, due.holder, shared.programme, 'granted', 0, due.amount_won, due.amount_won, \
     shared.at, shared.ends_at FROM due CROSS JOIN shared CROSS JOIN accounts a \
     WHERE due.municipality >= 0 AND a.municipality = due.municipality AND a.kind = 'wallet' AND a.owner = due.holder",
    "INSERT INTO entries (municipality, transfer, line, account, amount_won, lot, programme, kind, created_at) \
     SELECT due.municipality, shared.first_id + due.number, 0, shared.budget, -due.amount_won, NULL, shared.programme, \
     'grant', shared.at FROM due CROSS JOIN shared WHERE due.municipality >= 0 UNION ALL \
     SELECT due.municipality, shared.first_id + due.number, 1, a.id, due.amount_won, \
     shared.first_id + shared.n + due.number, shared.programme, 'grant', shared.at \
     FROM due CROSS JOIN shared CROSS JOIN accounts a \
     WHERE due.municipality >= 0 AND a.municipality = due.municipality AND a.kind = 'wallet' AND a.owner = due.holder",
];

async fn on_sqlite(
    tx: &mut Transaction<'_, Any>,
    payout: &Payout,
    shared: &Shared,
    due: &[Due],
) -> Result<bool> {
    static SQL: LazyLock<[String; 5]> =
        LazyLock::new(|| STATEMENTS.map(|statement| format!("{SHARED}{statement}")));
    let n = due.len() as i64;
    for (part_index, part) in due.chunks(rows_max(Engine::Sqlite)).enumerate() {
        let first = (part_index * rows_max(Engine::Sqlite)) as i64;
        let municipalities = vec![payout.municipality; part.len()];
        let row_numbers: Vec<i64> = part.iter().map(|due| due.row).collect();
        let numbers: Vec<i64> = (first..).take(part.len()).collect();
        let holders: Vec<i64> = part.iter().map(|due| due.holder).collect();
        let amounts_won: Vec<i64> = part.iter().map(|due| due.amount_won).collect();
        let hashes: Vec<&str> = part.iter().map(|due| due.body_hash.as_str()).collect();
        let rows = Rows {
            name: "due",
            columns: vec![
                ("municipality", Cells::Numbers(&municipalities)),
                ("row_number", Cells::Numbers(&row_numbers)),
                ("number", Cells::Numbers(&numbers)),
                ("holder", Cells::Numbers(&holders)),
                ("amount_won", Cells::Numbers(&amounts_won)),
                ("body_hash", Cells::Texts(&hashes)),
            ],
        };
        for (index, sql) in SQL.iter().enumerate() {
            let done = sqlite_query(&rows, sql)
                .bind(payout.id)
                .bind(payout.programme)
                .bind(shared.budget)
                .bind(shared.at)
                .bind(shared.ends_at)
                .bind(shared.first_id)
                .bind(n)
                .execute(&mut **tx)
                .await?;
            if index == 0 && done.rows_affected() != part.len() as u64 {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(amounts_won: &[i64]) -> Vec<Due> {
        let due = |amount_won: &i64| Due {
            row: 1,
            holder: 1,
            amount_won: *amount_won,
            body_hash: String::new(),
        };
        amounts_won.iter().map(due).collect()
    }

    #[test]
    fn a_budget_carries_whole_rows_and_none_after_the_first_that_it_does_not() {
        assert_eq!(carried(&due(&[100, 100, 100]), 250), 2);
        assert_eq!(carried(&due(&[100, 100]), 200), 2);
        // A smaller one after it would fit; the order of the roster is the order of paying.
        assert_eq!(carried(&due(&[300, 1]), 250), 0);
        assert_eq!(carried(&[], 0), 0);
    }
}
