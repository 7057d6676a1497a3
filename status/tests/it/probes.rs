//! The site watches a portal, and says what it sees by itself: soon, once, and no more than it knows.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use reqwest::StatusCode;
use serde_json::Value;
use status::{ComponentStatus, Config, Judge, Probing, Rules};

use crate::{
    house::{MINUTE, Site, field, hidden},
    portal::{CANARY_KEY, KEY, Mood, Portal},
};

/// As by default, with looks 50 times as often: counts in a row stay what they are.
fn watching(portal: &Portal) -> impl Fn(&mut Config) + use<> {
    let url = portal.url();
    move |config| {
        config.portal_url.clone_from(&url);
        config.probing = Some(Probing {
            every: Duration::from_millis(100),
            patience: Duration::from_millis(500),
            key: Some(KEY.to_owned()),
            canary_key: Some(CANARY_KEY.to_owned()),
            ..Probing::default()
        });
    }
}

/// Waits until the summary is as wanted.
async fn until(site: &Site, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let summary = site.json("/api/v2/summary.json").await;
        if fits(&summary) {
            return summary;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(25),
            "never {what}: {summary:#}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn state<'a>(summary: &'a Value, component: &str) -> &'a str {
    summary["components"]
        .as_array()
        .expect("components")
        .iter()
        .find(|one| one["id"] == component)
        .and_then(|one| one["status"].as_str())
        .expect("a component")
}

/// Long enough for a few looks, and for what they would have changed.
async fn some_looks() {
    tokio::time::sleep(Duration::from_millis(1_500)).await;
}

fn incidents(summary: &Value) -> usize {
    summary["incidents"].as_array().expect("incidents").len()
}

#[tokio::test]
async fn a_portal_that_dies_or_hangs_is_on_the_public_page_within_thirty_seconds_at_defaults() {
    async fn seconds(kill: bool) -> f64 {
        let mut portal = Portal::new().await;
        let url = portal.url();
        let site = Site::with(|config| {
            config.portal_url.clone_from(&url);
            config.probing = Some(Probing {
                key: Some(KEY.to_owned()),
                ..Probing::default()
            });
        })
        .await;
        // One look must have seen it well; just after it is the worst moment to die.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let begun = Instant::now();
        if kill {
            portal.dies().await;
        } else {
            portal.is(Mood::Hung);
        }
        let browser = site.browser();
        while !browser.page("/").await.contains("모든 서비스가 중단되었습니다") {
            assert!(begun.elapsed() < Duration::from_secs(30), "not within 30 s");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        begun.elapsed().as_secs_f64()
    }
    let (killed, hung) = tokio::join!(seconds(true), seconds(false));
    println!("on the public page after {killed:.1} s (killed), {hung:.1} s (hung)");
}

#[tokio::test]
async fn an_outage_opens_one_incident_with_a_true_text_heals_into_monitoring_and_closes_by_itself() {
    let mut portal = Portal::new().await;
    let site = Site::with(watching(&portal)).await;
    some_looks().await;
    assert_eq!(incidents(&site.json("/api/v2/summary.json").await), 0);

    portal.dies().await;
    let down = until(&site, "down", |summary| incidents(summary) > 0).await;
    assert_eq!(down["status"]["indicator"], "critical");
    let incident = &down["incidents"][0];
    assert_eq!(incident["status"], "investigating");
    assert_eq!(incident["started_at"], "2026-11-24T15:00:00.000+09:00");
    for component in [
        "portal",
        "payment",
        "cancellation",
        "charging",
        "payouts",
        "sign-in",
    ] {
        assert_eq!(state(&down, component), "major_outage", "{component}");
    }
    let browser = site.browser();
    let (korean, english) = (browser.page("/?lang=ko").await, browser.page("/?lang=en").await);
    assert!(
        korean.contains("15:00부터 서비스가 응답하지 않습니다") && korean.contains("원인은 아직 모릅니다")
    );
    assert!(korean.contains("15:30까지 드립니다") && english.contains("15:30"));
    assert!(english.contains("15:00 the service does not answer"));
    for page in [&korean, &english] {
        for claim in [
            "침입",
            "intrusion",
            "안전",
            "is safe",
            "없어진",
            "nothing was lost",
        ] {
            assert!(!page.contains(claim), "no probe knows: {claim}");
        }
    }

    portal.start().await;
    let healed = until(&site, "healed", |summary| {
        summary["incidents"][0]["status"] == "monitoring"
    })
    .await;
    assert_eq!(state(&healed, "payment"), "operational");
    site.pass(29 * MINUTE);
    some_looks().await;
    assert_eq!(incidents(&site.json("/api/v2/summary.json").await), 1, "not yet");
    site.pass(2 * MINUTE);
    until(&site, "closed", |summary| incidents(summary) == 0).await;
    let all = site.json("/api/v2/incidents.json").await;
    assert_eq!(incidents(&all), 1);
    assert_eq!(all["incidents"][0]["status"], "resolved");
    assert_eq!(
        all["incidents"][0]["incident_updates"].as_array().map(Vec::len),
        Some(3)
    );
}

#[tokio::test]
async fn what_an_operator_says_stands_and_an_incident_they_took_over_is_theirs_to_close() {
    let mut portal = Portal::new().await;
    let site = Site::with(watching(&portal)).await;
    some_looks().await;
    portal.is(Mood::DatabaseAway);
    let down = until(&site, "down", |summary| incidents(summary) > 0).await;
    assert_eq!(state(&down, "payment"), "major_outage");
    assert_eq!(state(&down, "portal"), "operational", "pages are there");
    let id = down["incidents"][0]["id"].as_str().expect("an id").to_owned();

    let desk = site.operator().await;
    let board = desk.page("/desk").await;
    assert!(board.contains("지금 점검에 보이는 것") && board.contains("데이터베이스"));
    let answer = desk
        .update(
            &id,
            &[
                ("status", "identified"),
                ("component-payouts", "operational"),
                ("claim_money", "yes"),
                ("claim_intrusion", "yes"),
            ],
        )
        .await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    some_looks().await;
    let now = site.json("/api/v2/summary.json").await;
    assert_eq!(
        state(&now, "payouts"),
        "operational",
        "their word is not taken back"
    );
    assert_eq!(now["incidents"][0]["status"], "identified");
    let public = site.browser().page("/").await;
    assert!(public.contains("없어진 것이 없습니다") && public.contains("침입 흔적은 발견되지 않았습니다"));

    portal.is(Mood::Well);
    until(&site, "monitoring", |summary| {
        summary["incidents"][0]["status"] == "monitoring"
    })
    .await;
    site.pass(120 * MINUTE);
    some_looks().await;
    let late = site.json("/api/v2/summary.json").await;
    assert_eq!(late["incidents"][0]["status"], "monitoring");
    // The site looks at the clock each second, and later on a busy machine.
    for _ in 0..40 {
        if site
            .browser()
            .page("/")
            .await
            .contains("약속한 시각이 지났습니다")
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert!(
        site.browser()
            .page("/")
            .await
            .contains("약속한 시각이 지났습니다")
    );
    // What they resolved stays resolved, and a new failure is a new incident.
    desk.update(&id, &[("status", "resolved")]).await;
    some_looks().await;
    assert_eq!(incidents(&site.json("/api/v2/summary.json").await), 0);
    portal.dies().await;
    let again = until(&site, "down again", |summary| incidents(summary) > 0).await;
    assert_ne!(again["incidents"][0]["id"], id.as_str());
}

#[tokio::test]
async fn resolving_while_the_probes_still_fail_is_the_operators_right() {
    let mut portal = Portal::new().await;
    let site = Site::with(watching(&portal)).await;
    some_looks().await;
    portal.dies().await;
    let down = until(&site, "down", |summary| incidents(summary) > 0).await;
    let id = down["incidents"][0]["id"].as_str().expect("an id").to_owned();
    site.operator().await.update(&id, &[("status", "resolved")]).await;
    some_looks().await;
    assert_eq!(incidents(&site.json("/api/v2/summary.json").await), 0);
}

#[tokio::test]
async fn a_portal_that_was_never_seen_well_is_no_outage() {
    let mut portal = Portal::new().await;
    portal.dies().await;
    let site = Site::with(watching(&portal)).await;
    some_looks().await;
    let summary = site.json("/api/v2/summary.json").await;
    assert_eq!(incidents(&summary), 0);
    assert_eq!(summary["status"]["indicator"], "none");
}

#[tokio::test]
async fn a_restart_in_the_middle_of_an_outage_says_nothing_twice_and_forgets_no_beginning() {
    let mut portal = Portal::new().await;
    let site = Site::with(watching(&portal)).await;
    some_looks().await;
    portal.dies().await;
    until(&site, "down", |summary| incidents(summary) > 0).await;
    some_looks().await;
    site.pass(5 * MINUTE);
    let site = site.restart_with(watching(&portal)).await;
    some_looks().await;
    let down = site.json("/api/v2/summary.json").await;
    assert_eq!(incidents(&down), 1);
    assert_eq!(
        down["incidents"][0]["started_at"],
        "2026-11-24T15:00:00.000+09:00"
    );
    assert_eq!(
        down["incidents"][0]["incident_updates"].as_array().map(Vec::len),
        Some(1)
    );
    portal.start().await;
    until(&site, "healed", |summary| {
        summary["incidents"][0]["status"] == "monitoring"
    })
    .await;
}

#[tokio::test]
async fn announced_work_is_no_outage_until_it_is_over() {
    let mut portal = Portal::new().await;
    let site = Site::with(watching(&portal)).await;
    some_looks().await;
    let desk = site.operator().await;
    let page = desk.page("/desk/maintenance").await;
    let (token, form) = (hidden(&page, "token"), hidden(&page, "form"));
    let (from, until_at) = (field(site.now()), field(site.now() + 60 * MINUTE));
    let mut fields = vec![
        ("token", token.as_str()),
        ("form", form.as_str()),
        ("title_ko", "정기 점검"),
        ("title_en", "Maintenance"),
        ("body_ko", "모두 멈춥니다."),
        ("body_en", "Everything pauses."),
        ("from", from.as_str()),
        ("until", until_at.as_str()),
        ("ends_itself", "yes"),
    ];
    for component in [
        "component-portal",
        "component-payment",
        "component-cancellation",
        "component-charging",
        "component-payouts",
        "component-sign-in",
    ] {
        fields.push((component, "yes"));
    }
    assert_eq!(
        desk.post("/desk/maintenance", &fields).await.status(),
        StatusCode::SEE_OTHER
    );
    until(&site, "worked on", |summary| {
        state(summary, "payment") == "under_maintenance"
    })
    .await;
    portal.dies().await;
    some_looks().await;
    assert_eq!(incidents(&site.json("/api/v2/summary.json").await), 0);
    site.pass(61 * MINUTE);
    until(&site, "down", |summary| incidents(summary) == 1).await;
}

#[tokio::test]
async fn the_canary_finds_that_nothing_is_paid_and_which_of_the_two_fails() {
    let portal = Portal::new().await;
    let site = Site::with(watching(&portal)).await;
    some_looks().await;
    portal.is(Mood::NothingCancelled);
    let summary = until(&site, "cancellations out", |summary| {
        state(summary, "cancellation") == "major_outage"
    })
    .await;
    assert_eq!(state(&summary, "payment"), "operational");
    portal.is(Mood::NothingPaid);
    let summary = until(&site, "payments out", |summary| {
        state(summary, "payment") == "major_outage"
    })
    .await;
    assert_eq!(state(&summary, "portal"), "operational");
    portal.is(Mood::Well);
    until(&site, "well again", |summary| {
        state(summary, "payment") == "operational" && state(summary, "cancellation") == "operational"
    })
    .await;
}

#[tokio::test]
async fn a_busy_portal_is_partly_down_and_says_so_of_its_pages_alone() {
    let portal = Portal::new().await;
    let site = Site::with(watching(&portal)).await;
    some_looks().await;
    portal.is(Mood::Busy);
    let down = until(&site, "busy", |summary| incidents(summary) > 0).await;
    assert_eq!(state(&down, "portal"), "partial_outage");
    assert_eq!(state(&down, "payment"), "operational");
    assert_eq!(down["status"]["indicator"], "major");
}

const BAD: ComponentStatus = ComponentStatus::MajorOutage;
const GOOD: ComponentStatus = ComponentStatus::Operational;

#[test]
fn flapping_is_believed_slower_each_time() {
    let rules = Rules::default();
    let mut judge = Judge::new(GOOD, 0);
    let mut at = 0;
    let mut needed = Vec::new();
    for _ in 0..4 {
        while judge.status() != BAD {
            at += 5_000;
            judge.see(&rules, at, BAD);
        }
        let mut looks = 0;
        while judge.status() != GOOD {
            at += 5_000;
            looks += 1;
            judge.see(&rules, at, GOOD);
        }
        needed.push(looks);
    }
    assert_eq!(needed, [6, 12, 24, 48]);
}

#[test]
fn every_other_look_failing_is_a_partial_outage_and_never_a_flicker() {
    let rules = Rules::default();
    let mut judge = Judge::new(GOOD, 0);
    let mut changes = Vec::new();
    for look in 0..200 {
        if judge.see(&rules, look * 5_000, if look % 2 == 0 { BAD } else { GOOD }) {
            changes.push(judge.status());
        }
    }
    assert_eq!(changes, [ComponentStatus::PartialOutage]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Against a count over all that was ever seen: never worse without enough in a row (or within the window),
    /// never better without enough in a row, and never silent about a run that is long enough.
    #[test]
    fn a_judgement_follows_from_counting_what_was_seen(raw in prop::collection::vec((0_usize..5, 1_usize..8), 1..60)) {
        let rules = Rules::default();
        let mut judge = Judge::new(GOOD, 0);
        let mut seen: Vec<ComponentStatus> = Vec::new();
        let mut at = 0;
        for (kind, times) in raw {
            let found = [GOOD, GOOD, ComponentStatus::DegradedPerformance, ComponentStatus::PartialOutage, BAD][kind];
            for _ in 0..times {
                at += 5_000;
                let before = judge.status();
                let need_up = judge.up_after(&rules);
                seen.push(found);
                let changed = judge.see(&rules, at, found);
                let tail = |fits: &dyn Fn(ComponentStatus) -> bool| seen.iter().rev().take_while(|one| fits(**one)).count();
                let now = judge.status();
                prop_assert_eq!(changed, now != before);
                if now > before {
                    let lately = seen.iter().rev().take(rules.window).filter(|one| **one > GOOD).count();
                    prop_assert!(tail(&|one| one > before) >= rules.down_after || (before == GOOD && lately >= rules.often));
                }
                if now < before {
                    prop_assert!(tail(&|one| one < before) >= need_up);
                }
                prop_assert!(tail(&|one| one == BAD) < rules.down_after || now == BAD);
                prop_assert!(tail(&|one| one == GOOD) < rules.up_most || now == GOOD);
                prop_assert!(judge.since() <= at);
            }
        }
    }
}
