//! What was decided about a holder's cards, for them to read.

use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::{CaseKind, CaseState, Decision, Why};
use crate::{
    Category, HoldState, Ledger,
    error::{Result, corrupt},
};

/// One question of a network, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorisation {
    /// Its id.
    pub id: i64,
    /// With which card.
    pub card: i64,
    /// The network's id.
    pub network_id: String,
    /// The merchant's name, where it is one of the municipality's.
    pub merchant_name: Option<String>,
    /// The merchant as the network named it.
    pub merchant_code: String,
    /// Its class.
    pub class: Category,
    /// How much, won.
    pub amount_won: i64,
    /// What was decided.
    pub decision: Decision,
    /// Why.
    pub why: Why,
    /// Whether the network decided it without us.
    pub by_network: bool,
    /// Whether an approval was on record as answered in time.
    pub in_time: bool,
    /// Where the hold stands.
    pub hold: Option<HoldState>,
    /// What was captured, won.
    pub captured_won: i64,
    /// The payment.
    pub payment: Option<i64>,
    /// Why an approval was taken back: `late`, `unanswered`, `advice`, `network`, `file`.
    pub reversed_why: Option<String>,
    /// What was charged to the bank account instead.
    pub fallback: Option<Fallback>,
    /// The first difference with the network that was found about it.
    pub case: Option<(CaseKind, CaseState)>,
    /// When it was decided, ms.
    pub decided_at: i64,
}

/// A charge to a holder's bank account, because our ledger did not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fallback {
    /// The authorisation.
    pub authorisation: i64,
    /// The merchant's name, or as the network named it.
    pub merchant: String,
    /// How much, won.
    pub won: i64,
    /// When, ms.
    pub at: i64,
    /// Whether the holder had chosen it.
    pub by_choice: bool,
}

const SELECT: &str = "SELECT a.id, a.card, a.network_id, m.name AS merchant_name, a.merchant_code, a.class, a.amount_won, \
    a.decision, a.why, a.decided_by, a.answered_at, h.state AS hold_state, h.captured_won, h.payment, a.reversed_why, \
    a.fallback_won, a.fallback_at, a.consent, a.decided_at, \
    (SELECT MIN(c.kind || ' ' || c.state) FROM card_cases c WHERE c.municipality = a.municipality \
      AND c.authorisation = a.id) AS case_code \
    FROM card_authorisations a LEFT JOIN holds h ON h.municipality = a.municipality AND h.id = a.hold \
    LEFT JOIN merchants m ON m.municipality = a.municipality AND m.id = a.merchant WHERE a.municipality = $1";

fn from_row(row: &sqlx::any::AnyRow) -> Result<Authorisation> {
    let text = |name: &str| row.try_get::<String, _>(name);
    let (class, decision, why) = (text("class")?, text("decision")?, text("why")?);
    let (id, merchant_name): (i64, Option<String>) = (row.try_get("id")?, row.try_get("merchant_name")?);
    let merchant_code = text("merchant_code")?;
    let hold: Option<String> = row.try_get("hold_state")?;
    let fallback_at: Option<i64> = row.try_get("fallback_at")?;
    let fallback = match fallback_at {
        None => None,
        Some(at) => Some(Fallback {
            authorisation: id,
            merchant: merchant_name.clone().unwrap_or_else(|| merchant_code.clone()),
            won: row.try_get("fallback_won")?,
            at,
            by_choice: row.try_get::<Option<i64>, _>("consent")? == Some(1),
        }),
    };
    let case: Option<String> = row.try_get("case_code")?;
    let case = case.and_then(|code| {
        let (kind, state) = code.split_once(' ')?;
        Some((CaseKind::from_code(kind)?, CaseState::from_code(state)?))
    });
    Ok(Authorisation {
        id,
        card: row.try_get("card")?,
        network_id: text("network_id")?,
        merchant_name,
        merchant_code,
        class: Category::from_code(&class).ok_or_else(|| corrupt("category", &class))?,
        amount_won: row.try_get("amount_won")?,
        decision: Decision::from_code(&decision).ok_or_else(|| corrupt("decision", &decision))?,
        why: Why::from_code(&why).ok_or_else(|| corrupt("why", &why))?,
        by_network: text("decided_by")? == "network",
        in_time: row.try_get::<Option<i64>, _>("answered_at")?.is_some(),
        hold: hold
            .map(|code| HoldState::from_code(&code).ok_or_else(|| corrupt("hold state", &code)))
            .transpose()?,
        captured_won: row.try_get::<Option<i64>, _>("captured_won")?.unwrap_or(0),
        payment: row.try_get("payment")?,
        reversed_why: row.try_get("reversed_why")?,
        fallback,
        case,
        decided_at: row.try_get("decided_at")?,
    })
}

impl Ledger {
    /// The last questions about a holder's cards, newest first, at most 200.
    pub async fn card_authorisations(
        &self,
        municipality: i64,
        holder: i64,
        limit: i64,
    ) -> Result<Vec<Authorisation>> {
        let sql = format!("{SELECT} AND a.holder = $2 ORDER BY a.created_at DESC, a.id DESC LIMIT $3");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(holder)
            .bind(limit.clamp(1, 200))
            .fetch_all(&self.store.read)
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// What was charged elsewhere from `from` on and before `until`, newest first, at most 200: no movement of the
    /// wallet, but of its owner's money, and so part of the history.
    pub async fn card_fallbacks(
        &self,
        municipality: i64,
        holder: i64,
        from: i64,
        until: i64,
    ) -> Result<Vec<Fallback>> {
        let sql = format!(
            "{SELECT} AND a.holder = $2 AND a.fallback_at >= $3 AND a.fallback_at < $4 \
             ORDER BY a.fallback_at DESC, a.id DESC LIMIT 200"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(holder)
            .bind(from)
            .bind(until)
            .fetch_all(&self.store.read)
            .await?;
        let rows = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        Ok(rows.into_iter().filter_map(|row| row.fallback).collect())
    }
}
