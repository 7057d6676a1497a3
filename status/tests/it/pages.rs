//! What a reader's browser gets: language, caches, guards, and a way on from a wrong address.

use reqwest::{Response, StatusCode, header};

use crate::house::Site;

async fn front(site: &Site, path: &str, headers: &[(&'static str, &str)]) -> Response {
    let mut request = reqwest::Client::new().get(format!("{}{path}", site.base));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.expect("an answer")
}

#[tokio::test]
async fn korean_first_and_english_where_the_reader_says_so() {
    let site = Site::new().await;
    type Headers = &'static [(&'static str, &'static str)];
    let cases: [(&str, Headers, &str); 7] = [
        ("/", &[], "ko"),
        ("/?lang=en", &[], "en"),
        ("/", &[("accept-language", "en-US,en;q=0.9")], "en"),
        ("/", &[("accept-language", "fr, ko;q=0.5, en;q=0.3")], "ko"),
        ("/", &[("cookie", "neul_status_lang=en")], "en"),
        (
            "/",
            &[("accept-language", "en"), ("cookie", "a=b; neul_status_lang=ko")],
            "ko",
        ),
        ("/?lang=ko", &[("cookie", "neul_status_lang=en")], "ko"),
    ];
    for (path, headers, lang) in cases {
        let page = front(&site, path, headers).await.text().await.expect("text");
        assert!(
            page.starts_with(&format!("<!DOCTYPE html><html lang=\"{lang}\">")),
            "{path} {headers:?}"
        );
        let words = if lang == "ko" {
            "모든 서비스가 정상입니다"
        } else {
            "All services are operational"
        };
        assert!(page.contains(words), "{path} {headers:?}");
        assert!(
            page.contains("tel:16700119"),
            "the help line stands on every page"
        );
    }
    let chosen = front(&site, "/?lang=en", &[]).await;
    assert!(
        chosen.headers()[header::SET_COOKIE]
            .to_str()
            .expect("text")
            .starts_with("neul_status_lang=en;")
    );
    assert!(
        chosen.headers()[header::CACHE_CONTROL]
            .to_str()
            .expect("text")
            .starts_with("private")
    );
}

#[tokio::test]
async fn every_answer_is_guarded_and_no_page_has_a_script_or_an_inline_style() {
    let site = Site::new().await;
    let desk = site.operator().await;
    desk.opened(&site, &[]).await;
    for path in [
        "/",
        "/history",
        "/nope",
        "/desk",
        "/desk/sign-in",
        "/desk/maintenance",
        "/api/v2/summary.json",
        "/history.rss",
        "/robots.txt",
    ] {
        let answer = desk.get(path).await;
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("text")
            .to_owned();
        assert!(
            policy.starts_with("default-src 'none';") && !policy.contains("unsafe"),
            "{path}"
        );
        assert_eq!(
            answer.headers()[header::X_CONTENT_TYPE_OPTIONS],
            "nosniff",
            "{path}"
        );
        assert_eq!(answer.headers()[header::REFERRER_POLICY], "same-origin", "{path}");
        let body = answer.text().await.expect("text");
        assert!(
            !body.contains("<script") && !body.contains(" style=") && !body.contains("https://"),
            "{path}: {body}"
        );
    }
}

#[tokio::test]
async fn an_unchanged_page_is_not_sent_twice_and_travels_packed() {
    let site = Site::new().await;
    let first = front(&site, "/", &[]).await;
    let tag = first.headers()[header::ETAG].to_str().expect("text").to_owned();
    let plain = first.bytes().await.expect("bytes").len();
    let again = front(&site, "/", &[("if-none-match", &tag)]).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    let packed = front(&site, "/", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(packed.headers()[header::CONTENT_ENCODING], "br");
    assert_ne!(packed.headers()[header::ETAG], tag.as_str());
    assert!(packed.bytes().await.expect("bytes").len() * 3 < plain);
    let head = reqwest::Client::new()
        .head(&site.base)
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        head.headers()[header::CONTENT_LENGTH].to_str().expect("text"),
        plain.to_string()
    );
}

#[tokio::test]
async fn files_come_from_here_and_are_kept_for_ever_by_their_name() {
    let site = Site::new().await;
    let page = front(&site, "/", &[]).await.text().await.expect("text");
    let css = page
        .split("rel=\"stylesheet\" href=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a stylesheet");
    let answer = front(&site, css, &[]).await;
    assert!(
        answer.headers()[header::CACHE_CONTROL]
            .to_str()
            .expect("text")
            .contains("immutable")
    );
    let text = answer.text().await.expect("text");
    for url in text
        .split("url(")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
    {
        let url = url.trim_matches('"');
        assert!(!url.contains("//"), "no other host: {url}");
        assert_eq!(front(&site, url, &[]).await.status(), StatusCode::OK, "{url}");
    }
    assert_eq!(
        front(&site, "/assets/icon.svg", &[]).await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_wrong_address_leads_on() {
    let site = Site::new().await;
    for path in [
        "/nope",
        "/incidents/aaaaaaaaaaaa",
        "/history?month=nope",
        "/desk/nope",
    ] {
        let answer = front(&site, path, &[]).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(
            answer
                .text()
                .await
                .expect("text")
                .contains("찾는 페이지가 없습니다"),
            "{path}"
        );
    }
    assert_eq!(
        front(&site, "/history?month=2020-02", &[]).await.status(),
        StatusCode::OK
    );
    let answer = reqwest::Client::new()
        .post(format!("{}/", site.base))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
}
