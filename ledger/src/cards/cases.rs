//! The operator's queue: where a network and the ledger differ. It names no holder.

use serde::{Deserialize, Serialize};
use sqlx::Row;

use crate::{
    Ledger,
    error::{Result, corrupt},
};

/// How they differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// The network charged what the ledger has not paid.
    MissingHere,
    /// The ledger has paid what the network does not know.
    MissingThere,
    /// Charged twice: in the file, or here and at the bank.
    Double,
    /// Another amount.
    DifferentAmount,
    /// The bank account was charged without the holder's choice.
    ChargedElsewhere,
}

impl CaseKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::MissingHere,
        Self::MissingThere,
        Self::Double,
        Self::DifferentAmount,
        Self::ChargedElsewhere,
    ];

    /// As the database writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::MissingHere => "missing_here",
            Self::MissingThere => "missing_there",
            Self::Double => "double",
            Self::DifferentAmount => "different_amount",
            Self::ChargedElsewhere => "charged_elsewhere",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Somebody has to look.
    Open,
    /// The money went back by the rule.
    Reversed,
    /// The capture was made up for by the rule.
    Captured,
    /// The operator has dealt with it.
    Closed,
}

impl CaseState {
    /// As the database writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Reversed => "reversed",
            Self::Captured => "captured",
            Self::Closed => "closed",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Open, Self::Reversed, Self::Captured, Self::Closed]
            .into_iter()
            .find(|state| state.code() == code)
    }
}

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardCase {
    /// Of which municipality (0: of a card that nobody here knows).
    pub municipality: i64,
    /// Its id.
    pub id: i64,
    /// Which network.
    pub network: String,
    /// The network's id of the authorisation.
    pub network_id: String,
    /// How they differ.
    pub kind: CaseKind,
    /// What the ledger has, won.
    pub ours_won: i64,
    /// What the network has, won.
    pub theirs_won: i64,
    /// What became of it.
    pub state: CaseState,
    /// What was noted: where it was found, or by the operator.
    pub note: String,
    /// When it was found, ms.
    pub created_at: i64,
    /// When it last changed, ms.
    pub updated_at: i64,
}

pub(super) struct NewCase<'a> {
    pub(super) municipality: i64,
    pub(super) network: &'a str,
    pub(super) network_id: &'a str,
    pub(super) kind: CaseKind,
    pub(super) authorisation: Option<i64>,
    pub(super) ours_won: i64,
    pub(super) theirs_won: i64,
    pub(super) state: CaseState,
    pub(super) note: &'a str,
}

/// Writes a case; one that is known already stays as it is. Gives whether it is new.
pub(super) async fn write<'e, E: sqlx::Executor<'e, Database = sqlx::Any>>(
    executor: E,
    id: i64,
    case: &NewCase<'_>,
    at: i64,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO card_cases (municipality, id, network, network_id, kind, authorisation, ours_won, theirs_won, \
         state, note, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) \
         ON CONFLICT (network, network_id, kind) DO NOTHING",
    )
    .bind(case.municipality)
    .bind(id)
    .bind(case.network)
    .bind(case.network_id)
    .bind(case.kind.code())
    .bind(case.authorisation)
    .bind(case.ours_won)
    .bind(case.theirs_won)
    .bind(case.state.code())
    .bind(case.note)
    .bind(at)
    .execute(executor)
    .await?;
    Ok(done.rows_affected() == 1)
}

impl Ledger {
    /// Cases, open ones first, then newest first; for the platform's operator.
    pub async fn card_cases(&self, limit: i64) -> Result<Vec<CardCase>> {
        let rows = sqlx::query(
            "SELECT municipality, id, network, network_id, kind, ours_won, theirs_won, state, note, created_at, \
             updated_at FROM card_cases ORDER BY CASE WHEN state = 'open' THEN 0 ELSE 1 END, created_at DESC, id DESC \
             LIMIT $1",
        )
        .bind(limit.clamp(1, 500))
        .fetch_all(&self.store.read)
        .await?;
        rows.iter()
            .map(|row| {
                let (kind, state): (String, String) = (row.try_get("kind")?, row.try_get("state")?);
                Ok(CardCase {
                    municipality: row.try_get("municipality")?,
                    id: row.try_get("id")?,
                    network: row.try_get("network")?,
                    network_id: row.try_get("network_id")?,
                    kind: CaseKind::from_code(&kind).ok_or_else(|| corrupt("case kind", &kind))?,
                    ours_won: row.try_get("ours_won")?,
                    theirs_won: row.try_get("theirs_won")?,
                    state: CaseState::from_code(&state).ok_or_else(|| corrupt("case state", &state))?,
                    note: row.try_get("note")?,
                    created_at: row.try_get("created_at")?,
                    updated_at: row.try_get("updated_at")?,
                })
            })
            .collect()
    }

    /// Closes an open case with what was done; whether there was one.
    pub async fn close_card_case(&self, id: i64, by: i64, note: &str, at: i64) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE card_cases SET state = 'closed', note = $3, closed_by = $4, updated_at = $5 \
             WHERE municipality = $1 AND id = $2 AND state = 'open'",
        )
        .bind(store::municipality_of(id))
        .bind(id)
        .bind(note)
        .bind(by)
        .bind(at)
        .execute(&self.store.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
