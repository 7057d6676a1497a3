//! Every address, every visitor, own and other municipality.

use app::access::{Access, ROUTES};
use axum::http::StatusCode;
use people::Role;

use crate::house::{TestHouse, Visitor};

const VISITORS: [Visitor; 8] = [
    Visitor::Stranger,
    Visitor::Citizen,
    Visitor::Staff(Role::Clerk),
    Visitor::Staff(Role::Approver),
    Visitor::Staff(Role::Auditor),
    Visitor::Staff(Role::Administrator),
    Visitor::Staff(Role::Operator),
    Visitor::Staff(Role::Merchant),
];

fn may(access: Access, visitor: Visitor) -> bool {
    match (access, visitor) {
        (Access::Anyone, _)
        | (Access::SignedIn, Visitor::Citizen | Visitor::Staff(_))
        | (Access::HalfSignedIn, Visitor::Staff(_))
        | (Access::Citizen, Visitor::Citizen) => true,
        (Access::Staff(roles), Visitor::Staff(role)) => roles.contains(&role),
        _ => false,
    }
}

#[tokio::test]
async fn every_address_lets_in_whom_the_table_names_and_nobody_else() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        for visitor in VISITORS {
            let cookie = test.cookie_of(visitor).await;
            for (method, path, access) in ROUTES {
                if matches!(*path, "/logout") {
                    continue;
                }
                // A record that does not exist: whoever may come in learns that (404), nobody else does.
                let address = path.replace("{id}", "4242");
                let form: &[(&str, &str)] = &[];
                let got = test
                    .ask(method, &address, &cookie, (*method == "POST").then_some(form))
                    .await;
                let what = format!(
                    "{method} {address} as {visitor:?}: {} {}",
                    got.status, got.location
                );
                if may(*access, visitor) {
                    assert_ne!(got.status, StatusCode::FORBIDDEN, "{what}");
                    assert!(!got.location.starts_with("/login?next"), "{what}");
                    assert!(!got.status.is_server_error(), "{what}\n{}", got.body);
                } else if visitor == Visitor::Stranger {
                    assert_eq!(got.status, StatusCode::SEE_OTHER, "{what}");
                    assert!(got.location.starts_with("/login?next="), "{what}");
                } else {
                    assert_eq!(got.status, StatusCode::FORBIDDEN, "{what}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_record_of_another_municipality_does_not_exist_for_an_official() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        for role in [Role::Clerk, Role::Approver, Role::Auditor, Role::Administrator] {
            let own = test.cookie(role.name()).await;
            let other = test.cookie(&format!("other-{}", role.name())).await;
            let page = format!("/admin/programmes/{}", test.own_programme);
            assert_eq!(
                test.get(&page, &own).await.status,
                StatusCode::OK,
                "{page} as {role:?}"
            );
            assert_eq!(
                test.get(&page, &other).await.status,
                StatusCode::NOT_FOUND,
                "{page} as other {role:?}"
            );
            let theirs = format!("/admin/programmes/{}", test.other_programme);
            assert_eq!(
                test.get(&theirs, &own).await.status,
                StatusCode::NOT_FOUND,
                "{theirs} as {role:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_unknown_address_is_a_helpful_page() {
    let test = TestHouse::new(store::testing::sqlite().await).await;
    let got = test.get("/no/such/page", "").await;
    assert_eq!(got.status, StatusCode::NOT_FOUND);
    assert!(got.body.contains("찾으시는 화면이 없습니다"), "{}", got.body);
}
