//! The form as a workbook: the same fields, the open ones in colour and with a word.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook, XlsxError};

use super::{Entry, Stage, rows};
use crate::{components::Component, incidents::Incident, pages::Reader, words::word};

/// The bytes of the file.
pub(crate) fn workbook(
    reader: Reader<'_>,
    incident: &Incident,
    components: &[Component],
    stage: Stage,
) -> Result<Vec<u8>, XlsxError> {
    let lang = reader.lang;
    let text = Format::new()
        .set_text_wrap()
        .set_align(FormatAlign::Top)
        .set_border(FormatBorder::Thin);
    let label = text.clone().set_bold();
    let open = text.clone().set_background_color(Color::RGB(0x00FF_F2CC));
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet
        .set_name(word!(lang, report.sheet_name))?
        .set_column_width(0, 28)?
        .set_column_width(1, 90)?
        .set_print_fit_to_pages(1, 0);
    sheet.merge_range(
        0,
        0,
        0,
        1,
        &word!(lang, report.title),
        &Format::new().set_bold().set_font_size(16),
    )?;
    for (line, row) in (2_u32..).zip(rows(reader, incident, components, stage)) {
        sheet.write_with_format(line, 0, row.label, &label)?;
        // Always text: nothing that somebody typed becomes a formula.
        match row.entry {
            Entry::Known(known) => sheet.write_string_with_format(line, 1, known, &text)?,
            Entry::Open(hint) => {
                let mark = format!("{} {hint}", word!(lang, report.open));
                sheet.write_string_with_format(line, 1, mark, &open)?
            }
        };
    }
    book.save_to_buffer()
}
