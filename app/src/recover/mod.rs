//! `/recover`: a forgotten login id, or a new password, by the proof of the phone. As at sign-up, each step's
//! page is the answer to the step before.

mod views;

use people::{Fault, ProvenPhone, Purpose, RecoveryError};

use crate::{
    door::{Answer, Ctx, Form, PageError, Posted},
    shell,
    signin::proof,
    word, words,
};

/// GET `/recover`.
pub async fn get(ctx: Ctx) -> Answer {
    let mut form = Form::new();
    form.set("what", "find");
    Ok(views::start(&ctx, form))
}

/// GET of a later step: to the first.
pub async fn get_later(ctx: Ctx) -> Answer {
    Ok(shell::redirect(&ctx, "/recover"))
}

fn purpose(form: &Form) -> Option<Purpose> {
    match form.get("what") {
        "find" => Some(Purpose::FindId),
        "reset" => Some(Purpose::ResetPassword),
        _ => None,
    }
}

/// POST `/recover`: what is needed, and the phone.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let Some(purpose) = purpose(&form) else {
        form.fail("what", word!(ctx.lang, recover.choose));
        return Ok(views::start(&ctx, form));
    };
    if form.is_bad() || !proof::begin(&ctx, &mut form, purpose).await? {
        return Ok(views::start(&ctx, form));
    }
    Ok(views::code(&ctx, form))
}

/// POST `/recover/code`.
pub async fn post_code(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let Some(purpose) = purpose(&form).filter(|_| !form.get("proof").is_empty()) else {
        return get_later(ctx).await;
    };
    if form.is_bad() {
        return Ok(views::code(&ctx, form));
    }
    if form.ticked("again") {
        let sent = proof::begin(&ctx, &mut form, purpose).await?;
        return Ok(if sent {
            views::code(&ctx, form)
        } else {
            views::start(&ctx, form)
        });
    }
    let Some(proven) = proof::check(&ctx, &mut form).await? else {
        return Ok(views::code(&ctx, form));
    };
    let ids = login_ids(&ctx, &proven).await?;
    if let [only] = &ids[..] {
        form.set("login_id", only.clone());
    }
    Ok(match purpose {
        Purpose::ResetPassword if !ids.is_empty() => views::password(&ctx, form, ids),
        _ => views::ids(&ctx, form, ids),
    })
}

/// The login ids of a proved phone; none where the proof has run out.
async fn login_ids(ctx: &Ctx, proven: &ProvenPhone) -> Result<Vec<String>, PageError> {
    match ctx.house.people.find_login_ids(proven, ctx.at).await {
        Ok(ids) => Ok(ids),
        Err(RecoveryError::Fault(fault)) => Err(fault.into()),
        Err(RecoveryError::Refused(_) | RecoveryError::NoMatch) => Ok(Vec::new()),
    }
}

/// POST `/recover/password`.
pub async fn post_password(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    if form.get("proven").is_empty() {
        return get_later(ctx).await;
    }
    let lang = ctx.lang;
    let proven = ProvenPhone(form.get("proven").to_owned());
    let ids = login_ids(&ctx, &proven).await?;
    let birth = form.date(&ctx, "birth");
    let login_id = form.get("login_id").to_owned();
    if !ids.contains(&login_id) {
        form.fail("login_id", word!(lang, errors.choose));
    }
    if ids.is_empty() {
        form.fail("", word!(lang, problems.proof_invalid));
    }
    let Some(birth) = birth.filter(|_| !form.is_bad()) else {
        return Ok(views::password(&ctx, form, ids));
    };
    let people = &ctx.house.people;
    let password = form.get("password").to_owned();
    match people
        .reset_password(&proven, &login_id, birth, &password, &ctx.client.ip, ctx.at)
        .await
    {
        Ok(reset) => {
            let message = match reset.sessions_ended {
                0 => word!(lang, recover.done),
                count => word!(lang, recover.done_ended, count = count.to_string()),
            };
            return Ok(shell::redirect_with(&ctx, "/login", &message));
        }
        Err(RecoveryError::Refused(problem)) => {
            let field = if problem.field == people::Field::Password {
                "password"
            } else {
                ""
            };
            form.fail(field, words::problem(lang, &problem));
        }
        Err(RecoveryError::NoMatch) => form.fail("birth", word!(lang, recover.no_match)),
        Err(RecoveryError::Fault(Fault::Busy { .. })) => {
            form.fail("", word!(lang, refusal.busy, seconds = "1"));
        }
        Err(RecoveryError::Fault(fault)) => return Err(fault.into()),
    }
    Ok(views::password(&ctx, form, ids))
}
