//! From nothing to checked: rows come in, in chunks; then the content is hashed, and that hash is what
//! gets approved. Cost: one statement per [`CHUNK`] rows; hashing reads the rows once, a page at a time.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use sqlx::{Any, Row, Transaction};

use super::{NewPayout, NewRow, Payout, PayoutKind, PayoutState, RowOutcome};
use crate::{Ledger, Refusal, error::Result, transfers::check_amount};

/// Rows per INSERT; eight values each, far below the engines' limits of bound values.
const CHUNK: usize = 250;
/// Rows per page of the hash.
const PAGE: i64 = 5_000;

impl Ledger {
    /// Begins a payout in state draft.
    /// Refused: [`Refusal::SameFile`], [`Refusal::UnknownProgramme`], [`Refusal::Invalid`] (title, amount).
    pub async fn create_payout(&self, municipality: i64, new: NewPayout, at: i64) -> Result<Payout> {
        let title = new.title.trim();
        if title.is_empty() || title.chars().count() > 200 {
            return Err(Refusal::Invalid {
                field: "title".to_owned(),
            }
            .into());
        }
        match (new.kind, new.amount_won) {
            (PayoutKind::Budget, Some(amount_won)) => check_amount(amount_won)?,
            (PayoutKind::Budget, None) | (_, Some(_)) => {
                return Err(Refusal::Invalid {
                    field: "amount_won".to_owned(),
                }
                .into());
            }
            (_, None) => {}
        }
        if self.programme(municipality, new.programme).await?.is_none() {
            return Err(Refusal::UnknownProgramme.into());
        }
        let id = self.store.id(municipality).await?;
        let event = self.store.id(municipality).await?;
        let mut tx = self.store.begin().await?;
        let done = sqlx::query(
            "INSERT INTO payouts (municipality, id, programme, kind, title, state, file_name, file_sha256, \
             content_hash, ok_rows, total_won, created_by, created_at) \
             VALUES ($1, $2, $3, $4, $5, 'draft', $6, $7, '', $8, $9, $10, $11)",
        )
        .bind(municipality)
        .bind(id)
        .bind(new.programme)
        .bind(new.kind.code())
        .bind(title)
        .bind(&new.file_name)
        .bind(&new.file_sha256)
        .bind(i64::from(new.kind == PayoutKind::Budget))
        .bind(new.amount_won.unwrap_or(0))
        .bind(new.created_by)
        .bind(at)
        .execute(&mut *tx)
        .await;
        if let Err(error) = done {
            tx.rollback().await?;
            if store::is_unique_violation(&error)
                && let Some(payout) = self.payout_of_file(municipality, &new.file_sha256).await?
            {
                return Err(Refusal::SameFile { payout }.into());
            }
            return Err(error.into());
        }
        write_event(
            &mut tx,
            municipality,
            id,
            event,
            (at, new.created_by, PayoutState::Draft, ""),
        )
        .await?;
        tx.commit().await?;
        self.payout(municipality, id).await
    }

    async fn payout_of_file(&self, municipality: i64, sha256: &str) -> Result<Option<i64>> {
        let row: Option<(i64,)> = sqlx::query_as(
            "SELECT id FROM payouts WHERE municipality = $1 AND file_sha256 = $2 \
             AND file_sha256 <> '' AND state NOT IN ('returned', 'cancelled')",
        )
        .bind(municipality)
        .bind(sha256)
        .fetch_optional(&self.store.read)
        .await?;
        Ok(row.map(|(id,)| id))
    }

