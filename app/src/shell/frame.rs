//! The frame itself.

use leptos::{config::LeptosOptions, hydration::HydrationScripts, nonce::use_nonce, prelude::*};
use people::{Role, Who};

use super::{Page, answer::Width, settings};
use crate::{door::Ctx, word, words::Lang};

/// One link of the navigation.
struct Link {
    href: &'static str,
    label: String,
    icon: &'static str,
}

/// An icon of the sprite; decoration only, the word stands beside it. `class`: `icon`, `icon icon-s`, …
pub fn icon(name: &str, class: &'static str) -> impl IntoView + use<> {
    let href = format!("/icons.svg#{name}");
    view! { <svg class=class aria-hidden="true" focusable="false"><use href=href></use></svg> }
}

fn links(ctx: &Ctx) -> Vec<Link> {
    let lang = ctx.lang;
    let link = |href, label, icon| Link { href, label, icon };
    // Until the second factor was shown there is nowhere to go.
    if ctx
        .session
        .as_ref()
        .is_some_and(|session| !session.second_factor.is_enough())
    {
        return Vec::new();
    }
    match ctx.session.as_ref().map(|session| &session.who) {
        Some(Who::Resident { .. }) => vec![
            link("/wallet", word!(lang, nav.wallet), "wallet"),
            link("/wallet/pay", word!(lang, nav.pay), "pay"),
            link("/wallet/charge", word!(lang, nav.charge), "plus"),
            link("/wallet/history", word!(lang, nav.history), "history"),
            link("/merchants", word!(lang, nav.merchants), "shop"),
        ],
        Some(Who::Staff { roles, .. }) => {
            let mut list = Vec::new();
            if roles.has(Role::Merchant) {
                list.push(link("/shop", word!(lang, nav.shop), "shop"));
                list.push(link("/shop/settlements", word!(lang, nav.settlements), "receipt"));
                list.push(link("/shop/keys", word!(lang, nav.keys), "lock"));
            }
            if roles.has_any(crate::access::ANY_OFFICIAL) {
                list.push(link("/admin", word!(lang, nav.desk), "home"));
                list.push(link("/admin/payouts", word!(lang, nav.payouts), "people"));
                list.push(link("/admin/programmes", word!(lang, nav.programmes), "card"));
                list.push(link("/admin/vouchers", word!(lang, nav.vouchers), "gift"));
                list.push(link("/admin/merchants", word!(lang, nav.merchants_desk), "shop"));
                list.push(link(
                    "/admin/settlements",
                    word!(lang, nav.settlements),
                    "receipt",
                ));
                list.push(link("/admin/reports", word!(lang, nav.reports), "document"));
            }
            if roles.has(Role::Operator) {
                list.push(link(
                    "/admin/municipalities",
                    word!(lang, nav.municipalities),
                    "home",
                ));
                list.push(link("/admin/cards", word!(lang, cases.nav), "card"));
            }
            if roles.has(Role::Auditor) || roles.has(Role::Administrator) {
                list.push(link("/admin/audit", word!(lang, nav.audit), "document"));
            }
            if roles.has(Role::Administrator) {
                list.push(link("/admin/staff", word!(lang, nav.staff), "user"));
            }
            list
        }
        None => vec![
            link("/merchants", word!(lang, nav.merchants), "shop"),
            link("/incidents", word!(lang, nav.incidents), "bell"),
        ],
    }
}

/// The links as they stand in the header, at the thumb, or beside the work of the desk.
fn items(ctx: &Ctx, size: &'static str) -> Vec<AnyView> {
    let here = ctx.path.split('?').next().unwrap_or_default().to_owned();
    links(ctx)
        .into_iter()
        .map(|link| {
            let current = (here == link.href).then_some("page");
            view! { <a href=link.href aria-current=current>{icon(link.icon, size)}<span>{link.label}</span></a> }.into_any()
        })
        .collect()
}

