//! From nothing to checked: rows come in, in chunks; then the content is hashed, and that hash is what
//! gets approved. Cost: one statement for a chunk of rows on `PostgreSQL`, one for each 1,024 on `SQLite`; hashing
//! reads the rows once, a page at a time, and on `PostgreSQL` where they are.

use sha2::{Digest, Sha256};
use sqlx::{Any, AssertSqlSafe, Row, Transaction};
use store::Engine;

use super::{NewPayout, NewRow, Payout, PayoutKind, PayoutState, RowOutcome, repeats};
use crate::{
    Ledger, Refusal,
    error::Result,
    poster::{Cells, Rows, bind_arrays, postgres_tables, rows_max, sqlite_query},
    transfers::check_amount,
};

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
        let file_sha256 = match &new.file_again {
            // Taken again knowingly: of the same earlier one once, as of any file.
            Some((earlier, _)) => hex::encode(Sha256::digest(format!("{} after {earlier}", new.file_sha256))),
            None => new.file_sha256.clone(),
        };
        let id = self.store.id(municipality).await?;
        let event = self.store.id(municipality).await?;
        let mut tx = self.store.begin().await?;
        let done = sqlx::query(
            "INSERT INTO payouts (municipality, id, programme, kind, title, state, file_name, file_sha256, \
             content_hash, ok_rows, total_won, created_by, created_at, rest_of, file_again_of) \
             VALUES ($1, $2, $3, $4, $5, 'draft', $6, $7, '', $8, $9, $10, $11, $12, $13)",
        )
        .bind(municipality)
        .bind(id)
        .bind(new.programme)
        .bind(new.kind.code())
        .bind(title)
        .bind(&new.file_name)
        .bind(&file_sha256)
        .bind(i64::from(new.kind == PayoutKind::Budget))
        .bind(new.amount_won.unwrap_or(0))
        .bind(new.created_by)
        .bind(at)
        .bind(new.rest_of)
        .bind(new.file_again.as_ref().map(|(earlier, _)| *earlier))
        .execute(&mut *tx)
        .await;
        if let Err(error) = done {
            tx.rollback().await?;
            if store::is_unique_violation(&error)
                && let Some(payout) = self.payout_of_file(municipality, &file_sha256).await?
            {
                return Err(Refusal::SameFile { payout }.into());
            }
            return Err(error.into());
        }
        let why_again = new.file_again.as_ref().map_or("", |(_, why)| why.as_str());
        write_event(
            &mut tx,
            municipality,
            id,
            event,
            (at, new.created_by, PayoutState::Draft, why_again),
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
        self.lock_in_state(&mut tx, municipality, payout, &[PayoutState::Draft])
            .await?;
        for chunk in rows.chunks(rows_max(self.store.engine)) {
            insert_rows(&mut tx, self.store.engine, municipality, payout, chunk).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Ends the check: counts, total and the hash over the content. Nothing is paid by it.
    pub async fn finish_check(&self, municipality: i64, payout: i64, by: i64, at: i64) -> Result<Payout> {
        let event = self.store.id(municipality).await?;
        let mut tx = self.store.begin().await?;
        let draft = self
            .lock_in_state(&mut tx, municipality, payout, &[PayoutState::Draft])
            .await?;
        let hash = content_hash(&mut tx, self.store.engine, &draft).await?;
        if draft.kind != PayoutKind::Budget {
            // One walk over the rows, whatever their number.
            let count = "CAST(COALESCE(SUM(CASE WHEN outcome = '{}' THEN 1 ELSE 0 END), 0) AS BIGINT)";
            let [ok, error, duplicate] = ["ok", "error", "duplicate"].map(|code| count.replace("{}", code));
            let sql = format!(
                "SELECT {ok}, {error}, {duplicate}, \
                 CAST(COALESCE(SUM(CASE WHEN outcome = 'ok' THEN amount_won ELSE 0 END), 0) AS BIGINT) \
                 FROM payout_rows WHERE municipality = $1 AND payout = $2"
            );
            let (ok, error, duplicate, total_won): (i64, i64, i64, i64) = sqlx::query_as(AssertSqlSafe(sql))
                .bind(municipality)
                .bind(payout)
                .fetch_one(&mut *tx)
                .await?;
            sqlx::query(
                "UPDATE payouts SET ok_rows = $3, error_rows = $4, duplicate_rows = $5, total_won = $6 \
                 WHERE municipality = $1 AND id = $2",
            )
            .bind(municipality)
            .bind(payout)
            .bind(ok)
            .bind(error)
            .bind(duplicate)
            .bind(total_won)
            .execute(&mut *tx)
            .await?;
        }
        repeats::find(&mut tx, self.store.engine, &draft).await?;
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
        self.lock_in_state(&mut tx, municipality, payout, &[PayoutState::Draft])
            .await?;
        for table in ["payout_rows", "payout_own", "payout_events"] {
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

    /// Locks a payout and sees that it is in one of these states. Refused: [`Refusal::UnknownPayout`],
    /// [`Refusal::PayoutState`].
    pub(super) async fn lock_in_state(
        &self,
        tx: &mut Transaction<'_, Any>,
        municipality: i64,
        payout: i64,
        states: &[PayoutState],
    ) -> Result<Payout> {
        let found = super::read::locked(tx, self.store.for_update(), municipality, payout).await?;
        if !states.contains(&found.state) {
            return Err(Refusal::PayoutState { state: found.state }.into());
        }
        Ok(found)
    }
}

/// A row as it is hashed.
const LINE: &str = "row_number || '|' || LENGTH(sealed) || '|' || sealed || '|' || person_key || '|' || amount_won \
    || '|' || outcome";
const PAGE_OF_ROWS: &str = "FROM payout_rows WHERE municipality = $1 AND payout = $2 AND row_number > $3 \
    ORDER BY row_number LIMIT $4";

/// SHA-256 over what is paid to whom, in the order of the rows: over the hashes of pages of [`PAGE`] rows, so that
/// `PostgreSQL` hashes them where they lie.
pub(super) async fn content_hash(
    tx: &mut Transaction<'_, Any>,
    engine: Engine,
    payout: &Payout,
) -> Result<String> {
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
        let (rows, last, page) = match engine {
            Engine::Postgres => page_in_postgres(tx, payout, after).await?,
            Engine::Sqlite => page_here(tx, payout, after).await?,
        };
        if rows > 0 {
            hash.update(page);
            after = last;
        }
        if rows < PAGE {
            return Ok(hex::encode(hash.finalize()));
        }
    }
}

/// How many rows the next page has, its last, and its hash in hex.
async fn page_in_postgres(
    tx: &mut Transaction<'_, Any>,
    payout: &Payout,
    after: i64,
) -> Result<(i64, i64, String)> {
    let sql = format!(
        "SELECT COUNT(*), COALESCE(MAX(row_number), 0), \
         encode(sha256(convert_to(COALESCE(string_agg(line, E'\\n' ORDER BY row_number), ''), 'UTF8')), 'hex') \
         FROM (SELECT row_number, {LINE} AS line {PAGE_OF_ROWS}) AS page"
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql))
        .bind(payout.municipality)
        .bind(payout.id)
        .bind(after)
        .bind(PAGE)
        .fetch_one(&mut **tx)
        .await?)
}

