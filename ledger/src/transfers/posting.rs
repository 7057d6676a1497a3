//! One transfer being written: its locks, the answer it may have had before, its entries.

use std::{collections::BTreeMap, fmt::Write as _};

use sqlx::{Any, Transaction};
use store::Store;

use super::{LotMove, Prepared, Receipt, Request, TransferKind, read};
use crate::{LotKind, Refusal, error::Result, number::receipt_number};

/// A transfer under way.
pub(super) struct Posting<'a, 't> {
    pub(super) tx: &'a mut Transaction<'t, Any>,
    pub(super) store: &'a Store,
    pub(super) request: &'a Request,
    pub(super) prepared: &'a Prepared,
}

/// An account whose row this transaction holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    pub(super) id: i64,
    pub(super) balance_won: i64,
}

/// One entry to write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) account: i64,
    pub(crate) amount_won: i64,
    pub(crate) lot: Option<i64>,
    pub(crate) programme: Option<i64>,
}

/// A lot to write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewLot {
    pub(crate) account: i64,
    pub(crate) holder: i64,
    pub(crate) programme: i64,
    pub(crate) kind: LotKind,
    pub(crate) price_won: i64,
    pub(crate) value_won: i64,
    pub(crate) expires_at: i64,
}

/// All that one transfer writes.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) kind: TransferKind,
    pub(crate) amount_won: i64,
    pub(crate) programme: Option<i64>,
    pub(crate) holder: Option<i64>,
    pub(crate) merchant: Option<i64>,
    pub(crate) cancels: Option<i64>,
    pub(crate) payout: Option<i64>,
    pub(crate) deposit: Option<i64>,
    pub(crate) new_lot: Option<NewLot>,
    /// The lots of a claimed gift, with their ids.
    pub(crate) claimed: Vec<(i64, NewLot)>,
    pub(crate) lines: Vec<Line>,
}

impl Plan {
    /// A transfer of this kind and amount, with nothing else yet.
    pub(crate) fn new(kind: TransferKind, amount_won: i64) -> Self {
        Self {
            kind,
            amount_won,
            programme: None,
            holder: None,
            merchant: None,
            cancels: None,
            payout: None,
            deposit: None,
            new_lot: None,
            claimed: Vec::new(),
            lines: Vec::new(),
        }
    }
}

impl Posting<'_, '_> {
    /// Where the request happens.
    pub(super) fn municipality(&self) -> i64 {
        self.request.municipality
    }

