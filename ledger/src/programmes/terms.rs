//! Terms that change from a time on.
//!
//! The rule: a programme begins with the terms it was made with; a change holds from its time on, never before it was
//! written, until the next one holds. What was sold is not touched: a lot carries its price, value and end, a deposit is
//! sold at the terms of the moment it was asked for, and a refund is judged by the threshold that held when the purchase
//! was made. Who may take the money is no part of this: it is what was sold, and another programme where it should
//! differ. A change may be withdrawn until it holds; after that only another change follows.

use serde::{Deserialize, Serialize};
use sqlx::{Any, AnyConnection, Row, any::AnyRow};
use store::is_unique_violation;

use super::{ExpiryRule, NewProgramme, Programme, ProgrammeKind, find, register};
use crate::{Ledger, Refusal, calendar, error::Result};

/// What may change of a programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Discount in basis points of the value; 0 where given.
    pub discount_bp: i64,
    /// The most value one person may buy in a calendar month, won.
    pub monthly_limit_won: Option<i64>,
    /// The most one person may hold after buying, won.
    pub holding_limit_won: Option<i64>,
    /// The most that sales of one calendar month may take from the budget, won.
    pub monthly_budget_won: Option<i64>,
    /// When value made from now on ends.
    pub expiry: ExpiryRule,
    /// How much of a purchase must be spent before the rest is refunded, percent.
    pub refund_threshold_pct: i64,
    /// Sale begins, ms.
    pub sale_from: Option<i64>,
    /// Instant after the last moment of sale, ms.
    pub sale_until: Option<i64>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its id.
    pub id: i64,
    /// From when it holds, ms.
    pub effective_at: i64,
    /// What holds then.
    pub terms: Terms,
    /// Why, as whoever made it wrote.
    pub reason: String,
    /// When it was written, ms.
    pub created_at: i64,
    /// Who wrote it (opaque).
    pub created_by: String,
    /// When it was withdrawn, ms; it never held then.
    pub withdrawn_at: Option<i64>,
}

/// A change that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChange {
    /// Idempotency key, 1–64 characters.
    pub key: String,
    /// From when it is to hold, ms; now or later.
    pub effective_at: i64,
    /// What is to hold then.
    pub terms: Terms,
    /// Why, 2–200 characters.
    pub reason: String,
    /// Who asks (opaque).
    pub by: String,
}

impl Programme {
    /// Its terms as they stand in this value.
    pub fn terms(&self) -> Terms {
        Terms {
            discount_bp: self.discount_bp,
            monthly_limit_won: self.monthly_limit_won,
            holding_limit_won: self.holding_limit_won,
            monthly_budget_won: self.monthly_budget_won,
            expiry: self.expiry,
            refund_threshold_pct: self.refund_threshold_pct,
            sale_from: self.sale_from,
            sale_until: self.sale_until,
        }
    }

    /// The same programme under other terms.
    #[must_use]
    pub fn under(mut self, terms: &Terms) -> Self {
        self.discount_bp = terms.discount_bp;
        self.monthly_limit_won = terms.monthly_limit_won;
        self.holding_limit_won = terms.holding_limit_won;
        self.monthly_budget_won = terms.monthly_budget_won;
        self.expiry = terms.expiry;
        self.refund_threshold_pct = terms.refund_threshold_pct;
        self.sale_from = terms.sale_from;
        self.sale_until = terms.sale_until;
        self
    }
}

/// Which change holds at a moment: the latest that has begun to hold and was not withdrawn.
const IN_FORCE: &str = "SELECT * FROM programme_terms WHERE municipality = $1 AND programme = $2 \
    AND withdrawn_at IS NULL AND effective_at <= $3 ORDER BY effective_at DESC, id DESC LIMIT 1";

fn terms_of(row: &AnyRow) -> Result<Terms> {
    Ok(Terms {
        discount_bp: row.try_get("discount_bp")?,
        monthly_limit_won: row.try_get("monthly_limit_won")?,
        holding_limit_won: row.try_get("holding_limit_won")?,
        monthly_budget_won: row.try_get("monthly_budget_won")?,
        expiry: register::expiry_of(row)?,
        refund_threshold_pct: row.try_get("refund_threshold_pct")?,
        sale_from: row.try_get("sale_from_at")?,
        sale_until: row.try_get("sale_until_at")?,
    })
}

fn change_of(row: &AnyRow) -> Result<Change> {
    Ok(Change {
        id: row.try_get("id")?,
        effective_at: row.try_get("effective_at")?,
        terms: terms_of(row)?,
        reason: row.try_get("reason")?,
        created_at: row.try_get("created_at")?,
        created_by: row.try_get("created_by")?,
        withdrawn_at: row.try_get("withdrawn_at")?,
    })
}

