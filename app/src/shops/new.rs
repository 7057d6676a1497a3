//! `/admin/merchants/new`: a merchant is registered.

use ledger::{Category, LedgerError, NewMerchant, Refusal};
use leptos::prelude::*;
use people::Role;

use crate::{
    door::{Answer, Ctx, Field, Form, Posted},
    shell::{self, Page},
    word, words,
};

/// GET `/admin/merchants/new`.
pub async fn get(ctx: Ctx) -> Answer {
    ctx.official(&[Role::Clerk])?;
    Ok(show(&ctx, Form::new()))
}

/// POST `/admin/merchants/new`.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let official = ctx.official(&[Role::Clerk])?;
    let lang = ctx.lang;
    let made_up = form.get("code").trim().is_empty();
    let name = form.text(&ctx, "name", 1, 60);
    let category = Category::from_code(form.get("category"));
    if category.is_none() {
        form.fail("category", word!(lang, errors.choose));
    }
    let revenue_won_year = if form.get("revenue").trim().is_empty() {
        Some(0)
    } else {
        form.won(&ctx, "revenue")
    };
    let address = form.text(&ctx, "address", 1, 120);
    let district = form.text(&ctx, "district", 1, 30);
    let code = if made_up {
        code_of_key(&form.key())
    } else {
        form.get("code").trim().to_owned()
    };
    let shaped =
        (1..=16).contains(&code.len()) && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !shaped {
        form.fail("code", word!(lang, shops.code_shape));
    }
    let (Some(name), Some(category), Some(revenue_won_year), Some(address), Some(district), false) =
        (name, category, revenue_won_year, address, district, form.is_bad())
    else {
        return Ok(show(&ctx, form));
    };
    let new = NewMerchant {
        code: code.clone(),
        name: name.clone(),
        category,
        revenue_won_year,
        address,
        district,
    };
    let id = match ctx
        .house
        .ledger
        .create_merchant(official.municipality, new, ctx.at)
        .await
    {
        Ok(merchant) => merchant.id,
        Err(LedgerError::Refused(refusal)) => {
            let taken = ctx
                .house
                .ledger
                .merchant_by_code(official.municipality, &code)
                .await?;
            match (&refusal, taken) {
                // The same form came twice.
                (Refusal::MerchantCodeTaken, Some(own)) if made_up && own.name == name => own.id,
                (Refusal::MerchantCodeTaken, Some(other)) => {
                    form.fail("code", word!(lang, shops.code_taken, name = other.name));
                    return Ok(show(&ctx, form));
                }
                _ => {
                    form.fail("", words::refusal(lang, &refusal));
                    return Ok(show(&ctx, form));
                }
            }
        }
        Err(other) => return Err(other.into()),
    };
    ctx.audit(&official, "merchant.add", &format!("merchant/{id}"), &code)
        .await?;
    let code = code.to_ascii_uppercase();
    Ok(shell::redirect_with(
        &ctx,
        "/admin/merchants",
        &word!(lang, shops.added, name = name, code = code),
    ))
}

/// A code that is easy to read out and to type, the same for the same form.
fn code_of_key(key: &str) -> String {
    let signs: Vec<char> = key
        .chars()
        .map(|c| c.to_ascii_uppercase())
        .filter(|c| c.is_ascii_alphanumeric() && !matches!(c, 'I' | 'L' | 'O' | 'U' | '0' | '1'))
        .take(5)
        .collect();
    std::iter::once('M').chain(signs).collect()
}

fn show(ctx: &Ctx, form: Form) -> axum::response::Response {
    let lang = ctx.lang;
    let page = Page::new(word!(lang, shops.add)).form().refused_if(form.is_bad());
    shell::page(ctx, page, || {
        let mut categories = vec![(String::new(), word!(lang, shops.choose))];
        categories.extend(
            Category::ALL
                .iter()
                .map(|one| (one.code().to_owned(), words::category(lang, *one))),
        );
        let field = |field| form.field(ctx, field);
        view! {
            {shell::page_head(word!(lang, shops.add), Some(word!(lang, shops.add_lead)), ())}
            <form class="form" method="post" novalidate=true>
                {form.hidden(ctx)}
                {form.summary(ctx)}
                {field(Field { name: "name", label: word!(lang, shops.name), autocomplete: "off", ..Field::default() })}
                {field(Field { name: "category", label: word!(lang, shops.category), choices: categories, ..Field::default() })}
                {field(Field {
                    name: "revenue",
                    label: word!(lang, shops.revenue),
                    hint: Some(word!(lang, shops.revenue_hint)),
                    inputmode: "numeric",
                    optional: true,
                    unit: Some(word!(lang, common.won)),
                    ..Field::default()
                })}
                {field(Field { name: "address", label: word!(lang, shops.address), autocomplete: "off", ..Field::default() })}
                {field(Field {
                    name: "district",
                    label: word!(lang, shops.district),
                    hint: Some(word!(lang, shops.district_hint)),
                    autocomplete: "off",
                    class: "input-short",
                    ..Field::default()
                })}
                {field(Field {
                    name: "code",
                    label: word!(lang, shops.code),
                    hint: Some(word!(lang, shops.code_hint)),
                    autocomplete: "off",
                    optional: true,
                    class: "input-short",
                    ..Field::default()
                })}
                <div class="form-actions">
                    <button class="button button-primary" type="submit">{word!(lang, shops.register)}</button>
                    <a class="button" href="/admin/merchants">{word!(lang, common.cancel)}</a>
                </div>
            </form>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_code_is_short_and_without_look_alikes() {
        let code = code_of_key("iL0-ab_cDeFgh");
        assert_eq!(code, "MABCDE");
    }
}
