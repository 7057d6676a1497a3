//! Where the money is taken: the register as the public searches it.

use super::{
    Category, Merchant,
    register::{COLUMNS, contains, from_row},
};
use crate::{Ledger, Refusal, error::Result, programmes};

/// What a search asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MerchantSearch {
    /// In name, code, address or district; empty: anything.
    pub text: String,
    /// Only merchants that may take this programme's money.
    pub programme: Option<i64>,
    /// Only of this line of business.
    pub category: Option<Category>,
    /// How many at most, 1–200.
    pub limit: i64,
    /// After so many.
    pub offset: i64,
}

impl Ledger {
    /// Open merchants, by name. Refused: [`Refusal::UnknownProgramme`].
    pub async fn open_merchants(&self, municipality: i64, search: &MerchantSearch) -> Result<Vec<Merchant>> {
        let restriction = match search.programme {
            Some(id) => {
                let programme = programmes::find(&self.store.read, municipality, id).await?;
                programme.ok_or(Refusal::UnknownProgramme)?.restriction
            }
            None => crate::Restriction::default(),
        };
        let barred: Vec<&str> = restriction
            .barred_categories
            .iter()
            .map(|category| category.code())
            .collect();
        let sql = format!(
            "SELECT {COLUMNS} FROM merchants WHERE municipality = $1 AND status = 'open' \
             AND (LOWER(name) LIKE $2 ESCAPE '!' OR LOWER(code) LIKE $2 ESCAPE '!' \
             OR LOWER(address) LIKE $2 ESCAPE '!' OR LOWER(district) LIKE $2 ESCAPE '!') \
             AND revenue_won_year <= $3 AND ($4 = '' OR category = $4) \
             AND $5 NOT LIKE '%,' || category || ',%' ORDER BY name, id LIMIT $6 OFFSET $7"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(contains(&search.text))
            .bind(restriction.revenue_limit_won.unwrap_or(i64::MAX))
            .bind(search.category.map_or("", Category::code))
            .bind(format!(",{},", barred.join(",")))
            .bind(search.limit.clamp(1, 200))
            .bind(search.offset.max(0))
            .fetch_all(&self.store.read)
            .await?;
        rows.iter().map(from_row).collect()
    }
}
