//! Order at the desk: second factor, invitations, masked names, the audit log as a file.

use app::access::{Access, ROUTES};
use axum::http::StatusCode;
use people::Role;
use totp_rs::{Builder, Secret};

use crate::house::{NOW, OWN, PASSWORD, TestHouse};

const NEW_PASSWORD: &str = "흐린 날 느티나무 곁 31";

/// A house that is no demo: staff need their second factor.
async fn strict(store: store::testing::TestStore) -> TestHouse {
    let test = TestHouse::new(store).await;
    sqlx::query("DELETE FROM house WHERE key = 'demo'")
        .execute(&test.house.ledger.store().write)
        .await
        .unwrap();
    test
}

/// The text of the tag with this mark, up to the next one.
fn after<'a>(page: &'a str, mark: &str) -> &'a str {
    let rest = page
        .split(mark)
        .nth(1)
        .unwrap_or_else(|| panic!("{mark} in\n{page}"));
    let text = rest.split_once('>').map_or("", |(_, text)| text);
    text.split('<').next().unwrap_or_default()
}

#[tokio::test]
async fn without_the_second_factor_no_page_of_staff_opens() {
    let test = strict(store::testing::sqlite().await).await;
    for role in Role::ALL {
        let cookie = test.cookie(role.name()).await;
        // Signing out stays possible, and would end the walk.
        for (method, path, access) in ROUTES {
            let address = path.replace("{id}", "4242");
            let form: &[(&str, &str)] = &[];
            let got = test
                .ask(method, &address, &cookie, (*method == "POST").then_some(form))
                .await;
            let what = format!("{method} {address} as {role:?}: {} {}", got.status, got.location);
            match access {
                Access::Staff(roles) if roles.contains(&role) => {
                    assert!(got.location.starts_with("/second-factor?next="), "{what}");
                }
                Access::SignedIn => {
                    assert!(got.location.starts_with("/second-factor?next="), "{what}");
                }
                Access::Staff(_) | Access::Citizen => {
                    assert_eq!(got.status, StatusCode::FORBIDDEN, "{what}");
                }
                Access::Anyone | Access::HalfSignedIn => {}
            }
        }
    }
}

#[tokio::test]
async fn a_clerk_sets_up_a_second_factor_and_comes_in() {
    for store in store::testing::both().await {
        let test = strict(store).await;
        let cookie = test.cookie("clerk").await;
        let page = test.get("/second-factor?next=/admin/payouts", &cookie).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            !page.body.contains("href=\"/admin\""),
            "there is nowhere else to go"
        );
        let secret: String = after(&page.body, "id=\"totp-secret\"").split(' ').collect();
        let totp = Builder::new()
            .with_secret(Secret::try_from_base32(&secret).unwrap())
            .with_account_name("clerk")
            .build()
            .unwrap();
        let code = totp.generate((NOW / 1_000).cast_unsigned()).to_string();
        let token = test.token("/second-factor", &cookie).await;
        let wrong = if code == "000000" { "111111" } else { "000000" };
        for (typed, status) in [
            ("", StatusCode::UNPROCESSABLE_ENTITY),
            (wrong, StatusCode::UNPROCESSABLE_ENTITY),
            (code.as_str(), StatusCode::OK),
        ] {
            let form = [
                ("_token", token.as_str()),
                ("code", typed),
                ("next", "/admin/payouts"),
            ];
            let got = test.ask("POST", "/second-factor", &cookie, Some(&form)).await;
            assert_eq!(got.status, status, "{typed}: {}", got.body);
            assert!(!got.body.contains("value=\"000000\""));
            if status == StatusCode::OK {
                assert!(got.body.contains("id=\"recovery-codes\""), "{}", got.body);
                assert!(got.body.contains("href=\"/admin/payouts\""), "{}", got.body);
            }
        }
        let desk = test.get("/admin", &cookie).await;
        assert_eq!(desk.status, StatusCode::OK);
        let security = test.get("/security", &cookie).await;
        assert_eq!(security.status, StatusCode::OK);
        assert!(
            security.body.contains("127.0.0.1"),
            "the history tells where from"
        );
        // Another sign-in is asked for a code, and that one was used.
        let again = test.cookie("clerk").await;
        let page = test.get("/admin", &again).await;
        assert!(page.location.starts_with("/second-factor"), "{}", page.location);
        let token = test.token("/second-factor", &again).await;
        let form = [("_token", token.as_str()), ("code", code.as_str())];
        let used = test.ask("POST", "/second-factor", &again, Some(&form)).await;
        assert_eq!(used.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn an_administrator_invites_by_a_link_and_an_approver_needs_a_second_person() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        let cookie = test.cookie("administrator").await;
        let token = test.token("/admin/staff", &cookie).await;
        for (login, role, at_once) in [
            ("saeromi", "role_clerk", true),
            ("seungin9", "role_approver", false),
        ] {
            let form = [
                ("_token", token.as_str()),
                ("do", "add"),
                ("name", "이새롬"),
                ("login_id", login),
                (role, "1"),
            ];
            let page = test.ask("POST", "/admin/staff", &cookie, Some(&form)).await;
            assert_eq!(page.status, StatusCode::OK, "{}", page.body);
            let link = after(&page.body, "id=\"invitation-link\"");
            let path = link.strip_prefix("http://127.0.0.1:2").unwrap().to_owned();
            if !at_once {
                let waits = test.get(&path, "").await;
                assert!(
                    waits.body.contains("한 사람의 동의가 더 필요합니다"),
                    "{}",
                    waits.body
                );
                let list = test.get("/admin/staff", &cookie).await.body;
                assert!(!list.contains("value=\"agree\""), "not by who invited");
                // The operator sees it and agrees.
                let operator = test.cookie("operator").await;
                let page = test.get("/admin/municipalities", &operator).await.body;
                let id = page.split("name=\"invitation\" value=\"").nth(1).unwrap();
                let id = id.split('"').next().unwrap();
                let token = test.token("/admin/municipalities", &operator).await;
                let form = [
                    ("_token", token.as_str()),
                    ("do", "agree"),
                    ("invitation", id),
                    ("municipality", "41390"),
                ];
                let done = test
                    .ask("POST", "/admin/invitations", &operator, Some(&form))
                    .await;
                assert_eq!(done.location, "/admin/municipalities");
            }
            let open = test.get(&path, "").await;
            assert_eq!(open.status, StatusCode::OK, "{}", open.body);
            let secret = open
                .cookies
                .iter()
                .find(|one| one.starts_with("neul_form="))
                .unwrap();
            let anonymous = secret.split(';').next().unwrap().to_owned();
            let own = test.token(&path, &anonymous).await;
            let form = [("_token", own.as_str()), ("password", NEW_PASSWORD)];
            let done = test.ask("POST", &path, &anonymous, Some(&form)).await;
            assert_eq!(done.location, "/login", "{}", done.body);
            assert_eq!(test.get(&path, "").await.status, StatusCode::NOT_FOUND);
            let client = people::Client::new("127.0.0.1", "test");
            let people = &test.house.people;
            people.sign_in(login, NEW_PASSWORD, &client, NOW).await.unwrap();
        }
        let both = [
            ("_token", token.as_str()),
            ("do", "add"),
            ("name", "이새롬"),
            ("login_id", "dulda99"),
            ("role_clerk", "1"),
            ("role_approver", "1"),
        ];
        let page = test.ask("POST", "/admin/staff", &cookie, Some(&both)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains("value=\"dulda99\""), "what was typed is kept");
    }
}

