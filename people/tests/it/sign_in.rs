//! One door, which tells strangers nothing.

use people::{NewStaff, Policy, Role, SignInProblem, Who};
use store::testing::both;

use crate::{HOME, House, MINUTE, NOW, PASSWORD, PHONE, desk_client, houses, keys, phone_client, policy};

#[tokio::test]
async fn an_unknown_login_id_costs_the_same_work_and_gets_the_same_answer() {
    for house in houses().await {
        let people = &house.people;
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        for login_id in ["gildong", "nobody", "", "한글 아이디", &"x".repeat(5000)] {
            let before = people.hashes_done();
            let answer = people
                .sign_in(login_id, "not the password", &phone_client(), NOW)
                .await;
            assert_eq!(answer, Err(SignInProblem::Wrong), "{login_id}");
            assert_eq!(people.hashes_done() - before, 1, "{login_id}");
        }
        let before = people.hashes_done();
        let long = people
            .sign_in("gildong", &"x".repeat(100_000), &phone_client(), NOW)
            .await;
        assert_eq!(
            (long, people.hashes_done() - before),
            (Err(SignInProblem::Wrong), 1)
        );
    }
}

#[tokio::test]
async fn failures_slow_one_address_down_and_success_forgives_its_own() {
    for house in houses().await {
        let people = &house.people;
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        for _ in 0..30 {
            people
                .sign_in("GILDONG ", PASSWORD, &phone_client(), NOW)
                .await
                .unwrap();
        }
        for login_id in ["gildong", "nobody"] {
            for _ in 0..10 {
                let wrong = people
                    .sign_in(login_id, "wrong password", &phone_client(), NOW)
                    .await;
                assert_eq!(wrong, Err(SignInProblem::Wrong));
            }
            let before = people.hashes_done();
            let slow = people.sign_in(login_id, PASSWORD, &phone_client(), NOW).await;
            assert_eq!(
                slow,
                Err(SignInProblem::SlowDown {
                    retry_after_ms: MINUTE
                }),
                "known or not"
            );
            assert_eq!(people.hashes_done(), before, "and costs nothing");
        }
        people
            .sign_in("gildong", PASSWORD, &desk_client(), NOW)
            .await
            .unwrap();
        people
            .sign_in("gildong", PASSWORD, &phone_client(), NOW + MINUTE)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn one_address_cannot_try_one_password_on_everybody() {
    for test in both().await {
        let house = House::new(
            test,
            keys(),
            Policy {
                failures_per_ip: 20,
                ..policy()
            },
        )
        .await;
        for n in 0..20 {
            let wrong = house
                .people
                .sign_in(&format!("login{n}"), "wrong", &phone_client(), NOW)
                .await;
            assert_eq!(wrong, Err(SignInProblem::Wrong));
        }
        let slow = house
            .people
            .sign_in("login99", "wrong", &phone_client(), NOW)
            .await;
        assert!(matches!(slow, Err(SignInProblem::SlowDown { .. })), "{slow:?}");
    }
}

#[tokio::test]
async fn staff_come_in_by_the_same_door_with_their_roles() {
    for house in houses().await {
        let new = NewStaff {
            municipality: HOME,
            login_id: "clerk".into(),
            name: "김담당".into(),
            roles: [Role::Clerk, Role::Approver].into(),
            password: PASSWORD.into(),
            merchant: None,
        };
        let id = house.people.add_staff(new, "test", NOW).await.unwrap();
        let signed_in = house.sign_in("clerk", NOW).await;
        let who = &signed_in.session.who;
        assert!(matches!(who, Who::Staff { id: own, .. } if *own == id));
        assert!(
            who.may(HOME, Role::Approver) && !who.may(HOME, Role::Auditor) && !who.may(41410, Role::Clerk)
        );
        house.people.deactivate(HOME, id, "test", NOW).await.unwrap();
        let gone = house
            .people
            .session(&signed_in.cookie_value, &phone_client(), NOW)
            .await
            .unwrap();
        assert_eq!(gone, None);
        let closed = house
            .people
            .sign_in("clerk", PASSWORD, &phone_client(), NOW)
            .await;
        assert_eq!(closed, Err(SignInProblem::Wrong));
    }
}

#[tokio::test]
async fn a_password_kept_under_older_settings_is_kept_anew_at_sign_in() {
    for test in both().await {
        let house = House::new(test, keys(), policy()).await;
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let stronger = people::People::new(
            house.test.store.clone(),
            keys(),
            std::sync::Arc::new(house.outbox.clone()),
            Policy {
                argon2: (16, 2, 1),
                ..policy()
            },
        );
        stronger
            .sign_in("gildong", PASSWORD, &phone_client(), NOW)
            .await
            .unwrap();
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM logins WHERE password_hash LIKE '%m=16,t=2,%'")
                .await,
            1
        );
        stronger
            .sign_in("gildong", PASSWORD, &phone_client(), NOW)
            .await
            .unwrap();
    }
}
