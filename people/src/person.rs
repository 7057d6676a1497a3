//! One natural person, as officials and residents write them, brought to one form.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::{Field, People, Problem, Reason};

/// Name, birth date and phone in one form, whoever wrote them. Two of these are the same person when
/// [`People::person_key`] of both is the same. `Debug` shows nothing of it;
/// serialised, it is for sealing.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Plain", into = "Plain")]
pub struct Person {
    /// NFC, no spaces outside, single spaces inside.
    pub name: String,
    /// Birth date.
    pub birth: Date,
    /// Digits only, with the leading 0, without a country code.
    pub phone: String,
}

const NAME_CHARS_MAX: usize = 100;

impl Person {
    /// Brings the three to one form, or says which is wrong and why. Takes `010-1234-5678`, `+82 10 1234 5678`,
    /// full-width digits and the like; refuses what looks like a resident registration number, which is
    /// never kept (DESIGN 13).
    pub fn new(name: &str, birth: Date, phone: &str) -> Result<Self, Problem> {
        let name = normal_name(name)?;
        if birth.year() < 1900 {
            return Err(Problem::new(Field::Birth, Reason::OutOfRange));
        }
        Ok(Self {
            name,
            birth,
            phone: normal_phone(phone)?,
        })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The birth date.
    pub fn birth(&self) -> Date {
        self.birth
    }

    /// The phone, digits.
    pub fn phone(&self) -> &str {
        &self.phone
    }

    /// Whether the phone is a mobile one, to which a code can be sent.
    pub fn has_mobile(&self) -> bool {
        is_mobile(&self.phone)
    }

    /// What is hashed: spaces, width and case of the name do not tell people apart.
    fn canonical(&self) -> String {
        let name: String = self
            .name
            .nfkc()
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_uppercase)
            .nfc()
            .collect();
        format!("{name}\u{1f}{}\u{1f}{}", self.birth, self.phone)
    }
}

/// A person as written and read back (in a sealed row of a roster): held to the same form.
#[derive(Serialize, Deserialize)]
struct Plain {
    name: String,
    birth: String,
    phone: String,
}

impl From<Person> for Plain {
    fn from(person: Person) -> Self {
        Self {
            name: person.name,
            birth: person.birth.to_string(),
            phone: person.phone,
        }
    }
}

impl TryFrom<Plain> for Person {
    type Error = Problem;

    fn try_from(plain: Plain) -> Result<Self, Problem> {
        let birth = plain
            .birth
            .parse()
            .map_err(|_| Problem::new(Field::Birth, Reason::Shape))?;
        Self::new(&plain.name, birth, &plain.phone)
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person(…)")
    }
}

impl People {
    /// The keyed hash (HMAC-SHA256, hexadecimal) by which the person is found, under the first data key.
    pub fn person_key(&self, person: &Person) -> String {
        self.inner.sealer.index_key("person v1", &person.canonical())
    }

    /// The same under every data key, the first first: look up under all of them.
    pub fn person_keys(&self, person: &Person) -> Vec<String> {
        self.inner.sealer.index_keys("person v1", &person.canonical())
    }

    /// For whom a gift is, from a mobile number as typed: its digits, and what the ledger keeps of them and cannot read.
    /// Problems: [`Field::Phone`].
    pub fn gift_recipient(&self, typed: &str) -> Result<(String, String), Problem> {
        let phone = normal_phone(typed)?;
        if !is_mobile(&phone) {
            return Err(Problem::new(Field::Phone, Reason::NotMobile));
        }
        let key = self.inner.sealer.index_key("gift v1", &phone);
        Ok((phone, key))
    }

    /// What the ledger may keep of a number (digits), under every data key: look up under all of them.
    pub fn gift_keys(&self, phone: &str) -> Vec<String> {
        self.inner.sealer.index_keys("gift v1", phone)
    }

    pub(crate) fn phone_key(&self, phone: &str) -> String {
        self.inner.sealer.index_key("phone v1", phone)
    }

    pub(crate) fn phone_keys(&self, phone: &str) -> Vec<String> {
        self.inner.sealer.index_keys("phone v1", phone)
    }
}

/// A name in one form: NFC, no control or invisible characters, single spaces.
pub(crate) fn normal_name(name: &str) -> Result<String, Problem> {
    let wrong = |reason| Problem::new(Field::Name, reason);
    if looks_like_registration_number(name) {
        return Err(wrong(Reason::LooksLikeRegistrationNumber));
    }
    let visible: String = name.chars().filter(|c| !is_invisible(*c)).nfc().collect();
    let name = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(wrong(Reason::Missing));
    }
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(wrong(Reason::TooLong));
    }
    if name.chars().any(char::is_control) || !name.chars().any(char::is_alphabetic) {
        return Err(wrong(Reason::Shape));
    }
    Ok(name)
}

