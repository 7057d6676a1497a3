//! `/admin/programmes`: under which rules this municipality sells and gives money, and their budgets.

mod change;
mod changes;
mod form;
mod new;
mod one;
mod rules;

pub use change::{get as get_change, post as post_change};
pub use new::{get as get_new, post as post_new};
pub use one::{get as get_one, post as post_one};
pub use rules::{discount, expiry, state, tone};

use leptos::prelude::*;
use people::Role;

use crate::{
    access::ANY_OFFICIAL,
    door::{Answer, Ctx},
    shell::{self, Column, Page, Row, badge, table},
    word, words,
};

/// GET `/admin/programmes`.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(ANY_OFFICIAL)?;
    let list = ctx
        .house
        .ledger
        .programmes_at(official.municipality, ctx.at)
        .await?;
    let lang = ctx.lang;
    let may_add = official.roles.has(Role::Clerk);
    Ok(shell::page(
        &ctx,
        Page::new(word!(lang, programmes.title)).wide(),
        || {
            let add = may_add.then(|| {
            view! {
                <div class="button-row">
                    <a class="button button-primary" href="/admin/programmes/new">{word!(lang, programmes.add)}</a>
                </div>
            }
        });
            let columns = vec![
                Column::text(word!(lang, programmes.name)),
                Column::text(word!(lang, programmes.kind)),
                Column::text(word!(lang, programmes.discount)),
                Column::text(word!(lang, programmes.expiry)),
                Column::text(word!(lang, programmes.where_spent)),
                Column::number(word!(lang, programmes.budget_left)),
                Column::text(word!(lang, programmes.state)),
            ];
            let rows: Vec<Row> = list
                .iter()
                .rev()
                .map(|programme| {
                    let name = words::named(lang, &programme.name, &programme.name_en).to_owned();
                    Row::of(view! { <a href=format!("/admin/programmes/{}", programme.id)>{name}</a> })
                        .and(rules::kind(lang, programme.kind))
                        .and(rules::discount(lang, programme))
                        .and(rules::expiry(lang, programme.expiry))
                        .and(words::restriction(lang, &programme.restriction))
                        .and(words::won(lang, programme.budget_left_won))
                        .and(badge(
                            rules::tone(programme.state),
                            rules::state(lang, programme.state),
                        ))
                })
                .collect();
            let body = if rows.is_empty() {
                let text = if may_add {
                    word!(lang, programmes.none_yet)
                } else {
                    word!(lang, programmes.none_yet_ask)
                };
                let action = may_add.then(|| ("/admin/programmes/new", word!(lang, programmes.add)));
                shell::empty("card", word!(lang, programmes.none), text, action)
            } else {
                table("programmes", word!(lang, programmes.caption), columns, rows)
            };
            view! {
                {shell::page_head(word!(lang, programmes.title), Some(word!(lang, programmes.lead)), add)}
                {body}
            }
        },
    ))
}
