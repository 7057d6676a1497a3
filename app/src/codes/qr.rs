//! A QR code as inline SVG: one path, no style, no other file.

use std::fmt::Write as _;

use leptos::prelude::*;
use qrcode::{Color, EcLevel, QrCode};

/// The white margin that readers need, in modules (ISO/IEC 18004).
const QUIET: usize = 4;

/// The code of a text; `label` says what it is to who does not see it. Nothing where the text is too long for any code.
pub(crate) fn view(text: &str, label: String) -> Option<AnyView> {
    let (path, size) = path(text)?;
    let size = format!("0 0 {size} {size}");
    let picture = view! {
        <svg class="code-qr" viewBox=size role="img" aria-label=label shape-rendering="crispEdges"><path d=path></path></svg>
    };
    Some(picture.into_any())
}

/// The dark modules as one path, and the width of the whole with its margin. Runs of modules in a row are one piece.
fn path(text: &str) -> Option<(String, usize)> {
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M).ok()?;
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row[x..].iter().take_while(|color| **color == Color::Dark).count();
            if run > 0 {
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    Some((path, width + 2 * QUIET))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_digits_are_the_smallest_code_with_its_margin() {
        let (path, size) = path("123456789012").unwrap();
        assert_eq!(size, 21 + 8);
        assert!(
            path.starts_with("M4 4h7v1h-7z"),
            "the finder begins the first row: {path}"
        );
    }
}
