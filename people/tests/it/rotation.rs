//! Data keys turn while people come and go: afterwards the old key opens nothing that matters, and nobody is lost.

use people::{BankAccount, Keys, NewStaff, People, Purpose, Role};
use sqlx::Row;

use crate::{HOME, House, NOW, OTHER, PASSWORD, PHONE, desk_client, houses, key, person, phone_client};

fn turned() -> Keys {
    Keys::parse(&key('a'), &format!("{},{}", key('c'), key('b'))).unwrap()
}

fn new_only() -> Keys {
    Keys::parse(&key('a'), &key('c')).unwrap()
}

/// Everybody there is, as the old key left them.
async fn filled(house: &House) -> (i64, i64) {
    let people = &house.people;
    let staff = NewStaff {
        municipality: HOME,
        login_id: "clerk".into(),
        name: "김담당".into(),
        roles: [Role::Clerk].into(),
        password: PASSWORD.into(),
        merchant: None,
    };
    people.add_staff(staff, "test", NOW).await.unwrap();
    let session = house.sign_in("clerk", NOW).await.session;
    people.enrol_second_factor(&session, NOW).await.unwrap();
    house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
    let rostered = person("이몽룡", "01099998888");
    let holder = people
        .recipients(OTHER, std::slice::from_ref(&rostered), 0, NOW)
        .await
        .unwrap()[0];
    let account = BankAccount::new("011", "302000001234", "홍길동").unwrap();
    let owner = people::AccountOwner::Merchant(7);
    people
        .set_bank_account(HOME, owner, &account, (people::Actor::System, 0), "", NOW)
        .await
        .unwrap();
    (session.who.login(), holder)
}

async fn opens_everything(people: &People, holder: i64) {
    let signed_in = people
        .sign_in("gildong", PASSWORD, &phone_client(), NOW)
        .await
        .unwrap();
    assert_eq!(signed_in.session.who.name(), "홍길동");
    let clerk = people
        .sign_in("clerk", PASSWORD, &desk_client(), NOW)
        .await
        .unwrap();
    assert_eq!(clerk.session.who.name(), "김담당");
    people.enrol_second_factor(&clerk.session, NOW).await.unwrap();
    let found = people.holder_person(OTHER, holder).await.unwrap().unwrap();
    assert_eq!(found.name(), "이몽룡");
    let same = people
        .recipients(OTHER, &[person("이몽룡", "01099998888")], 0, NOW)
        .await
        .unwrap();
    assert_eq!(same, [holder], "found by its keyed hash, not made anew");
    let owner = people::AccountOwner::Merchant(7);
    let account = people.bank_account(HOME, owner).await.unwrap().unwrap();
    assert_eq!(account.masked(), "********1234");
}

#[tokio::test]
async fn keys_turn_under_a_running_portal_and_the_old_one_goes() {
    for house in houses().await {
        let (_, holder) = filled(&house).await;
        let both = house.again(turned());
        opens_everything(&both, holder).await;
        let before = both.keys_in_use().await.unwrap();
        assert_eq!(before.len(), 1, "{before:?}");
        assert!(!before.contains_key(&both.sealing_key()));
        // The old program still runs and writes with the old key meanwhile.
        house.sign_up("mongryong", "성춘향", "01011112222").await.unwrap();
        let done = both.reseal().await.unwrap();
        assert!(done > 5, "{done}");
        assert_eq!(both.reseal().await.unwrap(), 0, "twice does nothing");
        // Proofs go by themselves, after a day.
        both.tidy(NOW + 2 * crate::DAY).await.unwrap();
        let after = both.keys_in_use().await.unwrap();
        assert_eq!(
            after.keys().collect::<Vec<_>>(),
            [&both.sealing_key()],
            "{after:?}"
        );
        opens_everything(&house.again(new_only()), holder).await;
        let (names,): (i64,) = sqlx::query_as("SELECT COUNT(DISTINCT person_key) FROM residents")
            .fetch_one(&house.test.store.read)
            .await
            .unwrap();
        assert_eq!(names, 3);
    }
}

#[tokio::test]
async fn a_password_is_recovered_by_phone_after_the_keys_turned() {
    for house in houses().await {
        filled(&house).await;
        house.again(turned()).reseal().await.unwrap();
        let people = house.again(new_only());
        let id = people
            .begin_proof(Purpose::ResetPassword, PHONE, "203.0.113.7", NOW)
            .await
            .unwrap();
        let code = house.outbox.last_code(PHONE).unwrap();
        let proven = people.prove(&id, &code, NOW).await.unwrap();
        let reset = people
            .reset_password(
                &proven,
                "gildong",
                crate::BIRTH,
                "비 갠 뒤 은행나무 12그루",
                "",
                NOW,
            )
            .await;
        assert!(reset.is_ok(), "{reset:?}");
        let row = sqlx::query("SELECT COUNT(*) AS n FROM logins WHERE kind = 'resident'")
            .fetch_one(&house.test.store.read)
            .await
            .unwrap();
        assert_eq!(row.try_get::<i64, _>("n").unwrap(), 1);
    }
}
