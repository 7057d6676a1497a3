//! What officials do to a sheet.

use roster::{Entry, Issuer, Options, Outcome, Place};
use rust_xlsxwriter::{Format, Workbook};

use crate::{check, check_with, options, outcomes};

const PERSON: &str = "김하나,1990-01-01,010-1234-5678,10000";

fn entry(text: &str) -> Entry {
    let (_, rows) = check(text.as_bytes()).expect(text);
    match &rows[0].outcome {
        Outcome::Ok(entry) => entry.clone(),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn every_separator_line_end_and_encoding_gives_the_same_person() {
    let plain = entry(&format!("성명,생년월일,휴대전화,지급액\n{PERSON}\n"));
    assert_eq!(
        (plain.name.as_str(), plain.phone.as_str(), plain.amount_won),
        ("김하나", "01012345678", 10_000)
    );
    for (separator, end) in [(",", "\r\n"), ("\t", "\n"), (";", "\r"), ("|", "\n"), (",", "\r")] {
        let text = format!("성명,생년월일,휴대전화,지급액\n{PERSON}\n")
            .replace(',', separator)
            .replace('\n', end);
        assert_eq!(entry(&text), plain, "{separator:?} {end:?}");
        let utf16: Vec<u8> = format!("\u{feff}{text}")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let (report, rows) = check(&utf16).expect("UTF-16");
        assert_eq!(
            (report.encoding, &rows[0].outcome),
            ("utf-16", &Outcome::Ok(plain.clone()))
        );
    }
    assert_eq!(
        entry(&format!("sep=,\n성명,생년월일,휴대전화,지급액\n{PERSON}")),
        plain
    );
    assert_eq!(
        entry(
            "\"성\n명\",\" 생년월일 \n(8자리)\",\"*휴대폰\",지급액(원)\n김하나,19900101,\"=\"\"01012345678\"\"\",\"10,000\"\n"
        ),
        plain
    );
    assert_eq!(
        entry("name,birth,phone,amount\n김하나,1990-01-01,=\"01012345678\",10000\n"),
        plain
    );
    assert_eq!(
        entry("연번;금액;연락처;이름;생일\n1;1만원;+82 10-1234-5678;김하나;900101"),
        plain
    );
}

#[test]
fn a_row_is_numbered_as_excel_numbers_it() {
    let text = "제목\n\n성명,생년월일,휴대전화,지급액,비고\n김하나,1990-01-01,010-1234-5678,1,\"두\n줄\"\n\n김둘이,1990-01-01,010-1234-5678,1,\n";
    let (report, rows) = check(text.as_bytes()).expect("a roster");
    assert_eq!(report.header_row, 3);
    assert_eq!(outcomes(&rows), [(4, "김하나", "ok"), (6, "김둘이", "ok")]);
}

#[test]
fn the_plainer_of_two_columns_is_taken() {
    let text = "신청인,성명,성명(보호자),생년월일,연락처,휴대전화,지급액,지급액(누계)\n박,김하나,최,1990-01-01,02-123-4567,010-1234-5678,10000,50000\n";
    assert_eq!(
        entry(text),
        entry(&format!("성명,생년월일,휴대전화,지급액\n{PERSON}\n"))
    );
}

#[test]
fn thousands_in_the_header_are_thousands_of_won() {
    let plain = entry(&format!("성명,생년월일,휴대전화,지급액\n{PERSON}\n"));
    assert_eq!(
        entry("성명,생년월일,휴대전화,지급액(천원)\n김하나,1990-01-01,010-1234-5678,10\n"),
        plain
    );
    assert_eq!(
        entry("명단,,,(단위: 천원)\n성명,생년월일,휴대전화,지급액\n김하나,1990-01-01,010-1234-5678,10\n"),
        plain
    );
    assert_eq!(
        entry(
            "명단,,,(단위: 원)\n성명,생년월일,휴대전화,지급액\n김하나,1990-01-01,010-1234-5678,\"10,000\"\n"
        ),
        plain
    );
}

#[test]
fn sums_notes_and_printed_headers_are_nobody() {
    let text = format!(
        "성명,생년월일,휴대전화,지급액\n{PERSON}\n소 계,,1명,10000\n성명,생년월일,휴대전화,지급액\n\
         김둘이,1990-01-01,010-1234-5678,10000\n합계(2명),,,20000\n※ 지급일 2026. 12. 1.,,,\n이하 여백,,,\n,,,\n"
    );
    let (report, rows) = check(text.as_bytes()).expect("a roster");
    assert_eq!(outcomes(&rows), [(2, "김하나", "ok"), (5, "김둘이", "ok")]);
    assert_eq!(report.total_won, 20_000);
}

#[test]
fn a_duplicate_is_one_of_an_earlier_row_that_is_paid() {
    let text = "성명,생년월일,휴대전화,지급액\n김하나,1990-01-01,010-1234-5678,0\n 김하나 ,1990.1.1.,01012345678,10000\n\
                김하나,19900101,+82 10 1234 5678,20000\n김하나,1990-01-01,010-1234-5679,10000\n";
    let (_, rows) = check(text.as_bytes()).expect("a roster");
    let got: Vec<&str> = outcomes(&rows).into_iter().map(|(.., outcome)| outcome).collect();
    assert_eq!(got, ["amount-zero", "ok", "duplicate", "ok"]);
    assert_eq!(rows[2].outcome, Outcome::Duplicate { of_row: 3 });
}

#[test]
fn a_workbook_with_a_hidden_sheet_two_header_rows_and_numbers_for_everything_is_read() {
    let mut book = Workbook::new();
    let hidden = book.add_worksheet();
    hidden.set_hidden(true);
    for (column, word) in ["성명", "생년월일", "휴대전화", "지급액"].into_iter().enumerate() {
        hidden.write_string(0, column as u16, word).expect("a cell");
    }
    hidden.write_string(1, 0, "김숨김").expect("a cell");
    let cover = book.add_worksheet();
    cover.set_name("표지").expect("a name");
    cover.set_active(true);
    cover.write_string(0, 0, "지급 계획").expect("a cell");
    let sheet = book.add_worksheet();
    sheet.set_name("명단").expect("a name");
    let date = Format::new().set_num_format("yyyy\"년\" m\"월\" d\"일\";@");
    let centre = Format::new();
    sheet
        .merge_range(0, 1, 0, 6, "2026년 청년기본소득 지급대상자", &centre)
        .expect("a title");
    sheet.merge_range(6, 1, 7, 1, "성명", &centre).expect("a header");
    sheet
        .merge_range(6, 2, 7, 2, "생년월일", &centre)
        .expect("a header");
    sheet
        .merge_range(6, 3, 6, 4, "연락처", &centre)
        .expect("a header");
    sheet
        .merge_range(6, 5, 7, 5, "지급액", &centre)
        .expect("a header");
    sheet.write_string(7, 3, "자택").expect("a header");
    sheet.write_string(7, 4, "휴대전화").expect("a header");
    sheet.write_string(8, 1, "김하나 ").expect("a cell");
    sheet
        .write_number_with_format(8, 2, 26770, &date)
        .expect("a cell");
    sheet.write_string(8, 3, "02-123-4567").expect("a cell");
    sheet.write_number(8, 4, 1_012_345_678).expect("a cell");
    sheet.write_number(8, 5, 1.0e5).expect("a cell");
    sheet.write_string(9, 1, "김둘이").expect("a cell");
    sheet.write_number(9, 2, 19_730_416).expect("a cell");
    sheet.write_string(9, 4, "010-1234-5678").expect("a cell");
    sheet
        .write_formula(
            9,
            5,
            rust_xlsxwriter::Formula::new("=50000*2").set_result("100000"),
        )
        .expect("a cell");
    let bytes = book.save_to_buffer().expect("a workbook");
    let (report, rows) = check(&bytes).expect("a roster");
    assert_eq!((report.sheet.as_deref(), report.header_row), (Some("명단"), 7));
    assert_eq!(outcomes(&rows), [(9, "김하나 ", "ok"), (10, "김둘이", "ok")]);
    assert_eq!(report.total_won, 200_000);
    let Outcome::Ok(first) = &rows[0].outcome else {
        panic!("not ok")
    };
    assert_eq!(
        (first.birth, first.phone.as_str()),
        (jiff::civil::date(1973, 4, 16), "01012345678")
    );
}

#[test]
fn another_municipalitys_roster_is_refused_and_an_address_elsewhere_is_not() {
    let place = |code, name: &str, province: &str| Place {
        code,
        name: name.into(),
        province: province.into(),
    };
    let own = place(41130, "성남시", "경기도");
    let others = vec![
        place(41110, "수원시", "경기도"),
        place(41000, "경기도", ""),
        place(26000, "부산광역시", ""),
    ];
    let options = Options {
        municipality: Some(Issuer { own, others }),
        ..options()
    };
    let header = "성명,생년월일,휴대전화,지급액,주소,시군구코드";
    for (title, address, code, refused) in [
        ("청년기본소득", "경기도 수원시 팔달구", "41130", false),
        ("경기도 성남시 명단", "부산광역시 북구", "41135", false),
        ("수원시 청년기본소득", "경기도 성남시", "41130", true),
        ("청년기본소득", "경기도 성남시", "41110", true),
        ("청년기본소득", "경기도 성남시", "수원시", true),
    ] {
        let text = format!("{title}\n{header}\n{PERSON},{address},{code}\n");
        let code = check_with(text.as_bytes(), &options)
            .err()
            .map(|problem| problem.code());
        assert_eq!(code, refused.then_some("other-municipality"), "{text}");
    }
}
