//! Sessions outlive programs and keys, and end when they are ended.

use people::{DeviceForm, Keys, Kind, NewStaff, Role};

use crate::{
    DAY, HOME, HOUR, MINUTE, NOW, OTHER, PASSWORD, PHONE, desk_client, houses, key, person, phone_client,
};

#[tokio::test]
async fn a_session_survives_a_restart_and_rotated_keys_and_dies_with_its_key() {
    for house in houses().await {
        let login = house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let signed_in = house.sign_in("gildong", NOW).await;
        let cookie = &signed_in.cookie_value;
        let rotated = Keys::parse(&format!("{},{}", key('c'), key('a')), &key('b')).unwrap();
        let people = house.again(rotated);
        let session = people
            .session(cookie, &phone_client(), NOW)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(session.who.login(), login.id);
        let claims = people.verify_cookie(cookie).unwrap();
        assert_eq!(
            (claims.kind, claims.login, claims.issued_at),
            (Kind::Resident, login.id, NOW)
        );
        let forgotten = house.again(Keys::parse(&key('c'), &key('b')).unwrap());
        assert_eq!(
            forgotten.session(cookie, &phone_client(), NOW).await.unwrap(),
            None
        );
        assert_eq!(forgotten.verify_cookie(cookie), None);
    }
}

#[tokio::test]
async fn a_cookie_with_one_letter_changed_is_nobodys() {
    for house in houses().await {
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let cookie = house.sign_in("gildong", NOW).await.cookie_value;
        for index in 0..cookie.len() {
            let mut bytes = cookie.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(house.people.verify_cookie(&changed), None, "letter {index}");
        }
        for other in ["", ".", "v1..", "v1.e30.", &"x".repeat(5000)] {
            assert_eq!(house.people.verify_cookie(other), None);
        }
    }
}

#[tokio::test]
async fn devices_are_listed_and_any_of_them_can_be_ended() {
    for house in houses().await {
        let people = &house.people;
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let phone = house.sign_in("gildong", NOW).await;
        let desk = people
            .sign_in("gildong", PASSWORD, &desk_client(), NOW + HOUR)
            .await
            .unwrap();
        people
            .session(&phone.cookie_value, &phone_client(), NOW + 2 * HOUR)
            .await
            .unwrap()
            .unwrap();
        let devices = people.devices(&desk.session, NOW + 2 * HOUR).await.unwrap();
        assert_eq!(devices.len(), 2);
        assert!(devices[0].current && !devices[1].current);
        assert_eq!(devices[0].kind, "Firefox · Windows 컴퓨터");
        assert_eq!(devices[0].ip, "2001:db8:12:*");
        assert_eq!(devices[1].kind, "Chrome · Android 휴대전화");
        assert_eq!(devices[1].form, DeviceForm::Phone);
        assert_eq!(devices[1].ip, "198.51.100.*");
        assert_eq!(
            (devices[1].first_seen_at, devices[1].last_seen_at),
            (NOW, NOW + 2 * HOUR)
        );
        assert!(
            people
                .end_session(&desk.session, phone.session.id, NOW + 2 * HOUR)
                .await
                .unwrap()
        );
        assert_eq!(
            people
                .session(&phone.cookie_value, &phone_client(), NOW + 2 * HOUR)
                .await
                .unwrap(),
            None
        );
        assert!(
            people
                .session(&desk.cookie_value, &desk_client(), NOW + 2 * HOUR)
                .await
                .unwrap()
                .is_some()
        );
        people.sign_out(&desk.session, NOW + 2 * HOUR).await.unwrap();
        assert_eq!(
            people
                .session(&desk.cookie_value, &desk_client(), NOW + 2 * HOUR)
                .await
                .unwrap(),
            None
        );
    }
}

