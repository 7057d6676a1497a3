//! `/admin/payouts/{id}/result.csv` (`?as=cp949`: for programs that know nothing else) and `/result.xlsx`: every row with
//! what came of it.
//!
//! CSV is written while it is sent, a page at a time. A workbook must be whole before its first byte: it is written row
//! by row into the folder of uploads, sent from there, and gone when it was sent. Memory stays at one page either way.

use std::path::PathBuf;

use axum::body::{Body, Bytes};
use futures::stream;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use tokio::{io::AsyncReadExt, sync::mpsc};

use super::{document, lines::Lines};
use crate::{
    access::ANY_OFFICIAL,
    door::{Answer, Ctx, PageError},
    shell::{
        self,
        csv::{BYTE_ORDER_MARK, guarded, written},
    },
    word, words,
};

/// Lines of one sheet, its header left out.
const SHEET_LINES: u32 = 1_048_575;
/// The longest text that a cell takes.
const CELL_CHARS: usize = 32_000;
const PIECE_BYTES: usize = 1 << 16;

async fn begin(ctx: &Ctx, id: &str, form: &str) -> Result<(Lines, String), PageError> {
    let official = ctx.official(ANY_OFFICIAL)?;
    let payout = document::find(ctx, &official, id).await?;
    ctx.audit(
        &official,
        "payout.download",
        &format!("payout/{}", payout.id),
        form,
    )
    .await?;
    let title: String = payout
        .title
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .take(60)
        .collect();
    let name = word!(
        ctx.lang,
        results.file_name,
        title = title,
        date = words::day_of(ctx.at).to_string()
    );
    Ok((Lines::of(ctx, &official, payout).await?, name))
}

/// GET `/admin/payouts/{id}/result.csv`.
pub async fn get_csv(ctx: Ctx, id: String) -> Answer {
    let cp949 = ctx.asked().get("as") == "cp949";
    let form = if cp949 { "csv cp949" } else { "csv" };
    let (lines, name) = begin(&ctx, &id, form).await?;
    let body = stream::try_unfold((lines, false), move |(mut lines, begun)| async move {
        let Some(page) = lines.next().await? else {
            // Of a payout without rows there is still a header.
            let head = (!begun)
                .then(|| encoded(vec![lines.head()], cp949, true))
                .transpose()?;
            lines.end();
            return Ok(head.map(|head| (head, (lines, true))));
        };
        let mut records = Vec::with_capacity(page.len() + 1);
        if !begun {
            records.push(lines.head());
        }
        records.extend(page);
        let bytes = encoded(records, cp949, !begun)?;
        Ok::<_, std::io::Error>(Some((bytes, (lines, true))))
    });
    let kind = if cp949 {
        "text/csv; charset=euc-kr"
    } else {
        "text/csv; charset=utf-8"
    };
    Ok(shell::attachment(
        &format!("{name}.csv"),
        kind,
        Body::from_stream(body),
    ))
}

/// Lines as bytes of a CSV; at its beginning with the mark by which Excel knows UTF-8.
fn encoded(lines: Vec<Vec<String>>, cp949: bool, first: bool) -> std::io::Result<Bytes> {
    let lines = lines
        .into_iter()
        .map(|line| line.iter().map(|cell| guarded(cell)).collect());
    let bytes = written(lines).map_err(std::io::Error::other)?;
    if cp949 {
        let text = String::from_utf8(bytes).map_err(std::io::Error::other)?;
        return Ok(as_cp949(&text).into());
    }
    if first {
        return Ok([BYTE_ORDER_MARK, &bytes].concat().into());
    }
    Ok(bytes.into())
}

/// In CP949; a letter that it does not have becomes a question mark.
fn as_cp949(text: &str) -> Vec<u8> {
    let (bytes, _, lossy) = encoding_rs::EUC_KR.encode(text);
    if !lossy {
        return bytes.into_owned();
    }
    let mut letter_bytes = [0; 4];
    let known: String = text
        .chars()
        .map(|letter| {
            let (.., unknown) = encoding_rs::EUC_KR.encode(letter.encode_utf8(&mut letter_bytes));
            if unknown { '?' } else { letter }
        })
        .collect();
    encoding_rs::EUC_KR.encode(&known).0.into_owned()
}

