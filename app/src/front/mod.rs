//! `/`: the front door, with the state of the service.

use leptos::prelude::*;
use people::Who;

use crate::{
    door::{Answer, Ctx},
    shell::{self, Page},
    word, words,
};

/// GET `/`.
pub async fn get(ctx: Ctx) -> Answer {
    let lang = ctx.lang;
    let page = Page::new(word!(lang, front.title));
    let ways = match ctx.session.as_ref().map(|session| &session.who) {
        Some(Who::Resident { .. }) => vec![("/wallet", word!(lang, front.wallet))],
        Some(Who::Staff {
            merchant: Some(_), ..
        }) => vec![("/shop", word!(lang, nav.shop))],
        Some(Who::Staff { .. }) => vec![("/admin", word!(lang, front.desk))],
        None => vec![
            ("/login", word!(lang, front.sign_in)),
            ("/signup", word!(lang, front.sign_up)),
        ],
    };
    let ways: Vec<_> = ways
        .into_iter()
        .enumerate()
        .map(|(index, (href, label))| {
            let class = if index == 0 {
                "button button-l button-primary"
            } else {
                "button button-l"
            };
            view! { <a class=class href=href>{label}</a> }
        })
        .collect();
    let now = ctx.house.status.borrow().clone();
    let (state, tone, mark) = match (now.reached, now.open.is_empty() && now.indicator == "none") {
        (false, _) => (word!(lang, front.unknown), "warning", "warning"),
        (true, true) => (word!(lang, front.all_well), "success", "check"),
        (true, false) => (word!(lang, front.trouble), "danger", "error"),
    };
    let asked = (now.asked_at > 0).then(|| word!(lang, front.asked, time = words::time(now.asked_at)));
    Ok(shell::page(&ctx, page, move || {
        view! {
            <section class="stack">
                <h1>{word!(lang, front.headline)}</h1>
                <p class="lead">{word!(lang, front.lead)}</p>
                <p class="button-row">{ways}</p>
            </section>
            <section class="section" aria-labelledby="state">
                <h2 id="state" class="section-head">{word!(lang, front.state)}</h2>
                <div class="notice" data-tone=tone>
                    {shell::icon(mark, "icon")}
                    <p class="notice-title">{state}</p>
                    <p>{asked}" "<a href="/incidents">{word!(lang, front.more)}</a></p>
                </div>
            </section>
            <section class="section" aria-labelledby="money">
                <h2 id="money" class="section-head">{word!(lang, front.money)}</h2>
                <ul class="grid">
                    <li class="card">{word!(lang, front.money_1)}</li>
                    <li class="card">{word!(lang, front.money_2)}</li>
                    <li class="card">{word!(lang, front.money_3)}</li>
                </ul>
            </section>
        }
    }))
}
