//! Codes in the database.

use std::collections::{HashMap, HashSet};

use sqlx::{AnyConnection, Row, any::AnyRow};
use store::Engine;

use super::{CODE_LIFE_MS, Code};
use crate::{
    Ledger, Operation, Refusal, Request,
    error::Result,
    poster::{Cells, Rows, bind_arrays, postgres_tables, rows_max, sqlite_query},
};

/// Codes made until one has a name that no other has: with a million of them in hand every try but one in a million is
/// the first.
const TRIES: u32 = 5;

const SELECT: &str = "SELECT c.id, c.municipality, c.holder, c.name, c.made_at, c.until_at, p.transfer FROM codes c \
    LEFT JOIN code_payments p ON p.municipality = c.municipality AND p.code = c.id";

// One shape, so that PostgreSQL answers both in one round trip. Code: what it says; order: the payment that has it.
const CODES: &str = "SELECT CAST(1 AS BIGINT) AS what, c.municipality, c.id, c.holder, c.until_at, \
    COALESCE(p.transfer, 0) AS transfer, c.name FROM shown CROSS JOIN codes c LEFT JOIN code_payments p \
    ON p.municipality = c.municipality AND p.code = c.id \
    WHERE c.municipality = shown.municipality AND c.name = shown.name";
const ORDERS: &str = "SELECT CAST(2 AS BIGINT) AS what, p.municipality, p.merchant, CAST(0 AS BIGINT), \
    CAST(0 AS BIGINT), p.transfer, p.order_id FROM ordered CROSS JOIN code_payments p \
    WHERE p.municipality = ordered.municipality AND p.merchant = ordered.merchant AND p.order_id = ordered.order_id";

fn from_row(row: &AnyRow) -> Result<Code> {
    Ok(Code {
        id: row.try_get("id")?,
        municipality: row.try_get("municipality")?,
        holder: row.try_get("holder")?,
        name: row.try_get("name")?,
        made_at: row.try_get("made_at")?,
        until_at: row.try_get("until_at")?,
        payment: row.try_get("transfer")?,
    })
}

/// What a batch must know of the codes in it. Everything by municipality first.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    codes: HashMap<(i64, String), Seen>,
    /// By merchant.
    orders: HashSet<(i64, i64, String)>,
}

/// A code as a batch sees it.
#[derive(Clone, Copy, Debug)]
struct Seen {
    id: i64,
    holder: i64,
    until_at: i64,
    used: bool,
}

/// A code that may pay: its id and its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Valid {
    pub(crate) code: i64,
    pub(crate) holder: i64,
}

impl Shown {
    /// Whose wallet a request is about, if it is a payment: the payer of a code is its holder, whatever its state.
    pub(crate) fn payer(&self, request: &Request) -> Option<i64> {
        match &request.operation {
            Operation::Pay { holder, .. } => Some(*holder),
            Operation::PayByCode { names, .. } => self
                .seen(request.municipality, names)
                .map(|(_, seen)| seen.holder),
            _ => None,
        }
    }

    /// Whether this request's code may pay for its order: the rule of codes.
    pub(crate) fn decide(
        &self,
        request: &Request,
        merchant: i64,
        names: &[String],
        order: Option<&str>,
    ) -> std::result::Result<Valid, Refusal> {
        let (_, seen) = self
            .seen(request.municipality, names)
            .ok_or(Refusal::UnknownCode)?;
        if seen.used {
            return Err(Refusal::CodeUsed);
        }
        if request.at >= seen.until_at {
            return Err(Refusal::CodeEnded);
        }
        if order.is_some_and(|order| {
            let order = (request.municipality, merchant, order.to_owned());
            self.orders.contains(&order)
        }) {
            return Err(Refusal::OrderPaid);
        }
        Ok(Valid {
            code: seen.id,
            holder: seen.holder,
        })
    }

    /// Notes that a member of the batch has used a code, for whoever comes after it.
    pub(crate) fn use_up(&mut self, municipality: i64, merchant: i64, names: &[String], order: Option<&str>) {
        let name = self.seen(municipality, names).map(|(name, _)| name.clone());
        if let Some(seen) = name.and_then(|name| self.codes.get_mut(&(municipality, name))) {
            seen.used = true;
        }
        if let Some(order) = order {
            self.orders.insert((municipality, merchant, order.to_owned()));
        }
    }

    fn seen<'a>(&self, municipality: i64, names: &'a [String]) -> Option<(&'a String, &Seen)> {
        names.iter().find_map(|name| {
            let seen = self.codes.get(&(municipality, name.clone()))?;
            Some((name, seen))
        })
    }
}

