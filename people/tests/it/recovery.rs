//! Finding a login id and resetting a password.

use jiff::civil::date;
use people::{ChangePasswordError, Field, Problem, Purpose, Reason, RecoveryError, SignInProblem};

use crate::{BIRTH, NOW, PASSWORD, PHONE, desk_client, houses, phone_client};

const NEW: &str = "가을비 내리던 역 앞 3번";

#[tokio::test]
async fn a_reset_password_ends_every_session_and_the_old_password() {
    for house in houses().await {
        let people = &house.people;
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let before = house.sign_in("gildong", NOW).await;
        let desk = people
            .sign_in("gildong", PASSWORD, &desk_client(), NOW)
            .await
            .unwrap();
        let proven = house.proven(Purpose::ResetPassword, PHONE, NOW).await;
        let reset = people
            .reset_password(&proven, "GILDONG", BIRTH, NEW, "203.0.113.7", NOW)
            .await
            .unwrap();
        assert_eq!(reset.sessions_ended, 2);
        for cookie in [&before.cookie_value, &desk.cookie_value] {
            assert_eq!(people.session(cookie, &phone_client(), NOW).await.unwrap(), None);
        }
        let old = people.sign_in("gildong", PASSWORD, &phone_client(), NOW).await;
        assert_eq!(old, Err(SignInProblem::Wrong));
        people
            .sign_in("gildong", NEW, &phone_client(), NOW)
            .await
            .unwrap();
        let spent = people
            .reset_password(&proven, "gildong", BIRTH, NEW, "203.0.113.7", NOW)
            .await;
        assert_eq!(
            spent,
            Err(RecoveryError::Refused(Problem::new(
                Field::Proof,
                Reason::ProofInvalid
            )))
        );
    }
}

#[tokio::test]
async fn a_phone_alone_resets_nothing_and_birth_dates_can_be_tried_five_times() {
    for house in houses().await {
        let people = &house.people;
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let other = house.proven(Purpose::ResetPassword, "01099998888", NOW).await;
        let refused = people
            .reset_password(&other, "gildong", BIRTH, NEW, "203.0.113.7", NOW)
            .await;
        assert_eq!(refused, Err(RecoveryError::NoMatch), "another phone");
        let proven = house.proven(Purpose::ResetPassword, PHONE, NOW).await;
        for day in 1..=5 {
            let refused = people
                .reset_password(&proven, "gildong", date(1990, 1, day), NEW, "203.0.113.7", NOW)
                .await;
            assert_eq!(refused, Err(RecoveryError::NoMatch), "another birth date");
        }
        let late = people
            .reset_password(&proven, "gildong", BIRTH, NEW, "203.0.113.7", NOW)
            .await;
        assert!(
            matches!(late, Err(RecoveryError::Refused(problem)) if problem.reason == Reason::ProofInvalid)
        );
        house.sign_in("gildong", NOW).await;
    }
}

#[tokio::test]
async fn a_proof_to_find_an_id_resets_no_password() {
    for house in houses().await {
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let proven = house.proven(Purpose::FindId, PHONE, NOW).await;
        assert_eq!(
            house.people.find_login_ids(&proven, NOW).await.unwrap(),
            ["gildong"]
        );
        assert!(
            house
                .people
                .reset_password(&proven, "gildong", BIRTH, NEW, "203.0.113.7", NOW)
                .await
                .is_err()
        );
        let unknown = house.proven(Purpose::FindId, "01000000001", NOW).await;
        assert!(
            house
                .people
                .find_login_ids(&unknown, NOW)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn changing_ones_password_asks_for_the_present_one_and_ends_the_other_sessions() {
    for house in houses().await {
        let people = &house.people;
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let here = house.sign_in("gildong", NOW).await;
        let there = people
            .sign_in("gildong", PASSWORD, &desk_client(), NOW)
            .await
            .unwrap();
        let change = async |present: &str, new: &str| {
            people
                .change_password(&here.session, present, new, &phone_client(), NOW)
                .await
        };
        assert_eq!(change("wrong", NEW).await, Err(ChangePasswordError::WrongPresent));
        let personal = Problem::new(Field::Password, Reason::Personal);
        assert_eq!(
            change(PASSWORD, "zz1234-5678zz").await,
            Err(ChangePasswordError::Refused(personal))
        );
        assert_eq!(change(PASSWORD, NEW).await, Ok(1));
        assert!(
            people
                .session(&here.cookie_value, &phone_client(), NOW)
                .await
                .unwrap()
                .is_some()
        );
        assert!(
            people
                .session(&there.cookie_value, &desk_client(), NOW)
                .await
                .unwrap()
                .is_none()
        );
        people
            .sign_in("gildong", NEW, &phone_client(), NOW)
            .await
            .unwrap();
    }
}
