//! The style sheet: `style/main.css` and what it imports, as one small file that browsers of the last three years read.

use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::printer::PrinterOptions;
use lightningcss::stylesheet::{MinifyOptions, ParserOptions};
use lightningcss::targets::{Browsers, Targets};

use crate::Outcome;
use crate::place::Place;

/// Oldest browsers that see the page as meant, newest of late 2023: `major << 16 | minor << 8`.
const BROWSERS: Browsers = Browsers {
    android: Some(119 << 16),
    chrome: Some(119 << 16),
    edge: Some(119 << 16),
    firefox: Some(119 << 16),
    ie: None,
    ios_saf: Some(17 << 16),
    opera: Some(105 << 16),
    safari: Some(17 << 16),
    samsung: Some(23 << 16),
};

/// The bundled and minified style sheet.
pub(crate) fn build(place: &Place) -> Outcome<Vec<u8>> {
    let path = place.root.join("style/main.css");
    let files = FileProvider::new();
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    let mut sheet = bundler
        .bundle(&path)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    let targets = Targets::from(BROWSERS);
    sheet
        .minify(MinifyOptions {
            targets,
            ..MinifyOptions::default()
        })
        .map_err(|error| format!("{}: {error}", path.display()))?;
    let printed = sheet
        .to_css(PrinterOptions {
            minify: true,
            targets,
            ..PrinterOptions::default()
        })
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(printed.code.into_bytes())
}
