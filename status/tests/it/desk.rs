//! The operator speaks to the public, with forms alone.

use reqwest::StatusCode;

use crate::house::{MINUTE, Site, field, hidden, id_in};

#[tokio::test]
async fn what_the_operator_says_is_public_at_once_and_until_resolved() {
    let site = Site::new().await;
    let (desk, public) = (site.operator().await, site.browser());
    assert!(public.page("/").await.contains("모든 서비스가 정상입니다"));

    let next = field(site.now() + 30 * MINUTE);
    let began = field(site.now() - 20 * MINUTE);
    let id = desk.opened(&site, &[("next", &next), ("started", &began)]).await;
    let front = public.page("/").await;
    assert!(
        front.contains("결제 이용이 중단되었습니다"),
        "the headline says what is broken"
    );
    assert!(
        front.contains("datetime=\"2026-11-24T14:40:00.000+09:00\""),
        "since when"
    );
    assert!(
        front.contains("datetime=\"2026-11-24T15:30:00.000+09:00\""),
        "and when the next word comes"
    );
    assert!(!front.contains("약속한 시각이 지났습니다"));

    site.pass(40 * MINUTE);
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    assert!(
        public.page("/").await.contains("약속한 시각이 지났습니다"),
        "a broken promise is said"
    );

    desk.update(
        &id,
        &[
            ("status", "resolved"),
            ("body_ko", "고쳤습니다."),
            ("body_en", "Mended."),
        ],
    )
    .await;
    assert!(public.page("/").await.contains("모든 서비스가 정상입니다"));
    let incident = public.page(&format!("/incidents/{id}")).await;
    assert!(incident.contains("고쳤습니다.") && incident.contains("원인을 찾고 있습니다."));
    assert!(incident.contains("1시간"), "from 14:40 to 15:40");
    assert!(public.page("/history").await.contains(&id));
}

#[tokio::test]
async fn one_incidents_end_does_not_hide_another() {
    let site = Site::new().await;
    let desk = site.operator().await;
    let first = desk.opened(&site, &[("component-payment", "major_outage")]).await;
    let _second = desk
        .opened(
            &site,
            &[("component-payment", "degraded_performance"), ("impact", "minor")],
        )
        .await;
    desk.update(&first, &[("status", "resolved")]).await;
    assert_eq!(
        site.json("/api/v2/components.json").await["components"][1]["status"],
        "degraded_performance"
    );
    assert_eq!(
        site.json("/api/v2/status.json").await["status"]["indicator"],
        "minor"
    );
}

#[tokio::test]
async fn a_wrong_form_comes_back_with_what_was_typed_and_the_error_beside_its_field() {
    let site = Site::new().await;
    let desk = site.operator().await;
    let answer = desk
        .open(
            &site,
            &[
                ("title_en", ""),
                ("body_ko", "이미 적은 글"),
                ("started", "어제쯤"),
            ],
        )
        .await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = answer.text().await.expect("text");
    assert!(page.contains("이미 적은 글") && page.contains("value=\"어제쯤\""));
    assert!(page.contains("id=\"title_en-error\"") && page.contains("aria-describedby=\"title_en-error\""));
    assert!(page.contains("aria-describedby=\"started-hint started-error\""));
    assert_eq!(page.matches("aria-invalid=\"true\"").count(), 2);
    assert!(
        page.contains("href=\"#title_en\""),
        "the summary leads to the field"
    );
    let english = desk.page("/desk?lang=en").await;
    assert!(english.contains("<html lang=\"en\">"));
    let answer = desk.open(&site, &[("title_en", "")]).await;
    assert!(
        answer
            .text()
            .await
            .expect("text")
            .contains("Please fill this in."),
        "in the reader's language"
    );
    assert_eq!(
        site.json("/api/v2/incidents.json").await["incidents"]
            .as_array()
            .map(Vec::len),
        Some(0)
    );
}

#[tokio::test]
async fn the_same_form_sent_twice_is_one_incident() {
    let site = Site::new().await;
    let desk = site.operator().await;
    let form = hidden(&desk.page("/desk").await, "form");
    let first = id_in(&desk.open(&site, &[("form", &form)]).await);
    let again = id_in(&desk.open(&site, &[("form", &form)]).await);
    assert_eq!(first, again);
    assert_eq!(
        site.json("/api/v2/incidents.json").await["incidents"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn what_was_done_at_the_desk_stands_in_a_log_that_only_grows() {
    let site = Site::new().await;
    let desk = site.operator().await;
    let id = desk.opened(&site, &[]).await;
    let path = site.dir.path().join("status.db");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display()))
        .await
        .expect("the store");
    let line: (String, String, String) =
        sqlx::query_as("SELECT operator, action, origin FROM desk_log WHERE subject = $1")
            .bind(&id)
            .fetch_one(&pool)
            .await
            .expect("a line");
    assert_eq!(
        line,
        ("operator".into(), "incident.open".into(), "127.0.0.1".into())
    );
    for sql in [
        "DELETE FROM desk_log",
        "UPDATE desk_log SET operator = 'nobody'",
        "DELETE FROM component_state",
    ] {
        assert!(sqlx::query(sql).execute(&pool).await.is_err(), "{sql}");
    }
}

#[tokio::test]
async fn when_the_store_cannot_be_written_the_public_page_stays_and_the_desk_says_so() {
    let site = Site::new().await;
    let desk = site.operator().await;
    let path = site.dir.path().join("status.db");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display()))
        .await
        .expect("the store");
    // As a full disk or a damaged file would: every write of an incident fails.
    sqlx::query("CREATE TRIGGER broken BEFORE INSERT ON incident BEGIN SELECT RAISE(ABORT, 'no'); END")
        .execute(&pool)
        .await
        .expect("a trigger");
    let answer = desk.open(&site, &[("body_ko", "잃으면 안 되는 글")]).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let page = answer.text().await.expect("text");
    assert!(page.contains("저장하지 못했습니다") && page.contains("잃으면 안 되는 글"));
    assert!(
        site.browser()
            .page("/")
            .await
            .contains("모든 서비스가 정상입니다")
    );
}
