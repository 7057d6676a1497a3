//! The daily reconciliation: the bank's statements against deposits, remittances and the clearing account.
//!
//! It balances to the won, or says which lines differ and why. The clearing account's own balance is one side of it, so
//! that a movement of money that no deposit and no remittance explains shows as a rest.
//! Costs: a walk of the municipality's lines and of its deposits and remittances since the opening; meant for the night.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sqlx::{Any, Transaction};

use super::{
    Differing, Reconciliation, Way, Why, deposit_reference,
    judge::{Item, Line, judge},
    opening::Opening,
    read, remittance_reference,
};
use crate::{Ledger, Refusal, calendar, error::Result};

/// What the books have and the bank has no line for.
struct Unseen {
    reference: String,
    state: String,
    book_won: i64,
    changed_at: i64,
}

/// The sums and lines of one look.
struct Look {
    bank_won: i64,
    book_won: i64,
    open_won: i64,
    open_items: i64,
    lines: Vec<Differing>,
}

impl Ledger {
    /// Settles what the statements through `day` settle, compares, and keeps the result in the place of an earlier one of
    /// that day. Refused: [`Refusal::NoBank`], [`Refusal::StatementMissing`].
    pub async fn reconcile(&self, municipality: i64, day: Date, at: i64) -> Result<Reconciliation> {
        let opening = self.bank_opening(municipality).await?.ok_or(Refusal::NoBank)?;
        let end = calendar::midnight(day.tomorrow().unwrap_or(day));
        let missing = self.statement_days_missing(municipality, end).await?;
        if let Some(day) = missing.first() {
            return Err(Refusal::StatementMissing { day: day.to_string() }.into());
        }
        let resolved = self.resolve(municipality, day, at).await?;
        let mut snapshot = self.store.begin_snapshot().await?;
        let look = look(&mut snapshot, municipality, opening, day, end).await?;
        snapshot.rollback().await?;
        let explained_won: i64 = look.lines.iter().map(|line| line.bank_won - line.book_won).sum();
        let found = Reconciliation {
            municipality,
            day,
            done_at: at,
            bank_won: look.bank_won,
            book_won: look.book_won,
            open_won: look.open_won,
            rest_won: look.bank_won - look.book_won - look.open_won - explained_won,
            open_items: look.open_items,
            differing: look.lines.len() as i64,
            resolved,
        };
        let mut tx = self.store.begin().await?;
        read::write(&mut tx, &found, &look.lines).await?;
        tx.commit().await?;
        Ok(found)
    }
}

async fn look(
    tx: &mut Transaction<'_, Any>,
    municipality: i64,
    opening: Opening,
    day: Date,
    end: i64,
) -> Result<Look> {
    let (moved_won,): (i64,) = sqlx::query_as(
        "SELECT COALESCE(CAST(SUM(CASE WHEN way = 'in' THEN amount_won ELSE -amount_won END) AS BIGINT), 0) \
         FROM bank_lines WHERE municipality = $1 AND day <= $2",
    )
    .bind(municipality)
    .bind(day.to_string())
    .fetch_one(&mut **tx)
    .await?;
    let (clearing_won,): (i64,) = sqlx::query_as(
        "SELECT balance_won FROM accounts WHERE municipality = $1 AND kind = 'clearing' AND owner = 0",
    )
    .bind(municipality)
    .fetch_one(&mut **tx)
    .await?;
    let mut look = Look {
        bank_won: opening.won + moved_won,
        book_won: -clearing_won,
        open_won: 0,
        open_items: 0,
        lines: Vec::new(),
    };
    for ((item, _), lines) in unmatched(tx, municipality, opening, day).await? {
        let found = match item {
            0 => None,
            deposit @ 1.. => item_deposit(tx, municipality, opening, deposit).await?,
            remittance => item_remittance(tx, municipality, opening, -remittance).await?,
        };
        look.lines.extend(judge(found.as_ref(), &lines));
    }
    for unseen in unseen(tx, municipality, opening, day).await? {
        // Not sent yet, or said after the day was over: on its way, and the next statement's to tell.
        if matches!(unseen.state.as_str(), "pending" | "unknown") || unseen.changed_at >= end {
            look.open_items += 1;
            look.open_won -= unseen.book_won;
        } else {
            look.lines.push(Differing {
                why: Why::MissingThere,
                reference: unseen.reference,
                line: String::new(),
                state: unseen.state,
                book_won: unseen.book_won,
                bank_won: 0,
            });
        }
    }
    look.lines.extend(without_deposit(tx, municipality, opening).await?);
    Ok(look)
}

