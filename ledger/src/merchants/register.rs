//! Merchants in the database.

use sqlx::{Any, Row, any::AnyRow};

use super::{Category, Merchant, MerchantStatus, NewMerchant};
use crate::{
    Ledger, Refusal,
    error::{Result, corrupt},
    programmes,
};

pub(super) const COLUMNS: &str =
    "id, municipality, code, name, category, revenue_won_year, address, district, status, created_at";

pub(super) fn from_row(row: &AnyRow) -> Result<Merchant> {
    let category: &str = row.try_get("category")?;
    let status: &str = row.try_get("status")?;
    Ok(Merchant {
        id: row.try_get("id")?,
        municipality: row.try_get("municipality")?,
        code: row.try_get("code")?,
        name: row.try_get("name")?,
        category: Category::from_code(category).ok_or_else(|| corrupt("category", category))?,
        revenue_won_year: row.try_get("revenue_won_year")?,
        address: row.try_get("address")?,
        district: row.try_get("district")?,
        status: MerchantStatus::from_code(status).ok_or_else(|| corrupt("merchant status", status))?,
        created_at: row.try_get("created_at")?,
    })
}

/// One merchant, by whatever reads: a pool or a transaction.
pub(crate) async fn find<'e, E: sqlx::Executor<'e, Database = Any>>(
    executor: E,
    municipality: i64,
    id: i64,
) -> Result<Option<Merchant>> {
    let sql = format!("SELECT {COLUMNS} FROM merchants WHERE municipality = $1 AND id = $2");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(municipality)
        .bind(id)
        .fetch_optional(executor)
        .await?;
    row.as_ref().map(from_row).transpose()
}

fn check(new: &NewMerchant) -> std::result::Result<String, Refusal> {
    let invalid = |field: &str| Refusal::Invalid {
        field: field.to_owned(),
    };
    let code = new.code.trim().to_ascii_uppercase();
    if !(1..=16).contains(&code.len())
        || !code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        return Err(invalid("code"));
    }
    if new.name.trim().is_empty() {
        return Err(invalid("name"));
    }
    if new.revenue_won_year < 0 {
        return Err(invalid("revenue_won_year"));
    }
    Ok(code)
}

impl Ledger {
    /// Registers a merchant and its account.
    /// Refused: [`Refusal::UnknownMunicipality`], [`Refusal::Invalid`], [`Refusal::MerchantCodeTaken`].
    pub async fn create_merchant(&self, municipality: i64, new: NewMerchant, at: i64) -> Result<Merchant> {
        let code = check(&new)?;
        if self.municipality(municipality).await?.is_none() {
            return Err(Refusal::UnknownMunicipality.into());
        }
        let mut ids = self.store.ids(municipality, 2).await?;
        let (id, account) = (ids.next().unwrap_or_default(), ids.first());
        let mut tx = self.store.begin().await?;
        let done = sqlx::query(
            "INSERT INTO merchants (municipality, id, code, name, category, revenue_won_year, address, district, \
             status, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9) \
             ON CONFLICT (municipality, code) DO NOTHING",
        )
        .bind(municipality)
        .bind(id)
        .bind(&code)
        .bind(&new.name)
        .bind(new.category.code())
        .bind(new.revenue_won_year)
        .bind(&new.address)
        .bind(&new.district)
        .bind(at)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Err(Refusal::MerchantCodeTaken.into());
        }
        sqlx::query("INSERT INTO accounts (municipality, id, kind, owner) VALUES ($1, $2, 'merchant', $3)")
            .bind(municipality)
            .bind(account)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        let NewMerchant {
            name,
            category,
            revenue_won_year,
            address,
            district,
            ..
        } = new;
        let status = MerchantStatus::Open;
        Ok(Merchant {
            id,
            municipality,
            code,
            name,
            category,
            revenue_won_year,
            address,
            district,
            status,
            created_at: at,
        })
    }

    /// A merchant of this municipality.
    pub async fn merchant(&self, municipality: i64, id: i64) -> Result<Option<Merchant>> {
        find(&self.store.read, municipality, id).await
    }

    /// The merchant whose code was typed, whatever its case and the blanks around it.
    pub async fn merchant_by_code(&self, municipality: i64, code: &str) -> Result<Option<Merchant>> {
        let sql = format!("SELECT {COLUMNS} FROM merchants WHERE municipality = $1 AND code = $2");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(code.trim().to_ascii_uppercase())
            .fetch_optional(&self.store.read)
            .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Suspends, closes or opens again. Refused: [`Refusal::UnknownMerchant`].
    pub async fn set_merchant_status(
        &self,
        municipality: i64,
        id: i64,
        status: MerchantStatus,
    ) -> Result<()> {
        let done = sqlx::query("UPDATE merchants SET status = $3 WHERE municipality = $1 AND id = $2")
            .bind(municipality)
            .bind(id)
            .bind(status.code())
            .execute(&self.store.write)
            .await?;
        if done.rows_affected() == 0 {
            Err(Refusal::UnknownMerchant.into())
        } else {
            Ok(())
        }
    }

    /// Merchants whose name, code, address or district holds `text` (all of them if it is empty), by name.
    /// With a programme: only those that are open and may take its money. At most 200 at once.
    /// Refused: [`Refusal::UnknownProgramme`].
    pub async fn search_merchants(
        &self,
        municipality: i64,
        text: &str,
        programme: Option<i64>,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<Merchant>> {
        let mut sql = format!(
            "SELECT {COLUMNS} FROM merchants WHERE municipality = $1 AND \
             (LOWER(name) LIKE $2 ESCAPE '!' OR LOWER(code) LIKE $2 ESCAPE '!' OR LOWER(address) LIKE $2 ESCAPE '!' \
             OR LOWER(district) LIKE $2 ESCAPE '!') AND revenue_won_year <= $3"
        );
        let mut revenue_limit_won = i64::MAX;
        if let Some(id) = programme {
            let programme = programmes::find(&self.store.read, municipality, id).await?;
            let restriction = programme.ok_or(Refusal::UnknownProgramme)?.restriction;
            revenue_limit_won = restriction.revenue_limit_won.unwrap_or(i64::MAX);
            sql.push_str(" AND status = 'open'");
            for category in restriction.barred_categories {
                // Codes of an enum: no text of anyone's.
                sql.push_str(" AND category <> '");
                sql.push_str(category.code());
                sql.push('\'');
            }
        }
        sql.push_str(" ORDER BY name, id LIMIT $4 OFFSET $5");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(contains(text))
            .bind(revenue_limit_won)
            .bind(limit.clamp(1, 200))
            .bind(offset.max(0))
            .fetch_all(&self.store.read)
            .await?;
        rows.iter().map(from_row).collect()
    }
}

/// A LIKE pattern for "holds this text", in which the text's own `%` and `_` mean themselves.
pub(super) fn contains(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
