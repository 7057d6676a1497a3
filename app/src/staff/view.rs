//! The page of `/admin/staff`.

use leptos::prelude::*;
use people::{Role, StaffMember};

use super::GIVEN;
use crate::{
    door::{Answer, Ctx, Field, Form, Official},
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

/// The list and the form; with a login and its new password, to be seen this once.
pub(super) async fn show(
    ctx: &Ctx,
    official: &Official,
    form: Form,
    once: Option<(String, String)>,
) -> Answer {
    let lang = ctx.lang;
    let staff = ctx.house.people.staff(official.municipality).await?;
    let page = Page::new(word!(lang, staff.title))
        .wide()
        .refused_if(form.is_bad());
    Ok(shell::page(ctx, page, || {
        let once = once.map(|(login, password)| self::once(lang, login, password));
        view! {
            {shell::page_head(word!(lang, staff.title), Some(word!(lang, staff.lead)), ())}
            <div class="stack stack-l">
                {once}
                {list(ctx, official, &staff)}
                {add_form(ctx, &form)}
            </div>
        }
    }))
}

/// A login's new password, to be seen this once.
pub(crate) fn once(lang: Lang, login: String, password: String) -> AnyView {
    let text = view! {
        {word!(lang, staff.once_text)}" "<code class="strong" id="made-password">{password}</code>
    };
    shell::notice("warning", Some(word!(lang, staff.once, login = login)), text)
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
            let roles: Vec<String> = one.roles.iter().map(|one| role(lang, one)).collect();
            let state = if one.active {
                badge("success", word!(lang, staff.active))
            } else {
                badge("neutral", word!(lang, staff.closed))
            };
            Row::of(one.name.clone())
                .and(view! { <code>{one.login_id.clone()}</code> })
                .and(roles.join(", "))
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
        view! { {button("password", word!(lang, staff.new_password))}{button("close", word!(lang, staff.close))} }.into_any()
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
                {field(Field {
                    name: "password",
                    label: word!(lang, staff.password),
                    hint: Some(word!(lang, staff.password_hint)),
                    kind: "password",
                    autocomplete: "new-password",
                    optional: true,
                    ..Field::default()
                })}
                <div class="form-actions"><button class="button button-primary" type="submit">{word!(lang, staff.add)}</button></div>
            </form>
        </section>
    }
    .into_any()
}
