//! From bytes of any encoding to UTF-8, a piece at a time.

use std::io::Read;

use encoding_rs::{Decoder, DecoderResult, EUC_KR, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::FileProblem;

/// How the characters of a text are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextEncoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    /// Excel's Korean default: EUC-KR with the Hangul that EUC-KR lacks (똠, 펲).
    Cp949,
}

impl TextEncoding {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le | Self::Utf16Be => "utf-16",
            Self::Cp949 => "cp949",
        }
    }

    fn encoding(self) -> &'static Encoding {
        match self {
            Self::Utf8 => UTF_8,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
            // What the web calls EUC-KR is CP949.
            Self::Cp949 => EUC_KR,
        }
    }
}

/// Decoded text in pieces of bounded size.
pub(crate) struct TextReader<R> {
    source: R,
    decoder: Decoder,
    bytes: Vec<u8>,
    from: usize,
    to: usize,
    ended: bool,
    done: bool,
    malformed: bool,
}

/// A byte that is no character.
pub(crate) struct Malformed;

impl<R: Read> TextReader<R> {
    pub(crate) fn new(source: R, encoding: TextEncoding) -> Self {
        Self {
            source,
            decoder: encoding.encoding().new_decoder_with_bom_removal(),
            bytes: vec![0; 64 << 10],
            from: 0,
            to: 0,
            ended: false,
            done: false,
            malformed: false,
        }
    }

    /// Puts the next piece in `text` (emptied first). False at the end. A malformed byte is told after the
    /// text before it.
    pub(crate) fn next_piece(&mut self, text: &mut String) -> Result<Result<bool, Malformed>, FileProblem> {
        text.clear();
        text.reserve(128 << 10);
        loop {
            if self.malformed {
                return Ok(Err(Malformed));
            }
            if self.done {
                return Ok(Ok(false));
            }
            if self.from == self.to && !self.ended {
                self.from = 0;
                self.to = self.source.read(&mut self.bytes)?;
                self.ended = self.to == 0;
            }
            let (result, read) = self.decoder.decode_to_string_without_replacement(
                &self.bytes[self.from..self.to],
                text,
                self.ended,
            );
            self.from += read;
            match result {
                DecoderResult::Malformed(..) => self.malformed = true,
                DecoderResult::InputEmpty => self.done = self.ended,
                DecoderResult::OutputFull => {}
            }
            if !text.is_empty() {
                return Ok(Ok(true));
            }
        }
    }
}
