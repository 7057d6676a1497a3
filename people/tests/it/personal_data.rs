//! Nothing personal stands in the database, and nothing sealed opens where it does not belong.

use people::{AuditFilter, Keys, NewStaff, Purpose, Role, UnsealError};
use proptest::prelude::*;
use sqlx::Row;

use crate::{BIRTH, HOME, HOUR, House, NOW, OTHER, PASSWORD, PHONE, houses, key, person, phone_client};

#[tokio::test]
async fn a_dump_of_the_database_tells_no_name_no_birth_date_and_no_phone() {
    for house in houses().await {
        let people = &house.people;
        people
            .recipient(HOME, &person("독고영재", PHONE), 1, NOW)
            .await
            .unwrap();
        people
            .recipient(OTHER, &person("제갈민호", "01077778888"), 1, NOW)
            .await
            .unwrap();
        house.sign_up("dokgo", "독고영재", PHONE).await.unwrap();
        house.sign_in("dokgo", NOW).await;
        let _ = people
            .sign_in("01077778888", PASSWORD, &phone_client(), NOW)
            .await;
        house.proven(Purpose::ResetPassword, PHONE, NOW).await;
        let new = NewStaff {
            municipality: HOME,
            login_id: "clerk".into(),
            name: "선우담당".into(),
            roles: [Role::Clerk].into(),
            password: PASSWORD.into(),
            merchant: None,
        };
        people.add_staff(new, 0, NOW).await.unwrap();
        let code = house.outbox.last_code(PHONE).unwrap();
        let dump = dump(&house).await;
        assert!(dump.contains("dokgo") && dump.len() > 2000);
        for secret in [
            "독고영재",
            "제갈민호",
            "선우담당",
            PHONE,
            "01077778888",
            "12345678",
            "77778888",
            "1984-05-07",
            "19840507",
            PASSWORD,
            code.as_str(),
            "198.51.100.23",
        ] {
            // The address stands in the audit log alone, where the law wants it; staff signed in here did not.
            assert!(!dump.contains(secret), "{secret} stands in the clear");
        }
    }
}

/// Every TEXT value of every table of the room.
async fn dump(house: &House) -> String {
    let mut text = String::new();
    for table in [
        "house",
        "logins",
        "residents",
        "sessions",
        "proofs",
        "limits",
        "audit",
    ] {
        let sql = sqlx::AssertSqlSafe(format!("SELECT * FROM {table}"));
        for row in sqlx::query(sql).fetch_all(&house.test.store.read).await.unwrap() {
            for column in 0..row.len() {
                if let Ok(Some(value)) = row.try_get::<Option<String>, _>(column) {
                    text.push_str(&value);
                    text.push('\n');
                }
            }
        }
    }
    text
}

#[tokio::test]
async fn nothing_personal_is_printed_for_debugging() {
    for house in houses().await {
        let form = house.form("gildong", "독고영재", PHONE).await;
        let printed = format!(
            "{form:?} {:?} {:?}",
            person("독고영재", PHONE),
            house.outbox.messages()
        );
        let login = house.people.sign_up(form, "203.0.113.7", NOW).await.unwrap();
        let signed_in = house.sign_in("gildong", NOW).await;
        let printed = format!(
            "{printed} {login:?} {signed_in:?} {:?} {:?}",
            house.people,
            crate::keys()
        );
        for secret in [
            "독고",
            PHONE,
            "5678",
            "1984",
            PASSWORD,
            signed_in.cookie_value.as_str(),
            &key('a')[..16],
        ] {
            assert!(!printed.contains(secret), "{secret} in {printed}");
        }
    }
}

