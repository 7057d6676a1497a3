//! The desk over the router: figures as the ledger counted them, terms that change, reports as pages and files.

use axum::http::StatusCode;
use ledger::{Category, Counting, NewMerchant, NewProgramme, Operation, Request, Step};

use crate::house::{Answer, NOW, OWN, TestHouse};

/// A house in which 100,000 won were sold for 90,000 and 12,000 of it spent.
async fn busy(store: store::testing::TestStore) -> (TestHouse, i64) {
    let test = TestHouse::new(store).await;
    let ledger = &test.house.ledger;
    let new = NewProgramme::sold("시루", "Siru", 1_000, "test");
    let programme = ledger.create_programme(OWN, new, NOW).await.unwrap().id;
    let shop = NewMerchant {
        code: "Z9".into(),
        name: "장터".into(),
        category: Category::TraditionalMarket,
        revenue_won_year: 10_000,
        address: "-".into(),
        district: "신천동".into(),
    };
    let merchant = ledger.create_merchant(OWN, shop, NOW).await.unwrap().id;
    let operations = [
        Operation::Fund {
            programme,
            amount_won: 1_000_000,
        },
        Operation::Sell {
            programme,
            holder: 7,
            value_won: 100_000,
            deposit: None,
        },
        Operation::Pay {
            holder: 7,
            merchant,
            amount_won: 12_000,
        },
    ];
    for (number, operation) in operations.into_iter().enumerate() {
        let request = Request {
            municipality: OWN,
            key: format!("k{number}"),
            actor: "test".into(),
            at: NOW,
            operation,
        };
        ledger.post(request).await.unwrap();
    }
    while !matches!(ledger.sequence().await.unwrap(), Step::Appended { leaves: 0, .. }) {}
    while !matches!(
        ledger.count_figures().await.unwrap(),
        Counting::Counted { more: false, .. }
    ) {}
    (test, programme)
}

fn no_style(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(!answer.body.contains(" style=\""), "the policy refuses it");
}

#[tokio::test]
async fn the_desk_draws_what_was_counted_for_its_own_municipality() {
    for store in store::testing::both().await {
        let (test, programme) = busy(store).await;
        let cookie = test.cookie("auditor").await;
        let page = test.get("/admin", &cookie).await;
        no_style(&page);
        for said in [
            "role=\"img\"",
            "신천동",
            "전통시장",
            "12,000원",
            "990,000원",
            "88,000원",
        ] {
            assert!(page.body.contains(said), "{said}\n{}", page.body);
        }
        // Another time, another programme.
        let before = test.get("/admin?from=2025-01-01&until=2025-12-31", &cookie).await;
        no_style(&before);
        assert!(!before.body.contains("신천동"));
        let only = test.get(&format!("/admin?programme={programme}"), &cookie).await;
        assert!(only.body.contains("신천동"));
        let wrong = test.get("/admin?from=2026-05-01&until=2026-04-01", &cookie).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("2026-05-01") && wrong.body.contains("종료일은"));
        let other = test.cookie("other-auditor").await;
        let theirs = test.get("/admin", &other).await;
        no_style(&theirs);
        assert!(!theirs.body.contains("신천동") && !theirs.body.contains("12,000원"));
    }
}