fn header(ctx: &Ctx) -> AnyView {
    let lang = ctx.lang;
    let place = ctx.house.help_line(ctx).municipality;
    let nav = match ctx.session.as_ref().map(|session| &session.who) {
        // Officials have theirs beside the work.
        Some(Who::Staff { .. }) => None,
        Some(Who::Resident { .. }) => Some("site-nav only-wide"),
        None => Some("site-nav"),
    };
    let nav = nav.map(|class| {
        view! { <nav class=class aria-label=word!(lang, nav.label)>{items(ctx, "icon icon-s visually-hidden")}</nav> }
    });
    let account = match &ctx.session {
        Some(session) => {
            let name = session.who.name().to_owned();
            let resident = matches!(session.who, Who::Resident { .. });
            let token = ctx.form_token();
            // While the store is away a cookie may be all that is known of somebody.
            let name = (!name.is_empty()).then(|| {
                view! { <span class="header-user">{word!(lang, nav.user, name = name)}</span> }
            });
            view! {
                {name}
                {if resident {
                    view! { <a class="button button-s button-quiet" href="/wallet/devices">{word!(lang, nav.devices)}</a> }
                } else {
                    view! { <a class="button button-s button-quiet" href="/security">{word!(lang, security.nav)}</a> }
                }}
                <form method="post" action="/logout">
                    <input type="hidden" name="_token" value=token />
                    <button class="button button-s" type="submit">{word!(lang, nav.sign_out)}</button>
                </form>
            }
            .into_any()
        }
        None => view! {
            <a class="button button-s button-quiet" href="/login">{word!(lang, nav.sign_in)}</a>
            <a class="button button-s" href="/signup">{word!(lang, nav.sign_up)}</a>
        }
        .into_any(),
    };
    view! {
        <header class="site-header">
            <div class="container site-header-inner">
                <a class="brand" href="/">
                    {icon("mark", "brand-mark")}
                    <span class="brand-name">{word!(lang, common.name)}</span>
                    {(!place.is_empty()).then(|| view! { <span class="brand-place">{place}</span> })}
                </a>
                {nav}
                <div class="header-tools">{account}</div>
            </div>
        </header>
    }
    .into_any()
}

fn banners(ctx: &Ctx) -> AnyView {
    let lang = ctx.lang;
    let now = ctx.house.status.borrow().clone();
    let incidents: Vec<_> = now
        .open
        .into_iter()
        .map(|incident| {
            let tone = if matches!(incident.impact.as_str(), "major" | "critical") {
                "danger"
            } else {
                "warning"
            };
            view! {
                <div class="incident-banner" data-tone=tone role="status">
                    <div class="container incident-banner-inner">
                        {icon("warning", "icon")}
                        <p><strong>{incident.name}</strong></p>
                        <a href=format!("/incidents/{}", incident.id)>{word!(lang, common.incident_more)}</a>
                    </div>
                </div>
            }
        })
        .collect();
    let incidents = (!incidents.is_empty())
        .then(|| view! { <aside aria-label=word!(lang, common.incident_label)>{incidents}</aside> });
    let demo = ctx.house.settings.demo.then(|| {
        view! { <aside class="demo-bar" aria-label=word!(lang, common.demo_label)><p>{word!(lang, common.demo)}</p></aside> }
    });
    view! { {demo}{crate::calm::banner(ctx)}{incidents} }.into_any()
}

/// The one message that the page before left.
fn flash(ctx: &Ctx) -> Option<AnyView> {
    ctx.flash.clone().map(|text| {
        view! { <div class="notice" data-tone="success" role="status">{icon("check", "icon")}<p>{text}</p></div> }.into_any()
    })
}

fn footer(ctx: &Ctx) -> AnyView {
    let lang = ctx.lang;
    let help = ctx.house.help_line(ctx);
    let phone = crate::words::phone(&help.phone);
    view! {
        <footer class="site-footer">
            <div class="container footer-inner">
                <div class="stack stack-s">
                    <p class="help-line">
                        <span>{format!("{} {}", help.municipality, word!(lang, common.help_line))}</span>
                        <a href=format!("tel:{}", help.phone)>{icon("phone", "icon")}{phone}</a>
                        <span>{help.hours}</span>
                    </p>
                    {settings::view(ctx)}
                </div>
                <nav class="footer-links" aria-label=word!(lang, nav.footer)>
                    <a href="/incidents">{word!(lang, common.state)}</a>
                    <a href=ctx.house.settings.status_url.clone()>{word!(lang, common.status_site)}</a>
                    <a href="/merchants">{word!(lang, nav.merchants)}</a>
                </nav>
            </div>
        </footer>
    }
    .into_any()
}

