//! The parts of a workbook and how they hang together.

use std::{
    collections::HashMap,
    io::{Read, Seek, SeekFrom},
    rc::Rc,
};

use quick_xml::events::Event;
use zip::{ZipArchive, read::ZipFile, result::ZipError};

use super::{
    shared::Shared,
    sheet::SheetRows,
    styles::Styles,
    xml::{Budget, Xml, attribute},
};
use crate::{FileProblem, Limits};

/// More parts than any real workbook has; each costs memory before anything is read.
const MAX_PARTS: u64 = 10_000;
const MAX_SHEETS: usize = 1_000;

/// A sheet that a person sees.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    pub name: String,
    part: String,
}

/// A workbook opened far enough to read its sheets.
pub(crate) struct Workbook<R> {
    archive: ZipArchive<R>,
    limits: Limits,
    budget: Rc<Budget>,
    epoch_1904: bool,
    /// The visible ones, in their order.
    sheets: Vec<Sheet>,
    shared: Shared,
    styles: Styles,
}

impl<R: Read + Seek> Workbook<R> {
    /// `packed` is the length of the file in bytes.
    pub(crate) fn open(mut source: R, packed: u64, limits: &Limits) -> Result<Self, FileProblem> {
        refuse_many_parts(&mut source, packed)?;
        let mut archive = ZipArchive::new(source).map_err(|_| FileProblem::BrokenWorkbook)?;
        let budget = Budget::new(limits, packed);
        if archive
            .decompressed_size()
            .is_some_and(|size| size > u128::from(budget.limit()))
        {
            return Err(FileProblem::ZipBomb);
        }
        refuse_other_archives(&archive)?;
        let main = relations(&mut archive, "", limits, &budget)?
            .into_values()
            .find(|(kind, _)| kind.ends_with("/officeDocument"))
            .map_or_else(|| "xl/workbook.xml".to_owned(), |(_, target)| target);
        let relations = relations(&mut archive, &main, limits, &budget)?;
        let (epoch_1904, listed) = contents(&mut archive, &main, limits, &budget)?;
        let sheets = listed
            .into_iter()
            .filter_map(|(name, id)| {
                let (kind, part) = relations.get(&id)?;
                kind.ends_with("/worksheet").then(|| Sheet {
                    name,
                    part: part.clone(),
                })
            })
            .collect();
        let target_of = |kind: &str| {
            relations
                .values()
                .find(|(k, _)| k.ends_with(kind))
                .map(|(_, part)| part.clone())
        };
        let shared = match target_of("/sharedStrings").and_then(|part| part_of(&archive, &part)) {
            Some(index) => Shared::read(open_part(&mut archive, index)?, limits, &budget)?,
            None => Shared::default(),
        };
        let styles = match target_of("/styles").and_then(|part| part_of(&archive, &part)) {
            Some(index) => Styles::read(open_part(&mut archive, index)?, limits, &budget)?,
            None => Styles::default(),
        };
        Ok(Self {
            archive,
            limits: limits.clone(),
            budget,
            epoch_1904,
            sheets,
            shared,
            styles,
        })
    }

    /// The sheets in the order in which they may be the roster: one whose name says that it explains, or that it
    /// lists whom nothing is paid, comes last.
    pub(crate) fn candidates(&self) -> Vec<Sheet> {
        const LAST: [&str; 20] = [
            "작성요령",
            "작성방법",
            "작성예",
            "예시",
            "샘플",
            "안내",
            "참고",
            "코드",
            "설명",
            "매뉴얼",
            "유의사항",
            "제외",
            "탈락",
            "부적격",
            "취소",
            "환수",
            "미지급",
            "sample",
            "example",
            "guide",
        ];
        let mut sheets = self.sheets.clone();
        sheets.sort_by_key(|sheet| {
            let name: String = sheet.name.to_lowercase().split_whitespace().collect();
            LAST.iter().any(|word| name.contains(word))
        });
        sheets
    }

    /// The rows of one sheet.
    pub(crate) fn rows(&mut self, sheet: &Sheet) -> Result<SheetRows<'_, ZipFile<'_, R>>, FileProblem> {
        let index = part_of(&self.archive, &sheet.part).ok_or(FileProblem::BrokenWorkbook)?;
        let part = open_part(&mut self.archive, index)?;
        Ok(SheetRows {
            xml: Xml::new(part, &self.limits, &self.budget),
            shared: &self.shared,
            styles: &self.styles,
            epoch_1904: self.epoch_1904,
            limits: self.limits.clone(),
            last_row: 0,
            ended: false,
        })
    }
}

