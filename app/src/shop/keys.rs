//! `/shop/keys`: API keys of the shop's own tills: made here, shown once, revoked.

use leptos::prelude::*;
use people::{ApiKey, ApiKeyError, ApiKeyProblem, KeyOwner, KeyText, NewApiKey, Role, Scope};

use super::own_shop;
use crate::{
    door::{Answer, Ctx, Field, Form, Official, PageError, Posted},
    shell::{self, Column, Page, Row, badge, table},
    word,
    words::{self, Lang},
};

/// The box of each scope.
const BOXES: [(Scope, &str); 3] = [
    (Scope::PaymentsWrite, "scope_payments_write"),
    (Scope::PaymentsRead, "scope_payments_read"),
    (Scope::TakingsRead, "scope_takings_read"),
];

fn scope_said(lang: Lang, scope: Scope) -> String {
    match scope {
        Scope::PaymentsWrite => word!(lang, shop.scope_payments_write),
        Scope::PaymentsRead => word!(lang, shop.scope_payments_read),
        Scope::TakingsRead => word!(lang, shop.scope_takings_read),
        Scope::CardWrite => scope.name().to_owned(),
    }
}

/// GET `/shop/keys`.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(&[Role::Merchant])?;
    show(&ctx, &official, empty_form(), None).await
}

/// Everything ticked: what most tills need.
fn empty_form() -> Form {
    let mut form = Form::new();
    for (_, name) in BOXES {
        form.set(name, "1");
    }
    form
}

/// POST `/shop/keys`: `do` is `make` or `revoke`.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, form } = posted;
    let official = ctx.official(&[Role::Merchant])?;
    if form.get("do") == "revoke" && !form.is_bad() {
        return revoke(&ctx, &official, &form).await;
    }
    make(&ctx, &official, form).await
}

async fn make(ctx: &Ctx, official: &Official, mut form: Form) -> Answer {
    let shop = own_shop(ctx, official).await?;
    let lang = ctx.lang;
    let label = form.text(ctx, "label", 1, 60);
    let scopes: Vec<Scope> = BOXES
        .into_iter()
        .filter(|(_, name)| form.ticked(name))
        .map(|(scope, _)| scope)
        .collect();
    if scopes.is_empty() {
        form.fail(BOXES[0].1, word!(lang, shop.key_scopes_missing));
    }
    let (Some(label), false) = (label, form.is_bad()) else {
        return show(ctx, official, form, None).await;
    };
    let new = NewApiKey {
        municipality: official.municipality,
        owner: KeyOwner::Merchant(shop.id),
        label,
        scopes,
    };
    let made = ctx
        .house
        .people
        .make_api_key(&new, official.id, &ctx.client.ip, ctx.at)
        .await;
    match made {
        // Shown once, on this page alone: it never stands in a cookie or an address.
        Ok(made) => show(ctx, official, empty_form(), Some(made)).await,
        Err(ApiKeyError::Refused(problem)) => {
            let (field, said) = match problem {
                ApiKeyProblem::Label => ("label", word!(lang, shop.key_label_wrong)),
                ApiKeyProblem::LabelTaken => ("label", word!(lang, shop.key_label_taken)),
                ApiKeyProblem::Scopes => (BOXES[0].1, word!(lang, shop.key_scopes_missing)),
                ApiKeyProblem::TooMany => ("", word!(lang, shop.key_too_many)),
            };
            form.fail(field, said);
            show(ctx, official, form, None).await
        }
        Err(ApiKeyError::Fault(fault)) => Err(fault.into()),
    }
}

async fn revoke(ctx: &Ctx, official: &Official, form: &Form) -> Answer {
    let shop = own_shop(ctx, official).await?;
    let id: i64 = form.get("key").parse().map_err(|_| PageError::NotFound)?;
    let owner = KeyOwner::Merchant(shop.id);
    // One that is revoked already, or nobody's, needs no word: the list shows how it is.
    let done = ctx
        .house
        .people
        .revoke_api_key(
            official.municipality,
            &owner,
            id,
            official.id,
            &ctx.client.ip,
            ctx.at,
        )
        .await?;
    if !done {
        return Ok(shell::redirect(ctx, "/shop/keys"));
    }
    Ok(shell::redirect_with(
        ctx,
        "/shop/keys",
        &word!(ctx.lang, shop.key_was_revoked),
    ))
}

