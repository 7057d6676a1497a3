//! Payouts: every path that creates value (a roster, vouchers, a single payment, a programme's budget) is a
//! document that a *second* official approves (DESIGN, "What must stay true" 11).
//!
//! `draft → checked → submitted → approved → running → done`, or `returned`, `cancelled`. Personal data of a
//! row arrives sealed and leaves sealed; this room cannot read it.

mod approve;
mod check;
mod read;
mod run;
mod seals;
mod take_back;

use serde::{Deserialize, Serialize};

pub use read::PayoutPage;
pub use run::{Recipients, ResolveError, Step};
pub use take_back::TakeBack;
pub(crate) use take_back::write as write_take_back;

/// What a payout creates value for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutKind {
    /// The people of a roster.
    Roster,
    /// People typed in by hand.
    Voucher,
    /// One person.
    Single,
    /// A programme's budget; it has no rows.
    Budget,
}

impl PayoutKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Roster, Self::Voucher, Self::Single, Self::Budget];

    /// As the database and words write it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Roster => "roster",
            Self::Voucher => "voucher",
            Self::Single => "single",
            Self::Budget => "budget",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Where a payout is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutState {
    /// Rows are still coming in.
    Draft,
    /// Every row has its outcome; nothing is paid by checking.
    Checked,
    /// Waiting for a second official.
    Submitted,
    /// The job takes it up.
    Approved,
    /// Being paid.
    Running,
    /// Nothing more will change.
    Done,
    /// Given back with a word.
    Returned,
    /// Given up.
    Cancelled,
}

impl PayoutState {
    /// Every state, in the order of the way.
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::Checked,
        Self::Submitted,
        Self::Approved,
        Self::Running,
        Self::Done,
        Self::Returned,
        Self::Cancelled,
    ];

    /// As the database and words write it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Checked => "checked",
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Running => "running",
            Self::Done => "done",
            Self::Returned => "returned",
            Self::Cancelled => "cancelled",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// What the check said of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// It can be paid.
    Ok,
    /// It cannot; field and reason say why.
    Error,
    /// The same person stands in an earlier row.
    Duplicate,
}

impl RowOutcome {
    /// As the database and words write it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Duplicate => "duplicate",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Ok, Self::Error, Self::Duplicate]
            .into_iter()
            .find(|outcome| outcome.code() == code)
    }
}

/// What is known when a payout begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayout {
    /// What for.
    pub kind: PayoutKind,
    /// Of which programme.
    pub programme: i64,
    /// What officials see it called, 1–200 characters.
    pub title: String,
    /// The official who makes it.
    pub created_by: i64,
    /// Name of the file; empty where there is none.
    pub file_name: String,
    /// SHA-256 of the file, hex; empty where there is none.
    pub file_sha256: String,
    /// Kind budget only: how much, won.
    pub amount_won: Option<i64>,
}

impl NewPayout {
    /// A payout without a file.
    pub fn new(kind: PayoutKind, programme: i64, title: String, created_by: i64) -> Self {
        Self {
            kind,
            programme,
            title,
            created_by,
            file_name: String::new(),
            file_sha256: String::new(),
            amount_won: None,
        }
    }
}

/// One checked row to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRow {
    /// Its number as Excel counts it.
    pub row: i64,
    /// Personal data, sealed.
    pub sealed: String,
    /// The person's keyed hash; empty where the row is in error.
    pub person_key: String,
    /// Won; 0 where the row is in error.
    pub amount_won: i64,
    /// What came of it.
    pub outcome: RowOutcome,
    /// The field in error, as a code; empty where ok.
    pub field: String,
    /// The reason, as a code with its figures; empty where ok.
    pub why: String,
}

/// A row as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutRow {
    /// As checked.
    pub checked: NewRow,
    /// `waiting`, `paid`, `failed` or `left_out`.
    pub state: String,
    /// Why it could not be paid, as the refusal's JSON; empty otherwise.
    pub failure: String,
    /// To whom it was paid.
    pub holder: Option<i64>,
    /// By which transfer.
    pub transfer: Option<i64>,
}

/// Who did what to a payout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutEvent {
    /// When, ms.
    pub at: i64,
    /// The official; 0: the program.
    pub by: i64,
    /// The state it came to.
    pub state: PayoutState,
    /// What was said.
    pub word: String,
}

/// A payout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    /// Its id.
    pub id: i64,
    /// Whose.
    pub municipality: i64,
    /// Of which programme.
    pub programme: i64,
    /// What for.
    pub kind: PayoutKind,
    /// What officials see it called.
    pub title: String,
    /// Where it is on its way.
    pub state: PayoutState,
    /// Name of the file; empty where there is none.
    pub file_name: String,
    /// SHA-256 over the checked content, hex: what is approved.
    pub content_hash: String,
    /// Rows that can be paid (kind budget: 1).
    pub ok_rows: i64,
    /// Rows in error.
    pub error_rows: i64,
    /// Rows that repeat a person.
    pub duplicate_rows: i64,
    /// Sum of the ok rows, won.
    pub total_won: i64,
    /// Rows paid.
    pub paid_rows: i64,
    /// Ok rows that could not be paid.
    pub failed_rows: i64,
    /// Won paid.
    pub paid_won: i64,
    /// Who made it.
    pub created_by: i64,
    /// When, ms.
    pub created_at: i64,
    /// Who handed it in.
    pub submitted_by: Option<i64>,
    /// Who approved it.
    pub approved_by: Option<i64>,
    /// When it ended, ms.
    pub done_at: Option<i64>,
}

impl Payout {
    /// Whether this official may approve it: neither who made it nor who handed it in.
    pub fn may_be_approved_by(&self, staff: i64) -> bool {
        self.created_by != staff && self.submitted_by != Some(staff)
    }
}
