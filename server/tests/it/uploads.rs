//! Files that are no roster: each gets its reason on the page, keeps what was typed, and pays nobody.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use tower::ServiceExt;

use crate::house::{Answer, OWN, TestHouse, answer};

const BOUNDARY: &str = "----neul-test";

/// Posts a roster as the page's form would.
async fn upload(test: &TestHouse, cookie: &str, title: &str, name: &str, bytes: &[u8]) -> Answer {
    let token = test.token("/admin/payouts/new", cookie).await;
    let mut body = Vec::new();
    let programme = test.own_programme.to_string();
    for (field, value) in [
        ("_token", token.as_str()),
        ("_key", "upload"),
        ("programme", &programme),
        ("title", title),
    ] {
        let part =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    let request = Request::post("/admin/payouts/new")
        .header(header::HOST, "127.0.0.1")
        .header("sec-fetch-site", "same-origin")
        .header(header::COOKIE, cookie)
        .header(
            header::CONTENT_TYPE,
            format!("multipart/form-data; boundary={BOUNDARY}"),
        )
        .body(Body::from(body))
        .unwrap();
    answer(test.router.clone().oneshot(request).await.unwrap()).await
}

async fn payouts(test: &TestHouse) -> usize {
    test.house
        .ledger
        .payouts(OWN, None, None, 50)
        .await
        .unwrap()
        .payouts
        .len()
}

fn data(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[tokio::test]
async fn a_file_that_is_no_roster_is_refused_with_its_reason_and_pays_nobody() {
    let test = TestHouse::new(store::testing::sqlite().await).await;
    let cookie = test.cookie("clerk").await;
    let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 500]].concat();
    let mut locked = [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(),
        &[0; 2_000],
        &"EncryptedPackage"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>(),
    ]
    .concat();
    locked.resize(4_096, 0);
    let row = "김하나,1990-01-02,010-1234-5678,10000\n";
    let header_row = "성명,생년월일,휴대전화,지급액\n";
    for (what, name, bytes, reason) in [
        ("empty", "명단.csv", Vec::new(), "비어"),
        ("over the limit", "명단.csv", vec![b'1'; 2 << 20], "1 MiB"),
        ("one long line", "명단.csv", vec![b'a'; 1_000_000], "제목 행"),
        ("a picture", "명단.xlsx", picture, "png"),
        ("with a password", "명단.xlsx", locked, "엑셀"),
        (
            "a broken quote",
            "명단.csv",
            format!("{header_row}\"{row}").into_bytes(),
            "따옴표",
        ),
        (
            "a header nobody knows",
            "명단.csv",
            "가,나,다\n1,2,3\n".into(),
            "성명",
        ),
        ("no rows", "명단.csv", header_row.into(), "없"),
        (
            "another municipality's",
            "명단.csv",
            format!("군포시 청년수당 지급 명단\n{header_row}{row}").into_bytes(),
            "군포시",
        ),
        (
            "registration numbers",
            "명단.csv",
            "성명,주민등록번호,휴대전화,지급액\n김하나,900102-2345678,010-1234-5678,10000\n".into(),
            "주민등록번호",
        ),
    ] {
        let got = upload(&test, &cookie, "11월 수당", name, &bytes).await;
        assert_eq!(
            got.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{what}: {}",
            got.body
        );
        let error = got
            .body
            .split("id=\"f-file-error\"")
            .nth(1)
            .unwrap_or_else(|| panic!("{what}: no reason at the file: {}", got.body));
        let error = error.split("</p>").next().unwrap();
        assert!(error.contains(reason), "{what}: {error}");
        assert!(
            got.body.contains("value=\"11월 수당\""),
            "{what}: what was typed is kept"
        );
        assert!(!got.body.contains("2345678"), "{what}");
        assert_eq!(payouts(&test).await, 0, "{what}");
    }
    let left = std::fs::read_dir(&test.house.settings.upload_dir)
        .unwrap()
        .filter(|entry| {
            entry
                .as_ref()
                .unwrap()
                .path()
                .extension()
                .is_some_and(|end| end == "upload")
        })
        .count();
    assert_eq!(left, 0, "no upload is left behind");
}

