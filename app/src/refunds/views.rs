//! The pages of refunds.

use axum::response::Response;
use ledger::{Refusal, Remittance, RemittanceState};
use leptos::prelude::*;
use people::BankAccount;

use super::{Offer, Place, account};
use crate::{
    door::{Choice, Ctx, Form},
    shell::{self, Page, badge, money},
    wallet::municipality_name,
    word,
    words::{self, Lang},
};

fn fact(label: String, value: impl IntoView + 'static) -> AnyView {
    view! { <div><dt>{label}</dt><dd>{value}</dd></div> }.into_any()
}

fn account_text(lang: Lang, account: &BankAccount) -> String {
    word!(
        lang,
        refunds.account_is,
        bank = words::bank(lang, &account.bank),
        number = account.masked()
    )
}

/// What waits, what can be refunded, what cannot yet, and what was paid out.
pub(super) fn choose(ctx: &Ctx, form: Form, places: Vec<Place>) -> Response {
    let lang = ctx.lang;
    let page = Page::new(word!(lang, refunds.title))
        .narrow()
        .refused_if(form.is_bad());
    let here = ctx.clone();
    shell::page(ctx, page, move || {
        let several = places.len() > 1;
        let accounts: Vec<_> = places.iter().map(|place| account_card(&here, place, several)).collect();
        let sent: Vec<_> = places.iter().flat_map(|place| &place.sent).map(|one| paid_out(lang, one)).collect();
        let history = (!sent.is_empty()).then(|| {
            view! {
                <section class="section" aria-labelledby="history">
                    <h2 id="history">{word!(lang, refunds.history)}</h2>
                    <ul class="stack stack-s">{sent}</ul>
                </section>
            }
        });
        view! {
            {shell::page_head(word!(lang, refunds.title), Some(word!(lang, refunds.lead)), ())}
            <div class="stack stack-l">
                {form.summary(&here)}
                {accounts}
                {offers(&here, &form, &places)}
                {shell::notice("info", Some(word!(lang, refunds.rule_title)), word!(lang, refunds.rule))}
                {history}
            </div>
        }
    })
}

/// The account of one municipality, and what waits to be paid to it.
fn account_card(ctx: &Ctx, place: &Place, several: bool) -> AnyView {
    let lang = ctx.lang;
    let name = several.then(|| view! { <h2>{municipality_name(ctx, place.municipality)}</h2> });
    let href = account::address(place.municipality);
    let account = match &place.account {
        Some(account) => view! {
            <dl class="facts">
                {fact(word!(lang, refunds.account), view! { <span class="num">{account_text(lang, account)}</span> })}
            </dl>
            <p><a class="button button-s" href=href>{word!(lang, refunds.change_account)}</a></p>
        }
        .into_any(),
        None => view! {
            <p class="strong">{word!(lang, refunds.no_account)}</p>
            <p class="soft">{word!(lang, refunds.no_account_text)}</p>
            <p><a class="button button-primary" href=href>{word!(lang, refunds.add_account)}</a></p>
        }
        .into_any(),
    };
    let waiting = (place.refundable_won > 0).then(|| {
        let pay_out = place.account.is_some().then(|| {
            view! {
                <form method="post" action="/wallet/refund">
                    {Form::new().hidden(ctx)}
                    <input type="hidden" name="m" value=place.municipality.to_string() />
                    <button class="button button-primary" type="submit" name="step" value="pay_out">
                        {word!(lang, refunds.pay_out)}
                    </button>
                </form>
            }
        });
        view! {
            <p class="soft small">{word!(lang, refunds.waiting)}</p>
            <p>{money(lang, place.refundable_won, "money money-l")}</p>
            <p class="soft small">{word!(lang, refunds.waiting_text)}</p>
            {pay_out}
        }
    });
    view! { <section class="card stack stack-s" aria-label=word!(lang, refunds.account)>{name}{waiting}{account}</section> }
        .into_any()
}

fn title(lang: Lang, offer: &Offer) -> String {
    let text = word!(
        lang,
        refunds.lot,
        date = words::date(lang, offer.bought_at),
        value = words::won(lang, offer.quote.value_won)
    );
    format!("{} · {text}", words::named(lang, &offer.name.0, &offer.name.1))
}

