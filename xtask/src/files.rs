//! Files written so that a reader never sees half of one, and their compressed twins.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::Outcome;

/// Brotli's best: these files are compressed once and sent many times.
const QUALITY: u32 = 11;
const WINDOW_LOG2: u32 = 22;
const BUFFER_BYTES: usize = 64 * 1024;

/// Kinds that get smaller by compression; pictures and woff2 are compressed already.
const COMPRESSIBLE: [&str; 10] = [
    "js",
    "mjs",
    "wasm",
    "css",
    "svg",
    "txt",
    "json",
    "webmanifest",
    "html",
    "xml",
];

/// The short name of some content: the first 16 hexadecimal digits of its SHA-256.
pub(crate) fn hash(content: &[u8]) -> String {
    let mut digits = hex::encode(Sha256::digest(content));
    digits.truncate(16);
    digits
}

/// Writes `content` to `path`, unless it is there already. The file appears whole or not at all.
pub(crate) fn write(path: &Path, content: &[u8]) -> Outcome {
    if fs::read(path).is_ok_and(|present| present == content) {
        return Ok(());
    }
    let folder = path.parent().ok_or("a file needs a folder")?;
    fs::create_dir_all(folder)?;
    let mut name = path.file_name().ok_or("a file needs a name")?.to_os_string();
    name.push(".new");
    let half = folder.join(name);
    fs::write(&half, content)?;
    fs::rename(&half, path)?;
    Ok(())
}

/// Writes `content`, and where its kind compresses, `path.br` beside it.
pub(crate) fn write_with_brotli(path: &Path, content: &[u8]) -> Outcome {
    let twin = with_suffix(path, ".br");
    let unchanged = fs::read(path).is_ok_and(|present| present == content);
    write(path, content)?;
    if !compresses(path) || (unchanged && twin.exists()) {
        return Ok(());
    }
    write(&twin, &brotli(content)?)
}

/// True if a file of this name is worth compressing.
pub(crate) fn compresses(path: &Path) -> bool {
    path.extension()
        .and_then(|kind| kind.to_str())
        .is_some_and(|kind| COMPRESSIBLE.contains(&kind))
}

/// `path` with `suffix` after its whole name: `a.css` and `.br` give `a.css.br`.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(suffix);
    PathBuf::from(name)
}

/// Every file below `folder`, sorted; none if the folder is not there.
pub(crate) fn below(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn brotli(content: &[u8]) -> Outcome<Vec<u8>> {
    let mut packed = Vec::new();
    {
        let mut writer = brotli::CompressorWriter::new(&mut packed, BUFFER_BYTES, QUALITY, WINDOW_LOG2);
        writer.write_all(content)?;
        writer.flush()?;
    }
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_file_gets_a_compressed_twin_and_a_picture_does_not() {
        let folder = std::env::temp_dir().join(format!("neul-xtask-{}", std::process::id()));
        let text = "늘 ".repeat(1_000);
        write_with_brotli(&folder.join("words.txt"), text.as_bytes()).unwrap();
        write_with_brotli(&folder.join("icon.png"), text.as_bytes()).unwrap();
        let packed = fs::read(folder.join("words.txt.br")).unwrap();
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut packed.as_slice(), &mut unpacked).unwrap();
        assert_eq!(unpacked, text.as_bytes());
        assert!(!folder.join("icon.png.br").exists());
        fs::remove_dir_all(&folder).unwrap();
    }
}
