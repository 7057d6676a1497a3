//! A phone is proved by a one-time code: asking for it, typing it. Sign-up and recovery share this.
//!
//! Nothing of it stands in an address: the proof's id and what was proved are unguessable texts in the form.

use leptos::prelude::*;
use people::{BeginProofError, ProofError, ProofId, ProvenPhone, Purpose, masked_phone};

use crate::{
    door::{Ctx, Field, Form, PageError},
    shell, word, words,
};

/// Sends a code to the phone of the form and keeps the proof's id in it (`proof`); `false` with a reason at
/// the field where none was sent.
pub(crate) async fn begin(ctx: &Ctx, form: &mut Form, purpose: Purpose) -> Result<bool, PageError> {
    let lang = ctx.lang;
    let phone = form.get("phone").to_owned();
    match ctx
        .house
        .people
        .begin_proof(purpose, &phone, &ctx.client.ip, ctx.at)
        .await
    {
        Ok(ProofId(id)) => {
            form.set("proof", id);
            form.set("code", "");
            return Ok(true);
        }
        Err(BeginProofError::Phone(problem)) => form.fail("phone", words::problem(lang, &problem)),
        Err(BeginProofError::SlowDown { retry_after_ms }) => {
            let minutes = words::seconds(retry_after_ms).saturating_add(59) / 60;
            form.fail("phone", word!(lang, proof.slow, minutes = minutes.to_string()));
        }
        Err(BeginProofError::NotSent) => form.fail("phone", word!(lang, proof.not_sent)),
        Err(BeginProofError::Fault(fault)) => return Err(fault.into()),
    }
    Ok(false)
}

/// Checks the code of the form; what was proved is kept in it (`proven`).
pub(crate) async fn check(ctx: &Ctx, form: &mut Form) -> Result<Option<ProvenPhone>, PageError> {
    let lang = ctx.lang;
    let Some(code) = form.text(ctx, "code", 1, 20) else {
        return Ok(None);
    };
    let proof = ProofId(form.get("proof").to_owned());
    match ctx.house.people.prove(&proof, &code, ctx.at).await {
        Ok(proven) => {
            form.set("proven", proven.0.clone());
            return Ok(Some(proven));
        }
        Err(ProofError::WrongCode { tries_left }) => {
            form.fail("code", word!(lang, proof.wrong, tries = tries_left.to_string()));
        }
        Err(ProofError::Expired) => form.fail("code", word!(lang, proof.expired)),
        Err(ProofError::TooMany) => form.fail("code", word!(lang, proof.too_many)),
        Err(ProofError::Fault(fault)) => return Err(fault.into()),
    }
    Ok(None)
}

/// The field for the phone.
pub(crate) fn phone_field(ctx: &Ctx, form: &Form) -> AnyView {
    form.field(
        ctx,
        Field {
            name: "phone",
            label: word!(ctx.lang, proof.phone),
            hint: Some(word!(ctx.lang, proof.phone_hint)),
            kind: "tel",
            autocomplete: "tel",
            inputmode: "tel",
            ..Field::default()
        },
    )
}

/// The form where the code is typed; `carried` are the fields of earlier steps that go along.
pub(crate) fn code_form(ctx: &Ctx, form: &Form, action: &'static str, carried: &[&'static str]) -> AnyView {
    let lang = ctx.lang;
    let policy = ctx.house.people.policy();
    let phone: String = form.get("phone").chars().filter(char::is_ascii_digit).collect();
    let hint = word!(
        lang,
        proof.code_hint,
        minutes = (policy.code_life_ms / 60_000).to_string(),
        tries = policy.code_tries.to_string()
    );
    let outbox = (ctx.house.settings.demo && ctx.house.settings.outbox.is_some()).then(|| {
        let text = view! {
            {word!(lang, proof.demo)}" "
            <a href="/outbox" target="_blank" rel="noopener">{word!(lang, proof.outbox)}</a>
        };
        shell::notice("info", Some(word!(lang, proof.demo_title)), text)
    });
    view! {
        <p role="status">{word!(lang, proof.sent, phone = masked_phone(&phone))}</p>
        {outbox}
        <form class="form" method="post" action=action novalidate>
            {form.summary(ctx)}
            {form.hidden(ctx)}
            {form.carry(carried)}
            {form.carry(&["proof", "phone"])}
            {form.field(ctx, Field {
                name: "code",
                label: word!(lang, proof.code),
                hint: Some(hint),
                autocomplete: "one-time-code",
                inputmode: "numeric",
                class: "input-code",
                ..Field::default()
            })}
            <div class="form-actions">
                <button class="button button-primary" type="submit">{word!(lang, proof.check)}</button>
                <button class="button" type="submit" name="again" value="1">{word!(lang, proof.again)}</button>
            </div>
        </form>
    }
    .into_any()
}
