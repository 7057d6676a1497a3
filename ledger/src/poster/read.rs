//! What a batch must know before it decides: which keys are taken, what the payers hold, who takes.
//!
//! Costs: on `PostgreSQL` one statement, whatever the batch, seen as of one moment; on `SQLite` three, for each
//! 1,024 rows. Where somebody pays by code, one more before them (two on `SQLite`). Rows: one per key that is taken, one per open lot of each payer, one per merchant.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, LazyLock},
};

use sqlx::{AnyConnection, AssertSqlSafe, Row, any::AnyRow};
use store::Engine;

use super::{
    Job,
    book::{Book, Known, Slot},
    rows::{Cells, Rows, bind_arrays, postgres_tables, rows_max, sqlite_query},
};
use crate::{
    Category, MerchantStatus, Operation, Restriction,
    codes::{self, Shown},
    error::{Result, corrupt},
    programmes,
    transfers::{Open, Taker},
};

// The three questions have one shape, so that PostgreSQL answers them in one round trip. CROSS JOIN is an order
// to SQLite: first the rows asked for, then each by its index.
const KEYS: &str = "SELECT CAST(1 AS BIGINT) AS what, t.municipality, t.id, CAST(0 AS BIGINT), CAST(0 AS BIGINT), \
    CAST(0 AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT) AS revenue_limit_won, \
    t.idempotency_key AS barred_categories, t.body_hash \
    FROM asked CROSS JOIN transfers t WHERE t.municipality = asked.municipality AND t.idempotency_key = asked.key";
const LOTS: &str = "SELECT CAST(2 AS BIGINT) AS what, l.municipality, l.id, l.holder, l.account, l.programme, \
    l.left_won, l.created_at, l.expires_at, p.revenue_limit_won, p.barred_categories, '' \
    FROM payer CROSS JOIN lots l CROSS JOIN programmes p \
    WHERE l.municipality = payer.municipality AND l.holder = payer.holder AND l.is_open = 1 \
    AND l.expires_at > payer.since AND p.municipality = l.municipality AND p.id = l.programme";
const TAKERS: &str = "SELECT CAST(3 AS BIGINT) AS what, m.municipality, m.id, a.id, m.revenue_won_year, 0, 0, 0, 0, 0, \
    m.category, m.status FROM taker CROSS JOIN merchants m CROSS JOIN accounts a \
    WHERE m.municipality = taker.municipality AND m.id = taker.merchant \
    AND a.municipality = m.municipality AND a.kind = 'merchant' AND a.owner = m.id";

/// What is asked for a batch, each thing once.
struct Questions<'a> {
    key_municipalities: Vec<i64>,
    keys: Vec<&'a str>,
    payer_municipalities: Vec<i64>,
    payers: Vec<i64>,
    since: Vec<i64>,
    taker_municipalities: Vec<i64>,
    takers: Vec<i64>,
}

impl<'a> Questions<'a> {
    fn of(jobs: &'a [Job], shown: &Shown) -> Self {
        let mut keys: Vec<(i64, &str)> = Vec::with_capacity(jobs.len());
        let mut payers: HashMap<(i64, i64), i64> = HashMap::with_capacity(jobs.len());
        let mut takers = HashSet::new();
        for Job { request, .. } in jobs {
            keys.push((request.municipality, &request.key));
            if let Some(holder) = shown.payer(request) {
                let since = payers.entry((request.municipality, holder)).or_insert(request.at);
                *since = request.at.min(*since);
            }
            if let Operation::Pay { merchant, .. } | Operation::PayByCode { merchant, .. } = request.operation
            {
                takers.insert((request.municipality, merchant));
            }
        }
        keys.sort_unstable();
        keys.dedup();
        let mut payers: Vec<_> = payers.into_iter().collect();
        payers.sort_unstable();
        Self {
            key_municipalities: keys.iter().map(|key| key.0).collect(),
            keys: keys.iter().map(|key| key.1).collect(),
            payer_municipalities: payers.iter().map(|payer| payer.0.0).collect(),
            payers: payers.iter().map(|payer| payer.0.1).collect(),
            since: payers.iter().map(|payer| payer.1).collect(),
            taker_municipalities: takers.iter().map(|taker| taker.0).collect(),
            takers: takers.iter().map(|taker| taker.1).collect(),
        }
    }

