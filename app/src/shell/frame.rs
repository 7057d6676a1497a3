//! The frame itself.

use leptos::{config::LeptosOptions, hydration::HydrationScripts, prelude::*};
use people::{Role, Who};

use super::{Page, settings};
use crate::{
    door::Ctx,
    words::Lang,
    word,
};

/// One link of the navigation.
struct Link {
    href: &'static str,
    label: String,
    icon: &'static str,
}

/// An icon of the sprite; decoration only, the word stands beside it.
pub fn icon(name: &str) -> impl IntoView + use<> {
    view! { <svg class="icon" aria-hidden="true" focusable="false"><use href=format!("/icons.svg#{name}")></use></svg> }
}

fn links(ctx: &Ctx) -> Vec<Link> {
    let lang = ctx.lang;
    let link = |href, label, icon| Link { href, label, icon };
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
            }
            if roles.has_any(crate::access::ANY_OFFICIAL) {
                list.push(link("/admin", word!(lang, nav.desk), "home"));
                list.push(link("/admin/payouts", word!(lang, nav.payouts), "people"));
                list.push(link("/admin/programmes", word!(lang, nav.programmes), "card"));
                list.push(link("/admin/vouchers", word!(lang, nav.vouchers), "gift"));
                list.push(link("/admin/merchants", word!(lang, nav.merchants_desk), "shop"));
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

fn header(ctx: &Ctx) -> AnyView {
    let lang = ctx.lang;
    let here = ctx.path.split('?').next().unwrap_or_default().to_owned();
    let items: Vec<_> = links(ctx)
        .into_iter()
        .map(|link| {
            let current = (here == link.href).then_some("page");
            view! {
                <li><a class="nav__link" href=link.href aria-current=current>{icon(link.icon)}<span>{link.label}</span></a></li>
            }
        })
        .collect();
    let account = match &ctx.session {
        Some(session) => {
            let name = session.who.name().to_owned();
            let resident = matches!(session.who, Who::Resident { .. });
            let token = ctx.form_token();
            view! {
                <span class="site-header__who">{name}</span>
                {resident.then(|| view! {
                    <a class="button button--quiet" href="/wallet/devices">{word!(lang, nav.devices)}</a>
                })}
                <form method="post" action="/logout">
                    <input type="hidden" name="_token" value=token />
                    <button class="button button--quiet" type="submit">{icon("logout")}<span>{word!(lang, nav.sign_out)}</span></button>
                </form>
            }
            .into_any()
        }
        None => view! {
            <a class="button button--quiet" href="/login">{word!(lang, nav.sign_in)}</a>
            <a class="button button--small" href="/signup">{word!(lang, nav.sign_up)}</a>
        }
        .into_any(),
    };
    view! {
        <header class="site-header">
            <div class="container site-header__inner">
                <a class="brand" href="/">
                    <img src="/favicon.svg" alt="" width="32" height="32" />
                    <span class="brand__name">{word!(lang, common.name)}</span>
                </a>
                <div class="site-header__account cluster">{account}</div>
            </div>
            <nav class="nav" aria-label=word!(lang, nav.label)>
                <ul class="container nav__list">{items}</ul>
            </nav>
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
            view! {
                <div class="banner banner--incident" role="status">
                    <div class="container">
                        {icon("warning")}
                        <p><strong>{incident.name}</strong>" "
                            <a href=format!("/incidents/{}", incident.id)>{word!(lang, common.incident_more)}</a></p>
                    </div>
                </div>
            }
        })
        .collect();
    let demo = ctx.house.settings.demo.then(|| {
        view! { <div class="banner banner--demo"><div class="container"><p>{word!(lang, common.demo)}</p></div></div> }
    });
    let flash = ctx.flash.clone().map(|text| {
        view! {
            <div class="container"><div class="notice notice--success" role="status"><p>{text}</p></div></div>
        }
    });
    view! { {demo}{incidents}{flash} }.into_any()
}

fn footer(ctx: &Ctx) -> AnyView {
    let lang = ctx.lang;
    let help = ctx.house.help_line(ctx);
    let phone = crate::words::phone(&help.phone);
    view! {
        <footer class="site-footer">
            <div class="container stack">
                <p class="site-footer__help">
                    {icon("phone")}
                    <strong>{format!("{} {}", help.municipality, word!(lang, common.help_line))}</strong>" "
                    <a href=format!("tel:{}", help.phone)>{phone}</a>" "
                    <span>{help.hours}</span>
                </p>
                {settings::view(ctx)}
                <p class="cluster">
                    <a href="/incidents">{word!(lang, common.state)}</a>
                    <a href=ctx.house.settings.status_url.clone()>{word!(lang, common.status_site)}</a>
                    <a href="/merchants">{word!(lang, nav.merchants)}</a>
                </p>
            </div>
        </footer>
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
    let container = if page.wide { "container container--wide" } else { "container" };
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
            </head>
            <body>
                <a class="skip-link" href="#main">{word!(lang, common.skip)}</a>
                {header(ctx)}
                {banners(ctx)}
                <main id="main" class=container tabindex="-1">{body}</main>
                {footer(ctx)}
            </body>
        </html>
    }
    .into_any()
}
