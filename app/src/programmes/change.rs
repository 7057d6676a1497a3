//! `/admin/programmes/{id}/change`: other terms from a time on. First shown side by side with those that hold then, and in
//! the words that a resident will read; then made.

use ledger::{ExpiryRule, LedgerError, NewChange, NewProgramme, Programme, ProgrammeKind, Terms};
use leptos::prelude::*;
use people::Role;

use super::{changes, form as parts, new, one, rules};
use crate::{
    door::{Answer, Choice, Ctx, Field, Form, Posted, day_end, day_start},
    shell::{self, Column, Page, Row, table},
    word, words,
};

/// GET `/admin/programmes/{id}/change`.
pub async fn get(ctx: Ctx, id: String) -> Answer {
    let official = ctx.official(&[Role::Clerk])?;
    let programme = one::find(&ctx, &official, &id).await?;
    let form = filled(&programme);
    Ok(show(&ctx, &programme, form, None))
}

/// The form with the terms that hold now.
fn filled(programme: &Programme) -> Form {
    let mut form = Form::new();
    let terms = programme.terms();
    let won = |won: Option<i64>| won.map(words::number).unwrap_or_default();
    let day = |at: Option<i64>| at.map(|at| words::day_of(at).to_string()).unwrap_or_default();
    form.set("when", "now");
    form.set("discount", words::percent(terms.discount_bp));
    form.set("refund", terms.refund_threshold_pct.to_string());
    form.set("monthly_limit", won(terms.monthly_limit_won));
    form.set("holding_limit", won(terms.holding_limit_won));
    form.set("monthly_budget", won(terms.monthly_budget_won));
    form.set("sale_from", day(terms.sale_from));
    form.set("sale_until", day(terms.sale_until.map(|until| until - 1)));
    match terms.expiry {
        ExpiryRule::Months(months) => {
            form.set("expiry", "months");
            form.set("months", months.to_string());
        }
        ExpiryRule::Until(until) => {
            form.set("expiry", "until");
            form.set("until", day(Some(until - 1)));
        }
    }
    form
}

/// POST `/admin/programmes/{id}/change`: first shows what would change; with `made` it is made.
pub async fn post(posted: Posted, id: String) -> Answer {
    let Posted { ctx, mut form } = posted;
    let official = ctx.official(&[Role::Clerk])?;
    let programme = one::find(&ctx, &official, &id).await?;
    let lang = ctx.lang;
    let read = read(&ctx, &mut form, &programme);
    let Some((effective_at, terms, reason)) = read.filter(|_| !form.is_bad()) else {
        return Ok(show(&ctx, &programme, form, None));
    };
    let ledger = &ctx.house.ledger;
    // Held against what would hold then without it, another change before it counted.
    let then = ledger
        .programme_at(official.municipality, programme.id, effective_at)
        .await?
        .unwrap_or_else(|| programme.clone());
    if then.terms() == terms {
        form.fail("", word!(lang, programmes.change_nothing));
        return Ok(show(&ctx, &programme, form, None));
    }
    if !form.ticked("made") {
        return Ok(show(&ctx, &programme, form, Some((effective_at, then, terms))));
    }
    let change = NewChange {
        key: form.key(),
        effective_at,
        terms,
        reason,
        by: format!("staff/{}", official.id),
    };
    match ledger
        .change_programme(official.municipality, programme.id, change, ctx.at)
        .await
    {
        Ok(change) => {
            ctx.audit(
                &official,
                "programme.change",
                &format!("programme/{}", programme.id),
                &change.to_string(),
            )
            .await?;
        }
        Err(LedgerError::Refused(refusal)) => {
            form.fail("", words::refusal(lang, &refusal));
            return Ok(show(&ctx, &programme, form, None));
        }
        Err(other) => return Err(other.into()),
    }
    let said = word!(
        lang,
        programmes.change_made,
        when = words::when(lang, effective_at)
    );
    Ok(shell::redirect_with(
        &ctx,
        &format!("/admin/programmes/{}", programme.id),
        &said,
    ))
}

fn read(ctx: &Ctx, form: &mut Form, programme: &Programme) -> Option<(i64, Terms, String)> {
    let lang = ctx.lang;
    let sold = programme.kind == ProgrammeKind::Sold;
    let effective_at = match form.get("when") {
        "now" => Some(ctx.at),
        "day" => {
            let at = form.date(ctx, "day").map(day_start);
            if at.is_some_and(|at| at <= ctx.at) {
                form.fail("day", word!(lang, programmes.change_day_past));
            }
            at
        }
        _ => {
            form.fail("when", word!(lang, errors.choose));
            None
        }
    };
    let now = programme.terms();
    let expiry = new::read_expiry(ctx, form);
    let reason = form.text(ctx, "reason", 2, 200);
    if !sold {
        let expiry = expiry?;
        return Some((effective_at?, Terms { expiry, ..now }, reason?));
    }
    let discount_bp = new::basis_points(ctx, form);
    let refund_threshold_pct = new::refund_threshold(ctx, form);
    let monthly_limit_won = new::optional_won(ctx, form, "monthly_limit");
    let holding_limit_won = new::optional_won(ctx, form, "holding_limit");
    let monthly_budget_won = new::optional_won(ctx, form, "monthly_budget");
    let sale_from = form.date_if_any(ctx, "sale_from").map(day_start);
    let sale_until = form.date_if_any(ctx, "sale_until").map(day_end);
    if let (Some(from), Some(until)) = (sale_from, sale_until)
        && until <= from
    {
        form.fail("sale_until", word!(lang, programmes.sale_order));
    }
    let terms = Terms {
        discount_bp: discount_bp?,
        monthly_limit_won,
        holding_limit_won,
        monthly_budget_won,
        expiry: expiry?,
        refund_threshold_pct: refund_threshold_pct?,
        sale_from,
        sale_until,
    };
    Some((effective_at?, terms, reason?))
}