/// The lines of every reference that is not one line for one item of that amount, by item and reference.
async fn unmatched(
    tx: &mut Transaction<'_, Any>,
    municipality: i64,
    opening: Opening,
    day: Date,
) -> Result<BTreeMap<(i64, String), Vec<Line>>> {
    let rows: Vec<(i64, String, String, String, i64)> = sqlx::query_as(
        "SELECT b.item, b.line, b.reference, b.way, b.amount_won FROM bank_lines b JOIN (SELECT g.item AS item FROM \
          (SELECT item, COUNT(*) AS number, CAST(SUM(CASE WHEN way = 'in' THEN amount_won ELSE -amount_won END) AS BIGINT) \
            AS won FROM bank_lines WHERE municipality = $1 AND day <= $2 GROUP BY item) g \
          LEFT JOIN deposits d ON d.municipality = $1 AND d.id = g.item AND d.state = 'confirmed' \
           AND d.price_won = g.won AND d.updated_at >= $3 \
          LEFT JOIN remittances r ON r.municipality = $1 AND r.id = -g.item AND r.state <> 'failed' \
           AND r.amount_won = -g.won \
          WHERE g.number > 1 OR (d.id IS NULL AND r.id IS NULL)) u ON u.item = b.item \
         WHERE b.municipality = $1 AND b.day <= $2 ORDER BY b.day, b.at, b.line",
    )
    .bind(municipality)
    .bind(day.to_string())
    .bind(opening.at)
    .fetch_all(&mut **tx)
    .await?;
    let mut by_item: BTreeMap<(i64, String), Vec<Line>> = BTreeMap::new();
    for (item, line, reference, way, amount_won) in rows {
        let way = if way == "in" { Way::In } else { Way::Out };
        by_item.entry((item, reference.clone())).or_default().push(Line {
            name: line,
            reference,
            won: way.signed(amount_won),
        });
    }
    Ok(by_item)
}

async fn item_deposit(
    tx: &mut Transaction<'_, Any>,
    municipality: i64,
    opening: Opening,
    id: i64,
) -> Result<Option<Item>> {
    let row: Option<(String, i64, i64)> = sqlx::query_as(
        "SELECT state, price_won, updated_at FROM deposits WHERE municipality = $1 AND id = $2",
    )
    .bind(municipality)
    .bind(id)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|(state, price_won, updated_at)| {
        let is_sold = state == "confirmed" && updated_at >= opening.at;
        Item {
            state,
            due_won: price_won,
            book_won: if is_sold { price_won } else { 0 },
        }
    }))
}

/// Which remittances are the bank's to carry: given since the opening, or open at it.
const CARRIED: &str = "(r.created_at >= $2 OR r.state IN ('pending', 'unknown') OR EXISTS (SELECT 1 FROM bank_asks a \
    WHERE a.municipality = r.municipality AND a.id = r.id))";

async fn item_remittance(
    tx: &mut Transaction<'_, Any>,
    municipality: i64,
    opening: Opening,
    id: i64,
) -> Result<Option<Item>> {
    let sql = format!(
        "SELECT r.state, r.amount_won, CASE WHEN r.state <> 'failed' AND {CARRIED} THEN r.amount_won ELSE 0 END \
         FROM remittances r WHERE r.municipality = $1 AND r.id = $3"
    );
    let row: Option<(String, i64, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(municipality)
        .bind(opening.at)
        .bind(id)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.map(|(state, amount_won, carried_won)| Item {
        state,
        due_won: -amount_won,
        book_won: -carried_won,
    }))
}

async fn unseen(
    tx: &mut Transaction<'_, Any>,
    municipality: i64,
    opening: Opening,
    day: Date,
) -> Result<Vec<Unseen>> {
    let sold: Vec<(i64, i64, i64)> = sqlx::query_as(
        "SELECT d.id, d.price_won, d.updated_at FROM deposits d WHERE d.municipality = $1 AND d.state = 'confirmed' \
         AND d.updated_at >= $2 AND NOT EXISTS (SELECT 1 FROM bank_lines b WHERE b.municipality = d.municipality \
           AND b.item = d.id AND b.day <= $3) ORDER BY d.id",
    )
    .bind(municipality)
    .bind(opening.at)
    .bind(day.to_string())
    .fetch_all(&mut **tx)
    .await?;
    let sql = format!(
        "SELECT r.id, r.state, r.amount_won, r.updated_at FROM remittances r WHERE r.municipality = $1 \
         AND r.state <> 'failed' AND {CARRIED} AND NOT EXISTS (SELECT 1 FROM bank_lines b \
           WHERE b.municipality = r.municipality AND b.item = -r.id AND b.day <= $3) ORDER BY r.id"
    );
    let sent: Vec<(i64, String, i64, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(municipality)
        .bind(opening.at)
        .bind(day.to_string())
        .fetch_all(&mut **tx)
        .await?;
    let sold = sold.into_iter().map(|(id, price_won, changed_at)| Unseen {
        reference: deposit_reference(id),
        state: "confirmed".to_owned(),
        book_won: price_won,
        changed_at,
    });
    let sent = sent.into_iter().map(|(id, state, amount_won, changed_at)| Unseen {
        reference: remittance_reference(id),
        state,
        book_won: -amount_won,
        changed_at,
    });
    Ok(sold.chain(sent).collect())
}

/// Sales since the opening behind which no deposit stands.
async fn without_deposit(
    tx: &mut Transaction<'_, Any>,
    municipality: i64,
    opening: Opening,
) -> Result<Vec<Differing>> {
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT e.transfer, CAST(-SUM(e.amount_won) AS BIGINT) FROM entries e JOIN accounts a \
         ON a.municipality = e.municipality AND a.id = e.account AND a.kind = 'clearing' JOIN transfers t \
         ON t.municipality = e.municipality AND t.id = e.transfer AND t.deposit IS NULL \
         WHERE e.municipality = $1 AND e.created_at >= $2 AND e.kind = 'sell' GROUP BY e.transfer ORDER BY e.transfer",
    )
    .bind(municipality)
    .bind(opening.at)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(transfer, book_won)| Differing {
            why: Why::WithoutDeposit,
            reference: transfer.to_string(),
            line: String::new(),
            state: String::new(),
            book_won,
            bank_won: 0,
        })
        .collect())
}
