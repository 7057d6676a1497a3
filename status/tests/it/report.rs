//! The form for the regulator: what the record knows, and nothing that it does not.

use std::io::{Cursor, Read as _};

use reqwest::{StatusCode, header};

use crate::house::{MINUTE, Site, field};

fn part(bytes: &[u8], name: &str) -> String {
    let mut book = zip::ZipArchive::new(Cursor::new(bytes)).expect("a workbook");
    let mut text = String::new();
    book.by_name(name)
        .unwrap_or_else(|_| panic!("no {name}"))
        .read_to_string(&mut text)
        .expect("text");
    text
}

#[tokio::test]
async fn it_is_filled_from_the_timeline_and_leaves_open_what_only_a_person_knows() {
    let site = Site::new().await;
    let desk = site.operator().await;
    let began = field(site.now() - 20 * MINUTE);
    let id = desk
        .opened(&site, &[("started", &began), ("title_ko", "=cmd|'/c calc'!A1")])
        .await;
    site.pass(25 * MINUTE);
    desk.update(
        &id,
        &[
            ("status", "monitoring"),
            ("component-payment", "operational"),
            ("body_ko", "스위치를 바꿨습니다."),
        ],
    )
    .await;
    site.pass(60 * MINUTE);
    desk.update(&id, &[("status", "resolved")]).await;

    let path = format!("/desk/incidents/{id}");
    let page = desk.page(&format!("{path}/report")).await;
    for known in [
        "최초 보고",
        "보고 대상입니다: 30분 이상",
        "2026년 11월 24일 (화) 14:40",
        "2026년 11월 24일 (화) 15:00",
        "2026년 11월 24일 (화) 15:25 (45분)",
        "결제: 중단 45분, 지연 0초",
        "스위치를 바꿨습니다.",
        "먼저 알린 운영자",
        "늦어도 2026년 11월 25일 (수) 15:00",
    ] {
        assert!(page.contains(known), "{known}: {page}");
    }
    // Institution, type, people, amount, compensation, cause, outside company, prevention.
    assert_eq!(page.matches("[담당자가 채울 칸]").count(), 8);
    assert!(!page.contains(" style="));
    let interim = desk.page(&format!("{path}/report?stage=interim&lang=en")).await;
    assert!(interim.contains("Interim report") && interim.contains("By Sun 24 Jan 2027, 15:00"));
    assert_eq!(
        desk.get(&format!("{path}/report?stage=last")).await.status(),
        StatusCode::NOT_FOUND
    );

    let answer = desk.get(&format!("{path}/report.xlsx?stage=final&lang=ko")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(
        answer.headers()[header::CONTENT_DISPOSITION],
        format!("attachment; filename=\"report-{id}-final.xlsx\"").as_str()
    );
    let bytes = answer.bytes().await.expect("bytes");
    let strings = part(&bytes, "xl/sharedStrings.xml");
    assert!(
        strings.contains("종결 보고")
            && strings.contains("결제: 중단 45분")
            && strings.contains("15:25 (45분)")
    );
    assert_eq!(strings.matches("[담당자가 채울 칸]").count(), 8);
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(!sheet.contains("<f>"), "what was typed is text, never a formula");
}

#[tokio::test]
async fn a_postmortem_begins_with_questions_that_blame_nobody_and_goes_into_the_report() {
    let site = Site::new().await;
    let desk = site.operator().await;
    let id = desk.opened(&site, &[]).await;
    let path = format!("/desk/incidents/{id}");
    assert!(
        !desk
            .page(&format!("{path}?postmortem=yes"))
            .await
            .contains("왜 일어났나요"),
        "not while it goes on"
    );
    desk.update(&id, &[("status", "resolved")]).await;
    let form = desk.page(&format!("{path}?postmortem=yes")).await;
    assert!(form.contains("왜 일어났나요") && form.contains("conditions and systems, not persons"));
    desk.update(
        &id,
        &[
            ("status", "postmortem"),
            ("body_ko", "두 번째 회선을 둡니다."),
            ("body_en", "A second line."),
        ],
    )
    .await;
    let public = site.browser().page(&format!("/incidents/{id}")).await;
    assert!(public.contains("href=\"#postmortem\"") && public.contains("id=\"postmortem\""));
    assert!(
        desk.page(&format!("{path}/report?stage=final"))
            .await
            .contains("두 번째 회선을 둡니다.")
    );
    let json = site.json("/api/v2/incidents.json").await;
    assert_eq!(json["incidents"][0]["status"], "postmortem");
}
