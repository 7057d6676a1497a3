//! What happened in one person's wallet, newest first.
//!
//! Costs: one query. The page is a walk of the index `entries_history`, which holds all that the filters
//! look at; only the lines of the page are then looked up by their keys.

use serde::{Deserialize, Serialize};
use sqlx::Row;

use crate::{
    Cursor, Ledger, NamedLotMove, TransferKind,
    error::{Result, corrupt},
    number::receipt_number,
};

/// Which movements to show. With a programme, only what happened to its lots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryFilter {
    /// From this instant on, ms.
    pub from: Option<i64>,
    /// Before this instant, ms.
    pub until: Option<i64>,
    /// Of this programme.
    pub programme: Option<i64>,
    /// Of this kind.
    pub kind: Option<TransferKind>,
}

/// One line of a history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// The transfer.
    pub transfer: i64,
    /// Its receipt number.
    pub number: String,
    /// What kind.
    pub kind: TransferKind,
    /// When, ms.
    pub at: i64,
    /// Won: negative when spent.
    pub amount_won: i64,
    /// The merchant's name, or the programme's where money came.
    pub counterparty: Option<String>,
    /// The same in English, where there is one.
    pub counterparty_en: Option<String>,
    /// The merchant of a payment or cancellation.
    pub merchant: Option<i64>,
    /// What was cancelled of this payment since, won.
    pub cancelled_won: i64,
    /// The payment that this cancels.
    pub cancels: Option<i64>,
    /// What it did to which lots, in the order it was done.
    pub lots: Vec<NamedLotMove>,
}

/// Some lines of a history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// The lines, newest first.
    pub lines: Vec<Movement>,
    /// Where the history goes on.
    pub next: Option<Cursor>,
}

/// The page: `$1` municipality, `$2` holder, `$3` from, `$4`, `$5` before this time and transfer, `$6` programme
/// (0: any), `$7` kind (empty: any), `$8` how many.
const PAGE: &str = "SELECT e.created_at, e.transfer FROM entries e WHERE e.municipality = $1 \
    AND e.account = (SELECT id FROM accounts WHERE municipality = $1 AND kind = 'wallet' AND owner = $2) \
    AND e.created_at >= $3 AND (e.created_at, e.transfer) < ($4, $5) \
    AND ($6 = 0 OR e.programme = $6) AND ($7 = '' OR e.kind = $7) \
    GROUP BY e.created_at, e.transfer ORDER BY e.created_at DESC, e.transfer DESC LIMIT $8";

/// The page with all that its lines show. CROSS JOIN is an order to `SQLite`: first the page, then each of its rows by
/// index. Left to choose, it walks all entries of the municipality.
fn lines_sql() -> String {
    format!(
        "WITH page AS ({PAGE}) \
         SELECT page.transfer, page.created_at, t.kind, t.cancels, t.merchant, m.name AS merchant_name, \
         e.lot, e.programme, p.name, p.name_en, e.amount_won, l.expires_at, \
         (SELECT COALESCE(CAST(SUM(c.amount_won) AS BIGINT), 0) FROM transfers c \
           WHERE c.municipality = $1 AND c.cancels = page.transfer) AS cancelled_won \
         FROM page CROSS JOIN transfers t CROSS JOIN entries e CROSS JOIN lots l CROSS JOIN programmes p \
         LEFT JOIN merchants m ON m.municipality = t.municipality AND m.id = t.merchant \
         WHERE t.municipality = $1 AND t.id = page.transfer \
         AND e.municipality = $1 AND e.transfer = page.transfer AND e.lot IS NOT NULL AND ($6 = 0 OR e.programme = $6) \
         AND l.municipality = $1 AND l.id = e.lot AND p.municipality = $1 AND p.id = e.programme \
         ORDER BY page.created_at DESC, page.transfer DESC, e.line"
    )
}

/// The statements of a history, the page alone and the whole, for tests that ask the engine how it would run them.
#[doc(hidden)]
pub fn history_sql() -> [String; 2] {
    [PAGE.to_owned(), lines_sql()]
}

impl Ledger {
    /// The movements of a holder's wallet, newest first, at most 500 at once.
    pub async fn history(
        &self,
        municipality: i64,
        holder: i64,
        filter: &HistoryFilter,
        cursor: Option<Cursor>,
        limit: i64,
    ) -> Result<HistoryPage> {
        let limit = limit.clamp(1, 500);
        // One upper bound, so that the index is entered where the page begins, however deep.
        let until = Cursor {
            at: filter.until.unwrap_or(i64::MAX),
            transfer: i64::MIN,
        };
        let before = match cursor {
            Some(cursor) if (cursor.at, cursor.transfer) < (until.at, until.transfer) => cursor,
            _ => until,
        };
        let rows = sqlx::query(sqlx::AssertSqlSafe(lines_sql()))
            .bind(municipality)
            .bind(holder)
            .bind(filter.from.unwrap_or(i64::MIN))
            .bind(before.at)
            .bind(before.transfer)
            .bind(filter.programme.unwrap_or(0))
            .bind(filter.kind.map_or("", TransferKind::code))
            .bind(limit + 1)
            .fetch_all(&self.store.read)
            .await?;
        let mut lines: Vec<Movement> = Vec::new();
        for row in &rows {
            let lot = NamedLotMove {
                lot: row.try_get("lot")?,
                programme: row.try_get("programme")?,
                programme_name: row.try_get("name")?,
                programme_name_en: row.try_get("name_en")?,
                amount_won: row.try_get("amount_won")?,
                expires_at: row.try_get("expires_at")?,
            };
            let transfer: i64 = row.try_get("transfer")?;
            if let Some(line) = lines.last_mut().filter(|line| line.transfer == transfer) {
                line.amount_won += lot.amount_won;
                line.lots.push(lot);
                continue;
            }
            let kind: &str = row.try_get("kind")?;
            let at: i64 = row.try_get("created_at")?;
            let merchant_name: Option<String> = row.try_get("merchant_name")?;
            lines.push(Movement {
                transfer,
                number: receipt_number(transfer, at),
                kind: TransferKind::from_code(kind).ok_or_else(|| corrupt("transfer kind", kind))?,
                at,
                amount_won: lot.amount_won,
                counterparty_en: merchant_name.is_none().then(|| lot.programme_name_en.clone()),
                counterparty: Some(merchant_name.unwrap_or_else(|| lot.programme_name.clone())),
                merchant: row.try_get("merchant")?,
                cancelled_won: row.try_get("cancelled_won")?,
                cancels: row.try_get("cancels")?,
                lots: vec![lot],
            });
        }
        let more = lines.len() as i64 > limit;
        lines.truncate(limit as usize);
        let next = lines.last().filter(|_| more).map(|line| Cursor {
            at: line.at,
            transfer: line.transfer,
        });
        Ok(HistoryPage { lines, next })
    }
}
