//! Staff belong somewhere and may do what their roles say.

use people::{AuditFilter, Field, NewStaff, Problem, Reason, Role, Roles, SignInProblem, StaffError};

use crate::{HOME, NOW, OTHER, PASSWORD, houses, phone_client};

fn new(login_id: &str, municipality: i64, roles: &[Role]) -> NewStaff {
    NewStaff {
        municipality,
        login_id: login_id.into(),
        name: "김담당".into(),
        roles: roles.into(),
        password: PASSWORD.into(),
        merchant: None,
    }
}

#[tokio::test]
async fn roles_go_only_where_they_belong() {
    for house in houses().await {
        let people = &house.people;
        for (staff, field) in [
            (new("clerk", HOME, &[]), Field::Roles),
            (new("clerk", HOME, &[Role::Operator]), Field::Roles),
            (new("clerk", 0, &[Role::Clerk]), Field::Roles),
            (new("clerk", HOME, &[Role::Merchant]), Field::Merchant),
            (
                NewStaff {
                    merchant: Some(5),
                    ..new("clerk", HOME, &[Role::Clerk])
                },
                Field::Merchant,
            ),
            (
                NewStaff {
                    merchant: Some(5),
                    ..new("clerk", HOME, &[Role::Clerk, Role::Merchant])
                },
                Field::Roles,
            ),
        ] {
            let refused = people.add_staff(staff.clone(), 0, NOW).await.unwrap_err();
            let StaffError::Refused(problems) = refused else {
                panic!("{refused:?}")
            };
            assert_eq!(problems.len(), 1, "{problems:?} {staff:?}");
            assert_eq!(problems[0].field, field, "{staff:?}");
        }
        people
            .add_staff(new("operator", 0, &[Role::Operator]), 0, NOW)
            .await
            .unwrap();
        let shop = NewStaff {
            merchant: Some(5),
            ..new("shop", HOME, &[Role::Merchant])
        };
        people.add_staff(shop, 0, NOW).await.unwrap();
        let taken = people.add_staff(new("SHOP", OTHER, &[Role::Clerk]), 0, NOW).await;
        assert_eq!(
            taken,
            Err(StaffError::Refused(vec![Problem::new(
                Field::LoginId,
                Reason::Taken
            )]))
        );
    }
}

#[tokio::test]
async fn changed_roles_hold_from_the_next_request_and_are_on_record() {
    for house in houses().await {
        let people = &house.people;
        let id = people
            .add_staff(new("clerk", HOME, &[Role::Clerk]), "command line", NOW)
            .await
            .unwrap();
        let cookie = house.sign_in("clerk", NOW).await.cookie_value;
        people
            .set_roles(HOME, id, [Role::Auditor].into(), id, NOW + 1)
            .await
            .unwrap();
        let who = people
            .session(&cookie, &phone_client(), NOW)
            .await
            .unwrap()
            .unwrap()
            .who;
        assert!(who.has(Role::Auditor) && !who.has(Role::Clerk));
        let log = people
            .audit_log(HOME, &AuditFilter::default(), None, 10)
            .await
            .unwrap();
        let deeds: Vec<_> = log
            .iter()
            .map(|row| (row.action.as_str(), row.detail.as_str()))
            .collect();
        assert_eq!(
            deeds,
            [
                ("staff.set_roles", "auditor"),
                ("session.start", ""),
                ("staff.add", "clerk; command line")
            ]
        );
        assert_eq!(log[0].actor_login_id.as_deref(), Some("clerk"));
    }
}

#[tokio::test]
async fn no_municipality_reaches_the_staff_of_another() {
    for house in houses().await {
        let people = &house.people;
        let id = people
            .add_staff(new("clerk", HOME, &[Role::Clerk]), 0, NOW)
            .await
            .unwrap();
        let roles: Roles = [Role::Administrator].into();
        assert_eq!(
            people.set_roles(OTHER, id, roles, 0, NOW).await,
            Err(StaffError::NotHere)
        );
        assert_eq!(
            people.deactivate(OTHER, id, 0, NOW).await,
            Err(StaffError::NotHere)
        );
        assert_eq!(
            people.set_staff_password(OTHER, id, PASSWORD, 0, NOW).await,
            Err(StaffError::NotHere)
        );
        assert!(people.staff(OTHER).await.unwrap().is_empty());
        let staff = people.staff(HOME).await.unwrap();
        assert_eq!(
            (staff.len(), staff[0].id, staff[0].name.as_str()),
            (1, id, "김담당")
        );
        assert_eq!(
            people
                .staff_by_login("Clerk")
                .await
                .unwrap()
                .unwrap()
                .municipality,
            HOME
        );
        assert!(
            people
                .audit_log(OTHER, &AuditFilter::default(), None, 10)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn a_password_set_by_the_administrator_ends_the_sessions() {
    for house in houses().await {
        let people = &house.people;
        let id = people
            .add_staff(new("clerk", HOME, &[Role::Clerk]), 0, NOW)
            .await
            .unwrap();
        let cookie = house.sign_in("clerk", NOW).await.cookie_value;
        people
            .set_staff_password(HOME, id, "새로 정한 열쇠말 서른둘", 0, NOW)
            .await
            .unwrap();
        assert!(
            people
                .session(&cookie, &phone_client(), NOW)
                .await
                .unwrap()
                .is_none()
        );
        let old = people.sign_in("clerk", PASSWORD, &phone_client(), NOW).await;
        assert_eq!(old, Err(SignInProblem::Wrong));
        people
            .sign_in("clerk", "새로 정한 열쇠말 서른둘", &phone_client(), NOW)
            .await
            .unwrap();
    }
}
