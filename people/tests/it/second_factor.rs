//! Staff show a second factor: set up once, each code good once, wrong ones counted, and never asked for in a demo.

use people::{
    AuditFilter, NewStaff, Role, SecondFactor, SecondFactorError, Session, SignInOutcome, SignInProblem,
};
use totp_rs::{Builder, Secret};

use crate::{DAY, HOME, HOUR, House, MINUTE, NOW, OTHER, PASSWORD, PHONE, desk_client, houses, phone_client};

const STEP: i64 = 30_000;

async fn clerk(house: &House) -> i64 {
    let new = NewStaff {
        municipality: HOME,
        login_id: "clerk".into(),
        name: "김담당".into(),
        roles: [Role::Clerk].into(),
        password: PASSWORD.into(),
        merchant: None,
    };
    house.people.add_staff(new, "test", NOW).await.unwrap()
}

/// What the app on the phone shows at this moment.
fn code(secret: &str, at: i64) -> String {
    let totp = Builder::new()
        .with_secret(Secret::try_from_base32(secret).unwrap())
        .with_account_name("clerk")
        .build()
        .unwrap();
    totp.generate((at / 1_000).cast_unsigned()).to_string()
}

/// Another code than the right ones around this moment.
fn wrong(secret: &str, at: i64) -> String {
    let near: Vec<String> = (-2..=2).map(|step| code(secret, at + step * STEP)).collect();
    let free = (0..10)
        .map(|n| format!("00000{n}"))
        .find(|code| !near.contains(code));
    free.expect("ten codes, five of them taken")
}

async fn again(house: &House, cookie: &str, at: i64) -> Session {
    let session = house.people.session(cookie, &desk_client(), at).await.unwrap();
    session.expect("the session lives")
}

/// Sets it up at `NOW`: the secret and the recovery codes.
async fn set_up(house: &House, session: &Session) -> (String, Vec<String>) {
    let people = &house.people;
    let enrolment = people.enrol_second_factor(session, NOW).await.unwrap();
    let right = code(&enrolment.secret, NOW);
    let codes = people
        .confirm_second_factor(session, &right, &desk_client(), NOW)
        .await
        .unwrap();
    (enrolment.secret, codes)
}

#[tokio::test]
async fn a_session_is_good_for_nothing_else_until_a_right_code_has_come() {
    for house in houses().await {
        clerk(&house).await;
        let people = &house.people;
        let first = house.sign_in("clerk", NOW).await;
        assert_eq!(first.session.second_factor, SecondFactor::NotSetUp);
        assert!(!first.session.second_factor.is_enough());
        let enrolment = people.enrol_second_factor(&first.session, NOW).await.unwrap();
        let same = people.enrol_second_factor(&first.session, NOW + 1).await.unwrap();
        assert_eq!(enrolment, same, "the page loaded twice shows one secret");
        assert!(
            enrolment.url.starts_with("otpauth://totp/Neul:clerk?"),
            "{}",
            enrolment.url
        );
        assert!(enrolment.url.contains(&enrolment.secret));
        let refused = people
            .confirm_second_factor(
                &first.session,
                &wrong(&enrolment.secret, NOW),
                &desk_client(),
                NOW,
            )
            .await;
        assert_eq!(refused, Err(SecondFactorError::Wrong));
        let still = again(&house, &first.cookie_value, NOW).await;
        assert_eq!(still.second_factor, SecondFactor::NotSetUp);
        let (secret, codes) = set_up(&house, &first.session).await;
        assert_eq!(codes.len(), 10);
        let shown = again(&house, &first.cookie_value, NOW).await;
        assert_eq!(shown.second_factor, SecondFactor::Shown);
        assert_eq!(
            people.enrol_second_factor(&shown, NOW).await,
            Err(SecondFactorError::OtherState),
            "what is set up is never shown again"
        );
        // Another session of the same person begins anew, with the code of a later step.
        let second = house.sign_in("clerk", NOW + MINUTE).await;
        assert_eq!(second.session.second_factor, SecondFactor::Wanted);
        let at = NOW + MINUTE;
        people
            .show_second_factor(&second.session, &code(&secret, at), &desk_client(), at)
            .await
            .unwrap();
        let shown = again(&house, &second.cookie_value, at).await;
        assert_eq!(shown.second_factor, SecondFactor::Shown);
    }
}

