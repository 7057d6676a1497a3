//! Language, size of text and look: a small form in the footer, kept in cookies on the device.

use axum::http::header;
use leptos::prelude::*;

use super::{answer::CHOICE_S, redirect};
use crate::{
    door::{Answer, Ctx, Posted, set_cookie},
    word,
    words::Lang,
};

fn options(
    name: &'static str,
    label: String,
    current: &str,
    choices: Vec<(&'static str, String)>,
) -> AnyView {
    let current = current.to_owned();
    let buttons: Vec<_> = choices
        .into_iter()
        .map(|(value, label)| {
            let pressed = if value == current { "true" } else { "false" };
            view! {
                <button class="pref" type="submit" name=name value=value aria-pressed=pressed>{label}</button>
            }
        })
        .collect();
    view! { <div class="prefs" role="group" aria-label=label>{buttons}</div> }.into_any()
}

/// The form.
pub fn view(ctx: &Ctx) -> AnyView {
    let lang = ctx.lang;
    let code = match lang {
        Lang::ko => "ko",
        Lang::en => "en",
    };
    view! {
        <form class="prefs" method="post" action="/settings">
            <input type="hidden" name="_token" value=ctx.form_token() />
            <input type="hidden" name="back" value=ctx.path.clone() />
            {options("lang", word!(lang, common.language), code, vec![("ko", "한국어".into()), ("en", "English".into())])}
            {options("text", word!(lang, common.text_size), &ctx.text, vec![
                ("normal", word!(lang, common.text_normal)),
                ("large", word!(lang, common.text_large)),
                ("larger", word!(lang, common.text_larger)),
            ])}
            {options("look", word!(lang, common.look), &ctx.look, vec![
                ("auto", word!(lang, common.look_auto)),
                ("light", word!(lang, common.look_light)),
                ("dark", word!(lang, common.look_dark)),
                ("high", word!(lang, common.look_high)),
            ])}
        </form>
    }
    .into_any()
}

/// POST `/settings`: keeps the choice and goes back.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, form } = posted;
    // The page one came from may carry a language in its address, which would win over the choice.
    let back = form.get("back").split('?').next().unwrap_or("/").to_owned();
    let query = form.get("back").split_once('?').map_or("", |(_, query)| query);
    let query: Vec<&str> = query
        .split('&')
        .filter(|part| !part.is_empty() && !part.starts_with("lang="))
        .collect();
    let to = if query.is_empty() {
        back
    } else {
        format!("{back}?{}", query.join("&"))
    };
    let mut response = redirect(&ctx, &to);
    for name in ["lang", "text", "look"] {
        let value = form.get(name);
        if !form.is_bad()
            && !value.is_empty()
            && value.len() < 10
            && value.chars().all(|c| c.is_ascii_lowercase())
        {
            let cookie = set_cookie(&ctx.house.settings, &format!("neul_{name}"), value, CHOICE_S);
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    Ok(response)
}
