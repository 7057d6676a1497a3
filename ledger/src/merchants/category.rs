//! Lines of business.

use serde::{Deserialize, Serialize};

/// A merchant's line of business. Spending counts for the income deduction at 30 %, on a traditional market
/// at 40 % (FACTS section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// 음식점
    Restaurant,
    /// 카페
    Cafe,
    /// 전통시장
    TraditionalMarket,
    /// 학원
    Academy,
    /// 병의원
    Clinic,
    /// 약국
    Pharmacy,
    /// 마트
    Mart,
    /// 편의점
    Convenience,
    /// 미용
    Beauty,
    /// 의류
    Clothing,
    /// 서점
    Bookshop,
    /// 주유소
    Fuel,
    /// 숙박
    Lodging,
    /// 유흥
    Nightlife,
    /// 기타
    Other,
}

impl Category {
    /// Every category, in the order of a list to choose from.
    pub const ALL: [Self; 15] = [
        Self::Restaurant,
        Self::Cafe,
        Self::TraditionalMarket,
        Self::Academy,
        Self::Clinic,
        Self::Pharmacy,
        Self::Mart,
        Self::Convenience,
        Self::Beauty,
        Self::Clothing,
        Self::Bookshop,
        Self::Fuel,
        Self::Lodging,
        Self::Nightlife,
        Self::Other,
    ];

    /// As the database and forms write it (and the key of its translations).
    pub fn code(self) -> &'static str {
        match self {
            Self::Restaurant => "restaurant",
            Self::Cafe => "cafe",
            Self::TraditionalMarket => "traditional_market",
            Self::Academy => "academy",
            Self::Clinic => "clinic",
            Self::Pharmacy => "pharmacy",
            Self::Mart => "mart",
            Self::Convenience => "convenience",
            Self::Beauty => "beauty",
            Self::Clothing => "clothing",
            Self::Bookshop => "bookshop",
            Self::Fuel => "fuel",
            Self::Lodging => "lodging",
            Self::Nightlife => "nightlife",
            Self::Other => "other",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.code() == code)
    }

    /// Share of the spending that counts for the income deduction, percent.
    pub fn deduction_pct(self) -> i64 {
        if self == Self::TraditionalMarket { 40 } else { 30 }
    }
}