    /// Locks an account, if it is there.
    pub(super) async fn lock(&mut self, kind: &str, owner: i64) -> Result<Option<Account>> {
        let sql = format!(
            "SELECT id, balance_won FROM accounts WHERE municipality = $1 AND kind = $2 AND owner = $3{}",
            self.store.for_update()
        );
        let row: Option<(i64, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(self.municipality())
            .bind(kind)
            .bind(owner)
            .fetch_optional(&mut **self.tx)
            .await?;
        Ok(row.map(|(id, balance_won)| Account { id, balance_won }))
    }

    /// Locks a holder's wallet, making it at the first money.
    pub(super) async fn lock_wallet(&mut self, holder: i64) -> Result<Account> {
        if let Some(wallet) = self.lock("wallet", holder).await? {
            return Ok(wallet);
        }
        sqlx::query(
            "INSERT INTO accounts (municipality, id, kind, owner) SELECT code, $2, 'wallet', $3 \
             FROM municipalities WHERE code = $1 ON CONFLICT (municipality, kind, owner) DO NOTHING",
        )
        .bind(self.municipality())
        .bind(self.prepared.account)
        .bind(holder)
        .execute(&mut **self.tx)
        .await?;
        Ok(self
            .lock("wallet", holder)
            .await?
            .ok_or(Refusal::UnknownMunicipality)?)
    }

    /// The id of a holder's account of another kind, made at its first money. Under the wallet's lock.
    pub(super) async fn account_or_new(&mut self, kind: &str, owner: i64) -> Result<i64> {
        if let Some(account) = self.account(kind, owner).await? {
            return Ok(account);
        }
        sqlx::query(
            "INSERT INTO accounts (municipality, id, kind, owner) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (municipality, kind, owner) DO NOTHING",
        )
        .bind(self.municipality())
        .bind(self.prepared.account)
        .bind(kind)
        .bind(owner)
        .execute(&mut **self.tx)
        .await?;
        let account = self.account(kind, owner).await?;
        account.ok_or_else(|| Refusal::Busy { retry_after_ms: 100 }.into())
    }

    /// The id of an account whose balance nobody has to know: treasury, clearing.
    pub(super) async fn account(&mut self, kind: &str, owner: i64) -> Result<Option<i64>> {
        let row: Option<(i64,)> =
            sqlx::query_as("SELECT id FROM accounts WHERE municipality = $1 AND kind = $2 AND owner = $3")
                .bind(self.municipality())
                .bind(kind)
                .bind(owner)
                .fetch_optional(&mut **self.tx)
                .await?;
        Ok(row.map(|(id,)| id))
    }

    /// The receipt that this request had before, if it was done. To be asked after locking, so that of two
    /// at once the second sees the first. Refused: [`Refusal::KeyReused`].
    pub(super) async fn earlier(&mut self) -> Result<Option<Receipt>> {
        let row: Option<(i64, String)> = sqlx::query_as(
            "SELECT id, body_hash FROM transfers WHERE municipality = $1 AND idempotency_key = $2",
        )
        .bind(self.municipality())
        .bind(&self.request.key)
        .fetch_optional(&mut **self.tx)
        .await?;
        let Some((transfer, body_hash)) = row else {
            return Ok(None);
        };
        if body_hash != self.prepared.body_hash {
            return Err(Refusal::KeyReused.into());
        }
        let receipt = read::receipt(self.tx, self.request.municipality, transfer).await?;
        Ok(receipt.map(|receipt| Receipt {
            replayed: true,
            ..receipt
        }))
    }

    /// Writes the transfer: the key first, then lots, accounts by id, entries.
    pub(super) async fn write(&mut self, plan: Plan) -> Result<Receipt> {
        let sum: i128 = plan.lines.iter().map(|line| i128::from(line.amount_won)).sum();
        assert_eq!(sum, 0, "the entries of a transfer sum to zero");
        assert!(
            plan.lines.iter().all(|line| line.amount_won != 0),
            "no entry is of zero"
        );
        if !self.claim_key(&plan).await? {
            // Somebody else had the key in hand while we waited for it.
            let earlier = self.earlier().await?;
            return earlier.ok_or_else(|| Refusal::Busy { retry_after_ms: 100 }.into());
        }
        if let Some(lot) = plan.new_lot {
            self.write_lot(self.prepared.lot, &lot).await?;
        }
        for (id, lot) in &plan.claimed {
            self.write_lot(*id, lot).await?;
        }
        let mut deltas = BTreeMap::new();
        for line in &plan.lines {
            *deltas.entry(line.account).or_insert(0_i64) += line.amount_won;
            if let Some(lot) = line
                .lot
                .filter(|_| plan.new_lot.is_none() && plan.claimed.is_empty())
            {
                sqlx::query("UPDATE lots SET left_won = left_won + $3 WHERE municipality = $1 AND id = $2")
                    .bind(self.municipality())
                    .bind(lot)
                    .bind(line.amount_won)
                    .execute(&mut **self.tx)
                    .await?;
            }
        }
        for (account, delta) in deltas {
            sqlx::query(
                "UPDATE accounts SET balance_won = balance_won + $3 WHERE municipality = $1 AND id = $2",
            )
            .bind(self.municipality())
            .bind(account)
            .bind(delta)
            .execute(&mut **self.tx)
            .await?;
        }
        self.write_entries(&plan).await?;
        Ok(receipt_of(self.request, self.prepared, &plan))
    }

    /// Writes the transfer's row; false if the key stands there already.
    async fn claim_key(&mut self, plan: &Plan) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO transfers (municipality, id, idempotency_key, body_hash, kind, amount_won, created_at, \
             actor, programme, holder, merchant, cancels, payout, deposit) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
             ON CONFLICT (municipality, idempotency_key) DO NOTHING",
        )
        .bind(self.municipality())
        .bind(self.prepared.transfer)
        .bind(&self.request.key)
        .bind(&self.prepared.body_hash)
        .bind(plan.kind.code())
        .bind(plan.amount_won)
        .bind(self.request.at)
        .bind(&self.request.actor)
        .bind(plan.programme)
        .bind(plan.holder)
        .bind(plan.merchant)
        .bind(plan.cancels)
        .bind(plan.payout)
        .bind(plan.deposit)
        .execute(&mut **self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn write_lot(&mut self, id: i64, lot: &NewLot) -> Result<()> {
        sqlx::query(
            "INSERT INTO lots (municipality, id, transfer, account, holder, programme, kind, price_won, \
             value_won, left_won, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)",
        )
        .bind(self.municipality())
        .bind(id)
        .bind(self.prepared.transfer)
        .bind(lot.account)
        .bind(lot.holder)
        .bind(lot.programme)
        .bind(lot.kind.code())
        .bind(lot.price_won)
        .bind(lot.value_won)
        .bind(self.request.at)
        .bind(lot.expires_at)
        .execute(&mut **self.tx)
        .await?;
        Ok(())
    }

    async fn write_entries(&mut self, plan: &Plan) -> Result<()> {
        // In one statement, because PostgreSQL looks at its sum when it ends; so many stay below SQLite's limit
        // of bound values.
        const LINES_MAX: usize = 6_000;
        for (chunk_index, chunk) in plan.lines.chunks(LINES_MAX).enumerate() {
            let mut sql = String::from(
                "INSERT INTO entries (municipality, transfer, kind, created_at, line, account, amount_won, lot, \
                 programme) VALUES ",
            );
            for index in 0..chunk.len() {
                let n = 5 + index * 5;
                let comma = if index == 0 { "" } else { ", " };
                let _ = write!(
                    sql,
                    "{comma}($1, $2, $3, $4, ${n}, ${}, ${}, ${}, ${})",
                    n + 1,
                    n + 2,
                    n + 3,
                    n + 4
                );
            }
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(self.municipality())
                .bind(self.prepared.transfer)
                .bind(plan.kind.code())
                .bind(self.request.at);
            for (index, line) in chunk.iter().enumerate() {
                query = query
                    .bind((chunk_index * LINES_MAX + index) as i64)
                    .bind(line.account)
                    .bind(line.amount_won)
                    .bind(line.lot)
                    .bind(line.programme);
            }
            query.execute(&mut **self.tx).await?;
        }
        Ok(())
    }
}

/// What is answered for a transfer just written.
pub(crate) fn receipt_of(request: &Request, prepared: &Prepared, plan: &Plan) -> Receipt {
    let lots = plan.lines.iter().filter_map(|line| {
        let (lot, programme) = (line.lot?, line.programme?);
        Some(LotMove {
            lot,
            programme,
            amount_won: line.amount_won,
        })
    });
    Receipt {
        transfer: prepared.transfer,
        number: receipt_number(prepared.transfer, request.at),
        municipality: request.municipality,
        kind: plan.kind,
        amount_won: plan.amount_won,
        at: request.at,
        programme: plan.programme,
        holder: plan.holder,
        merchant: plan.merchant,
        cancels: plan.cancels,
        payout: plan.payout,
        deposit: plan.deposit,
        lots: lots.collect(),
        replayed: false,
    }
}
