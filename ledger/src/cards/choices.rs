//! The holder's choice: what may be charged to their bank account while the ledger is silent. By class of merchant and
//! amount a payment; never by default.

use serde::{Deserialize, Serialize};

use crate::{
    Category, Ledger, Refusal,
    error::{Result, corrupt},
};

/// The most that can be allowed a payment, won: a dead ledger cannot count how often.
const LIMIT_MAX_WON: i64 = 1_000_000;
/// How long a network may take to have the newest list, ms: it asks once a minute. A charge within this time after a
/// choice was withdrawn (or the card blocked) was still by the choice.
pub const LIST_GRACE_MS: i64 = 10 * 60_000;

/// What holds for a class of merchants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Which merchants.
    pub class: Category,
    /// The most a payment, won; 0: nothing.
    pub limit_won: i64,
    /// When it was chosen, ms.
    pub chosen_at: i64,
}

impl Ledger {
    /// What a holder's card has chosen, by class; classes never chosen are left out.
    pub async fn card_choices(&self, municipality: i64, card: i64) -> Result<Vec<Choice>> {
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT c.class, c.limit_won, c.chosen_at FROM card_choices c WHERE c.municipality = $1 AND c.card = $2 \
             AND NOT EXISTS (SELECT 1 FROM card_choices n WHERE n.municipality = c.municipality AND n.card = c.card \
              AND n.class = c.class AND (n.chosen_at, n.id) > (c.chosen_at, c.id)) ORDER BY c.class",
        )
        .bind(municipality)
        .bind(card)
        .fetch_all(&self.store.read)
        .await?;
        rows.into_iter()
            .map(|(class, limit_won, chosen_at)| {
                Ok(Choice {
                    class: Category::from_code(&class).ok_or_else(|| corrupt("category", &class))?,
                    limit_won,
                    chosen_at,
                })
            })
            .collect()
    }

    /// Writes what a holder chooses; what is as before is not written again. Gives how many choices changed.
    /// Refused: [`Refusal::Invalid`] (a limit below 0 or over 1,000,000 won), [`Refusal::UnknownHold`] where it is not
    /// their card.
    pub async fn choose_fallback(
        &self,
        municipality: i64,
        holder: i64,
        card: i64,
        wanted: &[(Category, i64)],
        actor: &str,
        at: i64,
    ) -> Result<i64> {
        for (class, limit_won) in wanted {
            if !(0..=LIMIT_MAX_WON).contains(limit_won) {
                return Err(Refusal::Invalid {
                    field: class.code().to_owned(),
                }
                .into());
            }
        }
        let own = self.cards(municipality, holder).await?;
        if !own.iter().any(|known| known.id == card) {
            return Err(Refusal::UnknownHold.into());
        }
        let before = self.card_choices(municipality, card).await?;
        let changed: Vec<_> = wanted
            .iter()
            .filter(|(class, limit_won)| {
                let held = before.iter().find(|choice| choice.class == *class);
                held.map_or(0, |choice| choice.limit_won) != *limit_won
            })
            .collect();
        if changed.is_empty() {
            return Ok(0);
        }
        let ids = self.store.ids(municipality, changed.len() as i64).await?;
        let mut tx = self.store.begin().await?;
        for ((class, limit_won), id) in changed.iter().zip(ids) {
            sqlx::query(
                "INSERT INTO card_choices (municipality, id, card, class, limit_won, chosen_at, actor) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(municipality)
            .bind(id)
            .bind(card)
            .bind(class.code())
            .bind(limit_won)
            .bind(at)
            .bind(actor)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(changed.len() as i64)
    }
}

/// Whether the holder had chosen that `amount_won` be charged at such a merchant at `at`, as far as a network could know.
pub(super) async fn had_chosen(
    tx: &mut sqlx::AnyConnection,
    municipality: i64,
    card: i64,
    class: Category,
    amount_won: i64,
    at: i64,
) -> Result<bool> {
    let (blocked_at,): (Option<i64>,) =
        sqlx::query_as("SELECT blocked_at FROM cards WHERE municipality = $1 AND id = $2")
            .bind(municipality)
            .bind(card)
            .fetch_one(&mut *tx)
            .await?;
    if blocked_at.is_some_and(|blocked_at| blocked_at <= at - LIST_GRACE_MS) {
        return Ok(false);
    }
    // The greatest limit that held at any time within the grace.
    let (limit_won,): (i64,) = sqlx::query_as(
        "SELECT COALESCE(CAST(MAX(c.limit_won) AS BIGINT), 0) FROM card_choices c WHERE c.municipality = $1 AND c.card = $2 \
         AND c.class = $3 AND c.chosen_at <= $4 AND NOT EXISTS (SELECT 1 FROM card_choices n \
          WHERE n.municipality = c.municipality AND n.card = c.card AND n.class = c.class \
          AND (n.chosen_at, n.id) > (c.chosen_at, c.id) AND n.chosen_at <= $5)",
    )
    .bind(municipality)
    .bind(card)
    .bind(class.code())
    .bind(at)
    .bind(at - LIST_GRACE_MS)
    .fetch_one(tx)
    .await?;
    Ok(amount_won <= limit_won)
}
