//! Files that Excel opens right: UTF-8 with a byte-order mark, CRLF, and no text that a spreadsheet could
//! take for a formula.

/// Excel reads a file without it as CP949.
pub const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A text that stays a text: what begins like a formula (in any width) gets an apostrophe before it (OWASP,
/// CSV injection).
pub fn guarded(text: &str) -> String {
    let dangerous = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if text.starts_with(dangerous) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Rows as they stand in the file.
pub fn written(rows: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(&row)?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_begins_like_a_formula_stays_text() {
        for text in ["=1+1", "+82", "-3", "@x", "\tx", "\rx", "＝1"] {
            assert_eq!(guarded(text), format!("'{text}"));
        }
        assert_eq!(guarded("햇살분식"), "햇살분식");
    }

    #[test]
    fn rows_end_with_crlf_and_quotes_are_doubled() {
        let bytes = written([vec!["가, \"나\"".to_owned(), "12000".to_owned()]]).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), "\"가, \"\"나\"\"\",12000\r\n");
    }
}
