//! The files that came with the project.

use roster::{Lang, Outcome, to_json};

use crate::{check, data};

#[test]
fn messy_is_judged_as_expected() {
    let (report, rows) = check(&data("messy.xlsx")).expect("a roster");
    let expected: serde_json::Value = serde_json::from_slice(&data("messy.expected.json")).expect("JSON");
    let json = to_json(&report, &rows, Lang::En);
    let got: Vec<_> = json
        .rows
        .iter()
        .map(|row| (row.name.as_str(), row.outcome))
        .collect();
    let want: Vec<_> = expected
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| {
            (
                row["name"].as_str().expect("a name"),
                row["outcome"].as_str().expect("an outcome"),
            )
        })
        .collect();
    assert_eq!(got, want);
    assert_eq!((report.ok, report.error, report.duplicate), (17, 7, 1));
    assert_eq!(json.rows[0].row, 4);
    assert_eq!((report.header_row, report.sheet.as_deref()), (3, Some("대상자")));
    assert_eq!(report.titles, ["2026년 4분기 청년기본소득 지급대상자"]);
    for row in &json.rows {
        assert_eq!(row.why.is_empty(), row.outcome == "ok", "{row:?}");
    }
}

#[test]
fn clean_files_are_all_paid_in_every_encoding() {
    for (name, encoding, people) in [
        ("clean.xlsx", "xlsx", 200),
        ("cp949.csv", "cp949", 300),
        ("utf8-bom.csv", "utf-8", 50),
    ] {
        let (report, rows) = check(&data(name)).expect(name);
        assert_eq!(
            (report.ok, report.error, report.encoding),
            (people, 0, encoding),
            "{name}"
        );
        assert_eq!(rows[0].row, 2, "{name}");
        let sum: i64 = rows
            .iter()
            .map(|row| match &row.outcome {
                Outcome::Ok(entry) => entry.amount_won,
                _ => 0,
            })
            .sum();
        assert_eq!(report.total_won, sum);
        assert_eq!(report.sha256.len(), 64);
    }
}
