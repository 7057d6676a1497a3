//! The page of `/admin/municipalities`.

use ledger::{Municipality, municipalities::issuers};
use leptos::prelude::*;
use people::{Invited, Role};

use crate::{
    door::{Answer, Ctx, Field, Form},
    invitations,
    shell::{self, Column, Page, Row, table},
    word,
    words::{self, Lang},
};

/// The list and both forms; with a login and its new link, to be seen this once.
pub(super) async fn show(ctx: &Ctx, form: Form, once: Option<(String, Invited)>) -> Answer {
    let lang = ctx.lang;
    let operator = ctx.official(&[Role::Operator])?;
    let agree = ctx.house.people.invitations_to_agree(ctx.at).await?;
    let open = ctx.house.ledger.municipalities().await?;
    let mut administrators = Vec::new();
    for one in &open {
        let staff = ctx.house.people.staff(one.code).await?;
        let count = staff
            .iter()
            .filter(|one| one.active && one.roles.has(Role::Administrator));
        administrators.push(count.count());
    }
    // What was wrong stands in the form it was wrong in.
    let (first, second) = match form.get("do") {
        "administrator" => (Form::new(), form),
        _ => (form, Form::new()),
    };
    let page = Page::new(word!(lang, municipalities.title))
        .wide()
        .refused_if(first.is_bad() || second.is_bad());
    Ok(shell::page(ctx, page, || {
        let status = format!("{}/desk", ctx.house.settings.status_url);
        let status = view! { <a class="button" href=status>{word!(lang, municipalities.status_desk)}</a> };
        view! {
            {shell::page_head(word!(lang, municipalities.title), Some(word!(lang, municipalities.lead)), status)}
            <div class="stack stack-l">
                {once.map(|(login, invited)| invitations::link_once(ctx, login, &invited))}
                {invitations::waiting(ctx, &operator, &agree)}
                {list(lang, &open, &administrators)}
                {open_form(ctx, &first, &open)}
                {(!open.is_empty()).then(|| administrator_form(ctx, &second, &open))}
            </div>
        }
    }))
}

fn name(lang: Lang, one: &Municipality) -> String {
    words::named(lang, &one.name, &one.name_en).to_owned()
}

fn list(lang: Lang, open: &[Municipality], administrators: &[usize]) -> AnyView {
    if open.is_empty() {
        let (title, text) = (
            word!(lang, municipalities.none),
            word!(lang, municipalities.none_yet),
        );
        return shell::empty("home", title, text, None);
    }
    let columns = vec![
        Column::text(word!(lang, municipalities.name)),
        Column::text(word!(lang, municipalities.currency)),
        Column::text(word!(lang, municipalities.help_line)),
        Column::text(word!(lang, municipalities.since)),
        Column::number(word!(lang, municipalities.administrators)),
    ];
    let rows = open
        .iter()
        .zip(administrators)
        .map(|(one, count)| {
            Row::of(name(lang, one))
                .and(words::named(lang, &one.currency_name, &one.currency_name_en).to_owned())
                .and(one.help_line.clone())
                .and(view! { <span class="nowrap">{words::date(lang, one.opened_at)}</span> })
                .and(count.to_string())
                .tone((*count == 0).then_some("warning"))
        })
        .collect();
    table(
        "municipalities",
        word!(lang, municipalities.caption),
        columns,
        rows,
    )
}

fn open_form(ctx: &Ctx, form: &Form, open: &[Municipality]) -> AnyView {
    let lang = ctx.lang;
    let mut codes = vec![(String::new(), word!(lang, municipalities.choose))];
    codes.extend(
        issuers()
            .iter()
            .filter(|issuer| open.iter().all(|one| one.code != issuer.code))
            .map(|issuer| (issuer.code.to_string(), issuer.full_name())),
    );
    let text = |name, label, hint| {
        form.field(
            ctx,
            Field {
                name,
                label,
                hint,
                autocomplete: "off",
                ..Field::default()
            },
        )
    };
    view! {
        <section class="section" aria-labelledby="open">
            <div class="section-head"><h2 id="open">{word!(lang, municipalities.open)}</h2></div>
            <form class="form" method="post" action="/admin/municipalities" novalidate=true>
                {form.hidden(ctx)}
                <input type="hidden" name="do" value="open" />
                {form.summary(ctx)}
                {form.field(ctx, Field {
                    name: "code",
                    label: word!(lang, municipalities.name),
                    choices: codes,
                    ..Field::default()
                })}
                {text("name_en", word!(lang, municipalities.name_en), Some(word!(lang, municipalities.name_en_hint)))}
                {text("currency_name", word!(lang, municipalities.currency), None)}
                {text("currency_name_en", word!(lang, municipalities.currency_en), None)}
                {text("help_line", word!(lang, municipalities.help_line), Some(word!(lang, municipalities.help_line_hint)))}
                {text("help_hours", word!(lang, municipalities.help_hours), Some(word!(lang, municipalities.help_hours_hint)))}
                <div class="form-actions">
                    <button class="button button-primary" type="submit">{word!(lang, municipalities.open)}</button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

fn administrator_form(ctx: &Ctx, form: &Form, open: &[Municipality]) -> AnyView {
    let lang = ctx.lang;
    let mut places = vec![(String::new(), word!(lang, municipalities.choose))];
    places.extend(open.iter().map(|one| (one.code.to_string(), name(lang, one))));
    let field = |field| form.field(ctx, field);
    view! {
        <section class="section" aria-labelledby="administrator">
            <div class="section-head"><h2 id="administrator">{word!(lang, municipalities.administrator)}</h2></div>
            <form class="form" method="post" action="/admin/municipalities" novalidate=true>
                <p class="soft">{word!(lang, municipalities.administrator_lead)}</p>
                {form.hidden(ctx)}
                <input type="hidden" name="do" value="administrator" />
                {form.summary(ctx)}
                {field(Field {
                    name: "municipality",
                    label: word!(lang, municipalities.name),
                    choices: places,
                    ..Field::default()
                })}
                {field(Field { name: "name", label: word!(lang, staff.name), autocomplete: "off", ..Field::default() })}
                {field(Field {
                    name: "login_id",
                    label: word!(lang, staff.login_id),
                    hint: Some(word!(lang, staff.login_hint)),
                    autocomplete: "off",
                    ..Field::default()
                })}
                <div class="form-actions">
                    <button class="button button-primary" type="submit">{word!(lang, municipalities.add)}</button>
                </div>
            </form>
        </section>
    }
    .into_any()
}