type Preview = (i64, Programme, Terms);

fn show(ctx: &Ctx, programme: &Programme, form: Form, preview: Option<Preview>) -> axum::response::Response {
    let lang = ctx.lang;
    let title = word!(lang, programmes.change);
    let page = Page::new(title.clone()).narrow().refused_if(form.is_bad());
    shell::page(ctx, page, || {
        let name = words::named(lang, &programme.name, &programme.name_en).to_owned();
        let address = format!("/admin/programmes/{}", programme.id);
        let above = vec![
            ("/admin/programmes".to_owned(), word!(lang, programmes.title)),
            (address.clone(), name.clone()),
        ];
        let (last, class) = if preview.is_some() {
            (word!(lang, programmes.look_again), "button")
        } else {
            (word!(lang, programmes.look), "button button-primary")
        };
        let preview = preview.map(|preview| preview_card(ctx, preview));
        let whens = vec![
            Choice {
                value: "now".to_owned(),
                label: word!(lang, programmes.change_now),
                hint: word!(lang, programmes.change_now_hint),
            },
            Choice {
                value: "day".to_owned(),
                label: word!(lang, programmes.change_on),
                hint: word!(lang, programmes.change_on_hint),
            },
        ];
        let day = Field {
            name: "day",
            label: word!(lang, programmes.change_day),
            kind: "date",
            optional: true,
            ..Field::default()
        };
        let reason = Field {
            name: "reason",
            label: word!(lang, programmes.change_reason),
            hint: Some(word!(lang, programmes.change_reason_hint)),
            autocomplete: "off",
            ..Field::default()
        };
        let sold = programme.kind == ProgrammeKind::Sold;
        view! {
            {shell::breadcrumb(word!(lang, programmes.way), above, title.clone())}
            {shell::page_head(title, Some(word!(lang, programmes.change_lead)), ())}
            <form class="form form-wide" method="post" novalidate=true>
                {form.hidden(ctx)}
                {form.summary(ctx)}
                {preview}
                {form.radios("when", word!(lang, programmes.change_when), whens)}
                {form.field(ctx, day)}
                {parts::expiry(ctx, &form)}
                {sold.then(|| parts::sale(ctx, &form))}
                {form.field(ctx, reason)}
                <div class="form-actions">
                    <button class=class type="submit">{last}</button>
                    <a class="button" href=address>{word!(lang, common.cancel)}</a>
                </div>
            </form>
        }
    })
}

fn preview_card(ctx: &Ctx, (effective_at, then, terms): Preview) -> AnyView {
    let lang = ctx.lang;
    let columns = vec![
        Column::text(word!(lang, programmes.change_term)),
        Column::text(word!(lang, programmes.change_before)),
        Column::text(word!(lang, programmes.change_after)),
    ];
    let before = changes::said(lang, then.kind, &then.terms());
    let after = changes::said(lang, then.kind, &terms);
    let rows = before
        .into_iter()
        .zip(after)
        .filter(|((_, before), (_, after))| before != after)
        .map(|((term, before), (_, after))| Row::of(term).and(before).and(view! { <strong>{after}</strong> }))
        .collect();
    let after = then.under(&terms);
    let new = NewProgramme {
        kind: after.kind,
        name: after.name,
        name_en: after.name_en,
        discount_bp: after.discount_bp,
        monthly_limit_won: after.monthly_limit_won,
        holding_limit_won: after.holding_limit_won,
        monthly_budget_won: after.monthly_budget_won,
        expiry: after.expiry,
        restriction: after.restriction,
        refund_threshold_pct: after.refund_threshold_pct,
        sale_from: after.sale_from,
        sale_until: after.sale_until,
        state: after.state,
        created_by: String::new(),
    };
    let said: Vec<_> = rules::preview_from(lang, &new, effective_at)
        .into_iter()
        .map(|line| view! { <li>{line}</li> })
        .collect();
    let from = word!(
        lang,
        programmes.change_from,
        when = words::when(lang, effective_at)
    );
    view! {
        <section class="card" aria-labelledby="preview">
            <div class="card-head"><h2 class="card-title" id="preview">{from}</h2></div>
            {table("what-changes", word!(lang, programmes.change_caption), columns, rows)}
            <p class="strong">{word!(lang, programmes.preview)}</p>
            <ul>{said}</ul>
            <p class="soft">{word!(lang, programmes.change_keeps)}</p>
            <div class="button-row">
                <button class="button button-primary" type="submit" name="made" value="1">{word!(lang, programmes.change_make)}</button>
            </div>
        </section>
    }
    .into_any()
}
