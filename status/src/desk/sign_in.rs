//! `/desk/sign-in` and out again.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Extension, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use leptos::prelude::*;

use super::{
    Desk, Origin, cookie_name,
    fields::{Field, Shown},
    form::{Errors, Typed},
    onward, page, refused, store_away,
};
use crate::{
    http::{chosen_lang, cookie},
    operators::{self, Deed},
    pages::{Head, Reader, render},
    site::Site,
    words::{Lang, Times, word},
};

/// Ties the form to the browser that asked for it, before there is a session.
fn form_cookie(site: &Site) -> &'static str {
    if site.house.is_https() {
        "__Host-neul_desk_form"
    } else {
        "neul_desk_form"
    }
}

fn sign_in_page(site: &Site, lang: Lang, typed: &Typed, errors: &Errors, nonce: &str) -> String {
    let reader = Reader::live(lang, &site.house, (site.clock)());
    let title = word!(lang, desk.sign_in);
    let head = Head {
        title: errors.title(lang, title.clone()),
        about: word!(lang, desk.sign_in_about),
        path: "/desk/sign-in".to_owned(),
        public: false,
        operator: None,
    };
    let token = site.keys.sign("sign-in", nonce);
    let shown = Shown { lang, typed, errors };
    render(reader, head, || {
        view! {
            <div class="desk-door">
                <h1>{title}</h1>
                <p class="lead">{word!(lang, desk.sign_in_about)}</p>
                {shown.summary()}
                <form class="form" method="post" action=reader.href("/desk/sign-in") novalidate=true>
                    <input type="hidden" name="token" value=token/>
                    {shown.line(&Field::new("login", word!(lang, desk.login)), "text", "username")}
                    {shown.line(&Field::new("password", word!(lang, desk.password)), "password", "current-password")}
                    <div class="form-actions">
                        <button class="button button-primary" type="submit">{word!(lang, desk.sign_in)}</button>
                    </div>
                </form>
            </div>
        }
    })
}

fn nonce<'a>(site: &Site, headers: &'a HeaderMap) -> Option<&'a str> {
    cookie(headers, form_cookie(site))
        .filter(|value| value.len() == 32 && value.chars().all(|c| c.is_ascii_hexdigit()))
}

fn set_cookie(response: &mut Response, site: &Site, name: &str, value: &str, life: &str) {
    let secure = if site.house.is_https() { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{life}{secure}");
    if let Ok(text) = HeaderValue::from_str(&text) {
        response.headers_mut().append(header::SET_COOKIE, text);
    }
}

fn answer(
    site: &Site,
    lang: Lang,
    headers: &HeaderMap,
    typed: &Typed,
    errors: &Errors,
    status: StatusCode,
) -> Response {
    if let Some(nonce) = nonce(site, headers) {
        return page(site, lang, status, sign_in_page(site, lang, typed, errors, nonce));
    }
    let nonce = hex::encode(rand::random::<[u8; 16]>());
    let mut response = page(
        site,
        lang,
        status,
        sign_in_page(site, lang, typed, errors, &nonce),
    );
    set_cookie(&mut response, site, form_cookie(site), &nonce, "");
    response
}

/// The form.
pub(super) async fn show(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    let lang = chosen_lang(&uri, &headers);
    answer(
        &site,
        lang,
        &headers,
        &Typed::default(),
        &Errors::default(),
        StatusCode::OK,
    )
}

/// Signs in. A wrong login and a wrong password are the same answer after the same work.
pub(super) async fn submit(
    State(site): State<Arc<Site>>,
    Extension(Origin(from)): Extension<Origin>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let lang = chosen_lang(&uri, &headers);
    let typed = Typed::read(&body);
    let ours =
        nonce(&site, &headers).is_some_and(|nonce| site.keys.verify("sign-in", nonce, typed.get("token")));
    if !ours {
        return refused(&site, lang, StatusCode::FORBIDDEN, word!(lang, desk.old_form));
    }
    let at = (site.clock)();
    let (login, password) = (typed.get("login"), typed.get("password"));
    let mut errors = Errors::default();
    for (name, value) in [("login", login), ("password", password)] {
        if value.is_empty() {
            errors.put(name, word!(lang, desk.missing));
        }
    }
    if !errors.is_empty() {
        return answer(
            &site,
            lang,
            &headers,
            &typed,
            &errors,
            StatusCode::UNPROCESSABLE_ENTITY,
        );
    }
    if let Some(wait) = site.throttle.wait_ms(login, &from, at) {
        errors.put(
            "login",
            word!(lang, desk.too_many, time = Times::length(lang, wait.max(1000))),
        );
        let mut response = answer(
            &site,
            lang,
            &headers,
            &typed,
            &errors,
            StatusCode::TOO_MANY_REQUESTS,
        );
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(wait / 1000 + 1));
        return response;
    }
    // Counted before the work, so that many at once count too.
    site.throttle.failed(login, &from, at);
    let operator = match operators::check(&site.db, login, password).await {
        Ok(operator) => operator,
        Err(error) => return store_away(&site, lang, &error),
    };
    let Some(operator) = operator else {
        tracing::warn!(from, "a sign-in to the desk failed");
        errors.put("login", word!(lang, desk.wrong));
        return answer(
            &site,
            lang,
            &headers,
            &typed,
            &errors,
            StatusCode::UNPROCESSABLE_ENTITY,
        );
    };
    let deed = Deed {
        operator: login,
        action: "session.begin",
        origin: &from,
    };
    // A browser never has two sessions: the one it came with ends.
    let came_with = cookie(&headers, cookie_name(&site)).unwrap_or_default();
    let ended = match operators::find(&site.db, &site.keys, came_with, at).await {
        Ok(Some(old)) => {
            let deed = Deed {
                action: "session.end",
                ..deed
            };
            operators::end(&site.db, &old, deed, at).await
        }
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    if let Err(error) = ended {
        return store_away(&site, lang, &error);
    }
    match operators::begin(&site.db, &site.keys, operator, deed, at).await {
        Ok(value) => {
            site.throttle.forget(login, &from);
            let reader = Reader::live(lang, &site.house, at);
            let mut response = onward(&reader.href("/desk"));
            set_cookie(
                &mut response,
                &site,
                cookie_name(&site),
                &value,
                "; Max-Age=604800",
            );
            set_cookie(&mut response, &site, form_cookie(&site), "", "; Max-Age=0");
            response
        }
        Err(error) => store_away(&site, lang, &error),
    }
}

/// Signs out.
pub(super) async fn leave(desk: Desk, body: Bytes) -> Response {
    let typed = Typed::read(&body);
    if !desk.session.owns(&desk.site.keys, typed.get("token")) {
        return refused(
            &desk.site,
            desk.lang,
            StatusCode::FORBIDDEN,
            word!(desk.lang, desk.old_form),
        );
    }
    if let Err(error) = operators::end(&desk.site.db, &desk.session, desk.deed("session.end"), desk.at).await
    {
        return store_away(&desk.site, desk.lang, &error);
    }
    let mut response = onward(&desk.reader().href("/desk/sign-in"));
    set_cookie(
        &mut response,
        &desk.site,
        cookie_name(&desk.site),
        "",
        "; Max-Age=0",
    );
    response
}
