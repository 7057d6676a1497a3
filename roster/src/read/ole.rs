//! The container of old Office documents and of encrypted new ones.

use std::io::{Read, Seek, SeekFrom};

use crate::FileProblem;

pub(crate) const MAGIC: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Says what such a file is. The names of its streams stand in UTF-16 in its directory, wherever that
/// lies; a megabyte from either end is looked through, and where the header says the directory begins.
pub(crate) fn what<R: Read + Seek>(source: &mut R) -> Result<FileProblem, FileProblem> {
    const WINDOW: u64 = 1 << 20;
    let length = source.seek(SeekFrom::End(0))?;
    let mut header = [0_u8; 52];
    source.seek(SeekFrom::Start(0))?;
    let _ = source.take(52).read(&mut header)?;
    let sector = u32::from_le_bytes([header[48], header[49], header[50], header[51]]);
    let size = 1_u64 << u32::from(header[30]).min(16);
    let directory = (u64::from(sector) + 1).saturating_mul(size);
    let mut bytes = Vec::new();
    for start in [0, length.saturating_sub(WINDOW), directory.min(length)] {
        source.seek(SeekFrom::Start(start))?;
        source.by_ref().take(WINDOW).read_to_end(&mut bytes)?;
    }
    let has = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.windows(name.len()).any(|window| window == name)
    };
    Ok(if has("EncryptedPackage") || has("EncryptionInfo") {
        FileProblem::Password
    } else if has("FileHeader") || has("HwpSummaryInformation") {
        FileProblem::NotARoster { kind: "hwp".into() }
    } else if has("WordDocument") {
        FileProblem::NotARoster { kind: "doc".into() }
    } else {
        FileProblem::OldWorkbook { kind: "xls".into() }
    })
}
