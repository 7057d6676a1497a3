//! The municipalities that have opened here.

use serde::{Deserialize, Serialize};
use sqlx::Row;

use crate::{Ledger, Refusal, error::Result};

/// A municipality whose currency runs here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Municipality {
    /// Its region code (five digits).
    pub code: i64,
    /// Its name in Korean, as in the official list.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// What its currency is called.
    pub currency_name: String,
    /// The same in English.
    pub currency_name_en: String,
    /// Telephone number of the help line, as people read it.
    pub help_line: String,
    /// When the help line answers, as people read it.
    pub help_hours: String,
    /// Since when it is open here, ms.
    pub opened_at: i64,
}

/// What is said about a municipality when it opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMunicipality {
    /// Its region code: one of [`super::issuers`].
    pub code: i64,
    /// Its name in English.
    pub name_en: String,
    /// What its currency is called.
    pub currency_name: String,
    /// The same in English.
    pub currency_name_en: String,
    /// Telephone number of the help line.
    pub help_line: String,
    /// When the help line answers.
    pub help_hours: String,
}

const COLUMNS: &str =
    "code, name, name_en, currency_name, currency_name_en, help_line, help_hours, opened_at";

fn from_row(row: &sqlx::any::AnyRow) -> sqlx::Result<Municipality> {
    Ok(Municipality {
        code: row.try_get("code")?,
        name: row.try_get("name")?,
        name_en: row.try_get("name_en")?,
        currency_name: row.try_get("currency_name")?,
        currency_name_en: row.try_get("currency_name_en")?,
        help_line: row.try_get("help_line")?,
        help_hours: row.try_get("help_hours")?,
        opened_at: row.try_get("opened_at")?,
    })
}

impl Ledger {
    /// Opens a municipality of the official list, with its treasury, clearing, gifts and holds accounts.
    /// Refused: [`Refusal::UnknownMunicipality`], [`Refusal::AlreadyOpened`], [`Refusal::Invalid`].
    pub async fn open_municipality(&self, new: NewMunicipality, at: i64) -> Result<Municipality> {
        let issuer = super::issuer(new.code).ok_or(Refusal::UnknownMunicipality)?;
        if new.currency_name.trim().is_empty() {
            return Err(Refusal::Invalid {
                field: "currency_name".to_owned(),
            }
            .into());
        }
        let mut ids = self.store.ids(new.code, 4).await?;
        let mut tx = self.store.begin().await?;
        let done = sqlx::query(
            "INSERT INTO municipalities (code, name, name_en, currency_name, currency_name_en, help_line, \
             help_hours, opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (code) DO NOTHING",
        )
        .bind(new.code)
        .bind(issuer.name)
        .bind(&new.name_en)
        .bind(&new.currency_name)
        .bind(&new.currency_name_en)
        .bind(&new.help_line)
        .bind(&new.help_hours)
        .bind(at)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Err(Refusal::AlreadyOpened.into());
        }
        for (kind, id) in ["treasury", "clearing", "gifts", "holds"]
            .into_iter()
            .zip(&mut ids)
        {
            sqlx::query("INSERT INTO accounts (municipality, id, kind, owner) VALUES ($1, $2, $3, 0)")
                .bind(new.code)
                .bind(id)
                .bind(kind)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        let NewMunicipality {
            code,
            name_en,
            currency_name,
            currency_name_en,
            help_line,
            help_hours,
        } = new;
        let name = issuer.name.to_owned();
        Ok(Municipality {
            code,
            name,
            name_en,
            currency_name,
            currency_name_en,
            help_line,
            help_hours,
            opened_at: at,
        })
    }

    /// The municipality with this code, if it has opened.
    pub async fn municipality(&self, code: i64) -> Result<Option<Municipality>> {
        let sql = format!("SELECT {COLUMNS} FROM municipalities WHERE code = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(code)
            .fetch_optional(&self.store.read)
            .await?;
        Ok(row.as_ref().map(from_row).transpose()?)
    }

    /// Every municipality that has opened, by code. Not the platform (0), which has the canary alone and stands outside
    /// every list and report.
    pub async fn municipalities(&self) -> Result<Vec<Municipality>> {
        let sql = format!("SELECT {COLUMNS} FROM municipalities WHERE code > 0 ORDER BY code");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_all(&self.store.read)
            .await?;
        Ok(rows.iter().map(from_row).collect::<sqlx::Result<_>>()?)
    }
}
