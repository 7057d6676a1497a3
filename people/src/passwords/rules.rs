//! Which passwords are allowed, after NIST SP 800-63B (revision 3, 5.1.1.2; its limits are OWASP ASVS 5's too):
//! at least 8 characters, up to 128, any character, no rule of composition, no forced change; refused are those
//! that leaks hold, and those that hold what others know of the person. Revision 4 asks for 15 where the
//! password is the only factor; here recovery needs the phone as well and guessing is slowed, so 8 stays, with
//! the list (data/README.md says what it is made of).

use std::{collections::HashSet, sync::LazyLock};

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::{Field, Person, Problem, Reason};

/// Fewest characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Most characters of a password.
pub const PASSWORD_CHARS_MAX: usize = 128;

static BREACHED: LazyLock<Vec<&str>> = LazyLock::new(|| {
    include_str!("../../data/breached-passwords.txt")
        .lines()
        .collect()
});

/// What people here type in Hangul with the keyboard left in English, and the like.
static KOREAN: LazyLock<HashSet<String>> = LazyLock::new(|| {
    include_str!("../../data/korean-passwords.txt")
        .lines()
        .map(keys_of)
        .collect()
});

/// One form of a password, so that every keyboard's way to write it is the same (NFKC, as SP 800-63B asks).
pub(crate) fn normal(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfkc().collect())
}

/// Whether the password is allowed for a login id and, where known, a person.
pub fn check_password(
    password: &str,
    login_id: &str,
    name: &str,
    person: Option<&Person>,
) -> Result<(), Problem> {
    let wrong = |reason| Err(Problem::new(Field::Password, reason));
    let password = normal(password);
    match password.chars().count() {
        0 => return wrong(Reason::Missing),
        n if n < PASSWORD_CHARS_MIN => return wrong(Reason::TooShort),
        n if n > PASSWORD_CHARS_MAX => return wrong(Reason::TooLong),
        _ => {}
    }
    let lower = Zeroizing::new(password.to_lowercase());
    if is_run(&lower) {
        return wrong(Reason::Repetitive);
    }
    if is_personal(&lower, login_id, name, person) {
        return wrong(Reason::Personal);
    }
    if is_breached(&lower) {
        return wrong(Reason::Breached);
    }
    Ok(())
}

/// Whether leaks hold the password: as it is, or with up to six digits and signs hung on to it.
pub fn is_breached(password: &str) -> bool {
    let lower = Zeroizing::new(password.to_lowercase());
    let typed = Zeroizing::new(keys_of(&lower));
    let base = typed.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation());
    let listed = |word: &str| BREACHED.binary_search(&word).is_ok() || KOREAN.contains(word);
    listed(&typed) || (base.len() >= 6 && typed.len() - base.len() <= 6 && listed(base))
}

fn is_personal(lower: &str, login_id: &str, name: &str, person: Option<&Person>) -> bool {
    let squeezed = |text: &str| text.to_lowercase().split_whitespace().collect::<String>();
    let mut pieces = vec![login_id.to_lowercase()];
    let name = squeezed(name);
    pieces.push(keys_of(&name));
    pieces.push(name);
    if let Some(person) = person {
        let birth = person.birth;
        pieces.push(format!(
            "{:04}{:02}{:02}",
            birth.year(),
            birth.month(),
            birth.day()
        ));
        pieces.push(person.phone.get(3..).unwrap_or_default().to_owned());
    }
    let kept: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    // A piece of one or two letters would forbid too much; a name in Hangul says much in two.
    let long_enough = |piece: &str| piece.chars().count() >= if piece.is_ascii() { 4 } else { 2 };
    pieces
        .iter()
        .any(|piece| long_enough(piece) && (lower.contains(piece.as_str()) || kept.contains(piece.as_str())))
}

/// One character over and over, or a run of neighbours (`abcdefgh`, `98765432`).
fn is_run(text: &str) -> bool {
    let chars: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    let mut steps = chars.windows(2).map(|pair| pair[1] - pair[0]);
    let Some(first) = steps.next() else { return true };
    (-1..=1).contains(&first) && steps.all(|step| step == first)
}

/// The keys pressed on a 두벌식 keyboard for a text: `사랑해` is `tkfkdgo`. Other characters stay.
fn keys_of(text: &str) -> String {
    const FIRST: [&str; 19] = [
        "r", "R", "s", "e", "E", "f", "a", "q", "Q", "t", "T", "d", "w", "W", "c", "z", "x", "v", "g",
    ];
    const MIDDLE: [&str; 21] = [
        "k", "o", "i", "O", "j", "p", "u", "P", "h", "hk", "ho", "hl", "y", "n", "nj", "np", "nl", "b", "m",
        "ml", "l",
    ];
    const LAST: [&str; 28] = [
        "", "r", "R", "rt", "s", "sw", "sg", "e", "f", "fr", "fa", "fq", "ft", "fx", "fv", "fg", "a", "q",
        "qt", "t", "T", "d", "w", "c", "z", "x", "v", "g",
    ];
    let mut keys = String::with_capacity(text.len());
    for c in text.nfc() {
        match u32::from(c).checked_sub(0xAC00).filter(|index| *index < 11_172) {
            Some(index) => {
                let index = index as usize;
                keys.push_str(FIRST[index / 588]);
                keys.push_str(MIDDLE[index % 588 / 28]);
                keys.push_str(LAST[index % 28]);
            }
            None => keys.push(c),
        }
    }
    keys.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_for_halving() {
        assert!(BREACHED.is_sorted());
        assert!(BREACHED.len() > 40_000);
    }

    #[test]
    fn hangul_becomes_the_keys_of_the_two_set_layout() {
        assert_eq!(keys_of("사랑해"), "tkfkdgo");
        assert_eq!(keys_of("비밀번호"), "qlalfqjsgh");
        assert_eq!(keys_of("읽다1"), "dlfrek1");
    }
}
