//! People of a roster whom its programme has paid before, or is about to: shown at the check, and nothing is handed in
//! before an official has decided whether they are paid again.
//!
//! A programme that pays every month repeats everybody, and that is meant; a roster that was mended and handed in anew
//! repeats by mistake. Only a person can tell. Cost: one join over the rows of the programme's payouts; rows are held
//! against each other by the person's keyed hash.

use serde::{Deserialize, Serialize};
use sqlx::{Any, Transaction};
use store::Engine;

use super::{Payout, PayoutKind, PayoutState, check};
use crate::{Ledger, Refusal, error::Result};

/// How many people a payout shares with one before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeat {
    /// The earlier payout.
    pub earlier: i64,
    /// What officials see it called.
    pub title: String,
    /// Where it is.
    pub state: PayoutState,
    /// How many of this payout's people stand in it, paid or to be paid.
    pub people: i64,
}

/// What is done with people who repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatsDecision {
    /// They are paid again.
    Pay,
    /// They are not paid by this payout.
    LeaveOut,
}

impl RepeatsDecision {
    /// As the database and forms write it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::LeaveOut => "leave_out",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Pay, Self::LeaveOut]
            .into_iter()
            .find(|decision| decision.code() == code)
    }
}

/// Rows of payout `$2` (as `r`) that stand in another payout of the same programme (as `e`, of `p`) and were paid there
/// or wait to be.
const SHARED: &str = "FROM payout_rows r \
    JOIN payout_rows e ON e.municipality = r.municipality AND e.person_key = r.person_key AND e.payout <> r.payout \
    JOIN payouts p ON p.municipality = e.municipality AND p.id = e.payout \
    WHERE r.municipality = $1 AND r.payout = $2 AND r.outcome = 'ok' AND r.state = 'waiting' AND e.outcome = 'ok' \
    AND p.programme = $3 AND (e.state = 'paid' OR (e.state = 'waiting' \
    AND p.state IN ('checked', 'submitted', 'approved', 'running')))";

