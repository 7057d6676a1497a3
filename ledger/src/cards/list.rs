//! The stand-in list: what a network is to do while we are silent, signed beforehand (DESIGN 8).
//!
//! It holds only cards that are not blocked, only classes for which their holder allowed something, and how much; whoever
//! is not in it is declined. A dead ledger can sign nothing, so a list is valid for [`LIST_VALID_MS`]; a network asks
//! for the newest one every minute, never goes back to an older version, and declines by a list that is stale, of another
//! network or badly signed. A choice withdrawn is a new version at once.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{CardStanding, MERCHANT_CLASSES};
use crate::{
    Category, Ledger,
    error::{Result, corrupt},
};

/// How long a list is valid, ms: as long as the longest outage on record (FACTS section 1), because in such an outage it
/// is all that there is.
pub const LIST_VALID_MS: i64 = 24 * 3_600_000;
/// How far a network's clock may be behind ours, ms.
const CLOCKS_MS: i64 = 5 * 60_000;
/// Versions kept of a network.
const VERSIONS_KEPT: i64 = 200;
/// What is signed begins with this, so that the key's signatures mean nothing elsewhere.
const DOMAIN: &[u8] = b"neul stand-in list 1\n";

/// Why a list is not obeyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The key is not 64 hexadecimal digits.
    #[error("a key is 64 hexadecimal digits")]
    Key,
    /// The signature is none of a known key's.
    #[error("the list is not signed by a known key")]
    Signature,
    /// Its content cannot be read.
    #[error("the list cannot be read")]
    Content,
    /// It is for another network.
    #[error("the list is another network's")]
    Network,
    /// It is not valid yet, or not any more.
    #[error("the list is not valid now")]
    Stale,
    /// A newer one is known.
    #[error("a newer list is known")]
    Older,
}

/// The key that signs lists.
#[derive(Clone)]
pub struct ListKey(SigningKey);

impl std::fmt::Debug for ListKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ListKey({})", self.id())
    }
}

impl ListKey {
    /// From 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> std::result::Result<Self, ListError> {
        let mut secret = [0; 32];
        hex::decode_to_slice(text.trim(), &mut secret).map_err(|_| ListError::Key)?;
        Ok(Self(SigningKey::from_bytes(&secret)))
    }

    /// What networks verify with, 64 hexadecimal digits.
    pub fn public_hex(&self) -> String {
        hex::encode(self.0.verifying_key().as_bytes())
    }

    /// The key's name: the first eight digits of the hash of its public half.
    pub fn id(&self) -> String {
        hex::encode(&Sha256::digest(self.0.verifying_key().as_bytes())[..4])
    }
}

/// A key to verify with, from its 64 hexadecimal digits.
pub fn key_of_text(text: &str) -> std::result::Result<VerifyingKey, ListError> {
    let mut public = [0; 32];
    hex::decode_to_slice(text.trim(), &mut public).map_err(|_| ListError::Key)?;
    VerifyingKey::from_bytes(&public).map_err(|_| ListError::Key)
}

/// The codes of one class of merchants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassCodes {
    /// The class.
    pub class: Category,
    /// Its merchant category codes; a code that stands nowhere is of class `other`.
    pub mcc: Vec<String>,
}

/// What one card allows at one class of merchants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandInEntry {
    /// The digest of the card's token: [`super::token_digest`].
    pub card: String,
    /// Which merchants.
    pub class: Category,
    /// The most a payment, won.
    pub limit_won: i64,
}

/// A list's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandIn {
    /// For which network.
    pub network: String,
    /// Grows by one.
    pub version: i64,
    /// When it was signed, ms.
    pub issued_at: i64,
    /// Until when it may be obeyed: the instant after the last moment, ms.
    pub valid_until: i64,
    /// What the classes are.
    pub classes: Vec<ClassCodes>,
    /// By card; whoever is not here is declined.
    pub entries: Vec<StandInEntry>,
}

impl StandIn {
    /// The classes of this version of the program.
    pub fn all_classes() -> Vec<ClassCodes> {
        MERCHANT_CLASSES
            .iter()
            .map(|(class, codes)| ClassCodes {
                class: *class,
                mcc: codes.iter().map(|code| (*code).to_owned()).collect(),
            })
            .collect()
    }

