//! `/admin/audit`: who did what, when, from where, to which record. Read only: the log cannot be changed.

use leptos::prelude::*;
use people::{AuditCursor, AuditFilter, AuditRow, Role, StaffMember};

use crate::{
    door::{Answer, Ctx, Field, Form, day_end, day_start},
    shell::{self, Column, Page, Row, table},
    word,
    words::{self, Lang},
};

/// Lines on one page.
const PER_PAGE: i64 = 100;
/// What can be asked for: the beginning of an action's name.
const ACTIONS: [&str; 11] = [
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
    "audit.",
];

/// GET `/admin/audit`.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(&[Role::Auditor, Role::Administrator])?;
    let lang = ctx.lang;
    let mut form = ctx.asked();
    let staff = ctx.house.people.staff(official.municipality).await?;
    let from = form.date_if_any(&ctx, "from");
    let until = form.date_if_any(&ctx, "until");
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        form.fail("until", word!(lang, audit.order));
    }
    let filter = AuditFilter {
        action: ACTIONS
            .iter()
            .find(|action| **action == form.get("action"))
            .map(|action| (*action).to_owned()),
        actor_id: form.get("who").parse().ok(),
        record: Some(form.get("record").trim().to_owned()).filter(|record| !record.is_empty()),
        from_at: from.map(day_start),
        until_at: until.map(day_end),
    };
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
        view! {
            {shell::page_head(word!(lang, audit.title), Some(word!(lang, audit.lead)), ())}
            {filters(&ctx, &form, &staff)}
            {body}
            {next.map(|next| view! {
                <nav class="pagination" aria-label=word!(lang, common.pages)><a href=next rel="next">{word!(lang, audit.older)}</a></nav>
            })}
        }
    }))
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

/// What kind of thing was done, for the filter.
fn resource(lang: Lang, action: &str) -> String {
    match action {
        "payout." => word!(lang, audit.payouts),
        "programme." => word!(lang, audit.programmes),
        "merchant." => word!(lang, audit.merchants),
        "payment." => word!(lang, audit.payments),
        "bank_account." => word!(lang, audit.bank_accounts),
        "staff." => word!(lang, audit.staff),
        "session." => word!(lang, audit.sessions),
        "resident." => word!(lang, audit.residents),
        "api_key." => word!(lang, audit.api_keys),
        "card." => word!(lang, audit.cards),
        _ => word!(lang, audit.itself),
    }
}

/// The deed in words; the code stands beside it, so an unknown one is said by its kind.
fn said(lang: Lang, action: &str) -> String {
    match action {
        "payout.view" => word!(lang, audit.payout_view),
        "payout.create" => word!(lang, audit.payout_create),
        "payout.refused" => word!(lang, audit.payout_refused),
        "payout.submit" => word!(lang, audit.payout_submit),
        "payout.approve" => word!(lang, audit.payout_approve),
        "payout.return" => word!(lang, audit.payout_return),
        "payout.cancel" => word!(lang, audit.payout_cancel),
        "payout.download" => word!(lang, audit.payout_download),
        "programme.add" => word!(lang, audit.programme_add),
        "programme.state" => word!(lang, audit.programme_state),
        "merchant.add" => word!(lang, audit.merchant_add),
        "merchant.status" => word!(lang, audit.merchant_status),
        "bank_account.set" => word!(lang, audit.bank_account_set),
        "payment.cancel" => word!(lang, audit.payment_cancel),
        "api_key.make" => word!(lang, audit.api_key_make),
        "card.close" => word!(lang, audit.card_close),
        "api_key.revoke" => word!(lang, audit.api_key_revoke),
        "staff.add" => word!(lang, audit.staff_add),
        "staff.set_roles" => word!(lang, audit.staff_roles),
        "staff.deactivate" => word!(lang, audit.staff_off),
        "staff.reactivate" => word!(lang, audit.staff_on),
        "staff.set_password" => word!(lang, audit.staff_password),
        "audit.view" => word!(lang, audit.audit_view),
        other => {
            let kind = other.find('.').map_or(other, |dot| &other[..=dot]);
            resource(lang, if ACTIONS.contains(&kind) { kind } else { "audit." })
        }
    }
}
