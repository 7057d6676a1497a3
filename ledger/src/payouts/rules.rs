//! How many must approve: one, or from a total on two, one after the other. A programme's own rule goes before the
//! municipality's.

use serde::{Deserialize, Serialize};
use sqlx::{Any, Transaction};

use super::Payout;
use crate::{Ledger, Refusal, error::Result, transfers::check_amount};

/// A rule, and who set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutRule {
    /// Of which programme; `None`: of all that have none of their own.
    pub programme: Option<i64>,
    /// From which total on two must approve, won; `None`: one is enough, whatever the total.
    pub two_from_won: Option<i64>,
    /// The official who set it.
    pub by: i64,
    /// When, ms.
    pub at: i64,
}

impl Ledger {
    /// Sets a rule, in place of the one there was. It holds for what is approved from now on.
    /// Refused: [`Refusal::UnknownProgramme`], an amount that is none.
    pub async fn set_payout_rule(
        &self,
        municipality: i64,
        programme: Option<i64>,
        two_from_won: Option<i64>,
        by: i64,
        at: i64,
    ) -> Result<()> {
        if let Some(won) = two_from_won {
            check_amount(won)?;
        }
        if let Some(id) = programme
            && self.programme(municipality, id).await?.is_none()
        {
            return Err(Refusal::UnknownProgramme.into());
        }
        let mut tx = self.store.begin().await?;
        sqlx::query(
            "INSERT INTO payout_rules (municipality, programme, two_from_won, by_staff, at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (municipality, programme) DO UPDATE \
             SET two_from_won = excluded.two_from_won, by_staff = excluded.by_staff, at = excluded.at",
        )
        .bind(municipality)
        .bind(programme.unwrap_or(0))
        .bind(two_from_won)
        .bind(by)
        .bind(at)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The rules of a municipality, its own first.
    pub async fn payout_rules(&self, municipality: i64) -> Result<Vec<PayoutRule>> {
        let rows: Vec<(i64, Option<i64>, i64, i64)> = sqlx::query_as(
            "SELECT programme, two_from_won, by_staff, at FROM payout_rules WHERE municipality = $1 \
             ORDER BY programme",
        )
        .bind(municipality)
        .fetch_all(&self.store.read)
        .await?;
        let rule = |(programme, two_from_won, by, at)| PayoutRule {
            programme: Some(programme).filter(|id| *id != 0),
            two_from_won,
            by,
            at,
        };
        Ok(rows.into_iter().map(rule).collect())
    }

    /// Whether two must approve this payout, by the rules of now.
    pub async fn payout_needs_two(&self, payout: &Payout) -> Result<bool> {
        let rules = self.payout_rules(payout.municipality).await?;
        Ok(needs_two_of(&rules, payout))
    }
}

fn needs_two_of(rules: &[PayoutRule], payout: &Payout) -> bool {
    let own = rules.iter().find(|rule| rule.programme == Some(payout.programme));
    let rule = own.or_else(|| rules.iter().find(|rule| rule.programme.is_none()));
    rule.and_then(|rule| rule.two_from_won)
        .is_some_and(|from_won| payout.total_won >= from_won)
}

/// The same, as the transaction sees it.
pub(super) async fn needs_two(tx: &mut Transaction<'_, Any>, payout: &Payout) -> Result<bool> {
    // Its own rule has the larger id.
    let rule: Option<(Option<i64>,)> = sqlx::query_as(
        "SELECT two_from_won FROM payout_rules WHERE municipality = $1 AND programme IN (0, $2) \
         ORDER BY programme DESC LIMIT 1",
    )
    .bind(payout.municipality)
    .bind(payout.programme)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(rule
        .and_then(|(from_won,)| from_won)
        .is_some_and(|from_won| payout.total_won >= from_won))
}
