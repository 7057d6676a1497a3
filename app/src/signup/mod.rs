//! `/signup`: a resident's login, in three steps that work without a script: consent and phone, the code,
//! then the person. Each step's page is the answer to the step before, so what was entered lives in the form
//! alone, never in an address; whoever opens a later step first is led to the first.
//!
//! Knowing a name, a birth date and a number takes nobody's money: the phone is proved before (DESIGN 13).

mod views;

use axum::http::StatusCode;
use people::{Fault, Field, Problem, ProvenPhone, Purpose, Reason, SignInProblem, SignUp, SignUpError};

use crate::{
    door::{Answer, Ctx, Form, PageError, Posted},
    shell,
    signin::{self, proof},
    word, words,
};

/// GET `/signup`: the first step.
pub async fn get(ctx: Ctx) -> Answer {
    if let Some(session) = &ctx.session {
        return Ok(shell::redirect(&ctx, signin::home_of(&session.who)));
    }
    Ok(views::start(&ctx, Form::new()))
}

/// GET of a later step: to the first.
pub async fn get_later(ctx: Ctx) -> Answer {
    Ok(shell::redirect(&ctx, "/signup"))
}

/// POST `/signup`: consents and phone; a code is sent.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    if !form.ticked("terms") {
        form.fail("terms", word!(ctx.lang, signup.need_terms));
    }
    if !form.ticked("privacy") {
        form.fail("privacy", word!(ctx.lang, signup.need_privacy));
    }
    if form.is_bad() || !proof::begin(&ctx, &mut form, Purpose::SignUp).await? {
        return Ok(views::start(&ctx, form));
    }
    Ok(views::code(&ctx, form))
}

/// POST `/signup/code`: the code, or a new one.
pub async fn post_code(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    if form.get("proof").is_empty() {
        return get_later(ctx).await;
    }
    if form.is_bad() {
        return Ok(views::code(&ctx, form));
    }
    if form.ticked("again") {
        let sent = proof::begin(&ctx, &mut form, Purpose::SignUp).await?;
        return Ok(if sent {
            views::code(&ctx, form)
        } else {
            views::start(&ctx, form)
        });
    }
    match proof::check(&ctx, &mut form).await? {
        Some(_) => Ok(views::details(&ctx, form, None)),
        None => Ok(views::code(&ctx, form)),
    }
}

/// The field of the form that is meant.
fn field_name(field: Field) -> &'static str {
    match field {
        Field::Name => "name",
        Field::Birth => "birth",
        Field::LoginId => "login_id",
        Field::Password => "password",
        Field::Municipality => "municipality",
        _ => "",
    }
}

fn fail_all(ctx: &Ctx, form: &mut Form, problems: &[Problem]) {
    for problem in problems {
        form.fail(field_name(problem.field), words::problem(ctx.lang, problem));
    }
}

/// What the form says, or `None` with all reasons at the fields.
fn read(ctx: &Ctx, form: &mut Form) -> Option<SignUp> {
    let login_id = form.get("login_id").to_owned();
    let password = form.get("password").to_owned();
    let name = form.get("name").to_owned();
    let birth = form.date(ctx, "birth");
    let wished = form.get("municipality").parse::<i64>().unwrap_or_default();
    let open = ctx
        .house
        .municipalities
        .borrow()
        .iter()
        .any(|known| known.code == wished);
    // What is no open place is none: the room says so, with all else that is wrong.
    let municipality = if open { wished } else { 0 };
    if let Some(birth) = birth {
        return Some(SignUp {
            login_id,
            password,
            name,
            birth,
            proven: ProvenPhone(form.get("proven").to_owned()),
            municipality,
            consent_terms: form.ticked("terms"),
            consent_privacy: form.ticked("privacy"),
        });
    }
    // Without a birth date the room cannot be asked; what can be said is said at the same time.
    let problems = [
        (!open).then_some(Problem::new(Field::Municipality, Reason::Missing)),
        people::normal_login_id(&login_id).err(),
        people::check_password(&password, &login_id, &name, None).err(),
    ];
    fail_all(ctx, form, &problems.into_iter().flatten().collect::<Vec<_>>());
    None
}

/// POST `/signup/details`: the person; done, signed in, and told what was waiting.
pub async fn post_details(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    if form.get("proven").is_empty() {
        return get_later(ctx).await;
    }
    let wished = read(&ctx, &mut form);
    let Some(wished) = wished.filter(|_| !form.is_bad()) else {
        return Ok(views::details(&ctx, form, None));
    };
    let people = &ctx.house.people;
    let password = wished.password.clone();
    let login = match people.sign_up(wished, &ctx.client.ip, ctx.at).await {
        Ok(login) => login,
        Err(SignUpError::Refused(problems)) => {
            fail_all(&ctx, &mut form, &problems);
            return Ok(views::details(&ctx, form, None));
        }
        Err(SignUpError::AlreadyHere { login_id }) => return Ok(views::details(&ctx, form, Some(login_id))),
        Err(SignUpError::Fault(Fault::Busy { .. })) => {
            form.fail("", word!(ctx.lang, refusal.busy, seconds = "1"));
            let mut response = views::details(&ctx, form, None);
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            return Ok(response);
        }
        Err(SignUpError::Fault(fault)) => return Err(fault.into()),
    };
    let mut waited_won = 0;
    for (municipality, holder) in &login.claimed {
        waited_won += ctx
            .house
            .ledger
            .wallet(*municipality, *holder, ctx.at)
            .await?
            .total_won;
    }
    let welcome = match waited_won {
        0 => word!(ctx.lang, signup.welcome),
        won => word!(ctx.lang, signup.welcome_money, amount = words::won(ctx.lang, won)),
    };
    match people
        .sign_in(&login.login_id, &password, &ctx.client, ctx.at)
        .await
    {
        Ok(signed_in) => {
            signin::enter(&ctx, &signed_in, shell::redirect_with(&ctx, "/wallet", &welcome)).await
        }
        // The login stands; it is only the door that is crowded.
        Err(SignInProblem::Wrong | SignInProblem::SlowDown { .. }) => {
            Ok(shell::redirect_with(&ctx, "/login", &welcome))
        }
        Err(SignInProblem::Fault(fault)) => Err(PageError::from(fault)),
    }
}