    /// What it says of a card (by its token's digest) at a merchant at `at`.
    pub fn standing(&self, card: &str, mcc: &str, at: i64) -> CardStanding {
        if at >= self.valid_until {
            return CardStanding::NoList;
        }
        let class = self
            .classes
            .iter()
            .find(|class| class.mcc.iter().any(|code| code == mcc))
            .map_or(Category::Other, |class| class.class);
        let first = self.entries.partition_point(|entry| entry.card.as_str() < card);
        self.entries[first..]
            .iter()
            .take_while(|entry| entry.card == card)
            .find(|entry| entry.class == class)
            .map_or(CardStanding::NoChoice, |entry| {
                CardStanding::UpTo(entry.limit_won)
            })
    }
}

/// A list as it is handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedList {
    /// The name of the key that signed it.
    pub key: String,
    /// The list's JSON, exactly as it was signed.
    pub payload: String,
    /// Ed25519 over `neul stand-in list 1`, a line feed and the payload; 128 hexadecimal digits.
    pub signature: String,
}

impl SignedList {
    fn sign(key: &ListKey, list: &StandIn) -> Self {
        let payload = serde_json::to_string(list).unwrap_or_default();
        let signature = key.0.sign(&[DOMAIN, payload.as_bytes()].concat());
        Self {
            key: key.id(),
            payload,
            signature: hex::encode(signature.to_bytes()),
        }
    }

    /// The content, if it may be obeyed: signed by one of `keys`, for this network, valid at `at`, and no older than
    /// version `newest`.
    pub fn open(
        &self,
        keys: &[VerifyingKey],
        network: &str,
        newest: i64,
        at: i64,
    ) -> std::result::Result<StandIn, ListError> {
        let mut bytes = [0; 64];
        hex::decode_to_slice(&self.signature, &mut bytes).map_err(|_| ListError::Signature)?;
        let signature = Signature::from_bytes(&bytes);
        let signed = [DOMAIN, self.payload.as_bytes()].concat();
        if !keys
            .iter()
            .any(|key| key.verify_strict(&signed, &signature).is_ok())
        {
            return Err(ListError::Signature);
        }
        let list: StandIn = serde_json::from_str(&self.payload).map_err(|_| ListError::Content)?;
        if list.network != network {
            return Err(ListError::Network);
        }
        if at >= list.valid_until || list.issued_at > at + CLOCKS_MS {
            return Err(ListError::Stale);
        }
        if list.version < newest {
            return Err(ListError::Older);
        }
        Ok(list)
    }
}

impl Ledger {
    /// The networks that have cards here.
    pub async fn card_networks(&self) -> Result<Vec<String>> {
        let rows: Vec<(String,)> = sqlx::query_as("SELECT DISTINCT network FROM cards ORDER BY network")
            .fetch_all(&self.store.read)
            .await?;
        Ok(rows.into_iter().map(|(network,)| network).collect())
    }

    /// A network's newest list: the last one signed, or a new version where choices, blocked cards or the key have
    /// changed since, or half its time is over.
    pub async fn publish_list(&self, network: &str, key: &ListKey, at: i64) -> Result<SignedList> {
        let entries = self.entries_of(network).await?;
        let classes = StandIn::all_classes();
        let content = hex::encode(Sha256::digest(
            serde_json::to_vec(&(&classes, &entries)).unwrap_or_default(),
        ));
        let last = self.last_list(network).await?;
        let mut version = 0;
        if let Some((known, issued_at, digest, list)) = last {
            version = known;
            let fresh = (issued_at..issued_at + LIST_VALID_MS / 2).contains(&at);
            if fresh && digest == content && list.key == key.id() {
                return Ok(list);
            }
        }
        let list = StandIn {
            network: network.to_owned(),
            version: version + 1,
            issued_at: at,
            valid_until: at + LIST_VALID_MS,
            classes,
            entries,
        };
        let signed = SignedList::sign(key, &list);
        let done = sqlx::query(
            "INSERT INTO card_lists (network, version, issued_at, valid_until, content_digest, key_id, payload, signature) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (network, version) DO NOTHING",
        )
        .bind(network)
        .bind(list.version)
        .bind(list.issued_at)
        .bind(list.valid_until)
        .bind(&content)
        .bind(&signed.key)
        .bind(&signed.payload)
        .bind(&signed.signature)
        .execute(&self.store.write)
        .await?;
        if done.rows_affected() == 0 {
            // Another node has just signed this version.
            let last = self.last_list(network).await?;
            return Ok(last.map_or(signed, |(_, _, _, list)| list));
        }
        sqlx::query("DELETE FROM card_lists WHERE network = $1 AND version <= $2")
            .bind(network)
            .bind(list.version - VERSIONS_KEPT)
            .execute(&self.store.write)
            .await?;
        Ok(signed)
    }

