//! New devices are asked about, and whoever is told off pays nothing; sessions that we end say why.

use people::{ChangePasswordError, EndingReason, Purpose, WhoseSessions, WhyEnded};

use crate::{BIRTH, DAY, NOW, PASSWORD, PHONE, desk_client, houses, phone_client};

const MINUTE: i64 = crate::MINUTE;
const NEW: &str = "새 감나무 두 그루 9";

#[tokio::test]
async fn a_new_device_is_asked_about_on_older_ones_only() {
    for house in houses().await {
        let people = &house.people;
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let phone = house.sign_in("gildong", NOW).await.session;
        assert!(
            people.new_devices(&phone, NOW).await.unwrap().is_empty(),
            "the first is known"
        );
        // The same kind again is no news.
        house.sign_in("gildong", NOW + MINUTE).await;
        assert!(people.new_devices(&phone, NOW + MINUTE).await.unwrap().is_empty());
        let desk = people
            .sign_in("gildong", PASSWORD, &desk_client(), NOW + 2 * MINUTE)
            .await
            .unwrap()
            .session;
        let at = NOW + 3 * MINUTE;
        let asked = people.new_devices(&phone, at).await.unwrap();
        assert_eq!(asked.len(), 1);
        assert_eq!((asked[0].device.id, asked[0].is_in), (desk.id, true));
        assert_eq!(asked[0].device.first_seen_at, NOW + 2 * MINUTE);
        assert!(
            people.new_devices(&desk, at).await.unwrap().is_empty(),
            "not on itself"
        );
        assert!(!people.was_me(&desk, desk.id).await.unwrap(), "nor by itself");
        assert!(
            !people
                .was_not_me(&desk, phone.id, &desk_client(), at)
                .await
                .unwrap()
        );
        assert!(
            people
                .new_devices(&phone, at + 31 * DAY)
                .await
                .unwrap()
                .is_empty(),
            "not for ever"
        );
        // Somebody else's is not there.
        house.sign_up("olim", "임꺽정", "01087654321").await.unwrap();
        let other = house.sign_in("olim", NOW).await.session;
        assert!(!people.was_me(&other, desk.id).await.unwrap());
        assert!(
            !people
                .was_not_me(&other, desk.id, &phone_client(), at)
                .await
                .unwrap()
        );
        // Known from now on, and so is its kind.
        assert!(people.was_me(&phone, desk.id).await.unwrap());
        assert!(!people.was_me(&phone, desk.id).await.unwrap(), "answered once");
        people
            .sign_in("gildong", PASSWORD, &desk_client(), at)
            .await
            .unwrap();
        assert!(people.new_devices(&phone, at).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn not_me_ends_the_others_and_locks_until_the_password_is_changed_by_the_right_person() {
    for house in houses().await {
        let people = &house.people;
        let login = house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let phone = house.sign_in("gildong", NOW).await;
        let thief = people
            .sign_in("gildong", PASSWORD, &desk_client(), NOW + MINUTE)
            .await
            .unwrap();
        let at = NOW + 2 * MINUTE;
        assert!(
            people
                .was_not_me(&phone.session, thief.session.id, &phone_client(), at)
                .await
                .unwrap()
        );
        let seen = people
            .session(&thief.cookie_value, &desk_client(), at)
            .await
            .unwrap();
        assert_eq!(seen, None, "it is out");
        let ended = people.ended(&thief.cookie_value, at).await.unwrap().unwrap();
        assert_eq!((ended.at, ended.why), (at, WhyEnded::NotTheirs));
        let mine = people
            .session(&phone.cookie_value, &phone_client(), at)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(mine.locked_at, Some(at));
        assert_eq!(people.locked_at(login.id).await.unwrap(), Some(at));
        // Whoever knows the password comes in again, and can neither pay nor undo it.
        let again = people
            .sign_in("gildong", PASSWORD, &desk_client(), at + MINUTE)
            .await
            .unwrap()
            .session;
        assert_eq!(again.locked_at, Some(at));
        let refused = people
            .change_password(&again, PASSWORD, NEW, &desk_client(), at + MINUTE)
            .await;
        assert_eq!(refused, Err(ChangePasswordError::Locked));
        // The device that said so can.
        people
            .change_password(&mine, PASSWORD, NEW, &phone_client(), at + 2 * MINUTE)
            .await
            .unwrap();
        let mine = people
            .session(&phone.cookie_value, &phone_client(), at)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(mine.locked_at, None);
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM audit WHERE action = 'login.lock_payments'")
                .await,
            1
        );
    }
}

#[tokio::test]
async fn a_proof_of_the_phone_opens_payments_too() {
    for house in houses().await {
        let people = &house.people;
        let login = house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let phone = house.sign_in("gildong", NOW).await;
        let thief = people
            .sign_in("gildong", PASSWORD, &desk_client(), NOW + MINUTE)
            .await
            .unwrap();
        let at = NOW + 2 * MINUTE;
        people
            .was_not_me(&phone.session, thief.session.id, &phone_client(), at)
            .await
            .unwrap();
        let proven = house.proven(Purpose::ResetPassword, PHONE, at).await;
        people
            .reset_password(&proven, "gildong", BIRTH, NEW, "203.0.113.7", at)
            .await
            .unwrap();
        assert_eq!(people.locked_at(login.id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn sessions_that_we_end_say_that_it_was_us_when_and_why() {
    for house in houses().await {
        let people = &house.people;
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        house.sign_up("olim", "임꺽정", "01087654321").await.unwrap();
        let early = house.sign_in("gildong", NOW).await;
        let late = house.sign_in("gildong", NOW + DAY).await;
        let other = house.sign_in("olim", NOW).await;
        let reason = EndingReason::new("열쇠를 바꿨습니다.", "We changed our keys.").unwrap();
        assert_eq!(EndingReason::new(" ", "x"), None);
        let at = NOW + DAY + MINUTE;
        let before = WhoseSessions::SignedInBefore(NOW + 1);
        assert_eq!(people.end_sessions(&before, &reason, at).await.unwrap(), Some(2));
        for (cookie, is_out) in [(&early, true), (&late, false), (&other, true)] {
            let cookie = &cookie.cookie_value;
            let session = people.session(cookie, &phone_client(), at).await.unwrap();
            assert_eq!(session.is_none(), is_out);
            let ended = people.ended(cookie, at + DAY).await.unwrap();
            assert_eq!(ended.is_some(), is_out);
            if let Some(ended) = ended {
                let by_us = WhyEnded::ByUs {
                    reason: "열쇠를 바꿨습니다.".into(),
                    reason_en: "We changed our keys.".into(),
                };
                assert_eq!((ended.at, ended.why), (at, by_us));
            }
        }
        let nobody = WhoseSessions::Login("nobody".into());
        assert_eq!(people.end_sessions(&nobody, &reason, at).await.unwrap(), None);
        let one = WhoseSessions::Login("Gildong".into());
        assert_eq!(people.end_sessions(&one, &reason, at).await.unwrap(), Some(1));
        assert_eq!(
            people
                .end_sessions(&WhoseSessions::Everybody, &reason, at)
                .await
                .unwrap(),
            Some(0)
        );
        // Whoever signed out there needs no word.
        let own = house.sign_in("gildong", at).await;
        people.sign_out(&own.session, at).await.unwrap();
        assert_eq!(people.ended(&own.cookie_value, at).await.unwrap(), None);
        assert_eq!(people.ended("v1.x.y", at).await.unwrap(), None);
        // Time that ran out is told too.
        let old = house.sign_in("gildong", at).await;
        let ended = people
            .ended(&old.cookie_value, at + 91 * DAY)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((ended.at, ended.why), (at + 90 * DAY, WhyEnded::TimeOver));
    }
}

#[tokio::test]
async fn sessions_that_the_store_has_lost_are_made_anew_from_their_cookies() {
    for house in houses().await {
        let people = &house.people;
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let early = house.sign_in("gildong", NOW).await;
        let revoked = house.sign_in("gildong", NOW + MINUTE).await;
        people.sign_out(&revoked.session, NOW + 2 * MINUTE).await.unwrap();
        let late = house.sign_in("gildong", NOW + 3 * MINUTE).await;
        for session in [&early, &late] {
            sqlx::query("DELETE FROM sessions WHERE id = $1")
                .bind(session.session.id)
                .execute(&house.test.store.write)
                .await
                .unwrap();
        }
        let at = NOW + 5 * MINUTE;
        let seen = async |cookie: &str| people.session(cookie, &phone_client(), at).await.unwrap();
        assert_eq!(
            seen(&late.cookie_value).await,
            None,
            "nobody has said that any were lost"
        );
        people.sessions_were_lost(NOW, NOW + 3 * MINUTE).await.unwrap();
        assert_eq!(seen(&late.cookie_value).await, None, "it is not of that time");
        people.sessions_were_lost(NOW, at).await.unwrap();
        let session = seen(&late.cookie_value).await.expect("it is back");
        assert_eq!(
            (session.id, session.started_at),
            (late.session.id, NOW + 3 * MINUTE)
        );
        assert_eq!(
            seen(&early.cookie_value).await,
            None,
            "issued before the last known revocation"
        );
        assert_eq!(seen(&revoked.cookie_value).await, None, "it ended");
        people.sign_out(&session, at).await.unwrap();
        assert_eq!(
            seen(&late.cookie_value).await,
            None,
            "and ends for good when it is ended"
        );
    }
}