/// Without figures of freshly written rows `PostgreSQL` may think that there are few, and join them one by one.
async fn plan_for_many(tx: &mut Transaction<'_, Any>, engine: Engine) -> Result<()> {
    if engine == Engine::Postgres {
        sqlx::query("SET LOCAL enable_nestloop = off")
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

async fn plan_as_ever(tx: &mut Transaction<'_, Any>, engine: Engine) -> Result<()> {
    if engine == Engine::Postgres {
        sqlx::query("SET LOCAL enable_nestloop = on")
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Finds and keeps whom a roster repeats. Part of the check.
pub(super) async fn find(tx: &mut Transaction<'_, Any>, engine: Engine, payout: &Payout) -> Result<()> {
    if payout.kind != PayoutKind::Roster {
        return Ok(());
    }
    // Of two checks that end at once, the second sees the first.
    if engine == Engine::Postgres {
        sqlx::query("SELECT id FROM programmes WHERE municipality = $1 AND id = $2 FOR NO KEY UPDATE")
            .bind(payout.municipality)
            .bind(payout.programme)
            .execute(&mut **tx)
            .await?;
    }
    plan_for_many(tx, engine).await?;
    let sql = format!(
        "INSERT INTO payout_repeats (municipality, payout, earlier, people) \
         SELECT r.municipality, r.payout, e.payout, COUNT(*) {SHARED} GROUP BY r.municipality, r.payout, e.payout"
    );
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(payout.municipality)
        .bind(payout.id)
        .bind(payout.programme)
        .execute(&mut **tx)
        .await?;
    plan_as_ever(tx, engine).await
}

/// Refused while it repeats people and nobody has decided: [`Refusal::RepeatsUndecided`].
pub(super) async fn decided(tx: &mut Transaction<'_, Any>, payout: &Payout) -> Result<()> {
    if payout.repeats_decision.is_some() {
        return Ok(());
    }
    let repeats: Option<(i64,)> =
        sqlx::query_as("SELECT earlier FROM payout_repeats WHERE municipality = $1 AND payout = $2 LIMIT 1")
            .bind(payout.municipality)
            .bind(payout.id)
            .fetch_optional(&mut **tx)
            .await?;
    match repeats {
        Some(_) => Err(Refusal::RepeatsUndecided.into()),
        None => Ok(()),
    }
}

impl Ledger {
    /// Whom a payout shares with which payouts before it, most first.
    pub async fn payout_repeats(&self, municipality: i64, payout: i64) -> Result<Vec<Repeat>> {
        let rows: Vec<(i64, String, String, i64)> = sqlx::query_as(
            "SELECT r.earlier, p.title, p.state, r.people FROM payout_repeats r \
             JOIN payouts p ON p.municipality = r.municipality AND p.id = r.earlier \
             WHERE r.municipality = $1 AND r.payout = $2 ORDER BY r.people DESC, r.earlier LIMIT 50",
        )
        .bind(municipality)
        .bind(payout)
        .fetch_all(&self.store.read)
        .await?;
        rows.into_iter()
            .map(|(earlier, title, state, people)| {
                let state = PayoutState::from_code(&state)
                    .ok_or_else(|| crate::error::corrupt("payout state", &state))?;
                Ok(Repeat {
                    earlier,
                    title,
                    state,
                    people,
                })
            })
            .collect()
    }

    /// Decides of the people who repeat, once and for this payout: they are paid again, or left out of it. Whoever
    /// wants it otherwise cancels the payout and hands the roster in anew.
    /// Refused: [`Refusal::PayoutState`] (not checked, or decided before).
    pub async fn decide_repeats(
        &self,
        municipality: i64,
        payout: i64,
        decision: RepeatsDecision,
        by: i64,
        at: i64,
    ) -> Result<Payout> {
        let event = self.store.id(municipality).await?;
        let mut tx = self.store.begin().await?;
        let checked = self
            .lock_in_state(&mut tx, municipality, payout, &[PayoutState::Checked])
            .await?;
        if checked.repeats_decision.is_some() {
            return Err(Refusal::PayoutState { state: checked.state }.into());
        }
        if decision == RepeatsDecision::LeaveOut {
            self.leave_out(&mut tx, &checked).await?;
        }
        sqlx::query("UPDATE payouts SET repeats_decision = $3 WHERE municipality = $1 AND id = $2")
            .bind(municipality)
            .bind(payout)
            .bind(decision.code())
            .execute(&mut *tx)
            .await?;
        let state = match decision {
            RepeatsDecision::Pay => PayoutState::RepeatsPaid,
            RepeatsDecision::LeaveOut => PayoutState::RepeatsLeftOut,
        };
        check::write_event(&mut tx, municipality, payout, event, (at, by, state, "")).await?;
        tx.commit().await?;
        self.payout(municipality, payout).await
    }

    async fn leave_out(&self, tx: &mut Transaction<'_, Any>, payout: &Payout) -> Result<()> {
        let why = serde_json::to_string(&Refusal::PaidBefore).unwrap_or_default();
        plan_for_many(tx, self.store.engine).await?;
        let sql = format!(
            "UPDATE payout_rows SET state = 'failed', failure = $4 WHERE municipality = $1 AND payout = $2 \
             AND state = 'waiting' AND row_number IN (SELECT r.row_number {SHARED})"
        );
        let left_out = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(payout.municipality)
            .bind(payout.id)
            .bind(payout.programme)
            .bind(why)
            .execute(&mut **tx)
            .await?
            .rows_affected() as i64;
        plan_as_ever(tx, self.store.engine).await?;
        sqlx::query(
            "UPDATE payouts SET failed_rows = $3, total_won = (SELECT CAST(COALESCE(SUM(r.amount_won), 0) AS BIGINT) \
             FROM payout_rows r WHERE r.municipality = $1 AND r.payout = $2 AND r.state = 'waiting') \
             WHERE municipality = $1 AND id = $2",
        )
        .bind(payout.municipality)
        .bind(payout.id)
        .bind(left_out)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}