    async fn last_list(&self, network: &str) -> Result<Option<(i64, i64, String, SignedList)>> {
        let row: Option<(i64, i64, String, String, String, String)> = sqlx::query_as(
            "SELECT version, issued_at, content_digest, key_id, payload, signature FROM card_lists WHERE network = $1 \
             ORDER BY version DESC LIMIT 1",
        )
        .bind(network)
        .fetch_optional(&self.store.read)
        .await?;
        Ok(row.map(|(version, issued_at, digest, key, payload, signature)| {
            let list = SignedList {
                key,
                payload,
                signature,
            };
            (version, issued_at, digest, list)
        }))
    }

    async fn entries_of(&self, network: &str) -> Result<Vec<StandInEntry>> {
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "SELECT k.token_digest, c.class, c.limit_won FROM cards k JOIN card_choices c \
             ON c.municipality = k.municipality AND c.card = k.id \
             WHERE k.network = $1 AND k.state = 'active' AND c.limit_won > 0 AND NOT EXISTS \
             (SELECT 1 FROM card_choices n WHERE n.municipality = c.municipality AND n.card = c.card \
              AND n.class = c.class AND (n.chosen_at, n.id) > (c.chosen_at, c.id))",
        )
        .bind(network)
        .fetch_all(&self.store.read)
        .await?;
        let mut entries = rows
            .into_iter()
            .map(|(card, class, limit_won)| {
                Ok(StandInEntry {
                    card,
                    class: Category::from_code(&class).ok_or_else(|| corrupt("category", &class))?,
                    limit_won,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        // By the program, not by the engine: their orders of text differ.
        entries.sort_by(|a, b| (&a.card, a.class.code()).cmp(&(&b.card, b.class.code())));
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(version: i64) -> StandIn {
        StandIn {
            network: "net".to_owned(),
            version,
            issued_at: 1_000_000,
            valid_until: 2_000_000,
            classes: StandIn::all_classes(),
            entries: Vec::new(),
        }
    }

    #[test]
    fn only_a_list_well_signed_for_this_network_valid_now_and_newest_is_obeyed() {
        let key = ListKey::from_hex(&"07".repeat(32)).unwrap();
        let other = ListKey::from_hex(&"08".repeat(32)).unwrap();
        let keys = [
            key_of_text(&other.public_hex()).unwrap(),
            key_of_text(&key.public_hex()).unwrap(),
        ];
        let signed = SignedList::sign(&key, &list(3));
        let open = |signed: &SignedList, network, newest, at| {
            signed.open(&keys, network, newest, at).map(|list| list.version)
        };
        assert_eq!(open(&signed, "net", 3, 1_500_000), Ok(3));
        assert_eq!(open(&signed, "net", 4, 1_500_000), Err(ListError::Older));
        assert_eq!(open(&signed, "else", 3, 1_500_000), Err(ListError::Network));
        assert_eq!(open(&signed, "net", 3, 2_000_000), Err(ListError::Stale));
        assert_eq!(
            open(&signed, "net", 3, 1_000_000 - CLOCKS_MS - 1),
            Err(ListError::Stale)
        );
        let mut forged = signed.clone();
        forged.payload = forged.payload.replace("\"version\":3", "\"version\":9");
        assert_eq!(open(&forged, "net", 3, 1_500_000), Err(ListError::Signature));
        assert_eq!(
            signed.open(&keys[..1], "net", 3, 1_500_000),
            Err(ListError::Signature),
            "signed by a key that nobody named"
        );
        assert!(ListKey::from_hex("07").is_err() && key_of_text("zz").is_err());
    }
}
