//! Workbooks: one sheet, a title, a head, rows. Numbers are numbers, and a text is never a formula, whoever wrote it.

use rust_xlsxwriter::{Format, FormatBorder, Workbook, XlsxError};

/// The type of the file.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// What stands in a cell.
#[derive(Clone, Debug)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A whole number: won, or how many. Excel keeps 15 digits, and no sum of ours has more.
    Number(i64),
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// The bytes of a workbook. Lines of `notes` stand between title and head.
pub fn workbook(
    name: &str,
    title: &str,
    notes: &[String],
    head: &[String],
    rows: &[Vec<Cell>],
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let text = Format::new().set_border(FormatBorder::Thin);
    let bold = text.clone().set_bold().set_text_wrap();
    let number = text.clone().set_num_format("#,##0");
    sheet
        .set_name(name)?
        .set_landscape()
        .set_paper_size(9)
        .set_print_fit_to_pages(1, 0);
    sheet.write_string_with_format(0, 0, title, &Format::new().set_bold().set_font_size(16))?;
    let mut line = 1;
    for note in notes {
        sheet.write_string(line, 0, note)?;
        line += 1;
    }
    line += 1;
    for (column, label) in (0_u16..).zip(head) {
        sheet.write_string_with_format(line, column, label, &bold)?;
        sheet.set_column_width(column, if column == 0 { 24 } else { 16 })?;
    }
    sheet.set_repeat_rows(line, line)?;
    for row in rows {
        line += 1;
        for (column, cell) in (0_u16..).zip(row) {
            match cell {
                Cell::Text(words) => sheet.write_string_with_format(line, column, words, &text)?,
                #[allow(clippy::cast_precision_loss, reason = "said above")]
                Cell::Number(value) => {
                    sheet.write_number_with_format(line, column, *value as f64, &number)?
                }
            };
        }
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workbook_is_a_zip_with_its_sheet() {
        let rows = vec![vec![Cell::from("=1+1".to_owned()), Cell::from(12_000)]];
        let bytes = workbook(
            "보고",
            "제목",
            &["기준".to_owned()],
            &["이름".to_owned(), "금액".to_owned()],
            &rows,
        )
        .unwrap();
        assert_eq!(&bytes[..2], b"PK");
    }
}
