//! Programs that read Statuspage read this.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::house::{MINUTE, Site};

fn keys(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect()
}

fn set(names: &str) -> BTreeSet<&str> {
    names.split_whitespace().collect()
}

const PAGE: &str = "id name url time_zone updated_at";
const COMPONENT: &str = "id name status created_at updated_at position description showcase start_date group \
                         group_id page_id only_show_if_degraded";
const INCIDENT: &str = "id name status created_at updated_at monitoring_at resolved_at impact shortlink started_at \
                        page_id incident_updates components";
const UPDATE: &str = "id status body incident_id created_at updated_at display_at affected_components";

#[tokio::test]
async fn a_quiet_site_says_none_in_every_document() {
    let site = Site::new().await;
    let summary = site.json("/api/v2/summary.json").await;
    assert_eq!(
        keys(&summary),
        set("page status components incidents scheduled_maintenances")
    );
    assert_eq!(keys(&summary["page"]), set(PAGE));
    assert_eq!(summary["page"]["time_zone"], "Asia/Seoul");
    assert_eq!(summary["page"]["url"], site.base.as_str());
    assert_eq!(summary["status"]["indicator"], "none");
    let ids: Vec<&str> = summary["components"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["id"].as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "portal",
            "payment",
            "cancellation",
            "charging",
            "payouts",
            "sign-in"
        ]
    );
    for (position, component) in (1..).zip(summary["components"].as_array().expect("a list")) {
        assert_eq!(keys(component), set(COMPONENT));
        assert_eq!(component["status"], "operational");
        assert_eq!(component["position"], position);
        assert_eq!(component["page_id"], summary["page"]["id"]);
    }
    for (path, list) in [
        ("incidents", "incidents"),
        ("incidents/unresolved", "incidents"),
        ("scheduled-maintenances", "scheduled_maintenances"),
        ("scheduled-maintenances/upcoming", "scheduled_maintenances"),
        ("scheduled-maintenances/active", "scheduled_maintenances"),
    ] {
        let document = site.json(&format!("/api/v2/{path}.json")).await;
        assert_eq!(keys(&document), set(&format!("page {list}")), "{path}");
        assert_eq!(document[list], Value::Array(vec![]), "{path}");
    }
    assert_eq!(keys(&site.json("/api/v2/status.json").await), set("page status"));
    assert_eq!(
        keys(&site.json("/api/v2/components.json").await),
        set("page components")
    );
}

#[tokio::test]
async fn an_incident_has_statuspages_fields_from_its_first_word_to_its_last() {
    let site = Site::new().await;
    let desk = site.operator().await;
    let id = desk
        .opened(&site, &[("component-cancellation", "partial_outage")])
        .await;

    let summary = site.json("/api/v2/summary.json").await;
    assert_eq!(summary["status"]["indicator"], "critical");
    assert_ne!(summary["status"]["description"], "");
    assert_eq!(summary["components"][1]["status"], "major_outage");
    let incident = &summary["incidents"][0];
    assert_eq!(keys(incident), set(INCIDENT));
    assert_eq!(incident["id"], id.as_str());
    assert_eq!(
        (&incident["status"], &incident["impact"]),
        (&"investigating".into(), &"critical".into())
    );
    assert_eq!(incident["shortlink"], format!("{}/incidents/{id}", site.base));
    assert_eq!(incident["started_at"], "2026-11-24T15:00:00.000+09:00");
    assert!(incident["resolved_at"].is_null() && incident["monitoring_at"].is_null());
    let update = &incident["incident_updates"][0];
    assert_eq!(keys(update), set(UPDATE));
    assert_eq!(
        update["affected_components"],
        serde_json::json!([
            {"code": "cancellation", "name": "결제 취소", "old_status": "operational", "new_status": "partial_outage"},
            {"code": "payment", "name": "결제", "old_status": "operational", "new_status": "major_outage"},
        ])
    );

    site.pass(10 * MINUTE);
    desk.update(
        &id,
        &[("status", "monitoring"), ("component-payment", "operational")],
    )
    .await;
    site.pass(10 * MINUTE);
    desk.update(&id, &[("status", "resolved")]).await;
    assert_eq!(
        site.json("/api/v2/incidents/unresolved.json").await["incidents"],
        Value::Array(vec![])
    );
    let all = site.json("/api/v2/incidents.json?lang=en").await;
    let incident = &all["incidents"][0];
    assert_eq!(incident["name"], "Payments do not work");
    assert_eq!(incident["monitoring_at"], "2026-11-24T15:10:00.000+09:00");
    assert_eq!(incident["resolved_at"], "2026-11-24T15:20:00.000+09:00");
    let states: Vec<&Value> = incident["incident_updates"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["status"])
        .collect();
    assert_eq!(states, ["resolved", "monitoring", "investigating"]);
    let status = site.json("/api/v2/status.json").await;
    assert_eq!(status["status"]["indicator"], "none");
    assert_eq!(
        site.json("/api/v2/components.json").await["components"][2]["status"],
        "operational"
    );
}

#[tokio::test]
async fn any_site_may_read_and_a_wrong_request_is_a_problem() {
    let site = Site::new().await;
    let browser = site.browser();
    let answer = browser.get("/api/v2/summary.json").await;
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert!(
        answer.headers()["cache-control"]
            .to_str()
            .expect("text")
            .contains("max-age")
    );
    for (path, status) in [
        ("/api/v2/nothing.json", 404),
        ("/api/v2/status.json?lang=fr", 400),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status().as_u16(), status);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: Value = answer.json().await.expect("JSON");
        assert_eq!(keys(&problem), set("type title status detail instance"));
        assert_eq!(problem["status"], status);
    }
    let answer = browser.post("/api/v2/status.json", &[]).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["allow"]),
        (405, &"GET, HEAD, OPTIONS".parse().expect("a value"))
    );
}