fn offers(ctx: &Ctx, form: &Form, places: &[Place]) -> AnyView {
    let lang = ctx.lang;
    let all = || places.iter().flat_map(|place| &place.offers);
    if all().next().is_none() {
        return shell::empty(
            "undo",
            word!(lang, refunds.none_title),
            word!(lang, refunds.none),
            Some(("/wallet", word!(lang, refunds.wallet))),
        );
    }
    let choices: Vec<Choice> = all()
        .filter(|offer| offer.quote.refusal.is_none())
        .map(|offer| {
            let quote = &offer.quote;
            let (left, back) = (words::won(lang, quote.left_won), words::won(lang, quote.back_won));
            let hint = if quote.discount_won > 0 {
                let discount = words::won(lang, quote.discount_won);
                word!(lang, refunds.lot_hint_off, left = left, discount = discount, back = back)
            } else {
                word!(lang, refunds.lot_hint, left = left, back = back)
            };
            Choice {
                value: quote.lot.to_string(),
                label: title(lang, offer),
                hint,
            }
        })
        .collect();
    let choose = (!choices.is_empty()).then(|| {
        view! {
            <form class="form" method="post" action="/wallet/refund" novalidate>
                {form.hidden(ctx)}
                {form.radios("lot", word!(lang, refunds.choose), choices)}
                <div class="form-actions">
                    <button class="button button-primary" type="submit" name="step" value="review">{word!(lang, refunds.next)}</button>
                </div>
            </form>
        }
    });
    let not_yet: Vec<_> = all()
        .filter_map(|offer| Some((offer, offer.quote.refusal.as_ref()?)))
        .map(|(offer, refusal)| {
            let why = match refusal {
                Refusal::RefundTooEarly {
                    spent_won,
                    needed_won,
                } => word!(
                    lang,
                    refunds.not_yet_why,
                    needed = words::won(lang, *needed_won),
                    spent = words::won(lang, *spent_won),
                    more = words::won(lang, needed_won - spent_won)
                ),
                other => words::refusal(lang, other),
            };
            view! { <li class="card"><p class="strong">{title(lang, offer)}</p><p class="soft">{why}</p></li> }
        })
        .collect();
    let not_yet = (!not_yet.is_empty()).then(|| {
        view! {
            <section class="section" aria-labelledby="not-yet">
                <h2 id="not-yet">{word!(lang, refunds.not_yet)}</h2>
                <ul class="stack stack-s">{not_yet}</ul>
            </section>
        }
    });
    view! { {choose}{not_yet} }.into_any()
}

fn paid_out(lang: Lang, sent: &Remittance) -> AnyView {
    let state = match sent.state {
        RemittanceState::Pending => badge("info", word!(lang, refunds.state_pending)),
        RemittanceState::Confirmed => badge("success", word!(lang, refunds.state_confirmed)),
        RemittanceState::Failed => badge("danger", word!(lang, refunds.state_failed)),
        RemittanceState::Unknown => badge("warning", word!(lang, refunds.state_unknown)),
    };
    let date = word!(lang, refunds.remitted, date = words::date(lang, sent.created_at));
    view! {
        <li class="card stack stack-s">
            <p class="cluster">{money(lang, sent.amount_won, "money")}" "{state}</p>
            <p class="soft small">{date}</p>
        </li>
    }
    .into_any()
}

/// Checking before it is asked for.
pub(super) fn review(ctx: &Ctx, form: Form, offer: Offer, account: BankAccount) -> Response {
    let lang = ctx.lang;
    let here = ctx.clone();
    shell::page(ctx, Page::new(word!(lang, refunds.review)).form(), move || {
        let quote = &offer.quote;
        let discount =
            (quote.discount_won > 0).then(|| fact(word!(lang, refunds.discount), money(lang, -quote.discount_won, "money")));
        let confirm = word!(lang, refunds.confirm, amount = words::won(lang, quote.back_won));
        view! {
            {shell::page_head(word!(lang, refunds.review), Some(word!(lang, refunds.review_lead)), ())}
            <form class="form" method="post" action="/wallet/refund">
                {form.hidden(&here)}
                {form.carry(&["lot"])}
                <div class="card stack">
                    <p class="soft small">{word!(lang, refunds.back)}</p>
                    <p>{money(lang, quote.back_won, "money money-xl")}</p>
                    <dl class="facts">
                        {fact(word!(lang, refunds.bought), money(lang, quote.value_won, "money"))}
                        {fact(word!(lang, refunds.spent), money(lang, quote.spent_won, "money"))}
                        {fact(word!(lang, refunds.left), money(lang, quote.left_won, "money"))}
                        {discount}
                        {fact(word!(lang, refunds.account), view! { <span class="num">{account_text(lang, &account)}</span> })}
                    </dl>
                </div>
                <div class="form-actions">
                    <button class="button button-primary" type="submit" name="step" value="confirm">{confirm}</button>
                    <button class="button" type="submit" name="step" value="edit">{word!(lang, refunds.edit)}</button>
                </div>
            </form>
        }
    })
}