#[tokio::test]
async fn no_code_is_good_twice_and_none_a_minute_late() {
    for house in houses().await {
        clerk(&house).await;
        let people = &house.people;
        let first = house.sign_in("clerk", NOW).await;
        let (secret, _) = set_up(&house, &first.session).await;
        let second = house.sign_in("clerk", NOW + 1).await.session;
        let show =
            async |code: &str, at: i64| people.show_second_factor(&second, code, &desk_client(), at).await;
        assert_eq!(
            show(&code(&secret, NOW), NOW + 1).await,
            Err(SecondFactorError::Wrong),
            "it set the factor up"
        );
        let next = code(&secret, NOW + STEP);
        assert_eq!(show(&next, NOW + STEP).await, Ok(None));
        assert_eq!(show(&next, NOW + STEP).await, Err(SecondFactorError::Wrong));
        // A step before one that was used is gone too, though it is within the clock's difference.
        let late = code(&secret, NOW + 4 * STEP);
        assert_eq!(show(&late, NOW + 6 * STEP).await, Err(SecondFactorError::Wrong));
        assert_eq!(
            show(&code(&secret, NOW + 5 * STEP), NOW + 6 * STEP).await,
            Ok(None)
        );
    }
}

#[tokio::test]
async fn wrong_codes_are_counted_whatever_the_session() {
    for house in houses().await {
        clerk(&house).await;
        let people = &house.people;
        let first = house.sign_in("clerk", NOW).await;
        let (secret, _) = set_up(&house, &first.session).await;
        let bad = wrong(&secret, NOW);
        for n in 0..5 {
            let session = house.sign_in("clerk", NOW).await.session;
            let refused = people
                .show_second_factor(&session, &bad, &desk_client(), NOW)
                .await;
            assert_eq!(refused, Err(SecondFactorError::Wrong), "{n}");
        }
        let session = house.sign_in("clerk", NOW).await.session;
        let right = code(&secret, NOW + STEP);
        let slow = people
            .show_second_factor(&session, &right, &desk_client(), NOW + STEP)
            .await;
        assert!(
            matches!(slow, Err(SecondFactorError::SlowDown { retry_after_ms }) if retry_after_ms > 0),
            "the right one does not help either: {slow:?}"
        );
        let at = NOW + HOUR;
        let session = house.sign_in("clerk", at).await.session;
        people
            .show_second_factor(&session, &code(&secret, at), &desk_client(), at)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_recovery_code_opens_once_and_stands_nowhere_in_the_clear() {
    for house in houses().await {
        clerk(&house).await;
        let people = &house.people;
        let first = house.sign_in("clerk", NOW).await;
        let (secret, codes) = set_up(&house, &first.session).await;
        let session = house.sign_in("clerk", NOW).await.session;
        let typed = codes[3].to_uppercase().replace('-', " ");
        let left = people
            .show_second_factor(&session, &typed, &desk_client(), NOW)
            .await;
        assert_eq!(left, Ok(Some(9)));
        let used = people
            .show_second_factor(&session, &codes[3], &desk_client(), NOW)
            .await;
        assert_eq!(used, Err(SecondFactorError::Wrong));
        let kept: Vec<(String,)> = sqlx::query_as("SELECT code_hash FROM recovery_codes")
            .fetch_all(&house.test.store.read)
            .await
            .unwrap();
        let (sealed,): (String,) = sqlx::query_as("SELECT secret_sealed FROM totp")
            .fetch_one(&house.test.store.read)
            .await
            .unwrap();
        assert!(kept.iter().all(|(hash,)| hash.len() == 64));
        assert!(!sealed.contains(&secret));
        // New ones for old ones, against a code of the app alone.
        let with_code = people
            .new_recovery_codes(&session, &codes[4], &desk_client(), NOW)
            .await;
        assert_eq!(with_code, Err(SecondFactorError::Wrong));
        let new = people
            .new_recovery_codes(&session, &code(&secret, NOW + STEP), &desk_client(), NOW + STEP)
            .await
            .unwrap();
        assert_eq!(
            people.second_factor_state(&session).await.unwrap().recovery_left,
            10
        );
        let old = people
            .show_second_factor(&session, &codes[5], &desk_client(), NOW + STEP)
            .await;
        assert_eq!(old, Err(SecondFactorError::Wrong));
        let left = people
            .show_second_factor(&session, &new[0], &desk_client(), NOW + STEP)
            .await;
        assert_eq!(left, Ok(Some(9)));
    }
}

#[tokio::test]
async fn a_reset_ends_the_sessions_and_asks_for_a_new_one() {
    for house in houses().await {
        let id = clerk(&house).await;
        let people = &house.people;
        let first = house.sign_in("clerk", NOW).await;
        set_up(&house, &first.session).await;
        assert!(people.reset_second_factor(OTHER, id, "test", NOW).await.is_err());
        people.reset_second_factor(HOME, id, "test", NOW).await.unwrap();
        let gone = people
            .session(&first.cookie_value, &desk_client(), NOW)
            .await
            .unwrap();
        assert_eq!(gone, None);
        let next = house.sign_in("clerk", NOW).await.session;
        assert_eq!(next.second_factor, SecondFactor::NotSetUp);
        let log = people
            .audit_log(HOME, &AuditFilter::default(), None, 10)
            .await
            .unwrap();
        let deeds: Vec<&str> = log.iter().map(|row| row.action.as_str()).collect();
        assert!(deeds.contains(&"second_factor.set_up") && deeds.contains(&"second_factor.reset"));
    }
}

#[tokio::test]
async fn residents_and_a_demo_are_not_asked() {
    for house in houses().await {
        house.people.mark_demo(NOW).await.unwrap();
        clerk(&house).await;
        house.sign_up("gildong", "홍길동", PHONE).await.unwrap();
        for login in ["clerk", "gildong"] {
            let session = house.sign_in(login, NOW).await.session;
            assert_eq!(session.second_factor, SecondFactor::NotAsked, "{login}");
        }
        let resident = house.sign_in("gildong", NOW).await.session;
        assert_eq!(
            house.people.enrol_second_factor(&resident, NOW).await,
            Err(SecondFactorError::OtherState)
        );
    }
}

#[tokio::test]
async fn the_history_tells_every_try_and_is_kept_two_years() {
    for house in houses().await {
        let id = clerk(&house).await;
        let people = &house.people;
        let refused = people
            .sign_in("clerk", "틀린 비밀번호", &phone_client(), NOW)
            .await;
        assert_eq!(refused, Err(SignInProblem::Wrong));
        let first = house.sign_in("clerk", NOW + 1).await;
        let (secret, codes) = set_up(&house, &first.session).await;
        let bad = wrong(&secret, NOW);
        let _ = people
            .show_second_factor(&first.session, &bad, &desk_client(), NOW + 2)
            .await;
        people
            .show_second_factor(&first.session, &codes[0], &desk_client(), NOW + 3)
            .await
            .unwrap();
        let wanted = [
            SignInOutcome::RecoveryCode,
            SignInOutcome::WrongCode,
            SignInOutcome::SignedIn,
            SignInOutcome::WrongPassword,
        ];
        // Failures are written behind the answer.
        let mut told = Vec::new();
        for _ in 0..100 {
            told = people.sign_ins(HOME, id, 50).await.unwrap();
            if told.len() == wanted.len() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let outcomes: Vec<SignInOutcome> = told.iter().map(|line| line.outcome).collect();
        assert_eq!(outcomes, wanted);
        assert_eq!(
            (told[3].browser.as_str(), told[3].from_ip.as_str()),
            ("Chrome", "198.51.100.23")
        );
        assert!(people.sign_ins(OTHER, id, 50).await.unwrap().is_empty());
        people.tidy(NOW + 729 * DAY).await.unwrap();
        assert_eq!(people.sign_ins(HOME, id, 50).await.unwrap().len(), 4);
        people.tidy(NOW + 731 * DAY).await.unwrap();
        assert!(people.sign_ins(HOME, id, 50).await.unwrap().is_empty());
    }
}
