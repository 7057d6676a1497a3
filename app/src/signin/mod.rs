//! `/login`: one form for residents, officials and merchants; `/logout`. And the proof of a phone by a
//! one-time code, which sign-up and recovery share.

mod ended;
pub(crate) mod proof;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use leptos::prelude::*;
use people::{SignInProblem, SignedIn, Who};
use tokio::sync::Semaphore;

use crate::{
    calm,
    door::{Answer, Ctx, Field, Form, PageError, Posted, set_cookie},
    shell::{self, Page},
    word, words,
};

/// Where somebody begins after signing in.
pub(crate) fn home_of(who: &Who) -> &'static str {
    match who {
        Who::Resident { .. } => "/wallet",
        Who::Staff {
            merchant: Some(_), ..
        } => "/shop",
        Who::Staff { roles, .. } if !roles.has_any(crate::access::ANY_OFFICIAL) => "/admin/municipalities",
        Who::Staff { .. } => "/admin",
    }
}

/// Where to go on: the page that was asked for, if it is one of ours and one that this person may see.
pub(crate) fn onward(next: &str, who: &Who) -> String {
    let local = next.starts_with('/') && !next.starts_with("//") && !next.starts_with("/\\");
    let under = |place: &str| {
        next == place || next.starts_with(&format!("{place}/")) || next.starts_with(&format!("{place}?"))
    };
    let theirs = match who {
        Who::Resident { .. } => !under("/admin") && !under("/shop"),
        Who::Staff { .. } => !under("/wallet"),
    };
    let loops = under("/login") || under("/logout") || under("/signup") || under("/recover") || next == "/";
    if local && theirs && !loops {
        next.to_owned()
    } else {
        home_of(who).to_owned()
    }
}

