//! Merchants: who takes the money, registered per municipality.

mod category;
mod register;
mod search;
mod takings;

pub use category::Category;
pub(crate) use register::find;
pub use search::MerchantSearch;
pub use takings::{Taking, TakingsPage};

use serde::{Deserialize, Serialize};

/// Whether a merchant takes payments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MerchantStatus {
    /// Takes payments.
    Open,
    /// Suspended by the municipality.
    Suspended,
    /// Gone.
    Closed,
}

impl MerchantStatus {
    /// As the database writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }

    /// From the database's or a form's word.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Open, Self::Suspended, Self::Closed]
            .into_iter()
            .find(|status| status.code() == code)
    }
}

/// A registered merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merchant {
    /// Its id.
    pub id: i64,
    /// The municipality it is registered with.
    pub municipality: i64,
    /// What people type: short, unique in the municipality.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its line of business.
    pub category: Category,
    /// Revenue of a year, won.
    pub revenue_won_year: i64,
    /// Its address.
    pub address: String,
    /// Its 읍면동.
    pub district: String,
    /// Whether it takes payments.
    pub status: MerchantStatus,
    /// When it registered, ms.
    pub created_at: i64,
}

/// What is said about a merchant when it registers. It begins open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMerchant {
    /// 1–16 letters, digits or `-`; kept in capitals.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its line of business.
    pub category: Category,
    /// Revenue of a year, won.
    pub revenue_won_year: i64,
    /// Its address.
    pub address: String,
    /// Its 읍면동.
    pub district: String,
}
