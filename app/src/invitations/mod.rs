//! `/invitations/{link}`: whoever has the link sets their password and is staff from then on. And what is decided about
//! invitations at the desk: a second person agrees, or somebody takes one back.

mod view;

use people::{InvitationError, Role};

use crate::{
    access::INVITERS,
    door::{Answer, Ctx, Form, PageError, Posted},
    shell, word, words,
};

pub(crate) use view::{link_once, waiting};

/// GET `/invitations/{link}`.
pub async fn get(ctx: Ctx, link: String) -> Answer {
    let invitation = ctx.house.people.invitation(&link, ctx.at).await?;
    Ok(view::page(&ctx, &link, invitation, Form::new()))
}

/// POST `/invitations/{link}`.
pub async fn post(posted: Posted, link: String) -> Answer {
    let Posted { ctx, mut form } = posted;
    let lang = ctx.lang;
    let people = &ctx.house.people;
    let invitation = people.invitation(&link, ctx.at).await?;
    let password = form.get("password").to_owned();
    if password.is_empty() {
        form.fail("password", word!(lang, errors.empty));
    }
    if form.is_bad() || invitation.is_none() {
        return Ok(view::page(&ctx, &link, invitation, form));
    }
    let accepted = people
        .accept_invitation(&link, &password, &ctx.client.ip, ctx.at)
        .await;
    match accepted {
        Ok(login) => {
            let said = word!(lang, invitations.accepted, login = login);
            Ok(shell::redirect_with(&ctx, "/login", &said))
        }
        Err(InvitationError::Refused(problems)) => {
            for problem in problems {
                let field = if problem.field == people::Field::Password {
                    "password"
                } else {
                    ""
                };
                form.fail(field, words::problem(lang, &problem));
            }
            Ok(view::page(&ctx, &link, invitation, form))
        }
        Err(InvitationError::NotHere | InvitationError::Own) => Ok(view::page(&ctx, &link, None, form)),
        Err(InvitationError::Waiting) => Ok(view::page(&ctx, &link, invitation, form)),
        Err(InvitationError::Fault(fault)) => Err(fault.into()),
    }
}

/// POST `/admin/invitations`: `do` is `agree` or `withdraw`. An operator says of which municipality; everybody else's
/// comes from their session alone.
pub async fn post_decision(posted: Posted) -> Answer {
    let Posted { ctx, form } = posted;
    let official = ctx.official(INVITERS)?;
    let lang = ctx.lang;
    let number = |name: &str| form.get(name).parse::<i64>().map_err(|_| PageError::NotFound);
    let (municipality, home) = if official.roles.has(Role::Operator) {
        (number("municipality")?, "/admin/municipalities")
    } else {
        (official.municipality, "/admin/staff")
    };
    if form.is_bad() {
        return Ok(shell::redirect_with(&ctx, home, &word!(lang, errors.token)));
    }
    let id = number("invitation")?;
    let (people, by, ip) = (&ctx.house.people, official.id, &ctx.client.ip);
    let (done, said) = match form.get("do") {
        "agree" => (
            people.agree_to_invitation(municipality, id, by, ip, ctx.at).await,
            word!(lang, invitations.agreed),
        ),
        "withdraw" => (
            people.withdraw_invitation(municipality, id, by, ip, ctx.at).await,
            word!(lang, invitations.withdrawn),
        ),
        _ => return Err(PageError::NotFound),
    };
    let said = match done {
        Ok(()) => said,
        Err(InvitationError::Own) => word!(lang, invitations.own),
        // Used, withdrawn or agreed to a moment ago: the list shows how it is.
        Err(InvitationError::NotHere | InvitationError::Waiting | InvitationError::Refused(_)) => {
            word!(lang, invitations.gone)
        }
        Err(InvitationError::Fault(fault)) => return Err(fault.into()),
    };
    Ok(shell::redirect_with(&ctx, home, &said))
}
