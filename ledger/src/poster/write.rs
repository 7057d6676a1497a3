//! What a batch writes.
//!
//! Costs: on `PostgreSQL` one statement, the call of `ledger_post_payments` (migration 1050), which writes all of it
//! in the order of locks and is a transaction by itself where none is open; on `SQLite` four statements for each
//! 1,024 rows. Rows of n payments: n transfers; an entry per lot taken and one per programme for the merchant; one
//! update per lot and per account touched.

use std::sync::LazyLock;

use sqlx::{AnyConnection, AssertSqlSafe};
use store::Engine;

use super::rows::{Cells, Rows, bind_arrays, rows_max, sqlite_query};
use crate::{
    Request,
    error::Result,
    transfers::{Plan, Prepared},
};

// SQLite's statements; those of PostgreSQL stand in migrations/postgres/1050_poster.sql and
// 1602_code_payments.sql. The file is locked since
// before the lots were read, so none can have changed.
const ACCOUNTS: &str = "UPDATE accounts SET balance_won = balance_won + moved.delta FROM moved \
    WHERE accounts.municipality = moved.municipality AND accounts.id = moved.id";
const LOTS: &str = "UPDATE lots SET left_won = taken.left_won FROM taken \
    WHERE lots.municipality = taken.municipality AND lots.id = taken.id";
const TRANSFERS: &str = "INSERT INTO transfers (municipality, id, idempotency_key, body_hash, kind, amount_won, \
    created_at, actor, holder, merchant) SELECT municipality, id, idempotency_key, body_hash, 'pay', amount_won, \
    created_at, actor, holder, merchant FROM paid WHERE municipality >= 0";
const ENTRIES: &str = "INSERT INTO entries (municipality, transfer, line, account, amount_won, lot, programme, kind, \
    created_at) SELECT municipality, transfer, line, account, amount_won, NULLIF(lot, 0), programme, 'pay', created_at \
    FROM line WHERE municipality >= 0";
const CODES: &str = "INSERT INTO code_payments (municipality, transfer, code, merchant, order_id) \
    SELECT municipality, transfer, code, merchant, NULLIF(order_id, '') FROM used WHERE municipality >= 0";

/// Everything that a batch writes, by column.
#[derive(Debug, Default)]
pub(super) struct Writes<'a> {
    wallets: [Vec<i64>; 3],
    lots: [Vec<i64>; 4],
    transfers: [Vec<i64>; 6],
    keys: Vec<&'a str>,
    hashes: Vec<&'a str>,
    actors: Vec<&'a str>,
    entries: [Vec<i64>; 8],
    merchants: [Vec<i64>; 3],
    /// What was paid by code: empty in most batches.
    codes: [Vec<i64>; 4],
    orders: Vec<&'a str>,
}

fn push<const N: usize>(columns: &mut [Vec<i64>; N], row: [i64; N]) {
    for (column, value) in columns.iter_mut().zip(row) {
        column.push(value);
    }
}

impl<'a> Writes<'a> {
    /// Nothing yet, with room for so many payments.
    pub(super) fn with_capacity(payments: usize) -> Self {
        let columns = |rows: usize| Vec::with_capacity(rows);
        Self {
            transfers: std::array::from_fn(|_| columns(payments)),
            entries: std::array::from_fn(|_| columns(payments * 3)),
            keys: Vec::with_capacity(payments),
            hashes: Vec::with_capacity(payments),
            actors: Vec::with_capacity(payments),
            ..Self::default()
        }
    }

    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// A transfer and its entries.
    pub(super) fn transfer(&mut self, request: &'a Request, prepared: &'a Prepared, plan: &Plan) {
        let sum: i128 = plan.lines.iter().map(|line| i128::from(line.amount_won)).sum();
        assert_eq!(sum, 0, "the entries of a transfer sum to zero");
        let (municipality, transfer) = (request.municipality, prepared.transfer);
        let (holder, merchant) = (plan.holder.unwrap_or_default(), plan.merchant.unwrap_or_default());
        push(
            &mut self.transfers,
            [
                municipality,
                transfer,
                plan.amount_won,
                request.at,
                holder,
                merchant,
            ],
        );
        self.keys.push(&request.key);
        self.hashes.push(&prepared.body_hash);
        self.actors.push(&request.actor);
        for (number, line) in plan.lines.iter().enumerate() {
            push(
                &mut self.entries,
                [
                    municipality,
                    transfer,
                    number as i64,
                    line.account,
                    line.amount_won,
                    line.lot.unwrap_or_default(),
                    line.programme.unwrap_or_default(),
                    request.at,
                ],
            );
        }
    }

    /// What a wallet's balance changes by; to be called by id.
    pub(super) fn wallet(&mut self, municipality: i64, account: i64, delta: i64) {
        push(&mut self.wallets, [municipality, account, delta]);
    }