    /// Adds checked rows to a draft. All of a call or none. Refused: [`Refusal::PayoutState`], an ok row with
    /// an amount that is none.
    pub async fn add_payout_rows(&self, municipality: i64, payout: i64, rows: Vec<NewRow>) -> Result<()> {
        for row in rows.iter().filter(|row| row.outcome == RowOutcome::Ok) {
            check_amount(row.amount_won)?;
        }
        let mut tx = self.store.begin().await?;
        self.lock_in_state(&mut tx, municipality, payout, PayoutState::Draft)
            .await?;
        for chunk in rows.chunks(CHUNK) {
            let mut sql = String::from(
                "INSERT INTO payout_rows (municipality, payout, row_number, sealed, person_key, amount_won, \
                 outcome, field, why, state) VALUES ",
            );
            for index in 0..chunk.len() {
                let comma = if index == 0 { "" } else { ", " };
                let b = index * 8 + 3;
                let _ = write!(
                    sql,
                    "{comma}($1, $2, ${b}, ${}, ${}, ${}, ${}, ${}, ${}, ${})",
                    b + 1,
                    b + 2,
                    b + 3,
                    b + 4,
                    b + 5,
                    b + 6,
                    b + 7
                );
            }
            let mut insert = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(municipality)
                .bind(payout);
            for row in chunk {
                insert = insert
                    .bind(row.row)
                    .bind(&row.sealed)
                    .bind(&row.person_key)
                    .bind(row.amount_won)
                    .bind(row.outcome.code())
                    .bind(&row.field)
                    .bind(&row.why)
                    .bind(if row.outcome == RowOutcome::Ok {
                        "waiting"
                    } else {
                        "left_out"
                    });
            }
            insert.execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Ends the check: counts, total and the hash over the content. Nothing is paid by it.
    pub async fn finish_check(&self, municipality: i64, payout: i64, by: i64, at: i64) -> Result<Payout> {
        let event = self.store.id(municipality).await?;
        let mut tx = self.store.begin().await?;
        let draft = self
            .lock_in_state(&mut tx, municipality, payout, PayoutState::Draft)
            .await?;
        let hash = content_hash(&mut tx, &draft).await?;
        if draft.kind != PayoutKind::Budget {
            sqlx::query(
                "UPDATE payouts SET \
                 ok_rows = (SELECT COUNT(*) FROM payout_rows r WHERE r.municipality = $1 AND r.payout = $2 AND r.outcome = 'ok'), \
                 error_rows = (SELECT COUNT(*) FROM payout_rows r WHERE r.municipality = $1 AND r.payout = $2 AND r.outcome = 'error'), \
                 duplicate_rows = (SELECT COUNT(*) FROM payout_rows r WHERE r.municipality = $1 AND r.payout = $2 AND r.outcome = 'duplicate'), \
                 total_won = (SELECT COALESCE(CAST(SUM(r.amount_won) AS BIGINT), 0) FROM payout_rows r \
                              WHERE r.municipality = $1 AND r.payout = $2 AND r.outcome = 'ok') \
                 WHERE municipality = $1 AND id = $2",
            )
            .bind(municipality)
            .bind(payout)
            .execute(&mut *tx)
            .await?;
        }
        sqlx::query(
            "UPDATE payouts SET state = 'checked', content_hash = $3 WHERE municipality = $1 AND id = $2",
        )
        .bind(municipality)
        .bind(payout)
        .bind(hash)
        .execute(&mut *tx)
        .await?;
        write_event(
            &mut tx,
            municipality,
            payout,
            event,
            (at, by, PayoutState::Checked, ""),
        )
        .await?;
        tx.commit().await?;
        self.payout(municipality, payout).await
    }

    /// Takes back a draft whose file turned out to be none: nothing of it is left.
    pub async fn abandon_payout(&self, municipality: i64, payout: i64) -> Result<()> {
        let mut tx = self.store.begin().await?;
        self.lock_in_state(&mut tx, municipality, payout, PayoutState::Draft)
            .await?;
        for table in ["payout_rows", "payout_events"] {
            let sql = format!("DELETE FROM {table} WHERE municipality = $1 AND payout = $2");
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(municipality)
                .bind(payout)
                .execute(&mut *tx)
                .await?;
        }
        sqlx::query("DELETE FROM payouts WHERE municipality = $1 AND id = $2")
            .bind(municipality)
            .bind(payout)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Locks a payout and sees that it is in this state.
    pub(super) async fn lock_in_state(
        &self,
        tx: &mut Transaction<'_, Any>,
        municipality: i64,
        payout: i64,
        state: PayoutState,
    ) -> Result<Payout> {
        let found = super::read::locked(tx, self.store.for_update(), municipality, payout).await?;
        let found = found.ok_or(Refusal::UnknownPayout)?;
        if found.state != state {
            return Err(Refusal::PayoutState { state: found.state }.into());
        }
        Ok(found)
    }
}

/// SHA-256 over what is paid to whom, in the order of the rows.
pub(super) async fn content_hash(tx: &mut Transaction<'_, Any>, payout: &Payout) -> Result<String> {
    let mut hash = Sha256::new();
    hash.update(format!(
        "{}|{}|{}|",
        payout.municipality,
        payout.programme,
        payout.kind.code()
    ));
    if payout.kind == PayoutKind::Budget {
        hash.update(payout.total_won.to_string());
    }
    let mut after = i64::MIN;
    loop {
        let rows = sqlx::query(
            "SELECT row_number, sealed, person_key, amount_won, outcome FROM payout_rows \
             WHERE municipality = $1 AND payout = $2 AND row_number > $3 ORDER BY row_number LIMIT $4",
        )
        .bind(payout.municipality)
        .bind(payout.id)
        .bind(after)
        .bind(PAGE)
        .fetch_all(&mut **tx)
        .await?;
        for row in &rows {
            after = row.try_get("row_number")?;
            let amount_won: i64 = row.try_get("amount_won")?;
            let text = |name| row.try_get::<String, _>(name);
            let (sealed, key, outcome) = (text("sealed")?, text("person_key")?, text("outcome")?);
            hash.update(format!(
                "{after}|{}|{sealed}|{key}|{amount_won}|{outcome}\n",
                sealed.len()
            ));
        }
        if (rows.len() as i64) < PAGE {
            return Ok(hex::encode(hash.finalize()));
        }
    }
}

/// Writes down who did what.
pub(super) async fn write_event(
    tx: &mut Transaction<'_, Any>,
    municipality: i64,
    payout: i64,
    id: i64,
    (at, by, state, word): (i64, i64, PayoutState, &str),
) -> Result<()> {
    sqlx::query(
        "INSERT INTO payout_events (municipality, payout, id, at, by_staff, state, word) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(municipality)
    .bind(payout)
    .bind(id)
    .bind(at)
    .bind(by)
    .bind(state.code())
    .bind(word)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
