//! One person, however written.

use jiff::civil::date;
use people::{Field, Person, Reason, looks_like_registration_number, masked_name, masked_phone};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use crate::BIRTH;

#[test]
fn phones_come_to_one_form() {
    for phone in [
        "01012345678",
        "010-1234-5678",
        "010 1234 5678",
        "010.1234.5678",
        "(010)1234-5678",
        "+82 10-1234-5678",
        "+82-010-1234-5678",
        "821012345678",
        "0082 10 1234 5678",
        "1012345678",
        "０１０－１２３４－５６７８",
        "010–1234–5678",
        "\u{feff}010-1234-5678\u{200b}",
    ] {
        assert_eq!(
            Person::new("홍길동", BIRTH, phone).unwrap().phone,
            "01012345678",
            "{phone}"
        );
    }
    for (phone, reason) in [
        ("", Reason::Missing),
        ("-", Reason::Missing),
        ("010-1234-567", Reason::Shape),
        ("010-1234-56789", Reason::Shape),
        ("+1 415 555 0100", Reason::Shape),
        ("010-1234-567a", Reason::Shape),
        ("12345678", Reason::Shape),
        ("840507-1234567", Reason::LooksLikeRegistrationNumber),
        ("8405071234567", Reason::LooksLikeRegistrationNumber),
    ] {
        let problem = Person::new("홍길동", BIRTH, phone).unwrap_err();
        assert_eq!((problem.field, problem.reason), (Field::Phone, reason), "{phone}");
    }
    assert!(!Person::new("홍길동", BIRTH, "02-123-4567").unwrap().has_mobile());
}

#[test]
fn a_registration_number_is_never_taken_for_a_name() {
    for text in [
        "840507-1234567",
        "홍길동 840507-1234567",
        "８４０５０７－１２３４５６７",
        "840507 1234567",
        "840507–5234567",
    ] {
        assert!(looks_like_registration_number(text), "{text}");
        let problem = Person::new(text, BIRTH, "01012345678").unwrap_err();
        assert_eq!(problem.reason, Reason::LooksLikeRegistrationNumber, "{text}");
        assert!(!format!("{problem:?} {problem}").contains("840507"));
    }
    for text in [
        "01012345678",
        "2026-11-24",
        "12345678901234567890",
        "849907-1234567",
    ] {
        assert!(!looks_like_registration_number(text), "{text}");
    }
}

#[test]
fn names_that_are_none_are_refused() {
    let long = "가".repeat(101);
    for (name, reason) in [
        ("", Reason::Missing),
        (" \u{200b}\u{3000} ", Reason::Missing),
        ("12345", Reason::Shape),
        ("홍\u{7}길동", Reason::Shape),
        (long.as_str(), Reason::TooLong),
    ] {
        assert_eq!(
            Person::new(name, BIRTH, "01012345678").unwrap_err().reason,
            reason,
            "{name:?}"
        );
    }
    assert_eq!(
        Person::new("똠방 펲시", BIRTH, "01012345678").unwrap().name,
        "똠방 펲시"
    );
    assert_eq!(
        Person::new("홍길동", date(1899, 12, 31), "01012345678")
            .unwrap_err()
            .field,
        Field::Birth
    );
}

#[test]
fn a_person_survives_being_sealed_as_json_and_bad_json_is_refused() {
    let person = crate::person("홍길동", "01012345678");
    let text = serde_json::to_string(&person).unwrap();
    assert_eq!(serde_json::from_str::<Person>(&text).unwrap(), person);
    for bad in [
        r#"{"name":"홍길동","birth":"1984-13-07","phone":"01012345678"}"#,
        r#"{"name":"홍길동"}"#,
    ] {
        assert!(serde_json::from_str::<Person>(bad).is_err());
    }
}

#[test]
fn officials_see_only_the_edges() {
    for (name, masked) in [
        ("홍길동", "홍*동"),
        ("이철", "이*"),
        ("독고영재", "독**재"),
        ("NGUYEN VAN A", "N***** V** A"),
        ("", ""),
    ] {
        assert_eq!(masked_name(name), masked);
    }
    assert_eq!(masked_phone("01012345678"), "010-****-5678");
    assert_eq!(masked_phone("123"), "****");
    assert_eq!(masked_phone("가나다라마바사"), "****");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spaces_forms_and_hyphens_do_not_make_another_person(
        name in "[가-힣]{2,5}", other in "[가-힣]{2,5}",
        (y, m, d) in (1900_i16..2020, 1_i8..=12, 1_i8..=28),
        middle in 0_u32..10_000, last in 0_u32..10_000,
        gap in "[ \u{3000}\u{a0}]{0,3}", how in 0_usize..6,
    ) {
        let room = crate::personal_data::sealing();
        let birth = date(y, m, d);
        let plain = Person::new(&name, birth, &format!("010{middle:04}{last:04}")).unwrap();
        let phone = [
            format!("010-{middle:04}-{last:04}"), format!("+82 10 {middle:04} {last:04}"),
            format!("010.{middle:04}.{last:04}"), format!("82-10-{middle:04}-{last:04}"),
            format!("10{middle:04}{last:04}"), format!(" 010 {middle:04} {last:04} "),
        ][how].clone();
        let spread: String = name.chars().flat_map(|c| std::iter::once(c).chain(gap.chars())).collect();
        let decomposed: String = format!("{gap}{spread}").nfd().collect();
        let written = Person::new(&decomposed, birth, &phone).unwrap();
        prop_assert_eq!(room.person_key(&plain), room.person_key(&written));
        let someone = Person::new(&other, birth, &plain.phone).unwrap();
        prop_assert_eq!(room.person_key(&plain) == room.person_key(&someone), name == other);
        let next = Person::new(&name, birth, &format!("010{middle:04}{:04}", (last + 1) % 10_000)).unwrap();
        prop_assert_ne!(room.person_key(&plain), room.person_key(&next));
    }

    #[test]
    fn no_text_at_all_makes_a_person_panic(name in ".*", phone in ".*") {
        let _ = Person::new(&name, BIRTH, &phone);
        let _ = masked_name(&name);
        let _ = masked_phone(&phone);
        let _ = people::check_password(&name, &phone, &name, None);
        let _ = people::normal_login_id(&name);
    }
}
