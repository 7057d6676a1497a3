//! The files that the site carries inside itself: stylesheet, fonts, icon, robots.txt. No other host is asked.

use std::{collections::HashMap, sync::LazyLock};

use axum::body::Bytes;
use sha2::{Digest, Sha256};

use crate::snapshot::{Answer, Kind, Made};

const CSS: &str = include_str!(concat!(env!("OUT_DIR"), "/status.css"));
const TWIN: &str = include_str!("../../assets/twin.js");
const ICON: &str = include_str!("../../assets/icon.svg");
const FONTS: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/fonts.rs"));
const ROBOTS: &str = "User-agent: *\nDisallow: /desk\nAllow: /\n";

/// The site's icon.
pub(crate) const ICON_PATH: &str = "/assets/icon.svg";

static CSS_PATH: LazyLock<String> =
    LazyLock::new(|| format!("/assets/status.{}.css", &hex::encode(Sha256::digest(CSS))[..12]));

/// The stylesheet's address: its name says its content, so it may be kept for ever.
pub(crate) fn css_path() -> &'static str {
    &CSS_PATH
}

static TWIN_PATH: LazyLock<String> =
    LazyLock::new(|| format!("/assets/twin.{}.js", &hex::encode(Sha256::digest(TWIN))[..12]));

/// The address of the twin's one script, which says how old a copy is. The live site has no use for it.
pub(crate) fn twin_path() -> &'static str {
    &TWIN_PATH
}

/// The files as the static twin has them: fonts are named from the stylesheet on, so that the folder may lie
/// anywhere.
pub(crate) fn for_twin() -> Vec<(String, Bytes)> {
    let relative = CSS.replace("url(\"/", "url(\"../").replace("url(/", "url(../");
    let mut files = vec![
        (css_path().to_owned(), Bytes::from(relative)),
        (twin_path().to_owned(), Bytes::from_static(TWIN.as_bytes())),
        (ICON_PATH.to_owned(), Bytes::from_static(ICON.as_bytes())),
    ];
    for (name, bytes) in FONTS {
        files.push((format!("/fonts/{name}"), Bytes::from_static(bytes)));
    }
    files
}

/// The fonts' names and bytes, for what is written out as files.
pub(crate) fn all(https: bool) -> HashMap<String, Answer> {
    let file =
        |kind, bytes: &'static [u8]| Answer::new(Made::new(kind, None, Bytes::from_static(bytes)), https);
    let mut files = HashMap::from([
        (
            css_path().to_owned(),
            file(Kind::Static("text/css; charset=utf-8"), CSS.as_bytes()),
        ),
        (
            ICON_PATH.to_owned(),
            file(Kind::File("image/svg+xml"), ICON.as_bytes()),
        ),
        (
            "/favicon.ico".to_owned(),
            file(Kind::File("image/svg+xml"), ICON.as_bytes()),
        ),
        (
            "/robots.txt".to_owned(),
            file(Kind::File("text/plain; charset=utf-8"), ROBOTS.as_bytes()),
        ),
    ]);
    for (name, bytes) in FONTS {
        files.insert(format!("/fonts/{name}"), file(Kind::Static("font/woff2"), bytes));
    }
    files
}
