//! Alerts in the database: raised, listed, decided.

use serde::{Deserialize, Serialize};
use sqlx::{Row, any::AnyRow};
use store::is_unique_violation;

use super::{AlertRule, AlertState, Found, Thresholds};
use crate::{
    Ledger, Refusal, TransferKind,
    error::{Result, corrupt},
    number::receipt_number,
};

/// An alert, with what raised it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Its id.
    pub id: i64,
    /// Which rule raised it.
    pub rule: AlertRule,
    /// The resident, where it is about one.
    pub holder: Option<i64>,
    /// The shop.
    pub merchant: i64,
    /// Its code.
    pub merchant_code: String,
    /// Its name.
    pub merchant_name: String,
    /// The first transfer of the evidence, ms.
    pub from_at: i64,
    /// The last one, ms.
    pub until_at: i64,
    /// What was paid in it, won.
    pub won: i64,
    /// The transfers, at most 50.
    pub transfers: Vec<i64>,
    /// The numbers under which it was raised.
    pub thresholds: Thresholds,
    /// When it was raised, ms.
    pub raised_at: i64,
    /// What officials made of it.
    pub state: AlertState,
}

/// Alerts of one state, a page of them, and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertPage {
    /// The newest first.
    pub alerts: Vec<Alert>,
    /// How many of this state there are.
    pub count: i64,
}

/// One transfer of an alert's evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Its number as printed.
    pub number: String,
    /// A payment, or a gift that was taken.
    pub kind: TransferKind,
    /// Whose wallet.
    pub holder: i64,
    /// Won.
    pub won: i64,
    /// When, ms.
    pub at: i64,
}

/// What an official decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertDecision {
    /// What the alert became.
    pub state: AlertState,
    /// Why.
    pub reason: String,
    /// Who (opaque).
    pub decided_by: String,
    /// When, ms.
    pub decided_at: i64,
}

const SELECT: &str = "SELECT a.*, m.code AS merchant_code, m.name AS merchant_name FROM alerts a \
    JOIN merchants m ON m.municipality = a.municipality AND m.id = a.merchant WHERE a.municipality = $1";

fn from_row(row: &AnyRow) -> Result<Alert> {
    let rule: String = row.try_get("rule")?;
    let state: String = row.try_get("state")?;
    let thresholds: String = row.try_get("thresholds")?;
    let transfers: String = row.try_get("transfers")?;
    Ok(Alert {
        id: row.try_get("id")?,
        rule: AlertRule::from_code(&rule).ok_or_else(|| corrupt("alert rule", &rule))?,
        holder: row.try_get("holder")?,
        merchant: row.try_get("merchant")?,
        merchant_code: row.try_get("merchant_code")?,
        merchant_name: row.try_get("merchant_name")?,
        from_at: row.try_get("from_at")?,
        until_at: row.try_get("until_at")?,
        won: row.try_get("won")?,
        transfers: transfers.split(',').filter_map(|id| id.parse().ok()).collect(),
        thresholds: serde_json::from_str(&thresholds).map_err(|_| corrupt("thresholds", &thresholds))?,
        raised_at: row.try_get("raised_at")?,
        state: AlertState::from_code(&state).ok_or_else(|| corrupt("alert state", &state))?,
    })
}

impl Ledger {
    /// Writes what was found, and how far was looked, in one transaction; nothing where somebody else has looked since.
    /// What goes on from an alert of the same rule, shop and resident is not raised again.
    pub(super) async fn raise(
        &self,
        municipality: i64,
        last: Option<i64>,
        until: i64,
        found: Vec<(Found, Thresholds)>,
        at: i64,
    ) -> Result<i64> {
        let mut ids = self.store.ids(municipality, (found.len() as i64).max(1)).await?;
        let mut tx = self.store.begin().await?;
        let moved = match last {
            Some(last) => sqlx::query(
                "UPDATE alert_looks SET until_at = $2 WHERE municipality = $1 AND until_at = $3",
            )
            .bind(municipality)
            .bind(until)
            .bind(last),
            None => sqlx::query(
                "INSERT INTO alert_looks (municipality, until_at) VALUES ($1, $2) ON CONFLICT (municipality) DO NOTHING",
            )
            .bind(municipality)
            .bind(until),
        };
        if moved.execute(&mut *tx).await?.rows_affected() == 0 {
            tx.rollback().await?;
            return Ok(0);
        }
        let mut raised = 0;
        for (one, set) in found {
            let known: Option<(i64,)> = sqlx::query_as(
                "SELECT id FROM alerts WHERE municipality = $1 AND rule = $2 AND merchant = $3 \
                 AND COALESCE(holder, 0) = $4 AND until_at >= $5 LIMIT 1",
            )
            .bind(municipality)
            .bind(one.rule.code())
            .bind(one.merchant)
            .bind(one.holder.unwrap_or(0))
            .bind(one.from_at)
            .fetch_optional(&mut *tx)
            .await?;
            if known.is_some() {
                continue;
            }
            let transfers: Vec<String> = one.transfers.iter().map(ToString::to_string).collect();
            sqlx::query(
                "INSERT INTO alerts (municipality, id, rule, holder, merchant, from_at, until_at, won, transfers, \
                 thresholds, raised_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'open')",
            )
            .bind(municipality)
            .bind(ids.next().unwrap_or_default())
            .bind(one.rule.code())
            .bind(one.holder)
            .bind(one.merchant)
            .bind(one.from_at)
            .bind(one.until_at)
            .bind(one.won)
            .bind(transfers.join(","))
            .bind(serde_json::to_string(&set).unwrap_or_default())
            .bind(at)
            .execute(&mut *tx)
            .await?;
            raised += 1;
        }
        tx.commit().await?;
        Ok(raised)
    }