    /// What was and is left of a lot; to be called by id.
    pub(super) fn lot(&mut self, municipality: i64, lot: i64, was_won: i64, left_won: i64) {
        push(&mut self.lots, [municipality, lot, was_won, left_won]);
    }

    /// What a merchant's balance changes by; to be called by id.
    pub(super) fn merchant(&mut self, municipality: i64, account: i64, delta: i64) {
        push(&mut self.merchants, [municipality, account, delta]);
    }

    /// Which code a payment used, for which of the merchant's orders (none: empty).
    pub(super) fn code(
        &mut self,
        municipality: i64,
        transfer: i64,
        code: i64,
        merchant: i64,
        order: &'a str,
    ) {
        push(&mut self.codes, [municipality, transfer, code, merchant]);
        self.orders.push(order);
    }

    /// The codes that were used.
    fn used(&self) -> Rows<'_> {
        let names = ["municipality", "transfer", "code", "merchant"];
        let columns = names
            .into_iter()
            .zip(self.codes.iter().map(|column| Cells::Numbers(column)))
            .chain([("order_id", Cells::Texts(&self.orders))]);
        Rows {
            name: "used",
            columns: columns.collect(),
        }
    }

    /// In the order of locks: wallets, lots, transfers (with the key), entries, merchants.
    fn tables(&self) -> [Rows<'_>; 5] {
        fn table<'r, const N: usize>(
            name: &'static str,
            names: [&'static str; N],
            columns: &'r [Vec<i64>; N],
        ) -> Rows<'r> {
            let columns = names
                .into_iter()
                .zip(columns.iter().map(|column| Cells::Numbers(column)));
            Rows {
                name,
                columns: columns.collect(),
            }
        }
        let mut transfers = table(
            "paid",
            [
                "municipality",
                "id",
                "amount_won",
                "created_at",
                "holder",
                "merchant",
            ],
            &self.transfers,
        );
        transfers.columns.extend([
            ("idempotency_key", Cells::Texts(&self.keys)),
            ("body_hash", Cells::Texts(&self.hashes)),
            ("actor", Cells::Texts(&self.actors)),
        ]);
        [
            table("moved", ["municipality", "id", "delta"], &self.wallets),
            table("taken", ["municipality", "id", "was_won", "left_won"], &self.lots),
            transfers,
            table(
                "line",
                [
                    "municipality",
                    "transfer",
                    "line",
                    "account",
                    "amount_won",
                    "lot",
                    "programme",
                    "created_at",
                ],
                &self.entries,
            ),
            table("moved", ["municipality", "id", "delta"], &self.merchants),
        ]
    }

    /// Writes all of it.
    pub(super) async fn write(&self, connection: &mut AnyConnection, engine: Engine) -> Result<()> {
        let tables = self.tables();
        match engine {
            Engine::Postgres if self.orders.is_empty() => {
                static SQL: LazyLock<String> =
                    LazyLock::new(|| call("ledger_post_payments", &Writes::default().tables()));
                bind_arrays(sqlx::query(AssertSqlSafe(SQL.as_str())), &tables)
                    .execute(connection)
                    .await?;
            }
            Engine::Postgres => {
                static SQL: LazyLock<String> = LazyLock::new(|| {
                    let nothing = Writes::default();
                    let tables: Vec<Rows<'_>> =
                        nothing.tables().into_iter().chain([nothing.used()]).collect();
                    call("ledger_post_code_payments", &tables)
                });
                let tables: Vec<Rows<'_>> = tables.into_iter().chain([self.used()]).collect();
                bind_arrays(sqlx::query(AssertSqlSafe(SQL.as_str())), &tables)
                    .execute(connection)
                    .await?;
            }
            Engine::Sqlite => {
                let used = self.used();
                let statements = [ACCOUNTS, LOTS, TRANSFERS, ENTRIES, ACCOUNTS, CODES];
                for (rows, statement) in tables.iter().chain([&used]).zip(statements) {
                    for from in (0..rows.len()).step_by(rows_max(engine)) {
                        let part = rows.part(from, rows.len().min(from + rows_max(engine)));
                        sqlite_query(&part, statement).execute(&mut *connection).await?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The call of a function of `PostgreSQL`'s with each column as an array.
fn call(function: &str, tables: &[Rows<'_>]) -> String {
    let arrays: Vec<String> = tables
        .iter()
        .flat_map(|rows| &rows.columns)
        .enumerate()
        .map(|(index, (_, cells))| {
            let kind = match cells {
                Cells::Numbers(_) => "BIGINT[]",
                Cells::Texts(_) => "TEXT[]",
            };
            format!("CAST(CAST(${} AS TEXT) AS {kind})", index + 1)
        })
        .collect();
    format!("SELECT {function}({})", arrays.join(", "))
}