#[tokio::test]
async fn reports_are_pages_and_workbooks_with_the_same_sums() {
    for store in store::testing::both().await {
        let (test, _) = busy(store).await;
        let cookie = test.cookie("clerk").await;
        let page = test.get("/admin/reports?month=2026-03", &cookie).await;
        no_style(&page);
        for said in ["100,000원", "90,000원", "12,000원", "88,000원", "990,000원"] {
            assert!(page.body.contains(said), "{said}\n{}", page.body);
        }
        let empty = test.get("/admin/reports?month=2025-03", &cookie).await;
        assert!(!empty.body.contains("12,000원"));
        assert_eq!(
            test.get("/admin/reports?month=x", &cookie).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        no_style(
            &test
                .get("/admin/reports/exchange?half=2026-1&pct=100", &cookie)
                .await,
        );
        for file in [
            "/admin/reports/month.xlsx?month=2026-03",
            "/admin/reports/exchange.xlsx?half=2026-1",
        ] {
            let file = test.get(file, &cookie).await;
            assert_eq!(file.status, StatusCode::OK);
            assert!(file.body.starts_with("PK"));
        }
        let citizen = test.cookie("citizen").await;
        no_style(&test.get("/wallet/statement?year=2026", &citizen).await);
        assert!(
            test.get("/wallet/statement.xlsx", &citizen)
                .await
                .body
                .starts_with("PK")
        );
    }
}

#[tokio::test]
async fn terms_are_shown_before_they_change_and_may_be_withdrawn_until_they_hold() {
    for store in store::testing::both().await {
        let (test, programme) = busy(store).await;
        let cookie = test.cookie("clerk").await;
        let page = format!("/admin/programmes/{programme}");
        let change = format!("{page}/change");
        let token = test.token(&change, &cookie).await;
        let form = |discount: &'static str, more: &[(&'static str, &'static str)]| {
            let mut form = vec![
                ("_key", "one change"),
                ("when", "day"),
                ("day", "2026-04-01"),
                ("discount", discount),
                ("refund", "60"),
                ("expiry", "months"),
                ("months", "60"),
                ("monthly_budget", "50,000"),
                ("reason", "설 명절"),
            ];
            form.extend_from_slice(more);
            form
        };
        let ask = |mut form: Vec<(&'static str, &'static str)>| {
            let (test, cookie, change, token) = (&test, &cookie, &change, token.clone());
            async move {
                let token: &'static str = Box::leak(token.into_boxed_str());
                form.push(("_token", token));
                test.ask("POST", change, cookie, Some(&form)).await
            }
        };
        let wrong = ask(form("120", &[])).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("value=\"120\""), "what was typed stays");
        let preview = ask(form("15", &[])).await;
        assert_eq!(preview.status, StatusCode::OK, "{}", preview.body);
        assert!(
            preview.body.contains("85,000원") && preview.body.contains("15%"),
            "{}",
            preview.body
        );
        let ledger = &test.house.ledger;
        assert!(ledger.programme_changes(OWN, programme).await.unwrap().is_empty());
        let made = ask(form("15", &[("made", "1")])).await;
        assert_eq!(
            (made.status, made.location.as_str()),
            (StatusCode::SEE_OTHER, page.as_str())
        );
        // The same form again changes nothing more.
        ask(form("15", &[("made", "1")])).await;
        let changes = ledger.programme_changes(OWN, programme).await.unwrap();
        assert_eq!(changes.len(), 1);
        let now = ledger.programme_at(OWN, programme, NOW).await.unwrap().unwrap();
        assert_eq!((now.discount_bp, now.monthly_budget_won), (1_000, None));
        let then = ledger
            .programme_at(OWN, programme, changes[0].effective_at)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((then.discount_bp, then.monthly_budget_won), (1_500, Some(50_000)));
        let shown = test.get(&page, &cookie).await;
        no_style(&shown);
        assert!(shown.body.contains("설 명절") && shown.body.contains("예정"));
        let token = test.token(&page, &cookie).await;
        let id = changes[0].id.to_string();
        let withdraw = [
            ("_token", token.as_str()),
            ("do", "withdraw"),
            ("change", id.as_str()),
        ];
        let done = test.ask("POST", &page, &cookie, Some(&withdraw)).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER);
        let changes = ledger.programme_changes(OWN, programme).await.unwrap();
        assert_eq!(changes[0].withdrawn_at, Some(NOW));
        // Of another municipality, there is no such page.
        let other = test.cookie("other-clerk").await;
        assert_eq!(test.get(&change, &other).await.status, StatusCode::NOT_FOUND);
    }
}