#[tokio::test]
async fn nobody_can_end_the_session_of_another() {
    for house in houses().await {
        let people = &house.people;
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        house.sign_up("chulsoo", "김철수", "01055556666").await.unwrap();
        let one = house.sign_in("gildong", NOW).await;
        let two = house.sign_in("chulsoo", NOW).await;
        assert!(
            !people
                .end_session(&one.session, two.session.id, NOW)
                .await
                .unwrap()
        );
        assert_eq!(people.end_other_sessions(&one.session, NOW).await.unwrap(), 0);
        assert!(
            people
                .session(&two.cookie_value, &phone_client(), NOW)
                .await
                .unwrap()
                .is_some()
        );
        let new = house.sign_in("gildong", NOW).await;
        people.replace(&one.session, NOW).await.unwrap();
        assert_ne!(new.session.id, one.session.id);
        assert_eq!(people.devices(&new.session, NOW).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn residents_stay_ninety_days_staff_twelve_hours_and_half_an_hour_unused() {
    for house in houses().await {
        let people = &house.people;
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let resident = house.sign_in("gildong", NOW).await.cookie_value;
        for (at, there) in [(NOW + 90 * DAY - 1, true), (NOW + 90 * DAY, false)] {
            let session = people.session(&resident, &phone_client(), at).await.unwrap();
            assert_eq!(session.is_some(), there);
        }
        let new = NewStaff {
            municipality: HOME,
            login_id: "clerk".into(),
            name: "김담당".into(),
            roles: [Role::Clerk].into(),
            password: PASSWORD.into(),
            merchant: None,
        };
        people.add_staff(new, 0, NOW).await.unwrap();
        let idle = house.sign_in("clerk", NOW).await.cookie_value;
        assert!(
            people
                .session(&idle, &phone_client(), NOW + 30 * MINUTE)
                .await
                .unwrap()
                .is_none()
        );
        let busy = house.sign_in("clerk", NOW).await.cookie_value;
        for quarter in 1..48 {
            let seen = people
                .session(&busy, &phone_client(), NOW + quarter * 15 * MINUTE)
                .await
                .unwrap();
            assert!(seen.is_some(), "after {quarter} quarters of an hour");
        }
        assert!(
            people
                .session(&busy, &phone_client(), NOW + 12 * HOUR)
                .await
                .unwrap()
                .is_none()
        );
    }
}

#[tokio::test]
async fn last_seen_is_written_once_a_minute_at_most() {
    for house in houses().await {
        let people = &house.people;
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let signed_in = house.sign_in("gildong", NOW).await;
        let seen = async |at: i64| {
            people
                .session(&signed_in.cookie_value, &phone_client(), at)
                .await
                .unwrap()
                .unwrap();
            people.devices(&signed_in.session, at).await.unwrap()[0].last_seen_at
        };
        assert_eq!(seen(NOW + MINUTE - 1).await, NOW);
        assert_eq!(seen(NOW + MINUTE).await, NOW + MINUTE);
        assert_eq!(seen(NOW + MINUTE + 1).await, NOW + MINUTE);
    }
}

#[tokio::test]
async fn a_session_shows_home_first_and_sees_new_money_at_once() {
    for house in houses().await {
        let people = &house.people;
        let mut form = house.form("gildong", "홍길동", PHONE).await;
        form.municipality = OTHER;
        let login = people.sign_up(form, "203.0.113.7", NOW).await.unwrap();
        let cookie = house.sign_in("gildong", NOW).await.cookie_value;
        let home = people
            .recipient(HOME, &person("홍길동", PHONE), 1, NOW)
            .await
            .unwrap();
        let session = people
            .session(&cookie, &phone_client(), NOW)
            .await
            .unwrap()
            .unwrap();
        let people::Who::Resident { holders, .. } = session.who else {
            panic!("a resident")
        };
        assert_eq!(
            holders,
            [login.holders[0], (HOME, home)],
            "home first, though its code is the higher"
        );
    }
}

#[tokio::test]
async fn a_form_token_fits_its_own_session_under_every_key() {
    for house in houses().await {
        let people = &house.people;
        let anonymous = people.anonymous_secret();
        let token = people.form_token(&anonymous);
        assert_ne!(token, people.form_token(&anonymous), "each looks different");
        let rotated = house.again(Keys::parse(&format!("{},{}", key('c'), key('a')), &key('b')).unwrap());
        assert!(people.check_form_token(&anonymous, &token) && rotated.check_form_token(&anonymous, &token));
        assert!(!people.check_form_token("session 1", &token));
        assert!(!people.check_form_token("", &people.form_token("")));
        assert!(!people.check_form_token(&anonymous, "") && !people.check_form_token(&anonymous, "x.y"));
        let other = house.again(Keys::parse(&key('d'), &key('b')).unwrap());
        assert!(!other.check_form_token(&anonymous, &token));
    }
}
