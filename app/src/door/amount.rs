//! An amount of won as people type it.

/// More than any single amount that this house knows, in won; keeps sums far from overflow.
const AMOUNT_WON_MAX: i64 = 1_000_000_000_000;

/// What is wrong with an amount that somebody typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WrongAmount {
    Empty,
    NotDigits,
    Fraction,
    NotPositive,
    TooLarge,
}

/// Reads an amount of won as people type it.
pub(super) fn read_won(typed: &str) -> Result<i64, WrongAmount> {
    let text: String = typed
        .chars()
        .map(|c| match c {
            '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
            '−' | '－' | '–' => '-',
            '，' => ',',
            '．' => '.',
            c => c,
        })
        .filter(|c| !c.is_whitespace() && *c != ',')
        .collect();
    let text = text.trim_start_matches(['₩', '￦']).trim_end_matches('원');
    if text.is_empty() {
        return Err(WrongAmount::Empty);
    }
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    if let Some((whole, part)) = digits.split_once('.') {
        let all = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        return Err(if all(whole) && all(part) {
            WrongAmount::Fraction
        } else {
            WrongAmount::NotDigits
        });
    }
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
        return Err(WrongAmount::NotDigits);
    }
    if negative {
        return Err(WrongAmount::NotPositive);
    }
    match digits.parse::<i64>() {
        Ok(0) => Err(WrongAmount::NotPositive),
        Ok(value) if value <= AMOUNT_WON_MAX => Ok(value),
        _ => Err(WrongAmount::TooLarge),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_as_people_type_it() {
        for typed in ["10000", "10,000", "10,000원", " ₩10000 ", "１００００"] {
            assert_eq!(read_won(typed), Ok(10_000), "{typed}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_with_its_own_reason() {
        assert_eq!(read_won(""), Err(WrongAmount::Empty));
        assert_eq!(read_won("-1"), Err(WrongAmount::NotPositive));
        assert_eq!(read_won("0"), Err(WrongAmount::NotPositive));
        assert_eq!(read_won("1.5"), Err(WrongAmount::Fraction));
        assert_eq!(read_won("9,223,372,036,854,775,808"), Err(WrongAmount::TooLarge));
        assert_eq!(read_won("십만원"), Err(WrongAmount::NotDigits));
        assert_eq!(read_won("원"), Err(WrongAmount::Empty));
        assert_eq!(read_won("1e5"), Err(WrongAmount::NotDigits));
    }
}
