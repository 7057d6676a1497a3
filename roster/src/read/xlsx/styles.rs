//! Which cell styles show a number as a date.

use std::{collections::HashMap, io::Read, rc::Rc};

use quick_xml::events::Event;

use super::xml::{Budget, Xml, attribute};
use crate::{FileProblem, Limits};

/// A workbook has at most 65,490 styles.
const MAX_STYLES: usize = 65_536;

/// What a style makes of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shows {
    #[default]
    Number,
    /// So many of it as 1.
    Thousands(i64),
    Date,
}

/// What each style shows.
#[derive(Debug, Default)]
pub(crate) struct Styles(Vec<Shows>);

impl Styles {
    pub(crate) fn read<R: Read>(part: R, limits: &Limits, budget: &Rc<Budget>) -> Result<Self, FileProblem> {
        let mut xml = Xml::new(part, limits, budget);
        let mut own: HashMap<u32, Shows> = HashMap::new();
        let mut styles = Vec::new();
        let mut in_cells = false;
        loop {
            match xml.next_event()? {
                Event::Eof => return Ok(Self(styles)),
                Event::Start(start) => match start.local_name().as_ref() {
                    b"numFmt" if own.len() < MAX_STYLES => {
                        let id = attribute(&start, "numFmtId")?.and_then(|id| id.parse().ok());
                        let code = attribute(&start, "formatCode")?.unwrap_or_default();
                        if let Some(id) = id {
                            own.insert(id, shown_by(&code));
                        }
                    }
                    b"cellXfs" => in_cells = true,
                    b"xf" if in_cells && styles.len() < MAX_STYLES => {
                        let id: u32 = attribute(&start, "numFmtId")?
                            .and_then(|id| id.parse().ok())
                            .unwrap_or_default();
                        let built_in = matches!(id, 14..=17 | 22 | 27..=36 | 50..=58);
                        let built_in = if built_in { Shows::Date } else { Shows::Number };
                        styles.push(own.get(&id).copied().unwrap_or(built_in));
                    }
                    _ => {}
                },
                Event::End(end) if end.local_name().as_ref() == b"cellXfs" => in_cells = false,
                _ => {}
            }
        }
    }

    pub(crate) fn shows(&self, style: usize) -> Shows {
        self.0.get(style).copied().unwrap_or_default()
    }
}

fn shown_by(code: &str) -> Shows {
    if shows_a_date(code) {
        return Shows::Date;
    }
    // Commas after the last digit of a number, not between two, each leave out three digits.
    let first = code.split(';').next().unwrap_or_default();
    let digits = first.trim_end_matches(|c: char| !matches!(c, '0' | '#' | '?' | ','));
    match digits.len() - digits.trim_end_matches(',').len() {
        0 => Shows::Number,
        1 => Shows::Thousands(1_000),
        _ => Shows::Thousands(1_000_000),
    }
}

/// Whether a format has a year or a day in it, outside quotes, brackets and escapes.
fn shows_a_date(code: &str) -> bool {
    let mut chars = code.chars();
    let (mut quoted, mut bracket) = (false, false);
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' => bracket = true,
            ']' => bracket = false,
            _ if bracket => {}
            '\\' | '_' | '*' => {
                chars.next();
            }
            'y' | 'Y' | 'd' | 'D' => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{Shows, shown_by, shows_a_date};

    #[test]
    fn a_date_format_is_known_by_its_year_or_day() {
        for code in [
            "yyyy-mm-dd",
            "yyyy\"년\" m\"월\" d\"일\";@",
            "[$-412]yyyy.mm.dd",
            "m/d",
        ] {
            assert!(shows_a_date(code), "{code}");
        }
        for (code, by) in [
            ("#,##0,", 1_000),
            ("#,##0,\"천원\";-#,##0,", 1_000),
            ("0.0,,", 1_000_000),
        ] {
            assert_eq!(shown_by(code), Shows::Thousands(by), "{code}");
        }
        for code in ["#,##0", "#,##0_);(#,##0)", "_-\"₩\"* #,##0_-", "General", "@"] {
            assert_eq!(shown_by(code), Shows::Number, "{code}");
        }
        for code in [
            "General",
            "#,##0",
            "0.00",
            "\"day\" 0",
            "[Red]#,##0",
            "000-0000-0000",
        ] {
            assert!(!shows_a_date(code), "{code}");
        }
    }
}