/// The end of a zip says how many parts it has; the reader would make room for all of them.
fn refuse_many_parts<R: Read + Seek>(source: &mut R, packed: u64) -> Result<(), FileProblem> {
    let window = packed.min(66 << 10);
    source.seek(SeekFrom::Start(packed - window))?;
    let mut tail = Vec::new();
    source.by_ref().take(window).read_to_end(&mut tail)?;
    for at in 0..tail.len().saturating_sub(21) {
        if tail[at..].starts_with(b"PK\x05\x06") {
            let count = u64::from(u16::from_le_bytes([tail[at + 10], tail[at + 11]]));
            if count > MAX_PARTS && count != 0xffff {
                return Err(FileProblem::ZipBomb);
            }
        }
        // ZIP64: the record may stand anywhere, its locator stands here.
        if tail[at..].starts_with(b"PK\x06\x06") && at + 40 <= tail.len() {
            let count = tail[at + 32..at + 40]
                .iter()
                .rev()
                .fold(0_u64, |sum, b| (sum << 8) | u64::from(*b));
            if count > MAX_PARTS {
                return Err(FileProblem::ZipBomb);
            }
        } else if tail[at..].starts_with(b"PK\x06\x07") && at + 16 <= tail.len() {
            let offset = tail[at + 8..at + 16]
                .iter()
                .rev()
                .fold(0_u64, |sum, b| (sum << 8) | u64::from(*b));
            if offset < packed - window {
                return Err(FileProblem::ZipBomb);
            }
        }
    }
    source.seek(SeekFrom::Start(0))?;
    Ok(())
}

fn refuse_other_archives<R: Read + Seek>(archive: &ZipArchive<R>) -> Result<(), FileProblem> {
    let has = |name: &str| part_of(archive, name).is_some();
    if has("xl/workbook.bin") {
        return Err(FileProblem::OldWorkbook { kind: "xlsb".into() });
    }
    if has("Contents/content.hpf") || has("Contents/header.xml") {
        return Err(FileProblem::NotARoster { kind: "hwpx".into() });
    }
    if has("content.xml") && has("mimetype") {
        return Err(FileProblem::OldWorkbook { kind: "ods".into() });
    }
    if has("word/document.xml") {
        return Err(FileProblem::NotARoster { kind: "docx".into() });
    }
    if has("[Content_Types].xml") || has("xl/workbook.xml") {
        return Ok(());
    }
    Err(FileProblem::NotARoster { kind: "zip".into() })
}

/// A part by its name. Names of parts differ neither by case nor by the way the slashes lean: some programs write
/// `xl\\workbook.xml`, or name `sharedStrings.xml` what they stored as `SharedStrings.xml`.
fn part_of<R: Read + Seek>(archive: &ZipArchive<R>, name: &str) -> Option<usize> {
    archive.index_for_name(name).or_else(|| {
        let stored = archive.file_names().find(|stored| {
            stored
                .replace('\\', "/")
                .trim_start_matches('/')
                .eq_ignore_ascii_case(name)
        })?;
        archive.index_for_name(stored)
    })
}

fn open_part<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    index: usize,
) -> Result<ZipFile<'_, R>, FileProblem> {
    archive.by_index(index).map_err(|error| match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => FileProblem::Password,
        _ => FileProblem::BrokenWorkbook,
    })
}

/// The relations of a part: id to type and target, targets as names of parts.
fn relations<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    part: &str,
    limits: &Limits,
    budget: &Rc<Budget>,
) -> Result<HashMap<String, (String, String)>, FileProblem> {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let separator = if folder.is_empty() { "" } else { "/" };
    let mut found = HashMap::new();
    let Some(index) = part_of(archive, &format!("{folder}{separator}_rels/{file}.rels")) else {
        return Ok(found);
    };
    let mut xml = Xml::new(open_part(archive, index)?, limits, budget);
    loop {
        match xml.next_event()? {
            Event::Eof => return Ok(found),
            Event::Start(start) if start.local_name().as_ref() == b"Relationship" => {
                let (id, kind, target) = (
                    attribute(&start, "Id")?,
                    attribute(&start, "Type")?,
                    attribute(&start, "Target")?,
                );
                if let (Some(id), Some(kind), Some(target)) = (id, kind, target)
                    && found.len() < MAX_PARTS as usize
                {
                    found.insert(id, (kind, resolve(folder, &target)));
                }
            }
            _ => {}
        }
    }
}

/// A target relative to the folder of the part that names it.
fn resolve(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    path.join("/")
}

/// The epoch and the visible sheets (name, relation) in their order.
fn contents<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    main: &str,
    limits: &Limits,
    budget: &Rc<Budget>,
) -> Result<(bool, Vec<(String, String)>), FileProblem> {
    let index = part_of(archive, main).ok_or(FileProblem::BrokenWorkbook)?;
    let mut xml = Xml::new(open_part(archive, index)?, limits, budget);
    let (mut epoch_1904, mut sheets) = (false, Vec::new());
    loop {
        match xml.next_event()? {
            Event::Eof => return Ok((epoch_1904, sheets)),
            Event::Start(start) => match start.local_name().as_ref() {
                b"workbookPr" => {
                    epoch_1904 = attribute(&start, "date1904")?.is_some_and(|v| v == "1" || v == "true");
                }
                b"sheet" if sheets.len() < MAX_SHEETS => {
                    let hidden = attribute(&start, "state")?.is_some_and(|state| state != "visible");
                    if let (false, Some(name), Some(id)) =
                        (hidden, attribute(&start, "name")?, attribute(&start, "id")?)
                    {
                        sheets.push((name, id));
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
}
