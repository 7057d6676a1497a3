//! What was met in offices after the first rosters: each test is one habit.

use roster::{Entry, FileProblem, Issuer, Options, Outcome, Place};

use crate::{check, check_with, options, outcomes};

const HEADER: &str = "성명,생년월일,휴대전화,지급액\n";
const PERSON: &str = "김하나,1990-01-01,010-1234-5678,10000\n";

fn rows(text: &str) -> Vec<&'static str> {
    let (_, rows) = check(text.as_bytes()).expect(text);
    outcomes(&rows).into_iter().map(|row| row.2).collect()
}

fn entry(text: &str) -> Entry {
    let (_, rows) = check(text.as_bytes()).expect(text);
    match &rows[0].outcome {
        Outcome::Ok(entry) => entry.clone(),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_header_in_an_offices_own_words_is_understood() {
    let plain = entry(&format!("{HEADER}{PERSON}"));
    for header in [
        "지원대상자,생년월일(6자리),연락처(H.P),지급 결정액",
        "청년성명,청년 생년월일,본인 휴대전화,1인당 지급액",
        "학생명,생년월일,학생 연락처,장려금",
        "세대주,생년월일,휴대전화1,긴급생활비",
        "대상자(성명),생년월일/성별,연락처/휴대폰,지급액/원",
        "Name,Date of Birth,Phone No.,Amount (KRW)",
        "성\u{3164}명,생년\u{200b}월일,연락처,금 액",
    ] {
        assert_eq!(entry(&format!("{header}\n{PERSON}")), plain, "{header}");
    }
    let many = "성명,생년월일,전화번호(자택),전화번호(휴대폰),보호자 연락처,지급액,기지급액,지급액 누계\n\
                김하나,1990-01-01,02-123-4567,010-1234-5678,010-9999-9999,10000,1,2\n";
    assert_eq!(
        entry(many),
        plain,
        "neither a landline nor a guardian's number is the person's"
    );
    let two = "연번,인적사항,,,지급액\n,성명,생년월일(8자리),휴대전화(11자리),\n1,김하나,19900101,010-1234-5678,10000\n";
    assert_eq!(
        entry(two),
        plain,
        "digits in brackets make no person of a header's second row"
    );
}

#[test]
fn what_was_applied_for_is_not_taken_for_what_is_paid() {
    let problem =
        check("성명,생년월일,휴대전화,신청금액\n김하나,1990-01-01,010-1234-5678,10000\n".as_bytes());
    assert_eq!(problem.expect_err("no amount").code(), "header");
}

#[test]
fn an_address_of_registration_is_no_registration_number() {
    for word in ["주민등록상 주소", "주민등록지", "주민등록일", "주민등록 주소지"] {
        let text =
            format!("성명,생년월일,휴대전화,{word},지급액\n김하나,1990-01-01,010-1234-5678,어디,10000\n");
        assert_eq!(rows(&text)[0], "ok", "{word}");
    }
    let front = "성명,생년월일(주민등록번호 앞 6자리),휴대전화,지급액\n김하나,900101,010-1234-5678,10000\n";
    assert_eq!(rows(front)[0], "ok");
    for word in [
        "주민등록번호",
        "주민번호 앞자리",
        "주민등록 뒷자리",
        "주민(등록)번호",
        "생년월일(주민번호 앞 7자리)",
        "외국인등록번호",
    ] {
        let text = format!("성명,생년월일,휴대전화,{word},지급액\n김하나,1990-01-01,010-1234-5678,,10000\n");
        let problem = check(text.as_bytes()).expect_err(word);
        assert_eq!(
            problem,
            FileProblem::ResidentNumber {
                row: 1,
                column: "D".into()
            },
            "{word}"
        );
    }
}

#[test]
fn an_application_number_of_thirteen_digits_is_no_person() {
    let text =
        "신청번호,성명,생년월일,휴대전화,지급액\n2611011234567,김하나,1990-01-01,010-1234-5678,10000\n";
    assert_eq!(rows(text)[0], "ok");
}

#[test]
fn sums_are_nobody_however_they_are_called_and_wherever_they_stand() {
    for sum in [
        "합계: 1명,,,10000",
        "합 계 1명,,,10000",
        "총 1명,,,10000",
        "총 인원,,1,10000",
        "1월 소계,,,10000",
        "합　계,,,10000",
        "合計,,,10000",
        "총 지급액,,,10000",
        "신흥동 계,,,10000",
        "전체,,,10000",
        "총 건수,,1건,10000",
        ",합계,,10000",
        ",,합계,10000",
        ",,,10000,합계",
        "\u{1112}\u{1161}\u{11b8}\u{1100}\u{1168},,,10000",
        ",,,0",
    ] {
        let text = format!("{HEADER}{PERSON}{sum}\n");
        assert_eq!(rows(&text).len(), 1, "{sum}");
    }
}

#[test]
fn who_may_be_a_person_is_never_left_out() {
    for (row, outcome) in [
        ("김합계,1990-01-01,010-1111-2222,10000", "ok"),
        ("이상,1990-01-01,010-1111-2222,10000", "ok"),
        ("계민석,,,10000", "birth-missing"),
        ("총명희,,,", "birth-missing"),
        ("김이름만,,,", "birth-missing"),
        ("김동장,,,", "birth-missing"),
        (",,,10000", "name-missing"),
        (",1990-01-01,,", "name-missing"),
        ("김하나,미상,없음,십만원", "birth-unreadable"),
        (",1990-01-01,010-1111-2222,0", "name-missing"),
        ("김하나,1990-01-01,010-1111-2222,10000,합계", "ok"),
    ] {
        let text = format!("{HEADER}{row}\n{PERSON}");
        assert_eq!(rows(&text)[0], outcome, "{row}");
    }
}

#[test]
fn what_is_printed_around_a_table_is_nobody() {
    for line in [
        "이상,,,",
        "- 끝 -,,,",
        "작성자: 홍길동,,,",
        "담당자,홍길동,031-123-4567,",
        "2026. 12. 1.,,,",
        "성남시장,,,",
        "청년기본소득 지급대상자,,,",
        "성  명,생년월일,휴대전화,지급액",
        "이름,생일,핸드폰,금액",
        ",담당자: 홍길동 (031-123-4567),,",
        "주),기준일 2026. 11. 1.,,",
        "①,②,③,④",
        "(한글),(YYYY-MM-DD),('-' 포함),(숫자만)",
        "(예시) 홍길동,1990-01-01,010-0000-0000,10000",
    ] {
        let text = format!("청년기본소득 지급대상자,,,\n{HEADER}{line}\n{PERSON}");
        assert_eq!(rows(&text).len(), 1, "{line}");
    }
}

#[test]
fn an_amount_that_its_comma_split_is_not_paid_in_part() {
    for row in [
        "김둘이,1990-01-01,010-1234-5678,100,000",
        "김둘이,1990-01-01,010-1234-5678,1,000,000",
        "김둘이,1990-01-01,010-1234-5678,₩100,000원",
    ] {
        assert_eq!(rows(&format!("{HEADER}{row}\n"))[0], "amount-split", "{row}");
    }
    let noted = "성명,생년월일,휴대전화,지급액,비고\n김둘이,1990-01-01,010-1234-5678,100,000,\n\
                 김셋이,1990-01-01,010-1234-5678,500,000\n";
    assert_eq!(rows(noted)[0], "amount-split");
    assert_eq!(rows(noted)[1], "ok", "a remark of three digits stays a remark");
}

#[test]
fn the_same_person_in_another_dress_is_a_duplicate() {
    let again = "김 하나,1990.1.1,01012345678,1\n김하나(金一),900101,1012345678,1\n\u{1100}\u{1175}\u{11b7}하나,19900101,+82-10-1234-5678,1\n";
    let got = rows(&format!("{HEADER}{PERSON}{again}"));
    assert_eq!(got, ["ok", "duplicate", "duplicate", "duplicate"]);
    let other = rows(&format!("{HEADER}{PERSON}김하나,1990-01-01,010-1234-9999,1\n"));
    assert_eq!(
        other[1], "ok",
        "another phone is another person until somebody says otherwise"
    );
}

#[test]
fn a_unit_is_taken_from_beside_a_head_count_but_not_from_a_rule_of_rounding() {
    let person = "김하나,1990-01-01,010-1234-5678,10\n";
    let of = |title: &str| entry(&format!("{title}\n{HEADER}{person}")).amount_won;
    assert_eq!(of(",,,\"(단위: 명, 천원)\""), 10_000);
    assert_eq!(of(",,,(단위 : 천원)"), 10_000);
    assert_eq!(of(",,,(단위: 천원 미만 절사)"), 10);
}

#[test]
fn a_damaged_character_is_told_with_its_row() {
    let mut bytes = format!("{HEADER}{PERSON}").into_bytes();
    bytes.extend_from_slice(
        &encoding_rs::EUC_KR
            .encode("김둘이,1990-01-01,010-1234-5678,1\n")
            .0,
    );
    assert_eq!(check(&bytes), Err(FileProblem::Encoding { row: 3 }));
}

#[test]
fn utf16_is_known_without_its_mark() {
    let text = format!("{HEADER}{PERSON}").replace(',', "\t");
    for bytes in [
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ] {
        let (report, _) = check(&bytes).expect("a roster");
        assert_eq!((report.ok, report.encoding), (1, "utf-16"));
    }
}

#[test]
fn a_city_among_the_parts_of_an_address_is_no_municipality_that_pays() {
    let place = |code, name: &str| Place {
        code,
        name: name.into(),
        province: "경기도".into(),
    };
    let options = Options {
        municipality: Some(Issuer {
            own: place(41130, "성남시"),
            others: vec![place(41110, "수원시")],
        }),
        ..options()
    };
    let text = "성명,생년월일,휴대전화,지급액,시도,시군구,읍면동\n김하나,1990-01-01,010-1234-5678,1,경기도,수원시,매탄동\n";
    assert!(check_with(text.as_bytes(), &options).is_ok());
    let text = "성명,생년월일,휴대전화,지급액,시군구\n김하나,1990-01-01,010-1234-5678,1,수원시\n";
    assert!(check_with(text.as_bytes(), &options).is_err());
}
