//! What a phone downloads before the page is alive, and the limit that keeps it small.

use std::fs;

use crate::place::Place;
use crate::{Outcome, files};

/// JavaScript and WASM together, in brotli.
const LIMIT_BYTES: u64 = 70_000;

/// Prints the weight of the site as built, and fails above the limit.
pub(crate) fn check(place: &Place) -> Outcome {
    let mut total_bytes = 0;
    for kind in ["js", "wasm"] {
        let mut bytes = 0;
        for path in files::below(&place.package())? {
            if path.to_string_lossy().ends_with(&format!(".{kind}.br")) {
                bytes += fs::metadata(&path)?.len();
            }
        }
        if bytes == 0 {
            return Err("there is no site to weigh; first `cargo xtask site --release`".into());
        }
        println!("weight: {kind:<4} {bytes:>7} bytes in brotli");
        total_bytes += bytes;
    }
    println!("weight: both {total_bytes:>7} bytes in brotli, of at most {LIMIT_BYTES}");
    if total_bytes > LIMIT_BYTES {
        return Err(format!(
            "JavaScript and WASM weigh {} bytes too much",
            total_bytes - LIMIT_BYTES
        )
        .into());
    }
    Ok(())
}
