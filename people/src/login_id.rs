//! Login ids: 4–20 characters of `a-z 0-9 _ -`, unique over the platform, in lower case.

use unicode_normalization::UnicodeNormalization;

use crate::{Field, Problem, Reason};

/// A login id in the form in which it is kept, or why it cannot be one.
pub fn normal_login_id(text: &str) -> Result<String, Problem> {
    let wrong = |reason| Err(Problem::new(Field::LoginId, reason));
    let id = fold(text);
    match id.chars().count() {
        0 => return wrong(Reason::Missing),
        n if n < 4 => return wrong(Reason::TooShort),
        n if n > 20 => return wrong(Reason::TooLong),
        _ => {}
    }
    if !id
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
        || id.starts_with(['-', '_'])
    {
        return wrong(Reason::Shape);
    }
    if id.chars().filter(char::is_ascii_digit).count() >= 9 {
        // A phone or a registration number as a login id would stand in the clear.
        return wrong(Reason::Shape);
    }
    Ok(id)
}

/// What is typed at sign-in, folded as [`normal_login_id`] folds, whatever it is.
pub(crate) fn fold(text: &str) -> String {
    text.trim().nfkc().flat_map(char::to_lowercase).take(64).collect()
}
