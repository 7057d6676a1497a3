//! `/admin/municipalities`: the operator of the platform opens a municipality and invites its first
//! administrator, who then invites everybody else. Two forms, so that nothing is ever half done.

mod view;

use ledger::{LedgerError, Municipality, NewMunicipality, Refusal};
use people::{NewInvitation, Role};

use crate::{
    door::{Answer, Ctx, Form, Posted},
    shell,
    staff::refuse,
    word, words,
};

/// GET `/admin/municipalities`.
pub async fn get(ctx: Ctx) -> Answer {
    ctx.official(&[Role::Operator])?;
    view::show(&ctx, Form::new(), None).await
}

/// POST `/admin/municipalities`: `do` is `open` or `administrator`.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, form } = posted;
    ctx.official(&[Role::Operator])?;
    if form.is_bad() {
        return view::show(&ctx, form, None).await;
    }
    match form.get("do") {
        "open" => open(&ctx, form).await,
        "administrator" => administrator(&ctx, form).await,
        _ => view::show(&ctx, form, None).await,
    }
}

async fn open(ctx: &Ctx, mut form: Form) -> Answer {
    let lang = ctx.lang;
    let operator = ctx.official(&[Role::Operator])?;
    let code = form.id(ctx, "code");
    let name_en = form.text(ctx, "name_en", 1, 40);
    let currency_name = form.text(ctx, "currency_name", 1, 30);
    let currency_name_en = form.text(ctx, "currency_name_en", 1, 40);
    let help_line = form.text(ctx, "help_line", 3, 20);
    let callable = |line: &str| line.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | ' '));
    if help_line.as_deref().is_some_and(|line| !callable(line)) {
        form.fail("help_line", word!(lang, municipalities.help_line_shape));
    }
    let help_hours = form.text(ctx, "help_hours", 1, 40);
    let (
        Some(code),
        Some(name_en),
        Some(currency_name),
        Some(currency_name_en),
        Some(help_line),
        Some(help_hours),
        false,
    ) = (
        code,
        name_en,
        currency_name,
        currency_name_en,
        help_line,
        help_hours,
        form.is_bad(),
    )
    else {
        return view::show(ctx, form, None).await;
    };
    let new = NewMunicipality {
        code,
        name_en,
        currency_name,
        currency_name_en,
        help_line,
        help_hours,
    };
    let opened = match ctx.house.ledger.open_municipality(new, ctx.at).await {
        Ok(opened) => opened,
        Err(LedgerError::Refused(refusal @ (Refusal::AlreadyOpened | Refusal::UnknownMunicipality))) => {
            form.fail("code", words::refusal(lang, &refusal));
            return view::show(ctx, form, None).await;
        }
        Err(other) => return Err(other.into()),
    };
    ctx.audit(
        &operator,
        "municipality.open",
        &format!("municipality/{code}"),
        &opened.name,
    )
    .await?;
    ctx.house.refresh_municipalities().await?;
    let said = word!(lang, municipalities.opened, name = opened.name);
    Ok(shell::redirect_with(ctx, "/admin/municipalities", &said))
}

async fn administrator(ctx: &Ctx, mut form: Form) -> Answer {
    let operator = ctx.official(&[Role::Operator])?;
    let municipality = form.id(ctx, "municipality");
    let known = match municipality {
        Some(code) => ctx.house.ledger.municipality(code).await?,
        None => None,
    };
    if municipality.is_some() && known.is_none() {
        form.fail("municipality", word!(ctx.lang, errors.choose));
    }
    let (Some(Municipality { code, .. }), false) = (known, form.is_bad()) else {
        return view::show(ctx, form, None).await;
    };
    let login_id = form.get("login_id").to_owned();
    let new = NewInvitation {
        municipality: code,
        login_id: login_id.clone(),
        name: form.get("name").to_owned(),
        roles: [Role::Administrator].into_iter().collect(),
        merchant: None,
    };
    let people = &ctx.house.people;
    match people.invite(new, operator.id, &ctx.client.ip, ctx.at).await {
        // Shown once, on this page alone: it never stands in a cookie or an address of ours.
        Ok(invited) => view::show(ctx, Form::new(), Some((login_id, invited))).await,
        Err(refused) => {
            refuse(ctx, &mut form, refused)?;
            view::show(ctx, form, None).await
        }
    }
}
