//! Numbers that people read: receipt numbers, and the cursor of a list.

use std::{fmt, str::FromStr};

use crate::calendar;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const NUMBER_MASK: i64 = (1 << 46) - 1;

/// Crockford's base 32: no I, L, O, U to misread. Not padded.
fn encode(number: u64) -> String {
    let mut digits = Vec::new();
    let mut rest = number;
    while rest > 0 || digits.is_empty() {
        digits.push(ALPHABET[(rest % 32) as usize]);
        rest /= 32;
    }
    digits.iter().rev().map(|digit| char::from(*digit)).collect()
}

fn decode(text: &str) -> Option<u64> {
    if text.is_empty() || text.len() > 13 {
        return None;
    }
    text.bytes().try_fold(0_u64, |number, byte| {
        let byte = match byte.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            other => other,
        };
        let digit = ALPHABET.iter().position(|letter| *letter == byte)?;
        number.checked_mul(32)?.checked_add(digit as u64)
    })
}

/// The number printed on a receipt: municipality, day in Seoul, and the transfer's own number:
/// `41110-20261123-7K2`. It says the same as the id and is not stored.
pub fn receipt_number(transfer: i64, at: i64) -> String {
    let day = calendar::date(at);
    format!(
        "{:05}-{:04}{:02}{:02}-{}",
        store::municipality_of(transfer),
        day.year(),
        day.month(),
        day.day(),
        encode((transfer & NUMBER_MASK) as u64)
    )
}

/// The municipality and transfer that a receipt number names; case, and O for 0, I and L for 1, forgiven.
pub fn transfer_of_number(number: &str) -> Option<(i64, i64)> {
    let mut parts = number.trim().split('-');
    let municipality: i64 = parts
        .next()?
        .parse()
        .ok()
        .filter(|code| (0..100_000).contains(code))?;
    parts.next().filter(|day| day.len() == 8)?;
    let own = i64::try_from(decode(parts.next()?)?)
        .ok()
        .filter(|own| *own <= NUMBER_MASK)?;
    parts
        .next()
        .is_none()
        .then_some((municipality, (municipality << 46) + own))
}

/// Where a list goes on: after the line of this time and transfer (newest first). Written as a short
/// string for links, by [`fmt::Display`] and [`FromStr`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) at: i64,
    pub(crate) transfer: i64,
}

/// The text is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor")]
pub struct CursorError;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}-{}",
            encode(self.at.cast_unsigned()),
            encode(self.transfer.cast_unsigned())
        )
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (at, transfer) = text.split_once('-').ok_or(CursorError)?;
        Ok(Self {
            at: decode(at).ok_or(CursorError)?.cast_signed(),
            transfer: decode(transfer).ok_or(CursorError)?.cast_signed(),
        })
    }
}

impl serde::Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Cursor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_number_leads_back_to_its_transfer() {
        let id = (41110 << 46) + 4711;
        let number = receipt_number(id, 1_790_000_000_000);
        assert_eq!(number, "41110-20260921-4K7");
        assert_eq!(transfer_of_number(&number.to_lowercase()), Some((41110, id)));
        for bad in [
            "",
            "41110",
            "41110-20260922-",
            "a-20260922-1",
            "41110-20260922-ZZZZZZZZZZZZZ",
            "1-2-3-4",
        ] {
            assert_eq!(transfer_of_number(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_cursor_survives_its_text() {
        for cursor in [
            Cursor { at: 0, transfer: 0 },
            Cursor {
                at: 1_790_000_000_000,
                transfer: (41110 << 46) + 1,
            },
        ] {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        assert_eq!("x".parse::<Cursor>(), Err(CursorError));
        assert_eq!("ÄÖ-1".parse::<Cursor>(), Err(CursorError));
    }
}
