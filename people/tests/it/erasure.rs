//! A resident who leaves is forgotten at once by the login, and after five years by the records of their money.

use people::{CloseError, KEEP_MS, SignInProblem};

use crate::{HOME, NOW, OTHER, PASSWORD, PHONE, houses, person, phone_client};

#[tokio::test]
async fn a_closed_login_holds_nothing_of_anybody() {
    for house in houses().await {
        let people = &house.people;
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let signed_in = house.sign_in("gildong", NOW).await;
        let own = people.own_data(&signed_in.session).await.unwrap();
        assert_eq!((own.name.as_str(), own.phone.as_deref()), ("홍길동", Some(PHONE)));
        let wrong = people
            .close_login(&signed_in.session, "틀린 비밀번호", &phone_client(), NOW)
            .await;
        assert_eq!(wrong, Err(CloseError::WrongPassword));
        people
            .close_login(&signed_in.session, PASSWORD, &phone_client(), NOW)
            .await
            .unwrap();
        let gone = people
            .session(&signed_in.cookie_value, &phone_client(), NOW)
            .await;
        assert_eq!(gone.unwrap(), None);
        let again = people.sign_in("gildong", PASSWORD, &phone_client(), NOW).await;
        assert_eq!(again, Err(SignInProblem::Wrong));
        for sql in [
            "SELECT COUNT(*) FROM logins WHERE phone_sealed IS NOT NULL OR birth_sealed IS NOT NULL OR phone_key IS NOT NULL",
            "SELECT COUNT(*) FROM sessions WHERE browser <> '' OR ip_masked <> ''",
            "SELECT COUNT(*) FROM proofs",
            "SELECT COUNT(*) FROM residents WHERE login IS NOT NULL",
        ] {
            assert_eq!(house.count(sql).await, 0, "{sql}");
        }
        // The same person may come again, under the same login id, and finds the holder again.
        let login = house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        assert_eq!(login.claimed.len(), 1);
        assert!(
            people
                .residents_to_wipe(NOW + 2 * KEEP_MS)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn a_holder_is_wiped_when_its_time_is_over_and_not_before() {
    for house in houses().await {
        let people = &house.people;
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let session = house.sign_in("gildong", NOW).await.session;
        let holder = session.who.holder(HOME).unwrap();
        people
            .close_login(&session, PASSWORD, &phone_client(), NOW)
            .await
            .unwrap();
        let after = NOW + KEEP_MS;
        assert!(people.residents_to_wipe(after - 1).await.unwrap().is_empty());
        assert!(!people.wipe_resident(HOME, holder, after - 1).await.unwrap());
        assert_eq!(people.residents_to_wipe(after).await.unwrap(), [(HOME, holder)]);
        people.keep_resident(HOME, holder, after + 1).await.unwrap();
        assert!(people.residents_to_wipe(after).await.unwrap().is_empty());
        assert!(people.wipe_resident(HOME, holder, after + 1).await.unwrap());
        assert_eq!(people.holder_person(HOME, holder).await.unwrap(), None);
        assert!(people.holder_profile(HOME, holder).await.unwrap().is_none());
        assert_eq!(people.reseal().await.unwrap(), 0);
        let same = people
            .recipients(HOME, &[person("홍길동", PHONE)], 0, after + 2)
            .await;
        assert_ne!(same.unwrap(), [holder], "somebody new to us");
        assert!(!people.wipe_resident(OTHER, holder, after + 1).await.unwrap());
    }
}
