//! Forms that come wrong: from elsewhere, without a token, with amounts that are none.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use tower::ServiceExt;

use crate::house::{PASSWORD, TestHouse};

#[tokio::test]
async fn a_form_from_another_site_changes_nothing() {
    let test = TestHouse::new(store::testing::sqlite().await).await;
    let cookie = test.cookie("citizen").await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ] {
        let request = Request::post("/wallet/devices")
            .header(header::HOST, "127.0.0.1")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(name, value)
            .body(Body::from("others=1"))
            .unwrap();
        let got = test.router.clone().oneshot(request).await.unwrap();
        assert_eq!(got.status(), StatusCode::FORBIDDEN, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_form_without_its_token_comes_back_with_what_was_typed() {
    let test = TestHouse::new(store::testing::sqlite().await).await;
    let got = test
        .ask(
            "POST",
            "/login",
            "",
            Some(&[("login_id", "citizen"), ("password", PASSWORD)]),
        )
        .await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.body.contains("value=\"citizen\""), "{}", got.body);
    assert!(!got.body.contains(PASSWORD), "a password is never sent back");
    assert!(
        got.cookies.iter().all(|cookie| !cookie.starts_with("neul=")),
        "{:?}",
        got.cookies
    );
}

#[tokio::test]
async fn an_amount_that_is_none_is_refused_with_its_reason_and_kept() {
    let test = TestHouse::new(store::testing::sqlite().await).await;
    let cookie = test.cookie("citizen").await;
    let token = test.token("/wallet/pay", &cookie).await;
    let merchant = test.own_merchant.to_string();
    for (typed, reason) in [
        ("-1", "1원 이상"),
        ("0", "1원 이상"),
        ("1.5", "1원 단위"),
        ("9,223,372,036,854,775,808", "너무 큽니다"),
        ("십만원", "숫자로"),
        ("", "금액을 입력해"),
    ] {
        let form = [
            ("_token", token.as_str()),
            ("_key", "k"),
            ("merchant", merchant.as_str()),
            ("amount", typed),
        ];
        let got = test.ask("POST", "/wallet/pay", &cookie, Some(&form)).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert!(got.body.contains(reason), "{typed}: {}", got.body);
        if !typed.is_empty() {
            assert!(
                got.body.contains(&format!("value=\"{typed}\"")),
                "{typed} is kept: {}",
                got.body
            );
        }
    }
}

#[tokio::test]
async fn security_headers_stand_on_every_answer() {
    let test = TestHouse::new(store::testing::sqlite().await).await;
    for path in ["/", "/login", "/no/such/page", "/favicon.svg"] {
        let request = Request::get(path)
            .header(header::HOST, "127.0.0.1")
            .body(Body::empty())
            .unwrap();
        let got = test.router.clone().oneshot(request).await.unwrap();
        let policy = got.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
        assert_eq!(got.headers()["x-content-type-options"], "nosniff", "{path}");
    }
}

#[tokio::test]
async fn a_strangers_cookie_never_stands_for_a_session() {
    let test = TestHouse::new(store::testing::sqlite().await).await;
    let is_new = |cookie: &String| cookie.starts_with("neul_form=");
    let kept = test.get("/login", "neul_form=abc").await;
    assert!(!kept.cookies.iter().any(is_new), "{:?}", kept.cookies);
    // What a session's forms are bound to, in a cookie that anybody can send.
    let forged = test.get("/login", "neul_form=session%201").await;
    assert!(forged.cookies.iter().any(is_new), "{:?}", forged.cookies);
}

#[tokio::test]
async fn signing_in_anew_ends_the_session_that_the_browser_came_with() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        let old = test.cookie("citizen").await;
        let token = test.token("/wallet/devices", &old).await;
        let form = [
            ("_token", token.as_str()),
            ("login_id", "citizen"),
            ("password", PASSWORD),
        ];
        let got = test.ask("POST", "/login", &old, Some(&form)).await;
        assert_eq!(got.location, "/wallet", "{}", got.body);
        let new = got
            .cookies
            .iter()
            .find(|cookie| cookie.starts_with("neul="))
            .unwrap();
        let new = new.split(';').next().unwrap();
        assert_ne!(new, old, "the cookie is another one");
        assert_eq!(test.get("/wallet", new).await.status, StatusCode::OK);
        assert!(test.get("/wallet", &old).await.location.starts_with("/login"));
    }
}