/// A programme under the terms that hold at `at` (ms).
pub(crate) async fn find_at(
    connection: &mut AnyConnection,
    municipality: i64,
    id: i64,
    at: i64,
) -> Result<Option<Programme>> {
    let Some(programme) = find(&mut *connection, municipality, id).await? else {
        return Ok(None);
    };
    let row = sqlx::query(IN_FORCE)
        .bind(municipality)
        .bind(id)
        .bind(at)
        .fetch_optional(connection)
        .await?;
    Ok(Some(match row {
        Some(row) => programme.under(&terms_of(&row)?),
        None => programme,
    }))
}

/// The number of a calendar month in Seoul, as `programme_months` writes it.
pub(crate) fn month_number(at: i64) -> i64 {
    let date = calendar::date(at);
    i64::from(date.year()) * 12 + i64::from(date.month()) - 1
}

/// What the sales of the month of `at` took from a programme's budget, won.
pub(crate) async fn discounts_of_month<'e, E: sqlx::Executor<'e, Database = Any>>(
    executor: E,
    municipality: i64,
    programme: i64,
    at: i64,
) -> Result<i64> {
    let row: Option<(i64,)> = sqlx::query_as(
        "SELECT discount_won FROM programme_months WHERE municipality = $1 AND programme = $2 AND month = $3",
    )
    .bind(municipality)
    .bind(programme)
    .bind(month_number(at))
    .fetch_optional(executor)
    .await?;
    Ok(row.map_or(0, |(won,)| won))
}

/// Counts a sale's discount into its month, in the sale's own transaction (which holds the budget's row).
pub(crate) async fn count_discount<'e, E: sqlx::Executor<'e, Database = Any>>(
    executor: E,
    municipality: i64,
    programme: i64,
    at: i64,
    discount_won: i64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO programme_months AS m (municipality, programme, month, discount_won) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (municipality, programme, month) DO UPDATE SET discount_won = m.discount_won + excluded.discount_won",
    )
    .bind(municipality)
    .bind(programme)
    .bind(month_number(at))
    .bind(discount_won)
    .execute(executor)
    .await?;
    Ok(())
}

impl Ledger {
    /// A programme of this municipality under the terms that hold at `at` (ms).
    pub async fn programme_at(&self, municipality: i64, id: i64, at: i64) -> Result<Option<Programme>> {
        let mut seen = self.store.begin_snapshot().await?;
        let found = find_at(&mut seen, municipality, id, at).await?;
        seen.rollback().await?;
        Ok(found)
    }

    /// Every programme of this municipality under the terms that hold at `at` (ms), oldest first.
    pub async fn programmes_at(&self, municipality: i64, at: i64) -> Result<Vec<Programme>> {
        let mut programmes = self.programmes(municipality).await?;
        // The last one read of a programme is the one that holds.
        let rows = sqlx::query(
            "SELECT * FROM programme_terms WHERE municipality = $1 AND withdrawn_at IS NULL AND effective_at <= $2 \
             ORDER BY effective_at, id",
        )
        .bind(municipality)
        .bind(at)
        .fetch_all(&self.store.read)
        .await?;
        let mut in_force = std::collections::HashMap::new();
        for row in &rows {
            let programme: i64 = row.try_get("programme")?;
            in_force.insert(programme, terms_of(row)?);
        }
        for programme in &mut programmes {
            if let Some(terms) = in_force.get(&programme.id) {
                *programme = programme.clone().under(terms);
            }
        }
        Ok(programmes)
    }

    /// Every change of a programme, those withdrawn too, the latest to hold first.
    pub async fn programme_changes(&self, municipality: i64, programme: i64) -> Result<Vec<Change>> {
        let rows = sqlx::query(
            "SELECT * FROM programme_terms WHERE municipality = $1 AND programme = $2 ORDER BY effective_at DESC, id DESC",
        )
        .bind(municipality)
        .bind(programme)
        .fetch_all(&self.store.read)
        .await?;
        rows.iter().map(change_of).collect()
    }

    /// What the sales of the month of `at` took from a programme's budget, won.
    pub async fn programme_month_won(&self, municipality: i64, programme: i64, at: i64) -> Result<i64> {
        discounts_of_month(&self.store.read, municipality, programme, at).await
    }

