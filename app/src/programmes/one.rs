//! `/admin/programmes/{id}`: one programme, its state and its budget.

use ledger::{
    Programme, ProgrammeKind, ProgrammeState,
    payouts::{NewPayout, PayoutKind},
};
use leptos::prelude::*;
use people::Role;

use super::{changes, rules};
use crate::{
    access::ANY_OFFICIAL,
    door::{Answer, Ctx, Field, Form, Official, PageError, Posted},
    payouts,
    shell::{self, Page, badge},
    word, words,
};

/// GET `/admin/programmes/{id}`.
pub async fn get(ctx: Ctx, id: String) -> Answer {
    let official = ctx.official(ANY_OFFICIAL)?;
    let programme = find(&ctx, &official, &id).await?;
    show(&ctx, &official, &programme, Form::new()).await
}

pub(super) async fn find(ctx: &Ctx, official: &Official, id: &str) -> Result<Programme, PageError> {
    let id = id.parse().map_err(|_| PageError::NotFound)?;
    ctx.house
        .ledger
        .programme_at(official.municipality, id, ctx.at)
        .await?
        .ok_or(PageError::NotFound)
}

/// POST `/admin/programmes/{id}`: opens or stops it, or asks for budget.
pub async fn post(posted: Posted, id: String) -> Answer {
    let Posted { ctx, mut form } = posted;
    let official = ctx.official(&[Role::Clerk])?;
    let programme = find(&ctx, &official, &id).await?;
    if form.is_bad() {
        return show(&ctx, &official, &programme, form).await;
    }
    match form.get("do") {
        "open" => set_state(&ctx, &official, &programme, ProgrammeState::Open).await,
        "stop" => set_state(&ctx, &official, &programme, ProgrammeState::Stopped).await,
        "budget" => ask_for_budget(&ctx, &official, &programme, form).await,
        "withdraw" => changes::withdraw(&ctx, &official, &programme, &form).await,
        _ => {
            form.fail("", word!(ctx.lang, errors.choose));
            show(&ctx, &official, &programme, form).await
        }
    }
}

async fn set_state(ctx: &Ctx, official: &Official, programme: &Programme, state: ProgrammeState) -> Answer {
    let lang = ctx.lang;
    let address = format!("/admin/programmes/{}", programme.id);
    ctx.audit(
        official,
        "programme.state",
        &format!("programme/{}", programme.id),
        state.code(),
    )
    .await?;
    ctx.house
        .ledger
        .set_programme_state(official.municipality, programme.id, state)
        .await?;
    let said = match state {
        ProgrammeState::Stopped => word!(lang, programmes.was_stopped),
        _ => word!(lang, programmes.was_opened),
    };
    Ok(shell::redirect_with(ctx, &address, &said))
}

/// A budget is value too: it becomes a payout that a second official approves (DESIGN 11).
async fn ask_for_budget(ctx: &Ctx, official: &Official, programme: &Programme, mut form: Form) -> Answer {
    let lang = ctx.lang;
    let amount_won = form.won(ctx, "amount");
    let reason = form.text(ctx, "reason", 2, 200);
    let (Some(amount_won), Some(reason)) = (amount_won, reason) else {
        return show(ctx, official, programme, form).await;
    };
    let title = format!("{} {}", programme.name, reason);
    let mut new = NewPayout::new(PayoutKind::Budget, programme.id, title, official.id);
    new.amount_won = Some(amount_won);
    match payouts::hand_in(ctx, official, &form, new, Vec::new()).await? {
        Ok(payout) => {
            let said = word!(
                lang,
                programmes.budget_asked,
                amount = words::won(lang, amount_won)
            );
            Ok(shell::redirect_with(
                ctx,
                &format!("/admin/payouts/{payout}"),
                &said,
            ))
        }
        Err(refusal) => {
            form.fail("amount", words::refusal(lang, &refusal));
            show(ctx, official, programme, form).await
        }
    }
}

async fn show(ctx: &Ctx, official: &Official, programme: &Programme, form: Form) -> Answer {
    let lang = ctx.lang;
    let ledger = &ctx.house.ledger;
    let (list, month_won) = tokio::try_join!(
        ledger.programme_changes(programme.municipality, programme.id),
        ledger.programme_month_won(programme.municipality, programme.id, ctx.at),
    )?;
    let name = words::named(lang, &programme.name, &programme.name_en).to_owned();
    let page = Page::new(name.clone()).refused_if(form.is_bad());
    let clerk = official.roles.has(Role::Clerk);
    Ok(shell::page(ctx, page, || {
        let above = vec![("/admin/programmes".to_owned(), word!(lang, programmes.title))];
        let state = badge(rules::tone(programme.state), rules::state(lang, programme.state));
        view! {
            {shell::breadcrumb(word!(lang, programmes.way), above, name.clone())}
            {shell::page_head(name, None, state)}
            {form.summary(ctx)}
            <section class="section" aria-labelledby="rules">
                <div class="section-head"><h2 id="rules">{word!(lang, programmes.rules)}</h2></div>
                <dl class="facts">{facts(ctx, programme, month_won)}</dl>
            </section>
            <section class="section" aria-labelledby="budget">
                <div class="section-head"><h2 id="budget">{word!(lang, programmes.budget)}</h2></div>
                <p>{shell::money(lang, programme.budget_left_won, "money money-l")}</p>
                {(clerk && programme.state != ProgrammeState::Stopped).then(|| budget_form(ctx, &form))}
            </section>
            {changes::view(ctx, programme, &list, clerk)}
            {clerk.then(|| state_form(ctx, programme))}
        }
    }))
}

