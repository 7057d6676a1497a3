//! `/admin/staff`: who works at this desk, and with which roles. The operator's role is not the desk's to
//! give.

mod view;

pub(crate) use view::{field_of, once};

use people::{NewStaff, Role, Roles, StaffError, StaffMember};

use crate::{
    door::{Answer, Ctx, Form, Official, PageError, Posted},
    shell, word, words,
};

/// The roles that an administrator gives.
const GIVEN: [Role; 5] = [
    Role::Clerk,
    Role::Approver,
    Role::Auditor,
    Role::Administrator,
    Role::Merchant,
];
/// Signs of a password that is made here: none that look alike.
const SIGNS: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789";
/// Its length.
const MADE_CHARS: usize = 14;

/// GET `/admin/staff`.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(&[Role::Administrator])?;
    view::show(&ctx, &official, Form::new(), None).await
}

/// POST `/admin/staff`: takes somebody on, or closes, opens and helps one who is here.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, form } = posted;
    let official = ctx.official(&[Role::Administrator])?;
    if form.is_bad() {
        return view::show(&ctx, &official, form, None).await;
    }
    match form.get("do") {
        "add" => add(&ctx, &official, form).await,
        what @ ("close" | "open" | "password") => change(&ctx, &official, &form, what).await,
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
    let typed = form.get("password").to_owned();
    let made = typed.is_empty().then(made_password);
    let login_id = form.get("login_id").to_owned();
    let new = NewStaff {
        municipality: official.municipality,
        login_id: login_id.clone(),
        name: form.get("name").to_owned(),
        roles,
        password: made.clone().unwrap_or(typed),
        merchant,
    };
    if form.is_bad() {
        return view::show(ctx, official, form, None).await;
    }
    match ctx.house.people.add_staff(new, official.id, ctx.at).await {
        Ok(_) => match made {
            // Shown once, on this page alone: it never stands in a cookie or an address.
            Some(password) => view::show(ctx, official, Form::new(), Some((login_id, password))).await,
            None => Ok(shell::redirect_with(
                ctx,
                "/admin/staff",
                &word!(lang, staff.added, login = login_id),
            )),
        },
        Err(StaffError::Refused(problems)) => {
            for problem in problems {
                form.fail(view::field_of(problem.field), words::problem(lang, &problem));
            }
            view::show(ctx, official, form, None).await
        }
        Err(StaffError::NotHere) => Err(PageError::NotFound),
        Err(StaffError::Fault(fault)) => Err(fault.into()),
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
            let password = made_password();
            match people
                .set_staff_password(municipality, id, &password, by, at)
                .await
            {
                Ok(()) => return view::show(ctx, official, Form::new(), Some((login_id, password))).await,
                Err(error) => Err(error),
            }
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

/// A password to hand over: about 80 random bits, in signs that can be read out.
pub(crate) fn made_password() -> String {
    let mut made = String::with_capacity(MADE_CHARS);
    while made.len() < MADE_CHARS {
        let signs = people::random_token();
        // A token is base64: what is no sign of ours, and what looks alike, is left out; each sign that is
        // kept is as likely as any other.
        made.extend(signs.bytes().filter(|sign| SIGNS.contains(sign)).map(char::from));
    }
    made.truncate(MADE_CHARS);
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_password_is_long_readable_and_never_the_same() {
        let (one, other) = (made_password(), made_password());
        assert_eq!(one.len(), MADE_CHARS);
        assert!(one.bytes().all(|sign| SIGNS.contains(&sign)), "{one}");
        assert_ne!(one, other);
    }
}
