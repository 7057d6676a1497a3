//! The pages of buying: choosing, and checking before it is asked for.

use axum::response::Response;
use ledger::{Deposit, Programme};
use leptos::prelude::*;

use super::Sale;
use crate::{
    door::{Choice, Ctx, Field, Form},
    shell::{self, Page, money},
    word,
    words::{self, Lang},
};

/// One fact of a list.
pub(super) fn fact(label: String, value: impl IntoView + 'static) -> AnyView {
    view! { <div><dt>{label}</dt><dd>{value}</dd></div> }.into_any()
}

fn choice(lang: Lang, sale: &Sale) -> Choice {
    let programme = &sale.programme;
    let mut about = vec![match programme.discount_bp {
        0 => word!(lang, charge.no_discount),
        discount_bp => word!(lang, charge.discount, percent = words::percent(discount_bp)),
    }];
    if sale.room.most_won() == Some(0) {
        about.push(word!(lang, charge.full));
    }
    let left = |won: i64| words::won(lang, won);
    about.extend(
        sale.room
            .monthly_left_won
            .map(|won| word!(lang, charge.monthly, left = left(won))),
    );
    about.extend(
        sale.room
            .holding_left_won
            .map(|won| word!(lang, charge.holding, left = left(won))),
    );
    // The budget is said where it is what holds back.
    let budget = sale
        .room
        .budget_left_won
        .filter(|won| sale.room.most_won() == Some(*won));
    about.extend(budget.map(|won| word!(lang, charge.budget, left = left(won))));
    Choice {
        value: programme.id.to_string(),
        label: words::named(lang, &programme.name, &programme.name_en).to_owned(),
        hint: about.join(" · "),
    }
}

/// Purchases that wait for their money.
fn waiting_view(lang: Lang, waiting: &[Deposit]) -> Option<AnyView> {
    if waiting.is_empty() {
        return None;
    }
    let lines: Vec<_> = waiting
        .iter()
        .map(|deposit| {
            let (value, price) = (
                words::won(lang, deposit.value_won),
                words::won(lang, deposit.price_won),
            );
            let text = word!(lang, charge.waiting, value = value, price = price);
            view! { <li><a href=format!("/wallet/charge/{}", deposit.id)>{text}</a></li> }
        })
        .collect();
    let view = view! {
        <div class="notice" data-tone="info">
            {shell::icon("clock", "icon")}
            <p class="notice-title">{word!(lang, charge.waiting_title)}</p>
            <ul>{lines}</ul>
        </div>
    };
    Some(view.into_any())
}

/// Choosing what and how much.
pub(super) fn choose(ctx: &Ctx, form: Form, sales: Vec<Sale>, waiting: Vec<Deposit>) -> Response {
    let lang = ctx.lang;
    let page = Page::new(word!(lang, charge.title))
        .narrow()
        .refused_if(form.is_bad());
    let here = ctx.clone();
    shell::page(ctx, page, move || {
        let body = if sales.is_empty() {
            let action = Some(("/wallet", word!(lang, charge.wallet)));
            let empty = shell::empty(
                "wallet",
                word!(lang, charge.none_title),
                word!(lang, charge.none),
                action,
            );
            view! { {form.summary(&here)}{empty} }.into_any()
        } else {
            amount_form(&here, &form, &sales)
        };
        view! {
            {shell::page_head(word!(lang, charge.title), Some(word!(lang, charge.lead)), ())}
            <div class="stack stack-l">{waiting_view(lang, &waiting)}{body}</div>
        }
    })
}

fn amount_form(ctx: &Ctx, form: &Form, sales: &[Sale]) -> AnyView {
    let lang = ctx.lang;
    let choices = sales.iter().map(|sale| choice(lang, sale)).collect();
    view! {
        <form class="form" method="post" action="/wallet/charge" novalidate>
            {form.summary(ctx)}
            {form.hidden(ctx)}
            {form.radios("programme", word!(lang, charge.programme), choices)}
            {form.field(ctx, Field {
                name: "amount",
                label: word!(lang, charge.amount),
                hint: Some(word!(lang, charge.amount_hint)),
                inputmode: "numeric",
                autocomplete: "off",
                unit: Some(word!(lang, common.won)),
                ..Field::default()
            })}
            <div class="form-actions">
                <button class="button button-primary" type="submit" name="step" value="review">
                    {word!(lang, charge.next)}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// Checking before it is asked for.
pub(super) fn review(ctx: &Ctx, form: Form, programme: Programme, value_won: i64) -> Response {
    let lang = ctx.lang;
    let here = ctx.clone();
    shell::page(ctx, Page::new(word!(lang, charge.review)).form(), move || {
        let price_won = programme.price_won(value_won);
        let name = words::named(lang, &programme.name, &programme.name_en).to_owned();
        let ends = words::day(lang, programme.expiry.expires_at(here.at));
        let off = (value_won > price_won).then(|| {
            let text = format!(
                "{} ({})",
                words::won(lang, price_won - value_won),
                words::percent(programme.discount_bp)
            );
            fact(word!(lang, charge.off), view! { <span class="num">{text}</span> })
        });
        view! {
            {shell::page_head(word!(lang, charge.review), Some(word!(lang, charge.review_lead)), ())}
            <form class="form" method="post" action="/wallet/charge">
                {form.hidden(&here)}
                {form.carry(&["programme", "amount"])}
                <div class="card stack">
                    <p class="soft small">{word!(lang, charge.price)}</p>
                    <p>{money(lang, price_won, "money money-xl")}</p>
                    <dl class="facts">
                        {fact(word!(lang, charge.programme), name)}
                        {fact(word!(lang, charge.value), money(lang, value_won, "money"))}
                        {off}
                        {fact(word!(lang, charge.ends), word!(lang, charge.ends_on, date = ends))}
                        {fact(word!(lang, charge.places), words::restriction(lang, &programme.restriction))}
                    </dl>
                </div>
                <div class="form-actions">
                    <button class="button button-primary" type="submit" name="step" value="confirm">
                        {word!(lang, charge.confirm)}
                    </button>
                    <button class="button" type="submit" name="step" value="edit">{word!(lang, charge.edit)}</button>
                </div>
            </form>
        }
    })
}
