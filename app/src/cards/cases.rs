//! `/admin/cards`: where a card network and the ledger differ. The operator sees numbers and amounts, and no person.

use ledger::{CardCase, CaseKind, CaseState};
use leptos::prelude::*;
use people::Role;

use crate::{
    door::{Answer, Ctx, Field, Form, Posted},
    shell::{self, Column, Page, Row, badge, money, table},
    word,
    words::{self, Lang},
};

/// Cases shown.
const CASES: i64 = 200;

/// GET `/admin/cards`.
pub async fn get(ctx: Ctx) -> Answer {
    ctx.official(&[Role::Operator])?;
    show(&ctx, Form::new()).await
}

/// POST `/admin/cards`: closes a case with what was done.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let operator = ctx.official(&[Role::Operator])?;
    let case = form.id(&ctx, "case");
    let note = form.text(&ctx, "note", 2, 200);
    let (Some(case), Some(note), false) = (case, note, form.is_bad()) else {
        return show(&ctx, form).await;
    };
    if !ctx
        .house
        .ledger
        .close_card_case(case, operator.id, &note, ctx.at)
        .await?
    {
        form.fail("case", word!(ctx.lang, cases.gone));
        return show(&ctx, form).await;
    }
    ctx.audit(&operator, "card.close", &format!("card_case/{case}"), "")
        .await?;
    Ok(shell::redirect_with(
        &ctx,
        "/admin/cards",
        &word!(ctx.lang, cases.closed_said),
    ))
}

async fn show(ctx: &Ctx, form: Form) -> Answer {
    let cases = ctx.house.ledger.card_cases(CASES).await?;
    let lang = ctx.lang;
    let page = Page::new(word!(lang, cases.title))
        .wide()
        .refused_if(form.is_bad());
    let here = ctx.clone();
    Ok(shell::page(ctx, page, move || {
        view! {
            {shell::page_head(word!(lang, cases.title), Some(word!(lang, cases.lead)), ())}
            <div class="stack stack-l">{list(lang, &cases)}{closing(&here, &form, &cases)}</div>
        }
    }))
}

fn kind(lang: Lang, kind: CaseKind) -> String {
    match kind {
        CaseKind::MissingHere => word!(lang, cases.missing_here),
        CaseKind::MissingThere => word!(lang, cases.missing_there),
        CaseKind::Double => word!(lang, cases.double),
        CaseKind::DifferentAmount => word!(lang, cases.different_amount),
        CaseKind::ChargedElsewhere => word!(lang, cases.charged_elsewhere),
    }
}

fn state(lang: Lang, state: CaseState) -> AnyView {
    match state {
        CaseState::Open => badge("warning", word!(lang, cases.open)),
        CaseState::Reversed => badge("info", word!(lang, cases.reversed)),
        CaseState::Captured => badge("info", word!(lang, cases.captured)),
        CaseState::Closed => badge("success", word!(lang, cases.closed)),
    }
}

fn list(lang: Lang, cases: &[CardCase]) -> AnyView {
    if cases.is_empty() {
        let (title, text) = (word!(lang, cases.none_title), word!(lang, cases.none));
        return shell::empty("card", title, text, None);
    }
    let columns = vec![
        Column::text(word!(lang, cases.number)),
        Column::text(word!(lang, cases.network)),
        Column::text(word!(lang, cases.kind)),
        Column::number(word!(lang, cases.ours)),
        Column::number(word!(lang, cases.theirs)),
        Column::text(word!(lang, cases.state)),
        Column::text(word!(lang, cases.found)),
        Column::text(word!(lang, cases.note)),
    ];
    let rows = cases
        .iter()
        .map(|case| {
            let note = if case.state == CaseState::Closed {
                case.note.clone()
            } else {
                String::new()
            };
            Row::of(view! { <span class="num">{case.network_id.clone()}</span> })
                .and(case.network.clone())
                .and(kind(lang, case.kind))
                .and(money(lang, case.ours_won, "money"))
                .and(money(lang, case.theirs_won, "money"))
                .and(state(lang, case.state))
                .and(view! { <span class="nowrap">{words::when(lang, case.created_at)}</span> })
                .and(note)
                .tone((case.state == CaseState::Open).then_some("warning"))
        })
        .collect();
    table("card-cases", word!(lang, cases.caption), columns, rows)
}

fn closing(ctx: &Ctx, form: &Form, cases: &[CardCase]) -> Option<AnyView> {
    let lang = ctx.lang;
    let mut choices = vec![(String::new(), word!(lang, cases.choose))];
    let open = cases.iter().filter(|case| case.state == CaseState::Open);
    choices.extend(open.map(|case| {
        let text = format!(
            "{} · {} · {}",
            case.network,
            case.network_id,
            kind(lang, case.kind)
        );
        (case.id.to_string(), text)
    }));
    if choices.len() == 1 && !form.is_bad() {
        return None;
    }
    let view = view! {
        <section class="section" aria-labelledby="close">
            <div class="section-head"><h2 id="close">{word!(lang, cases.close)}</h2></div>
            <form class="form" method="post" action="/admin/cards" novalidate=true>
                {form.summary(ctx)}
                {form.hidden(ctx)}
                {form.field(ctx, Field {
                    name: "case",
                    label: word!(lang, cases.which),
                    choices,
                    ..Field::default()
                })}
                {form.field(ctx, Field {
                    name: "note",
                    label: word!(lang, cases.done),
                    hint: Some(word!(lang, cases.done_hint)),
                    autocomplete: "off",
                    ..Field::default()
                })}
                <div class="form-actions">
                    <button class="button button-primary" type="submit">{word!(lang, cases.close)}</button>
                </div>
            </form>
        </section>
    };
    Some(view.into_any())
}