async fn page_here(tx: &mut Transaction<'_, Any>, payout: &Payout, after: i64) -> Result<(i64, i64, String)> {
    let sql = format!("SELECT row_number, {LINE} AS line {PAGE_OF_ROWS}");
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(payout.municipality)
        .bind(payout.id)
        .bind(after)
        .bind(PAGE)
        .fetch_all(&mut **tx)
        .await?;
    let mut hash = Sha256::new();
    let mut last = 0;
    for (index, row) in rows.iter().enumerate() {
        last = row.try_get("row_number")?;
        if index > 0 {
            hash.update("\n");
        }
        hash.update(row.try_get::<String, _>("line")?);
    }
    Ok((rows.len() as i64, last, hex::encode(hash.finalize())))
}

async fn insert_rows(
    tx: &mut Transaction<'_, Any>,
    engine: Engine,
    municipality: i64,
    payout: i64,
    rows: &[NewRow],
) -> Result<()> {
    const INSERT: &str = "INSERT INTO payout_rows (municipality, payout, row_number, sealed, person_key, amount_won, \
        outcome, field, why, state) SELECT municipality, payout, row_number, sealed, person_key, amount_won, outcome, \
        field, why, CASE WHEN outcome = 'ok' THEN 'waiting' ELSE 'left_out' END FROM checked WHERE municipality >= 0";
    let (municipalities, payouts) = (vec![municipality; rows.len()], vec![payout; rows.len()]);
    let row_numbers: Vec<i64> = rows.iter().map(|row| row.row).collect();
    let amounts_won: Vec<i64> = rows.iter().map(|row| row.amount_won).collect();
    let texts = |of: fn(&NewRow) -> &str| -> Vec<&str> { rows.iter().map(of).collect() };
    let (sealed, keys) = (texts(|row| &row.sealed), texts(|row| &row.person_key));
    let outcomes = texts(|row| row.outcome.code());
    let (fields, whys) = (texts(|row| &row.field), texts(|row| &row.why));
    let table = Rows {
        name: "checked",
        columns: vec![
            ("municipality", Cells::Numbers(&municipalities)),
            ("payout", Cells::Numbers(&payouts)),
            ("row_number", Cells::Numbers(&row_numbers)),
            ("amount_won", Cells::Numbers(&amounts_won)),
            ("sealed", Cells::Texts(&sealed)),
            ("person_key", Cells::Texts(&keys)),
            ("outcome", Cells::Texts(&outcomes)),
            ("field", Cells::Texts(&fields)),
            ("why", Cells::Texts(&whys)),
        ],
    };
    if rows.is_empty() {
        return Ok(());
    }
    let query = match engine {
        Engine::Sqlite => sqlite_query(&table, INSERT),
        Engine::Postgres => {
            let tables = [table];
            let sql = format!("{} {INSERT}", postgres_tables(&tables));
            bind_arrays(sqlx::query(AssertSqlSafe(sql)), &tables)
        }
    };
    query.execute(&mut **tx).await?;
    Ok(())
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