#[tokio::test]
async fn rotated_data_keys_still_find_and_open_what_the_old_one_sealed() {
    for house in houses().await {
        let holder = house
            .people
            .recipient(HOME, &person("홍길동", PHONE), 1, NOW)
            .await
            .unwrap();
        let login = house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let rotated = house.again(Keys::parse(&key('a'), &format!("{},{}", key('d'), key('b'))).unwrap());
        assert_eq!(
            rotated
                .recipient(HOME, &person("홍길동", PHONE), 1, NOW)
                .await
                .unwrap(),
            holder
        );
        let other = rotated
            .recipient(OTHER, &person("홍길동", PHONE), 1, NOW)
            .await
            .unwrap();
        assert_eq!(
            rotated.holders_of_login(login.id).await.unwrap(),
            [(HOME, holder), (OTHER, other)]
        );
        assert_eq!(
            rotated.holder_person(HOME, holder).await.unwrap(),
            Some(person("홍길동", PHONE))
        );
        let proven = house.proven(Purpose::FindId, PHONE, NOW).await;
        assert_eq!(rotated.find_login_ids(&proven, NOW).await.unwrap(), ["gildong"]);
        let without = house.again(Keys::parse(&key('a'), &key('d')).unwrap());
        assert!(
            without.holder_person(HOME, holder).await.is_err(),
            "without the old key it stays shut"
        );
    }
}

#[tokio::test]
async fn what_nobody_needs_any_more_is_tidied_away() {
    for house in houses().await {
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        let signed_in = house.sign_in("gildong", NOW).await;
        assert_eq!(house.people.tidy(NOW).await.unwrap(), 0);
        house.people.tidy(NOW + 25 * HOUR).await.unwrap();
        assert_eq!(house.count("SELECT COUNT(*) FROM proofs").await, 0);
        assert_eq!(house.count("SELECT COUNT(*) FROM limits").await, 0);
        let late = NOW + 25 * HOUR;
        assert!(
            house
                .people
                .session(&signed_in.cookie_value, &phone_client(), late)
                .await
                .unwrap()
                .is_some()
        );
        let rows = house
            .people
            .audit_log(HOME, &AuditFilter::default(), None, 10)
            .await
            .unwrap();
        assert_eq!(rows.len(), 1, "the log is never tidied");
    }
}

#[tokio::test]
async fn a_demo_says_so_for_good() {
    for house in houses().await {
        assert!(!house.people.is_demo().await.unwrap() && house.people.is_empty().await.unwrap());
        house.people.mark_demo(NOW).await.unwrap();
        house.people.mark_demo(NOW).await.unwrap();
        assert!(house.people.is_demo().await.unwrap() && house.people.is_empty().await.unwrap());
        house
            .people
            .recipient(HOME, &person("홍길동", PHONE), 1, NOW)
            .await
            .unwrap();
        assert!(!house.people.is_empty().await.unwrap());
        assert_eq!(BIRTH.year(), 1984);
    }
}

/// A room that never asks its database.
pub(crate) fn sealing() -> people::People {
    static ROOM: std::sync::LazyLock<people::People> = std::sync::LazyLock::new(|| {
        let runtime = Box::leak(Box::new(tokio::runtime::Runtime::new().unwrap()));
        let test = Box::leak(Box::new(runtime.block_on(store::testing::sqlite())));
        let sender = std::sync::Arc::new(people::Outbox::new());
        people::People::new(test.store.clone(), crate::keys(), sender, crate::policy())
    });
    ROOM.clone()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_sealed_opens_as_it_was_and_only_at_home(text in ".*") {
        let room = sealing();
        let sealed = room.seal(HOME, &text);
        prop_assert!(sealed.starts_with("v1."));
        prop_assert_ne!(&sealed, &room.seal(HOME, &text));
        prop_assert_eq!(room.unseal(HOME, &sealed), Ok(text));
        prop_assert_eq!(room.unseal(OTHER, &sealed), Err(UnsealError::Tampered));
        prop_assert_eq!(room.unseal_as(HOME, "another", &sealed), Err(UnsealError::Tampered));
    }

    #[test]
    fn a_sealed_text_that_was_touched_never_opens(text in ".{0,40}", at in any::<prop::sample::Index>(), with in "[A-Za-z0-9_.-]") {
        let room = sealing();
        let sealed = room.seal(HOME, &text);
        let at = at.index(sealed.len());
        let touched = format!("{}{with}{}", &sealed[..at], &sealed[at + 1..]);
        prop_assume!(touched != sealed);
        prop_assert!(room.unseal(HOME, &touched).is_err());
        prop_assert!(room.unseal(HOME, &sealed[..at]).is_err());
    }

    #[test]
    fn no_text_at_all_makes_unsealing_panic(text in ".*") {
        prop_assert!(sealing().unseal(HOME, &text).is_err());
    }
}
