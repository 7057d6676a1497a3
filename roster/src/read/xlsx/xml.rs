//! XML that cannot grow: every token is bounded, and so is all that is unpacked.

use std::{
    cell::Cell,
    io::{BufRead, BufReader, Read},
    rc::Rc,
};

use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};

use crate::{FileProblem, Limits};

/// What was unpacked of one file so far, over all its parts.
#[derive(Debug)]
pub(crate) struct Budget {
    unpacked: Cell<u64>,
    limit: u64,
    burst: Cell<bool>,
}

impl Budget {
    /// `packed` is the length of the whole file in bytes.
    pub(crate) fn new(limits: &Limits, packed: u64) -> Rc<Self> {
        let by_ratio = packed.saturating_mul(limits.max_ratio).max(64 << 20);
        Rc::new(Self {
            unpacked: Cell::new(0),
            limit: by_ratio.min(limits.max_unpacked_bytes),
            burst: Cell::new(false),
        })
    }

    /// The most that may come, in bytes.
    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }
}

/// Counts what is read since the last token and in all.
pub(crate) struct Counted<R> {
    inner: BufReader<R>,
    token: u64,
    token_limit: u64,
    long: bool,
    budget: Rc<Budget>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.token += read as u64;
        Ok(read)
    }
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.token > self.token_limit {
            self.long = true;
            return Err(std::io::Error::other("a token is too long"));
        }
        if self.budget.unpacked.get() > self.budget.limit {
            self.budget.burst.set(true);
            return Err(std::io::Error::other("too much was unpacked"));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.token += amount as u64;
        self.budget
            .unpacked
            .set(self.budget.unpacked.get() + amount as u64);
        self.inner.consume(amount);
    }
}

/// A part of a workbook as XML events.
pub(crate) struct Xml<R: Read> {
    reader: Reader<Counted<R>>,
    buffer: Vec<u8>,
    limit_bytes: u64,
    /// The row of the sheet that is being read, for messages.
    pub row: u32,
}

impl<R: Read> Xml<R> {
    pub(crate) fn new(part: R, limits: &Limits, budget: &Rc<Budget>) -> Self {
        let counted = Counted {
            inner: BufReader::with_capacity(64 << 10, part),
            token: 0,
            token_limit: limits.max_row_bytes,
            long: false,
            budget: Rc::clone(budget),
        };
        let mut reader = Reader::from_reader(counted);
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().check_end_names = false;
        Self {
            reader,
            buffer: Vec::new(),
            limit_bytes: limits.max_row_bytes,
            row: 0,
        }
    }

    /// The next event; text, references and CDATA come as they stand.
    pub(crate) fn next_event(&mut self) -> Result<Event<'_>, FileProblem> {
        self.buffer.clear();
        self.reader.get_mut().token = 0;
        if let Ok(event) = self.reader.read_event_into(&mut self.buffer) {
            return Ok(event);
        }
        let counted = self.reader.get_ref();
        Err(if counted.budget.burst.get() {
            FileProblem::ZipBomb
        } else if counted.long {
            FileProblem::RowTooLong {
                row: self.row.max(1),
                limit_bytes: self.limit_bytes,
            }
        } else {
            FileProblem::BrokenWorkbook
        })
    }
}

/// Adds the text of an event.
pub(crate) fn push_text(into: &mut String, event: &Event<'_>) -> Result<(), FileProblem> {
    match event {
        Event::Text(text) => into.push_str(&text.xml10_content().map_err(|_| FileProblem::BrokenWorkbook)?),
        Event::CData(text) => into.push_str(&text.decode().map_err(|_| FileProblem::BrokenWorkbook)?),
        Event::GeneralRef(reference) => into.push(referred(reference)?),
        _ => {}
    }
    Ok(())
}

fn referred(reference: &BytesRef<'_>) -> Result<char, FileProblem> {
    if let Some(c) = reference
        .resolve_char_ref()
        .map_err(|_| FileProblem::BrokenWorkbook)?
    {
        return Ok(c);
    }
    match &**reference {
        b"amp" => Ok('&'),
        b"lt" => Ok('<'),
        b"gt" => Ok('>'),
        b"quot" => Ok('"'),
        b"apos" => Ok('\''),
        _ => Err(FileProblem::BrokenWorkbook),
    }
}

/// An attribute by its name without prefix.
pub(crate) fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, FileProblem> {
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| FileProblem::BrokenWorkbook)?;
        if attribute.key.local_name().as_ref() == name.as_bytes() {
            let value = attribute
                .unescape_value()
                .map_err(|_| FileProblem::BrokenWorkbook)?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

/// `_x000D_` is how a workbook writes a character that XML has no room for.
pub(crate) fn unescape_x(text: String) -> String {
    if !text.contains("_x") {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("_x") {
        out.push_str(&rest[..at]);
        let code = rest
            .get(at + 2..at + 6)
            .filter(|_| rest.as_bytes().get(at + 6) == Some(&b'_'));
        let c = code
            .and_then(|code| u32::from_str_radix(code, 16).ok())
            .and_then(char::from_u32);
        if let Some(c) = c {
            out.push(c);
            rest = &rest[at + 7..];
        } else {
            out.push_str("_x");
            rest = &rest[at + 2..];
        }
    }
    out.push_str(rest);
    out
}
