//! Looking at payouts.

use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{NewRow, Payout, PayoutEvent, PayoutKind, PayoutRow, PayoutState, RepeatsDecision, RowOutcome};
use crate::{
    Ledger, Refusal,
    error::{Result, corrupt},
};

const COLUMNS: &str = "municipality, id, programme, kind, title, state, file_name, content_hash, ok_rows, error_rows, \
     duplicate_rows, total_won, paid_rows, failed_rows, paid_won, created_by, created_at, submitted_by, approved_by, \
     done_at, rest_failure, stopped_at_row, start_at, first_approved_by, repeats_decision, rest_of, file_again_of";

/// Some payouts, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PayoutPage {
    /// The payouts.
    pub payouts: Vec<Payout>,
    /// The id before which the next page begins.
    pub next: Option<i64>,
}

fn from_row(row: &AnyRow) -> Result<Payout> {
    let kind: String = row.try_get("kind")?;
    let state: String = row.try_get("state")?;
    Ok(Payout {
        id: row.try_get("id")?,
        municipality: row.try_get("municipality")?,
        programme: row.try_get("programme")?,
        kind: PayoutKind::from_code(&kind).ok_or_else(|| corrupt("payout kind", &kind))?,
        title: row.try_get("title")?,
        state: PayoutState::from_code(&state).ok_or_else(|| corrupt("payout state", &state))?,
        file_name: row.try_get("file_name")?,
        content_hash: row.try_get("content_hash")?,
        ok_rows: row.try_get("ok_rows")?,
        error_rows: row.try_get("error_rows")?,
        duplicate_rows: row.try_get("duplicate_rows")?,
        total_won: row.try_get("total_won")?,
        paid_rows: row.try_get("paid_rows")?,
        failed_rows: row.try_get("failed_rows")?,
        paid_won: row.try_get("paid_won")?,
        created_by: row.try_get("created_by")?,
        created_at: row.try_get("created_at")?,
        submitted_by: row.try_get("submitted_by")?,
        approved_by: row.try_get("approved_by")?,
        done_at: row.try_get("done_at")?,
        rest_failure: row.try_get("rest_failure")?,
        stopped_at_row: row.try_get("stopped_at_row")?,
        start_at: row.try_get("start_at")?,
        first_approved_by: row.try_get("first_approved_by")?,
        repeats_decision: RepeatsDecision::from_code(row.try_get("repeats_decision")?),
        rest_of: row.try_get("rest_of")?,
        file_again_of: row.try_get("file_again_of")?,
    })
}

/// A payout whose row this transaction holds. Refused: [`Refusal::UnknownPayout`].
pub(super) async fn locked(
    tx: &mut Transaction<'_, Any>,
    for_update: &str,
    municipality: i64,
    payout: i64,
) -> Result<Payout> {
    let sql = format!("SELECT {COLUMNS} FROM payouts WHERE municipality = $1 AND id = $2{for_update}");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(municipality)
        .bind(payout)
        .fetch_optional(&mut **tx)
        .await?;
    from_row(&row.ok_or(Refusal::UnknownPayout)?)
}

impl Ledger {
    /// A payout. Refused: [`Refusal::UnknownPayout`].
    pub async fn payout(&self, municipality: i64, payout: i64) -> Result<Payout> {
        let sql = format!("SELECT {COLUMNS} FROM payouts WHERE municipality = $1 AND id = $2");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(payout)
            .fetch_optional(&self.store.read)
            .await?;
        from_row(&row.ok_or(Refusal::UnknownPayout)?)
    }

