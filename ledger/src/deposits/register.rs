//! Deposits in the database.

use std::time::Duration;

use serde::Serialize;
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{Deposit, DepositState};
use crate::{
    Ledger, Operation, Receipt, Refusal, Request, calendar,
    error::{LedgerError, Result, corrupt, is_transient},
    programmes,
    transfers::{self, Prepared},
};

const SELECT: &str = "SELECT id, municipality, holder, programme, price_won, value_won, state, reason, transfer, \
    created_at, updated_at, body_hash FROM deposits WHERE municipality = $1";

fn from_row(row: &AnyRow) -> Result<Deposit> {
    let state: String = row.try_get("state")?;
    Ok(Deposit {
        id: row.try_get("id")?,
        municipality: row.try_get("municipality")?,
        holder: row.try_get("holder")?,
        programme: row.try_get("programme")?,
        price_won: row.try_get("price_won")?,
        value_won: row.try_get("value_won")?,
        state: DepositState::from_code(&state).ok_or_else(|| corrupt("deposit state", &state))?,
        reason: row.try_get("reason")?,
        transfer: row.try_get("transfer")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// What makes two requests with one key the same.
#[derive(Serialize)]
struct Body {
    holder: i64,
    programme: i64,
    value_won: i64,
}

/// When a deposit was asked for, ms: under which terms its price was said.
pub(crate) async fn asked_at<'e, E: sqlx::Executor<'e, Database = Any>>(
    executor: E,
    municipality: i64,
    deposit: i64,
) -> Result<Option<i64>> {
    let row: Option<(i64,)> =
        sqlx::query_as("SELECT created_at FROM deposits WHERE municipality = $1 AND id = $2")
            .bind(municipality)
            .bind(deposit)
            .fetch_optional(executor)
            .await?;
    Ok(row.map(|(at,)| at))
}

impl Ledger {
    /// A resident asks to buy `value_won` of a programme. Limits and budget are checked, with what else waits
    /// for money, so that nobody pays for what would then be refused. Nothing is sold yet.
    /// The same key and purchase answer with the deposit as it stands now.
    /// Refused: as [`Operation::Sell`], and [`Refusal::KeyReused`], [`Refusal::BadKey`].
    #[allow(
        clippy::too_many_arguments,
        reason = "all of one request; a struct would only name them again"
    )]
    pub async fn request_purchase(
        &self,
        municipality: i64,
        key: &str,
        holder: i64,
        programme: i64,
        value_won: i64,
        actor: &str,
        at: i64,
    ) -> Result<Deposit> {
        if !(1..=64).contains(&key.chars().count()) {
            return Err(Refusal::BadKey.into());
        }
        transfers::check_amount(value_won)?;
        let body_hash = transfers::body_hash(&Body {
            holder,
            programme,
            value_won,
        });
        let id = self.store.id(municipality).await?;
        let mut tx = self.store.begin().await?;
        // The budget's row stands for the programme: requests for one programme come one after the other.
        let lock = format!(
            "SELECT id FROM accounts WHERE municipality = $1 AND kind = 'budget' AND owner = $2{}",
            self.store.for_update()
        );
        let locked: Option<(i64,)> = sqlx::query_as(sqlx::AssertSqlSafe(lock))
            .bind(municipality)
            .bind(programme)
            .fetch_optional(&mut *tx)
            .await?;
        locked.ok_or(Refusal::UnknownProgramme)?;
        if let Some(earlier) = by_key(&mut tx, municipality, key, &body_hash).await? {
            return Ok(earlier);
        }
        let rules = programmes::find_at(&mut tx, municipality, programme, at).await?;
        let rules = rules.ok_or(Refusal::UnknownProgramme)?;
        rules.check_on_sale(at)?;
        let since = calendar::month_start(at);
        let bought_won = transfers::bought_since(&mut *tx, municipality, holder, programme, since).await?;
        let held_won = transfers::held(&mut *tx, municipality, holder, programme, at).await?;
        let waiting = waiting(&mut *tx, municipality, programme, holder).await?;
        rules.check_limits(
            value_won,
            bought_won + waiting.of_holder_won,
            held_won + waiting.of_holder_won,
        )?;
        let price_won = rules.price_won(value_won);
        let left_won = (rules.budget_left_won - waiting.discounts_won).max(0);
        if value_won - price_won > left_won {
            return Err(Refusal::BudgetExhausted { left_won }.into());
        }
        if let Some(limit_won) = rules.monthly_budget_won {
            let spent_won = programmes::discounts_of_month(&mut *tx, municipality, programme, at).await?;
            let left_won = (limit_won - spent_won - waiting.discounts_won).max(0);
            if value_won - price_won > left_won {
                return Err(Refusal::BudgetExhausted { left_won }.into());
            }
        }
        let done = sqlx::query(
            "INSERT INTO deposits (municipality, id, request_key, body_hash, holder, programme, price_won, \
             value_won, state, reason, actor, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', '', $9, $10, $10) \
             ON CONFLICT (municipality, request_key) DO NOTHING",
        )
        .bind(municipality)
        .bind(id)
        .bind(key)
        .bind(&body_hash)
        .bind(holder)
        .bind(programme)
        .bind(price_won)
        .bind(value_won)
        .bind(actor)
        .bind(at)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            let earlier = by_key(&mut tx, municipality, key, &body_hash).await?;
            return earlier.ok_or_else(|| Refusal::Busy { retry_after_ms: 100 }.into());
        }
        tx.commit().await?;
        Ok(self
            .deposit(municipality, id)
            .await?
            .ok_or(Refusal::UnknownDeposit)?)
    }

    /// The money came: sells the value, exactly once, and says so on the deposit in the same commit. Again:
    /// the original receipt, replayed. If the sale is refused now, the deposit becomes unknown, with the reason,
    /// and may be confirmed again. Refused: [`Refusal::UnknownDeposit`], [`Refusal::DepositSettled`]
    /// (it failed), and as [`Operation::Sell`].
    pub async fn confirm_deposit(&self, municipality: i64, deposit: i64, at: i64) -> Result<Receipt> {
        let found = self
            .deposit(municipality, deposit)
            .await?
            .ok_or(Refusal::UnknownDeposit)?;
        let request = Request {
            municipality,
            key: format!("deposit:{deposit}"),
            actor: "bank".to_owned(),
            at,
            operation: Operation::Sell {
                programme: found.programme,
                holder: found.holder,
                value_won: found.value_won,
                deposit: Some(deposit),
            },
        };
        let prepared = self.prepare(&request).await?;
        for attempt in 0..6 {
            match self.confirm_once(&request, &prepared, deposit).await {
                Err(LedgerError::Store(error)) if is_transient(&error) => {
                    tokio::time::sleep(Duration::from_millis(5 << attempt)).await;
                }
                answer => return answer,
            }
        }
        Err(Refusal::Busy { retry_after_ms: 1000 }.into())
    }

    async fn confirm_once(&self, request: &Request, prepared: &Prepared, id: i64) -> Result<Receipt> {
        let mut tx = self.store.begin().await?;
        let state = self.lock_deposit(&mut tx, request.municipality, id).await?;
        if state == DepositState::Failed {
            return Err(Refusal::DepositSettled.into());
        }
        let posted = transfers::post_in(&mut tx, &self.store, request, prepared).await;
        let (state, reason, transfer) = match &posted {
            Ok(receipt) if receipt.replayed => return posted,
            Ok(receipt) => (DepositState::Confirmed, String::new(), Some(receipt.transfer)),
            Err(LedgerError::Refused(refusal)) => (DepositState::Unknown, refusal.to_string(), None),
            Err(LedgerError::Store(_)) => return posted,
        };
        set_state(
            &mut tx,
            request.municipality,
            id,
            state,
            &reason,
            transfer,
            request.at,
        )
        .await?;
        tx.commit().await?;
        posted
    }

    /// No money came, and none will. Again: as it stands.
    /// Refused: [`Refusal::UnknownDeposit`], [`Refusal::DepositSettled`] (its money came).
    pub async fn fail_deposit(
        &self,
        municipality: i64,
        deposit: i64,
        reason: &str,
        at: i64,
    ) -> Result<Deposit> {
        self.settle(municipality, deposit, DepositState::Failed, reason, at)
            .await
    }

    /// It cannot be said whether money came; an official must look, then confirm or fail it.
    /// Refused: [`Refusal::UnknownDeposit`], [`Refusal::DepositSettled`].
    pub async fn doubt_deposit(
        &self,
        municipality: i64,
        deposit: i64,
        reason: &str,
        at: i64,
    ) -> Result<Deposit> {
        self.settle(municipality, deposit, DepositState::Unknown, reason, at)
            .await
    }

    async fn settle(
        &self,
        municipality: i64,
        id: i64,
        state: DepositState,
        reason: &str,
        at: i64,
    ) -> Result<Deposit> {
        let mut tx = self.store.begin().await?;
        match self.lock_deposit(&mut tx, municipality, id).await? {
            DepositState::Pending | DepositState::Unknown => {
                set_state(&mut tx, municipality, id, state, reason, None, at).await?;
            }
            same if same == state => {}
            DepositState::Confirmed | DepositState::Failed => return Err(Refusal::DepositSettled.into()),
        }
        tx.commit().await?;
        Ok(self
            .deposit(municipality, id)
            .await?
            .ok_or(Refusal::UnknownDeposit)?)
    }

    async fn lock_deposit(
        &self,
        tx: &mut Transaction<'_, Any>,
        municipality: i64,
        id: i64,
    ) -> Result<DepositState> {
        let sql = format!("{SELECT} AND id = $2{}", self.store.for_update());
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(id)
            .fetch_optional(&mut **tx)
            .await?;
        Ok(from_row(&row.ok_or(Refusal::UnknownDeposit)?)?.state)
    }

    /// A deposit of this municipality.
    pub async fn deposit(&self, municipality: i64, id: i64) -> Result<Option<Deposit>> {
        let sql = format!("{SELECT} AND id = $2");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(id)
            .fetch_optional(&self.store.read)
            .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// A holder's last deposits, newest first, at most 200.
    pub async fn deposits(&self, municipality: i64, holder: i64, limit: i64) -> Result<Vec<Deposit>> {
        let sql = format!("{SELECT} AND holder = $2 ORDER BY created_at DESC, id DESC LIMIT $3");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(holder)
            .bind(limit.clamp(1, 200))
            .fetch_all(&self.store.read)
            .await?;
        rows.iter().map(from_row).collect()
    }
}

async fn by_key(
    tx: &mut Transaction<'_, Any>,
    municipality: i64,
    key: &str,
    body_hash: &str,
) -> Result<Option<Deposit>> {
    let sql = format!("{SELECT} AND request_key = $2");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(municipality)
        .bind(key)
        .fetch_optional(&mut **tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    if row.try_get::<String, _>("body_hash")? != body_hash {
        return Err(Refusal::KeyReused.into());
    }
    from_row(&row).map(Some)
}

/// What pending deposits of a programme will take.
pub(super) struct Waiting {
    pub(super) of_holder_won: i64,
    pub(super) discounts_won: i64,
}

/// What pending deposits of a programme will take once they are confirmed: value of one holder, discounts of all.
pub(super) async fn waiting<'e, E: sqlx::Executor<'e, Database = Any>>(
    executor: E,
    municipality: i64,
    programme: i64,
    holder: i64,
) -> Result<Waiting> {
    let (of_holder_won, discounts_won): (i64, i64) = sqlx::query_as(
        "SELECT COALESCE(CAST(SUM(CASE WHEN holder = $3 THEN value_won ELSE 0 END) AS BIGINT), 0), \
         COALESCE(CAST(SUM(value_won - price_won) AS BIGINT), 0) FROM deposits \
         WHERE municipality = $1 AND programme = $2 AND state = 'pending'",
    )
    .bind(municipality)
    .bind(programme)
    .bind(holder)
    .fetch_one(executor)
    .await?;
    Ok(Waiting {
        of_holder_won,
        discounts_won,
    })
}

async fn set_state(
    tx: &mut Transaction<'_, Any>,
    municipality: i64,
    id: i64,
    state: DepositState,
    reason: &str,
    transfer: Option<i64>,
    at: i64,
) -> Result<()> {
    sqlx::query(
        "UPDATE deposits SET state = $3, reason = $4, transfer = $5, updated_at = $6 \
         WHERE municipality = $1 AND id = $2",
    )
    .bind(municipality)
    .bind(id)
    .bind(state.code())
    .bind(reason)
    .bind(transfer)
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