/// Looks up the codes and orders of a batch; asks nothing where nobody pays by code. One statement on `PostgreSQL`,
/// two for each 1,024 rows on `SQLite`.
pub(crate) async fn read<'a>(
    connection: &mut AnyConnection,
    engine: Engine,
    requests: impl Iterator<Item = &'a Request>,
) -> Result<Shown> {
    let (mut codes, mut orders) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new(), Vec::new()));
    for request in requests {
        if let Operation::PayByCode {
            names,
            order,
            merchant,
            ..
        } = &request.operation
        {
            for name in names {
                codes.0.push(request.municipality);
                codes.1.push(name.as_str());
            }
            if let Some(order) = order {
                orders.0.push(request.municipality);
                orders.1.push(*merchant);
                orders.2.push(order.as_str());
            }
        }
    }
    let mut shown = Shown::default();
    if codes.0.is_empty() {
        return Ok(shown);
    }
    let tables = [
        Rows {
            name: "shown",
            columns: vec![
                ("municipality", Cells::Numbers(&codes.0)),
                ("name", Cells::Texts(&codes.1)),
            ],
        },
        Rows {
            name: "ordered",
            columns: vec![
                ("municipality", Cells::Numbers(&orders.0)),
                ("merchant", Cells::Numbers(&orders.1)),
                ("order_id", Cells::Texts(&orders.2)),
            ],
        },
    ];
    match engine {
        Engine::Postgres => {
            let sql = format!("{} {CODES} UNION ALL {ORDERS}", postgres_tables(&tables));
            let query = bind_arrays(sqlx::query(sqlx::AssertSqlSafe(sql)), &tables);
            shown.note(&query.fetch_all(&mut *connection).await?)?;
        }
        Engine::Sqlite => {
            for (rows, statement) in tables.iter().zip([CODES, ORDERS]) {
                for from in (0..rows.len()).step_by(rows_max(engine)) {
                    let part = rows.part(from, rows.len().min(from + rows_max(engine)));
                    shown.note(&sqlite_query(&part, statement).fetch_all(&mut *connection).await?)?;
                }
            }
        }
    }
    Ok(shown)
}

impl Shown {
    fn note(&mut self, rows: &[AnyRow]) -> Result<()> {
        for row in rows {
            let number = |index: usize| row.try_get::<i64, _>(index);
            let (municipality, text) = (number(1)?, row.try_get::<String, _>(6)?);
            if number(0)? == 1 {
                let seen = Seen {
                    id: number(2)?,
                    holder: number(3)?,
                    until_at: number(4)?,
                    used: number(5)? != 0,
                };
                self.codes.insert((municipality, text), seen);
            } else {
                self.orders.insert((municipality, number(2)?, text));
            }
        }
        Ok(())
    }
}

impl Ledger {
    /// Ends the codes of a wallet that still live; how many there were.
    pub async fn end_codes(&self, municipality: i64, holder: i64, at: i64) -> Result<u64> {
        let done = sqlx::query(
            "UPDATE codes SET until_at = CASE WHEN made_at > $3 THEN made_at ELSE $3 END \
             WHERE municipality = $1 AND holder = $2 AND until_at > $3",
        )
        .bind(municipality)
        .bind(holder)
        .bind(at)
        .execute(&self.store.write)
        .await?;
        Ok(done.rows_affected())
    }

    /// Makes a code for a wallet; what the wallet had of codes before ends. `name` makes the keyed hash of a code's
    /// digits of its id.
    pub async fn make_code(
        &self,
        municipality: i64,
        holder: i64,
        name: impl Fn(i64) -> String,
        at: i64,
    ) -> Result<Code> {
        for _ in 0..TRIES {
            let id = self.store.id(municipality).await?;
            let code = Code {
                id,
                municipality,
                holder,
                name: name(id),
                made_at: at,
                until_at: at + CODE_LIFE_MS,
                payment: None,
            };
            let mut tx = self.store.begin().await?;
            sqlx::query(
                "UPDATE codes SET until_at = CASE WHEN made_at > $3 THEN made_at ELSE $3 END \
                 WHERE municipality = $1 AND holder = $2 AND until_at > $3",
            )
            .bind(municipality)
            .bind(holder)
            .bind(at)
            .execute(&mut *tx)
            .await?;
            let done = sqlx::query(
                "INSERT INTO codes (municipality, id, name, holder, made_at, until_at) \
                 SELECT code, $2, $3, $4, $5, $6 FROM municipalities WHERE code = $1 \
                 ON CONFLICT (municipality, name) DO NOTHING",
            )
            .bind(municipality)
            .bind(id)
            .bind(&code.name)
            .bind(holder)
            .bind(at)
            .bind(code.until_at)
            .execute(&mut *tx)
            .await?;
            if done.rows_affected() == 1 {
                tx.commit().await?;
                return Ok(code);
            }
            tx.rollback().await?;
        }
        Err(Refusal::UnknownMunicipality.into())
    }

    /// A holder's last code, whatever became of it.
    pub async fn last_code(&self, municipality: i64, holder: i64) -> Result<Option<Code>> {
        let sql = format!("{SELECT} WHERE c.municipality = $1 AND c.holder = $2 ORDER BY c.id DESC LIMIT 1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(holder)
            .fetch_optional(&self.store.read)
            .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// The code that has one of these names. Which of them it is: the first that there is.
    pub async fn code_by_name(&self, municipality: i64, names: &[String]) -> Result<Option<Code>> {
        for name in names {
            let sql = format!("{SELECT} WHERE c.municipality = $1 AND c.name = $2");
            let row = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(municipality)
                .bind(name)
                .fetch_optional(&self.store.read)
                .await?;
            if let Some(row) = row {
                return Ok(Some(from_row(&row)?));
            }
        }
        Ok(None)
    }

    /// For which of the merchant's orders a payment by code was.
    pub async fn order_of(&self, municipality: i64, payment: i64) -> Result<Option<String>> {
        let row: Option<(Option<String>,)> =
            sqlx::query_as("SELECT order_id FROM code_payments WHERE municipality = $1 AND transfer = $2")
                .bind(municipality)
                .bind(payment)
                .fetch_optional(&self.store.read)
                .await?;
        Ok(row.and_then(|(order,)| order))
    }

    /// Forgets codes that ended before this instant; what they paid stays. Returns how many.
    pub async fn forget_codes(&self, before_at: i64) -> Result<u64> {
        let done = sqlx::query("DELETE FROM codes WHERE until_at < $1")
            .bind(before_at)
            .execute(&self.store.write)
            .await?;
        Ok(done.rows_affected())
    }
}
