//! `neul staff …`

use crate::{
    cli::Settings,
    commands::password_from_stdin,
    config::{Rooms, StartError, say},
};

/// Adds an official; the password comes from standard input.
pub async fn add(
    settings: &Settings,
    municipality: i64,
    login: &str,
    name: &str,
    roles: &str,
) -> Result<(), StartError> {
    let rooms = Rooms::open(settings).await?;
    rooms.migrate().await?;
    if municipality != 0 && rooms.ledger.municipality(municipality).await?.is_none() {
        return match ledger::municipalities::issuer(municipality) {
            Some(issuer) => say(format!(
                "{} ({municipality}) has not been opened here",
                issuer.full_name()
            )),
            None => say(format!(
                "{municipality} is no municipality that issues a local currency"
            )),
        };
    }
    let Ok(roles) = roles
        .split(',')
        .map(|name| name.trim().parse())
        .collect::<Result<people::Roles, people::Problem>>()
    else {
        let known: Vec<_> = people::Role::ALL.iter().map(|role| role.name()).collect();
        return say(format!("{roles:?} are no roles; known are {}", known.join(", ")));
    };
    let new = people::NewStaff {
        municipality,
        login_id: login.to_owned(),
        name: name.to_owned(),
        roles,
        password: password_from_stdin()?,
        merchant: None,
    };
    let at = jiff::Timestamp::now().as_millisecond();
    match rooms.people.add_staff(new, "command line", at).await {
        Ok(id) => println!("{login} was added ({id})"),
        Err(error) => return say(error.to_string()),
    }
    Ok(())
}

/// Takes away the second factor of somebody who has lost phone and recovery codes, and ends their sessions.
pub async fn reset_second_factor(settings: &Settings, login: &str) -> Result<(), StartError> {
    let rooms = Rooms::open(settings).await?;
    rooms.migrate().await?;
    let Some(member) = rooms.people.staff_by_login(login).await? else {
        return say(format!("{login} is no member of staff who can sign in"));
    };
    let at = jiff::Timestamp::now().as_millisecond();
    match rooms
        .people
        .reset_second_factor(member.municipality, member.id, "command line", at)
        .await
    {
        Ok(()) => println!("{login} sets up a new second factor at the next sign-in"),
        Err(error) => return say(error.to_string()),
    }
    Ok(())
}
