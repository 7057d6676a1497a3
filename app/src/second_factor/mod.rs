//! `/second-factor`: staff show their second factor, or set it up. Nothing else is open to their session before.

mod view;

use axum::http::{HeaderValue, StatusCode, header};
use people::{SecondFactor, SecondFactorError, Session};

use crate::{
    door::{Answer, Ctx, Form, PageError, Posted},
    shell,
    signin::onward,
    word, words,
};

pub(crate) use view::recovery_codes;

/// GET `/second-factor`.
pub async fn get(ctx: Ctx) -> Answer {
    let session = ctx.half_signed_in()?;
    let mut form = Form::new();
    form.set("next", ctx.asked().get("next"));
    show(&ctx, session, form, StatusCode::OK).await
}

/// POST `/second-factor`: a code, of the app or one for recovery.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let session = ctx.half_signed_in()?;
    let code = form.text(&ctx, "code", 1, 40);
    let Some(code) = code.filter(|_| !form.is_bad()) else {
        return show(&ctx, session, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let people = &ctx.house.people;
    let next = onward(form.get("next"), &session.who);
    let refused = match session.second_factor {
        SecondFactor::Shown => return Ok(shell::redirect(&ctx, &next)),
        SecondFactor::Wanted => {
            match people
                .show_second_factor(session, &code, &ctx.client, ctx.at)
                .await
            {
                Ok(None) => return Ok(shell::redirect(&ctx, &next)),
                Ok(Some(left)) => {
                    let said = word!(ctx.lang, second_factor.recovery_used, left = left);
                    return Ok(shell::redirect_with(&ctx, &next, &said));
                }
                Err(refused) => refused,
            }
        }
        SecondFactor::NotSetUp | SecondFactor::NotAsked => {
            match people
                .confirm_second_factor(session, &code, &ctx.client, ctx.at)
                .await
            {
                // Shown once, on this page alone.
                Ok(codes) => return Ok(view::set_up(&ctx, codes, next)),
                Err(refused) => refused,
            }
        }
    };
    let status = say(&ctx, &mut form, refused)?;
    form.set("code", "");
    let mut response = show(&ctx, session, form, status.0).await?;
    if let Some(seconds) = status.1 {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}

/// Says at the field why a code was refused; the status, and when to come again, s.
pub(crate) fn say(
    ctx: &Ctx,
    form: &mut Form,
    refused: SecondFactorError,
) -> Result<(StatusCode, Option<i64>), PageError> {
    let lang = ctx.lang;
    match refused {
        SecondFactorError::Wrong => {
            tracing::warn!(ip = ctx.client.ip.as_str(), "a second factor was wrong");
            form.fail("code", word!(lang, second_factor.wrong));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, None))
        }
        SecondFactorError::SlowDown { retry_after_ms } => {
            let seconds = words::seconds(retry_after_ms);
            let minutes = seconds.saturating_add(59) / 60;
            form.fail("code", word!(lang, second_factor.slow, minutes = minutes));
            Ok((StatusCode::TOO_MANY_REQUESTS, Some(seconds)))
        }
        // Another page of the same person was faster: this one shows how it stands.
        SecondFactorError::OtherState => {
            form.fail("", word!(lang, second_factor.other_state));
            Ok((StatusCode::CONFLICT, None))
        }
        SecondFactorError::Fault(fault) => Err(fault.into()),
    }
}

async fn show(ctx: &Ctx, session: &Session, form: Form, status: StatusCode) -> Answer {
    match session.second_factor {
        SecondFactor::Shown => Ok(shell::redirect(ctx, &onward(form.get("next"), &session.who))),
        SecondFactor::Wanted => Ok(view::ask(ctx, form, status)),
        SecondFactor::NotSetUp | SecondFactor::NotAsked => {
            match ctx.house.people.enrol_second_factor(session, ctx.at).await {
                Ok(enrolment) => Ok(view::enrol(ctx, session, enrolment, form, status)),
                Err(SecondFactorError::Fault(fault)) => Err(fault.into()),
                // Set up a moment ago, in another window: the next look knows.
                Err(_) => Ok(shell::redirect(ctx, "/second-factor")),
            }
        }
    }
}
