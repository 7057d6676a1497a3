//! Programmes: under which rules money is sold or given. Restrictions belong to the programme, not to the
//! platform (FACTS section 2).

mod register;
mod terms;

pub(crate) use register::{find, restriction_of};
pub use terms::{Change, NewChange, Terms};
pub(crate) use terms::{count_discount, discounts_of_month, find_at};

use serde::{Deserialize, Serialize};

use crate::{Category, calendar};

/// Whether residents buy it or the municipality gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProgrammeKind {
    /// 일반발행: sold to residents at a discount.
    Sold,
    /// 정책발행: given by the municipality.
    Given,
}

/// Where a programme stands. What is held of a stopped programme can still be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProgrammeState {
    /// Being prepared: may be funded, nothing is sold or given.
    Draft,
    /// Running.
    Open,
    /// Ended by hand: no new value.
    Stopped,
}

/// When what is bought or given today ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryRule {
    /// So many months later (Asia/Seoul), at the end of that day; five years by law are 60.
    Months(i64),
    /// At a fixed end: the instant after the last moment, ms.
    Until(i64),
}

impl ExpiryRule {
    /// When value created at `at` ends: the instant after its last moment, ms.
    pub fn expires_at(self, at: i64) -> i64 {
        match self {
            Self::Months(months) => calendar::months_after(at, months),
            Self::Until(until) => until,
        }
    }
}

/// Which merchants may not take a programme's money.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restriction {
    /// Merchants with more revenue in a year than this, won, are barred (3,000,000,000 by the guideline).
    pub revenue_limit_won: Option<i64>,
    /// Merchants of these categories are barred.
    pub barred_categories: Vec<Category>,
}

impl Restriction {
    /// Whether a merchant of this category and revenue may take the money.
    pub fn allows(&self, category: Category, revenue_won_year: i64) -> bool {
        self.revenue_limit_won
            .is_none_or(|limit| revenue_won_year <= limit)
            && !self.barred_categories.contains(&category)
    }
}

/// A programme. As it was made, or, where a moment was asked for, under the terms that hold then (`terms.rs`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Programme {
    /// Its id.
    pub id: i64,
    /// The municipality it belongs to.
    pub municipality: i64,
    /// Sold or given.
    pub kind: ProgrammeKind,
    /// Its name in Korean.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// Discount in basis points of the value: 1000 = 10 % off the price. 0 where given.
    pub discount_bp: i64,
    /// The most value one person may buy in a calendar month, won.
    pub monthly_limit_won: Option<i64>,
    /// The most one person may hold after buying, won.
    pub holding_limit_won: Option<i64>,
    /// The most that sales of one calendar month may take from the budget, won.
    pub monthly_budget_won: Option<i64>,
    /// When its value ends.
    pub expiry: ExpiryRule,
    /// Who may not take it.
    pub restriction: Restriction,
    /// How much of a purchase must be spent before the rest is refunded, percent.
    pub refund_threshold_pct: i64,
    /// Sale begins, ms.
    pub sale_from: Option<i64>,
    /// Instant after the last moment of sale, ms.
    pub sale_until: Option<i64>,
    /// Draft, open or stopped.
    pub state: ProgrammeState,
    /// When it was made, ms.
    pub created_at: i64,
    /// Who made it (opaque).
    pub created_by: String,
    /// What its budget still has, won.
    pub budget_left_won: i64,
}

impl Programme {
    /// What a buyer pays for `value_won`: the value less the discount, whose fraction of a won is the
    /// municipality's.
    pub fn price_won(&self, value_won: i64) -> i64 {
        let discount = i128::from(value_won) * i128::from(self.discount_bp) / 10_000;
        value_won - i64::try_from(discount).unwrap_or(0)
    }
}

/// What is decided when a programme is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewProgramme {
    /// Sold or given.
    pub kind: ProgrammeKind,
    /// Its name in Korean.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// Discount in basis points of the value, 0–9999; 0 where given.
    pub discount_bp: i64,
    /// The most value one person may buy in a calendar month, won.
    pub monthly_limit_won: Option<i64>,
    /// The most one person may hold after buying, won.
    pub holding_limit_won: Option<i64>,
    /// The most that sales of one calendar month may take from the budget, won.
    pub monthly_budget_won: Option<i64>,
    /// When its value ends.
    pub expiry: ExpiryRule,
    /// Who may not take it.
    pub restriction: Restriction,
    /// How much of a purchase must be spent before the rest is refunded, percent.
    pub refund_threshold_pct: i64,
    /// Sale begins, ms.
    pub sale_from: Option<i64>,
    /// Instant after the last moment of sale, ms.
    pub sale_until: Option<i64>,
    /// The state it begins in.
    pub state: ProgrammeState,
    /// Who makes it (opaque).
    pub created_by: String,
}

impl NewProgramme {
    /// A given programme with a fixed end, open to every merchant: a beginning to change from.
    pub fn given(name: &str, name_en: &str, expiry: ExpiryRule, created_by: &str) -> Self {
        Self {
            kind: ProgrammeKind::Given,
            name: name.to_owned(),
            name_en: name_en.to_owned(),
            discount_bp: 0,
            monthly_limit_won: None,
            holding_limit_won: None,
            monthly_budget_won: None,
            expiry,
            restriction: Restriction::default(),
            refund_threshold_pct: 60,
            sale_from: None,
            sale_until: None,
            state: ProgrammeState::Open,
            created_by: created_by.to_owned(),
        }
    }

    /// A sold programme as the guideline has it: valid 60 months, barred above 3 billion won of revenue.
    pub fn sold(name: &str, name_en: &str, discount_bp: i64, created_by: &str) -> Self {
        let restriction = Restriction {
            revenue_limit_won: Some(3_000_000_000),
            barred_categories: Vec::new(),
        };
        let given = Self::given(name, name_en, ExpiryRule::Months(60), created_by);
        Self {
            kind: ProgrammeKind::Sold,
            discount_bp,
            restriction,
            ..given
        }
    }
}

impl ProgrammeKind {
    /// As the database writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Sold => "sold",
            Self::Given => "given",
        }
    }

    /// From the database's or a form's word.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Sold, Self::Given]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

impl ProgrammeState {
    /// As the database writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Stopped => "stopped",
        }
    }

    /// From the database's or a form's word.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Draft, Self::Open, Self::Stopped]
            .into_iter()
            .find(|state| state.code() == code)
    }
}
