//! What one person holds: pots by programme, made of lots.
//!
//! Costs: one query, along the index of open lots.

mod history;

pub use history::{HistoryFilter, HistoryPage, Movement, history_sql};

use serde::{Deserialize, Serialize};
use sqlx::Row;

use crate::{
    Ledger, ProgrammeKind, Restriction,
    error::{Result, corrupt},
    programmes,
};

/// How a lot came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LotKind {
    /// Bought, at a price.
    Bought,
    /// Given by the municipality.
    Granted,
    /// Received as a gift from another holder, with the price, value and end of what was given.
    Gifted,
}

impl LotKind {
    /// As the database writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Bought => "bought",
            Self::Granted => "granted",
            Self::Gifted => "gifted",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Bought, Self::Granted, Self::Gifted]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

/// One purchase or grant, and what is left of it. All but `left_won` never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// Its id.
    pub id: i64,
    /// Bought, granted or received as a gift.
    pub kind: LotKind,
    /// What was paid for it, won (of a gift: by its giver); 0 where granted.
    pub price_won: i64,
    /// What it was worth at the beginning, won.
    pub value_won: i64,
    /// What is left, won.
    pub left_won: i64,
    /// When it came, ms.
    pub created_at: i64,
    /// When it ends: the instant after its last moment, ms.
    pub expires_at: i64,
    /// The transfer that brought it.
    pub transfer: i64,
}

/// What a person holds of one programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pot {
    /// The programme.
    pub programme: i64,
    /// Sold or given.
    pub kind: ProgrammeKind,
    /// The programme's name.
    pub name: String,
    /// The same in English.
    pub name_en: String,
    /// Where it may not be spent.
    pub restriction: Restriction,
    /// What is left in all, won.
    pub left_won: i64,
    /// When the first of its lots ends, ms.
    pub next_expiry: Option<i64>,
    /// Its lots, in the order they will be spent.
    pub lots: Vec<Lot>,
}

/// What a person holds. Expired lots are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wallet {
    /// The total, won.
    pub total_won: i64,
    /// By programme, the one that ends soonest first.
    pub pots: Vec<Pot>,
}

impl Ledger {
    /// What `holder` holds at `at`. A stranger holds nothing.
    pub async fn wallet(&self, municipality: i64, holder: i64, at: i64) -> Result<Wallet> {
        let rows = sqlx::query(
            "SELECT l.id, l.kind AS lot_kind, l.price_won, l.value_won, l.left_won, l.created_at, l.expires_at, \
             l.transfer, l.programme, p.kind, p.name, p.name_en, p.revenue_limit_won, p.barred_categories \
             FROM lots l JOIN programmes p ON p.municipality = l.municipality AND p.id = l.programme \
             WHERE l.municipality = $1 AND l.holder = $2 AND l.is_open = 1 AND l.expires_at > $3 \
             ORDER BY l.expires_at, l.created_at, l.id",
        )
        .bind(municipality)
        .bind(holder)
        .bind(at)
        .fetch_all(&self.store.read)
        .await?;
        let mut wallet = Wallet::default();
        for row in &rows {
            let kind: &str = row.try_get("lot_kind")?;
            let lot = Lot {
                id: row.try_get("id")?,
                kind: LotKind::from_code(kind).ok_or_else(|| corrupt("lot kind", kind))?,
                price_won: row.try_get("price_won")?,
                value_won: row.try_get("value_won")?,
                left_won: row.try_get("left_won")?,
                created_at: row.try_get("created_at")?,
                expires_at: row.try_get("expires_at")?,
                transfer: row.try_get("transfer")?,
            };
            wallet.total_won += lot.left_won;
            let programme: i64 = row.try_get("programme")?;
            if let Some(pot) = wallet.pots.iter_mut().find(|pot| pot.programme == programme) {
                pot.left_won += lot.left_won;
                pot.lots.push(lot);
                continue;
            }
            let kind: &str = row.try_get("kind")?;
            wallet.pots.push(Pot {
                programme,
                kind: ProgrammeKind::from_code(kind).ok_or_else(|| corrupt("programme kind", kind))?,
                name: row.try_get("name")?,
                name_en: row.try_get("name_en")?,
                restriction: programmes::restriction_of(row)?,
                left_won: lot.left_won,
                next_expiry: Some(lot.expires_at),
                lots: vec![lot],
            });
        }
        Ok(wallet)
    }
}
