//! Money that waits for somebody goes to whoever proved to be that person, and to nobody else.

use people::{AuditFilter, Field, ProvenPhone, Purpose, Reason, SignUpError};

use crate::{BIRTH, HOME, NOW, OTHER, PHONE, houses, person};

#[tokio::test]
async fn knowing_name_birth_and_phone_without_the_code_claims_nothing() {
    for house in houses().await {
        let people = &house.people;
        people
            .recipient(HOME, &person("홍길동", PHONE), 1, NOW)
            .await
            .unwrap();
        let mut form = house.form("thief", "홍길동", "01099998888").await;
        form.name = "홍길동".to_owned();
        form.birth = BIRTH;
        let thief = people.sign_up(form.clone(), "203.0.113.7", NOW).await.unwrap();
        assert_eq!(thief.claimed, []);
        form.proven = ProvenPhone("made-up".to_owned());
        form.login_id = "thief2".to_owned();
        let refused = people.sign_up(form, "203.0.113.7", NOW).await.unwrap_err();
        let SignUpError::Refused(problems) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(
            (problems[0].field, problems[0].reason),
            (Field::Proof, Reason::ProofInvalid)
        );
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM residents WHERE login IS NULL")
                .await,
            1
        );
    }
}

#[tokio::test]
async fn the_same_person_gets_what_waits_in_every_municipality_and_each_claim_is_audited() {
    for house in houses().await {
        let people = &house.people;
        let home = people
            .recipient(HOME, &person("홍길동", PHONE), 1, NOW)
            .await
            .unwrap();
        let other = people
            .recipient(OTHER, &person(" 홍 길동 ", "+82 10-1234-5678"), 2, NOW)
            .await
            .unwrap();
        let login = house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        assert_eq!(login.claimed, [(HOME, home), (OTHER, other)]);
        assert_eq!(people.holders_of_login(login.id).await.unwrap(), login.claimed);
        for (municipality, holder) in login.claimed {
            let filter = AuditFilter {
                action: Some("resident.claim".into()),
                ..AuditFilter::default()
            };
            let rows = people.audit_log(municipality, &filter, None, 10).await.unwrap();
            assert_eq!(rows.len(), 1);
            assert_eq!(rows[0].record, format!("resident/{holder}"));
            assert_eq!(rows[0].from_ip, "203.0.113.7");
            assert_eq!(rows[0].actor_id, login.id);
        }
    }
}

#[tokio::test]
async fn two_people_who_share_a_phone_each_get_their_own() {
    for house in houses().await {
        let people = &house.people;
        let mother = people
            .recipient(HOME, &person("김영희", PHONE), 1, NOW)
            .await
            .unwrap();
        let son = people
            .recipient(HOME, &person("박민수", PHONE), 1, NOW)
            .await
            .unwrap();
        let first = house.sign_up("younghee", "김영희", PHONE).await.unwrap();
        let second = house.sign_up("minsu", "박민수", PHONE).await.unwrap();
        assert_eq!(first.claimed, [(HOME, mother)]);
        assert_eq!(second.claimed, [(HOME, son)]);
        let proven = house.proven(Purpose::FindId, PHONE, NOW).await;
        assert_eq!(
            people.find_login_ids(&proven, NOW).await.unwrap(),
            ["younghee", "minsu"]
        );
    }
}

#[tokio::test]
async fn who_signed_up_before_the_roster_came_has_the_money_at_once() {
    for house in houses().await {
        let people = &house.people;
        let login = house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        assert_eq!(login.claimed, []);
        let home = people
            .recipient(HOME, &person("홍길동", PHONE), 1, NOW)
            .await
            .unwrap();
        assert_eq!(login.holders, [(HOME, home)], "sign-up made the row at home");
        let other = people
            .recipient(OTHER, &person("홍길동", PHONE), 1, NOW)
            .await
            .unwrap();
        assert_eq!(
            people.holders_of_login(login.id).await.unwrap(),
            [(HOME, home), (OTHER, other)]
        );
        let claims = people
            .audit_log(OTHER, &AuditFilter::default(), None, 10)
            .await
            .unwrap();
        assert_eq!(claims.len(), 1);
        assert_eq!(claims[0].detail, format!("login {}", login.id));
    }
}

