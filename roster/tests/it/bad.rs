//! Files that are no roster: each is refused for a reason of its own, in bounded memory, and pays nobody.

use std::{
    fmt::Write as _,
    io::{Cursor, Read, Seek, SeekFrom, Write as _},
};

use roster::{Failure, Field, FileProblem, Lang, Limits, Options};
use rust_xlsxwriter::Workbook;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{check, check_with, data, options};

const HEADER: &str = "성명,생년월일,휴대전화,지급액\n";

fn code(bytes: &[u8]) -> &'static str {
    check(bytes).expect_err("a refusal").code()
}

#[test]
fn each_kind_of_bad_file_has_its_own_reason() {
    let person = "김하나,1990-01-01,010-1234-5678,10000\n";
    let utf16 = |name: &str| {
        name.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>()
    };
    let ole = |stream: &str| {
        [
            &b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..],
            &[0; 600],
            &utf16(stream),
            &[0; 600],
        ]
        .concat()
    };
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("empty", b"\xef\xbb\xbf\r\n\r\n".to_vec()),
        ("not-a-roster", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()),
        ("not-a-roster", b"%PDF-1.7\n".to_vec()),
        (
            "not-a-roster",
            b"<html><table><tr><td>\xea\xb9\x80</td></tr></table>".to_vec(),
        ),
        ("not-a-roster", ole("HwpSummaryInformation")),
        ("password", ole("EncryptedPackage")),
        ("old-workbook", ole("Workbook")),
        (
            "broken-quote",
            format!("{HEADER}\"김하나,1990-01-01,010-1234-5678,10000\n김둘,").into_bytes(),
        ),
        (
            "broken-quote",
            format!("{HEADER}\"김하나\"둘,1990-01-01,010-1234-5678,10000\n").into_bytes(),
        ),
        (
            "broken-quote",
            format!("{HEADER}김\"하나,1990-01-01,010-1234-5678,10000\n").into_bytes(),
        ),
        ("header", b"a,b,c\n1,2,3\n".to_vec()),
        ("header", format!("성명,생년월일,휴대전화\n{person}").into_bytes()),
        ("no-rows", HEADER.as_bytes().to_vec()),
        ("no-rows", format!("{HEADER},,,\n합계,,,0\n").into_bytes()),
        (
            "columns",
            b"\xec\x84\xb1\xeb\xaa\x85,\xec\x9d\xb4\xeb\xa6\x84,birth,phone,amount\na,b,c,d,e\n".to_vec(),
        ),
        (
            "encoding",
            [HEADER.as_bytes(), b"\xff\xff,1990-01-01,01012345678,1\n"].concat(),
        ),
        ("broken-workbook", data("messy.xlsx")[..5_000].to_vec()),
        ("not-a-roster", zip_of(&[("a.txt", b"hello")])),
    ];
    for (want, bytes) in cases {
        let problem = check(&bytes).expect_err(want);
        assert_eq!(problem.code(), want, "{problem}");
        assert!(!problem.message(Lang::Ko).is_empty() && !problem.message(Lang::En).is_empty());
    }
}

#[test]
fn a_header_nobody_knows_is_told_what_is_missing_and_what_was_seen() {
    let problem = check("성명,생년월일,사는곳2\n가,나,다\n".as_bytes()).expect_err("no header");
    let FileProblem::Header { missing, seen } = &problem else {
        panic!("{problem}")
    };
    assert_eq!(missing, &[Field::Phone, Field::Amount]);
    assert_eq!(seen, &["성명", "생년월일", "사는곳·"]);
    assert!(problem.message(Lang::Ko).contains("휴대전화, 지급액"));
}

#[test]
fn a_resident_number_refuses_the_file_and_leaves_no_digit() {
    let files = [
        "성명,주민등록번호,휴대전화,지급액\n김하나,730416-1234567,010-1234-5678,1000\n",
        "성명,생년월일,주민 등록 번호,휴대전화,지급액\n김하나,1973-04-16,730416-1234567,010-1234-5678,1000\n",
        "성명,생년월일,휴대전화,지급액,비고\n김하나,1973-04-16,010-1234-5678,1000,730416-1234567\n",
        "성명,생년월일,휴대전화,지급액,비고\n김하나,1973-04-16,010-1234-5678,1000,본인(７３０４１６－１２３４５６７)\n",
        "성명,생년월일,휴대전화,지급액\n김하나,7304161234567,010-1234-5678,1000\n",
        "명단 730416-1234567\n성명,생년월일,휴대전화,지급액\n김하나,1973-04-16,010-1234-5678,1000\n",
        "성명,생년월일,휴대전화,지급액\n김하나,1973-04-16,010-1234-5678,1000\n합계,730416-1234567,,1000\n",
    ];
    for file in files {
        let mut kept = String::new();
        let result = roster::check(Cursor::new(file), &options(), &mut |row| {
            let _ = write!(kept, "{row:?}");
            Ok::<(), ()>(())
        });
        let Err(Failure::Problem(problem)) = result else {
            panic!("{file}")
        };
        assert_eq!(problem.code(), "resident-number", "{file}");
        let said = format!(
            "{kept}{problem:?}{}{}",
            problem.message(Lang::Ko),
            problem.message(Lang::En)
        );
        assert!(
            !said.contains("123456") && !said.contains("730416") && !said.contains("１２３"),
            "{said}"
        );
    }
    let account =
        "성명,생년월일,휴대전화,지급액,계좌번호\n김하나,1973-04-16,010-1234-5678,1000,1104121234567\n";
    assert!(
        check(account.as_bytes()).is_ok(),
        "an account of thirteen digits is no resident number"
    );
}

