//! No bytes make it panic, and what is written in any format is read back. (proptest prints its seed.)

use std::{
    fmt::Write as _,
    io::{Cursor, Read, Write as _},
};

use jiff::{ToSpan, civil::date};
use proptest::prelude::*;
use roster::{Entry, Outcome};
use rust_xlsxwriter::{Format, Workbook};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::{check, data};

/// One part of a workbook with bytes changed, packed anew so that the damage is met by the reader of XML.
fn repacked(book: &[u8], part: &str, changes: &[(usize, u8)]) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(book)).expect("a zip");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("a part");
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("its bytes");
        if file.name().ends_with(part) {
            for (at, byte) in changes {
                let at = at % bytes.len();
                bytes[at] = *byte;
            }
        }
        zip.start_file(file.name(), SimpleFileOptions::default())
            .expect("a part");
        zip.write_all(&bytes).expect("its bytes");
    }
    zip.finish().expect("a zip").into_inner()
}

fn changes() -> impl Strategy<Value = Vec<(usize, u8)>> {
    prop::collection::vec((any::<usize>(), any::<u8>()), 1..20)
}

fn people() -> impl Strategy<Value = Vec<Entry>> {
    let name = prop::string::string_regex("[가-힣]{2,5}").expect("a pattern");
    let person = (name, 0..36_000_i64, 0..100_000_000_u32, 1..=1_000_000_000_i64).prop_map(
        |(name, days, phone, amount_won)| Entry {
            name,
            birth: date(1926, 1, 2) + days.days(),
            phone: format!("010{phone:08}"),
            amount_won,
        },
    );
    prop::collection::vec(person, 1..30).prop_map(|mut people| {
        people.sort_by(|a, b| (&a.name, a.birth, &a.phone).cmp(&(&b.name, b.birth, &b.phone)));
        people.dedup_by(|a, b| (&a.name, a.birth, &a.phone) == (&b.name, b.birth, &b.phone));
        people
    })
}

fn read_back(bytes: &[u8]) -> Vec<Entry> {
    let (_, rows) = check(bytes).expect("a roster");
    rows.into_iter()
        .map(|row| match row.outcome {
            Outcome::Ok(entry) => entry,
            other => panic!("{other:?}"),
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..4_000), start in 0..5_usize) {
        let starts: [&[u8]; 5] = [b"", b"PK\x03\x04", b"\xff\xfe", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "성명,생년월일,휴대전화,지급액\n".as_bytes()];
        let _ = check(&[starts[start], &bytes].concat());
    }

    #[test]
    fn damaged_files_never_panic(changes in changes(), which in 0..6_usize) {
        let messy = data("messy.xlsx");
        let bytes = match which {
            0 => repacked(&messy, "sheet1.xml", &changes),
            1 => repacked(&messy, "workbook.xml", &changes),
            2 => repacked(&messy, "styles.xml", &changes),
            3 => repacked(&messy, "workbook.xml.rels", &changes),
            other => {
                let mut bytes = if other == 4 { messy } else { data("cp949.csv") };
                for (at, byte) in &changes {
                    let at = at % bytes.len();
                    bytes[at] = *byte;
                }
                bytes
            }
        };
        let _ = check(&bytes);
    }

    #[test]
    fn what_is_written_is_read_back(people in people()) {
        let mut text = String::from("번호,성명,생년월일,휴대전화,지급액\n");
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let style = Format::new().set_num_format("yyyy-mm-dd");
        for (column, word) in ["성명", "생년월일", "휴대전화", "지급액"].into_iter().enumerate() {
            sheet.write_string(0, column as u16, word).expect("a cell");
        }
        for (at, person) in people.iter().enumerate() {
            let _ = writeln!(text, "{at},{},{},{},{}", person.name, person.birth, person.phone, person.amount_won);
            let row = at as u32 + 1;
            sheet.write_string(row, 0, &person.name).expect("a cell");
            let serial = (person.birth - date(1899, 12, 30)).get_days();
            sheet.write_number_with_format(row, 1, serial, &style).expect("a cell");
            sheet.write_string(row, 2, &person.phone).expect("a cell");
            sheet.write_number(row, 3, person.amount_won as f64).expect("a cell");
        }
        prop_assert_eq!(&read_back(text.as_bytes()), &people);
        prop_assert_eq!(&read_back(format!("\u{feff}{text}").as_bytes()), &people);
        prop_assert_eq!(&read_back(&encoding_rs::EUC_KR.encode(&text).0), &people);
        let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect();
        prop_assert_eq!(&read_back(&utf16), &people);
        prop_assert_eq!(&read_back(&book.save_to_buffer().expect("a workbook")), &people);
    }
}
