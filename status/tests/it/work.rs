//! Announced work begins and ends by the clock.

use std::time::Duration;

use reqwest::StatusCode;

use crate::house::{MINUTE, Site, field, hidden, id_in};

async fn announce(site: &Site, ends_itself: bool) -> String {
    let desk = site.operator().await;
    let page = desk.page("/desk/maintenance").await;
    let (token, form) = (hidden(&page, "token"), hidden(&page, "form"));
    let (from, until) = (field(site.now() + 60 * MINUTE), field(site.now() + 180 * MINUTE));
    let mut fields = vec![
        ("token", token.as_str()),
        ("form", form.as_str()),
        ("title_ko", "정기 점검"),
        ("title_en", "Maintenance"),
        ("body_ko", "충전이 멈춥니다."),
        ("body_en", "Charging pauses."),
        ("component-charging", "yes"),
        ("from", from.as_str()),
        ("until", until.as_str()),
    ];
    if ends_itself {
        fields.push(("ends_itself", "yes"));
    }
    let answer = desk.post("/desk/maintenance", &fields).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    id_in(&answer)
}

async fn charging(site: &Site) -> String {
    // The site looks at the clock once a second.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    site.json("/api/v2/components.json").await["components"][3]["status"]
        .as_str()
        .expect("a word")
        .to_owned()
}

#[tokio::test]
async fn work_is_announced_begins_and_ends_by_itself() {
    let site = Site::new().await;
    announce(&site, true).await;
    let upcoming = site.json("/api/v2/scheduled-maintenances/upcoming.json").await;
    let work = &upcoming["scheduled_maintenances"][0];
    assert_eq!(
        (&work["status"], &work["impact"]),
        (&"scheduled".into(), &"maintenance".into())
    );
    assert_eq!(work["scheduled_for"], "2026-11-24T16:00:00.000+09:00");
    assert_eq!(work["scheduled_until"], "2026-11-24T18:00:00.000+09:00");
    assert!(site.browser().page("/").await.contains("예정된 점검"));
    assert_eq!(charging(&site).await, "operational");

    site.pass(61 * MINUTE);
    assert_eq!(charging(&site).await, "under_maintenance");
    let summary = site.json("/api/v2/summary.json").await;
    assert_eq!(
        summary["status"]["indicator"], "none",
        "announced work is no incident"
    );
    assert_eq!(summary["scheduled_maintenances"][0]["status"], "in_progress");
    assert_eq!(
        site.json("/api/v2/scheduled-maintenances/active.json").await["scheduled_maintenances"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );

    site.pass(120 * MINUTE);
    assert_eq!(charging(&site).await, "operational");
    let done = site.json("/api/v2/scheduled-maintenances.json").await;
    let work = &done["scheduled_maintenances"][0];
    assert_eq!(
        work["resolved_at"], "2026-11-24T18:00:00.000+09:00",
        "the true time, not when it was noticed"
    );
    let page = site.browser().page("/history").await;
    assert!(
        page.contains("가동률 100%") && page.contains("bar-care"),
        "maintenance is counted apart"
    );
}

#[tokio::test]
async fn a_site_that_was_off_catches_up_with_the_true_times() {
    let site = Site::new().await;
    announce(&site, true).await;
    let site = {
        site.pass(600 * MINUTE);
        site.restart().await
    };
    let done = site.json("/api/v2/scheduled-maintenances.json").await;
    let updates = done["scheduled_maintenances"][0]["incident_updates"]
        .as_array()
        .expect("a list")
        .clone();
    let said: Vec<(&str, &str)> = updates
        .iter()
        .map(|one| {
            (
                one["status"].as_str().expect("a word"),
                one["display_at"].as_str().expect("a time"),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            ("completed", "2026-11-24T18:00:00.000+09:00"),
            ("in_progress", "2026-11-24T16:00:00.000+09:00"),
            ("scheduled", "2026-11-24T15:00:00.000+09:00"),
        ]
    );
}

#[tokio::test]
async fn work_that_the_operator_ends_goes_on_and_says_that_it_is_late() {
    let site = Site::new().await;
    let id = announce(&site, false).await;
    site.pass(200 * MINUTE);
    assert_eq!(charging(&site).await, "under_maintenance");
    assert!(
        site.browser()
            .page("/")
            .await
            .contains("예정보다 길어지고 있습니다")
    );
    site.operator()
        .await
        .update(&id, &[("status", "completed")])
        .await;
    assert_eq!(charging(&site).await, "operational");
}