async fn show(ctx: &Ctx, official: &Official, form: Form, made: Option<(ApiKey, KeyText)>) -> Answer {
    let shop = own_shop(ctx, official).await?;
    let owner = KeyOwner::Merchant(shop.id);
    let keys = ctx.house.people.api_keys(official.municipality, &owner).await?;
    let lang = ctx.lang;
    let page = Page::new(word!(lang, shop.keys)).refused_if(form.is_bad());
    Ok(shell::page(ctx, page, || {
        let made = made.map(|(key, text)| {
            let text = view! {
                {word!(lang, shop.key_once)}" "<code class="strong" id="made-key">{text.0}</code>
            };
            shell::notice(
                "warning",
                Some(word!(lang, shop.key_made, label = key.label)),
                text,
            )
        });
        let list = (!keys.is_empty()).then(|| list(ctx, &keys));
        view! {
            {shell::page_head(word!(lang, shop.keys), Some(word!(lang, shop.keys_lead)), ())}
            <div class="stack stack-l">
                {made}
                {list}
                {make_form(ctx, &form)}
            </div>
        }
    }))
}

fn list(ctx: &Ctx, keys: &[ApiKey]) -> AnyView {
    let lang = ctx.lang;
    let columns = vec![
        Column::text(word!(lang, shop.key_label)),
        Column::text(word!(lang, shop.key_may)),
        Column::text(word!(lang, shop.key_made_on)),
        Column::text(word!(lang, shop.key_used_on)),
        Column::text(word!(lang, shop.state)),
        Column::text(word!(lang, shop.key_change)),
    ];
    let rows = keys
        .iter()
        .map(|key| {
            let scopes: Vec<String> = key.scopes.iter().map(|scope| scope_said(lang, *scope)).collect();
            let used = key
                .used_at
                .map_or_else(|| word!(lang, shop.key_never), |at| words::when(lang, at));
            let state = if key.revoked_at.is_none() {
                badge("success", word!(lang, shop.key_works))
            } else {
                badge("neutral", word!(lang, shop.key_revoked))
            };
            Row::of(key.label.clone())
                .and(scopes.join(", "))
                .and(view! { <span class="nowrap">{words::date(lang, key.made_at)}</span> })
                .and(used)
                .and(state)
                .and(key.revoked_at.is_none().then(|| revoke_form(ctx, key)))
        })
        .collect();
    table("keys", word!(lang, shop.keys_caption), columns, rows)
}

/// Opened first, because a till that loses its key stops at once.
fn revoke_form(ctx: &Ctx, key: &ApiKey) -> AnyView {
    let lang = ctx.lang;
    let told = format!("{} {}", key.label, word!(lang, shop.key_revoke));
    view! {
        <details class="details">
            <summary aria-label=told>{word!(lang, shop.key_revoke)}</summary>
            <form class="details-body stack stack-s" method="post" action="/shop/keys">
                {Form::new().hidden(ctx)}
                <input type="hidden" name="key" value=key.id.to_string() />
                <p class="small">{word!(lang, shop.key_revoke_means)}</p>
                <button class="button button-s button-danger" type="submit" name="do" value="revoke">
                    {word!(lang, shop.key_revoke_sure)}
                </button>
            </form>
        </details>
    }
    .into_any()
}

fn make_form(ctx: &Ctx, form: &Form) -> AnyView {
    let lang = ctx.lang;
    let boxes: Vec<_> = BOXES
        .into_iter()
        .map(|(scope, name)| form.tick(name, scope_said(lang, scope), Some(scope.name().to_owned())))
        .collect();
    view! {
        <section class="section" aria-labelledby="make">
            <div class="section-head"><h2 id="make">{word!(lang, shop.key_make)}</h2></div>
            <form class="form" method="post" action="/shop/keys" novalidate=true>
                {form.hidden(ctx)}
                <input type="hidden" name="do" value="make" />
                {form.summary(ctx)}
                {form.field(ctx, Field {
                    name: "label",
                    label: word!(lang, shop.key_label),
                    hint: Some(word!(lang, shop.key_label_hint)),
                    autocomplete: "off",
                    ..Field::default()
                })}
                <fieldset class="fieldset">
                    <legend>{word!(lang, shop.key_may)}</legend>
                    <div class="stack stack-s">{boxes}</div>
                </fieldset>
                <div class="form-actions"><button class="button button-primary" type="submit">{word!(lang, shop.key_make)}</button></div>
            </form>
        </section>
    }
    .into_any()
}
