//! Programmes in the database.

use sqlx::{Any, Row, any::AnyRow};

use super::{ExpiryRule, NewProgramme, Programme, ProgrammeKind, ProgrammeState, Restriction};
use crate::{
    Category, Ledger, Refusal,
    error::{Result, corrupt},
};

const SELECT: &str = "SELECT p.*, a.balance_won AS budget_left_won FROM programmes p \
    JOIN accounts a ON a.municipality = p.municipality AND a.kind = 'budget' AND a.owner = p.id \
    WHERE p.municipality = $1";

fn from_row(row: &AnyRow) -> Result<Programme> {
    let kind: String = row.try_get("kind")?;
    let state: String = row.try_get("state")?;
    Ok(Programme {
        id: row.try_get("id")?,
        municipality: row.try_get("municipality")?,
        kind: ProgrammeKind::from_code(&kind).ok_or_else(|| corrupt("programme kind", &kind))?,
        name: row.try_get("name")?,
        name_en: row.try_get("name_en")?,
        discount_bp: row.try_get("discount_bp")?,
        monthly_limit_won: row.try_get("monthly_limit_won")?,
        holding_limit_won: row.try_get("holding_limit_won")?,
        monthly_budget_won: row.try_get("monthly_budget_won")?,
        expiry: expiry_of(row)?,
        restriction: restriction_of(row)?,
        refund_threshold_pct: row.try_get("refund_threshold_pct")?,
        sale_from: row.try_get("sale_from_at")?,
        sale_until: row.try_get("sale_until_at")?,
        state: ProgrammeState::from_code(&state).ok_or_else(|| corrupt("programme state", &state))?,
        created_at: row.try_get("created_at")?,
        created_by: row.try_get("created_by")?,
        budget_left_won: row.try_get("budget_left_won")?,
    })
}

/// Reads an expiry rule from a row with `expiry_months` and `expiry_until_at`.
pub(super) fn expiry_of(row: &AnyRow) -> Result<ExpiryRule> {
    let months: Option<i64> = row.try_get("expiry_months")?;
    let until: Option<i64> = row.try_get("expiry_until_at")?;
    Ok(match months {
        Some(months) => ExpiryRule::Months(months),
        None => ExpiryRule::Until(until.unwrap_or_default()),
    })
}

/// Reads a restriction from a row with `revenue_limit_won` and `barred_categories`.
pub(crate) fn restriction_of(row: &AnyRow) -> Result<Restriction> {
    let barred: &str = row.try_get("barred_categories")?;
    let barred_categories = barred
        .split(',')
        .filter(|code| !code.is_empty())
        .map(|code| Category::from_code(code).ok_or_else(|| corrupt("category", code)))
        .collect::<Result<_>>()?;
    Ok(Restriction {
        revenue_limit_won: row.try_get("revenue_limit_won")?,
        barred_categories,
    })
}

/// One programme with its budget, by whatever reads: a pool or a transaction.
pub(crate) async fn find<'e, E: sqlx::Executor<'e, Database = Any>>(
    executor: E,
    municipality: i64,
    id: i64,
) -> Result<Option<Programme>> {
    let sql = format!("{SELECT} AND p.id = $2");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(municipality)
        .bind(id)
        .fetch_optional(executor)
        .await?;
    row.as_ref().map(from_row).transpose()
}

pub(super) fn check(new: &NewProgramme) -> std::result::Result<(), Refusal> {
    let invalid = |field: &str| {
        Err(Refusal::Invalid {
            field: field.to_owned(),
        })
    };
    let positive = |limit: Option<i64>| limit.is_none_or(|limit| limit > 0);
    if new.name.trim().is_empty() {
        return invalid("name");
    }
    if !(0..10_000).contains(&new.discount_bp) || (new.kind == ProgrammeKind::Given && new.discount_bp != 0) {
        return invalid("discount_bp");
    }
    if !positive(new.monthly_limit_won) {
        return invalid("monthly_limit_won");
    }
    if !positive(new.holding_limit_won) {
        return invalid("holding_limit_won");
    }
    if !positive(new.monthly_budget_won) {
        return invalid("monthly_budget_won");
    }
    if matches!(new.expiry, ExpiryRule::Months(months) if !(1..=1200).contains(&months)) {
        return invalid("expiry");
    }
    if !(0..=100).contains(&new.refund_threshold_pct) {
        return invalid("refund_threshold_pct");
    }
    if new.restriction.revenue_limit_won.is_some_and(|limit| limit < 0) {
        return invalid("revenue_limit_won");
    }
    if let (Some(from), Some(until)) = (new.sale_from, new.sale_until)
        && from >= until
    {
        return invalid("sale_until");
    }
    Ok(())
}

