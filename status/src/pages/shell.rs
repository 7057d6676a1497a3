//! The frame of every page: header with the language switch, main, footer with the help line.

use leptos::prelude::*;

use super::{Icon, Reader, icon};
use crate::{
    http::assets,
    twin,
    words::{Lang, word},
};

/// The sign of 늘, as in `/public/icons.svg`.
const MARK: &str = "M5.4 5.6v7.2a4.2 4.2 0 0 0 4.2 4.2c5.6 0 8.7-4.1 8.7-7.8 0-2.1-1-3.5-2.6-3.5-1.7 0-2.8 1.5-2.8 \
     3.7 0 4.2 2.2 7.4 5.9 7.6";

/// What a page says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    /// The title, without the site's name.
    pub(crate) title: String,
    /// One sentence for search engines and previews.
    pub(crate) about: String,
    /// The page's path, for the language switch; with its query if it has one.
    pub(crate) path: String,
    /// Whether search engines may keep it.
    pub(crate) public: bool,
    /// Who is signed in at the desk, and the form token of their session.
    pub(crate) operator: Option<(String, String)>,
}

/// The whole page as HTML. Rendered in an owner of its own, which ends with it.
pub(crate) fn render<V: IntoView + 'static>(
    reader: Reader<'_>,
    head: Head,
    main: impl FnOnce() -> V,
) -> String {
    let owner = Owner::new();
    let html = owner.with(|| page(reader, head, main().into_any()).to_html());
    drop(owner);
    format!("<!DOCTYPE html>{html}")
}

fn page(reader: Reader<'_>, head: Head, main: AnyView) -> impl IntoView + use<> {
    let Reader { lang, house, .. } = reader;
    let other = lang.other();
    let name = house.page.name(lang);
    let site = word!(lang, shell.site_name, service = &name);
    let title = if head.title.is_empty() {
        site.clone()
    } else {
        format!("{} · {site}", head.title)
    };
    let alternates = head.public.then(|| {
        let url = format!("{}{}", house.public_url, head.path);
        let live = Reader::live(lang, house, reader.at);
        let languages = (!reader.is_twin()).then(|| {
            view! {
                <link rel="alternate" hreflang="ko" href=live.switch(&url, Lang::ko)/>
                <link rel="alternate" hreflang="en" href=live.switch(&url, Lang::en)/>
            }
        });
        let canonical = reader.is_twin().then(|| view! { <link rel="canonical" href=live.switch(&url, lang)/> });
        view! {
            {languages}
            {canonical}
            <link rel="alternate" type="application/atom+xml" title=word!(lang, shell.atom) href=reader.href("/history.atom")/>
            <link rel="alternate" type="application/rss+xml" title=word!(lang, shell.rss) href=reader.href("/history.rss")/>
        }
    });
    view! {
        <html lang=lang.code()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <title>{title}</title>
                <meta name="description" content=head.about/>
                {(!head.public).then(|| view! { <meta name="robots" content="noindex"/> })}
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href=reader.asset(assets::ICON_PATH) type="image/svg+xml"/>
                <link rel="stylesheet" href=reader.asset(assets::css_path())/>
                {reader.is_twin().then(|| twin::head(reader))}
                {alternates}
            </head>
            <body>
                <a class="skip-link" href="#main">{word!(lang, shell.skip)}</a>
                <header class="site-header">
                    <div class="container site-header-inner">
                        <a class="brand" href=reader.href("/")>
                            <svg class="brand-mark" viewBox="0 0 24 24" width="36" height="36" aria-hidden="true" focusable="false">
                                <rect width="24" height="24" rx="6.5" fill="#0b4390"></rect>
                                <path d=MARK fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"></path>
                            </svg>
                            <span class="brand-name">{name.clone()}</span>
                            <span class="brand-place">{word!(lang, shell.status)}</span>
                        </a>
                        <div class="header-tools">
                            {head.operator.map(|(login, token)| view! {
                                <a class="pref" href=reader.href("/desk")>{word!(lang, shell.desk)}</a>
                                <form method="post" action="/desk/sign-out">
                                    <input type="hidden" name="token" value=token/>
                                    <button class="pref" type="submit">{word!(lang, shell.sign_out, login = login)}</button>
                                </form>
                            })}
                            <a class="pref" href=reader.switch(&head.path, other) lang=other.code() hreflang=other.code()>
                                {word!(other, shell.language)}
                            </a>
                        </div>
                    </div>
                </header>
                <main class="main container status-main" id="main" tabindex="-1">
                    {reader.is_twin().then(|| twin::note(reader, &head.path))}
                    {main}
                </main>
                <footer class="site-footer">
                    <div class="container footer-inner">
                        <div class="stack stack-s">
                            <p class="help-line">
                                <span>{word!(lang, shell.help_line)}</span>
                                <a href=house.page.help_line_href()>{icon(Icon::Phone, "icon icon-s")}{house.page.help_line.clone()}</a>
                                <span>{house.page.help_hours(lang)}</span>
                            </p>
                            <p>{word!(lang, shell.stands_alone, service = &name)}</p>
                        </div>
                        <nav class="footer-links" aria-label=word!(lang, shell.links)>
                            <a href=house.portal_url.clone()>{word!(lang, shell.portal, service = &name)}</a>
                            <a href=reader.href("/history")>{word!(lang, shell.history)}</a>
                            {house.has_subscriptions.then(|| {
                                let live = Reader::live(lang, house, reader.at).href("/subscribe");
                                let href = if reader.is_twin() { format!("{}{live}", house.public_url) } else { live };
                                view! { <a href=href>{word!(lang, subscriptions.title)}</a> }
                            })}
                            <a href=reader.href("/history.rss")>{word!(lang, shell.rss)}</a>
                            <a href=reader.href("/history.atom")>{word!(lang, shell.atom)}</a>
                            <a href=reader.href("/api/v2/summary.json")>{word!(lang, shell.json)}</a>
                            {(!reader.is_twin()).then(|| view! {
                                <a href=reader.href("/desk") rel="nofollow">{word!(lang, shell.for_operators)}</a>
                            })}
                        </nav>
                    </div>
                </footer>
            </body>
        </html>
    }
}