/// GET `/admin/payouts/{id}/result.xlsx`.
pub async fn get_xlsx(ctx: Ctx, id: String) -> Answer {
    let (mut lines, name) = begin(&ctx, &id, "xlsx").await?;
    let folder = ctx.house.settings.upload_dir.clone();
    tokio::fs::create_dir_all(&folder)
        .await
        .map_err(PageError::inside)?;
    let file = Passing(folder.join(format!("{}.result", people::random_token())));
    let (sender, receiver) = mpsc::channel(4);
    let (path, head) = (file.0.clone(), lines.head());
    let writing = tokio::task::spawn_blocking(move || write_workbook(&path, &folder, &head, receiver));
    while let Some(page) = lines.next().await.map_err(PageError::inside)? {
        if sender.send(page).await.is_err() {
            break;
        }
    }
    drop(sender);
    writing
        .await
        .map_err(PageError::inside)?
        .map_err(PageError::inside)?;
    let open = tokio::fs::File::open(&file.0).await.map_err(PageError::inside)?;
    let body = stream::try_unfold((open, file), |(mut open, file)| async move {
        let mut piece = vec![0; PIECE_BYTES];
        let read = open.read(&mut piece).await?;
        piece.truncate(read);
        Ok::<_, std::io::Error>((read > 0).then(|| (Bytes::from(piece), (open, file))))
    });
    Ok(shell::attachment(
        &format!("{name}.xlsx"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Body::from_stream(body),
    ))
}

/// A file that goes when nobody needs it any more.
struct Passing(PathBuf);

impl Drop for Passing {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "a result could not be removed");
        }
    }
}

/// Writes the pages as they come, every cell a text, as the roster had it. More lines than a sheet takes go on in the
/// next one. Blocks.
fn write_workbook(
    path: &std::path::Path,
    folder: &std::path::Path,
    head: &[String],
    mut pages: mpsc::Receiver<Vec<Vec<String>>>,
) -> Result<(), XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_tempdir(folder)?;
    let bold = Format::new().set_bold();
    let mut waiting: Vec<Vec<String>> = Vec::new();
    let mut number = 0;
    loop {
        number += 1;
        let sheet = workbook.add_worksheet_with_constant_memory();
        sheet.set_name(number.to_string())?;
        for (column, text) in (0..).zip(head) {
            sheet.write_string_with_format(0, column, short(text), &bold)?;
        }
        let mut written = 0;
        let mut ended = false;
        while written < SHEET_LINES {
            if waiting.is_empty() {
                let Some(page) = pages.blocking_recv() else {
                    ended = true;
                    break;
                };
                waiting = page;
            }
            let here = waiting.len().min((SHEET_LINES - written) as usize);
            for line in waiting.drain(..here) {
                written += 1;
                for (column, text) in (0..).zip(&line).filter(|(_, text)| !text.is_empty()) {
                    sheet.write_string(written, column, short(text))?;
                }
            }
        }
        if ended {
            break;
        }
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    workbook.save_to_writer(options.open(path)?)
}

fn short(text: &str) -> String {
    text.chars().take(CELL_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cp949_does_not_have_is_a_question_mark() {
        assert_eq!(as_cp949("홍길동"), [0xc8, 0xab, 0xb1, 0xe6, 0xb5, 0xbf]);
        assert_eq!(as_cp949("가🙂나"), [0xb0, 0xa1, b'?', 0xb3, 0xaa]);
    }

    #[test]
    fn a_csv_begins_with_its_mark_once() {
        let line = || vec![vec!["=1".to_owned(), "가".to_owned()]];
        assert!(encoded(line(), false, true).unwrap().starts_with(BYTE_ORDER_MARK));
        assert_eq!(
            &encoded(line(), false, false).unwrap()[..],
            "'=1,가\r\n".as_bytes()
        );
    }
}
