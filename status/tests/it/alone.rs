//! The site stands alone: one server to a folder, nothing lost by a restart, other processes beside it.

use std::sync::{Arc, atomic::AtomicI64};

use reqwest::StatusCode;
use status::StatusError;

use crate::house::{LOGIN, PASSWORD, START, Site, config};

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_refused_and_told_why() {
    let site = Site::new().await;
    let error = status::bind(config(site.dir.path(), &Arc::new(AtomicI64::new(START))))
        .await
        .expect_err("one is running");
    assert!(matches!(error, StatusError::Running { .. }));
    assert!(
        error.to_string().contains("another status site is running")
            && error.to_string().contains("NEUL_STATUS_DIR")
    );
    assert_eq!(
        site.browser().get("/").await.status(),
        StatusCode::OK,
        "the first goes on"
    );
}

#[tokio::test]
async fn a_restart_keeps_incidents_ids_and_the_operators_session() {
    let site = Site::new().await;
    let desk = site.operator().await;
    let id = desk.opened(&site, &[]).await;
    let page_id = site.json("/api/v2/status.json").await["page"]["id"].clone();
    let site = site.restart().await;
    assert_eq!(site.json("/api/v2/status.json").await["page"]["id"], page_id);
    assert_eq!(
        site.json("/api/v2/incidents/unresolved.json").await["incidents"][0]["id"],
        id.as_str()
    );
    let mut again = site.browser();
    again.cookies = std::sync::Mutex::new(desk.cookies.lock().expect("cookies").clone());
    assert_eq!(
        again.get("/desk").await.status(),
        StatusCode::OK,
        "still signed in"
    );
}

#[tokio::test]
async fn an_operator_is_added_beside_the_running_site_and_a_new_password_ends_old_sessions() {
    let site = Site::new().await;
    let desk = site.operator().await;
    status::operator_add(site.dir.path(), "second", PASSWORD)
        .await
        .expect("added while it runs");
    status::operator_add(site.dir.path(), LOGIN, "another long password")
        .await
        .expect("changed while it runs");
    assert_eq!(desk.get("/desk").await.status(), StatusCode::SEE_OTHER);
    assert!(matches!(
        status::operator_add(site.dir.path(), "x", "short").await,
        Err(StatusError::Password)
    ));
    assert!(matches!(
        status::operator_add(site.dir.path(), "a b", PASSWORD).await,
        Err(StatusError::Login)
    ));
}

#[tokio::test]
async fn the_demo_has_a_past_fills_only_an_empty_site_and_shows_in_one_that_runs() {
    let dir = tempfile::tempdir().expect("a folder");
    let bound = status::bind(status::Config::new(([127, 0, 0, 1], 0).into(), dir.path()))
        .await
        .expect("binds");
    let base = format!("http://{}", bound.addr());
    let task = tokio::spawn(bound.run(std::future::pending()));
    let get = |path: &str| {
        let answer = reqwest::get(format!("{base}{path}"));
        async { answer.await.expect("an answer").text().await.expect("text") }
    };
    let loud = "정상이 아니었던 날";
    assert!(!get("/").await.contains(loud));
    status::fill_demo(dir.path(), "operator", "demo")
        .await
        .expect("filled beside the running site");
    assert!(matches!(
        status::fill_demo(dir.path(), "operator", "demo").await,
        Err(StatusError::NotEmpty)
    ));

    let mut front = String::new();
    for _ in 0..50 {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        front = get("/").await;
        if front.contains(loud) {
            break;
        }
    }
    assert!(
        front.contains("bar-major") && front.contains("bar-care"),
        "another process's writing is noticed"
    );
    let json = |text: String| serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
    let all = json(get("/api/v2/incidents.json").await);
    assert_eq!(all["incidents"][0]["status"], "resolved");
    assert_eq!(
        all["incidents"][0]["incident_updates"].as_array().map(Vec::len),
        Some(4)
    );
    let work = json(get("/api/v2/scheduled-maintenances.json").await);
    assert_eq!(work["scheduled_maintenances"][0]["status"], "completed");
    task.abort();
}

#[cfg(unix)]
#[tokio::test]
async fn the_session_key_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = Site::new().await;
    let mode = std::fs::metadata(site.dir.path().join("session-key"))
        .expect("a key")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}
