//! What a leaf says of a transfer: its row, its entries and the lots it made, as text.
//!
//! ```text
//! transfer MUNICIPALITY ID KIND AMOUNT CREATED PROGRAMME HOLDER MERCHANT CANCELS PAYOUT DEPOSIT
//! sealed HASH                                       (idempotency key, body hash and actor, under the leaf's salt)
//! entry LINE ACCOUNT AMOUNT LOT PROGRAMME KIND CREATED
//! lot ID ACCOUNT HOLDER PROGRAMME KIND PRICE VALUE CREATED EXPIRES          (after the entry that brought it)
//! ```
//!
//! `-` stands for none; a word has its length before it, so that no value can pass for two. Both engines write the
//! same text by the same statement: one row a transfer comes over, not one for each entry. What is left of a lot
//! changes with each payment and is not in it; that is the sum of its entries, which are.

use sqlx::{FromRow, Row, any::AnyRow};
use tlog::{Hash, leaf_hash, seal};

/// The columns of a record, of a transfer `t` in the statement's `FROM`.
pub(super) const COLUMNS: &str = "t.municipality, t.id, \
    'transfer ' || t.municipality || ' ' || t.id || ' ' || LENGTH(t.kind) || ':' || t.kind || ' ' || t.amount_won \
    || ' ' || t.created_at || ' ' || COALESCE(CAST(t.programme AS TEXT), '-') \
    || ' ' || COALESCE(CAST(t.holder AS TEXT), '-') || ' ' || COALESCE(CAST(t.merchant AS TEXT), '-') \
    || ' ' || COALESCE(CAST(t.cancels AS TEXT), '-') || ' ' || COALESCE(CAST(t.payout AS TEXT), '-') \
    || ' ' || COALESCE(CAST(t.deposit AS TEXT), '-') AS head, \
    LENGTH(t.idempotency_key) || ':' || t.idempotency_key || ' ' || LENGTH(t.body_hash) || ':' || t.body_hash \
    || ' ' || LENGTH(t.actor) || ':' || t.actor AS inner_text, \
    COALESCE((SELECT string_agg('entry ' || e.line || ' ' || e.account || ' ' || e.amount_won \
        || ' ' || COALESCE(CAST(e.lot AS TEXT), '-') || ' ' || COALESCE(CAST(e.programme AS TEXT), '-') \
        || ' ' || LENGTH(e.kind) || ':' || e.kind || ' ' || e.created_at \
        || CASE WHEN l.id IS NULL THEN '' ELSE '\nlot ' || l.id || ' ' || l.account || ' ' || l.holder \
            || ' ' || l.programme || ' ' || LENGTH(l.kind) || ':' || l.kind || ' ' || l.price_won \
            || ' ' || l.value_won || ' ' || l.created_at || ' ' || l.expires_at END, '\n' ORDER BY e.line) \
      FROM entries e LEFT JOIN lots l ON l.municipality = e.municipality AND l.id = e.lot \
        AND l.transfer = e.transfer \
      WHERE e.municipality = t.municipality AND e.transfer = t.id), '') AS lines";

/// A transfer as the statement gives it.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) municipality: i64,
    pub(super) id: i64,
    head: String,
    inner_text: String,
    lines: String,
}

impl<'r> FromRow<'r, AnyRow> for Record {
    fn from_row(row: &'r AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            municipality: row.try_get("municipality")?,
            id: row.try_get("id")?,
            head: row.try_get("head")?,
            inner_text: row.try_get("inner_text")?,
            lines: row.try_get("lines")?,
        })
    }
}

/// A leaf's salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Salt(pub(super) [u8; 16]);

impl Salt {
    /// From randomness.
    pub(super) fn random() -> Self {
        let mut bytes = [0; 16];
        rand::RngCore::fill_bytes(&mut rand::rng(), &mut bytes);
        Self(bytes)
    }

    /// As two numbers, the way they are stored: numbers go into a statement in one array, bytes do not.
    pub(super) fn halves(self) -> (i64, i64) {
        let number = u128::from_be_bytes(self.0);
        ((number >> 64) as u64 as i64, number as u64 as i64)
    }

    /// From the stored numbers.
    pub(super) fn from_halves(high: i64, low: i64) -> Self {
        Self((u128::from(high as u64) << 64 | u128::from(low as u64)).to_be_bytes())
    }
}

impl Record {
    /// The text that is hashed.
    pub(super) fn text(&self, salt: Salt) -> String {
        let sealed = seal(&salt.0, &self.inner_text);
        format!("{}\nsealed {sealed}\n{}\n", self.head, self.lines)
    }

    /// The leaf.
    pub(super) fn leaf(&self, salt: Salt) -> Hash {
        leaf_hash(&salt.0, &self.text(salt))
    }
}

#[cfg(test)]
mod tests {
    use super::Salt;

    #[test]
    fn a_salt_survives_its_two_numbers() {
        for _ in 0..1_000 {
            let salt = Salt::random();
            let (high, low) = salt.halves();
            assert_eq!(Salt::from_halves(high, low), salt);
        }
    }
}
