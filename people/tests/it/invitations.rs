//! Staff come by invitation: a link for one use, nobody's password known to another, and no approver or administrator
//! on one person's word.

use people::{
    Field, InvitationError, Invited, NewInvitation, NewStaff, Problem, Reason, Role, SecondFactor,
    SignInProblem,
};

use crate::{DAY, HOME, House, MINUTE, NOW, OTHER, PASSWORD, desk_client, houses, phone_client};

const NEW_PASSWORD: &str = "흐린 날 느티나무 곁 31";

async fn add(house: &House, municipality: i64, login: &str, roles: &[Role]) -> i64 {
    let new = NewStaff {
        municipality,
        login_id: login.into(),
        name: "최관리".into(),
        roles: roles.into(),
        password: PASSWORD.into(),
        merchant: None,
    };
    house.people.add_staff(new, "test", NOW).await.unwrap()
}

fn new(login: &str, roles: &[Role]) -> NewInvitation {
    NewInvitation {
        municipality: HOME,
        login_id: login.into(),
        name: "이새롬".into(),
        roles: roles.into(),
        merchant: None,
    }
}

async fn invite(house: &House, login: &str, roles: &[Role], by: i64) -> Invited {
    let people = &house.people;
    people.invite(new(login, roles), by, "", NOW).await.unwrap()
}

