//! Pages and parts about invitations.

use axum::{http::StatusCode, response::Response};
use leptos::prelude::*;
use people::{Invitation, Invited};

use crate::{
    door::{Ctx, Field, Form, Official},
    shell::{self, Column, Page, Row, badge, table},
    staff, word, words,
};

/// The page behind a link: the form, or why there is none.
pub(super) fn page(ctx: &Ctx, link: &str, invitation: Option<Invitation>, form: Form) -> Response {
    let lang = ctx.lang;
    let Some(invitation) = invitation else {
        return shell::problem(
            ctx,
            StatusCode::NOT_FOUND,
            word!(lang, invitations.none_title),
            word!(lang, invitations.none),
            None,
        );
    };
    let title = if invitation.is_reset {
        word!(lang, invitations.reset_title)
    } else {
        word!(lang, invitations.title)
    };
    let page = Page::new(title.clone()).form().refused_if(form.is_bad());
    shell::page(ctx, page, || {
        let body = if invitation.waits_for_second {
            shell::notice(
                "info",
                Some(word!(lang, invitations.waits_title)),
                word!(lang, invitations.waits),
            )
        } else {
            password_form(ctx, link, &form)
        };
        let roles = staff::role_names(lang, &invitation.roles);
        view! {
            {shell::page_head(title, Some(word!(lang, invitations.lead)), ())}
            <div class="stack">
                <dl class="facts">
                    <div><dt>{word!(lang, staff.name)}</dt><dd>{invitation.name.clone()}</dd></div>
                    <div><dt>{word!(lang, staff.login_id)}</dt><dd><code>{invitation.login_id.clone()}</code></dd></div>
                    <div><dt>{word!(lang, staff.roles)}</dt><dd>{roles}</dd></div>
                    <div><dt>{word!(lang, invitations.until)}</dt><dd>{words::when(lang, invitation.until_at)}</dd></div>
                </dl>
                {body}
            </div>
        }
    })
}

fn password_form(ctx: &Ctx, link: &str, form: &Form) -> AnyView {
    let lang = ctx.lang;
    let hint = words::password_hint(lang);
    view! {
        <form class="form" method="post" action=format!("/invitations/{link}") novalidate=true>
            {form.summary(ctx)}
            {form.hidden(ctx)}
            {form.field(ctx, Field {
                name: "password",
                label: word!(lang, invitations.password),
                hint: Some(hint),
                kind: "password",
                autocomplete: "new-password",
                ..Field::default()
            })}
            <div class="form-actions">
                <button class="button button-primary" type="submit">{word!(lang, invitations.submit)}</button>
            </div>
        </form>
    }
    .into_any()
}

/// A new link, to be seen this once.
pub(crate) fn link_once(ctx: &Ctx, login: String, invited: &Invited) -> AnyView {
    let lang = ctx.lang;
    let link = format!("{}/invitations/{}", ctx.house.settings.portal_url, invited.link.0);
    let second = invited
        .needs_second
        .then(|| view! { <br />{word!(lang, invitations.needs_second)} });
    let text = view! {
        {word!(lang, invitations.once_text)}<br /><code class="strong" id="invitation-link">{link}</code>{second}
    };
    shell::notice(
        "warning",
        Some(word!(lang, invitations.once, login = login)),
        text,
    )
}

/// Invitations that wait, with what can be decided about them; nothing where there is none.
pub(crate) fn waiting(ctx: &Ctx, official: &Official, list: &[Invitation]) -> Option<AnyView> {
    if list.is_empty() {
        return None;
    }
    let lang = ctx.lang;
    let columns = vec![
        Column::text(word!(lang, staff.name)),
        Column::text(word!(lang, staff.login_id)),
        Column::text(word!(lang, staff.roles)),
        Column::text(word!(lang, invitations.until)),
        Column::text(word!(lang, staff.state)),
        Column::text(word!(lang, staff.change)),
    ];
    let rows = list
        .iter()
        .map(|one| {
            let state = if one.waits_for_second {
                badge("warning", word!(lang, invitations.state_second))
            } else {
                badge("neutral", word!(lang, invitations.state_open))
            };
            Row::of(one.name.clone())
                .and(view! { <code>{one.login_id.clone()}</code> })
                .and(staff::role_names(lang, &one.roles))
                .and(view! { <span class="nowrap">{words::when(lang, one.until_at)}</span> })
                .and(state)
                .and(buttons(ctx, official, one))
        })
        .collect();
    let table = table(
        "invitations-table",
        word!(lang, invitations.caption),
        columns,
        rows,
    );
    Some(
        view! {
            <section class="section" aria-labelledby="invitations">
                <div class="section-head"><h2 id="invitations">{word!(lang, invitations.waiting)}</h2></div>
                <p class="soft">{word!(lang, invitations.rule)}</p>
                {table}
            </section>
        }
        .into_any(),
    )
}

fn buttons(ctx: &Ctx, official: &Official, one: &Invitation) -> AnyView {
    let lang = ctx.lang;
    let button = |what: &'static str, label: String| {
        let told = format!("{} {label}", one.name);
        view! { <button class="button button-s" type="submit" name="do" value=what aria-label=told>{label}</button> }
    };
    let agree = (one.waits_for_second && one.made_by != official.id)
        .then(|| button("agree", word!(lang, invitations.agree)));
    view! {
        <form class="cluster" method="post" action="/admin/invitations">
            {Form::new().hidden(ctx)}
            <input type="hidden" name="invitation" value=one.id.to_string() />
            <input type="hidden" name="municipality" value=one.municipality.to_string() />
            {agree}
            {button("withdraw", word!(lang, invitations.withdraw))}
        </form>
    }
    .into_any()
}