/// Puts a new session into the browser. The one it came with is ended, so that a browser never has two.
pub(crate) async fn enter(ctx: &Ctx, signed_in: &SignedIn, mut response: axum::response::Response) -> Answer {
    if let Some(old) = &ctx.session {
        ctx.house.people.replace(old, ctx.at).await?;
    }
    let policy = ctx.house.people.policy();
    let life_ms = match signed_in.session.who {
        Who::Resident { .. } => policy.resident_session_ms,
        Who::Staff { .. } => policy.staff_session_ms,
    };
    let cookie = set_cookie(
        &ctx.house.settings,
        "neul",
        &signed_in.cookie_value,
        life_ms / 1000,
    );
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// GET `/login`.
pub async fn get(ctx: Ctx) -> Answer {
    let asked = ctx.asked();
    if let Some(session) = &ctx.session {
        return Ok(shell::redirect(&ctx, &onward(asked.get("next"), &session.who)));
    }
    let mut form = Form::new();
    form.set("next", asked.get("next"));
    let ended = ended::notice(&ctx).await?;
    Ok(page_with(&ctx, form, StatusCode::OK, ended))
}

/// POST `/login`. Whatever is wrong, the answer is the same; nobody learns whether a login id exists.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let login_id = form.text(&ctx, "login_id", 1, 64);
    let password = form.get("password").to_owned();
    if password.is_empty() {
        form.fail("password", word!(ctx.lang, errors.empty));
    }
    let Some(login_id) = login_id.filter(|_| !form.is_bad()) else {
        return Ok(page(&ctx, form, StatusCode::UNPROCESSABLE_ENTITY));
    };
    match ctx
        .house
        .people
        .sign_in(&login_id, &password, &ctx.client, ctx.at)
        .await
    {
        Ok(signed_in) => {
            let to = onward(form.get("next"), &signed_in.session.who);
            enter(&ctx, &signed_in, shell::redirect(&ctx, &to)).await
        }
        Err(SignInProblem::Wrong) => {
            // Never what was typed: people type the password into the wrong field.
            tracing::warn!(ip = ctx.client.ip.as_str(), "a sign-in failed");
            form.fail("", word!(ctx.lang, signin.wrong));
            Ok(page(&ctx, form, StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(SignInProblem::SlowDown { retry_after_ms }) => {
            tracing::warn!(ip = ctx.client.ip.as_str(), "sign-ins are slowed down");
            let seconds = words::seconds(retry_after_ms);
            form.fail("", word!(ctx.lang, signin.slow, seconds = seconds.to_string()));
            let mut response = page(&ctx, form, StatusCode::TOO_MANY_REQUESTS);
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            Ok(response)
        }
        Err(SignInProblem::Fault(fault)) => Err(fault.into()),
    }
}

/// POST `/logout`.
pub async fn post_logout(posted: Posted) -> Answer {
    let Posted { ctx, form } = posted;
    let mut said = word!(ctx.lang, signin.bye);
    if let Some(session) = &ctx.session {
        if form.is_bad() {
            return Err(PageError::Foreign);
        }
        ctx.house.calm.forget(session.id);
        let ended = tokio::time::timeout(calm::ASK_MAX, ctx.house.people.sign_out(session, ctx.at)).await;
        match ended {
            Ok(Ok(())) => {}
            // Nobody is kept signed in on a device that they are leaving: the cookie goes at once, the row when it can.
            Ok(Err(people::Fault::Away(_))) | Err(_) => {
                end_later(&ctx, session.clone());
                said = word!(ctx.lang, calm.signed_out);
            }
            Ok(Err(fault)) => return Err(fault.into()),
        }
    }
    let mut response = shell::redirect_with(&ctx, "/", &said);
    response
        .headers_mut()
        .append(header::SET_COOKIE, set_cookie(&ctx.house.settings, "neul", "", 0));
    // What this device shows without a network goes with the sign-in that chose it.
    response.headers_mut().insert(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"storage\""),
    );
    Ok(response)
}

/// Sessions that wait for the store to be ended; more than these are left to run out.
static ENDING: Semaphore = Semaphore::const_new(1_000);

/// Ends a session once the store can be written to again; a restart before that leaves it to its time, with a cookie
/// that no browser has any more.
fn end_later(ctx: &Ctx, session: people::Session) {
    let Ok(place) = ENDING.try_acquire() else {
        return;
    };
    let (house, at) = (ctx.house.clone(), ctx.at);
    tokio::spawn(async move {
        let _place = place;
        let mut seen = house.ledger.store().pulse().watch();
        while house.people.sign_out(&session, at).await.is_err() {
            let well = |seen: &store::Seen| seen.condition == store::Condition::Well;
            if seen.wait_for(well).await.is_err() {
                return;
            }
            tokio::time::sleep(END_PAUSE).await;
        }
    });
}

/// Between two tries to end a session whose browser is gone.
const END_PAUSE: std::time::Duration = std::time::Duration::from_secs(5);

fn page(ctx: &Ctx, form: Form, status: StatusCode) -> axum::response::Response {
    page_with(ctx, form, status, None)
}

/// The form, below what is to be said first.
fn page_with(
    ctx: &Ctx,
    form: Form,
    status: StatusCode,
    said: Option<ended::Said>,
) -> axum::response::Response {
    let lang = ctx.lang;
    let mut page = Page::new(word!(lang, signin.title));
    page.status = status;
    let here = ctx.clone();
    shell::page(ctx, page, move || {
        let demo = here.house.settings.demo.then(|| {
            shell::notice(
                "info",
                Some(word!(lang, signin.demo_title)),
                word!(lang, signin.demo),
            )
        });
        view! {
            <div class="login">
                {said.map(|said| shell::notice(said.tone, Some(said.title), said.text))}
                <div class="login-card">
                    <div class="login-head">
                        <h1>{word!(lang, signin.title)}</h1>
                        <p class="soft">{word!(lang, signin.lead)}</p>
                    </div>
                    <form class="form" method="post" action="/login" novalidate>
                        {form.summary(&here)}
                        {form.hidden(&here)}
                        <input type="hidden" name="next" value=form.get("next").to_owned() />
                        {form.field(&here, Field {
                            name: "login_id",
                            label: word!(lang, signin.login_id),
                            autocomplete: "username",
                            ..Field::default()
                        })}
                        {form.field(&here, Field {
                            name: "password",
                            label: word!(lang, signin.password),
                            kind: "password",
                            autocomplete: "current-password",
                            ..Field::default()
                        })}
                        <button class="button button-primary button-l button-block" type="submit">
                            {word!(lang, signin.submit)}
                        </button>
                    </form>
                </div>
                <nav class="login-links" aria-label=word!(lang, signin.help)>
                    <a href="/signup">{word!(lang, signin.sign_up)}</a>
                    <a href="/recover">{word!(lang, signin.recover)}</a>
                </nav>
                {demo}
            </div>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resident() -> Who {
        Who::Resident {
            login: 1,
            login_id: "citizen".into(),
            name: "김하늘".into(),
            holders: Vec::new(),
        }
    }

    #[test]
    fn one_goes_on_to_the_page_that_was_asked_for_and_never_elsewhere() {
        assert_eq!(
            onward("/wallet/history?kind=pay", &resident()),
            "/wallet/history?kind=pay"
        );
        for next in [
            "",
            "/",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/login?next=/login",
            "/admin/payouts",
        ] {
            assert_eq!(onward(next, &resident()), "/wallet", "{next}");
        }
        assert_eq!(onward("/administration", &resident()), "/administration");
    }
}
