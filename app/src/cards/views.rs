//! How `/wallet/card` looks.

use axum::response::Response;
use ledger::{
    Authorisation, Card, CardState, CardWhy as Why, CaseState, Category, Choice, Decision, Fallback,
    HoldState,
};
use leptos::prelude::*;

use crate::{
    door::{Ctx, Field, Form},
    shell::{self, Column, Page, Row, badge, icon, money, table},
    word,
    words::{self, Lang},
};

/// Where there is no card.
pub(super) fn none(ctx: &Ctx) -> Response {
    let lang = ctx.lang;
    shell::page(ctx, Page::new(word!(lang, card.title)).narrow(), move || {
        view! {
            {shell::page_head(word!(lang, card.title), Some(word!(lang, card.lead)), ())}
            {shell::empty("card", word!(lang, card.none_title), word!(lang, card.none), None)}
        }
    })
}

/// The card, the choice, and what was decided.
pub(super) fn show(
    ctx: &Ctx,
    form: Form,
    card: Card,
    all: Vec<Card>,
    choices: Vec<Choice>,
    last: Vec<Authorisation>,
) -> Response {
    let lang = ctx.lang;
    let page = Page::new(word!(lang, card.title))
        .narrow()
        .refused_if(form.is_bad());
    let here = ctx.clone();
    shell::page(ctx, page, move || {
        view! {
            {shell::page_head(word!(lang, card.title), Some(word!(lang, card.lead)), ())}
            <div class="stack stack-l">
                {state(&here, &form, &card)}
                {others(lang, &card, &all)}
                {choice(&here, &form, &card, &choices)}
                {requests(lang, &last)}
            </div>
        }
    })
}

fn state(ctx: &Ctx, form: &Form, card: &Card) -> AnyView {
    let lang = ctx.lang;
    let blocked = card.state == CardState::Blocked;
    let (tone, text) = if blocked {
        ("danger", word!(lang, card.blocked))
    } else {
        ("success", word!(lang, card.active))
    };
    let (verb, label, class) = if blocked {
        ("unblock", word!(lang, card.unblock), "button")
    } else {
        ("block", word!(lang, card.block), "button button-danger")
    };
    let since = card.blocked_at.map(|at| {
        view! { <div><dt>{word!(lang, card.blocked_since)}</dt><dd>{words::when(lang, at)}</dd></div> }
    });
    view! {
        <section class="card" aria-labelledby="card">
            <div class="card-head">
                <h2 class="card-title cluster" id="card">
                    {icon("card", "icon")}<span>{word!(lang, card.name, hint = card.hint.clone())}</span>
                </h2>
                {badge(tone, text)}
            </div>
            <dl class="facts">
                <div><dt>{word!(lang, card.network)}</dt><dd>{card.network.clone()}</dd></div>
                <div><dt>{word!(lang, card.since)}</dt><dd>{words::date(lang, card.created_at)}</dd></div>
                {since}
            </dl>
            <form method="post" action="/wallet/card" class="button-row">
                {form.hidden(ctx)}
                <input type="hidden" name="card" value=card.id.to_string() />
                <button class=class type="submit" name="do" value=verb>{label}</button>
            </form>
        </section>
    }
    .into_any()
}

fn others(lang: Lang, card: &Card, all: &[Card]) -> Option<AnyView> {
    let links: Vec<_> = all
        .iter()
        .filter(|other| other.id != card.id)
        .map(|other| {
            let name = word!(lang, card.name, hint = other.hint.clone());
            view! { <li><a href=format!("/wallet/card?card={}", other.id)>{name}</a></li> }
        })
        .collect();
    (!links.is_empty()).then(|| {
        view! { <nav aria-label=word!(lang, card.other)><ul class="stack stack-s">{links}</ul></nav> }
            .into_any()
    })
}

fn choice(ctx: &Ctx, form: &Form, card: &Card, choices: &[Choice]) -> AnyView {
    let lang = ctx.lang;
    let fields: Vec<_> = Category::ALL
        .into_iter()
        .map(|class| {
            let chosen = choices.iter().find(|choice| choice.class == class);
            let hint =
                chosen.map(|choice| word!(lang, card.chosen_at, date = words::when(lang, choice.chosen_at)));
            form.field(
                ctx,
                Field {
                    name: class.code(),
                    label: words::category(lang, class),
                    hint,
                    inputmode: "numeric",
                    autocomplete: "off",
                    plain: true,
                    unit: Some(word!(lang, common.won)),
                    ..Field::default()
                },
            )
        })
        .collect();
    view! {
        <section class="section" aria-labelledby="choice">
            <div class="section-head"><h2 id="choice">{word!(lang, card.choice)}</h2></div>
            <div class="stack">
                <p>{word!(lang, card.choice_lead)}</p>
                {shell::notice("warning", None, word!(lang, card.choice_means))}
                <p class="soft">{word!(lang, card.choice_when)}</p>
                <form class="form" method="post" action="/wallet/card" novalidate=true>
                    {form.summary(ctx)}
                    {form.hidden(ctx)}
                    <input type="hidden" name="card" value=card.id.to_string() />
                    <fieldset class="fieldset">
                        <legend>{word!(lang, card.limits)}</legend>
                        <p class="hint">{word!(lang, card.limit_hint)}</p>
                        <div class="stack">{fields}</div>
                    </fieldset>
                    <div class="form-actions">
                        <button class="button button-primary" type="submit" name="do" value="choose">
                            {word!(lang, card.save)}
                        </button>
                        <button class="button" type="submit" name="do" value="clear">{word!(lang, card.none_all)}</button>
                    </div>
                </form>
            </div>
        </section>
    }
    .into_any()
}