#[tokio::test]
async fn many_who_name_the_same_person_at_once_make_one_row() {
    for house in houses().await {
        let mut tasks = Vec::new();
        for n in 0..24 {
            let people = house.people.clone();
            tasks.push(tokio::spawn(async move {
                let twins = [
                    person("홍길동", PHONE),
                    person("홍길순", PHONE),
                    person("홍 길동", PHONE),
                ];
                let list = if n % 2 == 0 {
                    twins.to_vec()
                } else {
                    twins.into_iter().rev().collect()
                };
                let mut ids = people.recipients(HOME, &list, 1, NOW).await.unwrap();
                if n % 2 == 1 {
                    ids.reverse();
                }
                ids
            }));
        }
        let mut seen = Vec::new();
        for task in tasks {
            seen.push(task.await.unwrap());
        }
        assert_eq!(seen[0][0], seen[0][2], "written differently, the same person");
        assert!(seen.iter().all(|ids| *ids == seen[0]), "{seen:?}");
        assert_eq!(house.count("SELECT COUNT(*) FROM residents").await, 2);
    }
}

#[tokio::test]
async fn signing_up_while_rosters_come_in_misses_no_money() {
    for house in houses().await {
        let mut forms = Vec::new();
        for n in 0..6 {
            forms.push(
                house
                    .form(&format!("login{n}"), "홍길동", &format!("0101234567{n}"))
                    .await,
            );
        }
        let mut tasks = Vec::new();
        for (n, form) in forms.into_iter().enumerate() {
            let people = house.people.clone();
            tasks.push(tokio::spawn(async move {
                people.sign_up(form, "203.0.113.7", NOW).await.unwrap();
            }));
            for municipality in [HOME, OTHER, 41590] {
                let people = house.people.clone();
                let someone = person("홍길동", &format!("0101234567{n}"));
                tasks.push(tokio::spawn(async move {
                    people.recipient(municipality, &someone, 1, NOW).await.unwrap();
                }));
            }
        }
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(house.count("SELECT COUNT(*) FROM residents").await, 18);
        assert_eq!(
            house
                .count("SELECT COUNT(*) FROM residents WHERE login IS NULL")
                .await,
            0
        );
    }
}

#[tokio::test]
async fn a_roster_of_a_thousand_is_found_again_in_its_order() {
    for house in houses().await {
        let roster: Vec<_> = (0..1000)
            .map(|n| person("홍길동", &format!("0103333{n:04}")))
            .collect();
        let first = house.people.recipients(HOME, &roster, 1, NOW).await.unwrap();
        assert_eq!(first.len(), 1000);
        assert_eq!(
            house.people.recipients(HOME, &roster, 1, NOW).await.unwrap(),
            first
        );
        assert_eq!(
            house.people.find_holder(HOME, &roster[7]).await.unwrap(),
            Some(first[7])
        );
        assert_eq!(house.people.find_holder(OTHER, &roster[7]).await.unwrap(), None);
    }
}

#[tokio::test]
async fn one_municipality_cannot_see_the_residents_of_another() {
    for house in houses().await {
        let holder = house
            .people
            .recipient(HOME, &person("홍길동", PHONE), 1, NOW)
            .await
            .unwrap();
        let profile = house.people.holder_profile(HOME, holder).await.unwrap().unwrap();
        assert_eq!(
            (profile.name.as_str(), profile.phone.as_str()),
            ("홍*동", "010-****-5678")
        );
        assert!(!profile.signed_up);
        assert_eq!(
            house.people.holder_person(HOME, holder).await.unwrap(),
            Some(person("홍길동", PHONE))
        );
        assert_eq!(house.people.holder_profile(OTHER, holder).await.unwrap(), None);
        assert_eq!(house.people.holder_person(OTHER, holder).await.unwrap(), None);
    }
}
