//! Cards in the database.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::{Any, Row, any::AnyRow};

use crate::{
    Ledger, Refusal,
    error::{Result, corrupt},
};

/// Whether a card may pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardState {
    /// It may.
    Active,
    /// Its holder has blocked it.
    Blocked,
}

impl CardState {
    /// As the database writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Blocked => "blocked",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Active, Self::Blocked]
            .into_iter()
            .find(|state| state.code() == code)
    }
}

/// A resident's card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Its id.
    pub id: i64,
    /// In which municipality.
    pub municipality: i64,
    /// Whose.
    pub holder: i64,
    /// Of which network.
    pub network: String,
    /// The last four characters of the network's token.
    pub hint: String,
    /// Whether it may pay.
    pub state: CardState,
    /// Since when it is blocked, ms.
    pub blocked_at: Option<i64>,
    /// Since when it is known here, ms.
    pub created_at: i64,
}

/// A card to be known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCard {
    /// In which municipality.
    pub municipality: i64,
    /// Whose.
    pub holder: i64,
    /// Of which network: 1–40 characters.
    pub network: String,
    /// The network's token for it: 12–64 letters, digits, `-` or `_`, and never a card number.
    pub token: String,
}

/// What stands for a token wherever it is kept or published: SHA-256 over the network's name and the token.
pub fn token_digest(network: &str, token: &str) -> String {
    hex::encode(Sha256::digest(format!("neul card\0{network}\0{token}")))
}

/// Whether a text can be a network's token. What has the shape of a card number (12–19 digits) is refused: such a number
/// must not come here at all.
pub(crate) fn is_token(token: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (12..=64).contains(&token.len())
        && token.bytes().all(fits)
        && !token.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

const SELECT: &str =
    "SELECT id, municipality, holder, network, hint, state, blocked_at, created_at FROM cards";

fn from_row(row: &AnyRow) -> Result<Card> {
    let state: String = row.try_get("state")?;
    Ok(Card {
        id: row.try_get("id")?,
        municipality: row.try_get("municipality")?,
        holder: row.try_get("holder")?,
        network: row.try_get("network")?,
        hint: row.try_get("hint")?,
        state: CardState::from_code(&state).ok_or_else(|| corrupt("card state", &state))?,
        blocked_at: row.try_get("blocked_at")?,
        created_at: row.try_get("created_at")?,
    })
}

/// The card of a network's token.
pub(crate) async fn of_token<'e, E: sqlx::Executor<'e, Database = Any>>(
    executor: E,
    network: &str,
    token: &str,
) -> Result<Option<Card>> {
    let sql = format!("{SELECT} WHERE network = $1 AND token_digest = $2");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(network)
        .bind(token_digest(network, token))
        .fetch_optional(executor)
        .await?;
    row.as_ref().map(from_row).transpose()
}

impl Ledger {
    /// Makes a card known. The same token of the same holder answers with the card that is there.
    /// Refused: [`Refusal::Invalid`] (`token`, `network`), [`Refusal::UnknownMunicipality`], and where the token is
    /// somebody else's [`Refusal::KeyReused`].
    pub async fn register_card(&self, new: NewCard, at: i64) -> Result<Card> {
        let invalid = |field: &str| Refusal::Invalid {
            field: field.to_owned(),
        };
        if !is_token(&new.token) {
            return Err(invalid("token").into());
        }
        if !(1..=40).contains(&new.network.chars().count()) {
            return Err(invalid("network").into());
        }
        if self.municipality(new.municipality).await?.is_none() {
            return Err(Refusal::UnknownMunicipality.into());
        }
        let id = self.store.id(new.municipality).await?;
        let hint: String = new.token.chars().skip(new.token.len() - 4).collect();
        sqlx::query(
            "INSERT INTO cards (municipality, id, holder, network, token_digest, hint, state, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 'active', $7, $7) ON CONFLICT (network, token_digest) DO NOTHING",
        )
        .bind(new.municipality)
        .bind(id)
        .bind(new.holder)
        .bind(&new.network)
        .bind(token_digest(&new.network, &new.token))
        .bind(&hint)
        .bind(at)
        .execute(&self.store.write)
        .await?;
        let card = of_token(&self.store.write, &new.network, &new.token).await?;
        let card = card.ok_or(Refusal::Busy { retry_after_ms: 100 })?;
        if (card.municipality, card.holder) != (new.municipality, new.holder) {
            return Err(Refusal::KeyReused.into());
        }
        Ok(card)
    }

    /// A holder's cards, oldest first.
    pub async fn cards(&self, municipality: i64, holder: i64) -> Result<Vec<Card>> {
        let sql = format!("{SELECT} WHERE municipality = $1 AND holder = $2 ORDER BY id LIMIT 50");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(municipality)
            .bind(holder)
            .fetch_all(&self.store.read)
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// Blocks a holder's card, or lets it pay again; whether there is such a card. A blocked card is in no stand-in list.
    pub async fn block_card(
        &self,
        municipality: i64,
        holder: i64,
        card: i64,
        blocked: bool,
        at: i64,
    ) -> Result<bool> {
        let state = if blocked {
            CardState::Blocked
        } else {
            CardState::Active
        };
        let done = sqlx::query(
            "UPDATE cards SET state = $4, updated_at = $5, \
             blocked_at = CASE WHEN $4 = 'active' THEN NULL WHEN blocked_at IS NULL THEN $5 ELSE blocked_at END \
             WHERE municipality = $1 AND holder = $2 AND id = $3",
        )
        .bind(municipality)
        .bind(holder)
        .bind(card)
        .bind(state.code())
        .bind(at)
        .execute(&self.store.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_card_number_is_no_token() {
        assert!(is_token("tok_demo_citizen_0001"));
        assert!(is_token("9410-abcd-ef01-2345"));
        for bad in [
            "4111111111111111",
            "4111-1111-1111-1111",
            "short",
            "",
            "토큰토큰토큰토큰토큰토큰",
        ] {
            assert!(!is_token(bad), "{bad}");
        }
    }

    #[test]
    fn the_same_token_of_two_networks_is_two_cards() {
        assert_ne!(
            token_digest("a", "tok_demo_0001"),
            token_digest("b", "tok_demo_0001")
        );
    }
}
