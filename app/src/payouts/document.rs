//! `/admin/payouts/{id}`: one payout as a document, from its check to its result.

use ledger::payouts::{Payout, PayoutKind, PayoutState, RowOutcome};
use leptos::prelude::*;
use people::Role;

use super::{
    ProgressNow,
    document_parts::{self as parts, Known},
    list::staff_names,
    rows::{self, Rows},
    said,
};
use crate::{
    access::ANY_OFFICIAL,
    door::{Answer, Ctx, Form, Official, PageError},
    reveals,
    shell::{self, Page, badge},
    word, words,
};

/// Without a script the page is loaded anew so often while money runs, in seconds.
const REFRESH_S: u32 = 3;

/// GET `/admin/payouts/{id}`.
pub async fn get(ctx: Ctx, id: String) -> Answer {
    let official = ctx.official(ANY_OFFICIAL)?;
    let payout = find(&ctx, &official, &id).await?;
    show(&ctx, &official, payout, Form::new()).await
}

/// A payout of this official's municipality; anything else is unknown here.
pub(super) async fn find(ctx: &Ctx, official: &Official, id: &str) -> Result<Payout, PageError> {
    let id = id.parse().map_err(|_| PageError::NotFound)?;
    Ok(ctx.house.ledger.payout(official.municipality, id).await?)
}

fn is_under_way(payout: &Payout) -> bool {
    matches!(payout.state, PayoutState::Approved | PayoutState::Running)
}

fn progress_of(ctx: &Ctx, payout: &Payout) -> ProgressNow {
    let handled_rows = payout.paid_rows + payout.failed_rows;
    ProgressNow {
        handled_rows,
        rows: payout.ok_rows,
        line: word!(
            ctx.lang,
            payouts.paying_line,
            paid = words::number(handled_rows),
            rows = words::number(payout.ok_rows)
        ),
        done: !is_under_way(payout),
    }
}

/// GET `/admin/payouts/{id}/progress`, for the island.
pub async fn get_progress(ctx: Ctx, id: String) -> Answer {
    let official = ctx.official(ANY_OFFICIAL)?;
    let payout = find(&ctx, &official, &id).await?;
    Ok(shell::json(&progress_of(&ctx, &payout)))
}

/// The page; with what was wrong in `form`, if it was asked to do something.
pub(super) async fn show(ctx: &Ctx, official: &Official, payout: Payout, form: Form) -> Answer {
    let lang = ctx.lang;
    let ledger = &ctx.house.ledger;
    let programme = ledger
        .programme(official.municipality, payout.programme)
        .await?
        .ok_or(PageError::NotFound)?;
    let known = Known {
        events: ledger.payout_events(official.municipality, payout.id).await?,
        names: staff_names(ctx, official).await?,
    };
    let (before_won, after_won) = ledger.budget_preview(&payout).await?;
    let under_way = is_under_way(&payout);
    let shown = if under_way || payout.kind == PayoutKind::Budget {
        None
    } else {
        // Every look at the names of a roster is on record.
        ctx.audit(official, "payout.view", &format!("payout/{}", payout.id), "")
            .await?;
        Some(read_rows(ctx, official, &payout).await?)
    };
    let mut page = Page::new(payout.title.clone()).wide().refused_if(form.is_bad());
    if under_way {
        page = page.with_islands();
        page.refresh_s = Some(REFRESH_S);
    }
    let programme_name = words::named(lang, &programme.name, &programme.name_en).to_owned();
    Ok(shell::page(ctx, page, || {
        let above = vec![("/admin/payouts".to_owned(), word!(lang, payouts.title))];
        let lead = format!("{} · {programme_name}", said::kind(lang, payout.kind));
        let state = badge(said::tone(payout.state), said::state(lang, payout.state));
        let result = shown.is_some().then(|| result_link(ctx, &payout));
        view! {
            {shell::breadcrumb(word!(lang, payouts.way), above, payout.title.clone())}
            {shell::page_head(payout.title.clone(), Some(lead), state)}
            <div class="stack stack-l">
                {form.summary(ctx)}
                {parts::stepper(ctx, &payout, &known)}
                {under_way.then(|| parts::progress(ctx, &payout, progress_of(ctx, &payout)))}
                {summary(ctx, &payout)}
                {rows::figures(ctx, &payout, before_won, after_won)}
                {parts::actions(ctx, official, &payout, &form)}
                {result}
                {shown.map(|shown| rows::view(ctx, official, &payout, &shown))}
                {parts::history(ctx, &payout, &known)}
            </div>
        }
    }))
}