fn requests(lang: Lang, last: &[Authorisation]) -> AnyView {
    let body = if last.is_empty() {
        view! { <p class="soft">{word!(lang, card.nothing)}</p> }.into_any()
    } else {
        let columns = vec![
            Column::text(word!(lang, card.when)),
            Column::text(word!(lang, card.merchant)),
            Column::number(word!(lang, card.amount)),
            Column::text(word!(lang, card.decided)),
            Column::text(word!(lang, card.became)),
        ];
        let rows = last
            .iter()
            .map(|one| {
                let merchant = one.merchant_name.clone();
                Row::of(view! { <span class="nowrap">{words::when(lang, one.decided_at)}</span> })
                    .and(merchant.unwrap_or_else(|| one.merchant_code.clone()))
                    .and(money(lang, one.amount_won, "money"))
                    .and(decided(lang, one))
                    .and(became(lang, one))
            })
            .collect();
        table("card-requests", word!(lang, card.last), columns, rows)
    };
    view! {
        <section class="section" aria-labelledby="last">
            <div class="section-head"><h2 id="last">{word!(lang, card.last)}</h2></div>
            {body}
        </section>
    }
    .into_any()
}

fn decided(lang: Lang, one: &Authorisation) -> AnyView {
    if one.fallback.is_some() {
        return badge("warning", word!(lang, card.fallback));
    }
    match one.decision {
        Decision::Approve => badge("success", word!(lang, card.approve)),
        Decision::Decline => badge("danger", word!(lang, card.decline)),
        Decision::Fallback => badge("warning", word!(lang, card.fallback)),
    }
}

fn became(lang: Lang, one: &Authorisation) -> AnyView {
    let text = match (&one.fallback, one.hold) {
        (Some(fallback), _) => {
            let amount = words::won(lang, fallback.won);
            if fallback.by_choice {
                word!(lang, card.by_choice, amount = amount)
            } else {
                word!(lang, card.without_choice, amount = amount)
            }
        }
        (None, Some(HoldState::Open)) => word!(lang, card.held),
        (None, Some(HoldState::Captured)) => {
            word!(lang, card.captured, amount = words::won(lang, one.captured_won))
        }
        (None, Some(HoldState::TimedOut)) => word!(lang, card.timed_out),
        (None, Some(HoldState::Released)) => match one.reversed_why.as_deref() {
            Some("late" | "unanswered" | "advice") => word!(lang, card.late),
            _ => word!(lang, card.returned),
        },
        (None, None) => why(lang, one.why),
    };
    let case = one.case.map(|(_, state)| {
        let text = if state == CaseState::Open {
            word!(lang, card.case_open)
        } else {
            word!(lang, card.case_done)
        };
        view! { <br /><span class="soft">{text}</span> }
    });
    view! { <span>{text}{case}</span> }.into_any()
}

fn why(lang: Lang, why: Why) -> String {
    match why {
        Why::Held => word!(lang, card.held),
        Why::UnknownCard => word!(lang, card.unknown_card),
        Why::CardBlocked => word!(lang, card.card_blocked),
        Why::UnknownMerchant => word!(lang, card.unknown_merchant),
        Why::MerchantNotAccepting => word!(lang, card.merchant_not_accepting),
        Why::MerchantBarred => word!(lang, card.merchant_barred),
        Why::NotEnough => word!(lang, card.not_enough),
        Why::BadAmount => word!(lang, card.bad_amount),
        Why::Reversed => word!(lang, card.returned),
        Why::NoChoice | Why::ByChoice => word!(lang, card.no_choice),
        Why::OverChoice => word!(lang, card.over_choice),
        Why::NoList => word!(lang, card.no_list),
    }
}

/// A charge to the bank account as a line of the history: no movement of the wallet, but of its owner's money.
pub fn fallback_line(lang: Lang, fallback: &Fallback) -> AnyView {
    let what = if fallback.by_choice {
        word!(lang, card.history)
    } else {
        word!(lang, card.history_not)
    };
    let meta = format!("{} · {what}", words::time(fallback.at));
    view! {
        <li>
            <a class="entry-row" href="/wallet/card">
                <span class="entry-icon" data-tone="warning">{icon("card", "icon")}</span>
                <span class="entry-text">
                    <span class="entry-title">{fallback.merchant.clone()}</span>
                    <span class="entry-meta">{meta}</span>
                </span>
                <span class="entry-amount">
                    <span class="money">{words::won(lang, fallback.won)}</span>
                    <span class="entry-meta">{word!(lang, card.fallback)}</span>
                </span>
            </a>
        </li>
    }
    .into_any()
}
