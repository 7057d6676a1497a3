//! `/outbox`: the messages that a demo would have sent. Where there is a real gateway, or real people, there
//! is no such page.

use leptos::prelude::*;
use people::masked_phone;

use crate::{
    door::{Answer, Ctx, PageError},
    shell::{self, Page},
    word,
};

/// GET `/outbox`.
pub async fn get(ctx: Ctx) -> Answer {
    let settings = &ctx.house.settings;
    let outbox = settings
        .outbox
        .clone()
        .filter(|_| settings.demo)
        .ok_or(PageError::NotFound)?;
    let messages = outbox.messages();
    let lang = ctx.lang;
    Ok(shell::page(
        &ctx,
        Page::new(word!(lang, outbox.title)).narrow(),
        move || {
            let list = if messages.is_empty() {
                let action = Some(("/signup", word!(lang, outbox.sign_up)));
                shell::empty(
                    "phone",
                    word!(lang, outbox.empty_title),
                    word!(lang, outbox.empty),
                    action,
                )
            } else {
                let messages: Vec<_> = messages
                .into_iter()
                .map(|message| {
                    let to = word!(lang, outbox.to, phone = masked_phone(&message.phone));
                    view! { <li class="card"><p class="soft small num">{to}</p><p class="num">{message.text}</p></li> }
                })
                .collect();
                view! { <ul class="stack">{messages}</ul> }.into_any()
            };
            view! { {shell::page_head(word!(lang, outbox.title), Some(word!(lang, outbox.lead)), ())}{list} }
        },
    ))
}
