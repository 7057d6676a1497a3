//! Workbooks of programs other than Excel, and sheets beside the roster.

use std::io::{Cursor, Write as _};

use roster::Outcome;
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{check, outcomes};

const WORDS: [&str; 4] = ["성명", "생년월일", "휴대전화", "지급액"];

fn line(sheet: &mut Worksheet, row: u32, texts: [&str; 4]) {
    for (column, text) in texts.into_iter().enumerate() {
        sheet.write_string(row, column as u16, text).expect("a cell");
    }
}

#[test]
fn neither_instructions_nor_an_empty_form_before_it_hide_the_roster() {
    for (first, example) in [
        ("작성요령", true),
        ("코드표", true),
        ("제외 대상자", true),
        ("양식", false),
    ] {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet().set_name(first).expect("a name");
        line(sheet, 0, WORDS);
        if example {
            line(sheet, 1, ["홍길동", "1990-01-01", "010-0000-0000", "1"]);
        }
        let sheet = book.add_worksheet().set_name("명단").expect("a name");
        line(sheet, 1, WORDS);
        line(sheet, 2, ["김하나", "1990-01-01", "010-1234-5678", "10000"]);
        let (report, rows) = check(&book.save_to_buffer().expect("a workbook")).expect(first);
        assert_eq!(report.sheet.as_deref(), Some("명단"), "{first}");
        assert_eq!(outcomes(&rows), [(3, "김하나", "ok")], "{first}");
    }
}

#[test]
fn an_amount_shown_in_thousands_is_paid_only_where_the_header_says_thousands() {
    let thousands = Format::new().set_num_format("#,##0,");
    let amounts = |header: &str| {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        line(sheet, 0, ["성명", "생년월일", "휴대전화", header]);
        line(sheet, 1, ["김하나", "1990-01-01", "010-1234-5678", ""]);
        sheet
            .write_number_with_format(1, 3, 100_000, &thousands)
            .expect("a cell");
        line(sheet, 2, ["김둘이", "1990-01-01", "010-1234-5678", ""]);
        sheet.write_number(2, 3, 100).expect("a cell");
        let (report, rows) = check(&book.save_to_buffer().expect("a workbook")).expect("a roster");
        let outcomes: Vec<&str> = outcomes(&rows).into_iter().map(|row| row.2).collect();
        (outcomes.join(" "), report.total_won)
    };
    assert_eq!(amounts("지급액(천원)"), ("ok ok".into(), 200_000));
    assert_eq!(amounts("지급액"), ("amount-scaled ok".into(), 100));
}

#[test]
fn a_day_in_the_column_of_amounts_is_no_amount() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    line(sheet, 0, WORDS);
    line(sheet, 1, ["김하나", "1990-01-01", "010-1234-5678", ""]);
    let date = Format::new().set_num_format("yyyy-mm-dd");
    sheet
        .write_number_with_format(1, 3, 46_357, &date)
        .expect("a cell");
    sheet
        .write_formula(2, 3, Formula::new("=SUM(D2:D2)"))
        .expect("a cell");
    sheet.write_string(2, 0, "합계").expect("a cell");
    let (_, rows) = check(&book.save_to_buffer().expect("a workbook")).expect("a roster");
    assert_eq!(outcomes(&rows), [(2, "김하나", "amount-unreadable")]);
}

fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("a part");
        zip.write_all(text.as_bytes()).expect("its bytes");
    }
    zip.finish().expect("a zip").into_inner()
}

fn text(text: &str) -> String {
    format!("<x:c t=\"inlineStr\"><x:is><x:t>{text}</x:t></x:is></x:c>")
}

