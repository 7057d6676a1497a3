//! What a body must be beyond its types; each says where it is wrong. The patterns are those of the description.

use super::{Problem, payments::AMOUNT_MAX};

/// Twelve digits.
pub(super) fn code(code: &str) -> Result<(), Problem> {
    let fits = code.len() == people::CODE_DIGITS && code.bytes().all(|byte| byte.is_ascii_digit());
    or_wrong(fits, "/code", "must be 12 digits")
}

/// At least 1 won, at most a million million.
pub(super) fn amount(amount_won: i64) -> Result<(), Problem> {
    let fits = (1..=AMOUNT_MAX).contains(&amount_won);
    or_wrong(fits, "/amount_won", "must be from 1 to 1000000000000")
}

/// 1–64 letters, digits or `._:/#-`.
pub(super) fn order(order: &str) -> Result<(), Problem> {
    let fits = (1..=64).contains(&order.len())
        && order
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._:/#-".contains(&byte));
    or_wrong(
        fits,
        "/order_id",
        "must be 1 to 64 letters, digits or . _ : / # -",
    )
}

fn or_wrong(fits: bool, at: &str, detail: &str) -> Result<(), Problem> {
    if fits {
        Ok(())
    } else {
        Err(Problem::invalid().wrong(at, detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_description_allows_is_allowed_and_nothing_else() {
        assert!(code("123456789012").is_ok() && amount(1).is_ok() && amount(AMOUNT_MAX).is_ok());
        assert!(order("2026-11-25/0042#a").is_ok() && order(&"x".repeat(64)).is_ok());
        assert!(code("12345678901").is_err() && code("12345678901x").is_err());
        assert!(amount(0).is_err() && amount(AMOUNT_MAX + 1).is_err());
        for wrong in ["", "a b", "주문", &"x".repeat(65)] {
            assert!(order(wrong).is_err(), "{wrong}");
        }
    }
}
