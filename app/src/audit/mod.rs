//! `/admin/audit`: who did what, when, from where, to which record. Read only: the log cannot be changed. What was
//! searched for can be taken along as a file, and that is on record too.

mod export;
mod said;

use leptos::prelude::*;
use people::{AuditCursor, AuditFilter, AuditRow, Role, StaffMember};

pub use export::{get_csv, get_xlsx};
use said::{resource, said};

use crate::{
    door::{Answer, Ctx, Field, Form, day_end, day_start},
    shell::{self, Column, Page, Row, table},
    word,
    words::{self, Lang},
};

/// Lines on one page.
const PER_PAGE: i64 = 100;
/// What can be asked for: the beginning of an action's name.
const ACTIONS: [&str; 13] = [
    "payout.",
    "programme.",
    "merchant.",
    "payment.",
    "bank_account.",
    "staff.",
    "session.",
    "resident.",
    "api_key.",
    "card.",
    "second_factor.",
    "person.",
    "audit.",
];

/// GET `/admin/audit`.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(&[Role::Auditor, Role::Administrator])?;
    let lang = ctx.lang;
    let mut form = ctx.asked();
    let staff = ctx.house.people.staff(official.municipality).await?;
    let filter = read_filter(&ctx, &mut form);
    let cursor = read_cursor(form.get("after"));
    let mut rows = if form.is_bad() {
        Vec::new()
    } else {
        ctx.house
            .people
            .audit_log(official.municipality, &filter, cursor, PER_PAGE + 1)
            .await?
    };
    let more = rows.len() as i64 > PER_PAGE;
    rows.truncate(PER_PAGE as usize);
    // Whoever reads the log is in it; the first page alone, or it would fill with its own turning.
    if cursor.is_none() {
        ctx.audit(&official, "audit.view", "audit", form.get("action"))
            .await?;
    }
    let page = Page::new(word!(lang, audit.title))
        .wide()
        .refused_if(form.is_bad());
    Ok(shell::page(&ctx, page, || {
        let next = rows
            .last()
            .filter(|_| more)
            .map(|row| ctx.here_with("after", &format!("{}-{}", row.at, row.id)));
        let body = if rows.is_empty() {
            shell::empty("list", word!(lang, audit.none), word!(lang, audit.none_yet), None)
        } else {
            log(&ctx, &rows, &staff)
        };
        let query = ctx.path.split_once('?').map_or("", |(_, query)| query);
        let file = |kind: &str| format!("/admin/audit.{kind}?{query}");
        let files = view! {
            <div class="button-row">
                <a class="button" href=file("xlsx")>{word!(lang, audit.xlsx)}</a>
                <a class="button" href=file("csv")>{word!(lang, audit.csv)}</a>
            </div>
        };
        view! {
            {shell::page_head(word!(lang, audit.title), Some(word!(lang, audit.lead)), files)}
            {filters(&ctx, &form, &staff)}
            {body}
            {next.map(|next| view! {
                <nav class="pagination" aria-label=word!(lang, common.pages)><a href=next rel="next">{word!(lang, audit.older)}</a></nav>
            })}
        }
    }))
}

/// What is asked for; what is wrong with it stands at its field.
fn read_filter(ctx: &Ctx, form: &mut Form) -> AuditFilter {
    let from = form.date_if_any(ctx, "from");
    let until = form.date_if_any(ctx, "until");
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        form.fail("until", word!(ctx.lang, audit.order));
    }
    let typed = |name: &str| {
        let text: String = form.get(name).trim().chars().take(100).collect();
        Some(text).filter(|text| !text.is_empty())
    };
    AuditFilter {
        action: ACTIONS
            .iter()
            .find(|action| **action == form.get("action"))
            .map(|action| (*action).to_owned()),
        actor_id: form.get("who").parse().ok(),
        record: typed("record"),
        text: typed("text"),
        from_at: from.map(day_start),
        until_at: until.map(day_end),
    }
}

fn read_cursor(text: &str) -> Option<AuditCursor> {
    let (at, id) = text.split_once('-')?;
    Some(AuditCursor {
        at: at.parse().ok()?,
        id: id.parse().ok()?,
    })
}

fn filters(ctx: &Ctx, form: &Form, staff: &[StaffMember]) -> AnyView {
    let lang = ctx.lang;
    let mut actions = vec![(String::new(), word!(lang, common.all))];
    actions.extend(
        ACTIONS
            .iter()
            .map(|action| ((*action).to_owned(), resource(lang, action))),
    );
    let mut who = vec![(String::new(), word!(lang, common.all))];
    who.extend(
        staff
            .iter()
            .map(|one| (one.id.to_string(), format!("{} ({})", one.name, one.login_id))),
    );
    let select = |name, label, choices| {
        form.field(
            ctx,
            Field {
                name,
                label,
                choices,
                optional: true,
                ..Field::default()
            },
        )
    };
    let day = |name, label| {
        form.field(
            ctx,
            Field {
                name,
                label,
                kind: "date",
                optional: true,
                ..Field::default()
            },
        )
    };
    view! {
        <form class="filters" method="get" action="/admin/audit">
            {select("action", word!(lang, audit.what), actions)}
            {select("who", word!(lang, audit.who), who)}
            {day("from", word!(lang, audit.from))}
            {day("until", word!(lang, audit.until))}
            {form.field(ctx, Field { name: "text", label: word!(lang, audit.text), kind: "search", optional: true, ..Field::default() })}
            <button class="button" type="submit">{word!(lang, common.search)}</button>
        </form>
    }
    .into_any()
}

fn log(ctx: &Ctx, rows: &[AuditRow], staff: &[StaffMember]) -> AnyView {
    let lang = ctx.lang;
    let columns = vec![
        Column::text(word!(lang, audit.when)),
        Column::text(word!(lang, audit.who)),
        Column::text(word!(lang, audit.what)),
        Column::text(word!(lang, audit.record)),
        Column::text(word!(lang, audit.detail)),
        Column::text(word!(lang, audit.address)),
    ];
    let rows = rows
        .iter()
        .map(|row| {
            let action = view! { {said(lang, &row.action)}" "<code class="soft small">{row.action.clone()}</code> };
            Row::of(view! { <span class="nowrap num">{words::day_of(row.at).to_string()}" "{words::time_s(row.at)}</span> })
                .and(who(lang, row, staff))
                .and(action)
                .and(view! { <code>{row.record.clone()}</code> })
                .and(row.detail.clone())
                .and(view! { <span class="num">{row.from_ip.clone()}</span> })
        })
        .collect();
    table("audit", word!(lang, audit.caption), columns, rows)
}

fn who(lang: Lang, row: &AuditRow, staff: &[StaffMember]) -> String {
    let known = staff
        .iter()
        .find(|one| row.actor_kind == "staff" && one.id == row.actor_id);
    match (row.actor_kind.as_str(), known, &row.actor_login_id) {
        ("system", ..) => word!(lang, audit.system),
        ("api_key", ..) => word!(lang, audit.api_key, id = row.actor_id.to_string()),
        (_, Some(one), _) => format!("{} ({})", one.name, one.login_id),
        (_, None, Some(login)) => login.clone(),
        _ => row.actor_id.to_string(),
    }
}