#[tokio::test]
async fn the_same_file_twice_leads_to_the_first() {
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        let cookie = test.cookie("clerk").await;
        let roster = data("cp949.csv");
        let first = upload(&test, &cookie, "한 번", "cp949.csv", &roster).await;
        assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
        let again = upload(&test, &cookie, "또", "다른이름.csv", &roster).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            again.body.contains(&format!("href=\"{}\"", first.location)),
            "{}",
            again.body
        );
        assert_eq!(payouts(&test).await, 1);
    }
}

/// What an address answers, byte for byte.
async fn bytes_of(test: &TestHouse, path: &str, cookie: &str) -> Vec<u8> {
    let request = Request::get(path)
        .header(header::HOST, "127.0.0.1")
        .header(header::COOKIE, cookie)
        .body(Body::empty())
        .unwrap();
    let response = test.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    axum::body::to_bytes(response.into_body(), 1 << 20)
        .await
        .unwrap()
        .to_vec()
}

#[tokio::test]
async fn a_result_has_the_officials_own_columns_with_the_outcome_after_them() {
    let roster = "사번,성명,생년월일,휴대전화,지급액,비고\n\
        E-1,김하나,1990-01-02,010-1234-5678,\"10,000\",1층 창구\n\
        E-2,이두리,1991-02-03,번호없음,20000,\n";
    for store in store::testing::both().await {
        let test = TestHouse::new(store).await;
        let clerk = test.cookie("clerk").await;
        let taken = upload(&test, &clerk, "결과", "명단.csv", roster.as_bytes()).await;
        assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);

        // Masked until names are asked for: no name, and no column that could be one.
        let masked = bytes_of(&test, &format!("{}/result.csv", taken.location), &clerk).await;
        let masked = String::from_utf8(masked).unwrap();
        assert!(
            !masked.contains("E-1") && !masked.contains("김하나") && !masked.contains("1990"),
            "{masked}"
        );
        assert!(masked.contains("김*나"), "{masked}");
        let record = taken.location.replace("/admin/payouts", "payout");
        let page = format!("/admin/reveal?record={record}");
        let token = test.token(&page, &clerk).await;
        let form = [
            ("_token", token.as_str()),
            ("record", record.as_str()),
            ("reason", "결과를 부서에 돌려줍니다"),
        ];
        let asked = test.ask("POST", "/admin/reveal", &clerk, Some(&form)).await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.body);

        let csv = bytes_of(&test, &format!("{}/result.csv", taken.location), &clerk).await;
        let csv = String::from_utf8(csv).unwrap();
        let lines: Vec<&str> = csv.lines().collect();
        assert!(
            lines[0].starts_with("\u{feff}사번,성명,생년월일,휴대전화,지급액,비고,"),
            "{}",
            lines[0]
        );
        assert!(lines[1].starts_with("E-1,김하나,1990-01-02,010-1234-5678,\"10,000\",1층 창구,지급 대상,"));
        assert!(
            lines[2].starts_with("E-2,이두리,1991-02-03,번호없음,20000,,오류,"),
            "{}",
            lines[2]
        );

        let cp949 = bytes_of(&test, &format!("{}/result.csv?as=cp949", taken.location), &clerk).await;
        assert_eq!(cp949[..5], [0xbb, 0xe7, 0xb9, 0xf8, b',']);

        // The room that reads rosters reads the workbook: the same people, the same cells.
        let workbook = bytes_of(&test, &format!("{}/result.xlsx", taken.location), &clerk).await;
        let mut options = app::payouts::check_options(1 << 20, None);
        options.own = true;
        let mut rows = Vec::new();
        let report = roster::check(std::io::Cursor::new(workbook), &options, &mut |row| {
            rows.push(row);
            Ok::<_, std::convert::Infallible>(())
        })
        .unwrap();
        assert_eq!((report.ok, report.error, report.header.len()), (1, 1, 8));
        assert_eq!(
            rows[0].own[..6],
            [
                "E-1",
                "김하나",
                "1990-01-02",
                "010-1234-5678",
                "10,000",
                "1층 창구"
            ]
        );
        assert_eq!(rows[1].own[0], "E-2");
    }
}
