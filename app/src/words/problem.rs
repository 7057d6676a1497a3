//! What is wrong with a field about a person, said to whoever filled it in.

use people::{Field, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, Problem, Reason};

use super::Lang;
use crate::word;

/// What a password must be, said before it is chosen.
pub fn password_hint(lang: Lang) -> String {
    word!(
        lang,
        signup.password_hint,
        min = PASSWORD_CHARS_MIN,
        max = PASSWORD_CHARS_MAX
    )
}

/// The problem as a sentence that says what would be right.
pub fn problem(lang: Lang, problem: &Problem) -> String {
    match (problem.field, problem.reason) {
        (Field::Name, Reason::Missing) => word!(lang, problems.name_missing),
        (Field::Name, Reason::TooLong) => word!(lang, problems.name_too_long),
        (Field::Name, _) => word!(lang, problems.name_shape),
        (_, Reason::LooksLikeRegistrationNumber) => word!(lang, problems.registration_number),
        (Field::Birth, Reason::Missing) => word!(lang, problems.birth_missing),
        (_, Reason::Under14) => word!(lang, problems.under_14),
        (Field::Birth, _) => word!(lang, problems.birth_wrong),
        (Field::Phone, Reason::Missing) => word!(lang, problems.phone_missing),
        (Field::Phone, Reason::NotMobile) => word!(lang, problems.phone_not_mobile),
        (Field::Phone, _) => word!(lang, problems.phone_shape),
        (Field::LoginId, Reason::Missing) => word!(lang, problems.login_missing),
        (Field::LoginId, Reason::Taken) => word!(lang, problems.login_taken),
        (Field::LoginId, _) => word!(lang, problems.login_shape),
        (Field::Password, Reason::Missing) => word!(lang, problems.password_missing),
        (Field::Password, Reason::TooLong) => {
            word!(lang, problems.password_too_long, max = PASSWORD_CHARS_MAX)
        }
        (Field::Password, Reason::Breached) => word!(lang, problems.password_breached),
        (Field::Password, Reason::Personal) => word!(lang, problems.password_personal),
        (Field::Password, Reason::Repetitive) => word!(lang, problems.password_repetitive),
        (Field::Password, _) => word!(lang, problems.password_too_short, min = PASSWORD_CHARS_MIN),
        (Field::Proof, Reason::ProofOtherPhone) => word!(lang, problems.proof_other_phone),
        (Field::Proof, _) => word!(lang, problems.proof_invalid),
        (Field::ConsentTerms | Field::ConsentPrivacy, _) => word!(lang, problems.consent),
        (Field::Municipality, _) => word!(lang, problems.municipality),
        (Field::Roles, Reason::NotAllowed) => word!(lang, problems.roles_not_allowed),
        (Field::Roles, _) => word!(lang, problems.roles_missing),
        (Field::Bank, _) => word!(lang, problems.bank_missing),
        (Field::AccountNumber, Reason::Missing) => word!(lang, problems.account_missing),
        (Field::AccountNumber, Reason::TooShort | Reason::TooLong) => word!(lang, problems.account_length),
        (Field::AccountNumber, _) => word!(lang, problems.account_shape),
        (Field::Merchant, _) => word!(lang, problems.merchant),
    }
}