    fn asked(&self) -> Rows<'_> {
        Rows {
            name: "asked",
            columns: vec![
                ("municipality", Cells::Numbers(&self.key_municipalities)),
                ("key", Cells::Texts(&self.keys)),
            ],
        }
    }

    fn payer(&self) -> Rows<'_> {
        Rows {
            name: "payer",
            columns: vec![
                ("municipality", Cells::Numbers(&self.payer_municipalities)),
                ("holder", Cells::Numbers(&self.payers)),
                ("since", Cells::Numbers(&self.since)),
            ],
        }
    }

    fn taker(&self) -> Rows<'_> {
        Rows {
            name: "taker",
            columns: vec![
                ("municipality", Cells::Numbers(&self.taker_municipalities)),
                ("merchant", Cells::Numbers(&self.takers)),
            ],
        }
    }
}

/// Reads what a batch must know.
pub(super) async fn read(connection: &mut AnyConnection, engine: Engine, jobs: &[Job]) -> Result<Book> {
    let shown = codes::read(connection, engine, jobs.iter().map(|job| &job.request)).await?;
    let questions = Questions::of(jobs, &shown);
    let tables = [questions.asked(), questions.payer(), questions.taker()];
    let mut book = Book::default();
    match engine {
        Engine::Postgres => {
            static SQL: LazyLock<String> = LazyLock::new(|| {
                let none = Questions::of(&[], &Shown::default());
                let tables = postgres_tables(&[none.asked(), none.payer(), none.taker()]);
                format!("{tables} {KEYS} UNION ALL {LOTS} UNION ALL {TAKERS}")
            });
            let query = bind_arrays(sqlx::query(AssertSqlSafe(SQL.as_str())), &tables);
            note(&mut book, &query.fetch_all(&mut *connection).await?)?;
        }
        Engine::Sqlite => {
            for (rows, statement) in tables.iter().zip([KEYS, LOTS, TAKERS]) {
                for from in (0..rows.len()).step_by(rows_max(engine)) {
                    let part = rows.part(from, rows.len().min(from + rows_max(engine)));
                    note(
                        &mut book,
                        &sqlite_query(&part, statement).fetch_all(&mut *connection).await?,
                    )?;
                }
            }
        }
    }
    book.shown = shown;
    for slots in book.wallets.values_mut() {
        slots.sort_unstable_by_key(|slot| slot.open.spending_order());
    }
    Ok(book)
}

/// Locks the wallets of everybody who pays, by id. Whoever changes a lot holds its wallet, so that what is read
/// after this stays as it is.
pub(super) async fn lock(connection: &mut AnyConnection, jobs: &[Job]) -> Result<()> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "{} SELECT a.id FROM payer CROSS JOIN accounts a WHERE a.municipality = payer.municipality \
             AND a.kind = 'wallet' AND a.owner = payer.holder ORDER BY a.id FOR UPDATE OF a",
            postgres_tables(&[Questions::of(&[], &Shown::default()).payer()])
        )
    });
    // Of a code its holder alone, who does not change: what has become of it is read again under the locks.
    let shown = codes::read(connection, Engine::Postgres, jobs.iter().map(|job| &job.request)).await?;
    let questions = Questions::of(jobs, &shown);
    bind_arrays(sqlx::query(AssertSqlSafe(SQL.as_str())), &[questions.payer()])
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes what was answered.
fn note(book: &mut Book, rows: &[AnyRow]) -> Result<()> {
    let mut restrictions: HashMap<i64, Arc<Restriction>> = HashMap::new();
    for row in rows {
        let number = |index: usize| row.try_get::<i64, _>(index);
        let text = |index: usize| row.try_get::<&str, _>(index);
        let municipality = number(1)?;
        match number(0)? {
            1 => {
                let known = Known {
                    transfer: number(2)?,
                    body_hash: text(11)?.to_owned(),
                };
                book.keys.insert((municipality, text(10)?.to_owned()), known);
            }
            2 => {
                let programme = number(5)?;
                let restriction = if let Some(restriction) = restrictions.get(&programme) {
                    restriction.clone()
                } else {
                    let restriction = Arc::new(programmes::restriction_of(row)?);
                    restrictions.insert(programme, restriction.clone());
                    restriction
                };
                let open = Open {
                    lot: number(2)?,
                    account: number(4)?,
                    programme,
                    left_won: number(6)?,
                    created_at: number(7)?,
                    expires_at: number(8)?,
                    restriction,
                };
                let slots = book.wallets.entry((municipality, number(3)?)).or_default();
                slots.push(Slot {
                    was_won: open.left_won,
                    open,
                });
            }
            _ => {
                let (category, status) = (text(10)?, text(11)?);
                let taker = Taker {
                    account: number(3)?,
                    status: MerchantStatus::from_code(status)
                        .ok_or_else(|| corrupt("merchant status", status))?,
                    category: Category::from_code(category).ok_or_else(|| corrupt("category", category))?,
                    revenue_won_year: number(4)?,
                };
                book.takers.insert((municipality, number(2)?), taker);
            }
        }
    }
    Ok(())
}
