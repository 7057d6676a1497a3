//! Who may not, and how that is said.

use reqwest::{StatusCode, header};

use crate::house::{Browser, LOGIN, MINUTE, PASSWORD, Site, field, hidden};

async fn try_password(browser: &Browser, login: &str, password: &str) -> (StatusCode, String) {
    let page = browser.page("/desk/sign-in").await;
    let token = hidden(&page, "token");
    let answer = browser
        .post(
            "/desk/sign-in",
            &[("token", &token), ("login", login), ("password", password)],
        )
        .await;
    let status = answer.status();
    // What differs by request: the login typed, and the token.
    (
        status,
        answer
            .text()
            .await
            .expect("text")
            .replace(login, "")
            .replace(&token, ""),
    )
}

#[tokio::test]
async fn a_wrong_login_and_a_wrong_password_look_the_same_and_soon_have_to_wait() {
    let site = Site::new().await;
    let browser = site.browser();
    let wrong_password = try_password(&browser, LOGIN, "not the password").await;
    let wrong_login = try_password(&browser, "nobody", "not the password").await;
    assert_eq!(wrong_password.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong_password, wrong_login);
    for _ in 0..4 {
        try_password(&browser, LOGIN, "still not").await;
    }
    assert_eq!(
        try_password(&browser, LOGIN, PASSWORD).await.0,
        StatusCode::TOO_MANY_REQUESTS
    );
    site.pass(6 * MINUTE);
    assert_eq!(
        try_password(&browser, LOGIN, PASSWORD).await.0,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn the_desk_is_closed_without_a_session_and_after_sign_out() {
    let site = Site::new().await;
    for path in [
        "/desk",
        "/desk/maintenance",
        "/desk/incidents/aaaaaaaaaaaa",
        "/desk/incidents/aaaaaaaaaaaa/report",
        "/desk/incidents/aaaaaaaaaaaa/report.xlsx",
    ] {
        let answer = site.browser().get(path).await;
        assert_eq!(
            (answer.status(), &answer.headers()[header::LOCATION]),
            (StatusCode::SEE_OTHER, &"/desk/sign-in".parse().expect("a value")),
            "{path}"
        );
    }
    let desk = site.operator().await;
    let page = desk.get("/desk").await;
    assert_eq!(page.headers()[header::CACHE_CONTROL], "no-store");
    let old = desk.cookie_header();
    desk.post(
        "/desk/sign-out",
        &[("token", &hidden(&page.text().await.expect("text"), "token"))],
    )
    .await;
    let again = desk
        .client
        .get(format!("{}/desk", site.base))
        .header(header::COOKIE, old)
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        again.status(),
        StatusCode::SEE_OTHER,
        "the old cookie opens nothing"
    );
    let forged = desk
        .client
        .get(format!("{}/desk", site.base))
        .header(header::COOKIE, "neul_desk=a.b")
        .send()
        .await
        .expect("an answer");
    assert_eq!(forged.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_from_another_site_or_without_its_token_changes_nothing() {
    let site = Site::new().await;
    let desk = site.operator().await;
    let page = desk.page("/desk").await;
    let started = field(site.now());
    let (token, form) = (hidden(&page, "token"), hidden(&page, "form"));
    let body = |token: &str| {
        serde_urlencoded::to_string([
            ("token", token),
            ("form", form.as_str()),
            ("title_ko", "가"),
            ("title_en", "a"),
            ("body_ko", "가"),
            ("body_en", "a"),
            ("status", "investigating"),
            ("impact", "minor"),
            ("started", started.as_str()),
        ])
        .expect("a form")
    };
    let send = |token: &str, headers: &[(&'static str, &str)]| {
        let mut request = desk
            .client
            .post(format!("{}/desk/incidents", site.base))
            .header(header::COOKIE, desk.cookie_header())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body(token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        async { request.send().await.expect("an answer").status() }
    };
    let own = site.base.as_str();
    let other_port = "http://127.0.0.1:1";
    for headers in [
        &[][..],
        &[("origin", "https://evil.example")],
        &[("origin", other_port)],
        &[("origin", "null")],
        &[("origin", own), ("sec-fetch-site", "cross-site")],
        &[("origin", own), ("sec-fetch-site", "same-site")],
    ] {
        assert_eq!(send(&token, headers).await, StatusCode::FORBIDDEN, "{headers:?}");
    }
    for wrong in ["", "0", &token[1..]] {
        assert_eq!(
            send(wrong, &[("origin", own)]).await,
            StatusCode::FORBIDDEN,
            "{wrong:?}"
        );
    }
    assert_eq!(
        site.json("/api/v2/incidents.json").await["incidents"]
            .as_array()
            .map(Vec::len),
        Some(0)
    );
    assert_eq!(
        send(&token, &[("origin", own), ("sec-fetch-site", "same-origin")]).await,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_large_form_is_refused_and_a_text_too_long_is_told() {
    let site = Site::new().await;
    let desk = site.operator().await;
    let answer = desk.open(&site, &[("body_ko", &"가".repeat(50_000))]).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let answer = desk.open(&site, &[("title_ko", &"가".repeat(121))]).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().await.expect("text").contains("120자까지"));
}
