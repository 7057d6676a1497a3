//! `/admin/staff`: who works at this desk, and with which roles. Somebody joins by an invitation, and gets back in by
//! another one: no administrator knows anybody's password. The operator's role is not the desk's to give.

mod view;

pub(crate) use view::{field_of, role_names};

use people::{InvitationError, NewInvitation, Role, Roles, StaffError, StaffMember};

use crate::{
    door::{Answer, Ctx, Form, Official, PageError, Posted},
    security, shell, word, words,
};

/// The roles that an administrator gives.
const GIVEN: [Role; 5] = [
    Role::Clerk,
    Role::Approver,
    Role::Auditor,
    Role::Administrator,
    Role::Merchant,
];

/// GET `/admin/staff`.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(&[Role::Administrator])?;
    view::show(&ctx, &official, Form::new(), None).await
}

/// POST `/admin/staff`: invites somebody, or closes, opens and helps one who is here.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, form } = posted;
    let official = ctx.official(&[Role::Administrator])?;
    if form.is_bad() {
        return view::show(&ctx, &official, form, None).await;
    }
    match form.get("do") {
        "add" => add(&ctx, &official, form).await,
        what @ ("close" | "open" | "again") => change(&ctx, &official, &form, what).await,
        _ => view::show(&ctx, &official, form, None).await,
    }
}

async fn add(ctx: &Ctx, official: &Official, mut form: Form) -> Answer {
    let lang = ctx.lang;
    let roles: Roles = GIVEN
        .into_iter()
        .filter(|role| form.ticked(&format!("role_{}", role.name())))
        .collect();
    let merchant = if roles.has(Role::Merchant) {
        let code = form.get("merchant").to_owned();
        let found = ctx
            .house
            .ledger
            .merchant_by_code(official.municipality, &code)
            .await?;
        if found.is_none() {
            form.fail("merchant", word!(lang, staff.no_merchant));
        }
        found.map(|merchant| merchant.id)
    } else {
        None
    };
    let login_id = form.get("login_id").to_owned();
    let new = NewInvitation {
        municipality: official.municipality,
        login_id: login_id.clone(),
        name: form.get("name").to_owned(),
        roles,
        merchant,
    };
    if form.is_bad() {
        return view::show(ctx, official, form, None).await;
    }
    let invited = ctx
        .house
        .people
        .invite(new, official.id, &ctx.client.ip, ctx.at)
        .await;
    match invited {
        // Shown once, on this page alone: it never stands in a cookie or an address of ours.
        Ok(invited) => view::show(ctx, official, Form::new(), Some((login_id, invited))).await,
        Err(refused) => {
            refuse(ctx, &mut form, refused)?;
            view::show(ctx, official, form, None).await
        }
    }
}

/// Says at its field why somebody was not invited.
pub(crate) fn refuse(ctx: &Ctx, form: &mut Form, refused: InvitationError) -> Result<(), PageError> {
    match refused {
        InvitationError::Refused(problems) => {
            for problem in problems {
                form.fail(field_of(problem.field), words::problem(ctx.lang, &problem));
            }
            Ok(())
        }
        InvitationError::NotHere | InvitationError::Own | InvitationError::Waiting => {
            Err(PageError::NotFound)
        }
        InvitationError::Fault(fault) => Err(fault.into()),
    }
}

async fn change(ctx: &Ctx, official: &Official, form: &Form, what: &str) -> Answer {
    let lang = ctx.lang;
    let (people, municipality, at) = (&ctx.house.people, official.municipality, ctx.at);
    let id: i64 = form.get("staff").parse().map_err(|_| PageError::NotFound)?;
    let member = people
        .staff(municipality)
        .await?
        .into_iter()
        .find(|one| one.id == id)
        .ok_or(PageError::NotFound)?;
    if id == official.id && what != "open" {
        let mut form = Form::new();
        form.fail("", word!(lang, staff.not_yourself));
        return view::show(ctx, official, form, None).await;
    }
    let StaffMember { login_id, .. } = member;
    let by = official.id;
    let answer = match what {
        "close" => people.deactivate(municipality, id, by, at).await,
        "open" => people.reactivate(municipality, id, by, at).await,
        _ => {
            let invited = people
                .invite_again(municipality, id, by, &ctx.client.ip, at)
                .await;
            return match invited {
                Ok(invited) => view::show(ctx, official, Form::new(), Some((login_id, invited))).await,
                Err(refused) => {
                    let mut form = Form::new();
                    refuse(ctx, &mut form, refused)?;
                    view::show(ctx, official, form, None).await
                }
            };
        }
    };
    match answer {
        Ok(()) => {
            let said = match what {
                "close" => word!(lang, staff.was_closed, login = login_id),
                _ => word!(lang, staff.was_opened, login = login_id),
            };
            Ok(shell::redirect_with(ctx, "/admin/staff", &said))
        }
        Err(StaffError::NotHere) => Err(PageError::NotFound),
        Err(other) => Err(PageError::inside(other)),
    }
}

/// GET `/admin/staff/{id}`: when and from where a member came in, or tried to.
pub async fn get_one(ctx: Ctx, id: String) -> Answer {
    let official = ctx.official(&[Role::Administrator])?;
    let id: i64 = id.parse().map_err(|_| PageError::NotFound)?;
    let people = &ctx.house.people;
    let member = people
        .staff(official.municipality)
        .await?
        .into_iter()
        .find(|one| one.id == id)
        .ok_or(PageError::NotFound)?;
    ctx.audit(&official, "staff.view", &format!("login/{id}"), "")
        .await?;
    let tries = people
        .sign_ins(official.municipality, id, security::HISTORY)
        .await?;
    Ok(view::history(&ctx, &member, &tries))
}
