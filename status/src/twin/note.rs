//! What stands on every page of the twin: that it is a copy, and of when. True without a script; with its one
//! small script it also says how long ago that is.

use leptos::prelude::*;

use crate::{
    http::assets,
    pages::{Icon, Reader, icon},
    snapshot::House,
    words::{Lang, word},
};

/// Where the time goes once it is known: pages that do not change are made once.
const ISO_MARK: &str = "@@written-iso@@";
const TIME_MARK: &str = "@@written@@";
/// Nothing from another host, and the one script by its file alone. A web server need not know it.
const POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; \
                      base-uri 'none'; form-action 'none'";

/// What the twin's pages have in their head beside the others'.
pub(crate) fn head(reader: Reader<'_>) -> impl IntoView + use<> {
    view! {
        <meta http-equiv="content-security-policy" content=POLICY/>
        <script src=reader.asset(assets::twin_path()) defer=true></script>
    }
}

/// The note.
pub(crate) fn note(reader: Reader<'_>, path: &str) -> impl IntoView + use<> {
    let lang = reader.lang;
    let live = format!(
        "{}{}",
        reader.house.public_url,
        Reader::live(lang, reader.house, reader.at).href(path)
    );
    view! {
        <aside class="notice twin-note" data-tone="info" aria-label=word!(lang, twin.title) data-written=ISO_MARK
            data-fresh=word!(lang, twin.fresh) data-old=word!(lang, twin.old) data-very-old=word!(lang, twin.very_old)>
            {icon(Icon::Clock, "icon")}
            <p>
                <strong>{word!(lang, twin.title)}" "</strong>
                {word!(lang, twin.written)} " " <time datetime=ISO_MARK>{TIME_MARK}</time> ". "
                <span data-age="">{word!(lang, twin.without_script)}</span> " "
                <a href=live>{word!(lang, twin.live)}</a>
            </p>
        </aside>
    }
}

/// The page with its time in it.
pub(super) fn with_time(html: &str, lang: Lang, house: &House, at: i64) -> String {
    html.replace(ISO_MARK, &house.times.iso(at))
        .replace(TIME_MARK, &house.times.full(lang, at))
}
