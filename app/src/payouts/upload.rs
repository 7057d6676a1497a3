//! A file on its way in: streamed to the disk, never held in memory, gone when its handler is.
//!
//! The token stands before the file in the form and is checked before a byte of the file is kept. What is
//! refused half way is read to its end and thrown away, for a while: a browser shows the answer only after
//! it has sent its request.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use axum::{
    extract::{FromRequest, Multipart, Request, multipart::Field},
    http::header,
};
use roster::FileProblem;
use tokio::{fs::OpenOptions, io::AsyncWriteExt, sync::Semaphore, time::timeout};

use super::said::roster_lang;
use crate::{
    door::{Ctx, Form, PageError},
    word,
};

/// Files that may come in at once.
static PLACES: Semaphore = Semaphore::const_new(4);
/// Longest wait for the next piece of a file.
const PIECE: Duration = Duration::from_secs(30);
/// How long what is refused is read on.
const DRAIN: Duration = Duration::from_secs(30);
/// Longest text of an ordinary field, in bytes.
const TEXT_BYTES_MAX: usize = 4096;
/// Most fields before the file.
const FIELDS_MAX: usize = 16;

/// A file on the disk; removed when this is dropped.
pub struct Upload {
    path: PathBuf,
    /// As the sender calls it; for people to read, never a path.
    pub name: String,
}

impl Upload {
    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "an upload could not be removed");
        }
    }
}

/// Reads a form whose last field, `file`, is a file. What is wrong stands in the form.
pub async fn receive(
    ctx: &Ctx,
    request: Request,
    file: &'static str,
) -> Result<(Form, Option<Upload>), PageError> {
    let lang = ctx.lang;
    let mut form = Form::new();
    let Ok(_place) = PLACES.try_acquire() else {
        form.fail("", word!(lang, payouts.too_many_uploads));
        return Ok((form, None));
    };
    let limit_bytes = ctx.house.settings.roster_max_bytes;
    let told_bytes = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    let surely_too_large = told_bytes.is_some_and(|bytes: u64| bytes > limit_bytes.saturating_add(1 << 16));
    let Ok(mut parts) = Multipart::from_request(request, &()).await else {
        form.fail("", word!(lang, payouts.no_form));
        return Ok((form, None));
    };
    for _ in 0..FIELDS_MAX {
        let field = match timeout(PIECE, parts.next_field()).await {
            Ok(Ok(Some(field))) => field,
            Ok(Ok(None)) => break,
            _ => {
                form.fail("", word!(lang, payouts.broken_off));
                return Ok((form, None));
            }
        };
        let name = field.name().unwrap_or_default().to_owned();
        if name != file {
            if let Some(text) = text(field).await {
                form.set(&name, text);
            }
            continue;
        }
        form.check_token(ctx);
        if form.is_bad() {
            drain(field).await;
            return Ok((form, None));
        }
        let problem = FileProblem::TooLarge { limit_bytes };
        if surely_too_large {
            drain(field).await;
            form.fail(file, problem.message(roster_lang(lang)));
            return Ok((form, None));
        }
        return match keep(ctx, field, limit_bytes).await? {
            Kept::File(upload) => Ok((form, Some(upload))),
            Kept::None => Ok((form, None)),
            Kept::TooLarge => {
                form.fail(file, problem.message(roster_lang(lang)));
                Ok((form, None))
            }
            Kept::BrokenOff => {
                form.fail(file, word!(lang, payouts.broken_off));
                Ok((form, None))
            }
        };
    }
    form.check_token(ctx);
    Ok((form, None))
}

/// An ordinary field; `None` if it is no text or too long to be one of ours.
async fn text(mut field: Field<'_>) -> Option<String> {
    let mut bytes = Vec::new();
    while let Ok(Ok(Some(piece))) = timeout(PIECE, field.chunk()).await {
        if bytes.len() + piece.len() > TEXT_BYTES_MAX {
            drain(field).await;
            return None;
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).ok()
}

enum Kept {
    File(Upload),
    /// The field was left empty.
    None,
    TooLarge,
    BrokenOff,
}

async fn keep(ctx: &Ctx, mut field: Field<'_>, limit_bytes: u64) -> Result<Kept, PageError> {
    let name = short_name(field.file_name().unwrap_or_default());
    if name.is_empty() {
        return Ok(Kept::None);
    }
    let folder = &ctx.house.settings.upload_dir;
    tokio::fs::create_dir_all(folder)
        .await
        .map_err(PageError::inside)?;
    let path = folder.join(format!("{}.upload", people::random_token()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(&path).await.map_err(PageError::inside)?;
    let upload = Upload { path, name };
    let mut bytes: u64 = 0;
    loop {
        match timeout(PIECE, field.chunk()).await {
            Ok(Ok(Some(piece))) => {
                bytes += piece.len() as u64;
                if bytes > limit_bytes {
                    drop(upload);
                    drain(field).await;
                    return Ok(Kept::TooLarge);
                }
                file.write_all(&piece).await.map_err(PageError::inside)?;
            }
            Ok(Ok(None)) => break,
            _ => return Ok(Kept::BrokenOff),
        }
    }
    file.flush().await.map_err(PageError::inside)?;
    Ok(Kept::File(upload))
}

/// Reads on and keeps nothing.
async fn drain(mut field: Field<'_>) {
    let all = async { while let Ok(Some(_)) = field.chunk().await {} };
    let _ = timeout(DRAIN, all).await;
}

/// The last piece of a path, without control characters, at most 120 characters.
fn short_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars()
        .filter(|c| !c.is_control())
        .take(120)
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_no_path() {
        assert_eq!(short_name("C:\\Users\\김\\명단.xlsx"), "명단.xlsx");
        assert_eq!(short_name("../../etc/passwd\n"), "passwd");
        assert_eq!(short_name(""), "");
    }
}
