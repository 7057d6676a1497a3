//! Payment codes as secrets: which digits a code has, what it is found by, and how often a wrong one may be tried.
//!
//! The digits are a keyed hash of the code's id, and the name that the ledger keeps is a keyed hash of the digits. So
//! the page of a code can show it again, while the database alone shows nobody anything. Keys rotate: a code's digits
//! are those of whichever key made its name.
//!
//! Twelve digits are a million million; where a hundred thousand codes live at a time, a guess is right once in ten
//! million. A merchant, whatever its keys and tills, has 20 wrong ones in ten minutes and 64 payments by code at a time,
//! so that guesses cannot be sent ahead of their refusals.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{Fault, People, house::MINUTE_MS};

/// How many digits a code has.
pub const CODE_DIGITS: usize = 12;

const COUNT: u64 = 1_000_000_000_000;
const WRONG_MAX: i64 = 20;
const WRONG_PERIOD_MS: i64 = 10 * MINUTE_MS;
const AT_ONCE_MAX: usize = 64;

/// What each merchant has in hand, and until when it must wait, by municipality and merchant.
#[derive(Debug, Default)]
pub(crate) struct CodeTries(Mutex<HashMap<(i64, i64), Tries>>);

#[derive(Clone, Copy, Debug, Default)]
struct Tries {
    in_hand: usize,
    closed_until_at: i64,
}

/// One try of a code, from before it is looked up until it is answered.
#[derive(Debug)]
pub struct CodeTry {
    people: People,
    whose: (i64, i64),
}

/// Too many tries: how long to wait, ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyTries {
    /// How long to wait, ms.
    pub retry_after_ms: i64,
}

impl People {
    /// What the code with this id will be found by.
    pub fn code_name(&self, municipality: i64, id: i64) -> String {
        let key = &self.inner.sealer.keys().secret()[0];
        name(key, municipality, &digits(key, municipality, id))
    }

    /// The digits of the code with this id and name; `None` where the key that made them is gone.
    pub fn code_digits(&self, municipality: i64, id: i64, known: &str) -> Option<String> {
        self.inner.sealer.keys().secret().iter().find_map(|key| {
            let digits = digits(key, municipality, id);
            (name(key, municipality, &digits) == known).then_some(digits)
        })
    }

    /// What a code with these digits may be found by.
    pub fn code_names(&self, municipality: i64, digits: &str) -> Vec<String> {
        let keys = self.inner.sealer.keys().secret();
        keys.iter().map(|key| name(key, municipality, digits)).collect()
    }

    /// Begins a try of a code at a merchant's till; refused while the merchant has had too many wrong ones.
    pub fn try_code(&self, municipality: i64, merchant: i64, at: i64) -> Result<CodeTry, TooManyTries> {
        let whose = (municipality, merchant);
        let mut all = self
            .inner
            .code_tries
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let tries = all.entry(whose).or_default();
        if tries.closed_until_at > at {
            return Err(TooManyTries {
                retry_after_ms: tries.closed_until_at - at,
            });
        }
        if tries.in_hand >= AT_ONCE_MAX {
            return Err(TooManyTries {
                retry_after_ms: 1_000,
            });
        }
        tries.in_hand += 1;
        drop(all);
        Ok(CodeTry {
            people: self.clone(),
            whose,
        })
    }
}

impl CodeTry {
    /// It was wrong: counted, and what comes next waits once there were too many. The count stands in the database,
    /// so that all processes share it.
    pub async fn wrong(self, at: i64) -> Result<(), Fault> {
        let (municipality, merchant) = self.whose;
        let limit = self.people.limit(
            "wrong payment codes",
            &format!("{municipality}/{merchant}"),
            WRONG_MAX,
            WRONG_PERIOD_MS,
        );
        if let Err(refused) = self.people.try_pass(&limit, at).await? {
            let tries = &self.people.inner.code_tries.0;
            let mut all = tries.lock().unwrap_or_else(PoisonError::into_inner);
            all.entry(self.whose).or_default().closed_until_at = at + refused.retry_after_ms;
        }
        Ok(())
    }
}

impl Drop for CodeTry {
    fn drop(&mut self) {
        let tries = Arc::clone(&self.people.inner);
        let mut all = tries.code_tries.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tries) = all.get_mut(&self.whose) {
            tries.in_hand = tries.in_hand.saturating_sub(1);
            // Nothing to remember: only those in hand and those who wait take room.
            if tries.in_hand == 0 && tries.closed_until_at == 0 {
                all.remove(&self.whose);
            }
        }
    }
}

fn digits(key: &crate::Key, municipality: i64, id: i64) -> String {
    let mac = key.mac(
        "neul payment code digits v1",
        &[&municipality.to_be_bytes(), &id.to_be_bytes()],
    );
    let number = u64::from_be_bytes(*mac.first_chunk().unwrap_or(&[0; 8])) % COUNT;
    format!("{number:0CODE_DIGITS$}")
}

fn name(key: &crate::Key, municipality: i64, digits: &str) -> String {
    hex::encode(key.mac(
        "neul payment code name v1",
        &[&municipality.to_be_bytes(), digits.as_bytes()],
    ))
}