#[test]
fn a_workbook_that_unpacks_to_gigabytes_is_refused() {
    let sheet = "<worksheet><sheetData><row r=\"1\"><c t=\"inlineStr\"><is><t>";
    let bomb = workbook_with(sheet, 200 << 20);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(code(&bomb), "zip-bomb");
    // One that lies of its size: said to hold little, holds much.
    let mut liar = bomb.clone();
    let size = (sheet.len() as u32 + (200 << 20)).to_le_bytes();
    let places: Vec<usize> = liar
        .windows(4)
        .enumerate()
        .filter(|(_, w)| *w == size)
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        liar[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    assert!(matches!(
        code(&liar),
        "row-too-long" | "zip-bomb" | "broken-workbook"
    ));
    // Many small texts instead of one long.
    let many = "<row><c t=\"inlineStr\"><is><t>a</t></is></c></row>".repeat(1 << 21);
    let limits = Limits {
        max_unpacked_bytes: 32 << 20,
        ..Limits::default()
    };
    let strict = Options { limits, ..options() };
    let bytes = workbook_of(&format!("<worksheet><sheetData>{many}"));
    assert_eq!(check_with(&bytes, &strict), Err(FileProblem::ZipBomb));
}

#[test]
fn a_line_of_100_mb_is_refused() {
    assert_eq!(roster_of(Endless::new(HEADER, b'a', 100 << 20)), "row-too-long");
    assert_eq!(roster_of(Endless::new("", b'a', 100 << 20)), "row-too-long");
    assert_eq!(
        roster_of(Endless::new(&format!("{HEADER}\"김\n"), b'a', 100 << 20)),
        "broken-quote"
    );
}

#[test]
fn a_file_over_the_limit_is_refused() {
    let limits = Limits {
        max_bytes: 100,
        ..Limits::default()
    };
    let small = Options { limits, ..options() };
    assert_eq!(
        check_with(&data("clean.xlsx"), &small),
        Err(FileProblem::TooLarge { limit_bytes: 100 })
    );
    let limits = Limits {
        max_rows: 10,
        ..Limits::default()
    };
    let few = Options { limits, ..options() };
    assert_eq!(
        check_with(&data("clean.xlsx"), &few),
        Err(FileProblem::TooManyRows { limit_rows: 10 })
    );
    let limits = Limits {
        max_shared_bytes: 100,
        ..Limits::default()
    };
    let little = Options { limits, ..options() };
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..50 {
        sheet.write_string(row, 0, format!("text {row}")).expect("a cell");
    }
    let bytes = book.save_to_buffer().expect("a workbook");
    assert_eq!(
        check_with(&bytes, &little),
        Err(FileProblem::TooMuchText { limit_bytes: 100 })
    );
}

fn zip_of(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("a part");
        zip.write_all(bytes).expect("its bytes");
    }
    zip.finish().expect("a zip").into_inner()
}

const BOOK: &str =
    "<workbook xmlns:r=\"r\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>";
const RELS: &str = "<Relationships><Relationship Id=\"rId1\" Type=\"x/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>";

fn workbook_of(sheet: &str) -> Vec<u8> {
    zip_of(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", RELS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

fn workbook_with(sheet: &str, more: usize) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        ("[Content_Types].xml", "<Types/>"),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", RELS),
    ] {
        zip.start_file(name, SimpleFileOptions::default())
            .expect("a part");
        zip.write_all(text.as_bytes()).expect("its bytes");
    }
    zip.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default())
        .expect("a part");
    zip.write_all(sheet.as_bytes()).expect("its bytes");
    let piece = vec![b'a'; 1 << 20];
    for _ in 0..more >> 20 {
        zip.write_all(&piece).expect("its bytes");
    }
    zip.finish().expect("a zip").into_inner()
}

fn roster_of(source: Endless) -> &'static str {
    match roster::check(source, &options(), &mut |_| Ok::<(), ()>(())) {
        Err(Failure::Problem(problem)) => problem.code(),
        other => panic!("{other:?}"),
    }
}

/// A file that is a start and then one byte over and over, without being anywhere.
struct Endless {
    start: Vec<u8>,
    byte: u8,
    length: u64,
    at: u64,
}

impl Endless {
    fn new(start: &str, byte: u8, more: u64) -> Self {
        Self {
            start: start.into(),
            byte,
            length: start.len() as u64 + more,
            at: 0,
        }
    }
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = (buffer.len() as u64).min(self.length - self.at) as usize;
        buffer[..count].fill(self.byte);
        if let Some(rest) = self.start.get(self.at as usize..) {
            let head = rest.len().min(count);
            buffer[..head].copy_from_slice(&rest[..head]);
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Endless {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(by) => self.length.saturating_add_signed(by),
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}
