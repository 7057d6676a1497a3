//! With the status process dead, a plain file server on the twin's folder still tells the last truth.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use axum::Router;
use reqwest::StatusCode;
use serde_json::Value;
use status::StatusError;
use tower_http::services::ServeDir;

use crate::house::{MINUTE, START, Site, config, field};

/// A server that knows nothing of us: files, `index.html` for a folder.
async fn serve(dir: &Path) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let addr = listener.local_addr().expect("an address");
    let router = Router::new().fallback_service(ServeDir::new(dir));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{addr}")
}

async fn get(url: &str) -> (StatusCode, String) {
    let answer = reqwest::get(url).await.expect("an answer");
    (answer.status(), answer.text().await.expect("text"))
}

/// Waits until the folder's front page says `text`.
async fn until(dir: &Path, text: &str) {
    for _ in 0..200 {
        if std::fs::read_to_string(dir.join("index.html")).is_ok_and(|page| page.contains(text)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never written: {text}");
}

/// What a page leads to within the copy.
fn links(page: &str) -> BTreeSet<String> {
    let mut links = BTreeSet::new();
    for name in [" href=\"", " src=\""] {
        for rest in page.split(name).skip(1) {
            let link = rest.split('"').next().expect("an end");
            let outside = link.contains("://") || link.starts_with("tel:") || link.starts_with('#');
            if !outside {
                links.insert(link.to_owned());
            }
        }
    }
    links
}

/// Walks the copy from a page on; every link must lead to a file. Gives back how many pages there are.
fn walk(root: &Path, file: PathBuf, seen: &mut BTreeSet<PathBuf>) {
    if !seen.insert(file.clone()) || file.extension().is_none_or(|extension| extension != "html") {
        return;
    }
    let page = std::fs::read_to_string(&file).expect("a page");
    assert!(page.contains("data-written=\"2026-11-24T"), "{}", file.display());
    assert!(
        !page.contains(" style=") && !page.contains("@@"),
        "{}",
        file.display()
    );
    for link in links(&page) {
        assert!(!link.starts_with('/'), "{link} would not work below a path");
        let target = file.parent().expect("a folder").join(&link);
        let whole = target
            .canonicalize()
            .unwrap_or_else(|_| panic!("{link} on {} leads nowhere", file.display()));
        assert!(
            whole.is_file() && whole.starts_with(root),
            "{link} on {}",
            file.display()
        );
        walk(root, whole, seen);
    }
}

#[tokio::test]
async fn the_last_truth_outlives_every_process_of_ours() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("twin");
    let site = Site::with(|config| {
        config.twin = Some(dir.clone());
        config.public_url = Some("https://status.example.kr".to_owned());
    })
    .await;
    until(&dir, "모든 서비스가 정상입니다").await;
    let desk = site.operator().await;
    let next = field(site.now() + 30 * MINUTE);
    let id = desk.opened(&site, &[("next", &next)]).await;
    until(&dir, "결제 이용이 중단되었습니다").await;
    let live = site.browser().page("/api/v2/summary.json").await;
    assert!(
        site.browser()
            .page("/")
            .await
            .contains("결제 이용이 중단되었습니다")
    );
    site.end().await;

    let base = serve(&dir).await;
    for (path, words) in [
        ("/", "결제 이용이 중단되었습니다"),
        ("/en/", "Not working: Payment"),
        (&format!("/incidents/{id}"), "원인을 찾고 있습니다."),
        (&format!("/en/incidents/{id}/"), "We are looking for the cause."),
        ("/history", "최근 90일"),
        ("/badge.svg", "결제 이용이 중단되었습니다"),
        ("/history.rss", "결제가 되지 않습니다"),
        ("/en/history.atom", "Payments do not work"),
        ("/written.json", "2026-11-24T15:00:00.000+09:00"),
    ] {
        let (status, text) = get(&format!("{base}{path}")).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(text.contains(words), "{path}: {text}");
    }
    let (_, front) = get(&base).await;
    assert!(front.contains("이 페이지는 사본입니다") && front.contains("2026년 11월 24일 (화) 15:00"));
    assert!(
        front.contains("5분보다 오래되었다면"),
        "what to make of it, without a script"
    );
    assert!(
        front.contains("https://status.example.kr/"),
        "where the live page is"
    );
    assert!(front.contains("15:30"), "the promise of the next word");
    assert!(!front.contains("/desk"), "nothing that needs a program");
    let (_, json) = get(&format!("{base}/api/v2/summary.json")).await;
    assert_eq!(json, live, "the same bytes");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["status"]["indicator"], "critical");

    let root = dir.canonicalize().expect("it is there");
    let mut seen = BTreeSet::new();
    walk(&root, root.join("index.html"), &mut seen);
    assert!(
        seen.contains(&root.join(format!("en/incidents/{id}/index.html"))),
        "both languages"
    );
    let css = seen
        .iter()
        .find(|file| file.extension().is_some_and(|extension| extension == "css"))
        .expect("a stylesheet");
    let css = std::fs::read_to_string(css).expect("text");
    for font in css
        .split("url(\"")
        .skip(1)
        .map(|rest| rest.split('"').next().expect("an end"))
    {
        assert!(root.join("assets").join(font).is_file(), "{font}");
    }
}

#[tokio::test]
async fn an_export_writes_the_same_beside_no_process_at_all() {
    let site = Site::new().await;
    let desk = site.operator().await;
    let id = desk.opened(&site, &[]).await;
    let (dir, clock) = site.end().await;
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().join("copy");
    status::export(config(dir.path(), &clock), &to)
        .await
        .expect("written");
    let page = std::fs::read_to_string(to.join("incidents").join(&id).join("index.html")).expect("a page");
    assert!(page.contains("결제가 되지 않습니다"));

    let error = status::export(config(folder.path(), &clock), &to)
        .await
        .expect_err("no site there");
    assert!(matches!(error, StatusError::NoSite { .. }));
    std::fs::write(folder.path().join("mine"), "mine").expect("written");
    let error = status::export(config(dir.path(), &clock), folder.path())
        .await
        .expect_err("somebody's folder");
    assert!(matches!(error, StatusError::NotOurs { .. }));
    assert_eq!(clock.load(std::sync::atomic::Ordering::Relaxed), START);
}
