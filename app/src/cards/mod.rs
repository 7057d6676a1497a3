//! `/wallet/card`: the card's state, what the holder chooses for the case that we are silent, and what was decided about
//! it. `/admin/cards`: where a network and the ledger differ, for the platform's operator.

mod cases;
mod lists;
mod views;

pub use cases::{get as get_cases, post as post_cases};
pub use lists::CardLists;
pub use views::fallback_line;

use ledger::{Card, Category, LedgerError, Refusal};

use crate::{
    door::{Answer, Citizen, Ctx, Form, PageError, Posted},
    shell, word,
};

/// The most that can be allowed a payment, won; the ledger's rule, told before it refuses.
const LIMIT_MAX_WON: i64 = 1_000_000;
/// Requests shown.
const LAST: i64 = 30;

async fn cards(ctx: &Ctx, citizen: &Citizen) -> Result<Vec<Card>, PageError> {
    let mut list = Vec::new();
    for (municipality, holder) in &citizen.holders {
        list.extend(ctx.house.ledger.cards(*municipality, *holder).await?);
    }
    Ok(list)
}

/// The card that was asked for, or the first; somebody else's is no page at all.
fn chosen<'a>(cards: &'a [Card], asked: &str) -> Result<Option<&'a Card>, PageError> {
    if asked.is_empty() {
        return Ok(cards.first());
    }
    let found = cards.iter().find(|card| card.id.to_string() == asked);
    found.map(Some).ok_or(PageError::NotFound)
}

/// GET `/wallet/card`.
pub async fn get(ctx: Ctx) -> Answer {
    let citizen = ctx.citizen()?;
    let form = ctx.asked();
    show(&ctx, &citizen, form, true).await
}

/// POST `/wallet/card`: `do` is `block`, `unblock` or `choose`.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let citizen = ctx.citizen()?;
    let all = cards(&ctx, &citizen).await?;
    let card = chosen(&all, form.get("card"))?
        .cloned()
        .ok_or(PageError::NotFound)?;
    if form.is_bad() {
        return show(&ctx, &citizen, form, false).await;
    }
    let (lang, ledger) = (ctx.lang, &ctx.house.ledger);
    let here = format!("/wallet/card?card={}", card.id);
    let verb = form.get("do").to_owned();
    if matches!(verb.as_str(), "unblock" | "choose") {
        ctx.payer()?;
    }
    match verb.as_str() {
        "block" | "unblock" => {
            let block = verb == "block";
            if !ledger
                .block_card(card.municipality, card.holder, card.id, block, ctx.at)
                .await?
            {
                return Err(PageError::NotFound);
            }
            let said = if block {
                word!(lang, card.blocked_said)
            } else {
                word!(lang, card.unblocked_said)
            };
            Ok(shell::redirect_with(&ctx, &here, &said))
        }
        "choose" | "clear" => {
            let mut wanted = Vec::new();
            for class in Category::ALL {
                let nothing = matches!(form.get(class.code()).trim(), "" | "0");
                let won = if verb == "clear" || nothing {
                    Some(0)
                } else {
                    form.won(&ctx, class.code())
                };
                match won {
                    Some(won) if won > LIMIT_MAX_WON => form.fail(class.code(), word!(lang, card.too_much)),
                    Some(won) => wanted.push((class, won)),
                    None => {}
                }
            }
            if form.is_bad() {
                return show(&ctx, &citizen, form, false).await;
            }
            let done = ledger
                .choose_fallback(
                    card.municipality,
                    card.holder,
                    card.id,
                    &wanted,
                    &citizen.actor(),
                    ctx.at,
                )
                .await;
            match done {
                Ok(0) => Ok(shell::redirect_with(&ctx, &here, &word!(lang, card.same))),
                Ok(count) => {
                    let said = word!(lang, card.saved, count = count.to_string());
                    Ok(shell::redirect_with(&ctx, &here, &said))
                }
                Err(LedgerError::Refused(Refusal::UnknownHold)) => Err(PageError::NotFound),
                Err(error) => Err(error.into()),
            }
        }
        _ => show(&ctx, &citizen, form, false).await,
    }
}

/// The page; `fresh` fills the form with what is chosen.
async fn show(ctx: &Ctx, citizen: &Citizen, mut form: Form, fresh: bool) -> Answer {
    let all = cards(ctx, citizen).await?;
    let Some(card) = chosen(&all, form.get("card"))?.cloned() else {
        return Ok(views::none(ctx));
    };
    let ledger = &ctx.house.ledger;
    let (choices, last) = tokio::try_join!(
        ledger.card_choices(card.municipality, card.id),
        ledger.card_authorisations(card.municipality, card.holder, LAST),
    )?;
    if fresh {
        for choice in choices.iter().filter(|choice| choice.limit_won > 0) {
            form.set(choice.class.code(), choice.limit_won.to_string());
        }
    }
    let last = last.into_iter().filter(|one| one.card == card.id).collect();
    Ok(views::show(ctx, form, card, all, choices, last))
}
