//! `/admin/reveal`: names are masked on the desk's pages; whoever needs one says why, and sees the record unmasked for a
//! quarter of an hour. The reason stands in the audit log.

use leptos::prelude::*;
use people::{REVEAL_MS, Role};

use crate::{
    door::{Answer, Ctx, Field, Form, Official, PageError, Posted},
    shell::{self, Page},
    word,
};

/// Who may ask: those whose work it is. An auditor and an administrator see what is masked.
pub const REVEALERS: &[Role] = &[Role::Clerk, Role::Approver];

/// Where a record is shown; nothing for what cannot be unmasked.
fn page_of(record: &str) -> Option<String> {
    let id = record.strip_prefix("payout/")?;
    let known = (1..=19).contains(&id.len()) && id.bytes().all(|digit| digit.is_ascii_digit());
    known.then(|| format!("/admin/payouts/{id}"))
}

/// The record of this name, if it is one of this municipality's.
async fn find(ctx: &Ctx, official: &Official, record: &str) -> Result<String, PageError> {
    let page = page_of(record).ok_or(PageError::NotFound)?;
    let id = record
        .trim_start_matches("payout/")
        .parse()
        .map_err(|_| PageError::NotFound)?;
    ctx.house.ledger.payout(official.municipality, id).await?;
    Ok(page)
}

/// Whether this session may see a record unmasked now.
pub(crate) async fn is_bare(ctx: &Ctx, official: &Official, record: &str) -> Result<bool, PageError> {
    if !official.roles.has_any(REVEALERS) {
        return Ok(false);
    }
    let people = &ctx.house.people;
    let until = people.revealed_until(ctx.signed_in()?, record, ctx.at).await?;
    Ok(until.is_some())
}

/// What stands above masked data: that it is masked, and the way to ask.
pub(crate) fn note(ctx: &Ctx, official: &Official, record: &str, bare: bool) -> Option<AnyView> {
    if !official.roles.has_any(REVEALERS) {
        return None;
    }
    let lang = ctx.lang;
    if bare {
        let said = word!(lang, reveals.bare, minutes = REVEAL_MS / 60_000);
        return Some(view! { <p class="soft">{said}</p> }.into_any());
    }
    let href = format!("/admin/reveal?record={record}");
    let line = view! { <p class="soft">{word!(lang, reveals.masked)}" "<a href=href>{word!(lang, reveals.ask)}</a></p> };
    Some(line.into_any())
}

/// GET `/admin/reveal?record=payout/123`.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(REVEALERS)?;
    let mut form = Form::new();
    form.set("record", ctx.asked().get("record"));
    let back = find(&ctx, &official, form.get("record")).await?;
    Ok(show(&ctx, &form, back))
}

/// POST `/admin/reveal`: the reason.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let official = ctx.official(REVEALERS)?;
    let record = form.get("record").to_owned();
    let back = find(&ctx, &official, &record).await?;
    let reason = form.text(&ctx, "reason", 4, 100);
    let Some(reason) = reason.filter(|_| !form.is_bad()) else {
        return Ok(show(&ctx, &form, back));
    };
    ctx.house
        .people
        .reveal(ctx.signed_in()?, &record, &reason, &ctx.client, ctx.at)
        .await?;
    Ok(shell::redirect(&ctx, &format!("{back}#rows")))
}

fn show(ctx: &Ctx, form: &Form, back: String) -> axum::response::Response {
    let lang = ctx.lang;
    let page = Page::new(word!(lang, reveals.title))
        .form()
        .refused_if(form.is_bad());
    shell::page(ctx, page, || {
        let lead = word!(lang, reveals.lead, minutes = REVEAL_MS / 60_000);
        view! {
            {shell::page_head(word!(lang, reveals.title), Some(lead), ())}
            <form class="form" method="post" action="/admin/reveal" novalidate=true>
                {form.summary(ctx)}
                {form.hidden(ctx)}
                <input type="hidden" name="record" value=form.get("record").to_owned() />
                {form.field(ctx, Field {
                    name: "reason",
                    label: word!(lang, reveals.reason),
                    hint: Some(word!(lang, reveals.reason_hint)),
                    autocomplete: "off",
                    ..Field::default()
                })}
                <div class="form-actions">
                    <button class="button button-primary" type="submit">{word!(lang, reveals.submit)}</button>
                    <a class="button" href=back>{word!(lang, reveals.back)}</a>
                </div>
            </form>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_records_with_masked_data_can_be_asked_for() {
        assert_eq!(page_of("payout/17").as_deref(), Some("/admin/payouts/17"));
        for record in [
            "payout/",
            "payout/1/2",
            "payout/x",
            "//evil.example",
            "login/1",
            "",
        ] {
            assert_eq!(page_of(record), None, "{record}");
        }
    }
}