#[tokio::test]
async fn a_link_makes_one_login_whose_password_only_its_owner_knows() {
    for house in houses().await {
        let people = &house.people;
        let by = add(&house, HOME, "admin", &[Role::Administrator]).await;
        let invited = invite(&house, "saerom", &[Role::Clerk], by).await;
        assert!(!invited.needs_second);
        let link = &invited.link.0;
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM invitations WHERE LENGTH(token_hash) = 64")
                .await,
            1
        );
        let known = people.invitation(link, NOW).await.unwrap().unwrap();
        assert_eq!(
            (known.login_id.as_str(), known.name.as_str()),
            ("saerom", "이새롬")
        );
        let weak = people.accept_invitation(link, "saerom1234", "", NOW).await;
        assert!(matches!(weak, Err(InvitationError::Refused(_))), "{weak:?}");
        let login = people
            .accept_invitation(link, NEW_PASSWORD, "203.0.113.7", NOW + MINUTE)
            .await
            .unwrap();
        assert_eq!(login, "saerom");
        let twice = people
            .accept_invitation(link, NEW_PASSWORD, "", NOW + MINUTE)
            .await;
        assert_eq!(twice, Err(InvitationError::NotHere));
        let in_now = people
            .sign_in("saerom", NEW_PASSWORD, &desk_client(), NOW + MINUTE)
            .await
            .unwrap();
        assert!(in_now.session.who.may(HOME, Role::Clerk));
        assert_eq!(in_now.session.second_factor, SecondFactor::NotSetUp);
        assert!(people.invitations(HOME, NOW + MINUTE).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_link_ends_after_three_days_when_it_is_taken_back_and_when_there_is_a_newer_one() {
    for house in houses().await {
        let people = &house.people;
        let by = add(&house, HOME, "admin", &[Role::Administrator]).await;
        let old = invite(&house, "saerom", &[Role::Clerk], by).await;
        let late = people
            .accept_invitation(&old.link.0, NEW_PASSWORD, "", NOW + 3 * DAY)
            .await;
        assert_eq!(late, Err(InvitationError::NotHere));
        assert_eq!(
            people.withdraw_invitation(OTHER, old.id, by, "", NOW).await,
            Err(InvitationError::NotHere)
        );
        people
            .withdraw_invitation(HOME, old.id, by, "", NOW)
            .await
            .unwrap();
        let back = people.accept_invitation(&old.link.0, NEW_PASSWORD, "", NOW).await;
        assert_eq!(back, Err(InvitationError::NotHere));
        invite(&house, "saerom", &[Role::Clerk], by).await;
        let taken = people.invite(new("saerom", &[Role::Clerk]), by, "", NOW).await;
        let problem = Problem::new(Field::LoginId, Reason::Taken);
        assert_eq!(taken, Err(InvitationError::Refused(vec![problem])));
    }
}

#[tokio::test]
async fn nobody_makes_an_approver_or_an_administrator_alone() {
    for house in houses().await {
        let people = &house.people;
        let by = add(&house, HOME, "admin", &[Role::Administrator]).await;
        let other = add(&house, HOME, "admin2", &[Role::Administrator]).await;
        for (login, role) in [("approver9", Role::Approver), ("admin9", Role::Administrator)] {
            let invited = invite(&house, login, &[role], by).await;
            assert!(invited.needs_second, "{role:?}");
            let link = &invited.link.0;
            let waits = people.accept_invitation(link, NEW_PASSWORD, "", NOW).await;
            assert_eq!(waits, Err(InvitationError::Waiting));
            let own = people.agree_to_invitation(HOME, invited.id, by, "", NOW).await;
            assert_eq!(own, Err(InvitationError::Own));
            assert_eq!(people.invitations_to_agree(NOW).await.unwrap().len(), 1);
            people
                .agree_to_invitation(HOME, invited.id, other, "", NOW)
                .await
                .unwrap();
            people
                .accept_invitation(link, NEW_PASSWORD, "", NOW)
                .await
                .unwrap();
        }
        // The database holds the rule too.
        let refused = sqlx::query("UPDATE invitations SET confirmed_by = made_by")
            .execute(&house.test.store.write)
            .await;
        assert!(refused.is_err());
        let both = people
            .invite(new("both", &[Role::Clerk, Role::Approver]), by, "", NOW)
            .await;
        let problem = Problem::new(Field::Roles, Reason::NotAllowed);
        assert_eq!(both, Err(InvitationError::Refused(vec![problem])));
    }
}

#[tokio::test]
async fn only_an_operator_makes_the_first_administrator_alone() {
    for house in houses().await {
        let operator = add(&house, 0, "operator", &[Role::Operator]).await;
        let first = invite(&house, "first", &[Role::Administrator], operator).await;
        assert!(!first.needs_second);
        let approver = invite(&house, "approver9", &[Role::Approver], operator).await;
        assert!(approver.needs_second, "an approver never");
        house
            .people
            .accept_invitation(&first.link.0, NEW_PASSWORD, "", NOW)
            .await
            .unwrap();
        let second = invite(&house, "second", &[Role::Administrator], operator).await;
        assert!(second.needs_second, "there is one who can agree now");
    }
}

#[tokio::test]
async fn a_reset_leaves_what_there_is_until_it_is_used_and_of_an_approver_takes_two() {
    for house in houses().await {
        let people = &house.people;
        let by = add(&house, HOME, "admin", &[Role::Administrator]).await;
        let other = add(&house, HOME, "admin2", &[Role::Administrator]).await;
        let approver = add(&house, HOME, "approver", &[Role::Approver]).await;
        let cookie = house.sign_in("approver", NOW).await.cookie_value;
        let again = people.invite_again(HOME, approver, by, "", NOW).await.unwrap();
        assert!(again.needs_second);
        let asked_for = people
            .agree_to_invitation(HOME, again.id, approver, "", NOW)
            .await;
        assert_eq!(asked_for, Err(InvitationError::Own), "nor the one whom it is for");
        let lives = people.session(&cookie, &phone_client(), NOW).await.unwrap();
        assert!(lives.is_some());
        people
            .agree_to_invitation(HOME, again.id, other, "", NOW)
            .await
            .unwrap();
        people
            .accept_invitation(&again.link.0, NEW_PASSWORD, "", NOW)
            .await
            .unwrap();
        assert_eq!(people.session(&cookie, &phone_client(), NOW).await.unwrap(), None);
        let old = people.sign_in("approver", PASSWORD, &phone_client(), NOW).await;
        assert_eq!(old, Err(SignInProblem::Wrong));
        people
            .sign_in("approver", NEW_PASSWORD, &phone_client(), NOW)
            .await
            .unwrap();
        assert_eq!(
            people.invite_again(OTHER, approver, by, "", NOW).await,
            Err(InvitationError::NotHere)
        );
    }
}
