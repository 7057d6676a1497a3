//! Taking a payment on the shop's page: the customer's code, the amount.

use axum::{http::StatusCode, response::Response};
use ledger::{LedgerError, Refusal};
use leptos::prelude::*;
use people::Role;

use super::own_shop;
use crate::{
    codes::{self, Asked, CannotTake},
    door::{Answer, Ctx, Field, Form, PageError, Posted},
    shell, word, words,
};

/// POST `/shop`: takes the payment and shows its receipt.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let official = ctx.official(&[Role::Merchant])?;
    let shop = own_shop(&ctx, &official).await?;
    let lang = ctx.lang;
    let code = read_code(form.get("code"));
    if code.is_none() {
        form.fail("code", word!(lang, shop.code_digits_wrong));
    }
    let amount_won = form.won(&ctx, "amount");
    let (Some(code), Some(amount_won), false) = (code, amount_won, form.is_bad()) else {
        return super::show(&ctx, &official, &shop, form).await;
    };
    let asked = Asked {
        municipality: official.municipality,
        merchant: shop.id,
        code,
        amount_won,
        order: None,
        key: form.key(),
        actor: format!("staff/{}", official.id),
        at: ctx.at,
    };
    let (field, said, status) = match codes::pay(&ctx.house, asked).await {
        Ok(receipt) => {
            let said = word!(
                lang,
                shop.was_taken,
                amount = words::won(lang, receipt.amount_won)
            );
            return Ok(shell::redirect_with(
                &ctx,
                &format!("/shop/transfers/{}", receipt.transfer),
                &said,
            ));
        }
        Err(CannotTake::Ledger(LedgerError::Refused(refusal))) => {
            let (field, status) = place(&refusal);
            if status == StatusCode::CONFLICT {
                // What comes next is another request.
                form.set("_key", "");
            }
            (field, words::refusal_at_till(lang, &refusal), status)
        }
        Err(CannotTake::TooManyTries { retry_after_ms }) => {
            let minutes = (retry_after_ms + 59_999) / 60_000;
            let said = word!(lang, shop.too_many_tries, minutes = minutes.to_string());
            ("code", said, StatusCode::TOO_MANY_REQUESTS)
        }
        Err(CannotTake::Ledger(error)) => return Err(error.into()),
        Err(CannotTake::Fault(fault)) => return Err(PageError::inside(fault)),
    };
    form.fail(field, said);
    let mut response: Response = super::show(&ctx, &official, &shop, form).await?;
    *response.status_mut() = status;
    Ok(response)
}

/// Beside which field a refusal is said, and with which status.
fn place(refusal: &Refusal) -> (&'static str, StatusCode) {
    match refusal {
        Refusal::UnknownCode | Refusal::CodeEnded | Refusal::CodeUsed => {
            ("code", StatusCode::UNPROCESSABLE_ENTITY)
        }
        Refusal::KeyReused | Refusal::BadKey => ("", StatusCode::CONFLICT),
        Refusal::Busy { .. } => ("", StatusCode::SERVICE_UNAVAILABLE),
        Refusal::MerchantNotAccepting | Refusal::UnknownMerchant => ("", StatusCode::UNPROCESSABLE_ENTITY),
        _ => ("amount", StatusCode::UNPROCESSABLE_ENTITY),
    }
}

/// The digits of a code as people type and scanners read them: blanks and hyphens are nothing.
fn read_code(typed: &str) -> Option<String> {
    let digits: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect();
    (digits.len() == people::CODE_DIGITS && digits.bytes().all(|c| c.is_ascii_digit())).then_some(digits)
}

/// The form.
pub(super) fn form_view(ctx: &Ctx, form: &Form) -> AnyView {
    let lang = ctx.lang;
    view! {
        <section class="section" aria-labelledby="take">
            <div class="section-head"><h2 id="take">{word!(lang, shop.take)}</h2></div>
            <form class="form" method="post" action="/shop" novalidate=true>
                {form.hidden(ctx)}
                {form.summary(ctx)}
                {form.field(ctx, Field {
                    name: "code",
                    label: word!(lang, shop.customer_code),
                    hint: Some(word!(lang, shop.customer_code_hint)),
                    inputmode: "numeric",
                    autocomplete: "off",
                    class: "input-code",
                    ..Field::default()
                })}
                {form.field(ctx, Field {
                    name: "amount",
                    label: word!(lang, shop.take_amount),
                    inputmode: "numeric",
                    autocomplete: "off",
                    unit: Some(word!(lang, common.won)),
                    ..Field::default()
                })}
                <div class="form-actions"><button class="button button-primary" type="submit">{word!(lang, shop.do_take)}</button></div>
            </form>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for typed in ["123456789012", " 1234 5678 9012 ", "1234-5678-9012"] {
            assert_eq!(read_code(typed).as_deref(), Some("123456789012"), "{typed}");
        }
        for typed in [
            "",
            "12345678901",
            "1234567890123",
            "12345678901x",
            "１２３４５６７８９０１２",
        ] {
            assert_eq!(read_code(typed), None, "{typed}");
        }
    }
}
