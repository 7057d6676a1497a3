//! `neul sessions`

use jiff::Timestamp;
use people::{EndingReason, WhoseSessions};

use crate::{
    cli::{EndSessions, Settings},
    config::{Rooms, StartError, say},
};

/// Ends sessions on purpose; the sign-in page tells each of their owners when and why.
pub async fn end(settings: &Settings, asked: EndSessions) -> Result<(), StartError> {
    let english = asked.reason_en.as_deref().unwrap_or(&asked.reason);
    let Some(reason) = EndingReason::new(&asked.reason, english) else {
        return say("--reason and --reason-en must have 1 to 300 characters");
    };
    let whose = match (asked.everybody, asked.login, asked.signed_in_before) {
        (true, None, None) => WhoseSessions::Everybody,
        (false, Some(login), None) => WhoseSessions::Login(login),
        (false, None, Some(instant)) => WhoseSessions::SignedInBefore(instant.as_millisecond()),
        _ => return say("say whose: one of --everybody, --login, --signed-in-before"),
    };
    let rooms = Rooms::open(settings).await?;
    rooms.migrate().await?;
    let at = jiff::Timestamp::now().as_millisecond();
    match rooms.people.end_sessions(&whose, &reason, at).await? {
        Some(count) => {
            println!("{count} sessions ended; the sign-in page says that it was us, when and why");
            Ok(())
        }
        None => say("no login has that id"),
    }
}

/// Says that sign-ins between two instants are missing from the store.
pub async fn lost(settings: &Settings, from: Timestamp, until: Timestamp) -> Result<(), StartError> {
    if until <= from {
        return say("--until must be after --from");
    }
    let rooms = Rooms::open(settings).await?;
    rooms.migrate().await?;
    let (from, until) = (from.as_millisecond(), until.as_millisecond());
    rooms.people.sessions_were_lost(from, until).await?;
    println!("residents' sign-ins of that time are made anew from their cookies; staff sign in again");
    Ok(())
}