impl Ledger {
    /// Makes a programme and its (empty) budget.
    /// Refused: [`Refusal::UnknownMunicipality`], [`Refusal::Invalid`].
    pub async fn create_programme(&self, municipality: i64, new: NewProgramme, at: i64) -> Result<Programme> {
        check(&new)?;
        if self.municipality(municipality).await?.is_none() {
            return Err(Refusal::UnknownMunicipality.into());
        }
        if let ExpiryRule::Until(until) = new.expiry
            && until <= at
        {
            return Err(Refusal::Invalid {
                field: "expiry".to_owned(),
            }
            .into());
        }
        let mut ids = self.store.ids(municipality, 2).await?;
        let (id, account) = (ids.next().unwrap_or_default(), ids.first());
        let (months, until) = match new.expiry {
            ExpiryRule::Months(months) => (Some(months), None),
            ExpiryRule::Until(until) => (None, Some(until)),
        };
        let barred: Vec<&str> = new
            .restriction
            .barred_categories
            .iter()
            .map(|category| category.code())
            .collect();
        let mut tx = self.store.begin().await?;
        sqlx::query(
            "INSERT INTO programmes (municipality, id, kind, name, name_en, discount_bp, monthly_limit_won, \
             holding_limit_won, expiry_months, expiry_until_at, revenue_limit_won, barred_categories, \
             refund_threshold_pct, sale_from_at, sale_until_at, state, created_at, created_by, monthly_budget_won) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        )
        .bind(municipality)
        .bind(id)
        .bind(new.kind.code())
        .bind(&new.name)
        .bind(&new.name_en)
        .bind(new.discount_bp)
        .bind(new.monthly_limit_won)
        .bind(new.holding_limit_won)
        .bind(months)
        .bind(until)
        .bind(new.restriction.revenue_limit_won)
        .bind(barred.join(","))
        .bind(new.refund_threshold_pct)
        .bind(new.sale_from)
        .bind(new.sale_until)
        .bind(new.state.code())
        .bind(at)
        .bind(&new.created_by)
        .bind(new.monthly_budget_won)
        .execute(&mut *tx)
        .await?;
        sqlx::query("INSERT INTO accounts (municipality, id, kind, owner) VALUES ($1, $2, 'budget', $3)")
            .bind(municipality)
            .bind(account)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        let made = find(&mut *tx, municipality, id)
            .await?
            .ok_or(Refusal::UnknownProgramme)?;
        tx.commit().await?;
        Ok(made)
    }

    /// A programme of this municipality, as it was made: [`Ledger::programme_at`] has the terms of a moment.
    pub async fn programme(&self, municipality: i64, id: i64) -> Result<Option<Programme>> {
        find(&self.store.read, municipality, id).await
    }

    /// Every programme of this municipality, oldest first.
    pub async fn programmes(&self, municipality: i64) -> Result<Vec<Programme>> {
        let sql = format!("{SELECT} ORDER BY p.created_at, p.id");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .fetch_all(&self.store.read)
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// Opens, stops or takes back to draft. Refused: [`Refusal::UnknownProgramme`].
    pub async fn set_programme_state(&self, municipality: i64, id: i64, state: ProgrammeState) -> Result<()> {
        let done = sqlx::query("UPDATE programmes SET state = $3 WHERE municipality = $1 AND id = $2")
            .bind(municipality)
            .bind(id)
            .bind(state.code())
            .execute(&self.store.write)
            .await?;
        if done.rows_affected() == 0 {
            Err(Refusal::UnknownProgramme.into())
        } else {
            Ok(())
        }
    }
}
