//! One pass over the whole file: its length, its SHA-256, and what it is by its content.

use std::io::{Read, Seek, SeekFrom};

use sha2::{Digest, Sha256};

use super::{ole, text::TextEncoding};
use crate::{FileProblem, Limits};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A zip archive: a workbook, one hopes.
    Zip,
    Text(TextEncoding),
}

/// What the first pass found.
pub(crate) struct Sniffed {
    pub content: Content,
    pub sha256: String,
    /// Length in bytes.
    pub bytes: u64,
}

const MAGIC: [(&[u8], &str); 14] = [
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"%PDF", "pdf"),
    (b"RIFF", "riff"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "rar"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"HWP Document", "hwp"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
];

/// Reads the whole file once, in pieces of 64 KiB.
pub(crate) fn sniff<R: Read + Seek>(source: &mut R, limits: &Limits) -> Result<Sniffed, FileProblem> {
    let too_large = FileProblem::TooLarge {
        limit_bytes: limits.max_bytes,
    };
    let length = source.seek(SeekFrom::End(0))?;
    if length > limits.max_bytes {
        return Err(too_large);
    }
    source.seek(SeekFrom::Start(0))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0_u8; 64 << 10];
    let mut head: Vec<u8> = Vec::new();
    let mut utf8 = Utf8::default();
    let (mut bytes, mut zeros) = (0_u64, false);
    loop {
        let read = source.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        let piece = &buffer[..read];
        bytes += read as u64;
        if bytes > limits.max_bytes {
            return Err(too_large);
        }
        hash.update(piece);
        if head.len() < 4096 {
            head.extend_from_slice(&piece[..read.min(4096)]);
        }
        zeros = zeros || piece.contains(&0);
        utf8.feed(piece);
    }
    let content = content_of(source, &head, zeros, utf8.finish())?;
    source.seek(SeekFrom::Start(0))?;
    Ok(Sniffed {
        content,
        sha256: hex::encode(hash.finalize()),
        bytes,
    })
}

fn content_of<R: Read + Seek>(
    source: &mut R,
    head: &[u8],
    zeros: bool,
    utf8: bool,
) -> Result<Content, FileProblem> {
    let not = |kind: &str| Err(FileProblem::NotARoster { kind: kind.into() });
    if head.is_empty() {
        return Err(FileProblem::Empty);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok(Content::Zip);
    }
    if head.starts_with(&ole::MAGIC) {
        return Err(ole::what(source)?);
    }
    if head.starts_with(b"\xff\xfe") {
        return Ok(Content::Text(TextEncoding::Utf16Le));
    }
    if head.starts_with(b"\xfe\xff") {
        return Ok(Content::Text(TextEncoding::Utf16Be));
    }
    if let Some(encoding) = utf16_without_mark(head) {
        return Ok(Content::Text(encoding));
    }
    let binary = zeros
        || head
            .iter()
            .take(512)
            .any(|b| matches!(b, 1..=8 | 14..=26 | 28..=31));
    for (magic, kind) in MAGIC {
        // Two letters may begin a text.
        if head.starts_with(magic) && (magic.len() > 2 || binary) {
            return not(kind);
        }
    }
    if binary {
        return not("binary");
    }
    let start: String = head
        .iter()
        .skip(if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 })
        .map(|b| b.to_ascii_lowercase() as char)
        .skip_while(char::is_ascii_whitespace)
        .take(200)
        .collect();
    for (word, kind) in [
        ("<html", "html"),
        ("<!doctype", "html"),
        ("<table", "html"),
        ("<meta", "html"),
        ("<?xml", "xml"),
        ("{\\rtf", "rtf"),
    ] {
        if start.starts_with(word) {
            return not(kind);
        }
    }
    if start.is_empty() && head.len() < 4096 {
        return Err(FileProblem::Empty);
    }
    Ok(Content::Text(if utf8 {
        TextEncoding::Utf8
    } else {
        TextEncoding::Cp949
    }))
}

/// UTF-16 that lost its mark: of Latin letters, digits, commas and line ends every second byte is nothing.
fn utf16_without_mark(head: &[u8]) -> Option<TextEncoding> {
    let head = &head[..head.len().min(4096) & !1];
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|b| **b == 0).count();
    let controls = |from: usize| {
        let mut pairs = head.chunks_exact(2);
        pairs.any(|pair| pair[1 - from] == 0 && matches!(pair[from], 0..=8 | 14..=31))
    };
    let (even, odd) = (zeros(0), zeros(1));
    if odd >= 8 && odd >= 8 * even && !controls(0) {
        Some(TextEncoding::Utf16Le)
    } else if even >= 8 && even >= 8 * odd && !controls(1) {
        Some(TextEncoding::Utf16Be)
    } else {
        None
    }
}

/// So many syllables in UTF-8 are no accident of another encoding.
const MEANT: usize = 4;

/// Whether a text is meant as UTF-8, across pieces: all of it is, or it begins so and is damaged further on.
#[derive(Default)]
struct Utf8 {
    rest: Vec<u8>,
    broken: bool,
    /// Hangul in UTF-8 stood before anything broken: no text in CP949 begins like that.
    hangul: usize,
}

impl Utf8 {
    fn feed(&mut self, piece: &[u8]) {
        if self.broken {
            return;
        }
        let mut piece = piece;
        while !self.rest.is_empty() && !piece.is_empty() {
            self.rest.push(piece[0]);
            piece = &piece[1..];
            match std::str::from_utf8(&self.rest) {
                Ok(_) => self.rest.clear(),
                Err(error) if error.error_len().is_some() => {
                    self.broken = true;
                    return;
                }
                Err(_) => {}
            }
        }
        let valid = match std::str::from_utf8(piece) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&piece[..error.valid_up_to()]).unwrap_or_default(),
        };
        let is_hangul = |c: &char| ('가'..='힣').contains(c);
        self.hangul += valid.chars().filter(is_hangul).take(MEANT).count();
        if let Err(error) = std::str::from_utf8(piece) {
            match error.error_len() {
                Some(_) => self.broken = true,
                None => self.rest = piece[error.valid_up_to()..].to_vec(),
            }
        }
    }

    fn finish(&self) -> bool {
        self.hangul >= MEANT || (!self.broken && self.rest.is_empty())
    }
}
