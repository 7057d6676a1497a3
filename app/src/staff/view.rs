//! The page of `/admin/staff`.

use leptos::prelude::*;
use people::{Invited, Role, Roles, SignIn, StaffMember};

use super::GIVEN;
use crate::{
    door::{Answer, Ctx, Field, Form, Official},
    invitations, security,
    shell::{self, Column, Page, Row, badge, table},
    word,
    words::{self, Lang},
};

/// A role's name.
fn role(lang: Lang, role: Role) -> String {
    match role {
        Role::Clerk => word!(lang, staff.clerk),
        Role::Approver => word!(lang, staff.approver),
        Role::Auditor => word!(lang, staff.auditor),
        Role::Administrator => word!(lang, staff.administrator),
        Role::Operator => word!(lang, staff.operator),
        Role::Merchant => word!(lang, staff.merchant_role),
    }
}

/// Several roles, by comma.
pub(crate) fn role_names(lang: Lang, roles: &Roles) -> String {
    roles
        .iter()
        .map(|one| role(lang, one))
        .collect::<Vec<_>>()
        .join(", ")
}

/// What a role may do.
fn role_hint(lang: Lang, role: Role) -> String {
    match role {
        Role::Clerk => word!(lang, staff.clerk_hint),
        Role::Approver => word!(lang, staff.approver_hint),
        Role::Auditor => word!(lang, staff.auditor_hint),
        Role::Administrator => word!(lang, staff.administrator_hint),
        Role::Operator | Role::Merchant => word!(lang, staff.merchant_hint),
    }
}

/// The field of the form that a problem belongs to.
pub(crate) fn field_of(field: people::Field) -> &'static str {
    match field {
        people::Field::Name => "name",
        people::Field::LoginId => "login_id",
        people::Field::Password => "password",
        people::Field::Merchant => "merchant",
        people::Field::Roles => "role_clerk",
        _ => "",
    }
}

/// The list, what waits and the form; with a login and its new link, to be seen this once.
pub(super) async fn show(
    ctx: &Ctx,
    official: &Official,
    form: Form,
    once: Option<(String, Invited)>,
) -> Answer {
    let lang = ctx.lang;
    let people = &ctx.house.people;
    let staff = people.staff(official.municipality).await?;
    let waiting = people.invitations(official.municipality, ctx.at).await?;
    let page = Page::new(word!(lang, staff.title))
        .wide()
        .refused_if(form.is_bad());
    Ok(shell::page(ctx, page, || {
        let once = once.map(|(login, invited)| invitations::link_once(ctx, login, &invited));
        view! {
            {shell::page_head(word!(lang, staff.title), Some(word!(lang, staff.lead)), ())}
            <div class="stack stack-l">
                {once}
                {invitations::waiting(ctx, official, &waiting)}
                {list(ctx, official, &staff)}
                {add_form(ctx, &form)}
            </div>
        }
    }))
}

/// A member's sign-in history.
pub(super) fn history(ctx: &Ctx, member: &StaffMember, tries: &[SignIn]) -> axum::response::Response {
    let lang = ctx.lang;
    let title = word!(lang, security.of, name = member.name.clone());
    shell::page(ctx, Page::new(title.clone()), || {
        let above = vec![("/admin/staff".to_owned(), word!(lang, staff.title))];
        let lead = format!("{} · {}", member.login_id, role_names(lang, &member.roles));
        view! {
            {shell::breadcrumb(word!(lang, payouts.way), above, member.name.clone())}
            {shell::page_head(title.clone(), Some(lead), ())}
            {security::history_table(lang, tries)}
        }
    })
}

fn list(ctx: &Ctx, official: &Official, staff: &[StaffMember]) -> AnyView {
    let lang = ctx.lang;
    let columns = vec![
        Column::text(word!(lang, staff.name)),
        Column::text(word!(lang, staff.login_id)),
        Column::text(word!(lang, staff.roles)),
        Column::text(word!(lang, staff.since)),
        Column::text(word!(lang, staff.state)),
        Column::text(word!(lang, staff.change)),
    ];
    let rows = staff
        .iter()
        .map(|one| {
            let state = if one.active {
                badge("success", word!(lang, staff.active))
            } else {
                badge("neutral", word!(lang, staff.closed))
            };
            Row::of(view! { <a href=format!("/admin/staff/{}", one.id)>{one.name.clone()}</a> })
                .and(view! { <code>{one.login_id.clone()}</code> })
                .and(role_names(lang, &one.roles))
                .and(view! { <span class="nowrap">{words::date(lang, one.made_at)}</span> })
                .and(state)
                .and((one.id != official.id).then(|| buttons(ctx, one)))
        })
        .collect();
    table("staff", word!(lang, staff.caption), columns, rows)
}

fn buttons(ctx: &Ctx, one: &StaffMember) -> AnyView {
    let lang = ctx.lang;
    let button = |what: &'static str, label: String| {
        let told = format!("{} {label}", one.name);
        view! { <button class="button button-s" type="submit" name="do" value=what aria-label=told>{label}</button> }
    };
    let buttons = if one.active {
        view! { {button("again", word!(lang, staff.again))}{button("close", word!(lang, staff.close))} }
            .into_any()
    } else {
        button("open", word!(lang, staff.open)).into_any()
    };
    view! {
        <form class="cluster" method="post" action="/admin/staff">
            {Form::new().hidden(ctx)}
            <input type="hidden" name="staff" value=one.id.to_string() />
            {buttons}
        </form>
    }
    .into_any()
}

fn add_form(ctx: &Ctx, form: &Form) -> AnyView {
    let lang = ctx.lang;
    let roles: Vec<_> = GIVEN
        .into_iter()
        .map(|one| {
            let name = match one {
                Role::Clerk => "role_clerk",
                Role::Approver => "role_approver",
                Role::Auditor => "role_auditor",
                Role::Administrator => "role_administrator",
                Role::Merchant | Role::Operator => "role_merchant",
            };
            form.tick(name, role(lang, one), Some(role_hint(lang, one)))
        })
        .collect();
    let field = |field| form.field(ctx, field);
    view! {
        <section class="section" aria-labelledby="add">
            <div class="section-head"><h2 id="add">{word!(lang, staff.add)}</h2></div>
            <form class="form" method="post" action="/admin/staff" novalidate=true>
                {form.hidden(ctx)}
                <input type="hidden" name="do" value="add" />
                {form.summary(ctx)}
                {field(Field { name: "name", label: word!(lang, staff.name), autocomplete: "off", ..Field::default() })}
                {field(Field {
                    name: "login_id",
                    label: word!(lang, staff.login_id),
                    hint: Some(word!(lang, staff.login_hint)),
                    autocomplete: "off",
                    ..Field::default()
                })}
                <fieldset class="fieldset">
                    <legend>{word!(lang, staff.roles)}</legend>
                    <div class="stack stack-s">{roles}</div>
                </fieldset>
                {field(Field {
                    name: "merchant",
                    label: word!(lang, staff.merchant),
                    hint: Some(word!(lang, staff.merchant_code_hint)),
                    autocomplete: "off",
                    optional: true,
                    class: "input-short",
                    ..Field::default()
                })}
                <div class="form-actions"><button class="button button-primary" type="submit">{word!(lang, staff.add)}</button></div>
            </form>
        </section>
    }
    .into_any()
}
