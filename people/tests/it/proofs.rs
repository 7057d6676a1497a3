//! The proof of a phone.

use people::{BeginProofError, ProofError, ProofId, Purpose, Reason};

use crate::{MINUTE, NOW, PHONE, houses};

#[tokio::test]
async fn a_wrong_code_five_times_locks_the_proof() {
    for house in houses().await {
        let people = &house.people;
        let id = people
            .begin_proof(Purpose::SignUp, PHONE, "203.0.113.7", NOW)
            .await
            .unwrap();
        let code = house.outbox.last_code(PHONE).unwrap();
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for tries_left in [4, 3, 2, 1] {
            assert_eq!(
                people.prove(&id, wrong, NOW).await,
                Err(ProofError::WrongCode { tries_left })
            );
        }
        assert_eq!(people.prove(&id, wrong, NOW).await, Err(ProofError::TooMany));
        assert_eq!(
            people.prove(&id, &code, NOW).await,
            Err(ProofError::TooMany),
            "even with the right one"
        );
    }
}

#[tokio::test]
async fn fifty_guesses_at_once_are_still_only_five() {
    for house in houses().await {
        let id = house
            .people
            .begin_proof(Purpose::SignUp, PHONE, "203.0.113.7", NOW)
            .await
            .unwrap();
        let code: u32 = house.outbox.last_code(PHONE).unwrap().parse().unwrap();
        let mut tasks = Vec::new();
        for n in 1..=50 {
            let (people, id) = (house.people.clone(), id.clone());
            let guess = format!("{:06}", (code + n) % 1_000_000);
            tasks.push(tokio::spawn(async move { people.prove(&id, &guess, NOW).await }));
        }
        let mut compared = 0;
        for task in tasks {
            match task.await.unwrap() {
                Err(ProofError::WrongCode { .. }) => compared += 1,
                Err(ProofError::TooMany) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(compared, 4, "the fifth says that it was the last");
    }
}

#[tokio::test]
async fn a_code_lives_five_minutes_and_works_once() {
    for house in houses().await {
        let people = &house.people;
        let id = people
            .begin_proof(Purpose::FindId, PHONE, "203.0.113.7", NOW)
            .await
            .unwrap();
        let code = house.outbox.last_code(PHONE).unwrap();
        assert_eq!(
            people.prove(&id, &code, NOW + 5 * MINUTE).await,
            Err(ProofError::Expired)
        );
        let typed = format!(" {} {} ", &code[..3], &code[3..]);
        people.prove(&id, &typed, NOW + 5 * MINUTE - 1).await.unwrap();
        assert_eq!(people.prove(&id, &code, NOW).await, Err(ProofError::Expired));
        assert_eq!(
            people.prove(&ProofId("none".into()), &code, NOW).await,
            Err(ProofError::Expired)
        );
    }
}

#[tokio::test]
async fn codes_to_one_phone_are_five_an_hour_whatever_the_address() {
    for house in houses().await {
        let people = &house.people;
        for n in 0..5 {
            people
                .begin_proof(Purpose::SignUp, PHONE, &format!("203.0.113.{n}"), NOW)
                .await
                .unwrap();
        }
        let refused = people
            .begin_proof(Purpose::FindId, "+82-10-1234-5678", "203.0.113.9", NOW)
            .await;
        assert_eq!(
            refused,
            Err(BeginProofError::SlowDown {
                retry_after_ms: 12 * MINUTE
            })
        );
        assert_eq!(house.outbox.messages().len(), 5);
        people
            .begin_proof(Purpose::SignUp, PHONE, "203.0.113.9", NOW + 12 * MINUTE)
            .await
            .unwrap();
        people
            .begin_proof(Purpose::SignUp, "01000000000", "203.0.113.9", NOW)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_landline_gets_no_code() {
    for house in houses().await {
        let refused = house
            .people
            .begin_proof(Purpose::SignUp, "031-310-2114", "203.0.113.7", NOW)
            .await;
        let Err(BeginProofError::Phone(problem)) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(problem.reason, Reason::NotMobile);
    }
}

#[tokio::test]
async fn the_message_says_what_it_is_for_and_a_code_for_one_thing_does_no_other() {
    for house in houses().await {
        let proven = house.proven(Purpose::FindId, PHONE, NOW).await;
        assert!(house.outbox.messages()[0].text.contains("아이디 찾기"));
        let mut form = house.form("gildong", "홍길동", "01011112222").await;
        form.proven = proven;
        assert!(house.people.sign_up(form, "203.0.113.7", NOW).await.is_err());
    }
}
