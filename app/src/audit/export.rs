//! The log as a file, for the same search as the page: .csv that Excel opens right, written page by page while it is
//! sent; .xlsx, whose rows go to a temporary file while it is made.

use axum::body::{Body, Bytes};
use futures::stream;
use people::{AuditCursor, AuditFilter, AuditRow, Role};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::{read_filter, said};
use crate::{
    door::{Answer, Ctx, Official, PageError},
    shell::{
        self,
        csv::{BYTE_ORDER_MARK, guarded, written},
    },
    word,
    words::{self, Lang},
};

/// Lines asked for at once: the log's most.
const PAGE: i64 = 1_000;
/// The most lines of a workbook: it is made before the first byte goes. More is .csv's work.
const XLSX_ROWS_MAX: usize = 100_000;

fn head(lang: Lang) -> Vec<String> {
    vec![
        word!(lang, audit.when),
        word!(lang, audit.who),
        word!(lang, audit.what),
        word!(lang, audit.code),
        word!(lang, audit.record),
        word!(lang, audit.detail),
        word!(lang, audit.address),
        word!(lang, audit.number),
    ]
}

fn record(lang: Lang, row: &AuditRow) -> Vec<String> {
    let who = match &row.actor_login_id {
        Some(login) if row.actor_kind == "staff" => login.clone(),
        _ => format!("{}/{}", row.actor_kind, row.actor_id),
    };
    vec![
        format!("{} {}", words::day_of(row.at), words::time_s(row.at)),
        who,
        said::said(lang, &row.action),
        row.action.clone(),
        row.record.clone(),
        row.detail.clone(),
        row.from_ip.clone(),
        row.id.to_string(),
    ]
}

/// Who asks, and for what; taking the log along is on record before the first byte of it.
async fn asked(ctx: &Ctx, kind: &str) -> Result<(Official, AuditFilter), PageError> {
    let official = ctx.official(&[Role::Auditor, Role::Administrator])?;
    let mut form = ctx.asked();
    let filter = read_filter(ctx, &mut form);
    if form.is_bad() {
        return Err(PageError::NotFound);
    }
    ctx.audit(&official, "audit.export", "audit", kind).await?;
    Ok((official, filter))
}

/// GET `/admin/audit.csv`.
pub async fn get_csv(ctx: Ctx) -> Answer {
    let (official, filter) = asked(&ctx, "csv").await?;
    let (lang, people) = (ctx.lang, ctx.house.people.clone());
    let name = format!("{}.csv", word!(lang, audit.file));
    // (Whether it is the beginning, the line after which to go on); nothing at the end.
    let start: Option<(bool, Option<AuditCursor>)> = Some((true, None));
    let lines = stream::try_unfold(start, move |place| {
        let (people, filter) = (people.clone(), filter.clone());
        async move {
            let Some((first, cursor)) = place else {
                return Ok(None);
            };
            let mut bytes = Vec::new();
            if first {
                bytes.extend_from_slice(BYTE_ORDER_MARK);
                bytes.extend(written([head(lang)]).map_err(std::io::Error::other)?);
            }
            let page = people
                .audit_log(official.municipality, &filter, cursor, PAGE)
                .await
                // The transfer is broken off, so that nobody takes half a file for the whole.
                .map_err(std::io::Error::other)?;
            let rows = page
                .iter()
                .map(|row| record(lang, row).iter().map(|cell| guarded(cell)).collect());
            bytes.extend(written(rows).map_err(std::io::Error::other)?);
            let next = page
                .last()
                .filter(|_| page.len() as i64 == PAGE)
                .map(|last| (false, Some(AuditCursor::from(last))));
            Ok::<_, std::io::Error>(Some((Bytes::from(bytes), next)))
        }
    });
    Ok(shell::attachment(
        &name,
        "text/csv; charset=utf-8",
        Body::from_stream(lines),
    ))
}

/// GET `/admin/audit.xlsx`.
pub async fn get_xlsx(ctx: Ctx) -> Answer {
    let (official, filter) = asked(&ctx, "xlsx").await?;
    let lang = ctx.lang;
    let mut rows = Vec::new();
    let mut cursor = None;
    loop {
        let page = ctx
            .house
            .people
            .audit_log(official.municipality, &filter, cursor, PAGE)
            .await?;
        cursor = page.last().map(AuditCursor::from);
        let last = (page.len() as i64) < PAGE;
        rows.extend(page);
        if last || rows.len() > XLSX_ROWS_MAX {
            break;
        }
    }
    let file = tokio::task::spawn_blocking(move || workbook(lang, &rows))
        .await
        .map_err(PageError::inside)?
        .map_err(PageError::inside)?;
    Ok(shell::attachment(
        &format!("{}.xlsx", word!(lang, audit.file)),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        file,
    ))
}

/// Every cell is text: nothing in it can be taken for a formula.
fn workbook(lang: Lang, rows: &[AuditRow]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let sheet = book.add_worksheet();
    for (column, title) in (0_u16..).zip(head(lang)) {
        sheet.write_string_with_format(0, column, title, &bold)?;
        sheet.set_column_width(column, 22)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (line, row) in (1_u32..).zip(rows.iter().take(XLSX_ROWS_MAX)) {
        for (column, cell) in (0_u16..).zip(record(lang, row)) {
            sheet.write_string(line, column, cell)?;
        }
    }
    if rows.len() > XLSX_ROWS_MAX {
        sheet.write_string(XLSX_ROWS_MAX as u32 + 1, 0, word!(lang, audit.xlsx_cut))?;
    }
    book.save_to_buffer()
}
