//! Who may sign up, and with what.

use jiff::civil::{Date, date};
use people::{Fault, Field, Purpose, Reason, SignUpError};

use crate::{DAY, HOME, NOW, PASSWORD, PHONE, houses};

#[tokio::test]
async fn under_fourteen_is_refused_until_the_birthday_begins_in_seoul() {
    for house in houses().await {
        let mut form = house.form("haneul", "김하늘", PHONE).await;
        // NOW is 24 November 2026, 09:00 in Seoul: nine hours into the day.
        form.birth = date(2012, 11, 25);
        let under = vec![(Field::Birth, Reason::Under14)];
        let midnight = NOW - 9 * 3_600_000 + DAY;
        let proven = house.proven(Purpose::SignUp, PHONE, midnight - 1).await;
        form.proven = proven;
        assert_eq!(refused(&house, form.clone(), midnight - 1).await, under);
        house.people.sign_up(form, "203.0.113.7", midnight).await.unwrap();
    }
}

#[tokio::test]
async fn who_was_born_on_a_leap_day_is_fourteen_on_the_first_of_march() {
    for house in houses().await {
        let mut form = house.form("haneul", "김하늘", PHONE).await;
        form.birth = date(2012, 2, 29);
        let noon = |day: Date| {
            day.at(12, 0, 0, 0)
                .in_tz("UTC")
                .unwrap()
                .timestamp()
                .as_millisecond()
        };
        for (day, old_enough) in [(date(2026, 2, 28), false), (date(2026, 3, 1), true)] {
            form.proven = house.proven(Purpose::SignUp, PHONE, noon(day)).await;
            let done = house.people.sign_up(form.clone(), "203.0.113.7", noon(day)).await;
            assert_eq!(done.is_ok(), old_enough, "{done:?}");
        }
    }
}

#[tokio::test]
async fn every_field_that_is_wrong_is_named_at_once() {
    for house in houses().await {
        let mut form = house.form("ab", "  ", PHONE).await;
        form.password = "짧다".to_owned();
        form.consent_terms = false;
        form.consent_privacy = false;
        form.birth = date(2031, 1, 1);
        assert_eq!(
            refused(&house, form, NOW).await,
            [
                (Field::LoginId, Reason::TooShort),
                (Field::ConsentTerms, Reason::Missing),
                (Field::ConsentPrivacy, Reason::Missing),
                (Field::Birth, Reason::OutOfRange),
                (Field::Name, Reason::Missing),
                (Field::Password, Reason::TooShort),
            ]
        );
    }
}

#[tokio::test]
async fn passwords_that_leaks_hold_or_that_tell_of_the_person_are_refused() {
    for house in houses().await {
        let form = house.form("gildong77", "홍길동", PHONE).await;
        for (password, reason) in [
            ("Password1!", Reason::Breached),
            ("iloveyou12", Reason::Breached),
            ("사랑해요사랑해요", Reason::Missing),
            ("tkfkdgody", Reason::Breached),
            ("qlalfqjsgh1!", Reason::Breached),
            ("1q2w3e4r5t", Reason::Breached),
            ("Gildong77zz", Reason::Personal),
            ("xx홍길동xx99", Reason::Personal),
            ("ghdrlfehd99", Reason::Personal),
            ("a19840507b", Reason::Personal),
            ("zz1234-5678zz", Reason::Personal),
            ("aaaaaaaaaa", Reason::Repetitive),
            ("abcdefghij", Reason::Repetitive),
        ] {
            let mut form = form.clone();
            form.password = password.to_owned();
            if reason == Reason::Missing {
                // Hangul typed as Hangul is the same word to the list.
                assert!(people::is_breached("사랑해요"));
                continue;
            }
            assert_eq!(
                refused(&house, form, NOW).await,
                [(Field::Password, reason)],
                "{password}"
            );
        }
        assert!(
            people::check_password(&"가".repeat(128), "gildong", "", None).is_err(),
            "one letter over and over"
        );
        let long: String = PASSWORD.chars().cycle().take(128).collect();
        assert!(people::check_password(&long, "gildong", "", None).is_ok());
        assert!(people::check_password(&format!("{long}x"), "gildong", "", None).is_err());
    }
}

#[tokio::test]
async fn a_login_id_is_taken_whatever_its_case_and_the_proof_still_serves() {
    for house in houses().await {
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let mut form = house.form("GilDong", "김철수", "01055556666").await;
        assert_eq!(
            refused(&house, form.clone(), NOW).await,
            [(Field::LoginId, Reason::Taken)]
        );
        form.login_id = "chulsoo".to_owned();
        let login = house
            .people
            .sign_up(form.clone(), "203.0.113.7", NOW)
            .await
            .unwrap();
        assert_eq!(login.holders.len(), 1);
        form.login_id = "chulsoo2".to_owned();
        form.name = "김철민".to_owned();
        assert_eq!(
            refused(&house, form, NOW).await,
            [(Field::Proof, Reason::ProofInvalid)],
            "used up"
        );
    }
}

#[tokio::test]
async fn the_same_person_twice_is_told_the_login_they_have_once_the_phone_is_proved() {
    for house in houses().await {
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let form = house.form("gildong2", "홍 길동", PHONE).await;
        let again = house.people.sign_up(form.clone(), "203.0.113.7", NOW).await;
        assert_eq!(
            again,
            Err(SignUpError::AlreadyHere {
                login_id: "gildong".into()
            })
        );
        assert_eq!(
            house.people.find_login_ids(&form.proven, NOW).await.unwrap(),
            ["gildong"]
        );
        let who = house.sign_in("gildong", NOW).await.session.who;
        assert_eq!(who.name(), "홍길동");
        assert!(who.holder(HOME).is_some());
    }
}

async fn refused(house: &crate::House, form: people::SignUp, at: i64) -> Vec<(Field, Reason)> {
    match house.people.sign_up(form, "203.0.113.7", at).await {
        Err(SignUpError::Refused(problems)) => problems
            .into_iter()
            .map(|problem| (problem.field, problem.reason))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn one_proof_cannot_ask_for_ever_which_login_ids_are_taken() {
    for house in houses().await {
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let mut form = house.form("gildong", "김철수", "01055556666").await;
        for _ in 0..20 {
            assert_eq!(
                refused(&house, form.clone(), NOW).await,
                [(Field::LoginId, Reason::Taken)]
            );
        }
        form.login_id = "chulsoo".to_owned();
        let slowed = house.people.sign_up(form, "203.0.113.7", NOW).await;
        assert!(
            matches!(slowed, Err(SignUpError::Fault(Fault::Busy { .. }))),
            "{slowed:?}"
        );
    }
}
