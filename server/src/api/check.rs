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

/// A card network's own id: 1–40 printable ASCII characters without a space.
pub(super) fn network_id(id: &str) -> Result<(), Problem> {
    let fits = (1..=40).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    or_wrong(
        fits,
        "/id",
        "must be 1 to 40 printable ASCII characters without a space",
    )
}

/// A network's token of a card: 12–64 letters, digits, `-` or `_`.
pub(super) fn card(token: &str) -> Result<(), Problem> {
    let fits = (12..=64).contains(&token.len())
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    or_wrong(fits, "/card", "must be 12 to 64 letters, digits, - or _")
}

/// A merchant's code, as networks send it: 1–40 printable ASCII characters without a space.
pub(super) fn merchant(code: &str) -> Result<(), Problem> {
    let fits = (1..=40).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_graphic());
    or_wrong(
        fits,
        "/merchant",
        "must be 1 to 40 printable ASCII characters without a space",
    )
}

/// A merchant category code: four digits (ISO 18245).
pub(super) fn mcc(code: &str) -> Result<(), Problem> {
    let fits = code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit());
    or_wrong(fits, "/mcc", "must be 4 digits")
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
            assert!(network_id(wrong).is_err() && merchant(wrong).is_err() && card(wrong).is_err());
        }
        assert!(network_id("20261125-000017").is_ok() && merchant("A002").is_ok() && mcc("5814").is_ok());
        assert!(card("tok_demo_citizen_0001").is_ok() && card("tok_demo!citizen").is_err());
        assert!(mcc("").is_err() && mcc("58140").is_err() && mcc("58a4").is_err());
    }
}