fn facts(ctx: &Ctx, programme: &Programme, month_won: i64) -> Vec<AnyView> {
    let lang = ctx.lang;
    let mut list = vec![
        (word!(lang, programmes.kind), rules::kind(lang, programme.kind)),
        (word!(lang, programmes.name_ko), programme.name.clone()),
        (word!(lang, programmes.name_en), programme.name_en.clone()),
        (
            word!(lang, programmes.expiry),
            rules::expiry(lang, programme.expiry),
        ),
        (
            word!(lang, programmes.where_spent),
            words::restriction(lang, &programme.restriction),
        ),
    ];
    if programme.kind == ProgrammeKind::Sold {
        list.extend([
            (word!(lang, programmes.discount), rules::discount(lang, programme)),
            (
                word!(lang, programmes.monthly_limit),
                rules::limit(lang, programme.monthly_limit_won),
            ),
            (
                word!(lang, programmes.holding_limit),
                rules::limit(lang, programme.holding_limit_won),
            ),
            (
                word!(lang, programmes.monthly_budget),
                match programme.monthly_budget_won {
                    None => rules::limit(lang, None),
                    Some(limit_won) => word!(
                        lang,
                        programmes.monthly_budget_used,
                        limit = words::won(lang, limit_won),
                        used = words::won(lang, month_won)
                    ),
                },
            ),
            (
                word!(lang, programmes.refund),
                format!("{}%", programme.refund_threshold_pct),
            ),
            (
                word!(lang, programmes.sale),
                rules::sale(lang, programme.sale_from, programme.sale_until),
            ),
        ]);
    }
    list.push((
        word!(lang, programmes.made_at),
        words::when(lang, programme.created_at),
    ));
    list.into_iter()
        .map(|(term, said)| view! { <div><dt>{term}</dt><dd>{said}</dd></div> }.into_any())
        .collect()
}

fn budget_form(ctx: &Ctx, form: &Form) -> AnyView {
    let lang = ctx.lang;
    let amount = Field {
        name: "amount",
        label: word!(lang, programmes.budget_amount),
        inputmode: "numeric",
        autocomplete: "off",
        unit: Some(word!(lang, common.won)),
        ..Field::default()
    };
    let reason = Field {
        name: "reason",
        label: word!(lang, programmes.budget_reason),
        hint: Some(word!(lang, programmes.budget_reason_hint)),
        autocomplete: "off",
        ..Field::default()
    };
    view! {
        <form class="form" method="post" novalidate=true>
            {form.hidden(ctx)}
            <input type="hidden" name="do" value="budget" />
            <h3>{word!(lang, programmes.ask_budget)}</h3>
            <p class="soft">{word!(lang, programmes.ask_budget_lead)}</p>
            {form.field(ctx, amount)}
            {form.field(ctx, reason)}
            <div class="form-actions">
                <button class="button button-primary" type="submit">{word!(lang, programmes.ask_budget)}</button>
            </div>
        </form>
    }
    .into_any()
}

fn state_form(ctx: &Ctx, programme: &Programme) -> AnyView {
    let lang = ctx.lang;
    let (what, text, label, class) = match programme.state {
        ProgrammeState::Open => (
            "stop",
            word!(lang, programmes.stop_lead),
            word!(lang, programmes.stop),
            "button button-danger",
        ),
        ProgrammeState::Draft => (
            "open",
            word!(lang, programmes.start_lead),
            word!(lang, programmes.start),
            "button",
        ),
        ProgrammeState::Stopped => (
            "open",
            word!(lang, programmes.again_lead),
            word!(lang, programmes.again),
            "button",
        ),
    };
    view! {
        <section class="section" aria-labelledby="state">
            <div class="section-head"><h2 id="state">{word!(lang, programmes.state)}</h2></div>
            <form class="form" method="post">
                {Form::new().hidden(ctx)}
                <p>{text}</p>
                <div class="form-actions"><button class=class type="submit" name="do" value=what>{label}</button></div>
            </form>
        </section>
    }
    .into_any()
}