    /// Alerts of a state, the newest first.
    pub async fn alerts(
        &self,
        municipality: i64,
        state: AlertState,
        limit: i64,
        offset: i64,
    ) -> Result<AlertPage> {
        let sql = format!("{SELECT} AND a.state = $2 ORDER BY a.id DESC LIMIT $3 OFFSET $4");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(state.code())
            .bind(limit.clamp(1, 200))
            .bind(offset.max(0))
            .fetch_all(&self.store.read)
            .await?;
        let (count,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM alerts WHERE municipality = $1 AND state = $2")
                .bind(municipality)
                .bind(state.code())
                .fetch_one(&self.store.read)
                .await?;
        Ok(AlertPage {
            alerts: rows.iter().map(from_row).collect::<Result<_>>()?,
            count,
        })
    }

    /// One alert, and what was decided of it, in order.
    pub async fn alert(&self, municipality: i64, id: i64) -> Result<Option<(Alert, Vec<AlertDecision>)>> {
        let sql = format!("{SELECT} AND a.id = $2");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(id)
            .fetch_optional(&self.store.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let decided: Vec<(String, String, String, i64)> = sqlx::query_as(
            "SELECT state, reason, decided_by, decided_at FROM alert_decisions WHERE municipality = $1 AND alert = $2 \
             ORDER BY id",
        )
        .bind(municipality)
        .bind(id)
        .fetch_all(&self.store.read)
        .await?;
        let decisions = decided
            .into_iter()
            .map(|(state, reason, decided_by, decided_at)| {
                Ok(AlertDecision {
                    state: AlertState::from_code(&state).ok_or_else(|| corrupt("alert state", &state))?,
                    reason,
                    decided_by,
                    decided_at,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Some((from_row(&row)?, decisions)))
    }

    /// The transfers of an alert, in the order of time.
    pub async fn alert_evidence(&self, municipality: i64, alert: &Alert) -> Result<Vec<Evidence>> {
        let mut list = Vec::new();
        for transfer in &alert.transfers {
            let row: Option<(String, i64, i64, i64)> = sqlx::query_as(
                "SELECT kind, holder, amount_won, created_at FROM transfers WHERE municipality = $1 AND id = $2",
            )
            .bind(municipality)
            .bind(*transfer)
            .fetch_optional(&self.store.read)
            .await?;
            if let Some((kind, holder, won, at)) = row {
                list.push(Evidence {
                    number: receipt_number(*transfer, at),
                    kind: TransferKind::from_code(&kind).ok_or_else(|| corrupt("transfer kind", &kind))?,
                    holder,
                    won,
                    at,
                });
            }
        }
        list.sort_by_key(|one| one.at);
        Ok(list)
    }

    /// Writes down a decision. The same key again changes nothing. Refused: [`Refusal::Invalid`] (`alert`: there is none;
    /// `reason`: 2–500 characters), [`Refusal::BadKey`].
    pub async fn decide_alert(
        &self,
        municipality: i64,
        alert: i64,
        key: &str,
        decision: &AlertDecision,
    ) -> Result<()> {
        let invalid = |field: &str| Refusal::Invalid {
            field: field.to_owned(),
        };
        if !(1..=64).contains(&key.chars().count()) {
            return Err(Refusal::BadKey.into());
        }
        if !(2..=500).contains(&decision.reason.trim().chars().count()) {
            return Err(invalid("reason").into());
        }
        let id = self.store.id(municipality).await?;
        let mut tx = self.store.begin().await?;
        let moved = sqlx::query("UPDATE alerts SET state = $3 WHERE municipality = $1 AND id = $2")
            .bind(municipality)
            .bind(alert)
            .bind(decision.state.code())
            .execute(&mut *tx)
            .await?;
        if moved.rows_affected() == 0 {
            tx.rollback().await?;
            return Err(invalid("alert").into());
        }
        let written = sqlx::query(
            "INSERT INTO alert_decisions (municipality, id, alert, request_key, state, reason, decided_by, decided_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(municipality)
        .bind(id)
        .bind(alert)
        .bind(key)
        .bind(decision.state.code())
        .bind(decision.reason.trim())
        .bind(&decision.decided_by)
        .bind(decision.decided_at)
        .execute(&mut *tx)
        .await;
        match written {
            Ok(_) => Ok(tx.commit().await?),
            // Done before: what was written then stands, and this changes nothing.
            Err(error) if is_unique_violation(&error) => Ok(tx.rollback().await?),
            Err(error) => Err(error.into()),
        }
    }

    /// A city's own numbers for a rule. Refused: [`Refusal::Invalid`] (`won`, `count`, `span` or `factor`).
    pub async fn set_alert_rule(
        &self,
        municipality: i64,
        rule: AlertRule,
        set: Thresholds,
        by: &str,
        at: i64,
    ) -> Result<()> {
        for (field, number, most) in [
            ("won", set.won, 1_000_000_000),
            ("count", set.count, 100_000),
            ("span", set.span, 366),
            ("factor", set.factor, 1_000),
        ] {
            if !(1..=most).contains(&number) {
                return Err(Refusal::Invalid {
                    field: field.to_owned(),
                }
                .into());
            }
        }
        sqlx::query(
            "INSERT INTO alert_rules (municipality, rule, is_on, won, count, span, factor, changed_at, changed_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (municipality, rule) DO UPDATE SET \
             is_on = excluded.is_on, won = excluded.won, count = excluded.count, span = excluded.span, \
             factor = excluded.factor, changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        )
        .bind(municipality)
        .bind(rule.code())
        .bind(i64::from(set.is_on))
        .bind(set.won)
        .bind(set.count)
        .bind(set.span)
        .bind(set.factor)
        .bind(at)
        .bind(by)
        .execute(&self.store.write)
        .await?;
        Ok(())
    }
}