#[tokio::test]
async fn the_audit_log_is_taken_along_and_that_is_on_record() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        let cookie = test.cookie("auditor").await;
        let csv = test.get("/admin/audit.csv?text=AUDITOR", &cookie).await;
        assert_eq!(csv.status, StatusCode::OK);
        let lines: Vec<&str> = csv.body.lines().collect();
        assert!(
            lines.len() >= 2 && lines.iter().skip(1).all(|line| line.contains("auditor")),
            "{lines:?}"
        );
        let xlsx = test.get("/admin/audit.xlsx", &cookie).await;
        assert_eq!(xlsx.status, StatusCode::OK);
        assert!(xlsx.body.starts_with("PK"));
        let page = test.get("/admin/audit?action=audit.", &cookie).await.body;
        assert_eq!(
            page.matches("<code class=\"soft small\">audit.export</code>")
                .count(),
            2,
            "{page}"
        );
        let heads = test.house.people.verify_audit().await.unwrap().unwrap();
        assert!(heads.iter().any(|head| head.seq > 3));
        assert_eq!(
            test.get("/admin/audit.csv", &test.cookie("clerk").await)
                .await
                .status,
            StatusCode::FORBIDDEN
        );
    }
    assert_ne!(PASSWORD, NEW_PASSWORD);
}

#[tokio::test]
async fn a_resident_takes_their_data_along_and_leaves_only_without_money() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        let cookie = test.cookie("citizen").await;
        let file = test.get("/wallet/data.json", &cookie).await;
        assert_eq!(file.status, StatusCode::OK);
        for own in ["이하늘", "1999-03-14", "01012345678", "\"movements\""] {
            assert!(file.body.contains(own), "{own} in {}", file.body);
        }
        let people = &test.house.people;
        let client = people::Client::new("127.0.0.1", "test");
        let token = test.token("/wallet/data", &cookie).await;
        let form = [("_token", token.as_str()), ("password", PASSWORD), ("sure", "1")];
        let holder = people.holders_of_login(citizen(&test).await).await.unwrap()[0].1;
        test.give(OWN, test.own_programme, holder, 1_000).await;
        let refused = test.ask("POST", "/wallet/data", &cookie, Some(&form)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            refused.body.contains("1,000"),
            "what is left is said: {}",
            refused.body
        );
        let pay = ledger::Operation::Pay {
            holder,
            merchant: test.own_merchant,
            amount_won: 1_000,
        };
        test.post(OWN, "pay", pay).await;
        let unsure = [("_token", token.as_str()), ("password", PASSWORD)];
        let refused = test.ask("POST", "/wallet/data", &cookie, Some(&unsure)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let done = test.ask("POST", "/wallet/data", &cookie, Some(&form)).await;
        assert_eq!(
            (done.status, done.location.as_str()),
            (StatusCode::SEE_OTHER, "/"),
            "{}",
            done.body
        );
        assert!(people.sign_in("citizen", PASSWORD, &client, NOW).await.is_err());
        let verified = test.house.ledger.verify().await.unwrap();
        assert!(verified.difference.is_none(), "money is as it was: {verified:?}");
        // Five years later the holder is nobody's; a payment meanwhile would have counted anew.
        test.house
            .frozen_at
            .store(NOW + people::KEEP_MS, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(server::jobs::forget::run(&test.house).await, Ok(1));
        assert_eq!(people.holder_person(OWN, holder).await.unwrap(), None);
    }
}

async fn citizen(test: &TestHouse) -> i64 {
    let client = people::Client::new("127.0.0.1", "test");
    let signed_in = test
        .house
        .people
        .sign_in("citizen", PASSWORD, &client, NOW)
        .await
        .unwrap();
    signed_in.session.who.login()
}