async fn read_rows(ctx: &Ctx, official: &Official, payout: &Payout) -> Result<Rows, PageError> {
    let asked = ctx.asked();
    let outcome = RowOutcome::from_code(asked.get("rows"));
    let after = asked.get("after").parse().unwrap_or(0).max(0);
    let mut rows = ctx
        .house
        .ledger
        .payout_rows(
            official.municipality,
            payout.id,
            outcome,
            after,
            rows::PER_PAGE + 1,
        )
        .await?;
    let more = rows.len() as i64 > rows::PER_PAGE;
    rows.truncate(rows::PER_PAGE as usize);
    Ok(Rows {
        list: rows,
        outcome,
        bare: reveals::is_bare(ctx, official, &format!("payout/{}", payout.id)).await?,
        more,
        after,
    })
}

/// What it came to, once nothing more will change; or why it stands still.
fn summary(ctx: &Ctx, payout: &Payout) -> Option<AnyView> {
    let lang = ctx.lang;
    let budget = payout.kind == PayoutKind::Budget;
    let paid = words::won(lang, payout.paid_won);
    Some(match payout.state {
        PayoutState::Done if payout.failed_rows == 0 && budget => shell::notice(
            "success",
            Some(word!(lang, payouts.budget_done, amount = paid)),
            word!(lang, payouts.budget_done_text),
        ),
        PayoutState::Done if payout.failed_rows == 0 => {
            let title = word!(
                lang,
                payouts.all_paid,
                rows = words::number(payout.paid_rows),
                amount = paid
            );
            shell::notice("success", Some(title), word!(lang, payouts.all_paid_text))
        }
        PayoutState::Done => {
            let rows = words::number(payout.failed_rows);
            let title = word!(lang, payouts.some_failed, rows = rows);
            let text = word!(
                lang,
                payouts.some_failed_text,
                rows = words::number(payout.paid_rows),
                amount = paid
            );
            shell::notice("warning", Some(title), text)
        }
        PayoutState::Draft => shell::notice(
            "info",
            Some(word!(lang, payouts.draft_title)),
            word!(lang, payouts.draft_text),
        ),
        PayoutState::Checked if payout.ok_rows == 0 => shell::notice(
            "danger",
            Some(word!(lang, payouts.nothing_title)),
            word!(lang, payouts.nothing_text),
        ),
        _ => return None,
    })
}

fn result_link(ctx: &Ctx, payout: &Payout) -> AnyView {
    let lang = ctx.lang;
    view! {
        <div class="button-row">
            <a class="button" href=format!("/admin/payouts/{}/result.csv", payout.id)>
                {shell::icon("download", "icon")}<span>{word!(lang, payouts.download)}</span></a>
        </div>
    }
    .into_any()
}

/// Why this official has no button to approve with; `None` where they have one or where none is due.
pub(super) fn why_not_approve(ctx: &Ctx, official: &Official, payout: &Payout) -> Option<String> {
    let lang = ctx.lang;
    if payout.state != PayoutState::Submitted {
        return None;
    }
    if !official.roles.has(Role::Approver) {
        return Some(word!(lang, payouts.waits_for_approver));
    }
    (!payout.may_be_approved_by(official.id)).then(|| word!(lang, payouts.not_your_own))
}