/// Content with what stands around it: the desk has its navigation beside the work, a resident at the thumb.
fn middle(ctx: &Ctx, width: Width, body: AnyView) -> AnyView {
    let container = match width {
        Width::Form => "main container container-form",
        Width::Narrow => "main container container-narrow",
        Width::Normal => "main container",
        Width::Wide => "main container container-wide",
    };
    let main = view! {
        <main id="main" class=container tabindex="-1"><div class="stack">{flash(ctx)}<div>{body}</div></div></main>
    };
    let label = word!(ctx.lang, nav.label);
    match ctx.session.as_ref().map(|session| &session.who) {
        Some(Who::Staff { .. }) if links(ctx).is_empty() => main.into_any(),
        Some(Who::Staff { .. }) => {
            let items: Vec<_> = items(ctx, "icon icon-s")
                .into_iter()
                .map(|item| view! { <li>{item}</li> })
                .collect();
            view! { <div class="desk"><nav class="side-nav" aria-label=label><ul>{items}</ul></nav>{main}</div> }.into_any()
        }
        Some(Who::Resident { .. }) => {
            view! { {main}<nav class="tab-bar" aria-label=label>{items(ctx, "icon")}</nav> }.into_any()
        }
        None => main.into_any(),
    }
}

fn whole(ctx: &Ctx, width: Width, body: AnyView) -> AnyView {
    view! {
        <body>
            <a class="skip-link" href="#main">{word!(ctx.lang, common.skip)}</a>
            {banners(ctx)}
            {header(ctx)}
            {middle(ctx, width, body)}
            {footer(ctx)}
        </body>
    }
    .into_any()
}

/// A page that is kept on a device: the name of the house, the content, whom to call. No form, no token, no name.
fn bare(ctx: &Ctx, body: AnyView) -> AnyView {
    let lang = ctx.lang;
    let help = ctx.house.help_line(ctx);
    let phone = crate::words::phone(&help.phone);
    view! {
        <body>
            <header class="site-header">
                <div class="container site-header-inner">
                    <a class="brand" href="/">
                        {icon("mark", "brand-mark")}
                        <span class="brand-name">{word!(lang, common.name)}</span>
                    </a>
                </div>
            </header>
            <main id="main" class="main container container-narrow" tabindex="-1">{body}</main>
            <footer class="site-footer">
                <div class="container footer-inner">
                    <p class="help-line">
                        <span>{format!("{} {}", help.municipality, word!(lang, common.help_line))}</span>
                        <a href=format!("tel:{}", help.phone)>{icon("phone", "icon")}{phone}</a>
                        <span>{help.hours}</span>
                    </p>
                </div>
            </footer>
        </body>
    }
    .into_any()
}

/// The whole document.
pub fn frame(ctx: &Ctx, page: Page, body: AnyView) -> AnyView {
    let lang = ctx.lang;
    let code = match lang {
        Lang::ko => "ko",
        Lang::en => "en",
    };
    let theme = match ctx.look.as_str() {
        "light" => Some("light"),
        "dark" => Some("dark"),
        _ => None,
    };
    let contrast = (ctx.look == "high").then_some("high");
    let text = (ctx.text != "normal").then(|| ctx.text.clone());
    let script = page.script.map(|address| {
        let nonce = use_nonce().map(|nonce| nonce.to_string());
        view! { <script type="module" src=address nonce=nonce></script> }
    });
    let title = format!("{} · {}", page.title, word!(lang, common.name));
    let css = format!("/pkg/{}", ctx.house.assets.css);
    let scripts = page.islands.then(|| {
        let options = LeptosOptions::builder()
            .output_name("neul")
            .site_root(ctx.house.assets.site_dir.clone())
            .site_pkg_dir("pkg")
            .hash_files(true)
            .build();
        view! { <HydrationScripts options islands=true /> }
    });
    view! {
        <html lang=code data-theme=theme data-contrast=contrast data-text=text>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="description" content=word!(lang, common.description) />
                <title>{title}</title>
                {page.refresh_s.map(|seconds| view! {
                    <noscript><meta http-equiv="refresh" content=seconds.to_string() /></noscript>
                })}
                <link rel="stylesheet" href=css />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="manifest" href="/manifest.webmanifest" />
                {scripts}
                {script}
            </head>
            {if page.bare { bare(ctx, body) } else { whole(ctx, page.width, body) }}
        </html>
    }
    .into_any()
}