/// A Korean phone number as digits with the leading 0.
pub(crate) fn normal_phone(phone: &str) -> Result<String, Problem> {
    let wrong = |reason| Problem::new(Field::Phone, reason);
    let mut digits = String::new();
    let mut plus = false;
    for c in phone.nfkc().filter(|c| !is_invisible(*c)) {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() && !plus => plus = true,
            '-' | '.' | '(' | ')' | '/' | '·' | '~' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {}
            c if c.is_whitespace() => {}
            _ => return Err(wrong(Reason::Shape)),
        }
    }
    if digits.is_empty() {
        return Err(wrong(Reason::Missing));
    }
    if looks_like_registration_number(phone) {
        return Err(wrong(Reason::LooksLikeRegistrationNumber));
    }
    let national = match digits
        .strip_prefix("0082")
        .or_else(|| digits.strip_prefix("82").filter(|rest| plus || rest.len() >= 9))
    {
        Some(rest) => format!("0{}", rest.trim_start_matches('0')),
        None if plus => return Err(wrong(Reason::Shape)),
        // A spreadsheet that took the number for a number has lost the 0.
        None if digits.starts_with("10") && digits.len() == 10 => format!("0{digits}"),
        None => digits,
    };
    let shaped = if national.starts_with("010") {
        national.len() == 11
    } else if is_mobile_prefix(&national) {
        matches!(national.len(), 10 | 11)
    } else {
        national.starts_with('0') && !national.starts_with("00") && (9..=12).contains(&national.len())
    };
    if shaped {
        Ok(national)
    } else {
        Err(wrong(Reason::Shape))
    }
}

fn is_mobile_prefix(phone: &str) -> bool {
    ["010", "011", "016", "017", "018", "019"]
        .iter()
        .any(|prefix| phone.starts_with(prefix))
}

pub(crate) fn is_mobile(phone: &str) -> bool {
    is_mobile_prefix(phone)
}

/// Six digits, perhaps a hyphen or space, then 1–8 and six more: the shape of a 주민등록번호 or
/// 외국인등록번호, in whatever width of digits, with nothing but digits counted on either side.
pub fn looks_like_registration_number(text: &str) -> bool {
    let text: Vec<char> = text
        .nfkc()
        .filter(|c| !is_invisible(*c) && !c.is_whitespace())
        .collect();
    let digit = |i: usize| text.get(i).is_some_and(char::is_ascii_digit);
    (0..text.len()).any(|start| {
        if start > 0 && digit(start - 1) || !(start..start + 6).all(digit) {
            return false;
        }
        let month: String = text[start + 2..start + 4].iter().collect();
        let day: String = text[start + 4..start + 6].iter().collect();
        if !("01"..="12").contains(&month.as_str()) || !("01"..="31").contains(&day.as_str()) {
            return false;
        }
        let mut next = start + 6;
        while text
            .get(next)
            .is_some_and(|c| matches!(c, '-' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}'))
        {
            next += 1;
        }
        text.get(next).is_some_and(|c| ('1'..='8').contains(c))
            && (next + 1..next + 7).all(digit)
            && !digit(next + 7)
    })
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}')
}

/// A name for officials' lists: the middle hidden (홍*동, 남*, N***** V** A).
pub fn masked_name(name: &str) -> String {
    let hide = |word: &str| {
        let chars: Vec<char> = word.chars().collect();
        let hangul = chars.first().is_some_and(|c| ('가'..='힣').contains(c));
        let last = chars.len().saturating_sub(1);
        chars
            .iter()
            .enumerate()
            .map(|(i, c)| {
                if i == 0 || hangul && i == last && last > 1 {
                    *c
                } else {
                    '*'
                }
            })
            .collect::<String>()
    };
    name.split(' ').map(hide).collect::<Vec<_>>().join(" ")
}

/// A phone for officials' lists: `010-****-5678`.
pub fn masked_phone(phone: &str) -> String {
    match (
        phone.get(..3),
        phone.len().checked_sub(4).and_then(|at| phone.get(at..)),
    ) {
        (Some(head), Some(tail)) if phone.len() >= 9 => format!("{head}-****-{tail}"),
        _ => "****".to_owned(),
    }
}
