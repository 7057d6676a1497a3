//! The texts that cells share: one long string and where each ends.

use std::{io::Read, rc::Rc};

use quick_xml::events::Event;

use super::xml::{Budget, Xml, push_text, unescape_x};
use crate::{FileProblem, Limits};

/// All shared texts of a workbook.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    text: String,
    ends: Vec<u32>,
}

impl Shared {
    pub(crate) fn read<R: Read>(part: R, limits: &Limits, budget: &Rc<Budget>) -> Result<Self, FileProblem> {
        let mut shared = Self::default();
        let mut xml = Xml::new(part, limits, budget);
        let mut item: Option<String> = None;
        let (mut in_text, mut phonetic) = (false, 0_u32);
        let limit_bytes = limits.max_shared_bytes.min(u64::from(u32::MAX));
        loop {
            let event = xml.next_event()?;
            match &event {
                Event::Eof => return Ok(shared),
                Event::Start(start) => match start.local_name().as_ref() {
                    b"si" => item = Some(String::new()),
                    b"t" => in_text = phonetic == 0,
                    b"rPh" => phonetic += 1,
                    _ => {}
                },
                Event::End(end) => match end.local_name().as_ref() {
                    b"si" => {
                        shared.text.push_str(&unescape_x(item.take().unwrap_or_default()));
                        shared.ends.push(shared.text.len() as u32);
                        if shared.text.len() as u64 + shared.ends.len() as u64 * 4 > limit_bytes {
                            return Err(FileProblem::TooMuchText { limit_bytes });
                        }
                    }
                    b"t" => in_text = false,
                    b"rPh" => phonetic = phonetic.saturating_sub(1),
                    _ => {}
                },
                other => {
                    if in_text && let Some(item) = &mut item {
                        push_text(item, other)?;
                        if item.len() as u64 > limits.max_row_bytes {
                            return Err(FileProblem::TooMuchText {
                                limit_bytes: limits.max_row_bytes,
                            });
                        }
                    }
                }
            }
        }
    }

    /// A text by its number.
    pub(crate) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = if index == 0 {
            0
        } else {
            self.ends[index - 1] as usize
        };
        self.text.get(start..end)
    }
}