    /// Writes a change that holds from its time on. The same key again gives the change that it made.
    /// Refused: [`Refusal::UnknownProgramme`], [`Refusal::BadKey`], [`Refusal::KeyReused`] (for another programme),
    /// [`Refusal::Invalid`] (`effective_at`: in the past; `reason`; or a field of [`Terms`]).
    pub async fn change_programme(
        &self,
        municipality: i64,
        programme: i64,
        new: NewChange,
        at: i64,
    ) -> Result<i64> {
        if !(1..=64).contains(&new.key.chars().count()) {
            return Err(Refusal::BadKey.into());
        }
        let base = self.programme(municipality, programme).await?;
        let base = base.ok_or(Refusal::UnknownProgramme)?;
        if let Some(earlier) = self.change_by_key(municipality, programme, &new.key).await? {
            return Ok(earlier);
        }
        let invalid = |field: &str| Refusal::Invalid {
            field: field.to_owned(),
        };
        if new.effective_at < at {
            return Err(invalid("effective_at").into());
        }
        if !(2..=200).contains(&new.reason.trim().chars().count()) {
            return Err(invalid("reason").into());
        }
        check(&base, &new.terms)?;
        if let ExpiryRule::Until(until) = new.terms.expiry
            && until <= new.effective_at
        {
            return Err(invalid("expiry").into());
        }
        let id = self.store.id(municipality).await?;
        let (months, until) = match new.terms.expiry {
            ExpiryRule::Months(months) => (Some(months), None),
            ExpiryRule::Until(until) => (None, Some(until)),
        };
        let terms = new.terms;
        let done = sqlx::query(
            "INSERT INTO programme_terms (municipality, id, programme, request_key, effective_at, discount_bp, \
             monthly_limit_won, holding_limit_won, monthly_budget_won, expiry_months, expiry_until_at, \
             refund_threshold_pct, sale_from_at, sale_until_at, reason, created_at, created_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        )
        .bind(municipality)
        .bind(id)
        .bind(programme)
        .bind(&new.key)
        .bind(new.effective_at)
        .bind(terms.discount_bp)
        .bind(terms.monthly_limit_won)
        .bind(terms.holding_limit_won)
        .bind(terms.monthly_budget_won)
        .bind(months)
        .bind(until)
        .bind(terms.refund_threshold_pct)
        .bind(terms.sale_from)
        .bind(terms.sale_until)
        .bind(new.reason.trim())
        .bind(at)
        .bind(&new.by)
        .execute(&self.store.write)
        .await;
        match done {
            Ok(_) => Ok(id),
            Err(error) if is_unique_violation(&error) => {
                let earlier = self.change_by_key(municipality, programme, &new.key).await?;
                earlier.ok_or_else(|| Refusal::KeyReused.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn change_by_key(&self, municipality: i64, programme: i64, key: &str) -> Result<Option<i64>> {
        let row: Option<(i64, i64)> = sqlx::query_as(
            "SELECT id, programme FROM programme_terms WHERE municipality = $1 AND request_key = $2",
        )
        .bind(municipality)
        .bind(key)
        .fetch_optional(&self.store.read)
        .await?;
        match row {
            Some((id, of)) if of == programme => Ok(Some(id)),
            Some(_) => Err(Refusal::KeyReused.into()),
            None => Ok(None),
        }
    }

    /// Withdraws a change that does not hold yet. Gives whether there was one to withdraw.
    pub async fn withdraw_change(
        &self,
        municipality: i64,
        programme: i64,
        change: i64,
        at: i64,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE programme_terms SET withdrawn_at = $4 WHERE municipality = $1 AND programme = $2 AND id = $3 \
             AND withdrawn_at IS NULL AND effective_at > $4",
        )
        .bind(municipality)
        .bind(programme)
        .bind(change)
        .bind(at)
        .execute(&self.store.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

/// The same rules as for a programme that is made.
fn check(base: &Programme, terms: &Terms) -> std::result::Result<(), Refusal> {
    if base.kind == ProgrammeKind::Given && terms.monthly_budget_won.is_some() {
        return Err(Refusal::Invalid {
            field: "monthly_budget_won".to_owned(),
        });
    }
    register::check(&NewProgramme {
        kind: base.kind,
        name: base.name.clone(),
        name_en: base.name_en.clone(),
        discount_bp: terms.discount_bp,
        monthly_limit_won: terms.monthly_limit_won,
        holding_limit_won: terms.holding_limit_won,
        monthly_budget_won: terms.monthly_budget_won,
        expiry: terms.expiry,
        restriction: base.restriction.clone(),
        refund_threshold_pct: terms.refund_threshold_pct,
        sale_from: terms.sale_from,
        sale_until: terms.sale_until,
        state: base.state,
        created_by: String::new(),
    })
}