fn by_hand(names: [&str; 4], rows: &[&str], date1904: bool) -> Vec<u8> {
    let header: String = WORDS.into_iter().map(text).collect();
    let rows = format!("<x:row>{}</x:row>", rows.join("</x:row><x:row>"));
    zipped(&[
        ("[Content_Types].xml", "<Types/>"),
        (
            names[0],
            &format!(
                "<x:workbook xmlns:x=\"m\" xmlns:r=\"r\"><x:workbookPr date1904=\"{date1904}\"/><x:sheets>\
                 <x:sheet name=\"a\" sheetId=\"1\" r:id=\"rId1\"/></x:sheets></x:workbook>"
            ),
        ),
        (
            names[1],
            "<Relationships><Relationship Id=\"rId1\" Type=\"x/worksheet\" Target=\"/xl/worksheets/sheet1.xml\"/>\
             <Relationship Id=\"rId2\" Type=\"x/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>",
        ),
        (
            names[2],
            &format!(
                "<x:worksheet xmlns:x=\"m\"><x:sheetData><x:row>{header}</x:row>{rows}</x:sheetData></x:worksheet>"
            ),
        ),
        (
            names[3],
            "<sst><si><r><t>김</t></r><r><rPr/><t>하나</t></r><rPh sb=\"0\" eb=\"1\"><t>キム</t></rPh></si></sst>",
        ),
    ])
}

const NAMES: [&str; 4] = [
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
];

#[test]
fn cells_without_names_and_types_of_every_kind_are_read() {
    let rest = |birth: &str, phone: &str, amount: &str| {
        format!("<x:c t=\"s\"><x:v>0</x:v></x:c>{birth}{phone}{amount}")
    };
    let day = "<x:c t=\"d\"><x:v>1990-01-02T00:00:00</x:v></x:c>";
    let phone = text("010-1234-5678");
    let rows = [
        rest(
            day,
            &phone,
            "<x:c t=\"str\"><x:f>1</x:f><x:v>100,000원</x:v></x:c>",
        ),
        rest(day, &text("010-1234-0001"), "<x:c><x:v>1,000</x:v></x:c>"),
        rest(day, "<x:c><x:v> </x:v></x:c>", "<x:c><x:v>1</x:v></x:c>"),
        rest(
            "<x:c t=\"e\"><x:v>#N/A</x:v></x:c>",
            &phone,
            "<x:c><x:v>1</x:v></x:c>",
        ),
        rest(day, &phone, "<x:c t=\"b\"><x:v>1</x:v></x:c>"),
        rest(day, &phone, "<x:c><x:f>1+1</x:f></x:c>"),
        rest(day, &phone, "<x:c t=\"str\"><x:f>\"\"</x:f><x:v></x:v></x:c>"),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let (_, rows) = check(&by_hand(NAMES, &rows, false)).expect("a roster");
    let got: Vec<&str> = outcomes(&rows).into_iter().map(|row| row.2).collect();
    assert_eq!(
        got,
        [
            "ok",
            "ok",
            "phone-missing",
            "birth-unreadable",
            "amount-unreadable",
            "amount-uncounted",
            "amount-missing"
        ]
    );
    assert_eq!(
        (rows[0].row, rows[0].name.as_str()),
        (2, "김하나"),
        "what is read aloud is no part of the name"
    );
}

#[test]
fn parts_are_found_whatever_their_case_and_slashes() {
    let person = format!(
        "<x:c t=\"s\"><x:v>0</x:v></x:c>{}{}<x:c><x:v>100</x:v></x:c>",
        text("1990-01-02"),
        text("010-1234-5678")
    );
    for names in [
        [
            "xl/Workbook.xml",
            "xl/_rels/Workbook.xml.rels",
            "xl/WorkSheets/Sheet1.xml",
            "xl/SharedStrings.xml",
        ],
        [
            "xl\\workbook.xml",
            "xl\\_rels\\workbook.xml.rels",
            "xl\\worksheets\\sheet1.xml",
            "xl\\sharedStrings.xml",
        ],
    ] {
        let (report, _) = check(&by_hand(names, &[person.as_str()], false)).expect("a roster");
        assert_eq!(report.total_won, 100);
    }
}

#[test]
fn a_day_that_lost_its_format_counts_from_the_workbooks_own_first_day() {
    for (date1904, serial) in [(false, 32_875), (true, 31_413)] {
        let person = format!(
            "<x:c t=\"s\"><x:v>0</x:v></x:c><x:c><x:v>{serial}</x:v></x:c>{}<x:c><x:v>100</x:v></x:c>",
            text("010-1234-5678")
        );
        let (_, rows) = check(&by_hand(NAMES, &[person.as_str()], date1904)).expect("a roster");
        let Outcome::Ok(entry) = &rows[0].outcome else {
            panic!("{:?}", rows[0].outcome)
        };
        assert_eq!(entry.birth, jiff::civil::date(1990, 1, 2));
    }
}