    /// Payouts of a municipality, newest first; of one state, if given; with an id below `before`.
    pub async fn payouts(
        &self,
        municipality: i64,
        state: Option<PayoutState>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<PayoutPage> {
        let sql = format!(
            "SELECT {COLUMNS} FROM payouts WHERE municipality = $1 AND id < $2 AND ($3 = '' OR state = $3) \
             ORDER BY id DESC LIMIT $4"
        );
        let limit = limit.clamp(1, 200);
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(before.unwrap_or(i64::MAX))
            .bind(state.map_or("", PayoutState::code))
            .bind(limit + 1)
            .fetch_all(&self.store.read)
            .await?;
        let mut payouts = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        let more = payouts.len() as i64 > limit;
        payouts.truncate(limit as usize);
        let next = if more {
            payouts.last().map(|payout| payout.id)
        } else {
            None
        };
        Ok(PayoutPage { payouts, next })
    }

    /// Rows of a payout in the file's order, after `after`; of one outcome, if given.
    pub async fn payout_rows(
        &self,
        municipality: i64,
        payout: i64,
        outcome: Option<RowOutcome>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<PayoutRow>> {
        let rows = sqlx::query(
            // A row that still waits when its payout has ended was left unpaid, for the payout's reason.
            "SELECT r.row_number, r.sealed, r.person_key, r.amount_won, r.outcome, r.field, r.why, r.holder, \
             r.transfer, CASE WHEN r.state = 'waiting' AND p.state = 'done' THEN 'failed' ELSE r.state END AS state, \
             CASE WHEN r.state = 'waiting' AND p.state = 'done' THEN p.rest_failure ELSE r.failure END AS failure \
             FROM payout_rows r JOIN payouts p ON p.municipality = r.municipality AND p.id = r.payout \
             WHERE r.municipality = $1 AND r.payout = $2 AND r.row_number > $3 \
             AND ($4 = '' OR r.outcome = $4) ORDER BY r.row_number LIMIT $5",
        )
        .bind(municipality)
        .bind(payout)
        .bind(after)
        .bind(outcome.map_or("", RowOutcome::code))
        .bind(limit.clamp(1, 5_000))
        .fetch_all(&self.store.read)
        .await?;
        rows.iter().map(row_from).collect()
    }

    /// What happened to a payout, oldest first.
    pub async fn payout_events(&self, municipality: i64, payout: i64) -> Result<Vec<PayoutEvent>> {
        let rows: Vec<(i64, i64, String, String)> = sqlx::query_as(
            "SELECT at, by_staff, state, word FROM payout_events WHERE municipality = $1 AND payout = $2 \
             ORDER BY at, id",
        )
        .bind(municipality)
        .bind(payout)
        .fetch_all(&self.store.read)
        .await?;
        rows.into_iter()
            .map(|(at, by, state, word)| {
                let state = PayoutState::from_code(&state).ok_or_else(|| corrupt("payout state", &state))?;
                Ok(PayoutEvent { at, by, state, word })
            })
            .collect()
    }

    /// The programme's budget before the payout and after it, won; after may be below zero, which says that
    /// the budget does not carry it.
    pub async fn budget_preview(&self, payout: &Payout) -> Result<(i64, i64)> {
        let (before,): (i64,) = sqlx::query_as(
            "SELECT balance_won FROM accounts WHERE municipality = $1 AND kind = 'budget' AND owner = $2",
        )
        .bind(payout.municipality)
        .bind(payout.programme)
        .fetch_optional(&self.store.read)
        .await?
        .ok_or(Refusal::UnknownProgramme)?;
        let open_won = payout.total_won - payout.paid_won;
        let after = if payout.kind == PayoutKind::Budget {
            before + open_won
        } else {
            before - open_won
        };
        Ok((before, after))
    }

    /// Payouts that the job must take up now: (municipality, payout), oldest first.
    pub async fn unfinished_payouts(&self, at: i64) -> Result<Vec<(i64, i64)>> {
        Ok(sqlx::query_as(
            "SELECT municipality, id FROM payouts WHERE state IN ('approved', 'running') \
             AND (start_at IS NULL OR start_at <= $1) ORDER BY created_at, id",
        )
        .bind(at)
        .fetch_all(&self.store.read)
        .await?)
    }

    /// Since when the payout that waits longest for its turn could have begun (ms); `None`: none waits. For whoever
    /// watches: the job takes up what is approved, and due, within seconds.
    pub async fn payout_waiting_since(&self, at: i64) -> Result<Option<i64>> {
        let (since,): (Option<i64>,) =
            // The first condition is the index's own.
            sqlx::query_as(
                "SELECT MIN(CASE WHEN start_at > approved_at THEN start_at ELSE approved_at END) FROM payouts \
                 WHERE state IN ('approved', 'running') AND state = 'approved' AND (start_at IS NULL OR start_at <= $1)",
            )
            .bind(at)
            .fetch_one(&self.store.read)
            .await?;
        Ok(since)
    }
}

fn row_from(row: &AnyRow) -> Result<PayoutRow> {
    let outcome: String = row.try_get("outcome")?;
    Ok(PayoutRow {
        checked: NewRow {
            row: row.try_get("row_number")?,
            sealed: row.try_get("sealed")?,
            person_key: row.try_get("person_key")?,
            amount_won: row.try_get("amount_won")?,
            outcome: RowOutcome::from_code(&outcome).ok_or_else(|| corrupt("row outcome", &outcome))?,
            field: row.try_get("field")?,
            why: row.try_get("why")?,
        },
        state: row.try_get("state")?,
        failure: row.try_get("failure")?,
        holder: row.try_get("holder")?,
        transfer: row.try_get("transfer")?,
    })
}
